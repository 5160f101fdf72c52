"""A host takes in past mornings from a file: which column is what, what would come, what is refused, and back again."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive import people, spreadsheets
from archive.forms_intakes import ColumnsForm, FetchForm, FileForm
from archive.importing import fetching, tables
from archive.importing.people import Named
from archive.importing.rows import Row, Unreadable
from archive.intakes import Intake
from events.models import Series
from members.access import me

UNPROCESSABLE = 422
# What is done at once; the rest is the worker's.
SECONDS_HERE = 0.5
SHOWN, LISTED = 20, 30


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def intakes(request: HttpRequest, slug: str) -> HttpResponse:
    """The files so far, and another one."""
    series = _hosted(request, slug)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileForm(*sent, sender=me(request))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            of_people = form.cleaned_data["holds"] == "people"
            intake = Intake.objects.upload(
                series, form.cleaned_data["file"], now=now, actor=me(request), of_people=of_people
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            if intake.columns is None:
                return redirect("intake_columns", slug, intake.code)
            intake.work(now=now, seconds=SECONDS_HERE)
            return redirect(intake)
    return _files(request, series, form, FetchForm(fetching.services()))


@login_required
@require_POST
def fetch(request: HttpRequest, slug: str) -> HttpResponse:
    """Have the worker fetch what a service has of a group."""
    series = _hosted(request, slug)
    form = FetchForm(fetching.services(), request.POST)
    if form.is_valid():
        asked = {"kind": form.cleaned_data["kind"], "group": form.cleaned_data["group"]}
        return redirect(Intake.objects.ask_for(series, **asked, now=timezone.now(), actor=me(request)))
    return _files(request, series, FileForm(sender=me(request)), form)


def _files(request: HttpRequest, series: Series, form: FileForm, fetch: FetchForm) -> HttpResponse:
    is_wrong = bool(form.errors or fetch.errors)
    context = {
        "series": series,
        "form": form,
        "fetch": fetch if fetching.services() else None,
        "intakes": series.intakes.order_by("-created_at", "-pk")[:LISTED],
    }
    return render(request, "archive/intakes.html", context, status=UNPROCESSABLE if is_wrong else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Which column of a table is what, beside its first rows."""
    intake = _intake(request, slug, code)
    if not intake.is_table or intake.wanted_at is not None or intake.is_working:
        return redirect(intake)
    try:
        with intake.file.open("rb") as stored:
            head = tables.head(stored)
    except Unreadable as error:
        intake.fail(str(error))
        return redirect(intake)
    posted = request.POST if request.method == "POST" else None
    form = ColumnsForm(head, posted, initial=intake.columns or {}, of_people=intake.is_of_people)
    if request.method == "POST" and form.is_valid():
        intake.map(form.columns)
        intake.work(now=timezone.now(), seconds=SECONDS_HERE)
        return redirect(intake)
    context = {"series": intake.series, "intake": intake, "form": form, "head": head}
    return render(request, "archive/intake_columns.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_required
@never_cache
@require_safe
def intake(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """How it stands: being read, what would come, being taken in, what came."""
    found = _intake(request, slug, code)
    if found.columns is None and not found.failure:
        return redirect("intake_columns", slug, code)
    counts = found.rows.aggregate(
        read=Count("pk"),
        new=Count("pk", filter=Q(refusal="", is_known=False)),
        known=Count("pk", filter=Q(is_known=True)),
        refused=Count("pk", filter=~Q(refusal="")),
        last=Max("number"),
    )
    rows: list[Row | Named] = []
    if found.read_at is not None and found.wanted_at is None:
        staged = found.rows.takeable().order_by("number")[:SHOWN]
        rows = [row.named() if found.is_of_people else row.read() for row in staged]
    context = {
        "series": found.series,
        "intake": found,
        "counts": counts,
        "rows": rows,
        "refused": found.rows.refused()[:SHOWN],
        "made": {name: len(keys) for name, keys in found.made.items()},
    }
    if found.is_of_people:
        context |= people.told(found)
    return render(request, "archive/intake.html", context)


@login_required
@require_POST
def taking(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Take it in: a little at once, the rest by the worker."""
    found, now = _intake(request, slug, code), timezone.now()
    found.take(now=now, actor=me(request))
    found.work(now=now, seconds=SECONDS_HERE)
    return redirect(found)


@login_required
@require_POST
def undoing(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Take it back."""
    found = _intake(request, slug, code)
    found.undo(now=timezone.now(), actor=me(request))
    return redirect(found)


@login_required
@require_POST
def removal(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Throw away a file that was only looked at."""
    _intake(request, slug, code).discard()
    return redirect("intakes", slug)


@login_required
@require_safe
def refused(request: HttpRequest, slug: str, code: str) -> StreamingHttpResponse:
    """Every entry that is not taken, and why; and what of the others is left out."""
    found = _intake(request, slug, code)
    lines = spreadsheets.table((_t("entry"), _t("not taken because"), _t("left out")), _report(found))
    return spreadsheets.response(f"{slug}-{found.code}-refused", lines)


def _report(found: Intake) -> Iterator[tuple[int, str, str]]:
    rows = found.rows.exclude(refusal="", left_out="").order_by("number")
    return ((row.number, row.refusal, row.left_out) for row in rows.iterator(500))


def _hosted(request: HttpRequest, slug: str) -> Series:
    return get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)


def _intake(request: HttpRequest, slug: str, code: str) -> Intake:
    hosted = Series.objects.hosted_by(request.user)
    return get_object_or_404(
        Intake.objects.select_related("series").filter(series__in=hosted), series__slug=slug, code=code
    )
