"""Photos of people who were loaded otherwise than by `seen_by`: which of them this reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, OuterRef, Subquery

from config.prepared import Prepared, any_of, text
from members.models import Member
from members.readers import Reader


def show(reader: Member | AnonymousUser, people: Iterable[Member | None]) -> None:
    """Draw these with their photo where this reader, whose browser asks for it, may see it.

    One query for all of them; none where nobody has a photo.
    """
    with_photo = [one for one in people if one is not None and one.photo_small]
    seen = visible(reader, {one.pk for one in with_photo})
    for one in with_photo:
        vars(one)["is_shown"] = one.pk in seen


def of(reader: Member | AnonymousUser, column: str) -> Subquery:
    """The small photo of the member in this column, as far as this reader may see it: part of a list's own query."""
    seen = Member.objects.seen_by(reader).filter(pk=OuterRef(column), photo_level__gte=F("nearness"))
    return Subquery(seen.exclude(photo_small="").values("photo_small")[:1])


def visible(reader: Member | AnonymousUser, ids: Iterable[int]) -> set[int]:
    """Of these members, those whose photo this reader may see. One query; none for nobody."""
    asked = set(ids)
    if not asked or isinstance(reader, AnonymousUser):
        return set()
    return {row["pk"] for row in _visible(Reader.of(reader)).dicts(reader=reader.pk, people=list(asked))}


@cache
def _visible(reader: Reader) -> Prepared[Member]:
    seen = Member.objects.seen_by(reader.member).filter(photo_level__gte=F("nearness"))
    return Prepared(lambda: seen.filter(pk__in=any_of("people")).values("pk"))


def shown_by(code: str, reader: Member) -> Member | None:
    """The member of this code, with nothing but the photo, if this reader may see it now; oneself always. One query."""
    if code == reader.code:
        return reader
    row = next(iter(_by_code(Reader.of(reader)).dicts(reader=reader.pk, code=code)), None)
    return Member(**row) if row else None


@cache
def _by_code(reader: Reader) -> Prepared[Member]:
    seen = Member.objects.seen_by(reader.member).filter(photo_level__gte=F("nearness"))
    return Prepared(lambda: seen.filter(code=text("code")).values("photo", "photo_small"))
