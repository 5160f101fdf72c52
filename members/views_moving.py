"""Another mail address: asked for, proved by a code that goes there, and taken back by whoever reads the old one."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members import limits, mailed_codes, moving
from members.access import me
from members.adapter import owe_notice
from members.devices import Device
from members.fields_typed import MailedCodeField
from members.mail_field import MailField
from members.models import Member
from members.proof import lately

WHAT_FOR = "move"
# In the session: the address the code was sent to, so far as anybody can see.
KEPT = "moving-to"


class AddressForm(forms.Form):
    email = MailField(label=gettext_lazy("The new mail address"))

    def __init__(self, *args: object, member: Member, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.member = member

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"].lower()
        if address == self.member.email:
            raise forms.ValidationError(_("That is your address already."))
        return address


class CodeForm(forms.Form):
    code = MailedCodeField()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _address_change(request: HttpRequest) -> HttpResponse:
    """The new address. The answer is the same whether it is free or not; if not, its owner is told."""
    form = AddressForm(request.POST if request.method == "POST" else None, member=me(request))
    if request.method == "POST" and form.is_valid():
        if refusal := limits.refused(request, "move", str(me(request).pk)):
            return refusal
        _send_code(request, me(request), form.cleaned_data["email"])
        return redirect("address_change_code")
    return render(request, "members/address_change.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def _send_code(request: HttpRequest, member: Member, address: str) -> None:
    now = timezone.now()
    request.session[KEPT] = address
    if moving.is_free(member, address):
        mailed_codes.ask(request, WHAT_FOR, address, _subject(member, address), now=now)
        return
    mailed_codes.pretend(request, WHAT_FOR, now=now)
    owe_notice("address-wanted", address, once=now.isoformat(timespec="minutes"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _address_change_code(request: HttpRequest) -> HttpResponse:
    """The code that came to the new address; with it the change is made."""
    member, now = me(request), timezone.now()
    address = request.session.get(KEPT)
    if not address or not mailed_codes.is_asked(request, WHAT_FOR, now=now):
        return redirect("address_change")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _moves(request, member, address, form.cleaned_data["code"]):
            messages.success(request, _("Mails come to the new address from now on."))
            return redirect("account")
        form.add_error(
            "code", _("This is not the code in the newest mail, or it is too old. You can ask for a new one.")
        )
    context = {"form": form, "address": address}
    return render(request, "members/address_change_code.html", context, status=422 if form.errors else 200)


def _moves(request: HttpRequest, member: Member, address: str, typed: str) -> bool:
    """Whether the code was right and the address is still free; then it is done, and others are signed out."""
    now = timezone.now()
    if not mailed_codes.opens(request, WHAT_FOR, _subject(member, address), typed, now=now):
        return False
    try:
        moving.move(member, address, now=now)
    except moving.TakenError:
        return False
    del request.session[KEPT]
    Device.objects.filter(member=member).exclude(session_key=request.session.session_key).delete()
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address_undo(request: HttpRequest, token: str) -> HttpResponse:
    """Out of the mail to the old address: it was not me."""
    former = moving.undoable(token, now=timezone.now())
    if former is None:
        raise Http404
    context: dict[str, object] = {"former": former}
    if request.method == "POST":
        try:
            moving.undo(former, now=timezone.now())
        except moving.TakenError:
            return render(request, "members/address_undo.html", context | {"is_taken": True}, status=409)
        context["is_done"] = True
    return render(request, "members/address_undo.html", context)


def _subject(member: Member, address: str) -> str:
    return f"{member.pk}:{member.email}:{address}"


address_change = lately(_address_change)
address_change_code = lately(_address_change_code, back="address_change")
