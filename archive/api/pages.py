"""A member's tokens: made, shown once, and ended. Only for who signed in just now."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from archive.api.tokens import ApiToken, Scope
from members.access import me
from members.proof import lately

DAYS = [(30, _("30 days")), (90, _("90 days")), (365, _("one year"))]


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("What it opens"),
        help_text=_("Besides what everybody may see. Less is better."),
        choices=Scope.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(label=_("How long"), choices=DAYS, coerce=int, initial=90)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _tokens(request: HttpRequest) -> HttpResponse:
    """Mine, and a new one: its text stands on the answer to the post and nowhere else."""
    form, text, now = TokenForm(request.POST if request.method == "POST" else None), "", timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            _row, text = ApiToken.objects.issue(me(request), now=now, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            form = TokenForm()
    tokens = ApiToken.objects.live(now).filter(member=me(request)).order_by("-created_at", "-pk")
    context = {"form": form, "text": text, "tokens": tokens}
    return render(request, "archive/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def _token_end(request: HttpRequest, code: str) -> HttpResponse:
    """End one of mine."""
    get_object_or_404(ApiToken, code=code, member=me(request)).revoke(now=timezone.now())
    return redirect("api_tokens")


tokens = lately(_tokens)
token_end = lately(_token_end, back="api_tokens")
