"""Where a host sets what goes by mail by itself: for the series, and differently for one morning."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events.forms.reminders import ExceptionForm, RuleFormSet
from events.models import ReminderException, ReminderRule, Segment, Series, Session
from events.pages import reminders as page
from events.views.hosting import actor, hosted, posted
from members.models import Activity


@login_required
@require_http_methods(["GET", "POST"])
def of_series(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules of a series, each with what it will do for the next morning."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    rules = RuleFormSet(posted(request), series=series)
    looks = "preview" in request.POST
    if request.method == "POST" and rules.is_valid() and not looks:
        with transaction.atomic():
            rules.save()
            Activity.record(actor(request), "series.reminders", f"series:{series.slug}", now=timezone.now())
        messages.success(request, _("Saved. It holds from now on; what has gone has gone."))
        return redirect("series_reminders", series.slug)
    morning = page.next_of(Session.objects.filter(series=series), now=timezone.now())
    differently = {one.rule_id: one for one in ReminderException.objects.filter(session=morning)} if morning else {}
    known = [
        (form.instance.as_for(None if looks else differently.get(form.instance.pk)), form)
        for form in rules.forms
        if form.instance.pk
    ]
    new = [form for form in rules.forms if not form.instance.pk]
    context = {"series": series, "rules": rules, "new": new, "back": series.get_absolute_url()}
    return _page(
        request, known, morning, looks=looks and rules.is_valid(), refused=bool(rules.total_error_count()), **context
    )


@login_required
@require_http_methods(["GET", "POST"])
def of_session(request: HttpRequest, code: str) -> HttpResponse:
    """What one morning does differently; a rule that has gone for it cannot be changed for it any more.

    What goes to the whole series, to members who have not answered, is for its hosts to word.
    """
    session = hosted(request, code)
    rules = list(ReminderRule.objects.filter(series=session.series_id))
    if not session.hosts_series:  # type: ignore[attr-defined]
        rules = [rule for rule in rules if rule.audience != Segment.UNANSWERED]
    known = {one.rule_id: one for one in ReminderException.objects.filter(session=session)}
    gone = set(session.reminder_runs.values_list("rule_id", flat=True))
    data = posted(request)
    forms = [
        ExceptionForm(None if rule.pk in gone else data, rule=rule, session=session, exception=known.get(rule.pk))
        for rule in rules
    ]
    sent = [form for form in forms if form.is_bound]
    # Every one is asked, so that each says what is wrong with it.
    valid = not [form for form in sent if not form.is_valid()]
    looks = "preview" in request.POST
    if request.method == "POST" and valid and not looks:
        with transaction.atomic():
            for form in sent:
                form.keep()
            Activity.record(actor(request), "session.reminders", f"session:{session.code}", now=timezone.now())
        messages.success(request, _("Saved, for this morning alone."))
        return redirect("session_reminders", session.code)
    pairs = [(form.rule.as_for(form.instance), form) for form in forms]
    context = {"session": session, "series": session.series, "back": session.get_absolute_url()}
    return _page(request, pairs, session, looks=looks and valid, refused=not valid, **context)


def _page(
    request: HttpRequest,
    pairs: list[tuple[ReminderRule, Any]],
    morning: Session | None,
    *,
    looks: bool,
    refused: bool,
    **context: Any,
) -> HttpResponse:
    reader = actor(request) if looks else None
    rows = page.rows(pairs, morning, now=timezone.now(), reader=reader)
    shown = {"rows": rows, "morning": morning, "morning_name": page.name(morning) if morning else "", **context}
    return render(request, "events/reminders.html", shown, status=422 if refused else 200)
