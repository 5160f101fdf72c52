"""The shape of what is told about guests and books."""

from typing import Any, ClassVar

from django import forms
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from members.forms_person import PersonLines
from members.mail_field import OthersMailField
from members.models import Member
from members.photo_field import PhotoField
from members.sending import SendingForm
from speakers import covers, isbn
from speakers.models import Book, Speaker


class NamesForm(PersonLines, forms.ModelForm[Speaker]):
    """The names of a guest, for hosts and the guest alike."""

    class Meta:
        model = Speaker
        fields: ClassVar = ["yomi", "romaji"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "links": forms.Textarea({"rows": 2, "inputmode": "url", "spellcheck": "false"})
        }
        help_texts: ClassVar = {"links": _("One address a line, three at most.")}


class SpeakerForm(NamesForm):
    """A guest as hosts keep them, with the ways to reach them."""

    class Meta(NamesForm.Meta):
        fields: ClassVar = [
            "name", "yomi", "romaji", "honorific", "title", "bio", "links", "language", "email", "contact_name",
            "contact_email", "member",
        ]  # fmt: skip
        labels: ClassVar = {"member": _("Has become a member")}
        widgets: ClassVar[dict[str, forms.Widget]] = NamesForm.Meta.widgets | {
            "bio": forms.Textarea({"rows": 6}),
            "language": forms.Select(choices=[("ja", _("Japanese")), ("en", _("English"))]),
        }
        field_classes: ClassVar = {"email": OthersMailField, "contact_email": OthersMailField}
        help_texts: ClassVar = NamesForm.Meta.help_texts | {
            "email": _("Seen by hosts only, like the contact person."),
            "member": _("Then their own morning is on their record, and they are not asked to pay for it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (field := self.fields.get("member")) is not None:
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - a foreign key's field
            field.queryset = Member.objects.get_queryset().filter(joined_at__isnull=False, is_active=True)
            field.queryset = field.queryset.order_by("reading", "pk")
            field.empty_label = _("Not a member")


class FaceForm(SendingForm, forms.Form):
    """The photo of a guest: another one, or none any more."""

    photo = PhotoField(
        label=_("Photo"),
        required=True,
        help_text=_("A JPEG, PNG or WebP of at most 12 MB. Where and when it was taken is not kept."),
    )
    gone = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        if data is not None and data.get("gone"):
            self.fields["photo"].required = False


class CoverField(PhotoField):
    """The picture of a cover, given out as small as it is kept."""

    longest = covers.LONGEST_SIDE

    def clean(self, data: Any, _initial: Any = None) -> ContentFile[bytes] | None:
        picture = super().clean(data, None)
        return covers.large_enough(picture) if picture else None


class BookForm(SendingForm, forms.ModelForm[Book]):
    """A book; the ISBN is checked where there is one.

    A cover goes along in the form while something else in it is mistaken: `held`, in the page as `cover_held`.
    """

    isbn = forms.CharField(
        label=_("ISBN"),
        required=False,
        max_length=40,
        help_text=_("The 13 or 10 digits on the back cover; with or without hyphens."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    cover = CoverField(
        label=_("Cover"),
        help_text=_("A JPEG, PNG or WebP of at most 12 MB. Without one, a cover is drawn from the title."),
    )
    cover_gone = forms.BooleanField(label=_("No picture of the cover any more"), required=False)

    class Meta:
        model = Book
        fields: ClassVar = ["title", "publisher", "isbn"]
        labels: ClassVar = {"title": _("Title of the book")}

    def __init__(self, *args: Any, author: str = "", found: ContentFile[bytes] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.author = author
        self.held = covers.Held.of(found) if found else None
        self.fields["title"].error_messages["required"] = _("Please write the title.")
        if not self.instance.cover:
            del self.fields["cover_gone"]

    def clean(self) -> dict[str, Any]:
        """`cover` is what is to be kept, also where it was sent a page before."""
        values: dict[str, Any] = super().clean() or {}
        sent = values.get("cover")
        if sent is None and (before := self.data.get("cover_held", "")):
            sent = covers.Held(before).picture()
        self.held = covers.Held.of(sent) if sent else None
        return values | {"cover": sent}

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if self.instance.pk and self.instance.speaker.books.exclude(pk=self.instance.pk).filter(title=title).exists():
            raise forms.ValidationError(_("Another book on this shelf is called so."))
        return title

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
