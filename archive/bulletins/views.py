"""The monthly letter: a host reads, changes and sends it; members read it at an address that stays."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from archive.bulletins import drafts, mails, outside
from archive.bulletins.forms import BulletinForm
from archive.bulletins.parts import read
from archive.models import Bulletin
from events import nights
from events.models import Series, Session
from members.access import joined_required, me
from members.models import Activity
from outbox import rendering
from outbox.frame import SANDBOX, framed
from outbox.models import Delivery

UNPROCESSABLE = 422


def _told_of(request: HttpRequest, code: str) -> Session:
    """A past session of this host's series; others are 404, so is a gathering: the letter is for the whole series."""
    past = Session.objects.of_series_hosted_by(me(request)).on().past(timezone.now())
    return get_object_or_404(past.select_related("series"), code=code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_bulletin(request: HttpRequest, code: str) -> HttpResponse:
    """The letter as it lies ready: drop things, change the greeting, look at it, send it."""
    session, now = _told_of(request, code), timezone.now()
    bulletin, offered = drafts.of(session, me(request), now=now)
    if bulletin.is_sent:
        return redirect(bulletin)
    initial = {"greeting": bulletin.greeting, "chosen": bulletin.chosen}
    data = request.POST if request.method == "POST" else None
    form = BulletinForm(data, initial=initial, keys=offered.keys)
    if data is not None and form.is_valid():
        try:
            return _keep(request, bulletin, form)
        except ValidationError as error:
            form.add_error("chosen", error)
    context = {
        "session": session,
        "bulletin": bulletin,
        "form": form,
        "offered": read(offered.keys, me(request)),
        "parts": (parts := read(bulletin.chosen, me(request))),
        "line": outside.text(bulletin, parts),
        "number": bulletin.readers().count(),
        "sandbox": SANDBOX,
    }
    return render(request, "archive/bulletin/edit.html", context, status=UNPROCESSABLE if form.errors else 200)


@transaction.atomic
def _keep(request: HttpRequest, bulletin: Bulletin, form: BulletinForm) -> HttpResponse:
    """Keep what was chosen, and send it if that was the button."""
    now, session = timezone.now(), bulletin.session
    kept = Bulletin.objects.keep(session, language=bulletin.language, now=now, **form.cleaned_data)
    if "send" not in request.POST:
        Activity.record(me(request), "bulletin.keep", f"session:{session.code}", now=now)
        messages.success(request, _("Kept. Below is how it looks now."))
        return redirect("session_bulletin", session.code)
    number = kept.send(now=now, actor=me(request))
    said = ngettext("The letter goes to %(n)d member.", "The letter goes to %(n)d members.", number) % {"n": number}
    messages.success(request, f"{said} {nights.word(now, session.zone, now=now)}".strip())
    return redirect(kept)


@login_required
@require_safe
def session_bulletin_mail(request: HttpRequest, code: str) -> HttpResponse:
    """The letter as the mail will be, for the frame beside the form."""
    session = _told_of(request, code)
    bulletin, _offered = drafts.of(session, me(request), now=timezone.now())
    preview = Delivery(kind="bulletin", key="bulletin:preview", to=me(request).email, language=get_language() or "ja")
    return framed(rendering.render(preview, mails.compose(bulletin, me(request)))["html"])


@joined_required
@require_safe
def bulletins(request: HttpRequest) -> HttpResponse:
    """All letters this member may read, the newest first."""
    seen = Bulletin.objects.visible_to(me(request)).select_related("series", "session")
    return render(request, "archive/bulletin/list.html", {"bulletins": seen.order_by("-sent_at", "-pk")[:120]})


@joined_required
@require_safe
def bulletin(request: HttpRequest, code: str) -> HttpResponse:
    """A letter as a page, for members; hosts find the text for a chat below it."""
    seen = Bulletin.objects.visible_to(me(request)).select_related("series", "session")
    found = get_object_or_404(seen, session__code=code)
    parts = read(found.chosen, me(request))
    context: dict[str, Any] = {"bulletin": found, "parts": parts}
    if Series.objects.hosted_by(me(request)).filter(pk=found.series_id).exists():
        context["line"] = outside.text(found, parts)
    return render(request, "archive/bulletin/page.html", context)
