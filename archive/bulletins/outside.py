"""The letter as a text for a chat like LINE. It leaves the club: only what everybody may read is in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from archive.bulletins.parts import Item, Part
from archive.models import Bulletin
from events.models import Series
from members import links


def text(bulletin: Bulletin, parts: Sequence[Part]) -> str:
    """Headings with a line or two each, and the link to the whole letter."""
    is_public = bulletin.series.audience == Series.Audience.PUBLIC
    blocks = [_block(part) for part in parts] if is_public else []
    whole = _("The whole letter, for members:")
    link = links.absolute("bulletin", bulletin.session.code) + "?openExternalBrowser=1"
    return "\n\n".join([bulletin.title, *filter(None, blocks), f"{whole}\n{link}"])


def _block(part: Part) -> str:
    lines = [line for item in part.items if item.is_public for line in _lines(item)]
    return "\n".join([_("■ %(heading)s") % {"heading": part.heading}, *lines]) if lines else ""


def _lines(item: Item) -> list[str]:
    if not item.title:
        said = _("“%(text)s”") % {"text": item.text}
        return [_("%(said)s (%(who)s)") % {"said": said, "who": item.who} if item.who else said]
    return [item.title, *([_("Guest: %(who)s") % {"who": item.who}] if item.who else [])]
