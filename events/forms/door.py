"""What the door types: who came without a seat."""

from collections.abc import Iterable, Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from events.models import Attendance

# Rows that are read, and empty ones that are offered.
WALK_INS, OFFERED = 12, 2


class WalkInForm(forms.ModelForm[Attendance]):
    """Somebody without a seat: name and reading, the rest later. An empty one is nobody."""

    class Meta:
        model = Attendance
        fields = ["name", "yomi"]
        labels = {"name": _("name"), "yomi": _("reading")}

    def __init__(self, data: QueryDict | None, number: int, initial: dict[str, str] | None = None) -> None:
        prefix = f"walk-in-{number}"
        super().__init__(data, prefix=prefix, initial=initial, empty_permitted=True, use_required_attribute=False)

    def clean_name(self) -> str:
        """A reading alone names nobody."""
        name: str = self.cleaned_data["name"]
        if not name:
            raise forms.ValidationError(_("Please write the name too."))
        return name


def offered(known: Sequence[tuple[str, str]]) -> list[WalkInForm]:
    """Those who were written down before, and a few empty rows."""
    rows = [{"name": name, "yomi": yomi} for name, yomi in known]
    return [WalkInForm(None, number, row) for number, row in enumerate([*rows, *[{}] * OFFERED][:WALK_INS])]


def posted(data: QueryDict) -> list[WalkInForm]:
    """Every row that was sent."""
    rows = [number for number in range(WALK_INS) if f"walk-in-{number}-name" in data]
    return [WalkInForm(data, number) for number in rows]


def named(forms_: Iterable[WalkInForm]) -> list[tuple[str, str]]:
    """Name and reading of those who were written down; the forms are valid."""
    written = [form.cleaned_data for form in forms_ if form.has_changed()]
    return [(row["name"], row["yomi"]) for row in written]
