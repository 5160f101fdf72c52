"""What a member tells the others, and how far each line of it is seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from members import personal_data, publishing
from members.forms_person import PersonLines
from members.levels import CONTACT, LINES, OF, Level
from members.models import Member
from members.names import clean_line
from members.news import LEVELS, News
from members.photo_field import PhotoField
from members.sending import SendingForm
from search import sources

PHONE = re.compile(r"[0-9０-９+＋()（）\s.‐−ー-]*")
# What somebody is found by, in talks and lines that name them.
NAMES = {"name", "yomi", "romaji"}
# What all lines but the contact can be set to at once.
PRESETS = (Level.HOSTS, Level.MORNING, Level.MEMBERS)


@dataclass(frozen=True)
class Row:
    """Lines of the form that share one level."""

    line: str
    word: Any
    fields: list[forms.BoundField]
    level: forms.BoundField


@dataclass(frozen=True)
class Part:
    """A part of the form: what is asked of everybody stands open, the rest is folded."""

    name: str
    title: Any
    rows: list[Row]
    is_folded: bool
    is_open: bool
    note: Any = ""


# Part, what it is called, its lines; the mail address is the account's and has only a level here.
PARTS = (
    ("you", _("Your name"), ("name", "photo")),
    ("work", _("Your work"), ("industry", "role", "one_line")),
    ("table", _("At the table"), ("ask_me", "want_to_learn")),
    ("more", _("More about you"), ("occupation", "organisation", "working_towards", "links")),
    ("contact", _("How to reach you"), ("mail", "phone", "line_id", "hours")),
)
FOLDED = {"more", "contact"}
NOTES = {"contact": _("Never shown further than to people with whom you have exchanged cards, whatever you choose.")}


class ProfileForm(SendingForm, PersonLines, forms.ModelForm[Member]):
    """The short profile; sending it for the first time is joining the club."""

    photo = PhotoField(
        label=_("Photo"),
        help_text=_(
            "A JPEG, PNG or WebP of at most 12 MB. It is cut square; where and when it was taken is not kept. Without "
            "one, the first character of your name stands there."
        ),
    )
    listed = forms.BooleanField(
        label=_("Show my name to those who come to the same morning"),
        help_text=_("They see your name and trade, for the mornings you come to. The public never does."),
        required=False,
    )

    class Meta:
        model = Member
        fields: ClassVar = [
            "name", "yomi", "romaji", "industry", "role", "one_line", "ask_me", "want_to_learn", "occupation",
            "organisation", "working_towards", "links", "phone", "line_id", "hours", *(line.level for line in LINES),
        ]  # fmt: skip
        labels: ClassVar = {"role": _("What you do, in your own words")}
        help_texts: ClassVar = {
            "yomi": _("In kana. It stands on your badge and puts the list in order."),
            "romaji": _("For readers of English."),
            "role": _("For example: food distribution, or picture books."),
            "organisation": _("The name, or simply: a food maker."),
            "ask_me": _("What others may come to you with."),
            "want_to_learn": _("What you would love somebody to explain."),
            "working_towards": _("A book, a shop of your own, a licence."),
            "links": _("One address a line, three at most."),
            "hours": _("For example: weekdays after 18:00."),
        }
        error_messages: ClassVar = {"name": {"required": _("Please write your name.")}}
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "romaji": forms.TextInput(attrs={"lang": "en", "spellcheck": "false"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
            "links": forms.Textarea(attrs={"rows": 2, "inputmode": "url", "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["industry"].required = True
        self.fields["industry"].error_messages["required"] = _("Please choose the nearest one.")
        self.fields["listed"].initial = self.instance.listed_at is not None
        for line in LINES:
            choices = [(level.value, level.label) for level in line.choices]
            # A form without them changes none: whoever calls with old fields keeps the narrow ones.
            self.fields[line.level] = forms.TypedChoiceField(
                label=_("Who may see it"),
                choices=choices,
                coerce=int,
                required=False,
                empty_value=getattr(self.instance, line.level),
                initial=getattr(self.instance, line.level),
            )

    def parts(self) -> Iterator[Part]:
        """The form as the page shows it."""
        for name, title, lines in PARTS:
            rows = [self._row(line) for line in lines]
            wrong = any(field.errors for row in rows for field in (*row.fields, row.level))
            yield Part(name, title, rows, name in FOLDED, wrong, NOTES.get(name, ""))

    def _row(self, line: str) -> Row:
        fields = [self[column] for column in OF[line].columns if column in self.fields]
        word = fields[0].label if fields else _("Mail address of this account")
        return Row(line, word, fields, self[OF[line].level])

    @property
    def takes_photo_away(self) -> bool:
        return "photo_gone" in self.data

    def settle_photo(self) -> str:
        """Keep the photo that came, or take the old one away, at once and whatever is wrong with the rest: no browser
        sends a file twice. What was done, in words, or nothing.
        """
        if self.takes_photo_away:
            self.instance.put_photo(None)
            return _t("Your photo is gone.")
        photo = self.cleaned_data.get("photo") if self.errors is not None else None
        if photo is None:
            return ""
        self.instance.put_photo(photo)
        return _t("Your photo is kept. The rest is not saved yet.")

    @staticmethod
    def preset(data: Any, level: str) -> Any:
        """What was typed, with every line but the contact at this level; unchanged for a level that is none."""
        if level not in {str(one.value) for one in PRESETS}:
            return data
        filled = data.copy()
        for line in LINES:
            if line not in CONTACT:
                filled[line.level] = level
        return filled

    def clean_name(self) -> str:
        """A name of control characters alone is none."""
        name = clean_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Please write your name."))
        return name

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if not PHONE.fullmatch(phone):
            raise forms.ValidationError(_("Please write the number like 090-0000-0000."))
        return phone

    @transaction.atomic
    def join(self, *, now: datetime) -> Member:
        """Save it; the first time sets `joined_at`, and each consent keeps the time it was given."""
        member = self.save(commit=False)
        member.joined_at = member.joined_at or now
        member.listed_at = (member.listed_at or now) if self.cleaned_data["listed"] else None
        # What else stands in the row may be another's since it was read: a photo of another page, links made void.
        member.save(update_fields=[*self.Meta.fields, "joined_at", "listed_at", "reading", "sounds"])
        publishing.record(member, now=now)
        if NAMES & set(self.changed_data):
            sources.refresh(personal_data.named_at(member))
        return member


class NewsForm(forms.ModelForm[News]):
    """One line about what is new, and how far it goes."""

    level = forms.TypedChoiceField(
        label=_("Who may read it"),
        choices=[(level.value, level.label) for level in LEVELS],
        coerce=int,
        initial=Level.HOSTS.value,
        widget=forms.RadioSelect,
        help_text=_("Your name stands beside it. The monthly letter may carry what members of your series may read."),
    )

    class Meta:
        model = News
        fields: ClassVar = ["text", "level"]
        labels: ClassVar = {"text": _("What is new with you?")}
        help_texts: ClassVar = {"text": _("One line: a new task, a book you are writing, a child who can walk.")}
        error_messages: ClassVar = {"text": {"required": _("Please write one line.")}}

    def clean_text(self) -> str:
        """A line of control characters alone is none."""
        text = clean_line(self.cleaned_data["text"])
        if not text:
            raise forms.ValidationError(_("Please write one line."))
        return text
