"""What was done in the whole club. For operators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive import record
from members.views_operator import operator_only

DIGITS = 18


@operator_only
@require_safe
def operator_record(request: HttpRequest) -> HttpResponse:
    """The latest first, page by page."""
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < DIGITS else None
    lines = record.lines(before=before)
    older = lines[-1].pk if len(lines) == record.PER_PAGE else None
    return render(request, "archive/record.html", {"lines": lines, "older": older})
