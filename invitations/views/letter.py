"""The guest's own page behind the private link: no account, nothing set by looking, this invitation and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm, Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from events import questions
from events.pages import people
from invitations import details, letters, link, readers, shelf
from invitations.guest_forms import (
    OTHER,
    AboutForm,
    NeedsForm,
    PictureForm,
    ReplyForm,
    ReportAnswerForm,
    SlideGoneForm,
    SlidesForm,
)
from invitations.models import Invitation
from invitations.shelf_forms import BookGoneForm, ShelfForms
from members import photo_views
from records import markdown, remains
from records.keepsakes import HandoutQuerySet, PictureQuerySet
from records.models import Handout, Picture, Report
from records.views_keepsakes import handed_out
from speakers import covers
from speakers.forms import BookForm, FaceForm
from speakers.models import Book

UNPROCESSABLE = 422
Act = Callable[[Invitation, Any, datetime], object]


# Without a CSRF token: who knows the link may act, nobody else can name the address, and looking sets no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def letter_by_link(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The letter as the mail's link opens it. The first answer goes on at the address without the token."""
    invitation = _readable(code)
    if not link.fits(invitation, token):
        raise Http404
    response = _letter(request, invitation, by_link=True)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, code: str) -> HttpResponse:
    """The same page for a browser in which the guest has answered."""
    invitation = _readable(code)
    if not link.is_remembered(request, invitation):
        raise Http404
    return _letter(request, invitation, by_link=False)


@require_safe
def letter_picture(request: HttpRequest, code: str, picture: str, token: str = "") -> HttpResponse:
    """A photo of the morning, small, for its guest."""
    invitation = _readable(code)
    if not (link.fits(invitation, token) if token else link.is_remembered(request, invitation)):
        raise Http404
    response = photo_views.answer(get_object_or_404(_pictures(invitation), code=picture).small)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def letter_face(request: HttpRequest, code: str, token: str = "") -> HttpResponse:
    """The guest's own photo, as their page shows it: also before anybody else may see it."""
    invitation = _readable(code)
    if not (link.fits(invitation, token) if token else link.is_remembered(request, invitation)):
        raise Http404
    response = photo_views.answer(invitation.speaker.photo)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def letter_cover(request: HttpRequest, code: str, book: str, token: str = "") -> HttpResponse:
    """The cover of one of the guest's books, as their page shows it."""
    invitation = _readable(code)
    if not (link.fits(invitation, token) if token else link.is_remembered(request, invitation)):
        raise Http404
    response = photo_views.answer(get_object_or_404(invitation.speaker.books, code=book).cover)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _cover_at(invitation: Invitation, book: Book, *, by_link: bool) -> covers.Shown | None:
    """Where the guest's own page finds it; another picture is another address."""
    stored = str(book.cover)
    place = f"covers/{book.code}/" if by_link else reverse("letter_cover", args=[invitation.code, book.code])
    return covers.shown(book.code, stored, url=f"{place}?{covers.mark(stored)[:8]}")


@require_safe
def letter_slides(request: HttpRequest, code: str, handout: str, token: str = "") -> HttpResponseBase:
    """A file the guest has sent, as it lies here."""
    invitation = _readable(code)
    if not (link.fits(invitation, token) if token else link.is_remembered(request, invitation)):
        raise Http404
    response = handed_out(get_object_or_404(_slides(invitation), code=handout))
    response["Referrer-Policy"] = "no-referrer"
    return response


def _slides(invitation: Invitation) -> HandoutQuerySet:
    return Handout.objects.from_guest(invitation.session, invitation.speaker)


def _pictures(invitation: Invitation) -> PictureQuerySet:
    """The photos this guest may object to: of a morning they came to, once they may read its report."""
    session = invitation.session
    report = Report.objects.filter(session=session).first()
    is_shown = report is not None and (report.shown_at or report.is_published)
    if not (is_shown and invitation.has_accepted and session.is_over(timezone.now())):
        return Picture.objects.none()
    return Picture.objects.for_guest(session)


def _readable(code: str) -> Invitation:
    invitation = get_object_or_404(Invitation.objects.whole(), code=code)
    if not invitation.is_readable(timezone.now()):
        raise Http404
    return invitation


def _letter(request: HttpRequest, invitation: Invitation, *, by_link: bool) -> HttpResponse:
    with translation.override(invitation.language):
        response = _answer(request, invitation, by_link=by_link)
    response["Content-Language"] = invitation.language
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    return response


def _answer(request: HttpRequest, invitation: Invitation, *, by_link: bool) -> HttpResponse:
    """What was sent is done by its part of the page; a mistake shows the page again with what was typed."""
    part = request.POST.get("part", "") if request.method == "POST" else ""
    books = ShelfForms(invitation.speaker, *((request.POST, request.FILES) if part == "book" else ()))
    forms = _forms(invitation, books, part, request)
    if request.method == "POST":
        if part not in PARTS:
            raise Http404
        form = forms[part]
        if form.is_valid() and _done(PARTS[part], invitation, form):
            link.remember(request, invitation)
            return redirect(f"{redirect('letter', invitation.code).url}#{part}")
        invitation.refresh_from_db()
    at = partial(_cover_at, invitation, by_link=by_link)
    shelved = {"places": books.places(at), "new": books.new, "by_link": by_link}
    context = _context(invitation, now=timezone.now()) | forms | shelved
    return render(request, "invitations/letter.html", context, status=UNPROCESSABLE if part else 200)


def _forms(invitation: Invitation, books: ShelfForms, part: str, request: HttpRequest) -> dict[str, BaseForm]:
    """The forms of the page; the one that was sent holds what was typed."""
    sent = {part: request.POST}
    return {
        "reply": ReplyForm(sent.get("reply"), invitation=invitation),
        "about": AboutForm(sent.get("about"), instance=invitation.speaker, auto_id="about_%s"),
        "needs": NeedsForm(sent.get("needs"), instance=invitation, auto_id="needs_%s"),
        "face": FaceForm(sent.get("face"), request.FILES if part == "face" else None, auto_id="face_%s", sender=None),
        "book": books.sent,
        "book_gone": BookGoneForm(sent.get("book_gone"), speaker=invitation.speaker),
        "verdict": ReportAnswerForm(sent.get("verdict")),
        "slides": SlidesForm(
            sent.get("slides"),
            request.FILES if part == "slides" else None,
            session=invitation.session,
            sender=None,
            auto_id="slides_%s",
        ),
        "slide": SlideGoneForm(sent.get("slide"), handouts=_slides(invitation)),
        "thanks": Form(sent.get("thanks")),
        "picture": PictureForm(sent.get("picture"), pictures=_pictures(invitation) if part == "picture" else None),
    }


def _done(act: Act, invitation: Invitation, form: BaseForm) -> bool:
    try:
        act(invitation, form, timezone.now())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _reply(invitation: Invitation, form: ReplyForm, now: datetime) -> None:
    values = form.cleaned_data
    if values["answer"] == "decline":
        invitation.decline(how=Invitation.Told.LINK, note=values["note"], now=now)
    elif values["date"] == OTHER:
        invitation.ask_for_another_date(note=values["note"], now=now)
    else:
        invitation.accept(how=Invitation.Told.LINK, note=values["note"], start=form.start, now=now)


def _about(invitation: Invitation, form: AboutForm, now: datetime) -> None:
    invitation.describe(form.about, now=now)


def _needs(invitation: Invitation, form: NeedsForm, now: datetime) -> None:
    invitation.prepare(form.cleaned_data, now=now)


def _face(invitation: Invitation, form: FaceForm, now: datetime) -> None:
    invitation.show_face(None if form.cleaned_data["gone"] else form.cleaned_data["photo"], now=now)


def _book(invitation: Invitation, form: BookForm, now: datetime) -> None:
    of = form.instance if form.instance.pk else None
    invitation.bring_book(shelf.Told(**form.cleaned_data), book=of, now=now)


def _take_book_off(invitation: Invitation, form: BookGoneForm, now: datetime) -> None:
    invitation.take_book_back(form.cleaned_data["which"], now=now)


def _verdict(invitation: Invitation, form: ReportAnswerForm, now: datetime) -> None:
    values = form.cleaned_data
    invitation.answer_report(is_right=values["verdict"] == "right", remark=values["remark"], now=now)


def _thanks(invitation: Invitation, _form: Form, now: datetime) -> None:
    invitation.read_thanks(now=now)


def _picture(_invitation: Invitation, form: PictureForm, now: datetime) -> None:
    form.cleaned_data["picture"].hide(now=now, member=None)


def _send_slides(invitation: Invitation, form: SlidesForm, now: datetime) -> None:
    invitation.send_file(
        form.cleaned_data["file"], now=now, title=form.cleaned_data["title"], audience=form.cleaned_data["audience"]
    )


def _take_slides_back(_invitation: Invitation, form: SlideGoneForm, now: datetime) -> None:
    form.cleaned_data["handout"].remove(now=now, actor=None)


PARTS: dict[str, Act] = {
    "reply": _reply,
    "about": _about,
    "needs": _needs,
    "face": _face,
    "book": _book,
    "book_gone": _take_book_off,
    "verdict": _verdict,
    "thanks": _thanks,
    "picture": _picture,
    "slides": _send_slides,
    "slide": _take_slides_back,
}


def _context(invitation: Invitation, *, now: datetime) -> dict[str, Any]:
    session = invitation.session
    chosen = invitation.chosen_start if invitation.wants_other_date else None
    return {
        "invitation": invitation,
        "session": session,
        "letter": letters.compose(invitation, now=now),
        "selected": invitation.chosen_start if invitation.chosen_start in invitation.dates else session.starts_at,
        "dates": [at.astimezone(session.zone) for at in invitation.dates],
        "chosen": chosen and chosen.astimezone(session.zone),
        "can_answer": invitation.can_answer(now),
        "party_waits": session.guest_seats < session.guest_party,
        "handouts": list(_slides(invitation)) if invitation.has_accepted else [],
        "room": people.for_guest(session),
        "details": details.facts(invitation) if details.comes(invitation) else [],
        "readers": readers.of(invitation, now=now),
        "questions": [] if invitation.has_declined else questions.for_guest(session),
        **(_afterwards(invitation) if invitation.has_accepted and session.is_over(now) else {}),
    }


def _afterwards(invitation: Invitation) -> dict[str, Any]:
    """Report and photos as far as the guest may see them, and what people took home."""
    session = invitation.session
    report = Report.objects.filter(session=session).first()
    shown = report if report and (report.shown_at or report.is_published) else None
    return {
        "is_over": True,
        "report": shown,
        "finds_right": shown is not None and invitation.finds_right(shown),
        "remark": invitation.report_remark if shown else "",
        "report_html": markdown.html(shown.body) if shown else "",
        "pictures": list(Picture.objects.for_guest(session)) if shown else [],
        "lines": remains.for_guest(session),
    }
