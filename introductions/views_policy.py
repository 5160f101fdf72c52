"""How a series introduces: the host chooses among three, and sees what each would have made of the last morning."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from events.models import Series, Session
from introductions import rounds
from introductions.followups import Numbers
from introductions.forms import PolicyForm
from introductions.policy import Policy
from members.access import me

UNPROCESSABLE = 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose; from the next round on."""
    series = get_object_or_404(Series.objects.hosted_by(request.user), slug=slug)
    now, holds = timezone.now(), Policy.of(series.pk)
    initial = {"choice": holds.choice, "by_itself": holds.by_itself_since is not None}
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        chosen = form.cleaned_data
        Policy.choose(series, chosen["choice"], by_itself=chosen["by_itself"], now=now, actor=me(request))
        messages.success(request, _("Saved. It holds from the next round on."))
        return redirect("series_introductions", series.slug)
    last = Session.objects.filter(series=series, roster_closed_at__isnull=False).order_by("-starts_at").first()
    words = dict(Policy.Choice.choices)
    effects = [(words[one.choice], one) for one in rounds.effects(last, now=now)] if last else []
    context = {"series": series, "form": form, "last": last, "effects": effects, "numbers": Numbers.of(series)}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "introductions/policy.html", context, status=status)
