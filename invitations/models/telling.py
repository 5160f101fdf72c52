"""What guest and host tell each other of the morning: who the guest is, their books, what each needs to know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from events import documents
from invitations import programme, shelf
from invitations.models.base import Base
from members import photos
from members.fields import LineField
from members.models import Activity
from records.models import Handout
from speakers.models import Book, Speaker

COMPANIONS_AT_MOST = 4
# What guests and those with them do not eat, and who those are, is forgotten so long after the morning.
FORGOTTEN_AFTER = timedelta(days=14)


class Telling(Base):
    """Told by the guest on their page, hosts alone read it; and told to the guest for the morning."""

    food = LineField(_("what you do not eat"), max_length=200, blank=True)
    arrival = LineField(_("when and how you arrive"), max_length=200, blank=True)
    # Each of them takes a seat (events.models.seats.seat_guest_party), and none of them pays.
    brings = models.PositiveSmallIntegerField(
        _("how many come with you"), default=0, validators=[MaxValueValidator(COMPANIONS_AT_MOST)]
    )
    brings_names = LineField(_("who comes with you"), max_length=200, blank=True)
    brings_food = LineField(_("what they do not eat"), max_length=200, blank=True)

    # What the guest reads of the morning itself, filled in by the host (C9).
    meets = LineField(_("who meets the guest, and where"), max_length=120, blank=True)
    speaks = LineField(_("when the guest speaks"), max_length=120, blank=True)
    # Whether those who come are asked to have read the book (events.models.Talk.reads_first says so to them).
    reads_first = models.BooleanField(_("the book is read beforehand"), default=False)
    eats = LineField(_("when the guest eats"), max_length=120, blank=True)
    phone = LineField(_("a phone that is answered that morning"), max_length=40, blank=True)

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        def can_answer(self, now: datetime) -> bool: ...

    @property
    def diets(self) -> list[str]:
        """What the restaurant is told of guest and companions."""
        return [text for text in (self.food, self.brings_food if self.brings else "") if text]

    @transaction.atomic
    def prepare(self, needs: dict[str, Any], *, now: datetime) -> None:
        """What this morning needs to know: food, arrival, who comes along. Seats and the restaurant's number follow.

        Raises ValidationError for who has not accepted, and once it is over.
        """
        self._lock()
        if not (self.has_accepted and self.can_answer(now)):
            raise ValidationError(_t("This invitation is closed."))
        for name, value in needs.items():
            setattr(self, name, value)
        self.save(update_fields=list(needs))
        programme.seat_party(self.session, now=now)
        Activity.record(None, "invitation.prepare", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def describe(self, about: dict[str, str], *, now: datetime) -> None:
        """What the guest tells of themselves (fields of Speaker)."""
        self._lock()
        Speaker.objects.filter(pk=self.speaker_id).update(**about)
        programme.touch(self.session_id, now=now)
        documents.refresh_guest(self.speaker)
        Activity.record(None, "invitation.describe", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def show_face(self, photo: ContentFile[bytes] | None, *, now: datetime) -> None:
        """The guest's photo from now on, as `members.photos.rewritten` made it; or none any more."""
        self._lock()
        photos.put(Speaker.objects.select_for_update(no_key=True).get(pk=self.speaker_id), "photo", photo)
        programme.touch(self.session_id, now=now)
        Activity.record(None, "invitation.show_face", f"invitation:{self.code}", now=now)

    @transaction.atomic
    def send_file(self, file: File[Any], *, title: str, audience: str, now: datetime) -> Handout:
        """Slides of the guest, kept with the files of the morning. Raises ValidationError for who does not come."""
        self._lock()
        if not self.has_accepted:
            raise ValidationError(_t("This invitation is closed."))
        told = {"title": title, "audience": audience}
        return Handout.objects.add(self.session, file, **told, speaker=self.speaker, now=now, actor=None)

    @transaction.atomic
    def bring_book(self, told: shelf.Told, *, book: Book | None = None, now: datetime) -> Book:
        """A book of the guest, or what is to be said of `book`; the first one stands for this morning."""
        self._lock()
        book = shelf.keep(self.speaker, told, book=book, now=now)
        if self.book_id is None:
            self.book = book
            self.save(update_fields=["book"])
        programme.show_book(self, now=now)
        Activity.record(None, "invitation.bring_book", f"invitation:{self.code}", now=now)
        return book

    @transaction.atomic
    def take_book_back(self, book: Book, *, now: datetime) -> None:
        """Not a book of the guest's after all. Raises ValidationError for one that stands for a morning."""
        self._lock()
        shelf.take_off(book, now=now)
        Activity.record(None, "invitation.take_book_back", f"invitation:{self.code}", now=now)
