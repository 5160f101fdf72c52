"""Who is coming: those who agreed, asked once with a preview, for those who come themselves; never for the public."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from events.models import Details, Partstat, Remembered, Session
from events.pages import people
from members.industries import Industry
from members.levels import Level
from members.models import Block, Member
from tests.events.pages import came, crowd, seat, text
from tests.events.test_roster import of

Make = Callable[..., Session]
ASKS = "来る方に、お名前をお見せしてよろしいですか"


@pytest.fixture
def full(session: Session, hana: Member, ken: Member) -> Session:
    """hana and ken come."""
    for member in (hana, ken):
        session.rsvp(member, Partstat.ACCEPTED, now=timezone.now())
    return session


def url(session: Session, noun: str = "") -> str:
    return f"/sessions/{session.code}/{noun and noun + '/'}"


def names(session: Session, reader: Member) -> list[str]:
    return [person.name for person in people.come(session, reader, names=True).people]


def lists(*members: Member) -> None:
    Member.objects.filter(pk__in=[member.pk for member in members]).update(listed_at=timezone.now())


def told(session: Session, member: Member, *, listed: bool | None) -> None:
    values = {"diet": "", "phone": "", "no_pictures": False, "is_listed": listed}
    Details.tell(session.rsvps.get(member=member), values, {}, now=timezone.now())


def test_nobody_is_listed_until_they_were_asked(full: Session, hana: Member) -> None:
    assert names(full, hana) == []


def test_it_is_asked_once_with_what_would_be_shown(full: Session, hana: Member, ken: Member) -> None:
    client = of(hana)
    page = text(client, url(full))
    assert (ASKS in page, page.count("食品の流通")) == (True, 1)
    client.post(url(full, "listing"), {"listed": "yes"})
    page = text(client, url(full))
    assert (ASKS in page, names(full, ken)) == (False, ["hana"])


def test_a_no_is_kept_and_not_asked_again(full: Session, make_session: Make, hana: Member, ken: Member) -> None:
    of(hana).post(url(full, "listing"), {"listed": "no"})
    later = make_session(starts_at=full.starts_at + timedelta(days=28))
    later.rsvp(hana, Partstat.ACCEPTED, now=timezone.now())
    assert (ASKS in text(of(hana), url(later)), names(full, ken)) == (False, [])
    assert Remembered.objects.get(member=hana).listing_asked_at is not None


def test_what_is_previewed_is_what_is_shown(full: Session, hana: Member, ken: Member) -> None:
    Member.objects.filter(pk=hana.pk).update(role_level=Level.HOSTS)
    hana.refresh_from_db()
    shown = people.preview(hana)
    lists(hana)
    assert (list(people.come(full, ken, names=True).people), shown.trade) == ([shown], str(Industry("I").label))


def test_one_can_choose_for_one_morning(full: Session, hana: Member, ken: Member) -> None:
    lists(hana)
    told(full, hana, listed=False)
    told(full, ken, listed=True)
    assert names(full, hana) == ["ken"]


def test_the_form_keeps_no_choice_of_its_own_where_it_is_what_the_profile_says(full: Session, hana: Member) -> None:
    lists(hana)
    client = of(hana)
    client.post(url(full, "details"), {"told-listed": "on"})
    first = Details.objects.get().is_listed
    client.post(url(full, "details"), {})
    assert (first, Details.objects.get().is_listed) == (None, False)
    client.post(url(full, "details"), {"told-diet": "卵"})
    assert (Details.objects.get().is_listed, 'name="told-listed"' in text(client, url(full))) == (False, True)


def test_not_this_time_holds_when_the_morning_is_over(full: Session, hana: Member, ken: Member) -> None:
    lists(hana, ken)
    told(full, hana, listed=False)
    came(full, [hana, ken])
    assert [one.name for one in people.were_there(full, ken, names=True).people] == ["ken"]


def test_who_does_not_come_and_the_public_see_no_name(full: Session, hana: Member, mallory: Member) -> None:
    lists(hana)
    pages = [text(Client(), url(full)), text(of(mallory), url(full))]
    assert ["hana" in page for page in pages] == [False, False]


@pytest.mark.parametrize("keeps_away", ["hana", "ken"])
def test_who_keeps_somebody_away_is_not_seen_by_them_nor_sees_them(
    full: Session, hana: Member, ken: Member, kosuke: Member, keeps_away: str
) -> None:
    lists(hana, ken)
    member, other = (hana, ken) if keeps_away == "hana" else (ken, hana)
    Block.objects.create(member=member, other=other)
    assert (names(full, hana), names(full, ken), sorted(names(full, kosuke))) == (["hana"], ["ken"], ["hana", "ken"])


def test_the_mix_counts_everybody_from_five_on_and_names_nobody(make_session: Make) -> None:
    pictures = []
    for number in (4, 5):
        session = make_session()
        seat(session, crowd(number))
        pictures.append('class="mix"' in text(Client(), url(session)))
    assert pictures == [False, True]


def test_only_who_answers_can_be_asked(session: Session, client: Client) -> None:
    response = client.post(url(session, "listing"), {"listed": "yes"})
    assert (response.status_code, response["Location"].startswith("/accounts/login/")) == (302, True)
