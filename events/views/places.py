"""The club's rooms, as their hosts keep them: make, change, move, put aside; and the photos of the card."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from events import places
from events.forms.places import HostPhotoForm, VenueForm, VenueMoveForm
from events.models import HostPhoto, Rsvp, Session, Venue
from events.models.venue import keeps_rooms
from events.pages import meeting
from events.views.hosting import hosted, posted
from members import photo_views, photos
from members.access import me


def _known(request: HttpRequest, code: str) -> Venue:
    return get_object_or_404(Venue.objects.known_to(request.user), code=code)


def _of_hosts(request: HttpRequest) -> None:
    if not keeps_rooms(request.user):
        raise Http404


@login_required
@require_safe
def places_of_club(request: HttpRequest) -> HttpResponse:
    """All rooms, those put aside apart."""
    _of_hosts(request)
    rooms = list(Venue.objects.select_related("moved_to"))
    used = [room for room in rooms if room.archived_at is None]
    return render(request, "events/places.html", {"rooms": used, "aside": [r for r in rooms if r.archived_at]})


@login_required
@require_http_methods(["GET", "POST"])
def place_new(request: HttpRequest) -> HttpResponse:
    """A room the club has not met in yet."""
    _of_hosts(request)
    return _place(request, Venue())


@login_required
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One room, and everything about it."""
    return _place(request, _known(request, code))


def _place(request: HttpRequest, venue: Venue) -> HttpResponse:
    now = timezone.now()
    form = VenueForm(
        posted(request), request.FILES if request.method == "POST" else None, instance=venue, sender=me(request)
    )
    if request.method == "POST" and form.is_valid():
        _save(form, request)
        messages.success(request, _("Saved. Nobody was told: the page shows it as it is now."))
        return redirect(form.instance)
    coming = places.coming_at(venue, now=now).filter(cancelled_at=None).count() if venue.pk else 0
    context = {"form": form, "venue": venue, "coming": coming}
    return render(request, "events/place.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(form: VenueForm, request: HttpRequest) -> None:
    venue: Venue = form.instance
    places.correct(venue, now=timezone.now(), actor=me(request))
    photo: ContentFile[bytes] | None = form.cleaned_data["photo"]
    if photo is not None or form.cleaned_data.get("photo_gone"):
        photos.put(venue, "door_photo", photo)


@login_required
@require_http_methods(["GET", "POST"])
def place_moving(request: HttpRequest, code: str) -> HttpResponse:
    """The restaurant has moved; says beforehand how many mornings and people that concerns."""
    venue = _known(request, code)
    if venue.moved_to is not None:
        return redirect(venue.moved_to)
    now = timezone.now()
    # A row of its own: the old one keeps what was true.
    form = VenueMoveForm(posted(request), instance=Venue(**{name: getattr(venue, name) for name in places.MOVED}))
    if request.method == "POST" and form.is_valid():
        moved = places.move(venue, form.cleaned_data, now=now, actor=me(request))
        messages.success(request, _("Moved. Everybody concerned is told once, and calendars follow."))
        return redirect(moved)
    return render(
        request, "events/place_moving.html", _moving(venue, form), status=422 if form.errors else 200
    )  # fmt: skip


def _moving(venue: Venue, form: VenueMoveForm) -> dict[str, Any]:
    coming = places.coming_at(venue, now=timezone.now()).filter(cancelled_at=None)
    told = Rsvp.objects.filter(session__in=coming.filter(published_at__isnull=False).order_by())
    people = told.seated().count() + told.waiting().count()
    return {"venue": venue, "form": form, "coming": coming.count(), "people": people}


@login_required
@require_POST
def place_archiving(request: HttpRequest, code: str) -> HttpResponse:
    """Offered no more."""
    _known(request, code).archive(now=timezone.now(), actor=me(request))
    return redirect("places")


@login_required
@require_POST
def place_return(request: HttpRequest, code: str) -> HttpResponse:
    """Offered again."""
    _known(request, code).bring_back(now=timezone.now(), actor=me(request))
    return redirect("places")


@login_required
@require_safe
def place_photo(request: HttpRequest, code: str) -> HttpResponse:
    """The door, for hosts."""
    return photo_views.answer(_known(request, code).door_photo)


@login_required
@require_http_methods(["GET", "POST"])
def host_photo(request: HttpRequest) -> HttpResponse:
    """My face on the card, given for it alone: another photo, or a copy of the one on my page."""
    _of_hosts(request)
    own = photos.stored(me(request).photo) if "own" in request.POST else b""
    form = HostPhotoForm(posted(request), request.FILES if request.method == "POST" else None, sender=me(request))
    if request.method == "POST" and (own or form.is_valid()):
        photo = ContentFile(own) if own else form.cleaned_data["photo"]
        HostPhoto.give(me(request), photo, now=timezone.now())
        messages.success(request, _("Your photo stands on the card."))
        return redirect("host_photo")
    context = {"form": form, "has_photo": HostPhoto.objects.filter(member=me(request)).exists()}
    return render(request, "events/host_photo.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def host_photo_file(request: HttpRequest) -> HttpResponse:
    """My photo, to look at."""
    found = get_object_or_404(HostPhoto, member=me(request))
    return photo_views.answer(found.file)


@login_required
@require_POST
def host_photo_removal(request: HttpRequest) -> HttpResponse:
    """My photo stands there no more."""
    HostPhoto.take_back(me(request))
    return redirect("host_photo")


@login_required
@require_POST
def card_renewal(request: HttpRequest, code: str) -> HttpResponse:
    """A new link for a morning's card; the one that went round leads nowhere."""
    hosted(request, code).renew_card(now=timezone.now(), actor=me(request))
    messages.success(request, _("The card has a new link. The old one leads nowhere any more."))
    return redirect("session", code)


@require_safe
def card_photo(_request: HttpRequest, code: str, whose: str) -> HttpResponse:
    """The door or the host, for whoever has the card."""
    try:
        found = meeting.photo(code, whose, now=timezone.now())
    except Session.DoesNotExist as missing:
        raise Http404 from missing
    return photo_views.answer(found)
