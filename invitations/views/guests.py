"""Who the club's guests are: the shelf of books, a guest's page, and the form in which hosts keep them.

A guest is seen by whoever may see a published morning they speak at; that somebody is merely invited, hosts alone see.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import programme
from events.models import Membership, Session, Talk
from events.models.series import Viewer
from invitations import shelf
from invitations.guest_forms import FollowForm
from invitations.shelf_forms import ShelfForms
from members import photo_views, photos
from members.access import me
from members.models import Activity
from speakers import covers, openbd
from speakers.forms import BookForm, FaceForm, SpeakerForm
from speakers.models import Book, Speaker

GUESTS_ON_A_SHELF = 100
UNPROCESSABLE = 422


def hosts_anything(viewer: Viewer) -> bool:
    """Guests belong to the club: whoever hosts any series keeps them."""
    if not viewer.is_authenticated:
        return False
    return viewer.is_staff or Membership.objects.hosts().filter(member=viewer).exists()


def sessions_of_guests(viewer: Viewer) -> QuerySet[Session]:
    """Mornings that tell this viewer who spoke or will speak."""
    return Session.objects.visible_to(viewer).on()


def seen_by(viewer: Viewer) -> QuerySet[Speaker]:
    """Guests this viewer may know of, those of the newest mornings first."""
    talks = Q(talks__session__in=sessions_of_guests(viewer).values("pk"))
    last = Max("talks__session__starts_at", filter=talks)
    return Speaker.objects.filter(talks).alias(last=last).order_by("-last", "pk")


@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """The shelf: books of all guests, the newest guests first; a guest without a book stands there by name."""
    shelf = seen_by(request.user).prefetch_related(Prefetch("books", Book.objects.order_by("-published_on", "pk")))
    page = Paginator(shelf, GUESTS_ON_A_SHELF).get_page(request.GET.get("page"))
    spines = [
        {"title": title, "author": author, "url": guest.get_absolute_url(), "picture": picture}
        for guest in page
        for title, author, picture in [(book.title, guest.name, book.picture) for book in guest.books.all()]
        or [(guest.name, "", None)]
    ]
    context = {"page": page, "pages": page.paginator.get_elided_page_range(page.number), "spines": spines}
    return render(request, "speakers/books.html", context)


@require_safe
def speaker(request: HttpRequest, code: str) -> HttpResponse:
    """A guest: names, books, and the mornings with them this reader may see."""
    hosting = hosts_anything(request.user)
    known = Speaker.objects.all() if hosting else seen_by(request.user)
    guest = get_object_or_404(known, code=code)
    now = timezone.now()
    named = Talk.objects.filter(session=OuterRef("pk"), speakers=guest.pk)
    sessions = sessions_of_guests(request.user).filter(Exists(named)).select_related("series").order_by("-starts_at")
    talks = list(_talks(guest, list(sessions), now=now))
    context = {
        "speaker": guest,
        "books": list(guest.books.all()),
        "talks": talks,
        "is_coming": any(not talk["is_past"] for talk in talks),
        "hosting": hosting,
        "follow": FollowForm(initial={"email": getattr(request.user, "email", "")}),
    }
    return render(request, "speakers/speaker.html", context)


def _talks(guest: Speaker, sessions: list[Session], *, now: datetime) -> Iterator[dict[str, Any]]:
    """Each morning with this guest; of one with several talks, what the guest spoke about, and where it stands."""
    told = programme.programmes(sessions)
    for one in sessions:
        talks, title = told[one.pk].talks, programme.title(one, told[one.pk])
        shown = {"session": one, "title": title, "href": one.get_absolute_url(), "is_past": one.is_over(now)}
        own = [talk for talk in talks if any(speaker.code == guest.code for speaker in talk.guests)]
        if len(talks) == 1:
            yield shown
            continue
        for talk in own:
            yield shown | {"title": talk.title or title, "href": f"{shown['href']}#talk-{talk.pk}"}


@require_safe
def speaker_photo(request: HttpRequest, code: str) -> HttpResponse:
    """The photo, for whoever may know of the guest."""
    known = Speaker.objects.all() if hosts_anything(request.user) else seen_by(request.user)
    return photo_views.answer(get_object_or_404(known, code=code).photo)


@require_safe
def book_cover(request: HttpRequest, code: str, mark: str) -> HttpResponse:
    """The cover of a book, for whoever may know of it; what everybody may know, caches keep for good."""
    book = get_object_or_404(Book, code=code)
    if covers.mark(str(book.cover)) != mark:
        raise Http404
    if _is_seen(book, AnonymousUser()):
        return photo_views.answer(book.cover, is_public=True)
    if not (hosts_anything(request.user) or _is_seen(book, request.user)):
        raise Http404
    return photo_views.answer(book.cover)


def _is_seen(book: Book, viewer: Viewer) -> bool:
    """Whether it is of a guest this viewer may know of, or lies on the table of a morning they may see."""
    talks = Talk.objects.filter(Q(book=book) | Q(speakers=book.speaker_id))
    return talks.filter(session__in=sessions_of_guests(viewer).values("pk")).exists()


@login_required
@require_POST
def speaker_face(request: HttpRequest, code: str) -> HttpResponse:
    """Another photo of the guest, or none any more."""
    guest = _kept(request, code)
    form = FaceForm(request.POST, request.FILES, auto_id="face_%s", sender=me(request))
    if not form.is_valid():
        return _edit(request, guest, face=form)
    now = timezone.now()
    with transaction.atomic():
        photos.put(guest, "photo", None if form.cleaned_data["gone"] else form.cleaned_data["photo"])
        Session.objects.filter(talks__speakers=guest).update(changed_at=now)
        Activity.record(me(request), "speaker.face", f"speaker:{guest.code}", now=now)
    messages.success(request, _("Saved."))
    return redirect("speaker_edit", code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def speaker_edit(request: HttpRequest, code: str) -> HttpResponse:
    """A guest's record, for hosts."""
    guest = _kept(request, code)
    form = SpeakerForm(request.POST if request.method == "POST" else None, instance=guest)
    if request.method == "POST" and form.is_valid():
        # The form's fields alone: the guest may have given another photo since the row was read.
        shelf.correct(guest, form.Meta.fields, now=timezone.now(), actor=me(request))
        messages.success(request, _("Saved."))
        return redirect("speaker", code)
    return _edit(request, guest, form=form)


@login_required
@require_http_methods(["POST"])
def speaker_books(request: HttpRequest, code: str) -> HttpResponse:
    """One more book of this guest; the same title again corrects what is there."""
    guest = _kept(request, code)
    sent = ShelfForms(guest, request.POST, request.FILES, sender=me(request))
    if "look" in request.POST and not sent.which and openbd.is_on():
        sent.new = _looked_up(sent.new)
        return _edit(request, guest, shelved=sent)
    form = sent.sent
    if form.is_valid() and _kept_on_shelf(request, guest, form):
        messages.success(request, _("Saved.") if sent.which else _("The book is on the shelf."))
        return redirect("speaker_edit", code)
    return _edit(request, guest, shelved=sent)


def _kept_on_shelf(request: HttpRequest, guest: Speaker, form: BookForm) -> bool:
    now = timezone.now()
    try:
        with transaction.atomic():
            shelf.keep(
                guest, shelf.Told(**form.cleaned_data), book=form.instance if form.instance.pk else None, now=now
            )
            Activity.record(me(request), "speaker.book", f"speaker:{guest.code}", now=now)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@login_required
@require_POST
def speaker_book_removal(request: HttpRequest, code: str, book: str) -> HttpResponse:
    """A book that is none of this guest's, or was put there by mistake."""
    guest = _kept(request, code)
    now = timezone.now()
    try:
        with transaction.atomic():
            shelf.take_off(get_object_or_404(guest.books, code=book), now=now)
            Activity.record(me(request), "speaker.book-removal", f"speaker:{guest.code}", now=now)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The book is off the shelf."))
    return redirect("speaker_edit", code)


def _looked_up(form: BookForm) -> BookForm:
    """The form filled in by what openBD knows of the ISBN; nothing is kept yet, and nothing typed is lost."""
    form.errors.pop("title", None)
    isbn = form.cleaned_data.get("isbn", "")
    if not isbn:
        if "isbn" not in form.errors:
            form.add_error("isbn", _("Please write the ISBN first."))
        return form
    try:
        found = openbd.look_up(isbn)
    except openbd.Silent:
        form.add_error("isbn", _("The look-up does not answer. Please write title and publisher yourself."))
        return form
    if found is None:
        form.add_error("isbn", _("openBD does not know this ISBN. Please write title and publisher yourself."))
        return form
    told = {"title": found.title, "publisher": found.publisher, "isbn": isbn}
    cover = form.cleaned_data.get("cover") or found.cover
    return BookForm(initial=told, auto_id="book_%s", author=found.author, found=cover, sender=form.sender)


def _kept(request: HttpRequest, code: str) -> Speaker:
    if not hosts_anything(request.user):
        raise Http404
    return get_object_or_404(Speaker, code=code)


def _edit(
    request: HttpRequest,
    guest: Speaker,
    *,
    form: SpeakerForm | None = None,
    shelved: ShelfForms | None = None,
    face: FaceForm | None = None,
) -> HttpResponse:
    shelved = shelved or ShelfForms(guest)
    refused = any(one is not None and one.errors for one in (form, shelved.sent, face))
    context = {
        "speaker": guest,
        "form": form or SpeakerForm(instance=guest),
        "new": shelved.new,
        "places": shelved.places(lambda book: book.picture),
        "face": face or FaceForm(auto_id="face_%s", sender=None),
        "may_look_up": openbd.is_on(),
    }
    return render(request, "speakers/edit.html", context, status=UNPROCESSABLE if refused else 200)
