"""/mailbox/gallery/ of local mode: every kind of mail there is, in both languages, as text and as a page.

Each is made by a scene with the sample people (archive/sample/scenes.py), which is taken back when the mail is made.
"""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone
from django.views.decorators.http import require_safe

from archive.sample import scenes
from outbox import kinds, rendering
from outbox.frame import SANDBOX, framed

LANGUAGES = ("ja", "en")


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """All kinds by name."""
    return render(request, "mailbox/gallery.html", {"kinds": by_mail(), "is_there": scenes.is_there()})


@require_safe
def gallery_mail(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """One kind in one language: subject, page in a frame, text, calendar part."""
    mail = made(kind, language)
    context = {"kind": kind, "written_in": language, "other": "en" if language == "ja" else "ja", "mail": mail}
    return render(request, "mailbox/gallery_mail.html", {**context, "sandbox": SANDBOX})


@require_safe
def gallery_page(_request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """Its HTML alone, for the frame."""
    return framed(made(kind, language)["html"])


def by_mail() -> list[str]:
    """The kinds that go by mail; a word by LINE alone has no page."""
    return [kind.name for kind in kinds.all_kinds() if _has_page(kind)]


def made(kind: str, language: str) -> dict[str, Any]:
    """The mail as it would be stored for sending. What the scene wrote is taken back."""
    if kind not in by_mail() or language not in LANGUAGES or not scenes.is_there():
        raise Http404
    now = timezone.now()
    # Where it is noon: mails that keep quiet at night by the club's own clock are shown at any hour.
    with transaction.atomic(), timezone.override(scenes.Stage(now).zone):
        delivery = scenes.play(kind, now=now)
        delivery.language = language
        mail = rendering.render(delivery, rendering.letter(delivery))
        transaction.set_rollback(True)
    return mail


def _has_page(kind: kinds.Kind) -> bool:
    try:
        get_template(f"emails/{kind.template_name}_message.html")
    except TemplateDoesNotExist:
        return False
    return True
