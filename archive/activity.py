"""What the hosts of a series did, in words: one table of verbs, and the rows of one series.

Rows name people by number alone; who may not be seen by the reader, or has left, is "a host" or "a member".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events import dates
from events.fees import fee
from events.models import Job, Series, Session
from events.models.roles import Role
from introductions.models import Introduction
from invitations.models import Invitation
from members.models import Activity, Member
from members.templatetags.people import called_in_text

PER_PAGE = 50

# Every verb a host's action is recorded under, as the record says it; what is of no one series is in archive/record.py.
# A verb without words fails a test.
WORDS: Mapping[str, Promise] = {
    "archive.intake": _("took in past mornings from a file"),
    "archive.intake.undo": _("took back what came from a file"),
    "archive.people": _("took in a list of people, each of whom is asked"),
    "archive.people.lapse": _("Of a list, what it said of those who did not answer was erased"),
    "attendance.join": _("joined a name on the list with a member"),
    "bulletin.keep": _("kept a draft of the monthly letter"),
    "bulletin.send": _("sent the monthly letter"),
    "gathering.no": _("did not let a small gathering through"),
    "gathering.yes": _("let a small gathering through"),
    "handout.add": _("added slides or a file"),
    "handout.receive": _("sent slides or a file"),
    "handout.take_back": _("took a file back"),
    "handout.describe": _("changed what a file is called, or who may read it"),
    "handout.remove": _("took a file away"),
    "introduction.drop": _("dropped a proposal"),
    "introduction.keep": _("took a dropped proposal back in"),
    "introduction.lock": _("held a proposal fast"),
    "introduction.unlock": _("let a proposal go free"),
    "introductions.choose": _("had the introductions chosen anew"),
    "introductions.policy": _("chose how people are introduced"),
    "introductions.release": _("sent the introductions"),
    "introductions.time": _("chose when the introductions go"),
    "invitation.accepted": _("noted the guest’s yes"),
    "invitation.answer_report": _("answered about the report"),
    "invitation.asked": _("noted that the guest has been asked"),
    "invitation.bring_book": _("brought a book"),
    "invitation.take_book_back": _("took a book back"),
    "invitation.confirmed": _("settled everything with the guest"),
    "invitation.declined": _("noted the guest’s no"),
    "invitation.describe": _("told about themselves"),
    "invitation.show_face": _("gave a photo, or took it away"),
    "invitation.draft": _("wrote a letter to a guest"),
    "invitation.edit": _("changed the letter"),
    "invitation.hand_over": _("passes the letter on in person"),
    "invitation.idea": _("thought of a guest"),
    "invitation.silent": _("noted that no answer came"),
    "invitation.morning": _("changed what the guest is told of the morning"),
    "invitation.prepare": _("told what the morning needs to know"),
    "invitation.read_thanks": _("read the thank-you"),
    "invitation.renew_link": _("renewed the guest’s private link"),
    "invitation.revoke_link": _("closed the guest’s private page"),
    "invitation.send": _("posted the letter"),
    "invitation.show_report": _("showed the guest the report"),
    "invitation.take_date": _("followed the guest’s choice of a date"),
    "invitation.talking": _("noted that the guest is thinking about it"),
    "invitation.thank": _("sent the thank-you"),
    "invitation.thanked": _("noted that the guest has been thanked"),
    "invitation.write_again": _("posted the letter once more"),
    "picture.add": _("added photos"),
    "picture.describe": _("changed what a photo shows, or who may see it"),
    "picture.remove": _("took a photo away"),
    "job.free": _("made a job free again"),
    "purse.bill": _("noted the restaurant’s bill"),
    "purse.entry": _("wrote a line into the purse"),
    "purse.pay": _("noted a payment"),
    "purse.pay_rest": _("noted that all the others paid"),
    "purse.removal": _("struck a line from the purse"),
    "purse.take_back": _("took a payment back"),
    "purse.waive": _("waived the price of a late cancellation, or took that back"),
    "questions.order": _("put the questions to the guest in order"),
    "receipt.void": _("voided a receipt"),
    "receipts.issuer": _("changed in whose name receipts are drawn up"),
    "report.keep": _("kept a draft of the report"),
    "report.publish": _("published the report"),
    "role.accept": _("took the series over"),
    "role.give": _("gave somebody a task"),
    "role.offer": _("offered the series to somebody"),
    "role.refuse": _("did not take the series over"),
    "role.step_down": _("gave their task back"),
    "role.take": _("took a task from somebody"),
    "role.withdraw": _("took the offer of the series back"),
    "roster.close": _("closed the list at the door"),
    "roster.excuse": _("marked an absence"),
    "roster.reopen": _("opened the list at the door again"),
    "series.answer": _("answered who asked to join"),
    "series.answers": _("changed the hours for answers"),
    "series.export": _("took a table along"),
    "series.joining": _("changed how one joins"),
    "series.link": _("made a link to join by"),
    "series.link_end": _("ended the link to join by"),
    "series.reminders": _("changed the automatic mails"),
    "series.save": _("changed the series"),
    "series.seats": _("changed how seats are passed on"),
    "session.again": _("made a draft like an earlier morning"),
    "session.answers": _("changed the hours for answers of this morning"),
    "session.asking": _("changed what those who come are asked"),
    "session.card": _("renewed the link of the card"),
    "session.cancel": _("called it off"),
    "session.edit": _("changed it"),
    "session.headcount": _("told the restaurant how many come"),
    "session.lead": _("took the morning over"),
    "session.message": _("wrote to people"),
    "session.move": _("moved it"),
    "session.new": _("made a morning outside the rule"),
    "session.publish": _("published it"),
    "session.reminders": _("changed the mails of this morning"),
    "session.restaurant": _("told the restaurant the number"),
    "session.restore": _("put it on again"),
    "session.seats": _("changed how seats of this morning are passed on"),
    "tables.move": _("moved somebody to another table"),
    "tables.plan": _("made the table plan"),
    "takeaway.hide": _("hid a line taken home"),
    "talk.order": _("changed the order of the talks"),
    "session.clock": _("let a part of the morning run longer"),
    "talk.plan": _("put a member’s talk into the morning"),
}

# A host, or, where nobody signed in did it, the guest on the private page.
BY_GUEST = frozenset(
    {
        "handout.receive",
        "handout.take_back",
        "invitation.answer_report",
        "invitation.bring_book",
        "invitation.describe",
        "invitation.prepare",
        "invitation.read_thanks",
        "invitation.show_face",
        "invitation.take_book_back",
    }
)
# Done when its time has come, by nobody.
BY_ITSELF = frozenset({"archive.people.lapse"})


@dataclass(frozen=True)
class Done:
    """One line of the record. `url` leads to what it was done to."""

    pk: int
    at: datetime
    who: str
    what: str
    more: str
    about: str
    url: str


def of_series(series: Series, viewer: Member, *, before: int | None = None) -> list[Done]:
    """The latest lines, or those before the row of that number: five queries at most."""
    rows = Activity.objects.filter(verb__in=WORDS).filter(_targets(series)).latest_first(before=before)
    found = list(rows[:PER_PAGE])
    people = _people(found, viewer)
    mornings = _mornings(found, series)
    return [_line(row, series, people, mornings) for row in found]


def _targets(series: Series) -> Q:
    """What belongs to a series: itself under each of its addresses, its sessions, their invitations and pairs."""
    slugs = [series.slug, *series.old_slugs.values_list("slug", flat=True)]
    own = [f"series:{slug}" for slug in slugs]
    return (
        Q(target__in=own)
        | Q(target__in=_named("session", Session.objects.filter(series=series)))
        | Q(target__in=_named("invitation", Invitation.objects.filter(session__series=series)))
        | Q(target__in=_named("introduction", Introduction.objects.filter(round__session__series=series)))
    )


def _named(kind: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    name = Concat(Value(f"{kind}:"), F("code"), output_field=CharField())
    found: QuerySet[Any, Any] = rows.order_by().annotate(target_name=name).values("target_name")
    return found


def _people(rows: Sequence[Activity], viewer: Member) -> dict[int, str]:
    ids = [pk for row in rows for pk in (row.actor_id, row.detail.get("member")) if isinstance(pk, int)]
    seen = Member.objects.seen_by(viewer).filter(pk__in=ids)
    return {one.pk: called_in_text(one) for one in seen}


def _mornings(rows: Iterable[Activity], series: Series) -> dict[str, Session]:
    """By target: the morning a line is about."""
    codes: dict[str, set[str]] = {"session": set(), "invitation": set(), "introduction": set()}
    for row in rows:
        kind, _colon, code = row.target.partition(":")
        codes.get(kind, set()).add(code)
    sessions = {f"session:{one.code}": one for one in Session.objects.filter(series=series, code__in=codes["session"])}
    letters = Invitation.objects.filter(code__in=codes["invitation"]).select_related("session")
    pairs = Introduction.objects.filter(code__in=codes["introduction"]).select_related("round__session")
    sessions |= {f"invitation:{one.code}": one.session for one in letters}
    return sessions | {f"introduction:{one.code}": one.round.session for one in pairs}


def _line(row: Activity, series: Series, people: Mapping[int, str], mornings: Mapping[str, Session]) -> Done:
    session = mornings.get(row.target)
    nobody = _("By itself") if row.verb in BY_ITSELF else _("The guest") if row.verb in BY_GUEST else _("A host")
    by = people.get(row.actor_id or 0) or str(nobody)
    day = dates.day(session.local_start.date(), dates.language(), year=True) if session else series.display_name
    url = session.get_absolute_url() if session else series.get_absolute_url()
    return Done(row.pk, row.at.astimezone(series.zone), by, str(WORDS[row.verb]), _more(row, series, people), day, url)


def _more(row: Activity, series: Series, people: Mapping[int, str]) -> str:
    """What there is to add, in a few words; empty where the verb says it all."""
    detail: dict[str, Any] = row.detail
    if row.verb.startswith(("role.", "job.")):
        parts = [people.get(detail["member"], _t("a member"))] if row.verb != "role.step_down" else []
        parts += [str(Role(detail["role"]).label)] if "role" in detail else []
        parts += [str(Job.Kind(detail["job"]).label)] if "job" in detail else []
        return _t(", ").join(parts)
    if row.verb == "session.move":
        return " → ".join(_clock(detail[name], series) for name in ("before", "after"))
    if "amount" in detail or "total" in detail:
        return fee(abs(detail.get("amount", detail.get("total", 0))), series.fee_currency)
    said: str = detail.get("reason") or detail.get("why") or detail.get("table") or ""
    if row.verb == "session.edit" and detail.get("later"):
        return _t("here and in %(n)d later ones") % {"n": detail["later"]}
    if row.verb == "roster.close":
        said = _t("%(came)s came, %(absent)s did not") % detail
    if "people" in detail:
        said = ngettext("%(n)d person", "%(n)d people", detail["people"]) % {"n": detail["people"]}
    return said if row.verb != "tables.move" else ""


def _clock(text: str, series: Series) -> str:
    local = datetime.fromisoformat(text).astimezone(series.zone)
    return f"{dates.day(local.date(), dates.language(), year=False)} {dates.clock(local)}"
