"""Where the index comes from: each app says which documents some sessions yield, and the index follows.

A verb that changes what may be found calls `refresh` in its own transaction: what it wrote and what is found of it
stand or fall together. Nothing here knows what a session is; its code is a name to gather documents under.
"""

from collections.abc import Callable, Collection, Iterable

from django.db import transaction

from search.models import Document

# All documents that these sessions yield now, also those they share with others (a guest, a book).
Source = Callable[[Collection[str]], Iterable[Document]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source; it answers for any number of sessions in a fixed number of queries."""
    if source not in _sources:
        _sources.append(source)


@transaction.atomic
def refresh(codes: Collection[str]) -> None:
    """Bring the index up to date for these sessions: what they yield is written, what they no longer yield is gone."""
    documents = [document for source in _sources for document in source(codes)]
    yielded = {(document.kind, document.key) for document in documents}
    known = Document.objects.filter(session_code__in=codes).values_list("pk", "kind", "key")
    Document.objects.filter(pk__in=[pk for pk, *name in known if tuple(name) not in yielded]).delete()
    Document.objects.put(documents)
