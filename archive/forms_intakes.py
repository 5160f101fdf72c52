"""What a host says about a file: the file itself, and which column of a table is what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from archive.importing import people, sources, tables
from archive.importing.sources import Kind
from archive.importing.tables import Head
from members.sending import SendingForm


class FileForm(SendingForm, forms.Form):
    """One file of any kind we read."""

    holds = forms.ChoiceField(
        label=_("What is in it"),
        choices=[("mornings", _("past mornings")), ("people", _("people, and when they came (CSV)"))],
        initial="mornings",
        required=False,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=format_lazy(
            _("CSV, JSON lines, iCalendar, connpass or Doorkeeper as JSON; up to {most} MB."),
            most=sources.MOST_BYTES // 1_000_000,
        ),
    )


class FetchForm(forms.Form):
    """A group at a service for which there is a key."""

    prefix = "fetch"

    group = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9-]{0,59}\Z",
        label=_("The group there, as in its address"),
        help_text=_("For https://asa.connpass.com/ it is asa."),
        error_messages={"invalid": _("Letters, digits and hyphens, as in the group's address.")},
    )

    def __init__(self, kinds: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind, Kind(kind).label) for kind in kinds]
        self.fields["kind"] = forms.ChoiceField(label=_("Where"), choices=choices)
        self.order_fields(["kind", "group"])


class ColumnsForm(forms.Form):
    """A choice of columns for each field; guessed from the headings."""

    def __init__(self, head: Head, *args: Any, of_people: bool = False, **kwargs: Any) -> None:
        known, needed = (people.FIELDS, people.NEEDED) if of_people else (tables.FIELDS, tables.NEEDED)
        kwargs["initial"] = {name: str(column) for name, column in head.guess(known).items()} | kwargs.get(
            "initial", {}
        )
        super().__init__(*args, **kwargs)
        columns = [(str(number), name or f"({number + 1})") for number, name in enumerate(head.names)]
        for name, (label, _headings) in known.items():
            is_needed = name in needed
            nothing = ("", _("please choose") if is_needed else _("is not there"))
            self.fields[name] = forms.ChoiceField(label=label, choices=[nothing, *columns], required=is_needed)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        chosen = [column for column in found.values() if column]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(_t("One column cannot be two things."))
        return found

    @property
    def columns(self) -> dict[str, int]:
        """What was chosen, for `archive.importing.tables`."""
        return {name: int(column) for name, column in self.cleaned_data.items() if column}
