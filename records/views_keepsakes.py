"""Photos and files of a session: shown, sent, hidden, taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.forms import BaseModelFormSet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events.models import Session
from events.models.asked import Details
from members import photo_views
from members.access import me
from members.templatetags.people import called
from records.forms_keepsakes import HandoutForm, Handouts, Pictures, PicturesForm
from records.keepsakes import Handout, Keepsake, Picture
from records.models import attended_by

UNPROCESSABLE = 422


@require_safe
def pictures(request: HttpRequest, code: str) -> HttpResponse:
    """The photos of a morning, as far as this reader may see them, one below the other."""
    session = get_object_or_404(Session.objects.visible_to(request.user).on().select_related("series"), code=code)
    shown = list(Picture.objects.visible_to(request.user).filter(session=session))
    if not shown:
        raise Http404
    may_hide = request.user.is_authenticated and attended_by(me(request)).filter(pk=session.pk).exists()
    return render(request, "records/pictures.html", {"session": session, "pictures": shown, "may_hide": may_hide})


@require_safe
def picture(request: HttpRequest, code: str) -> HttpResponse:
    """One photo."""
    return photo_views.answer(get_object_or_404(Picture.objects.visible_to(request.user), code=code).file)


@require_safe
def picture_small(request: HttpRequest, code: str) -> HttpResponse:
    """The same, as small as a gallery needs it."""
    return photo_views.answer(get_object_or_404(Picture.objects.visible_to(request.user), code=code).small)


@login_required
@require_POST
def picture_hiding(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody who came does not want to be seen on it. It is gone at once, for everybody."""
    seen = Picture.objects.visible_to(request.user).filter(session__in=attended_by(me(request)))
    found = get_object_or_404(seen.select_related("session"), code=code)
    found.hide(now=timezone.now(), member=me(request))
    messages.success(request, _("The photo is hidden from everybody. Nobody is told by whom."))
    return redirect("session", found.session.code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pictures_kept(request: HttpRequest, code: str) -> HttpResponse:
    """A host sends photos, says what they show and to whom, and takes them away."""
    session = _begun(request, code)
    known = Picture.objects.filter(session=session, hidden_at=None)
    form = PicturesForm(*_of(request, "send"), session=session, sender=me(request))
    words = Pictures(_of(request, "keep")[0], queryset=known)
    if "send" in request.POST and form.is_valid():
        sent, audience = form.cleaned_data["photos"], form.cleaned_data["audience"]
        Picture.objects.add(session, sent, audience=audience, now=timezone.now(), actor=me(request))
        messages.success(request, _("The photos are kept."))
        return redirect(request.path)
    if "keep" in request.POST and words.is_valid():
        _keep(words, request)
        return redirect(request.path)
    shy = Details.objects.filter(rsvp__session=session, no_pictures=True).select_related("rsvp__member")
    context = {
        "session": session,
        "form": form,
        "words": words,
        "shy": [called(one.rsvp.member) if one.rsvp.member else one.rsvp.name for one in shy],
        "hidden": Picture.objects.filter(session=session).exclude(hidden_at=None).count(),
    }
    return render(request, "records/pictures_kept.html", context, status=_status(form, words))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def handouts_kept(request: HttpRequest, code: str) -> HttpResponse:
    """A host sends a file, says what it is and for whom, and takes it away."""
    session = _begun(request, code)
    form = HandoutForm(*_of(request, "send"), session=session, sender=me(request))
    words = Handouts(_of(request, "keep")[0], queryset=Handout.objects.filter(session=session))
    if "send" in request.POST and form.is_valid():
        Handout.objects.add(session, **form.cleaned_data, now=timezone.now(), actor=me(request))
        messages.success(request, _("The file is kept."))
        return redirect(request.path)
    if "keep" in request.POST and words.is_valid():
        _keep(words, request)
        return redirect(request.path)
    context = {"session": session, "form": form, "words": words}
    return render(request, "records/handouts_kept.html", context, status=_status(form, words))


@require_safe
def handout(request: HttpRequest, code: str) -> HttpResponseBase:
    """A file, to be kept and not opened by the browser as a page of ours."""
    return handed_out(get_object_or_404(Handout.objects.visible_to(request.user), code=code))


def handed_out(found: Handout) -> HttpResponseBase:
    """The file, once somebody has been found to be allowed to read it."""
    try:
        response = FileResponse(found.file.open(), content_type="application/octet-stream")
    except FileNotFoundError as gone:
        raise Http404 from gone
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.download_name, safe='')}"
    return response


def _begun(request: HttpRequest, code: str) -> Session:
    """A session of this host's that has begun; else 404."""
    mine = Session.objects.hosted_by(me(request)).on().select_related("series")
    return get_object_or_404(mine, code=code, published_at__isnull=False, starts_at__lte=timezone.now())


def _of(request: HttpRequest, button: str) -> tuple[Any, Any]:
    """What was sent with this button: words and files."""
    return (request.POST, request.FILES) if button in request.POST else (None, None)


def _status(form: Any, words: Any) -> int:
    wrong = (form.is_bound and form.errors) or (words.is_bound and any(words.errors))
    return UNPROCESSABLE if wrong else 200


@transaction.atomic
def _keep(words: BaseModelFormSet[Any, Any], request: HttpRequest) -> None:
    rows: list[Keepsake] = words.save(commit=False)
    for row in rows:
        row.describe(words.form._meta.fields, now=timezone.now(), actor=me(request))  # noqa: SLF001 - Django's name
    for row in words.deleted_objects:
        row.remove(now=timezone.now(), actor=me(request))
    messages.success(request, _("Saved."))
