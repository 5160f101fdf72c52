"""My own circle, for me alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from introductions import circle as circles
from introductions.circle_picture import picture
from members.access import joined_required, me


@joined_required
@require_safe
def circle(request: HttpRequest) -> HttpResponse:
    """Whom I met at breakfast, as a picture and as a list."""
    found = circles.of(me(request), now=timezone.now())
    return render(request, "introductions/circle.html", {"circle": found, "drawing": picture(found, me(request))})
