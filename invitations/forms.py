"""The shape of what hosts type about an invitation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events.models import Session
from events.templatetags.sessions import session_when
from invitations import details, letters, programme, shelf
from invitations.models import Invitation, Wish
from invitations.models.states import HEARD, may_hear
from members import folding
from members.models import Activity, Member
from speakers.forms import SpeakerForm
from speakers.models import Book, Speaker

# Null is an answer: not yet decided.
UNDECIDED = [
    ("", _("Not yet decided")),
    ("true", pgettext_lazy("letter", "Yes")),
    ("false", pgettext_lazy("letter", "No")),
]


class GuestForm(SpeakerForm):
    """Whom to ask: a guest the club knows, or somebody new."""

    known = forms.ModelChoiceField(
        label=_("A guest the club knows"), queryset=Speaker.objects.all(), required=False, empty_label=_("Somebody new")
    )
    letter_language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)
    book_title = forms.CharField(
        label=_("The book you would like to hear about"),
        max_length=200,
        required=False,
        help_text=_("The letter begins with it."),
    )
    book_publisher = forms.CharField(label=_("Its publisher"), max_length=120, required=False)
    instead = forms.BooleanField(
        label=_("Change what the club has on record to what is written here"),
        required=False,
        help_text=_("Otherwise take back what is marked above; the record stays as it is."),
    )

    class Meta(SpeakerForm.Meta):
        fields: ClassVar = ["name", "yomi", "romaji", "honorific", "email", "contact_name", "contact_email"]

    def __init__(self, *args: Any, session: Session, host: Member, wish: Wish | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["known", *self.Meta.fields, "book_title", "book_publisher", "instead", "letter_language"])
        self.session, self.host = session, host
        self.wish = wish
        self.told: dict[str, str] = {}
        self.differs: list[str] = []
        self.is_fresh = True
        if wish is not None:
            self.initial = {**self.initial, "name": wish.name, "book_title": wish.book_title}
        self.fields["name"].required = False
        self.fields["letter_language"].initial = session.series.language
        if not self.is_bound:
            del self.fields["instead"]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not values.get("known") and not values.get("name") and "name" not in self.errors:
            self.add_error("name", _("Please choose a guest above, or write the name of somebody new."))
        if values.get("book_publisher") and not values.get("book_title") and "book_title" not in self.errors:
            self.add_error("book_title", _("Please write the title of the book, too."))
        if known := values.get("known"):
            self._beside(known, values)
        if not self.differs:
            del self.fields["instead"]
        return values

    def _beside(self, known: Speaker, values: dict[str, Any]) -> None:
        """What was typed beside a known guest: kept where nothing is on record, else the host chooses."""
        typed = {name: values[name] for name in self.changed_data if name in self.Meta.fields and values.get(name)}
        name = typed.pop("name", "")
        if name and _letters(name) not in {_letters(known.name), _letters(known.romaji)}:
            error = _("You chose %(name)s above. Please leave this empty, or choose “Somebody new” there.")
            self.add_error("name", ValidationError(error, params={"name": known.name}))
        self.told = {name: value for name, value in typed.items() if value != getattr(known, name)}
        kept = {name: getattr(known, name) for name in self.told}
        book = known.books.filter(title=values.get("book_title", "")).first()
        publisher = values.get("book_publisher")
        if book and publisher and publisher != book.publisher:
            kept["book_publisher"] = book.publisher
        self.differs = [name for name, was in kept.items() if was]
        for name in self.differs if not values.get("instead") else ():
            was = known.get_honorific_display() if name == "honorific" else kept[name]
            self.add_error(name, ValidationError(_("On record is: %(was)s"), params={"was": was}))

    @transaction.atomic
    def invite(self, *, now: datetime) -> Invitation:
        """The invitation with its letter drafted; the one that is there already if this guest is invited."""
        values = self.cleaned_data
        speaker = values["known"]
        if speaker is None:
            self.instance.language = values["letter_language"]
            speaker = self.save()
        elif self.told:
            for name, value in self.told.items():
                setattr(speaker, name, value)
            shelf.correct(speaker, list(self.told), now=now, actor=self.host)
        book = self._book(speaker)
        with translation.override(values["letter_language"]):
            drafted = letters.draft(self.session, speaker, book, self.host, now=now)
        fresh = {"host": self.host, "book": book, "language": values["letter_language"], **drafted}
        if speaker.contact_email and not speaker.email:
            fresh["goes_to"] = Invitation.GoesTo.CONTACT
        invitation, self.is_fresh = Invitation.objects.get_or_create(
            session=self.session, speaker=speaker, defaults=fresh
        )
        Activity.record(self.host, "invitation.draft", f"invitation:{invitation.code}", now=now)
        if self.wish is not None:
            self.wish.become(invitation, now=now, actor=self.host)
        return invitation

    def _book(self, speaker: Speaker) -> Book | None:
        title = self.cleaned_data["book_title"]
        if not title:
            return speaker.books.first()
        publisher = self.cleaned_data["book_publisher"]
        book, _new = Book.objects.get_or_create(speaker=speaker, title=title, defaults={"publisher": publisher})
        if publisher and book.publisher != publisher:
            book.publisher = publisher
            book.save(update_fields=["publisher"])
        return book


def _letters(name: str) -> str:
    """A name without its spaces, whichever way it was typed."""
    return "".join(folding.fold(name).split())


class FieldsOfInvitation(forms.ModelForm[Invitation]):
    """Some of an invitation's fields, in the hands of its host. `verb` is what the record calls it."""

    verb = ""

    @transaction.atomic
    def keep(self, *, now: datetime, actor: Member) -> None:
        """Save these fields alone: the guest may be answering at this very moment."""
        self.save(commit=False).save(update_fields=list(self.fields))
        Activity.record(actor, self.verb, f"invitation:{self.instance.code}", now=now)


class LetterForm(FieldsOfInvitation):
    """The letter, field by field; an empty one reads "not yet decided"."""

    verb = "invitation.edit"
    other_dates = forms.MultipleChoiceField(
        label=_("Other dates to choose from"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Coming mornings that have nobody to speak yet."),
    )

    class Meta:
        model = Invitation
        fields: ClassVar = [
            "goes_to", "subject", "book", "greeting", "why_you", "closing", "other_dates", "who_comes",
            *letters.TERMS,
        ]  # fmt: skip
        labels: ClassVar = {"book": _("The book you would like to hear about")}
        help_texts: ClassVar = {
            "fee": _("Before tax. Where tax is withheld, the letter names what is handed over as well."),
            "honorarium": _("In an envelope on the day, by transfer, including travel …"),
            "tax": _("10.21% where you are obliged to withhold it; who employs nobody is not."),
        }
        widgets: ClassVar = {
            "goes_to": forms.RadioSelect,
            "is_paid": forms.RadioSelect(choices=UNDECIDED),
            "is_withheld": forms.RadioSelect(choices=UNDECIDED),
            "greeting": forms.Textarea({"rows": 5}),
            "why_you": forms.Textarea({"rows": 6}),
            "closing": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invitation = self.instance
        session, speaker = invitation.session, invitation.speaker
        offered = {one.starts_at: one for one in letters.dates_to_offer(session, now=now)}
        zone = session.zone
        for at in invitation.dates[1:]:
            offered.setdefault(at, Session(starts_at=at, timezone=session.timezone))
        field = self.fields["other_dates"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(at.astimezone(zone).isoformat(), session_when(one)) for at, one in sorted(offered.items())]
        self.initial["other_dates"] = [at.astimezone(zone).isoformat() for at in invitation.dates[1:]]
        if not offered:
            del self.fields["other_dates"]
        books = self.fields["book"]
        assert isinstance(books, forms.ModelChoiceField)  # noqa: S101 - a foreign key's field
        books.queryset, books.empty_label = speaker.books.all(), _("No particular book")
        self.fields["subject"].required = self.fields["greeting"].required = True
        if not speaker.contact_email:
            del self.fields["goes_to"]

    def clean(self) -> dict[str, Any]:
        """An amount says that there is an honorarium; one of nothing is none."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("fee") and values.get("is_paid") is not True:
            self.add_error("is_paid", _("There is an amount below. Please choose “Yes”, or take it away."))
        return values

    def clean_other_dates(self) -> list[datetime]:
        chosen = [parse_datetime(text) for text in self.cleaned_data["other_dates"]]
        return sorted(at for at in chosen if at is not None)


class AnswerForm(forms.Form):
    """What the host heard, and how."""

    HOW: ClassVar = [Invitation.Told.PHONE, Invitation.Told.MAIL, Invitation.Told.EDITOR]

    state = forms.ChoiceField(label=_("The answer"))
    how = forms.ChoiceField(
        label=_("How it came"), choices=[(how.value, how.label) for how in HOW], widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("A note"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(state.value, state.label) for state in HEARD if may_hear(invitation.state, state)]


class NudgeForm(forms.ModelForm[Invitation]):
    """What the host says before the letter when it goes once more."""

    class Meta:
        model = Invitation
        fields: ClassVar = ["nudge"]
        labels: ClassVar = {"nudge": _("The mail begins like this, and the letter follows")}
        widgets: ClassVar = {"nudge": forms.Textarea({"rows": 6})}


class WishForm(forms.ModelForm[Wish]):
    """Whom one would like to hear, and why."""

    class Meta:
        model = Wish
        fields: ClassVar = ["name", "book_title", "why", "way"]
        labels: ClassVar = {"why": _("Why?")}
        help_texts: ClassVar = {
            "why": _("What would the table learn? Members read it, without your name."),
            "way": _("An acquaintance, the publisher, a talk you will be at. Only the hosts read it."),
        }
        widgets: ClassVar = {"why": forms.Textarea({"rows": 4})}


class DetailsForm(FieldsOfInvitation):
    """What the guest reads of the morning, a week before and on the evening before; and what the guest told of it."""

    verb = "invitation.morning"

    @transaction.atomic
    def keep(self, *, now: datetime, actor: Member) -> None:
        super().keep(now=now, actor=actor)
        programme.show_book(self.instance, now=now)
        programme.seat_party(self.instance.session, now=now)

    class Meta:
        model = Invitation
        fields: ClassVar = [
            *("meets", "speaks", "eats", "equipment", "companions", "book_sales", "phone", "reads_first"),
            *("arrival", "food", "brings", "brings_names", "brings_food"),
        ]
        labels: ClassVar = {
            "reads_first": _("Those who come are asked to read the book beforehand"),
            "arrival": _("When and how they arrive"),
            "food": _("What the guest does not eat"),
            "brings": _("How many come with the guest"),
            "brings_names": _("Who comes with the guest"),
            "brings_food": _("What those do not eat"),
        }
        help_texts: ClassVar = {
            "meets": _("A name, and where you stand."),
            "speaks": _("The hour, and for how long."),
            "eats": _("Before the talk, after it, or with everybody."),
            "phone": _("Goes to the guest alone."),
            "reads_first": _("It stands on the page of the morning, as a wish and not as a condition."),
            "arrival": _("From here on the guest tells it on their page; or you, if they told you."),
            "brings": _("A seat is kept for each; they are in the bill and do not pay."),
        }
        widgets: ClassVar = {"phone": forms.TextInput({"type": "tel", "autocomplete": "tel"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, known in details.usual(self.instance).items():
            self.initial[name] = self.initial.get(name) or known
        self.fields["brings"].required = False

    def clean_brings(self) -> int:
        """Nothing written is nobody."""
        return self.cleaned_data["brings"] or 0


class ThanksForm(forms.ModelForm[Invitation]):
    """The thank-you in the host's words."""

    class Meta:
        model = Invitation
        fields: ClassVar = ["thanks"]
        labels: ClassVar = {"thanks": _("The thank-you")}
        widgets: ClassVar = {"thanks": forms.Textarea({"rows": 9})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["thanks"].required = True
