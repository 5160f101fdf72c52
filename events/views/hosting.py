"""What a host does with series and sessions. Everything here loads through what the host may change."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import at_short_notice, concerned, dates, editing, making, off_reasons, places, recurrence
from events.forms.hosting import CancelForm, OneOffForm, SeriesForm, with_schedule
from events.forms.schedule import ScheduleForm, initial
from events.models import Membership, OldSlug, Series, Session
from events.models.reminder import MONTHLY, WEEKLY, begin_with
from members.models import Activity, Member
from search import sources

SIX = 6
OUT_OF_DATE = gettext_lazy("This morning was moved or called off since you looked. Please look at it once more.")
# A new series keeps one seat in six for newcomers: 4 of 24.
SHARE_FOR_NEW = 6


def hosted(request: HttpRequest, code: str) -> Session:
    """The session, if the reader may change it; else 404 like one that does not exist. With `hosts_series`."""
    sessions = Session.objects.hosted_by(request.user).saying_whether_of_series(request.user)
    return get_object_or_404(sessions.select_related("series", "venue"), code=code)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent; an empty sending is a sending too."""
    return request.POST if request.method == "POST" else None


def is_out_of_date(request: HttpRequest, session: Session) -> bool:
    """Whether the morning was moved or called off since the page was made, by somebody else or in another window."""
    return request.POST.get("sequence", str(session.sequence)) != str(session.sequence)


def actor(request: HttpRequest) -> Member:
    assert isinstance(request.user, Member)  # noqa: S101 - every view here requires a login
    return request.user


@login_required
@require_http_methods(["GET", "POST"])
def series_new(request: HttpRequest) -> HttpResponse:
    """A new series: what it is, and when it meets. Operators only."""
    if not actor(request).is_staff:
        raise PermissionDenied
    return _series(request, Series())


@login_required
@require_http_methods(["GET", "POST"])
def series_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The same form for a series that is there; sessions already made keep what they have."""
    return _series(request, get_object_or_404(Series.objects.hosted_by(request.user), slug=slug))


def _series(request: HttpRequest, series: Series) -> HttpResponse:
    data = posted(request)
    known = making.rule_of(series, now=timezone.now()) if series.rule else None
    start = {"starts_on": series.starts_on, "at": series.at} if series.pk else {"starts_on": timezone.localdate()}
    form = SeriesForm(data, instance=series)
    schedule = ScheduleForm(data, initial=start | (initial(known) if series.pk else {}), known=known)
    shown = "preview" in request.POST
    if request.method == "POST" and form.is_valid() & schedule.is_valid() and not shown:
        is_new = series.pk is None
        saved = _save_series(request, form, schedule)
        messages.success(request, _("Saved. Sessions are made ahead as drafts; each is published by you."))
        return _onward(saved, form) if is_new else redirect("series", saved.slug)
    context = {"form": form, "schedule": schedule, "series": series, **_preview(schedule)}
    return render(request, "events/series_form.html", context, status=200 if data is None or shown else 422)


def _onward(series: Series, form: SeriesForm) -> HttpResponse:
    """From a new series to what comes next: what was agreed with a restaurant that is new as well, or the desk."""
    if series.venue is not None and form.cleaned_data["venue_name"]:
        return redirect(f"{series.venue.get_absolute_url()}#restaurant")
    return redirect("desk")


@transaction.atomic
def _save_series(request: HttpRequest, form: SeriesForm, schedule: ScheduleForm) -> Series:
    now, is_new = timezone.now(), form.instance.pk is None
    old_slug = form.initial.get("slug", "") if "slug" in form.changed_data else ""
    with_schedule(form.instance, schedule)
    series = form.save()
    if is_new:
        _begin(series, actor(request), weekly=schedule.cleaned_data["pattern"] == "weekly", now=now)
    if old_slug:
        OldSlug.objects.get_or_create(slug=old_slug, defaults={"series": series})
    Activity.record(actor(request), "series.save", f"series:{series.slug}", now=now)
    if schedule.has_changed():
        making.make_anew(series, now=now)
    # Who may find its sessions, and under which address, may have changed.
    sources.refresh(list(series.sessions.values_list("code", flat=True)))
    return series


def _begin(series: Series, owner: Member, *, weekly: bool, now: datetime) -> None:
    """What every series starts with: what was agreed with its restaurant, an owner, and reminders."""
    # Letters and running orders are drafted in the language in which the series was made.
    series.language = get_language() or series.language
    series.seats_for_new = series.capacity // SHARE_FOR_NEW
    if series.venue is not None:
        places.begin_at(series, series.venue)
    series.save()
    Membership.objects.create(series=series, member=owner, role=Membership.Role.OWNER, joined_at=now)
    begin_with(series, WEEKLY if weekly else MONTHLY)


@login_required
@require_safe
def schedule_preview(request: HttpRequest) -> HttpResponse:
    """The next six dates and the rule read back, while the host is still choosing."""
    schedule = ScheduleForm(request.GET)
    return render(request, "events/parts/schedule_preview.html", {"schedule": schedule, **_preview(schedule)})


def _preview(schedule: ScheduleForm) -> dict[str, object]:
    if not schedule.is_bound or not schedule.is_valid() or not schedule.cleaned_data["rule"]:
        return {}
    values = schedule.cleaned_data
    language = get_language() or "ja"
    # A series of many years shows what comes, not how it began; one that has ended shows that. Today is among it until
    # its hour.
    here = timezone.localtime()
    past = here.date() - timedelta(days=here.time() < values["at"])
    coming = schedule.coming(values, limit=SIX, after=past) or schedule.coming(values, limit=SIX)
    return {
        "sentence": recurrence.sentence(values["rule"], values["at"]),
        "exceptions": recurrence.exceptions(values["rule"]),
        "dates": [dates.day(one.on, language, year=True) for one in coming],
    }


@login_required
@require_http_methods(["GET", "POST"])
def session_new(request: HttpRequest, slug: str) -> HttpResponse:
    """A session outside the rule."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    draft = Session(series=series, timezone=series.timezone, venue=series.venue, capacity=series.capacity,
                    seats_for_new=series.seats_for_new,
                    fee_amount=series.fee_amount, fee_currency=series.fee_currency, language=series.language,
                    duration_minutes=series.duration_minutes, doors_minutes=series.doors_minutes)  # fmt: skip
    form = OneOffForm(posted(request), instance=draft)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            session = form.save()
            Activity.record(actor(request), "session.new", f"session:{session.code}", now=timezone.now())
        return redirect("session_edit", session.code)
    return render(
        request, "events/one_off_form.html", {"form": form, "series": series}, status=422 if form.errors else 200
    )


@login_required
@require_http_methods(["GET", "POST"])
def cancellation(request: HttpRequest, code: str) -> HttpResponse:
    """Call it off, with a reason."""
    session = hosted(request, code)
    form = CancelForm(posted(request))
    if request.method == "POST" and form.is_valid() and is_out_of_date(request, session):
        form.add_error(None, OUT_OF_DATE)
    elif request.method == "POST" and form.is_valid():
        try:
            session.cancel(form.cleaned_data["reason"], now=timezone.now(), actor=actor(request))
        except ValidationError as error:
            form.add_error("reason", error)
        else:
            messages.success(request, _("Called off. Everybody concerned is told once."))
            return redirect("session", code)
    context = _asked(session, form) | {"reasons": off_reasons.choices()}
    stale = form.errors and is_out_of_date(request, session)
    return render(request, "events/cancel_form.html", context, status=409 if stale else 422 if form.errors else 200)


@login_required
@require_POST
def restoration(request: HttpRequest, code: str) -> HttpResponse:
    """It is on again."""
    session = hosted(request, code)
    session.restore(now=timezone.now(), actor=actor(request))
    messages.success(request, _("It is on again. Those who were told are told."))
    return redirect("session", code)


@login_required
@require_POST
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """Again: a draft like this one, a week later, without its people."""
    session = hosted(request, code)
    start: datetime = max(session.starts_at, timezone.now())
    day = start.astimezone(session.zone).date()
    local = datetime.combine(day, session.local_start.time(), tzinfo=session.zone)
    draft = editing.again(session, local + timedelta(days=7), now=timezone.now(), actor=actor(request))
    return redirect("session_edit", draft.code)


def _asked(session: Session, form: CancelForm) -> dict[str, object]:
    told = len(concerned.people(session))
    near = at_short_notice.is_near(session, now=timezone.now())
    return {"session": session, "form": form, "concerned": told, "is_near": near}
