"""The mornings I came to."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from events import attended
from members.access import me


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """For this member alone: there is no such page of anybody else."""
    return render(request, "events/attended.html", {"attended": attended.of(me(request))})
