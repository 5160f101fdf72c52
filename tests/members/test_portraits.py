"""One's own photo: sent, cut, kept or taken away; drawn and answered for whoever may see it, and for nobody else."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from events.models import Attendance, Membership, Series
from introductions.acquaintance import Exchange
from members import portraits
from members.forms import ProfileForm
from members.levels import Level
from members.models import Block, Member
from members.photos import squared
from members.templatetags.people import face
from tests.records.photos import photo

pytestmark = pytest.mark.usefixtures("media")

FORM = {"name": "有馬 花", "yomi": "ありま はな", "industry": "I", "role": "食品の流通"}
Executed = Callable[..., Any]


def of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def send(member: Member, **told: Any) -> Any:
    return of(member).post("/profile/", FORM | told)


def wears(member: Member, level: int = Level.MEMBERS, color: str = "navy", name: int = Level.MEMBERS) -> Member:
    """With a photo that goes as far as this, and a name that goes further or not."""
    member.put_photo(ContentFile(photo(color).read()))
    Member.objects.filter(pk=member.pk).update(photo_level=level, name_level=name)
    member.refresh_from_db()
    return member


def files(media: Path) -> list[str]:
    return sorted(f"photos/{one.name}" for one in media.glob("photos/*"))


def address(member: Member, size: str = "large") -> str:
    return f"/members/{member.code}/photo/{size}.jpg"


# Sending it


def test_a_photo_is_kept_in_two_sizes_without_what_the_camera_wrote(hana: Member, media: Path) -> None:
    assert send(hana, photo=photo())["Location"] == "/profile/"
    hana.refresh_from_db()
    assert files(media) == sorted([hana.photo.name, hana.photo_small.name])
    kept = [Image.open(io.BytesIO((media / name).read_bytes())) for name in (hana.photo.name, hana.photo_small.name)]
    assert [(one.format, one.size, dict(one.getexif())) for one in kept] == [
        ("JPEG", (480, 480), {}),
        ("JPEG", (144, 144), {}),
    ]
    assert [b"A camera of Ken" in (media / name).read_bytes() for name in files(media)] == [False, False]


def test_it_begins_with_the_hosts_and_goes_as_far_as_one_lets_it(hana: Member) -> None:
    fresh = Member.objects.create_user("new@example.com")
    send(fresh, photo=photo())
    fresh.refresh_from_db()
    assert (bool(fresh.photo), fresh.photo_level) == (True, Level.HOSTS)
    send(fresh, photo_level="3")
    fresh.refresh_from_db()
    assert (bool(fresh.photo), fresh.photo_level) == (True, Level.MORNING)
    assert [list(send(fresh, photo_level=level).context["form"].errors) for level in ("6", "x")] == [
        ["photo_level"]
    ] * 2


def test_another_takes_its_place_and_a_tap_takes_it_away(
    hana: Member, media: Path, django_capture_on_commit_callbacks: Executed
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        send(hana, photo=photo("navy"))
        first = files(media)
        send(hana, photo=photo("maroon"))
    assert (len(files(media)), set(files(media)) & set(first)) == (2, set())
    with django_capture_on_commit_callbacks(execute=True):
        page = send(hana, photo_gone="1", role="まだ保存しない")
    hana.refresh_from_db()
    assert (files(media), hana.photo.name, hana.photo_small.name, hana.role) == ([], "", "", "食品の流通")
    assert (page.status_code, page.context["form"]["role"].value()) == (200, "まだ保存しない")
    assert "写真を消しました。" in page.content.decode()
    assert of(hana).get(address(hana)).status_code == 404


def test_saving_without_a_file_leaves_the_photo(hana: Member) -> None:
    send(hana, photo=photo())
    before = Member.objects.get(pk=hana.pk).photo.name
    send(hana, role="豆腐")
    assert Member.objects.get(pk=hana.pk).photo.name == before


def test_what_another_page_changed_meanwhile_is_not_undone_by_saving(hana: Member, media: Path) -> None:
    wears(hana)
    form = ProfileForm(FORM, instance=Member.objects.get(pk=hana.pk), sender=hana)
    assert form.is_valid()
    wears(hana, color="maroon")
    Member.objects.filter(pk=hana.pk).update(link_version=7)
    form.join(now=timezone.now())
    found = Member.objects.get(pk=hana.pk)
    assert (found.role, found.photo.name, found.link_version) == (FORM["role"], hana.photo.name, 7)
    assert found.yomi == FORM["yomi"] != hana.yomi
    assert found.reading != hana.reading


@pytest.mark.parametrize(
    ("more", "status"),
    [({"yomi": "漢字"}, 422), ({"preset": "3"}, 200)],
    ids=["something else is wrong", "all at once"],
)
def test_no_browser_sends_a_file_twice_so_it_is_kept_whatever_the_rest(
    hana: Member, more: dict[str, str], status: int
) -> None:
    page = send(hana, photo=photo(), **{"role": "豆腐"} | more)
    hana.refresh_from_db()
    assert (page.status_code, bool(hana.photo), hana.role) == (status, True, "食品の流通")
    assert page.context["form"]["role"].value() == "豆腐"
    assert "写真を保存しました。ほかの項目はまだ保存していません。" in page.content.decode()
    assert f'src="{hana.as_oneself.large_photo_url}"' in page.content.decode()


def test_somebody_who_has_not_joined_yet_sees_the_photo_they_sent(db: None) -> None:
    fresh = Member.objects.create_user("new@example.com")
    page = of(fresh).post("/profile/", {"name": "", "photo": photo()}).content.decode()
    fresh.refresh_from_db()
    assert (fresh.joined_at, fresh.as_oneself.large_photo_url in page) == (None, True)
    assert of(fresh).get(address(fresh)).status_code == 200


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "写真として読めませんでした"), ("en", "no photo that can be read")]
)
def test_what_is_no_photo_is_refused_the_old_one_stays_and_nothing_typed_is_lost(
    hana: Member, language: str, said: str
) -> None:
    send(hana, photo=photo())
    before = Member.objects.get(pk=hana.pk).photo.name
    sent = SimpleUploadedFile("face.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg")
    client = of(hana)
    client.post("/language/", {"language": language})
    page = client.post("/profile/", FORM | {"role": "書いたまま", "photo": sent})
    assert (list(page.context["form"].errors), page.context["form"]["role"].value()) == (["photo"], "書いたまま")
    assert said in page.content.decode()
    assert (Member.objects.get(pk=hana.pk).photo.name, Member.objects.get(pk=hana.pk).role) == (before, "食品の流通")


def test_the_enter_key_saves_and_takes_nothing_away(hana: Member) -> None:
    """A browser presses the first button of a form."""
    send(hana, photo=photo())
    main = of(hana).get("/profile/").content.decode().split('enctype="multipart/form-data">')[1]
    first, *others = re.findall(r"<button[^>]*>", main.split("</form>")[0])
    assert ("name=" in first, any('name="photo_gone"' in one for one in others)) == (False, True)


@pytest.mark.parametrize(("size", "red"), [((1200, 600), 40), ((600, 1200), 45)], ids=["lying", "upright"])
def test_of_an_upright_photo_rather_the_upper_part_is_cut(size: tuple[int, int], red: int) -> None:
    """The upper two fifths are red: of 600 by 1200 the square begins at 210 and holds 270 of 600 rows of it."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0], size[1] * 2 // 5))
    body = io.BytesIO()
    picture.save(body, "PNG")
    cut = Image.open(io.BytesIO(squared(ContentFile(body.getvalue()), 100))).convert("RGB")
    middle = cut.crop((50, 0, 51, 100)).tobytes()
    assert (cut.size, abs(sum(value > 128 for value in middle[::3]) - red) <= 1) == ((100, 100), True)


# Who may see it


@pytest.fixture
def readers(
    hana: Member, kosuke: Member, mallory: Member, person: Callable[..., Member], make_session: Any, series: Series
) -> dict[str, Member]:
    """How near each stands to hana."""
    Membership.objects.get_or_create(series=series, member=hana)
    start = timezone.now() - timedelta(days=1)
    closed = make_session(starts_at=start, roster_closed_at=timezone.now())
    sora, asa, fuda = (person(name) for name in ("sora", "asa", "fuda"))
    Membership.objects.get_or_create(series=series, member=sora)
    Attendance.objects.bulk_create(Attendance(session=closed, member=one) for one in (hana, asa))
    for one, other in ((hana, fuda), (fuda, hana)):
        Exchange.objects.create(member=one, other=other)
    return {"host": kosuke, "cards": fuda, "morning": asa, "series": sora, "member": mallory, "hana": hana}


@pytest.mark.parametrize(
    ("level", "may"),
    [
        (Level.NOBODY, ["hana"]),
        (Level.HOSTS, ["host", "hana"]),
        (Level.CARDS, ["host", "cards", "hana"]),
        (Level.MORNING, ["host", "cards", "morning", "hana"]),
        (Level.SERIES, ["host", "cards", "morning", "series", "hana"]),
        (Level.MEMBERS, ["host", "cards", "morning", "series", "member", "hana"]),
    ],
)
def test_it_is_drawn_and_answered_as_far_as_its_owner_says(
    readers: dict[str, Member], level: int, may: list[str]
) -> None:
    hana = wears(readers["hana"], level)
    drawn, answered, shown = [], [], []
    for name, reader in readers.items():
        if 'src="/members/' in of(reader).get(hana.get_absolute_url()).content.decode().split("<main")[1]:
            drawn.append(name)
        if [of(reader).get(address(hana, size)).status_code for size in ("large", "small")] == [200, 200]:
            answered.append(name)
        raw = Member.objects.get(pk=hana.pk)
        portraits.show(reader, [raw])
        shown += [name] if raw.photo_url else []
    assert (drawn, answered, shown) == (may, may, may)
    assert Client().get(address(hana))["Location"].startswith("/accounts/login/")


def test_it_goes_no_further_than_the_name(readers: dict[str, Member]) -> None:
    hana = wears(readers["hana"], Level.MEMBERS, name=Level.CARDS)
    assert [of(readers[name]).get(address(hana)).status_code for name in ("cards", "morning", "member")] == [
        200,
        404,
        404,
    ]


def test_a_block_takes_it_from_both(readers: dict[str, Member]) -> None:
    hana, fuda = wears(readers["hana"]), wears(readers["cards"])
    assert [of(fuda).get(address(hana)).status_code, of(hana).get(address(fuda)).status_code] == [200, 200]
    Block.objects.create(member=hana, other=fuda)
    assert [of(fuda).get(address(hana)).status_code, of(hana).get(address(fuda)).status_code] == [404, 404]
    raw = Member.objects.get(pk=hana.pk)
    portraits.show(fuda, [raw])
    assert raw.photo_url == ""


def test_the_answer_is_for_this_reader_alone_and_there_are_two_sizes(hana: Member, mallory: Member) -> None:
    wears(hana)
    answer = of(mallory).get(address(hana, "small"))
    assert (answer["Content-Type"], answer["Cache-Control"], answer["X-Robots-Tag"]) == (
        "image/jpeg",
        "private, max-age=300",
        "noindex",
    )
    assert Image.open(io.BytesIO(answer.content)).size == (144, 144)
    assert of(mallory).get(address(hana, "original")).status_code == 404


def test_a_list_full_of_faces_is_answered_by_one_statement_each(
    hana: Member, mallory: Member, django_assert_num_queries: Any
) -> None:
    """Beside those that say who is signed in."""
    wears(hana)
    with django_assert_num_queries(1):
        assert portraits.shown_by(hana.code, mallory) is not None
    with django_assert_num_queries(0):
        assert portraits.shown_by(mallory.code, mallory) == mallory


def test_another_photo_has_another_address(hana: Member) -> None:
    first = wears(hana, color="navy").as_oneself.photo_url
    second = wears(hana, color="maroon").as_oneself.photo_url
    assert (first.split("?")[0], first == second) == (second.split("?")[0], False)


def test_a_member_of_whom_nobody_asked_is_drawn_by_the_seal(hana: Member, mallory: Member) -> None:
    """A list that was loaded another way lets no browser ask for a photo, whatever its page forgot."""
    wears(hana)
    assert ("<img" in face(hana), "<img" in face(hana.as_seen_at(Level.MEMBERS))) == (False, False)
    portraits.show(mallory, [hana, None])
    assert ("<img" in face(hana), "<img" in face(hana.as_seen_at(Level.MEMBERS))) == (True, True)


def test_nobody_outside_is_asked_about(hana: Member, django_assert_num_queries: Any) -> None:
    wears(hana)
    with django_assert_num_queries(0):
        portraits.show(AnonymousUser(), [hana])
    assert hana.photo_url == ""


def test_the_preview_shows_it_to_whom_it_goes(hana: Member) -> None:
    wears(hana, Level.MORNING)
    shown = {}
    for level in (Level.HOSTS, Level.CARDS, Level.MORNING, Level.SERIES, Level.MEMBERS, Level.PUBLIC):
        page = of(hana).get(f"/profile/preview/?as={level:d}").content.decode()
        shown[int(level)] = "<img" in page.split("<article")[1].split("</article")[0]
    assert shown == {1: True, 2: True, 3: True, 4: False, 5: False, 6: False}


def test_ones_own_photo_stands_in_the_head_of_every_page(hana: Member) -> None:
    wears(hana, Level.NOBODY)
    head = of(hana).get("/about/").content.decode().split("<main")[0]
    assert f'src="{hana.as_oneself.photo_url}"' in head


@pytest.mark.parametrize("number", [0, 1, 30])
def test_photos_of_a_list_cost_one_query_if_there_are_any(
    person: Callable[..., Member], mallory: Member, number: int, django_assert_num_queries: Any
) -> None:
    people = [person(f"one{n}", photo_small=f"photos/{n}.jpg" if n < number else "") for n in range(31)]
    Member.objects.update(name_level=Level.MEMBERS)
    with django_assert_num_queries(1 if number else 0):
        portraits.show(mallory, people)
    assert sum(bool(one.photo_url) for one in people) == number
