"""The picture that a chat or a network shows beside the address of a public session."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import override
from django.views.decorators.http import require_safe

from events import dates, programme
from events.models import Session
from events.pages.front import label, who
from events.pictures import shared
from members.models import Club

KEPT_SECONDS = 3600


@require_safe
def picture(request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Drawn once for what it says, in the session's own language; only of what a stranger may see."""
    sessions = Session.objects.visible_to(AnonymousUser()).published().select_related("series")
    session = get_object_or_404(sessions, code=code)
    with override(session.language):
        drawn = _drawn(session.code, said(session))
    response = HttpResponse(drawn, content_type="image/png")
    response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


def said(session: Session) -> shared.Shared:
    """What the picture of a session says, in the active language."""
    on = programme.of(session)
    month, day, weekday, clock = dates.parts(session.local_start, session.language)
    return shared.Shared(
        date=(month, day, weekday, "" if session.is_day_only else clock),
        series=label(session),
        title=programme.title(session, on),
        who=who(on),
        club=Club.current().display_name,
        cover=on.book.cover if on.book else "",
    )


def _drawn(code: str, says: shared.Shared) -> bytes:
    """This picture, from its file where it is kept; older ones of the same session give way to it.

    What another request takes away meanwhile is drawn again: the picture that is given out is never read back.
    """
    folder = settings.DATA_DIR / "pictures"
    file: Path = folder / f"{code}-{hashlib.blake2b(repr(says).encode(), digest_size=8).hexdigest()}.png"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        drawn = shared.png(says)
    folder.mkdir(parents=True, exist_ok=True)
    older = [one for one in folder.glob(f"{code}-*.png") if one != file]
    with NamedTemporaryFile(dir=folder, delete=False) as beside:
        beside.write(drawn)
    Path(beside.name).replace(file)
    for one in older:
        one.unlink(missing_ok=True)
    return drawn
