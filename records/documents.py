"""What sessions are found by once they are over: published reports, and lines taken home that are meant to be read."""

from collections.abc import Collection, Iterator

from events.documents import audience, document
from events.models import Series, Session
from members.models import Member
from members.names import Surname
from records.markdown import plain
from records.models import Report, Takeaway
from search.models import Document


def of(codes: Collection[str]) -> Iterator[Document]:
    """The documents of these sessions: two queries. A line for hosts alone is not found by searching."""
    sessions = Session.objects.on().filter(code__in=codes)
    for report in Report.objects.published().filter(session__in=sessions).select_related("session__series"):
        yield document(
            report.session,
            kind=Document.Kind.REPORT,
            key=report.session.code,
            title="",
            body=plain(report.body),
            url=f"{report.session.get_absolute_url()}#report",
            language=report.language,
        )
    lines = Takeaway.objects.filter(session__in=sessions, hidden_at=None).exclude(audience=Takeaway.Audience.HOSTS)
    for line in lines.select_related("session__series", "member"):
        yield document(
            line.session,
            kind=Document.Kind.TAKEAWAY,
            key=str(line.pk),
            title="",
            who=_names(line.signature),
            body=line.text,
            url=f"{line.session.get_absolute_url()}#learned",
            language=line.language,
            audience=_narrower(line),
        )


def _names(person: Member | Surname | None) -> str:
    """Every way it is written, as far as its author chose: by a surname alone, nobody is found by the other name."""
    return " ".join(filter(None, [person.name, person.yomi, person.romaji])) if person else ""


def _narrower(line: Takeaway) -> str:
    """The narrower of what its author chose and who may see the session."""
    series = line.session.series
    is_open = series.audience == Series.Audience.PUBLIC
    return line.audience if is_open else audience(series)
