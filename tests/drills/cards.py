"""A card for the address book, read by vobject: with how the name is read, and every letter as it was written."""

import json
from pathlib import Path

import pytest

from introductions import vcard
from members.models import Member
from tests.drills.calendars import home, run, tools  # noqa: F401 - fixtures

READ = """
import json, sys, vobject
card = vobject.readOne(sys.stdin.read())
read = [card.contents[f"x-phonetic-{part}-name"][0].value for part in ("last", "first")]
print(json.dumps([
    card.version.value, card.fn.value, card.n.value.family, card.n.value.given, *read, card.org.value, card.title.value,
    card.email.value, card.tel.value, card.url.value, card.note.value,
]))
"""


@pytest.mark.parametrize(("version", "phone"), [("3.0", "090-0000-0001"), ("4.0", "tel:09000000001")])
def test_an_address_book_reads_a_card_with_how_the_name_is_read(
    tools: Path,  # noqa: F811
    home: Path,  # noqa: F811
    version: str,
    phone: str,
) -> None:
    lines = {"one_line": "魚;米\\塩", "line_id": "hana", "hours": "夜九時まで", "role": "食品の流通"}
    contact = {"email": "hana@example.com", "phone": "090-0000-0001", "links": "https://example.org/hana"}
    person = Member(name="有馬 花", yomi="ありま はな", organisation="河岸, 株式会社" * 3, **lines, **contact)
    read = json.loads(run(tools, "python", "-c", READ, home=home, says=vcard.card(person, version=version)))
    assert read == [
        *(version, "有馬 花", "有馬", "花", "ありま", "はな", ["河岸, 株式会社" * 3], "食品の流通", "hana@example.com"),
        *(phone, "https://example.org/hana", "魚;米\\塩\nLINE: hana\n夜九時まで"),
    ]
