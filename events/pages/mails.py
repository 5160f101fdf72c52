"""Which mails come to somebody: by topic and series, each to be switched on and off, and those that always come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from events.models import Membership, Rsvp, Series
from members.models import Member
from outbox.stops import Stop
from outbox.topics import ALWAYS, OF_THE_CLUB, PER_SERIES, WORDS, Subject, Topic


@dataclass(frozen=True)
class Choice:
    """One kind of mail, and whether it comes."""

    value: str
    name: Promise
    what: Promise
    comes: bool = True


@dataclass(frozen=True)
class Group:
    """The mails of one series, or of the club."""

    name: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Page:
    """What templates/events/mails.html shows. `named` says in words what the mail somebody came from was about."""

    groups: Sequence[Group]
    always: Sequence[Choice]
    named: Sequence[str]
    has_stopped: bool


def of(member: Member, subjects: Sequence[Subject] = ()) -> Page:
    """The choices of a member; `subjects` are those of the mail whose link was followed. Two queries."""
    stopped = Stop.objects.of(member.email)
    series = list(_series(member, [*subjects, *stopped]))
    groups = [_group(one.display_name, PER_SERIES, f"series:{one.pk}", stopped) for one in series]
    groups.append(_group(_("Between members"), OF_THE_CLUB, "", stopped))
    names = {f"series:{one.pk}": one.display_name for one in series}
    return Page(
        groups=groups,
        always=[Choice(topic, *WORDS[topic]) for topic in ALWAYS],
        named=[_name(subject, names) for subject in subjects],
        has_stopped=bool(subjects) and set(subjects) <= stopped,
    )


def keep(member: Member, shown: Collection[str], wanted: Collection[str], *, now: datetime) -> None:
    """Of what was shown: stop what is not wanted, and let the rest come. What was not shown stays as it is."""
    subjects = {value: subject for value in shown if (subject := _subject(value))}
    Stop.objects.stop(member.email, [found for value, found in subjects.items() if value not in wanted], now=now)
    Stop.objects.allow(member.email, [found for value, found in subjects.items() if value in wanted])


def _group(name: str, topics: Iterable[Topic], about: str, stopped: Collection[Subject]) -> Group:
    return Group(
        name,
        [Choice(f"{topic} {about}".strip(), *WORDS[topic], (topic.value, about) not in stopped) for topic in topics],
    )


def _series(member: Member, subjects: Iterable[Subject]) -> Iterable[Series]:
    """Whose mails may come: where one belongs or has answered, and what was stopped or has just been written about."""
    named = [int(about.removeprefix("series:")) for _topic, about in subjects if about.startswith("series:")]
    belongs = Membership.objects.active().filter(series=OuterRef("pk"), member=member)
    answered = Rsvp.objects.filter(session__series=OuterRef("pk"), member=member)
    return Series.objects.filter(Q(Exists(belongs)) | Q(Exists(answered)) | Q(pk__in=named)).order_by("pk")


def _subject(value: str) -> Subject | None:
    """What a box of the page is about; none for one that is not on any page of ours."""
    topic, _space, about = value.partition(" ")
    number = about.removeprefix("series:")
    if topic in OF_THE_CLUB and not about:
        return topic, ""
    if topic in PER_SERIES and about == f"series:{number}" and number.isdecimal() and len(number) < 18:
        return topic, about
    return None


def _name(subject: Subject, names: dict[str, str]) -> str:
    """朝食会: 月のたより."""
    topic, about = subject
    word = str(WORDS[Topic(topic)][0])
    return _("%(series)s: %(what)s") % {"series": names[about], "what": word} if about in names else word
