"""What somebody wishes who comes every time unless they say no."""

from django import forms

from events.every_time import PAUSES


class WishForm(forms.Form):
    """One tap: begin, pause for so many months, go on, end."""

    wish = forms.ChoiceField(
        choices=[(name, name) for name in ("begin", "resume", "end", *(f"pause{months}" for months in PAUSES))]
    )

    @property
    def months(self) -> int:
        """For how long a valid form pauses; 0 where it does not."""
        wish: str = self.cleaned_data["wish"]
        return int(wish.removeprefix("pause")) if wish.startswith("pause") else 0
