"""How I sign in: passkeys, the authenticator app and its recovery codes, and where I am signed in."""

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import identities, second_factor, squares
from members.access import me
from members.adapter import owe_notice
from members.devices import Device
from members.fields_typed import AppCodeField
from members.identities import Identity
from members.models import Member
from members.openid import Provider
from members.proof import lately


class AppForm(forms.Form):
    code = AppCodeField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["code"].label = _("The six digits the app shows")


@login_required
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    ways = list(Authenticator.objects.filter(user=me(request)).order_by("created_at"))
    spare = next((one for one in ways if one.type == Authenticator.Type.RECOVERY_CODES), None)
    devices = Device.objects.filter(member=me(request), expire_date__gt=timezone.now()).order_by("-seen_at")
    context = {
        "passkeys": [one for one in ways if one.type == Authenticator.Type.WEBAUTHN],
        "app": next((one for one in ways if one.type == Authenticator.Type.TOTP), None),
        "recovery_left": len(second_factor.unused(spare)) if spare else 0,
        "elsewhere": _elsewhere(me(request)),
        "devices": devices,
        "here": request.session.session_key,
    }
    return render(request, "members/account.html", context)


def _elsewhere(member: Member) -> list[tuple[Provider, Identity | None]]:
    """Each provider there is, and whether it opens this account."""
    if not (found := identities.providers()):
        return []
    linked = {one.provider: one for one in Identity.objects.filter(member=member)}
    return [(one, linked.get(one.name)) for one in found]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _app(request: HttpRequest) -> HttpResponse:
    """Add the app: a square to scan, then the first code it shows."""
    member = me(request)
    if second_factor.has_app(member):
        return redirect("account")
    form = AppForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            if _is_added(request, form.cleaned_data["code"]):
                messages.success(request, _("From now on the app is asked for after the code by mail."))
                return redirect("recovery_codes")
            form.add_error("code", _("This is not the code the app shows now. Please look once more."))
        except ValidationError as error:
            form.add_error("code", error)
    secret = second_factor.coming_secret(request)
    square = squares.square(
        second_factor.address_for_app(member, secret), _("A square to scan with the authenticator app")
    )
    context = {"form": form, "square": square, "secret": second_factor.in_groups(secret)}
    return render(request, "members/app.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _is_added(request: HttpRequest, typed: str) -> bool:
    if not second_factor.add_app(request, me(request), typed, now=timezone.now()):
        return False
    owe_notice("app-added", me(request).email, once=timezone.now().isoformat(timespec="minutes"))
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _app_removal(request: HttpRequest) -> HttpResponse:
    """What it means, and then it is gone."""
    member = me(request)
    if not second_factor.has_app(member):
        return redirect("account")
    if request.method != "POST":
        return render(request, "members/app_removal.html")
    with transaction.atomic():
        if second_factor.remove_app(member):
            owe_notice("app-removed", member.email, once=timezone.now().isoformat(timespec="minutes"))
    messages.success(request, _("The app is not asked for any more."))
    return redirect("account")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes still unused; sending it makes ten new ones."""
    member = me(request)
    if not second_factor.has_app(member):
        return redirect("account")
    if request.method == "POST":
        with transaction.atomic():
            second_factor.renew_recovery_codes(member)
            owe_notice("recovery-renewed", member.email, once=timezone.now().isoformat(timespec="minutes"))
        messages.success(request, _("These are the new ones. The old ones open nothing any more."))
        return redirect("recovery_codes")
    codes = [f"{code[:4]} {code[4:]}" for code in second_factor.recovery_codes(member)]
    return render(request, "members/recovery_codes.html", {"codes": codes})


@login_required
@require_POST
def device_end(request: HttpRequest, code: str) -> HttpResponse:
    """Sign out there. Ending this one is signing out here."""
    found = next((one for one in Device.objects.filter(member=me(request)) if one.code == code), None)
    if found is None:
        raise Http404
    if found.session_key == request.session.session_key:
        logout(request)
        return redirect("account_login")
    found.delete()
    messages.success(request, _("Signed out there."))
    return redirect("account")


@login_required
@require_POST
def devices_end(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    Device.objects.filter(member=me(request)).exclude(session_key=request.session.session_key).delete()
    messages.success(request, _("You are signed in here alone."))
    return redirect("account")


app = lately(_app)
app_removal = lately(_app_removal)
recovery_codes = lately(_recovery_codes)
