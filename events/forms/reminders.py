"""When a series speaks up by itself, and what one morning does differently: asked in plain words."""

from datetime import time
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from events import reminder_words
from events.forms.schedule import TimeInput
from events.models import ReminderException, ReminderRule, Segment, Series, Session
from events.models.reminder import AUDIENCE, Timing
from events.models.segment import AFTERWARDS
from events.nights import QUIET_FROM, QUIET_UNTIL

AT_MOST = 8
Template = ReminderRule.Template


class TimingForm(forms.ModelForm[Any]):
    """On or off, which day, at which hour, with which word of the host's own."""

    is_on = forms.BooleanField(label=_("this mail goes"), required=False)
    days_before = forms.TypedChoiceField(label=_("Day"), coerce=int, choices=lazy(reminder_words.days, list))
    at = forms.TimeField(label=_("Time"), widget=TimeInput)

    def clean_at(self) -> time:
        at: time = self.cleaned_data["at"]
        if not QUIET_UNTIL <= at < QUIET_FROM:
            raise forms.ValidationError(
                _("Between 21:00 and 7:00 no automatic mail is sent. Please choose an hour by day.")
            )
        return at

    def check_order(self, *, afterwards: bool, begins_at: time) -> None:
        """Thanks after the morning, everything else before it begins."""
        days, at = self.cleaned_data.get("days_before"), self.cleaned_data.get("at")
        if days is None or at is None:
            return
        if afterwards and days > 0:
            self.add_error(
                "days_before", _("Who came is known only afterwards. Please choose the same day or a later one.")
            )
        if not afterwards and (days < 0 or (days == 0 and at >= begins_at)):
            self.add_error("days_before", _("At that hour it has begun already. Please choose an earlier one."))


class RuleForm(TimingForm):
    """One rule of a series; what it says and to whom is chosen once, when it is made."""

    template = forms.ChoiceField(
        label=_("What it says"), required=False, choices=[("", _("nothing more")), *Template.choices]
    )
    audience = forms.ChoiceField(
        label=_("To whom"), required=False, choices=Segment.choices,
        help_text=_("For words of your own; the others go to whom they are meant for."),
    )  # fmt: skip

    class Meta:
        model = ReminderRule
        fields = ["template", "audience", "is_on", "days_before", "at", "subject", "greeting"]
        labels = {"subject": _("Subject"), "greeting": _("A word of yours")}
        widgets = {"greeting": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, series: Series, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.series = series
        rule: ReminderRule = self.instance
        if rule.pk:
            del self.fields["template"], self.fields["audience"]
            if rule.template != Template.WORDS:
                del self.fields["subject"]
        else:
            self.initial.update({"days_before": 1, "at": time(18, 0), "is_on": True, "audience": "coming"})

    @property
    def kind(self) -> str:
        """What it says."""
        return str(self.instance.template or self.cleaned_data.get("template", ""))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        rule: ReminderRule = self.instance
        if not rule.pk:
            if not values.get("template"):
                raise forms.ValidationError(_("Please choose what the new mail says."))
            ready_made = AUDIENCE.get(Template(values["template"]))
            values["audience"] = (ready_made or Segment(values.get("audience") or Segment.COMING)).value
            rule.series = self.series
        audience = Segment(rule.audience or values["audience"])
        self.check_order(afterwards=audience in AFTERWARDS, begins_at=self.series.at)
        if self.kind == Template.WORDS:
            for name in ("subject", "greeting"):
                if not values.get(name):
                    self.add_error(name, _("Words of your own need a subject and a text."))
        return values


class Rules(forms.BaseModelFormSet[ReminderRule, RuleForm]):
    """The rules of a series, and room for one more."""

    def __init__(self, *args: Any, series: Series, **kwargs: Any) -> None:
        self.series = series
        kwargs["queryset"] = series.reminder_rules.all()
        kwargs["form_kwargs"] = {"series": series}
        super().__init__(*args, **kwargs)

    def clean(self) -> None:
        """The same mail twice on one day would be one mail too many."""
        super().clean()
        seen = set()
        for form in self.forms:
            if not form.has_changed() and not form.instance.pk:
                continue
            if form.cleaned_data.get("DELETE") or "days_before" not in form.cleaned_data:
                continue
            audience = form.instance.audience or form.cleaned_data.get("audience")
            what = (form.kind, audience, form.cleaned_data["days_before"])
            if what in seen:
                form.add_error("days_before", _("This mail goes on that day already."))
            seen.add(what)


RuleFormSet = forms.modelformset_factory(
    ReminderRule, form=RuleForm, formset=Rules, extra=1, max_num=AT_MOST, can_delete=True
)


class ExceptionForm(TimingForm):
    """What one morning does differently about one rule."""

    class Meta:
        model = ReminderException
        fields = ["is_on", "days_before", "at", "greeting"]
        labels = {"greeting": _("A word of yours, for this morning")}
        widgets = {"greeting": forms.Textarea({"rows": 3})}

    def __init__(self, data: Any, *, rule: ReminderRule, session: Session, exception: ReminderException | None) -> None:
        same = {name: getattr(rule, name) for name in ("is_on", "days_before", "at", "greeting")}
        instance = exception or ReminderException(rule=rule, session=session, **same)
        super().__init__(data, instance=instance, prefix=f"rule{rule.pk}")
        self.rule, self.session = rule, session
        if rule.template == Template.WORDS:
            self.fields["greeting"].required = True

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        self.check_order(afterwards=self.rule.is_afterwards, begins_at=self.session.local_start.time())
        return values

    def keep(self) -> None:
        """Write down what differs from the series; what does not is the series' own."""
        exception: ReminderException = self.instance
        if same_as(exception, self.rule):
            if exception.pk:
                exception.delete()
        else:
            exception.save()


def same_as(one: Timing, other: Timing) -> bool:
    """Whether both say the same, at the same time."""
    return all(getattr(one, name) == getattr(other, name) for name in ("is_on", "days_before", "at", "greeting"))
