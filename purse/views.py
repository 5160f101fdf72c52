"""The money of a morning, for its hosts; the purse of a series, for those who belong to it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events.models import Membership, Series, Session
from members import portraits
from members.access import me
from purse import books, collecting
from purse.forms import BillForm, EntryForm, PayForm, RestForm
from purse.models import Entry, How, Issuer

UNPROCESSABLE, CONFLICT = 422, 409


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def fees(request: HttpRequest, code: str) -> HttpResponse:
    """Who has paid, and the restaurant's bill."""
    session = _begun(request, code)
    sent = request.POST if request.method == "POST" else None
    form = BillForm(sent, instance=collecting.bill_of(session), currency=session.fee_currency)
    if sent is not None and form.is_valid():
        collecting.write_bill(form.instance, session, now=timezone.now(), actor=me(request))
        messages.success(request, _("The bill is written down."))
        return redirect("fees", code)
    return _page(request, session, form=form, status=UNPROCESSABLE if form.errors else 200)


@login_required
@require_POST
def payment(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody paid."""
    session, form = _begun(request, code), PayForm(request.POST)
    if not form.is_valid():
        return _page(request, session, status=UNPROCESSABLE, refusal=_("Please tap one of the ways to pay."))
    try:
        collecting.pay(
            session, form.cleaned_data["who"], form.cleaned_data["how"], now=timezone.now(), actor=me(request)
        )
    except collecting.PurseError as error:
        return _page(request, session, status=CONFLICT, refusal=str(error.message))
    return redirect("fees", code)


@login_required
@require_POST
def payment_rest(request: HttpRequest, code: str) -> HttpResponse:
    """All the others paid; each can be undone."""
    session, form = _begun(request, code), RestForm(request.POST)
    if not form.is_valid():
        return _page(request, session, status=UNPROCESSABLE, refusal=_("Please tap one of the ways to pay."))
    try:
        collecting.pay_rest(session, form.cleaned_data["how"], now=timezone.now(), actor=me(request))
    except collecting.PurseError as error:
        return _page(request, session, status=CONFLICT, refusal=str(error.message))
    return redirect("fees", code)


@login_required
@require_POST
def payment_removal(request: HttpRequest, code: str) -> HttpResponse:
    """It was a mistake."""
    session = _begun(request, code)
    try:
        collecting.take_back(session, request.POST.get("who", "")[:100], now=timezone.now(), actor=me(request))
    except collecting.PurseError as error:
        return _page(request, session, status=CONFLICT, refusal=str(error.message))
    return redirect("fees", code)


@login_required
@require_POST
def waiver(request: HttpRequest, code: str) -> HttpResponse:
    """A late cancellation is let be, or asked for after all."""
    session = _begun(request, code)
    who, waived = request.POST.get("who", "")[:100], request.POST.get("waived") == "yes"
    try:
        collecting.waive(session, who, waived=waived, now=timezone.now(), actor=me(request))
    except collecting.PurseError as error:
        return _page(request, session, status=CONFLICT, refusal=str(error.message))
    return redirect("fees", code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def purse(request: HttpRequest, slug: str) -> HttpResponse:
    """In, out, carried forward: open to those who belong to the series; hosts write into it."""
    hosting = Series.objects.hosted_by(request.user).filter(pk=OuterRef("pk"))
    belongs = Membership.objects.active().filter(series=OuterRef("pk"), member=me(request))
    known = Series.objects.alias(mine=Exists(belongs)).annotate(hosting=Exists(hosting))
    series = get_object_or_404(known.filter(mine=True) | known.filter(hosting=True), slug=slug)
    is_host = bool(vars(series)["hosting"])
    sent = request.POST if request.method == "POST" and is_host else None
    form = EntryForm(sent, currency=series.fee_currency, initial={"on": timezone.localdate()})
    if sent is not None and form.is_valid():
        books.enter(form.instance, series, now=timezone.now(), actor=me(request))
        return redirect(books.address(series, form.instance.on.year))
    year = request.GET.get("year", "")
    context = {
        "series": series,
        "book": books.book(series, int(year) if year.isdecimal() and len(year) == 4 else None),
        "heading": books.heading(series),
        "form": form if is_host else None,
    }
    return render(request, "purse/purse.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_required
@require_POST
def entry_removal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """An entry was a mistake."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    entry = get_object_or_404(Entry.objects.filter(series=series), pk=pk)
    books.take_out(entry, now=timezone.now(), actor=me(request))
    return redirect(books.address(series, entry.on.year))


def _begun(request: HttpRequest, code: str) -> Session:
    """A morning of mine that has begun: before, nobody pays."""
    sessions = Session.objects.hosted_by(request.user).saying_whether_of_series(request.user)
    begun = sessions.on().filter(starts_at__lte=timezone.now())
    return get_object_or_404(begun.select_related("series"), code=code)


def _page(
    request: HttpRequest, session: Session, *, form: BillForm | None = None, status: int = 200, refusal: str = ""
) -> HttpResponse:
    till = collecting.till(session)
    people = [payer.place.row.member for payer in till.payers]
    portraits.show(me(request), [*people, *(one.member for one in till.late)])
    context = {
        "session": session,
        "till": till,
        "form": form or BillForm(instance=till.bill or collecting.bill_of(session), currency=session.fee_currency),
        "ways": How.choices,
        "has_issuer": Issuer.objects.filter(series=session.series_id).exists(),
        "refusal": refusal,
    }
    return render(request, "purse/fees.html", context, status=status)
