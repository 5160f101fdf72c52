"""A first draft of a report, put together from what is there: programme, questions, lines taken home."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from events import programme
from events.models import Rsvp, Series, Session
from events.programme import TalkCard
from records.markdown import quoted
from records.models import Takeaway


def first_draft(session: Session) -> str:
    """Markdown in the session's language; of the lines taken home only those that everybody may read."""
    talks = programme.programmes([session], whole=True).get(session.pk, programme.NOTHING).talks
    questions = Rsvp.objects.filter(session=session).exclude(question="").order_by("pk").values_list("question")
    lines = Takeaway.objects.filter(session=session, hidden_at=None, audience=Takeaway.Audience.PUBLIC)
    with override(session.language if session.language in {"ja", "en"} else "en"):
        parts = [
            *(_of_talk(talk, names=session.series.audience != Series.Audience.PUBLIC) for talk in talks),
            _list(_("What was asked"), [" ".join(question.split()) for (question,) in questions]),
            _list(_("What people took home"), [line.text for line in lines]),
        ]
    return "\n\n".join(filter(None, parts))


def _of_talk(talk: TalkCard, *, names: bool) -> str:
    """Which member spoke is told where members read; who writes for everybody puts the name in, having asked."""
    member = (talk.member.name if names else _("A member’s talk")) if talk.member else ""
    who = _(", ").join(guest.called for guest in talk.guests) or member
    heading = f"## {quoted(talk.title)}"
    return "\n\n".join(filter(None, [heading, quoted(who), quoted(talk.abstract)]))


def _list(heading: str, lines: list[str]) -> str:
    return "\n".join([f"## {heading}", "", *(f"- {quoted(line)}" for line in lines)]) if lines else ""
