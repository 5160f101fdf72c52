"""A form by which somebody sends files: each says what it takes, all of them together how much of one person, and that
the disk has room.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils import timezone

from members.models import Member
from members.quota import must_find_room, must_fit


class SendingForm(forms.BaseForm):
    """Stands before Form or ModelForm. `sender` is None for a guest behind a private link: that page has its limits."""

    def __init__(self, *args: Any, sender: Member | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sender = sender

    def clean(self) -> dict[str, Any] | None:
        told, files = super().clean(), list[File[Any]]()
        for name, field in self.fields.items():
            found = self.cleaned_data.get(name)
            if found and isinstance(field, forms.FileField):
                files += found if isinstance(found, list) else [found]
                try:
                    must_find_room(*files)
                    if self.sender:
                        must_fit(self.sender, *files, now=timezone.now())
                except ValidationError as error:
                    self.add_error(name, error)
        return told
