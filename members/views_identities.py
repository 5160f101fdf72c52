"""Signing in by Google or LINE, where the operator wants it: away, back, and taking it off again."""

import logging
import time
from dataclasses import asdict
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from members import identities, limits, links, openid
from members.access import me
from members.adapter import know_address, owe_notice
from members.identities import Identity
from members.models import Member
from members.openid import Asked, Claims, OpenIdError, Provider
from members.proof import lately
from members.refusals import Refusal

# In the session while somebody is away; whoever stays longer begins anew.
KEPT, AWAY_SECONDS = "away", 15 * 60
log = logging.getLogger(__name__)


@never_cache
@require_POST
def away(request: HttpRequest, name: str) -> HttpResponse:
    """To the provider's page, to sign in here with the account there."""
    provider = _provider(name)
    return redirect("account") if request.user.is_authenticated else _away(request, provider, member=None)


@never_cache
@require_POST
def _linking(request: HttpRequest, name: str) -> HttpResponse:
    """To the provider's page, to make that account open this one from now on."""
    return _away(request, _provider(name), member=request.user.pk)


@never_cache
@require_safe
def back(request: HttpRequest, name: str) -> HttpResponse:
    """From the provider's page, with a code that says who it is."""
    provider = _provider(name)
    kept: dict[str, Any] = request.session.pop(KEPT, None) or {}
    fresh = kept.get("provider") == name and kept.get("at", 0) > time.time() - AWAY_SECONDS
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    if not fresh or not constant_time_compare(kept["asked"]["state"], state) or not 0 < len(code) < 2000:
        return _sorry(request, kept, _("That did not work. Please try again, or use a code by mail."))
    try:
        said = openid.claims(provider, Asked(**kept["asked"]), code, back=_back_url(name), now=timezone.now())
    except OpenIdError as error:
        log.warning("Signing in by %s: %s", name, error)
        return _sorry(request, kept, _("That did not work. Please try again, or use a code by mail."))
    if kept["member"] is not None:
        return _link(request, provider, said, kept)
    return _sign_in(request, provider, said, kept)


@require_POST
def _identity_removal(request: HttpRequest, name: str) -> HttpResponse:
    """It does not open this account any more."""
    with transaction.atomic():
        if Identity.objects.filter(member=me(request).pk, provider=name).delete()[0]:
            owe_notice("identity-removed", me(request).email, once=timezone.now().isoformat(timespec="minutes"))
    messages.success(request, _("It does not open your account any more."))
    return redirect("account")


def _away(request: HttpRequest, provider: Provider, *, member: int | None) -> HttpResponse:
    if refusal := limits.refused(request, "login"):
        return refusal
    asked, target = Asked.new(), request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = ""
    kept = {"provider": provider.name, "asked": asdict(asked), "member": member, "next": target, "at": time.time()}
    request.session[KEPT] = kept
    return HttpResponseRedirect(openid.way_there(provider, asked, back=_back_url(provider.name)))


def _link(request: HttpRequest, provider: Provider, said: Claims, kept: dict[str, Any]) -> HttpResponse:
    """Only for whoever went away, and is still signed in here."""
    if not request.user.is_authenticated or request.user.pk != kept["member"]:
        return _sorry(request, kept, _("That did not work. Please try again, or use a code by mail."))
    with transaction.atomic():
        linked = Identity.objects.link(request.user.pk, provider.name, said.subject, now=timezone.now())
        if linked:
            owe_notice("identity-added", request.user.email, once=timezone.now().isoformat(timespec="minutes"))
    if linked:
        messages.success(request, _("From now on it opens your account here."))
    else:
        messages.error(request, _("It opens another account here already."))
    return redirect("account")


@transaction.atomic
def _sign_in(request: HttpRequest, provider: Provider, said: Claims, kept: dict[str, Any]) -> HttpResponse:
    """Whoever is linked, or whose address the provider itself has handed out; the app is asked for as ever."""
    now = timezone.now()
    found = Identity.objects.filter(provider=provider.name, subject=said.subject).select_related("member").first()
    member = found.member if found else _by_address(provider, said)
    if member is None:
        return _sorry(request, kept, _("It opens no account here yet. Please sign in by a code first, then link it."))
    Identity.objects.filter(provider=provider.name, subject=said.subject).update(used_at=now)
    record_authentication(request, member, "elsewhere", provider=provider.name)
    answer: HttpResponse = perform_login(request, Login(user=member, redirect_url=kept["next"] or None))
    return answer


def _by_address(provider: Provider, said: Claims) -> Member | None:
    """The account of that address, made where there is none, and linked from now on; nobody's for a refused one."""
    if not said.email or Refusal.objects.covers(said.email):
        return None
    member = Member.objects.filter(email=said.email).first()
    if member is None:
        member = Member.objects.create_user(said.email, language=get_language() or "ja")
    elif member.is_active:
        owe_notice("identity-added", member.email, once=timezone.now().isoformat(timespec="minutes"))
    if member.is_active:
        know_address(member)
        Identity.objects.link(member.pk, provider.name, said.subject, now=timezone.now())
    return member


def _sorry(request: HttpRequest, kept: dict[str, Any], text: str) -> HttpResponse:
    messages.error(request, text)
    return redirect("account" if kept.get("member") else "account_login")


def _provider(name: str) -> Provider:
    found = identities.provider(name)
    if found is None:
        raise Http404
    return found


def _back_url(name: str) -> str:
    return links.absolute("identity_back", name)


linking = lately(_linking, back="account")
identity_removal = lately(_identity_removal, back="account")
