"""The members of the sample club and the guests, with what they agreed to."""

from dataclasses import asdict
from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import make_password

from archive.sample.data import Person, address, people, read
from archive.sample.days import ZONE, Days
from archive.sample.dice import Dice
from archive.sample.mornings import Morning, first_day
from archive.sample.series import Groups
from events import recurrence
from introductions import consent
from members import house_rules
from members.levels import CONTACT, Level, all_at
from members.models import Block, Club, Consent, Member
from speakers.models import Book, Speaker

NOT_COLUMNS = {"times", "own_talk"}
# How likely somebody shows the name to those of the same morning: an old hand, a newcomer.
LISTED = (0.75, 0.3)


def make(days: Days, groups: Groups, mornings: list[Morning]) -> dict[str, Member]:
    """Everybody by name, the host first and as the operator; they joined some days before they first came."""
    dice = Dice("people")
    joined = {person.name: _joined_at(person, days, groups, mornings, dice) for person in people()}
    rows = [_member(person, joined[person.name], dice) for person in people()]
    rows[0].is_staff = True
    members = {member.name: member for member in Member.objects.bulk_create(rows)}
    _agree(list(members.values()), dice)
    block = read("club")["block"]
    Block.objects.create(
        member=members[block["member"]], other=members[block["other"]], created_at=days.ago(20, time(21))
    )
    return members


def _member(person: Person, joined_at: datetime, dice: Dice) -> Member:
    listed = dice.random() < LISTED[person.is_newcomer] or person.times > 20
    member = Member(
        code=dice.code(),
        email=person.email,
        password=make_password(None),
        joined_at=joined_at,
        created_at=joined_at,
        listed_at=joined_at + timedelta(hours=1) if listed else None,
        **{name: value for name, value in asdict(person).items() if name not in NOT_COLUMNS},
        **_levels(listed=listed, dice=Dice(f"levels {person.name}")),
    )
    member.complete()
    return member


def _levels(*, listed: bool, dice: Dice) -> dict[str, Level]:
    """Old hands let every member read them, others their series or the room; the shy leave it to the hosts."""
    if not listed:
        return {}
    level = dice.choice([Level.MORNING, Level.SERIES, Level.MEMBERS, Level.MEMBERS])
    cards = {line.level: Level.CARDS for line in CONTACT}
    return all_at(level) | (cards if dice.random() < 0.8 else {line.level: Level.NOBODY for line in CONTACT})


def _joined_at(person: Person, days: Days, groups: Groups, mornings: list[Morning], dice: Dice) -> datetime:
    """Old hands in the years before what the sample remembers, others a week before they first came."""
    first = first_day(mornings, person.name)
    if first is None:
        return days.ago(4, time(21, 20))
    if person.name == read("club")["roles"]["breakfast"]["owner"]:
        first = groups.breakfast.starts_on - timedelta(days=30)
    elif person.is_old_hand:
        before = dice.randrange((groups.breakfasts[0] - groups.breakfast.starts_on).days)
        first = groups.breakfasts[0] - timedelta(days=before)
    return recurrence.localise(first - timedelta(days=7), time(20, 30), ZONE)


def _agree(members: list[Member], dice: Dice) -> None:
    """All accept the house rules; most agree to be introduced, and whom an introduction names has agreed."""
    named = {name for round_ in read("introductions")["round"] for pair in round_["pairs"] for name in _names(pair)}
    willing = [member for member in members if member.name in named or dice.random() < 0.85]
    agreed = [
        (house_rules.KIND, house_rules.version(Club.objects.get(pk=1)), members),
        (consent.KIND, consent.TEXT_VERSION, willing),
    ]
    Consent.objects.bulk_create(
        Consent(member=member, kind=kind, text_version=version, given_at=member.created_at)
        for kind, version, who in agreed
        for member in who
    )


def _names(pair: dict[str, str]) -> tuple[str, str]:
    return pair["first"], pair["second"]


def make_guests(days: Days) -> dict[str, Speaker]:
    """The guests by name, each with a book."""
    dice = Dice("guests")
    guests: dict[str, Speaker] = {}
    for words in read("guests")["guest"]:
        known_since = days.ago(dice.randrange(100, 700), time(21))
        guests[words["name"]] = guest = Speaker.objects.create(
            code=dice.code(),
            **{name: words[name] for name in ("name", "yomi", "romaji", "title", "bio")},
            honorific=words.get("honorific", Speaker.Honorific.SAN),
            email="" if "contact" in words else address(words["romaji"]),
            contact_name=words.get("contact", ""),
            contact_email=words.get("contact_email", ""),
            created_at=known_since,
        )
        Book.objects.create(
            code=dice.code(),
            speaker=guest,
            title=words["book"],
            subtitle=words["subtitle"],
            publisher=words["publisher"],
            published_on=(known_since - timedelta(days=dice.randrange(60, 400))).date().replace(day=1),
            created_at=known_since,
        )
    return guests
