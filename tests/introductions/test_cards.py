"""Two circles, never mixed: the same morning opens nothing, and cards are exchanged by two or by nobody."""

import re
from base64 import b64decode
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from events.models import Membership, Session
from introductions import badges, remembering, vcard
from introductions.acquaintance import Exchange, Memory
from introductions.table_seats import TableSeat
from members.levels import Level, all_at
from members.models import Block, Member
from outbox.models import Delivery
from outbox.sending import send_due
from tests import test_canary
from tests.records.photos import photo
from tests.test_canary import found, plant

NOW = timezone.now


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def page(member: Member, url: str) -> str:
    """What a page says, in one line; nothing for a page that is not there."""
    response = of(member).get(url)
    return re.sub(r"\s+", " ", response.content.decode()) if response.status_code == 200 else ""


@pytest.fixture
def shown(hana: Member, ken: Member) -> list[Member]:
    """Two who let the room see their name, and who they exchanged cards with their telephone."""
    for member, phone in ((hana, "090-0000-0001"), (ken, "090-0000-0002")):
        for name, value in {"name_level": Level.MORNING, "phone": phone, "phone_level": Level.CARDS}.items():
            setattr(member, name, value)
        member.save()
    return [hana, ken]


def say(member: Member, other: Member, **fields: str) -> int:
    return of(member).post(f"/met/{other.code}/cards/", {"said": "yes"} | fields).status_code


# Both or nobody


def test_one_side_alone_opens_nothing_and_is_not_told(shown, make_morning) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    before = [page(ken, url) for url in (f"/met/{hana.code}/", "/introductions/", hana.get_absolute_url())]
    assert say(hana, ken, line="お米の話") == 302
    after = [page(ken, url) for url in (f"/met/{hana.code}/", "/introductions/", hana.get_absolute_url())]
    without_token = [re.sub(r'value="[\w]{64}"', "", text) for text in (*before, *after)]
    assert without_token[:3] == without_token[3:]
    assert ("090-0000-0002" in page(hana, f"/met/{ken.code}/"), Delivery.objects.count()) == (False, 0)
    assert of(hana).get(f"/met/{ken.code}/card.vcf").status_code == 404


def test_when_both_said_so_each_has_the_others_card_and_line(shown, make_morning) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    say(hana, ken, line="お米の話")
    say(ken, hana, line="統計の席で")
    for me, phone, line in ((hana, "090-0000-0002", "統計の席で"), (ken, "090-0000-0001", "お米の話")):
        other = ken if me == hana else hana
        text = page(me, f"/met/{other.code}/")
        assert (phone in text, f"「{line}」" in text, f"「{line}」" in page(me, "/introductions/")) == (
            True,
            True,
            True,
        )
        assert of(me).get(f"/met/{other.code}/card.vcf").status_code == 200


def test_taking_it_back_closes_the_card_for_both(shown, make_morning) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    say(hana, ken)
    say(ken, hana)
    say(hana, ken, said="no")
    assert [("090" in page(me, f"/met/{other.code}/")) for me, other in ((hana, ken), (ken, hana))] == [False, False]


def test_a_block_closes_everything_in_silence(shown, make_morning) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    say(hana, ken)
    say(ken, hana)
    Block.objects.create(member=ken, other=hana)
    assert [page(hana, f"/met/{ken.code}/"), page(ken, f"/met/{hana.code}/")] == ["", ""]


def test_only_whom_one_sat_with_has_a_card_to_say_it_of(shown, make_morning, mallory) -> None:
    hana, ken = shown
    make_morning(hana, ken, roster_closed_at=None)
    Member.objects.update(name_level=Level.MEMBERS)
    assert [say(hana, ken), say(mallory, ken), Exchange.objects.count()] == [404, 404, 0]


# By the names of a morning


def test_the_names_of_the_morning_begin_with_my_own_table(shown, make_morning, mallory, person) -> None:
    hana, ken = shown
    asa, shy = person("asa", yomi="あさ", name_level=3), person("shy")
    session = make_morning(hana, ken, asa, shy)
    for member, table in ((hana, 2), (ken, 2), (asa, 1)):
        rsvp = session.rsvps.create(member=member, partstat="ACCEPTED", seated_at=NOW(), answered_at=NOW())
        TableSeat.objects.create(session=session, rsvp=rsvp, table_no=table)
    text = page(hana, f"/sessions/{session.code}/cards/")
    assert re.findall(r'name="with" value="(\w+)"', text) == [ken.code, asa.code]
    assert page(mallory, f"/sessions/{session.code}/cards/") == ""


def test_marks_are_said_and_taken_back_and_the_line_goes_to_the_new_ones(shown, make_morning, person) -> None:
    hana, ken = shown
    asa = person("asa", name_level=3)
    session = make_morning(hana, ken, asa)
    url = f"/sessions/{session.code}/cards/"
    of(hana).post(url, {"with": [ken.code], "line": "お米の話"})
    of(hana).post(url, {"with": [ken.code, asa.code], "line": "パンの話"})
    assert sorted(Exchange.objects.values_list("other__name", "line", "session")) == [
        ("asa", "パンの話", session.pk),
        ("ken", "お米の話", session.pk),
    ]
    of(hana).post(url, {"with": [asa.code]})
    assert list(Exchange.objects.values_list("other__name", flat=True)) == ["asa"]


def test_a_name_that_is_not_on_the_list_cannot_be_marked(shown, make_morning, mallory) -> None:
    hana, ken = shown
    session = make_morning(hana, ken)
    response = of(hana).post(f"/sessions/{session.code}/cards/", {"with": [mallory.code], "line": "残る言葉"})
    assert (response.status_code, "残る言葉" in response.content.decode(), Exchange.objects.count()) == (422, True, 0)


# By a badge


def test_scanning_each_others_badge_exchanges_cards(shown) -> None:
    hana, ken = shown
    paths = {one: badges.address(one).removeprefix("http://localhost:8000") for one in shown}
    assert (of(hana).get(paths[ken]).status_code, Exchange.objects.count()) == (200, 0)
    of(hana).post(paths[ken])
    assert "090" not in page(hana, ken.get_absolute_url())
    of(ken).post(paths[hana])
    assert "090-0000-0002" in page(hana, ken.get_absolute_url())


def test_a_badge_is_void_once_its_owner_voids_all_links(shown) -> None:
    hana, ken = shown
    path = badges.address(ken).removeprefix("http://localhost:8000")
    Member.objects.filter(pk=ken.pk).update(link_version=2)
    assert [of(hana).get(path).status_code, of(hana).post(path).status_code] == [404, 404]


def test_the_square_says_the_address(hana) -> None:
    text = page(hana, "/badge/")
    assert text.count("M") > 200
    assert 'class="badge__code"' in text


# What one keeps for oneself


def test_a_note_is_read_by_its_owner_alone(shown, make_morning, kosuke, person, series) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    response = of(hana).post(
        f"/met/{ken.code}/", {"note": "秘密の覚え書き", "next_step": "本を返す", "next_on": "2031-05-01"}
    )
    assert (response.status_code, "秘密の覚え書き" in page(hana, f"/met/{ken.code}/")) == (302, True)
    operator = person("operator", is_staff=True)
    for other in (ken, kosuke, operator):
        for url in (f"/met/{ken.code}/", f"/met/{hana.code}/", "/introductions/", hana.get_absolute_url()):
            assert ("秘密の覚え書き" in page(other, url), "本を返す" in page(other, url)) == (False, False)


def test_a_day_without_a_step_is_refused_and_nothing_typed_is_lost(shown, make_morning) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    response = of(hana).post(f"/met/{ken.code}/", {"note": "残るメモ", "next_on": "2031-05-01"})
    assert (response.status_code, "残るメモ" in response.content.decode(), Memory.objects.count()) == (422, True, 0)


def test_the_card_says_what_two_share(shown, make_morning) -> None:
    hana, ken = shown
    for days in (400, 500):
        make_morning(hana, ken, days=days)
    text = page(hana, f"/met/{ken.code}/")
    first = timezone.localtime(NOW() - timedelta(days=500, hours=3))
    assert ("2回おなじ朝に" in text, f"{first.year}年{first.month}月{first.day}日" in text) == (True, True)
    assert "一年お会いしていません" in text


REMINDER = """\
hanaさん、kenさんについて、今日の日付でこう書いておられました。

本を返す

メモはこちら:
http://localhost:8000/met/{code}/

----
ご自分で選んだ日に、ご自分にだけお送りしています。メモはほかのだれにも見えません。
このお知らせを止める
http://localhost:8000/mails/…
河口の朝会
http://localhost:8000
"""


def test_the_next_step_comes_back_by_mail_once_and_on_its_day(shown, make_morning, settings, club) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    hana, ken = shown
    make_morning(hana, ken)
    today = timezone.localdate()
    Memory.objects.create(owner=hana, other=ken, next_step="本を返す", next_on=today + timedelta(days=1))
    assert remembering.tick(now=NOW()) == 0
    Memory.objects.update(next_on=today)
    assert [remembering.tick(now=NOW()), remembering.tick(now=NOW())] == [1, 0]
    send_due()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["hana@example.com"], "kenさん、次にすること")
    assert re.sub(r"/mails/\S+", "/mails/…", str(sent.body)) == REMINDER.format(code=ken.code)


@pytest.mark.parametrize("change", [{"next_step": ""}, {"next_on": None}])
def test_what_was_done_meanwhile_is_not_reminded_of(shown, make_morning, change) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    Memory.objects.create(owner=hana, other=ken, next_step="本を返す", next_on=timezone.localdate())
    remembering.tick(now=NOW())
    Memory.objects.update(**change)
    send_due()
    assert Delivery.objects.get().drop_reason == "changed"


# For the address book

CARD = """\
BEGIN:VCARD
VERSION:3.0
FN:有馬 花
N:有馬;花;;;
X-PHONETIC-LAST-NAME:ありま
X-PHONETIC-FIRST-NAME:はな
SORT-STRING:ありま はな
ORG:河岸\\, 株式会社
TITLE:食品の流通
EMAIL:hana@example.com
TEL;TYPE=CELL:090-0000-0001
URL:https://example.org/hana
NOTE:魚\\;米\\nLINE: hana
END:VCARD
"""


def test_a_card_carries_how_the_name_is_read() -> None:
    person = Member(
        name="有馬 花", yomi="ありま はな", organisation="河岸, 株式会社", role="食品の流通", email="hana@example.com",
        phone="090-0000-0001", links="https://example.org/hana", one_line="魚;米", line_id="hana",
    )  # fmt: skip
    assert vcard.card(person).replace("\r\n", "\n") == CARD
    new = vcard.card(person, version="4.0")
    assert 'N;SORT-AS="ありま,はな":有馬;花;;;\r\n' in new
    assert "TEL;VALUE=uri:tel:09000000001\r\n" in new


def test_long_lines_are_folded_between_characters() -> None:
    person = Member(name="花" * 60)
    lines = vcard.card(person).split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert f"FN:{'花' * 60}" in vcard.card(person).replace("\r\n ", "")


def test_a_photo_goes_along_as_the_standards_write_it() -> None:
    body = bytes(range(256)) * 20
    for version, begins in (("3.0", "PHOTO;ENCODING=b;TYPE=JPEG:"), ("4.0", "PHOTO:data:image/jpeg;base64,")):
        text = vcard.card(Member(name="花"), version=version, photo=body)
        assert max(len(line) for line in text.split("\r\n")) <= 75
        (line,) = [one for one in text.replace("\r\n ", "").split("\r\n") if one.startswith("PHOTO")]
        assert b64decode(line.removeprefix(begins), validate=True) == body


@pytest.mark.parametrize(("level", "goes"), [(Level.HOSTS, 0), (Level.CARDS, 1), (Level.MEMBERS, 1)])
def test_a_photo_goes_along_to_whom_its_owner_shows_it(shown, make_morning, media, level: Level, goes: int) -> None:
    hana, ken = shown
    make_morning(hana, ken)
    say(hana, ken)
    say(ken, hana)
    ken.put_photo(ContentFile(photo().read()))
    Member.objects.filter(pk=ken.pk).update(photo_level=level)
    assert of(hana).get(f"/met/{ken.code}/card.vcf").content.count(b"\r\nPHOTO;") == goes


# A stranger who attends once


def test_whoever_comes_once_finds_nobodys_contact_anywhere(
    request, media, make_morning, person, mallory, session: Session, series
) -> None:
    people = {level: plant(person, level) for level in Level}
    morning = make_morning(mallory, *people.values())
    for one in people.values():
        Membership.objects.create(series=series, member=one)
        session.rsvps.create(member=one, partstat="ACCEPTED", seated_at=NOW(), answered_at=NOW())
    session.rsvps.create(member=mallory, partstat="ACCEPTED", seated_at=NOW(), answered_at=NOW())
    known, client = test_canary.test_access.things(request), of(mallory)
    client.post(f"/sessions/{morning.code}/cards/", {"with": [one.code for one in people.values()]})
    for one in people.values():
        client.post(f"/met/{one.code}/cards/", {"said": "yes", "line": "しつこい一行"})
        client.post(f"/badge/{one.code}/guessed/")
    urls = [
        url.replace(known["member"], one.code)
        for row in test_canary.test_access.TABLE
        if row.get != "405"
        for url in [row.url(known)]
        for one in (people.values() if known["member"] in url else [mallory])
    ]
    urls += [f"/met/{one.code}/{end}" for one in people.values() for end in ("", "card.vcf", "card.vcf?version=4.0")]
    urls += [f"/sessions/{one.code}/{end}" for one in (morning, session) for end in ("", "cards/", "session.ics")]
    urls += [f"/members/?q=canary-{level:d}-phone" for level in Level] + ["/calendar/", "/introductions/"]
    contact = {"mail", "phone", "lineid", "hours"}
    got = {url: {line for _level, line in found(client.get(url).content.decode(errors="replace"))} for url in urls}
    assert {url: lines & contact for url, lines in got.items() if lines & contact and "canary" not in url} == {}
    assert Exchange.objects.filter(other=mallory).count() == 0
    assert all_at(Level.PUBLIC)["phone_level"] == Level.CARDS
