"""A guest's books and record, as the guest or a host tells of them: put on the shelf, corrected, taken off."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from events import documents
from events.models import Session, Talk
from members.models import Activity, Member
from speakers import covers
from speakers.models import Book, Speaker

BOOKS_AT_MOST = 50


@dataclass(frozen=True)
class Told:
    """What a form says of a book. Without a `cover` the one there is stays, unless `cover_gone`."""

    title: str
    publisher: str
    isbn: str
    cover: ContentFile[bytes] | None = None
    cover_gone: bool = False


@transaction.atomic
def keep(speaker: Speaker, told: Told, *, book: Book | None = None, now: datetime) -> Book:
    """This book, or one more of this guest; a title that is there already is corrected. Raises ValidationError.

    Talks that were called like the book are called anew. A book that was taken off a moment ago is put there again.
    """
    shelf = Speaker.objects.select_for_update(no_key=True).get(pk=speaker.pk).books
    called_so = shelf.filter(title=told.title).first()
    kept = (shelf.filter(pk=book.pk).first() if book else None) or called_so
    if called_so not in {None, kept}:
        raise ValidationError(_("Another book on this shelf is called so."))
    if kept is None and shelf.count() >= BOOKS_AT_MOST:
        raise ValidationError(_("That is more than the shelf holds."))
    kept = kept or Book(speaker=speaker)
    if kept.pk:
        Talk.objects.filter(book=kept, title=kept.title).update(title=told.title)
    kept.title, kept.publisher, kept.isbn = told.title, told.publisher, told.isbn
    kept.save()
    if told.cover or told.cover_gone:
        covers.put(kept, told.cover)
    _shown_anew(speaker, kept, now=now)
    return kept


def may_go(book: Book) -> bool:
    """Whether it lies on no table: what was read on a morning stays on the shelf."""
    return not Talk.objects.filter(book=book).exists()


@transaction.atomic
def take_off(book: Book, *, now: datetime) -> None:
    """Off the shelf, with its cover; twice is once. Raises ValidationError for a book of a morning."""
    speaker = Speaker.objects.select_for_update(no_key=True).get(pk=book.speaker_id)
    found = speaker.books.filter(pk=book.pk).first()
    if found is None:
        return
    if not may_go(found):
        raise ValidationError(_("This is the book of a morning, so it stays on the shelf. You can change its title."))
    covers.put(found, None)
    found.delete()
    _shown_anew(speaker, None, now=now)


@transaction.atomic
def correct(speaker: Speaker, fields: Collection[str], *, now: datetime, actor: Member) -> None:
    """Keep these fields of a guest's record as they stand on the object, and show the guest anew everywhere."""
    speaker.save(update_fields=fields)
    _shown_anew(speaker, None, now=now)
    Activity.record(actor, "speaker.edit", f"speaker:{speaker.code}", now=now)


def _shown_anew(speaker: Speaker, book: Book | None, *, now: datetime) -> None:
    documents.refresh_guest(speaker)
    shown = Q(talks__speakers=speaker) | Q(talks__book=book) if book else Q(talks__speakers=speaker)
    Session.objects.filter(pk__in=Session.objects.filter(shown).values("pk")).update(changed_at=now)
