"""How a person is written, whoever types it: the reading in kana, the name in Latin letters, whole addresses."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30ff\uff66-\uff9fA-Za-z\s・.'-]*")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\s.,'’-]*")
LINKS_AT_MOST = 3
is_link = URLValidator(schemes=["http", "https"])


class PersonLines:
    """For a form that has any of `yomi`, `romaji` and `links`."""

    cleaned_data: dict[str, Any]

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

    def clean_links(self) -> str:
        """One a line."""
        links: list[str] = self.cleaned_data["links"].split()
        if len(links) > LINKS_AT_MOST:
            raise forms.ValidationError(_("Three addresses at most, please."))
        for link in links:
            try:
                is_link(link)
            except ValidationError:
                raise forms.ValidationError(_("Please write the whole address, beginning with https://.")) from None
        return "\n".join(links)
