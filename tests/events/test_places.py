import io
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from events import ics, places
from events.calendars import entry
from events.forms.places import VenueForm
from events.models import Companion, HostPhoto, Partstat, Series, Session, Venue
from events.models.reminder import MONTHLY, begin_with, due_at
from events.programme import NOTHING
from events.reminders import carry_out
from members import photos
from members.models import Activity, Member
from outbox.models import Delivery
from outbox.sending import send_due
from tests.events.pages import statements, text

NOW = timezone.now
NUMBERS = {"spare_covers": "0", "late_amount": "0", "cover_amount": "0", "room_amount": "0"}
PHONE = "0120-00-4321"
THERE = {
    "name": "喫茶みなと 新館",
    "address": "東京都かもめ区9-9",
    "map_url": "",
    "directions": "",
    "entrance": "裏口から",
    **dict.fromkeys(places.ENGLISH, ""),
}


pytestmark = pytest.mark.usefixtures("media")


def a_photo(colour: str = "red") -> SimpleUploadedFile:
    body = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(body, "JPEG")
    return SimpleUploadedFile("door.jpg", body.getvalue(), "image/jpeg")


def written(venue: Venue, **changed: object) -> dict[str, object]:
    """The form as it stands, with what somebody changed."""
    form = VenueForm(instance=venue, sender=None)
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (shown | changed).items() if value not in (None, "")}


# Making and changing


def test_a_host_makes_a_place_with_the_rules_of_its_restaurant(client: Client, kosuke: Member, series: Series) -> None:
    client.force_login(kosuke)
    told = {
        "name": "食堂つばめ",
        "address": "東京都つばめ区1-1",
        "map_url": "maps.example.com/x",
        "contact_name": "店長",
        "provisional_days": "6",
        "final_days": "1",
        "final_at": "15:00",
        "spare_covers": "2",
        "late_amount": "1500",
        "cover_amount": "1200",
        "room_amount": "0",
    }
    response = client.post("/places/new/", told)
    made = Venue.objects.get(name="食堂つばめ")
    assert (response.status_code, response["Location"]) == (302, f"/places/{made.code}/")
    assert (made.provisional_days, made.final_days, made.final_at, made.spare_covers) == (6, 1, time(15), 2)
    assert (made.late_amount, made.cover_amount, made.map_url) == (1500, 1200, "https://maps.example.com/x")
    assert list(Activity.objects.filter(target=f"venue:{made.code}").values_list("verb", "actor")) == [
        ("venue.make", kosuke.pk)
    ]


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client: Client, kosuke: Member, series: Series) -> None:
    client.force_login(kosuke)
    response = client.post(
        "/places/new/", {"name": "", "entrance": "裏の戸", "final_days": "99", "final_at": "25:00"} | NUMBERS
    )
    page = response.content.decode()
    assert (response.status_code, "裏の戸" in page, page.count('aria-invalid="true"')) == (422, True, 3)


def test_putting_a_word_right_tells_nobody_and_calendars_fetch_it(
    session: Session, hana: Member, kosuke: Member
) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    before = Delivery.objects.count()
    venue, later = session.venue, NOW() + timedelta(minutes=1)
    assert venue is not None
    venue.address = "東京都かもめ区1-2-4"
    places.correct(venue, now=later, actor=kosuke)
    session.refresh_from_db()
    assert (Delivery.objects.count(), session.sequence, session.changed_at) == (before, 0, later)
    assert "1-2-4" in entry(session, NOTHING).location


def test_who_reads_english_finds_the_place_in_latin_letters(client, kosuke, hana, session) -> None:
    client.force_login(kosuke)
    told = {"name_en": "Café Minato", "address_en": "1-2-3 Kamome-ku, Tokyo", "entrance_en": "Knock twice."}
    assert client.post(f"/places/{session.venue.code}/", written(session.venue, **told)).status_code == 302
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    client.force_login(hana)
    found = {}
    for language in ("en", "ja"):
        client.cookies["lang"] = language
        page = text(client, session.get_absolute_url())
        words = (
            "<dd>Café Minato",
            "Kamome-ku, Tokyo",
            "Knock twice.",
            "<dd>喫茶みなと",
            "横の木戸を二回たたいてください",
        )
        found[language] = [word in page for word in words]
    assert found == {"en": [True, True, True, False, False], "ja": [False, False, False, True, True]}


def test_a_room_put_aside_is_offered_no_more_and_stays_where_it_was_chosen(client, kosuke, series) -> None:
    other = Venue.objects.create(name="食堂つばめ")
    other.archive(now=NOW(), actor=kosuke)
    series.venue.archive(now=NOW(), actor=kosuke)
    client.force_login(kosuke)
    page = text(client, f"/series/{series.slug}/edit/")
    assert ("喫茶みなと" in page, "食堂つばめ" in page) == (True, False)
    other.bring_back(now=NOW(), actor=kosuke)
    assert "食堂つばめ" in text(client, f"/series/{series.slug}/edit/")
    assert list(Activity.objects.order_by("pk").values_list("verb", flat=True)) == [
        "venue.archive",
        "venue.archive",
        "venue.return",
    ]


def test_only_hosts_know_the_rooms(client, kosuke, hana, mallory, series) -> None:
    found = {}
    for viewer in (hana, mallory, kosuke):
        client.force_login(viewer)
        found[viewer.name] = [client.get(f"/places/{end}").status_code for end in ("", "new/", f"{series.venue.code}/")]
    assert found == {"hana": [404, 404, 404], "mallory": [404, 404, 404], "kosuke": [200, 200, 200]}


def test_the_list_of_rooms_takes_as_many_queries_with_thirty(client, kosuke, series) -> None:
    client.force_login(kosuke)
    client.get("/places/")
    first = statements(lambda: client.get("/places/"))
    Venue.objects.bulk_create([Venue(name=f"会場{n}", archived_at=NOW() if n % 2 else None) for n in range(30)])
    assert [first, statements(lambda: client.get("/places/"))] == [(200, 5), (200, 5)]


# Moving


def test_a_restaurant_that_moved_is_told_once_and_the_past_keeps_its_place(
    make_session: Callable[..., Session], series: Series, kosuke: Member, hana: Member
) -> None:
    past = make_session(starts_at=NOW() - timedelta(days=30))
    coming = make_session()
    draft = make_session(published_at=None, starts_at=NOW() + timedelta(days=40))
    elsewhere = make_session(venue=None, starts_at=NOW() + timedelta(days=50))
    coming.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    old = series.venue
    assert old is not None
    Venue.objects.filter(pk=old.pk).update(spare_covers=3, contact_name="店長", door_photo="photos/old.jpg")
    new = places.move(old, THERE, now=NOW(), actor=kosuke)
    assert places.move(old, THERE, now=NOW(), actor=kosuke) == new
    rooms = [Session.objects.get(pk=one.pk).venue_id for one in (past, coming, draft, elsewhere)]
    assert rooms == [old.pk, new.pk, new.pk, None]
    assert (new.spare_covers, new.contact_name, new.door_photo.name, new.entrance) == (3, "店長", "", "裏口から")
    old.refresh_from_db()
    series.refresh_from_db()
    assert (old.name, old.archived_at is not None, old.moved_to, series.venue) == ("喫茶みなと", True, new, new)
    told = list(Delivery.objects.filter(kind="session.changed").values_list("to", flat=True))
    coming.refresh_from_db()
    assert (told, coming.sequence, coming.edited_at) == (["hana@example.com"], 1, None)
    calendar = ics.calendar([entry(coming, NOTHING)], name="x", url="https://example.com/").decode()
    assert ("喫茶みなと 新館" in calendar.replace("\r\n ", ""), "SEQUENCE:1" in calendar) == (True, True)


def test_the_page_says_beforehand_who_is_told(client, session, hana, kosuke) -> None:
    session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
    client.force_login(kosuke)
    page = text(client, f"/places/{session.venue.code}/moving/")
    assert "1人" in page
    response = client.post(f"/places/{session.venue.code}/moving/", THERE)
    session.refresh_from_db()
    assert (response["Location"], session.venue.name) == (f"/places/{session.venue.code}/", "喫茶みなと 新館")


# Photos


def test_the_card_shows_door_and_host_until_the_morning_is_over(client, session, kosuke) -> None:
    client.force_login(kosuke)
    venue = session.venue
    client.post(f"/places/{venue.code}/", written(venue) | {"photo": a_photo()})
    client.post("/places/me/", {"photo": a_photo("blue")})
    card, nobody = f"/m/{session.meeting_code}/", Client()
    page = text(nobody, card)
    pictures = [f"{card[:-1]}/door.jpg", f"{card[:-1]}/host.jpg"]
    assert [picture in page for picture in pictures] == [True, True]
    for picture in pictures:
        answer = nobody.get(picture)
        shown = Image.open(io.BytesIO(answer.content))
        assert (answer.status_code, answer["Content-Type"], shown.size) == (200, "image/jpeg", (60, 40))
    with time_machine.travel(session.ends_at + timedelta(minutes=1)):
        over = text(nobody, card)
        assert ("横の木戸" in over, "kosuke" in over, "終わりました" in over) == (False, False, True)
        assert [nobody.get(picture).status_code for picture in pictures] == [404, 404]


def test_a_new_photo_takes_the_place_of_the_old_and_taking_it_back_leaves_no_file(
    kosuke, tmp_path, django_capture_on_commit_callbacks
) -> None:
    sent = [photos.rewritten(a_photo(colour)) for colour in ("red", "blue")]
    with django_capture_on_commit_callbacks(execute=True):
        for body in sent:
            HostPhoto.give(kosuke, ContentFile(body), now=NOW())
    lying = list(tmp_path.glob("photos/*.jpg"))
    assert [file.read_bytes() for file in lying] == [sent[1]]
    with django_capture_on_commit_callbacks(execute=True):
        HostPhoto.take_back(kosuke)
        HostPhoto.take_back(kosuke)
    assert (list(tmp_path.glob("photos/*")), HostPhoto.objects.count()) == ([], 0)


def test_the_photo_of_ones_page_stands_on_the_card_as_a_copy_where_its_owner_says_so(
    client, kosuke, series, media, django_capture_on_commit_callbacks
) -> None:
    client.force_login(kosuke)
    assert client.post("/places/me/", {"own": "1"}).status_code == 422
    kosuke.put_photo(ContentFile(photos.rewritten(a_photo("red"))))
    kept = (media / kosuke.photo.name).read_bytes()
    assert client.post("/places/me/", {"own": "1"}).status_code == 302
    with django_capture_on_commit_callbacks(execute=True):
        kosuke.put_photo(None)
    assert client.get("/places/me/photo.jpg").content == kept


def test_what_is_no_photo_is_refused_and_the_rest_is_not_lost(client, kosuke, series) -> None:
    client.force_login(kosuke)
    broken = SimpleUploadedFile("door.jpg", b"no photo", "image/jpeg")
    response = client.post(f"/places/{series.venue.code}/", written(series.venue, name="別名") | {"photo": broken})
    page = response.content.decode()
    assert (response.status_code, "別名" in page, "JPEG" in page) == (422, True, True)
    series.venue.refresh_from_db()
    assert (series.venue.name, bool(series.venue.door_photo)) == ("喫茶みなと", False)


# The card's link


def test_a_renewed_card_has_a_new_link_and_the_old_one_leads_nowhere(client, session, kosuke, hana) -> None:
    old = session.meeting_code
    client.force_login(hana)
    assert client.post(f"/sessions/{session.code}/card/").status_code == 404
    client.force_login(kosuke)
    assert client.post(f"/sessions/{session.code}/card/").status_code == 302
    session.refresh_from_db()
    codes = [client.get(f"/m/{code}/").status_code for code in (old, session.meeting_code)]
    assert (codes, client.get(f"/m/{old}/door.jpg").status_code) == ([404, 200], 404)
    assert Activity.objects.filter(verb="session.card", actor=kosuke).count() == 1


def test_the_card_shows_nothing_about_people_who_come(session, hana, ken) -> None:
    answered = session.rsvp(hana, Partstat.ACCEPTED, now=NOW(), question="なぜ朝なのですか")
    Companion.objects.create(rsvp=answered, name="友人 宏")
    session.rsvp(ken, Partstat.ACCEPTED, now=NOW())
    page = text(Client(), f"/m/{session.meeting_code}/")
    assert [word for word in ("hana", "ken", "友人", "なぜ朝", "席") if word in page.partition("<main")[2]] == []


def test_the_phone_of_the_morning_is_in_no_mail_to_those_who_come(club, make_session, series, hana, settings) -> None:
    """From the seat to the evening before, also where the place has moved meanwhile."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    start = datetime(2027, 1, 14, 7, 0, tzinfo=series.zone)
    Venue.objects.update(phone=PHONE)
    begin_with(series, MONTHLY)
    with time_machine.travel(start - timedelta(days=20), tick=False):
        session = make_session(starts_at=start)
        session.rsvp(hana, Partstat.ACCEPTED, now=NOW())
        send_due()
        places.move(series.venue, THERE, now=NOW(), actor=None)
        send_due()
    for rule in series.reminder_rules.exclude(template="thanks"):
        with time_machine.travel(due_at(rule, session), tick=False):
            carry_out(now=NOW())
            send_due()
    bodies = [
        f"{letter.subject} {letter.body} {letter.alternatives}" for letter in mail.outbox if hana.email in letter.to
    ]
    assert Venue.objects.filter(phone=PHONE).count() == 2
    assert (len(bodies), [body for body in bodies if PHONE in body]) == (4, [])
    assert sum("裏口から" in body for body in bodies) == 3


def test_what_is_agreed_with_the_restaurant_later_holds_for_a_series_that_had_nothing(
    client: Client, kosuke: Member, series: Series, session: Session
) -> None:
    client.force_login(kosuke)
    venue = series.venue
    told = written(venue, final_days="1", final_at="15:00", spare_covers="2", late_amount="1500")
    assert client.post(venue.get_absolute_url(), told).status_code == 302
    series.refresh_from_db()
    session.refresh_from_db()
    assert (series.headcount_days, series.spare_covers, series.late_amount) == (1, 2, 1500)
    due = session.headcount_at.astimezone(session.zone)
    assert (session.local_start.date() - due.date(), due.hour) == (timedelta(days=1), 15)
    # What people agreed to who have answered is not made dearer.
    assert (session.spare_covers, session.late_amount) == (2, 0)


def test_what_a_series_agreed_for_itself_stays(client: Client, kosuke: Member, series: Series) -> None:
    Series.objects.update(headcount_days=3, headcount_time=time(12), spare_covers=1)
    client.force_login(kosuke)
    client.post(series.venue.get_absolute_url(), written(series.venue, final_days="1", spare_covers="5"))
    series.refresh_from_db()
    assert (series.headcount_days, series.spare_covers) == (3, 1)


def test_correcting_a_room_undoes_nothing_that_happened_meanwhile(kosuke, session) -> None:
    """It has moved, and has another photo of its door, since the form read the row."""
    read = Venue.objects.get(pk=session.venue_id)
    new = places.move(session.venue, {name: getattr(read, name) for name in places.MOVED}, now=NOW(), actor=kosuke)
    Venue.objects.filter(pk=read.pk).update(door_photo="photos/new.jpg")
    read.entrance = "裏口から"
    places.correct(read, now=NOW(), actor=kosuke)
    found = Venue.objects.get(pk=read.pk)
    assert (found.moved_to, found.archived_at is None, found.door_photo.name, found.entrance) == (
        new,
        False,
        "photos/new.jpg",
        "裏口から",
    )
