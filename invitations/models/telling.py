"""What guest and host tell each other of the morning: who the guest is, their books, what each needs to know."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import documents
from invitations import programme
from invitations.models.base import Base
from members.fields import LineField
from members.models import Activity
from speakers.models import Book, Speaker

BOOKS_AT_MOST = 50


class Telling(Base):
    """Told by the guest on their page, hosts alone read it; and told to the guest for the morning."""

    food = LineField(_("what you do not eat"), max_length=200, blank=True)
    arrival = LineField(_("when and how you arrive"), max_length=200, blank=True)

    # What the guest reads of the morning itself, filled in by the host (C9).
    meets = LineField(_("who meets the guest, and where"), max_length=120, blank=True)
    speaks = LineField(_("when the guest speaks"), max_length=120, blank=True)
    eats = LineField(_("when the guest eats"), max_length=120, blank=True)
    phone = LineField(_("a phone that is answered that morning"), max_length=40, blank=True)

    class Meta:
        abstract = True

    @transaction.atomic
    def describe(self, about: dict[str, str], *, food: str, arrival: str, now: datetime) -> None:
        """What the guest tells of themselves (fields of Speaker), and what this morning needs to know."""
        self._lock()
        Speaker.objects.filter(pk=self.speaker_id).update(**about)
        self.food, self.arrival = food, arrival
        self.save(update_fields=["food", "arrival"])
        programme.touch(self.session_id, now=now)
        documents.refresh_guest(self.speaker)
        Activity.record(None, "invitation.describe", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def bring_book(self, title: str, *, publisher: str, isbn: str, now: datetime) -> Book:
        """A book of the guest; the first one stands for this morning. The same title again is corrected."""
        self._lock()
        if self.speaker.books.exclude(title=title).count() >= BOOKS_AT_MOST:
            raise ValidationError(_t("That is more than the shelf holds."))
        told = {"publisher": publisher, "isbn": isbn}
        book, _new = Book.objects.update_or_create(speaker=self.speaker, title=title, defaults=told)
        if self.book_id is None:
            self.book = book
            self.save(update_fields=["book"])
        programme.show_book(self, now=now)
        Activity.record(None, "invitation.bring_book", f"invitation:{self.code}", now=now)
        return book
