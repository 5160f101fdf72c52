"""What was replied to the questions of a host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from events.models import Question, Reply, Session


@dataclass(frozen=True)
class Replied:
    """A question and what was replied: how often each choice, or who said what."""

    question: Question
    counts: Sequence[tuple[str, int]] = ()
    words: Sequence[tuple[str, str]] = field(default_factory=tuple)


def of(session: Session) -> list[Replied]:
    """Every question of the host with the replies of those who have a seat: two queries."""
    seated = Reply.objects.filter(rsvp__seated_at__isnull=False).select_related("rsvp__member").order_by("pk")
    asked = session.questions.prefetch_related(Prefetch("replies", queryset=seated, to_attr="given"))
    return [_replied(question, vars(question)["given"]) for question in asked]


def _replied(question: Question, given: Iterable[Reply]) -> Replied:
    if question.kind == Question.Kind.TEXT:
        words = [(reply.rsvp.member.name if reply.rsvp.member else reply.rsvp.name, reply.text) for reply in given]
        return Replied(question, words=words)
    counted = Counter(reply.text for reply in given)
    if question.kind == Question.Kind.YES_NO:
        return Replied(question, [(_("yes"), counted["yes"]), (_("no"), counted["no"])])
    return Replied(question, [(choice, counted[choice]) for choice in question.choices])
