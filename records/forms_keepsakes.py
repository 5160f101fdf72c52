"""What a host sends and says about the photos and files of a session."""

from __future__ import annotations

import zipfile
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseModelFormSet, modelformset_factory
from django.utils.translation import gettext_lazy as _

from events.models import Session
from members.photo_field import PhotoField
from members.sending import SendingForm
from records.keepsakes import HANDOUTS_AT_MOST, PICTURES_AT_MOST, Audience, Handout, Picture

AT_ONCE = 12
MEGABYTES_AT_MOST = 30
# By the end of the name, and what such a file begins with.
KINDS = {"pdf": b"%PDF-", "pptx": b"PK\x03\x04", "odp": b"PK\x03\x04", "key": b"PK\x03\x04"}


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(PhotoField):
    """Several photos at once, each given out as it is kept."""

    widget = SeveralFiles

    def clean(self, data: Any, _initial: Any = None) -> list[ContentFile[bytes]]:  # type: ignore[override]
        sent = [one for one in (data or []) if one]
        if self.required and not sent:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(sent) > AT_ONCE:
            raise ValidationError(_("Twelve photos at a time are enough."), code="many")
        return [found for one in sent if (found := super(PhotosField, self).clean(one)) is not None]


class PicturesForm(SendingForm, forms.Form):
    """New photos. Who did not want to be in pictures is named above the field, and has been looked for."""

    photos = PhotosField(
        label=_("Photos"), required=True,
        help_text=_("Up to 12 at a time, JPEG, PNG or WebP. Where and when they were taken is not kept."),
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=_("Who may see them"), choices=Audience, initial=Audience.CAME, widget=forms.RadioSelect,
        help_text=_("Members and everyone see them once the report is published."),
    )  # fmt: skip
    looked = forms.BooleanField(label=_("Nobody is to be seen who does not want to be"))

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session

    def clean_photos(self) -> list[ContentFile[bytes]]:
        sent: list[ContentFile[bytes]] = self.cleaned_data["photos"]
        if self.session.pictures.count() + len(sent) > PICTURES_AT_MOST:
            raise ValidationError(_("A morning keeps sixty photos. Please take some away first."), code="many")
        return sent


class PictureForm(forms.ModelForm[Picture]):
    """What one photo shows, and how far it goes."""

    class Meta:
        model = Picture
        fields = ["caption", "audience"]


class HandoutForm(SendingForm, forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("File"), widget=forms.FileInput({"accept": ",".join(f".{kind}" for kind in KINDS)}),
        help_text=_("PDF or slides (PPTX, ODP, KEY) of at most 30 MB."),
    )  # fmt: skip
    title = forms.CharField(label=_("What the file is"), max_length=120)
    audience = forms.ChoiceField(
        label=_("Who may read it"), choices=Audience, initial=Audience.CAME, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session

    def clean_file(self) -> UploadedFile[bytes]:
        """A file of a kind we know that is what its name says, and is not too many or too large."""
        sent: UploadedFile[bytes] = self.cleaned_data["file"]
        if (sent.size or 0) > MEGABYTES_AT_MOST * 1_000_000:
            raise ValidationError(_("This file is too large. Please send one of at most 30 MB."), code="large")
        start = KINDS.get((sent.name or "").rpartition(".")[2].lower())
        sent.seek(0)
        if start is None or not sent.read(len(start)).startswith(start) or (start[:2] == b"PK" and not _is_zip(sent)):
            raise ValidationError(_("This is no PDF and no slides that can be kept."), code="kind")
        sent.seek(0)
        if self.session.handouts.count() >= HANDOUTS_AT_MOST:
            raise ValidationError(_("A morning keeps twelve files. Please take one away first."), code="many")
        return sent


class HandoutWordsForm(forms.ModelForm[Handout]):
    """What a file is called, and how far it goes."""

    class Meta:
        model = Handout
        fields = ["title", "audience"]


def _is_zip(file: UploadedFile[bytes]) -> bool:
    file.seek(0)
    return zipfile.is_zipfile(file)


Pictures: type[BaseModelFormSet[Picture, PictureForm]] = modelformset_factory(
    Picture, form=PictureForm, extra=0, can_delete=True
)
Handouts: type[BaseModelFormSet[Handout, HandoutWordsForm]] = modelformset_factory(
    Handout, form=HandoutWordsForm, extra=0, can_delete=True
)
