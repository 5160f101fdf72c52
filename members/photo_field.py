"""Where somebody sends a photo."""

from typing import Any

from django import forms
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from members.photos import LONGEST_SIDE, rewritten


class PhotoField(forms.FileField):
    """A photo, given out as it is kept: the bytes of a JPEG in a file without a name."""

    widget = forms.FileInput
    longest = LONGEST_SIDE

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=kwargs.pop("required", False), **kwargs)
        self.widget.attrs["accept"] = "image/jpeg,image/png,image/webp"

    def clean(self, data: Any, _initial: Any = None) -> ContentFile[bytes] | None:
        sent = super().clean(data, None)
        return ContentFile(rewritten(sent, longest=self.longest)) if isinstance(sent, UploadedFile) else None
