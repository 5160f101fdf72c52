"""The search index made anew from what the club holds, while the site runs."""

from collections.abc import Callable, Iterable, Sequence

from events.models import Session
from search import sources
from search.models import Document

BATCH = 50


def everything(shown: Callable[[Sequence[list[str]]], Iterable[list[str]]] = iter) -> int:
    """Refresh every session in batches, each a transaction of its own; how many documents there are then.

    Documents of sessions that are no more go first. Running it twice changes nothing.
    """
    codes = list(Session.objects.order_by("pk").values_list("code", flat=True))
    Document.objects.exclude(session_code__in=Session.objects.values("code")).delete()
    for batch in shown(batches(codes)):
        sources.refresh(batch)
    return Document.objects.count()


def batches(codes: Sequence[str]) -> list[list[str]]:
    """The codes in portions that one statement takes well."""
    return [list(codes[start : start + BATCH]) for start in range(0, len(codes), BATCH)]
