"""The shape of what is told about guests and books."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms import KANA, LATIN
from members.mail_field import OthersMailField
from speakers import isbn
from speakers.models import Book, Speaker


class NamesForm(forms.ModelForm[Speaker]):
    """A guest's reading is kana and the Latin name is Latin, whoever types them."""

    class Meta:
        model = Speaker
        fields: ClassVar = ["yomi", "romaji"]

    def clean_yomi(self) -> str:
        yomi: str = self.cleaned_data["yomi"]
        if not KANA.fullmatch(yomi):
            raise forms.ValidationError(_("Please write the reading in hiragana or katakana."))
        return yomi

    def clean_romaji(self) -> str:
        romaji: str = self.cleaned_data["romaji"]
        if not LATIN.fullmatch(romaji):
            raise forms.ValidationError(_("Please write this in Latin letters, like Hana Arima."))
        return romaji


class SpeakerForm(NamesForm):
    """A guest as hosts keep them, with the ways to reach them."""

    class Meta(NamesForm.Meta):
        fields: ClassVar = [
            "name", "yomi", "romaji", "honorific", "title", "bio", "language", "email", "contact_name", "contact_email",
        ]  # fmt: skip
        widgets: ClassVar = {
            "bio": forms.Textarea({"rows": 6}),
            "language": forms.Select(choices=[("ja", _("Japanese")), ("en", _("English"))]),
        }
        field_classes: ClassVar = {"email": OthersMailField, "contact_email": OthersMailField}
        help_texts: ClassVar = {"email": _("Seen by hosts only, like the contact person.")}


class BookForm(forms.ModelForm[Book]):
    """A book; the ISBN is checked where there is one."""

    isbn = forms.CharField(
        label=_("ISBN"),
        required=False,
        max_length=40,
        help_text=_("The 13 or 10 digits on the back cover; with or without hyphens."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = Book
        fields: ClassVar = ["title", "publisher", "isbn"]
        labels: ClassVar = {"title": _("Title of the book")}

    def __init__(self, *args: Any, author: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.author = author
        self.fields["title"].error_messages["required"] = _("Please write the title.")

    def clean_isbn(self) -> str:
        typed: str = self.cleaned_data["isbn"]
        if not typed:
            return ""
        try:
            return isbn.normal(typed)
        except ValueError:
            raise forms.ValidationError(
                _("This is not an ISBN: a digit is missing or mistyped. Please compare it with the back cover.")
            ) from None
