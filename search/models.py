"""One findable document: what a session, a guest, a book, a report or a line taken home is found by.

The apps above write their rows with `Document.objects.put`, in the transaction that changed the text, and say
with `audience` who may find them; nothing here knows those apps.
"""

from collections.abc import Collection, Iterable
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVectorField
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext_lazy as _

from search import tokens

RANKED = 300  # the newest hits the best are chosen from: a rank reads the vector of every hit
COUNTED = 1001  # 1,000 and one: enough to say "1000+"
BATCH = 500  # rows of one statement

# ts_rank_cd divides by 1 + log(length), so that a long report does not drown a title.
BY_LOG_LENGTH = 1


class Asked(SearchQuery):
    """A query as `tokens.query` wrote it: cast, where to_tsquery would take the tokens apart again."""

    template = "%(expressions)s::tsquery"


class DocumentQuerySet(models.QuerySet["Document"]):
    def put(self, documents: Iterable["Document"]) -> None:
        """Write documents, new or known by (kind, key), with their tokens; of two with one key the last.

        In the order of their keys, so that two writers wait for each other instead of deadlocking.
        """
        rows = {(document.kind, document.key): document for document in documents}
        for document in rows.values():
            document.vector = document.tokens()
        self.bulk_create(
            [rows[key] for key in sorted(rows)],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["kind", "key"],
            update_fields=Document.TEXTS,
        )

    def discard(self, kind: str, keys: Collection[str]) -> int:
        """Take documents out of the index; how many were there."""
        return self.filter(kind=kind, key__in=keys).delete()[0]

    def matching(self, text: str) -> Self:
        """What a query finds among these, be it excluded or not; nothing where it asks for nothing."""
        query = tokens.query(text)
        return self.none() if query is None else self.answering(query)

    def with_excluded(self, text: str) -> Subquery | Value:
        """To be annotated: one of these in the same session that has what the query excludes, or nothing.

        A word is excluded from the whole session, whichever of these documents it stands in, so these are what the
        reader may see: what is hidden must not be told by what is missing. It is asked of one row after the other:
        as a filter it would look through every document that has a common word.
        """
        without = tokens.excluded(text)
        if without is None:
            return Value(None, output_field=models.BigIntegerField())
        there = self.answering(without).filter(session_code=OuterRef("session_code")).order_by()
        return Subquery(there.values("pk")[:1])

    def answering(self, query: str) -> Self:
        """What a query in PostgreSQL's words finds among these."""
        return self.filter(vector=Asked(query)).defer("vector")

    def visible_to(self, audiences: Collection[str], others: "models.QuerySet[Any, str] | None" = None) -> Self:
        """What somebody may find who belongs to these: "public", "members", "series:7"; `others` are asked for too."""
        named = Q(audience__in=audiences)
        return self.filter(named if others is None else named | Q(audience__in=others))

    def newest_first(self) -> Self:
        """By date, the undated (books, guests) last."""
        return self.order_by(F("on").desc(nulls_last=True), F("id").desc())

    def by_rank(self, text: str) -> "DocumentQuerySet":
        """The newest 300 of these hits, the best first. Comes last: a filter after it would thin them out."""
        newest = self.newest_first().values("pk")[:RANKED]
        rank = SearchRank(
            F("vector"),
            Asked(tokens.query(text) or ""),
            cover_density=True,
            normalization=Value(BY_LOG_LENGTH),
        )
        hits = Document.objects.filter(pk__in=newest).defer("vector")
        return hits.order_by(rank.desc(), F("on").desc(nulls_last=True), F("id").desc())

    def capped_count(self, limit: int = COUNTED) -> int:
        """How many there are, up to `limit`: counting every hit of a common word is what would be slow."""
        return self.order_by()[:limit].count()


class Document(models.Model):
    """A row of the index, all of it text that others own; made anew from them at any time."""

    class Kind(models.TextChoices):
        SESSION = "session", _("Session")
        TALK = "talk", _("Talk")
        SPEAKER = "speaker", _("Guest")
        BOOK = "book", _("Book")
        REPORT = "report", _("Report")
        TAKEAWAY = "takeaway", _("Taken home")

    TEXTS = (
        *("session_code", "series_slug", "title", "who", "body", "url", "on", "language", "audience"),
        "vector",
    )

    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=100)
    session_code = models.CharField(max_length=20, null=True, blank=True)
    series_slug = models.CharField(max_length=100, null=True, blank=True)
    title = models.TextField()
    who = models.TextField(blank=True)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300)
    on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)
    audience = models.CharField(max_length=120)
    vector = SearchVectorField(editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="search_document_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["session", "talk", "speaker", "book", "report", "takeaway"]),
                name="search_document_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(audience__in=["public", "members"]) | Q(audience__regex=r"^(series|attended):.+$"),
                name="search_document_audience_is_known",
            ),
        ]
        indexes = [
            GinIndex(fields=["vector"], fastupdate=False, name="search_document_tokens"),
            models.Index(F("on").desc(nulls_last=True), F("id").desc(), name="search_document_newest"),
            models.Index(fields=["session_code"], name="search_document_session"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.title}"

    def tokens(self) -> str:
        """What the document is found by, as a tsvector; names are typed as often as titles."""
        return tokens.vector([(self.title, "A"), (self.who, "B"), (self.body, "D")])
