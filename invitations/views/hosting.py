"""What a host does with an invitation. Everything here loads through what the host may change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.models import Session
from invitations import afterwards, letters, link, mails, steps
from invitations.forms import AnswerForm, DetailsForm, GuestForm, LetterForm, NudgeForm, ThanksForm
from invitations.models import Invitation, Wish
from members.access import me
from records.models import Report

UNPROCESSABLE = 422


def hosted(request: HttpRequest, code: str) -> Invitation:
    """The invitation, if the reader hosts its session; else 404 like one that does not exist."""
    return get_object_or_404(Invitation.objects.hosted_by(request.user).whole(), code=code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_new(request: HttpRequest, code: str) -> HttpResponse:
    """Whom to ask. The letter is drafted from what the club knows; nothing is sent."""
    sessions = Session.objects.of_series_hosted_by(request.user).select_related("series", "venue")
    session = get_object_or_404(sessions, code=code)
    wish = Wish.objects.open().filter(code=request.GET.get("wish", "")).first()
    form = GuestForm(_sent(request), session=session, host=me(request), wish=wish)
    if request.method == "POST" and form.is_valid():
        invitation = form.invite(now=timezone.now())
        if not form.is_fresh:
            messages.info(request, _("This guest is asked already; here is the letter. Its book is chosen in it."))
        return redirect("invitation", invitation.code)
    asked = session.invitations.select_related("speaker").order_by("pk")
    context = {"form": form, "session": session, "asked": asked, "wish": wish}
    return render(request, "invitations/new.html", context, status=_status(form.errors))


@login_required
@require_safe
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """How the asking stands, how its mail stands, and the letter as the guest sees it."""
    return page(request, hosted(request, code))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_edit(request: HttpRequest, code: str) -> HttpResponse:
    """The letter, field by field."""
    invitation = hosted(request, code)
    form = LetterForm(_sent(request), instance=invitation, now=timezone.now())
    if request.method == "POST" and form.is_valid():
        form.keep(now=timezone.now(), actor=me(request))
        messages.success(request, _("Saved. This is how the guest sees it."))
        return redirect("invitation", code)
    context = {"form": form, "invitation": invitation, "session": invitation.session}
    return render(request, "invitations/edit.html", context, status=_status(form.errors))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def morning(request: HttpRequest, code: str) -> HttpResponse:
    """What the guest is told of the morning, as the mail will have it."""
    invitation = hosted(request, code)
    form = DetailsForm(_sent(request), instance=invitation)
    if request.method == "POST" and form.is_valid():
        form.keep(now=timezone.now(), actor=me(request))
        messages.success(request, _("Kept. The guest reads it on their page, and in the mails before the morning."))
        return redirect("invitation", code)
    context = {"form": form, "invitation": invitation, "session": invitation.session}
    return render(request, "invitations/morning.html", context, status=_status(form.errors))


@login_required
@require_POST
def sending(request: HttpRequest, code: str) -> HttpResponse:
    """The letter goes out."""
    return act(request, code, lambda one, now: one.send(now=now, actor=me(request)), _("The letter is on its way."))


@login_required
@require_POST
def handover(request: HttpRequest, code: str) -> HttpResponse:
    """The host passes the letter on in person."""
    said = _("Noted. Pass the private link on yourself.")
    return act(request, code, lambda one, now: one.hand_over(now=now, actor=me(request)), said)


@login_required
@require_POST
def reminder(request: HttpRequest, code: str) -> HttpResponse:
    """Once more, with a word before it that the host may change."""
    form = NudgeForm(request.POST, instance=hosted(request, code))
    if not form.is_valid():
        return page(request, hosted(request, code), nudge=form)
    words, said = form.cleaned_data["nudge"], _("The letter is on its way once more.")
    return act(request, code, lambda one, now: one.write_again(now=now, nudge=words, actor=me(request)), said)


@login_required
@require_POST
def date(request: HttpRequest, code: str) -> HttpResponse:
    """Follow the date the guest chose."""
    said = _("Done: the guest stands in the programme of that date.")
    return act(request, code, lambda one, now: one.take_date(now=now, actor=me(request)), said)


@login_required
@require_POST
def link_renewal(request: HttpRequest, code: str) -> HttpResponse:
    """A new private link; the old one is void."""
    said = _("There is a new link; the old one leads nowhere.")
    return act(request, code, lambda one, now: one.renew_link(now=now, actor=me(request)), said)


@login_required
@require_POST
def link_revocation(request: HttpRequest, code: str) -> HttpResponse:
    """No private page any more."""
    said = _("The private page is closed.")
    return act(request, code, lambda one, now: one.revoke_link(now=now, actor=me(request)), said)


@login_required
@require_POST
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """What the host heard by telephone, by mail or through the editor."""
    invitation = hosted(request, code)
    form = AnswerForm(request.POST, invitation=invitation)
    if not form.is_valid():
        return page(request, invitation, form)
    heard = form.cleaned_data
    said = _("Noted.")
    return act(
        request,
        code,
        lambda one, now: one.record(heard["state"], how=heard["how"], note=heard["note"], now=now, actor=me(request)),
        said,
    )


def act(request: HttpRequest, code: str, verb: Callable[[Invitation, datetime], None], said: str) -> HttpResponse:
    """One verb, then the page again; what cannot be done is said there."""
    try:
        verb(hosted(request, code), timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("invitation", code)


def page(
    request: HttpRequest,
    invitation: Invitation,
    form: AnswerForm | None = None,
    *,
    nudge: NudgeForm | None = None,
    thanks: ThanksForm | None = None,
) -> HttpResponse:
    """The invitation as the host sees it; a form that was refused stands on it with what was typed."""
    now = timezone.now()
    with translation.override(invitation.language):
        letter = letters.compose(invitation, now=now)
        drafted = {"nudge": mails.nudge(invitation), "thanks": afterwards.words(invitation)}
    readable = invitation.is_readable(now)
    refused = any(form is not None and form.errors for form in (form, nudge, thanks))
    context = {
        "invitation": invitation,
        "session": invitation.session,
        "letter": letter,
        "mail": mails.state_of_mail(invitation),
        "nudge": nudge or NudgeForm(instance=invitation, initial={"nudge": drafted["nudge"]}),
        "private_link": link.address(invitation) if readable else "",
        "chosen": invitation.chosen_start and invitation.chosen_start.astimezone(invitation.session.zone),
        "form": form or AnswerForm(invitation=invitation, initial={"how": Invitation.Told.PHONE}),
        "is_telephoned": steps.is_telephoned(invitation.session, invitation, now=now),
    }
    if invitation.has_accepted and invitation.session.is_over(now):
        report = Report.objects.filter(session=invitation.session).first()
        context |= {
            "report": report,
            "finds_right": report is not None and invitation.finds_right(report),
            "may_thank": invitation.may_thank(now),
            "thanks": thanks or ThanksForm(instance=invitation, initial={"thanks": drafted["thanks"]}),
        }
    return render(request, "invitations/invitation.html", context, status=_status(refused))


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, also when it is nothing."""
    return request.POST if request.method == "POST" else None


def _status(errors: object) -> int:
    return UNPROCESSABLE if errors else 200
