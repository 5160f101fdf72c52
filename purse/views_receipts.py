"""Receipts: a member draws up and takes their own; hosts keep the book."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.models import Attendance, Series, Session
from events.pages.front import label
from members.access import me
from members.models import Activity
from purse import collecting, receipt_paper
from purse import receipts as rules
from purse.forms import IssuerForm, ReceiptForm, VoidForm
from purse.models import Issuer, Receipt, ReceiptQuerySet

UNPROCESSABLE, CONFLICT = 422, 409


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """My receipt for a morning I came to: to whom it is made out, then the paper."""
    member, session = me(request), _mine(request, code)
    known = Receipt.objects.valid().filter(session=session, member=member).first()
    purpose = _("%(morning)s, fee") % {"morning": label(session)}
    suffix = Receipt.Suffix.COMPANY if member.organisation else Receipt.Suffix.PERSON
    first = {"addressee": member.organisation or member.name, "suffix": suffix, "purpose": purpose}
    form = ReceiptForm(request.POST if request.method == "POST" and known is None else None, initial=first)
    refusal, status = "", 200
    if form.is_bound:
        status = UNPROCESSABLE
    if form.is_bound and form.is_valid():
        try:
            rules.draw_up(session, member, **form.cleaned_data, now=timezone.now())
        except collecting.PurseError as error:
            refusal, status = str(error.message), CONFLICT
        else:
            return redirect("receipt", code)
    payments = collecting.paid_by(session, member)
    context = {
        "session": session,
        "form": form,
        "known": known,
        "has_issuer": known is not None or Issuer.objects.filter(series=session.series_id).exists(),
        "refusal": refusal,
        "payments": payments,
        "paid": sum(payment.amount for payment in payments),
    }
    return render(request, "purse/receipt.html", context, status=status)


@login_required
@require_POST
def taking(request: HttpRequest, code: str) -> HttpResponse:
    """The paper: the original first, later copies that say so."""
    own = Receipt.objects.filter(member=me(request)).select_related("session")
    found = get_object_or_404(own, code=code)
    try:
        copy = rules.take(found, now=timezone.now())
    except collecting.PurseError as error:
        messages.error(request, str(error.message))
        return redirect(found)
    return _pdf(found, receipt_paper.pdf(found, copy=copy))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def receipts(request: HttpRequest, slug: str) -> HttpResponse:
    """The book of a series, and in whose name receipts are drawn up. Hosts only."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    issuer = Issuer.objects.filter(series=series).first()
    sent = request.POST if request.method == "POST" else None
    form = IssuerForm(sent, instance=issuer or Issuer(series=series))
    if sent is not None and form.is_valid():
        # Not the form's own save: it would write back the number it read.
        with transaction.atomic():
            Issuer.objects.update_or_create(series=series, defaults=form.cleaned_data)
            Activity.record(me(request), "receipts.issuer", f"series:{series.slug}", now=timezone.now())
        messages.success(request, _("Saved. It holds for receipts from now on."))
        return redirect("series_receipts", slug)
    drawn_up = Receipt.objects.filter(series=series).select_related("session", "session__series").order_by("-number")
    context = {"series": series, "form": form, "receipts": drawn_up[:200]}
    return render(request, "purse/receipts.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_required
@require_POST
def voiding(request: HttpRequest, code: str) -> HttpResponse:
    """It does not hold any more; its member can draw up another."""
    found = get_object_or_404(_in_my_books(request), code=code)
    form = VoidForm(request.POST)
    if form.is_valid():
        rules.void(found, reason=form.cleaned_data["reason"], now=timezone.now(), actor=me(request))
    else:
        messages.error(request, _("Please write why it is void."))
    return redirect("series_receipts", found.series.slug)


@login_required
@require_safe
def book_copy(request: HttpRequest, code: str) -> HttpResponse:
    """The host's own copy."""
    found = get_object_or_404(_in_my_books(request), code=code)
    return _pdf(found, receipt_paper.pdf(found, is_for_the_book=True))


def _in_my_books(request: HttpRequest) -> ReceiptQuerySet:
    hosted = Series.objects.hosted_by(request.user).filter(pk=OuterRef("series"))
    return Receipt.objects.filter(Exists(hosted)).select_related("series", "session")


def _mine(request: HttpRequest, code: str) -> Session:
    came = Attendance.objects.came().filter(session=OuterRef("pk"), member=me(request))
    sessions = Session.objects.visible_to(request.user).on().filter(Exists(came), starts_at__lte=timezone.now())
    return get_object_or_404(sessions.select_related("series"), code=code)


def _pdf(found: Receipt, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="receipt-{found.label}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
