"""Why mornings are called off at the last hour: chosen with one tap, said in each reader's language. Pure."""

from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

CHOSEN = (
    gettext_noop("Because of the typhoon"),
    gettext_noop("Because of the snow"),
    gettext_noop("Trains have stopped"),
    gettext_noop("The host is ill"),
)


def choices() -> Sequence[str]:
    """The reasons, as the host reads them on the buttons."""
    return [_(reason) for reason in CHOSEN]


def said(reason: str) -> str:
    """A chosen reason in the active language; a typed one as it was typed."""
    known = _in_every_language().get(reason)
    return _(known) if known else reason


@cache
def _in_every_language() -> dict[str, str]:
    """From what a host may have tapped to the reason it is."""
    known: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            known |= {_(reason): reason for reason in CHOSEN}
    return known
