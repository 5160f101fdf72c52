"""When a series meets, asked so that nobody needs to know RFC 5545; whatever is entered here is a valid rule."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from events import recurrence
from events.recurrence import BadRule, Day, Freq, Holidays, Rule
from events.recurrence_words import NTHS

WEEKLY, MONTHLY_DAY, MONTHLY_DATE, PICKED, ONCE = "weekly", "monthly", "monthdate", "picked", "once"
PATTERNS = [
    (WEEKLY, _("every week, or every few weeks")),
    (MONTHLY_DAY, _("by weekday in the month, such as every 2nd Thursday")),
    (MONTHLY_DATE, _("by date in the month, such as the 10th")),
    (PICKED, _("on days I choose")),
    (ONCE, _("once, or as it comes")),
]
ENDS = [("", _("goes on")), ("until", _("until a day")), ("count", _("after a number of times"))]
HOLIDAYS = [
    (Holidays.KEEP, _("meet all the same")),
    (Holidays.SKIP, _("skip that one")),
    (Holidays.WEEK_LATER, _("meet a week later")),
]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def to_days(text: str) -> tuple[date, ...]:
    """Dates a host wrote, one a line or between commas: 2026-12-10, 2026/12/10. Raises ValidationError."""
    days = []
    for word in text.replace(",", " ").replace("、", " ").replace("/", "-").split():
        try:
            days.append(datetime.strptime(word, "%Y-%m-%d").date())  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise forms.ValidationError(
                _("%(word)s is not a date. Please write dates like 2026-12-10."), params={"word": word}
            ) from None
    return tuple(days)


class ScheduleForm(forms.Form):
    """The schedule alone: this is what the preview reads while the host is still choosing."""

    pattern = forms.ChoiceField(label=_("How often"), choices=PATTERNS, widget=forms.RadioSelect, initial=MONTHLY_DAY)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        choices=[(day, WEEKDAYS[day]) for day in range(7)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=[3],
    )
    nths = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("in the month", "Which week of the month"),
        choices=list(NTHS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=[2],
    )
    interval = forms.IntegerField(
        label=_("Repeat every (weeks or months)"),
        initial=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    monthday = forms.IntegerField(
        label=_("Date in the month"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
    )
    dates = forms.CharField(
        label=_("Days"),
        required=False,
        max_length=5000,
        help_text=_("One a line, such as 2026-12-10."),
        widget=forms.Textarea({"rows": 4}),
    )
    starts_on = forms.DateField(label=_("First day"), widget=DateInput)
    at = forms.TimeField(label=_("Begins at"), widget=TimeInput, initial="07:00")
    ends = forms.ChoiceField(label=_("Until when"), choices=ENDS, required=False)
    until = forms.DateField(label=_("Last day"), required=False, widget=DateInput)
    count = forms.IntegerField(
        label=_("Number of times"), required=False, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    holidays = forms.ChoiceField(label=_("On public holidays"), choices=HOLIDAYS, initial=Holidays.SKIP)
    closed = forms.CharField(
        label=_("Closed days of the club"),
        required=False,
        max_length=500,
        help_text=_("Every year or once, such as 12-29..01-03, 08-13..08-16, 2026-11-24."),
    )

    def __init__(self, *args: Any, known: Rule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The rule as it stands: what this form does not ask for is kept.
        self.known = known

    def clean_dates(self) -> tuple[date, ...]:
        return to_days(self.cleaned_data["dates"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        try:
            values["rule"] = self._rule(values)
        except BadRule as refused:
            raise forms.ValidationError(refused.messages) from refused
        if values["rule"] and not self.coming(values, limit=1):
            raise forms.ValidationError(_("No day comes of this. Please look at it again."))
        return values

    def _rule(self, values: dict[str, Any]) -> Rule | None:
        """The rule the answers mean; None for a series without one. Raises BadRule."""
        pattern = values["pattern"]
        if self.known and not set(self.changed_data) - {"starts_on", "at"}:
            return self.known
        if pattern == ONCE:
            return None
        closed_on, closed_yearly = recurrence.closed_days(values["closed"])
        rule = Rule(
            freq=_freq(pattern),
            interval=values["interval"] if pattern != PICKED else 1,
            weekdays=_weekdays(values),
            # Without a date it is that of the first day: said and kept as what it means.
            monthdays=(values["monthday"] or values["starts_on"].day,) if pattern == MONTHLY_DATE else (),
            until=values["until"] if values["ends"] == "until" and pattern != PICKED else None,
            count=values["count"] if values["ends"] == "count" and pattern != PICKED else None,
            dates=values["dates"] if pattern == PICKED else self.known.dates if self.known else (),
            exdates=self.known.exdates if self.known and pattern != PICKED else (),
            holidays=Holidays(values["holidays"]),
            closed_on=closed_on,
            closed_yearly=closed_yearly,
        )
        rule.refuse_late_end(max(values["starts_on"], date.today()))  # noqa: DTZ011 - two years need no zone
        return rule

    @staticmethod
    def coming(values: dict[str, Any], *, limit: int, after: date | None = None) -> list[recurrence.Occurrence]:
        """The first dates of a valid form, after a day where one is given."""
        return recurrence.occurrences(values["rule"], values["starts_on"], after=after, limit=limit)


def _freq(pattern: str) -> Freq | None:
    return {WEEKLY: Freq.WEEKLY, MONTHLY_DAY: Freq.MONTHLY, MONTHLY_DATE: Freq.MONTHLY}.get(pattern)


def _weekdays(values: dict[str, Any]) -> tuple[Day, ...]:
    """The weekdays a pattern needs, at least one of them. Raises BadRule."""
    if values["pattern"] not in {WEEKLY, MONTHLY_DAY}:
        return ()
    if not values["weekdays"]:
        raise BadRule(_("Please choose a weekday."))
    if values["pattern"] == WEEKLY:
        return tuple(Day(weekday) for weekday in values["weekdays"])
    if not values["nths"]:
        raise BadRule(_("Please choose which of the month: the 1st, the 2nd …"))
    return tuple(Day(weekday, nth) for weekday in values["weekdays"] for nth in values["nths"])


def initial(rule: Rule | None) -> dict[str, Any]:
    """A rule as the form shows it, for editing."""
    if rule is None:
        return {"pattern": ONCE}
    pattern = {None: PICKED, Freq.WEEKLY: WEEKLY}.get(rule.freq) or (MONTHLY_DAY if rule.weekdays else MONTHLY_DATE)
    return {
        "pattern": pattern,
        "weekdays": sorted({day.weekday for day in rule.weekdays}),
        "nths": sorted({day.nth for day in rule.weekdays if day.nth}),
        "interval": rule.interval,
        "monthday": rule.monthdays[0] if rule.monthdays else None,
        "dates": "\n".join(day.isoformat() for day in rule.dates),
        "ends": "until" if rule.until else "count" if rule.count else "",
        "until": rule.until,
        "count": rule.count,
        "holidays": rule.holidays,
        "closed": ", ".join(str(day) for day in (*rule.closed_yearly, *rule.closed_on)),
    }
