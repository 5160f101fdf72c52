"""The shelf of one guest as whoever keeps it sees it: each book with its form, and one for another book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404

from events.models import Talk
from members.models import Member
from speakers.covers import Shown
from speakers.forms import BookForm
from speakers.models import Book, Speaker

# Where the cover of a book is found by whoever keeps it.
At = Callable[[Book], Shown | None]


@dataclass(frozen=True)
class Place:
    """One book. `may_go`: it lies on the table of no morning."""

    book: Book
    form: BookForm
    picture: Shown | None
    may_go: bool


class ShelfForms:
    """What is told of a book goes to the one named by `which`, without it to a new one. 404 for another guest's."""

    def __init__(self, speaker: Speaker, data: Any = None, files: Any = None, *, sender: Member | None = None) -> None:
        self.books = list(speaker.books.all())
        self.which = data.get("which", "") if data is not None else ""
        self.data, self.files, self.sender = data, files, sender
        if self.which and self.which not in {book.code for book in self.books}:
            raise Http404
        self.new = self._form(Book(speaker=speaker), "")
        self.forms = {book.code: self._form(book, book.code) for book in self.books}

    def _form(self, book: Book, code: str) -> BookForm:
        sent = (self.data, self.files) if self.data is not None and code == self.which else ()
        return BookForm(*sent, instance=book, auto_id=f"book{code}_%s", sender=self.sender)

    @property
    def sent(self) -> BookForm:
        """The form that was sent."""
        return self.forms.get(self.which, self.new)

    def places(self, at: At) -> list[Place]:
        """The books in order: one query."""
        lies = set(Talk.objects.filter(book__in=self.books).values_list("book", flat=True)) if self.books else set()
        return [Place(book, self.forms[book.code], at(book), book.pk not in lies) for book in self.books]


class BookGoneForm(forms.Form):
    """A book that is none of the guest's."""

    which = forms.ModelChoiceField(Book.objects.none(), to_field_name="code")

    def __init__(self, *args: Any, speaker: Speaker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["which"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = speaker.books.all()
