"""The operator's pages: accounts, the club's own words. Behind a second factor, shown some minutes ago."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import operators
from members.access import me
from members.models import Club
from members.proof import lately

View = Callable[..., HttpResponse]
PER_PAGE = 30


def operator_only(view: View) -> View:
    """For operators who showed a second factor some minutes ago; for everybody else there is nothing here."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not me(request).is_staff:
            raise Http404
        factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        if not Authenticator.objects.filter(user=me(request), type__in=factors).exists():
            return render(request, "members/operator_need.html", status=403)
        return lately(view, strongly=True)(request, *args, **kwargs)

    return never_cache(login_required(asked))


class SearchForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name or address"), max_length=80, required=False)


class ClubForm(forms.ModelForm[Club]):
    class Meta:
        model = Club
        fields = ("name", "name_en", "sentence", "sentence_en", "about", "rules")


@operator_only
@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    """Where the operator's pages are."""
    return render(request, "members/operator.html")


@operator_only
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """Who has an account."""
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    page = Paginator(operators.accounts(words), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "members/operator_accounts.html", {"form": form, "page": page, "words": words})


@operator_only
@require_safe
def operator_account(request: HttpRequest, code: str) -> HttpResponse:
    """One account, and what can be done to it."""
    found = get_object_or_404(operators.accounts(), code=code)
    deeds = [(name, deed) for name, deed in operators.DEEDS.items() if deed.fits(found)]
    return render(request, "members/operator_account.html", {"found": found, "deeds": deeds})


@operator_only
@require_POST
def operator_deed(request: HttpRequest, code: str, deed: str) -> HttpResponse:
    """Do it."""
    found = get_object_or_404(operators.accounts(), code=code)
    if deed not in operators.DEEDS:
        raise Http404
    try:
        operators.do(me(request), found, deed, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Done, and recorded."))
    return redirect("operator_account", found.code)


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def operator_club(request: HttpRequest) -> HttpResponse:
    """What the club is called, what it is, and its house rules."""
    club = Club.objects.filter(pk=1).first() or Club.current()
    form = ClubForm(request.POST if request.method == "POST" else None, instance=club)
    if request.method == "POST" and form.is_valid():
        operators.keep_club(me(request), form.save(commit=False), now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("operator_club")
    return render(request, "members/operator_club.html", {"form": form}, status=422 if form.errors else 200)
