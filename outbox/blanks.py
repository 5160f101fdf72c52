"""Letters to many: said once, with a blank for each word that is its reader's own, and filled in for everybody.

Templates cost more than all the rest of a reminder; of a thousand that are alike they are rendered once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.html import escape

# Between characters nobody types (Unicode's private use), so that no text of ours holds a blank by chance.
BLANK = "\ue000{}\ue001"
BLANKS = re.compile("\ue000([a-z_]+)\ue001")

# The texts of a mail by the name of their part; "html" alone is HTML.
Texts = dict[str, str]


class Form:
    """The texts of a mail with blanks in them."""

    def __init__(self, texts: Texts) -> None:
        # By turns what stands in every copy, and the name of a blank.
        self._pieces = {part: BLANKS.split(text) for part, text in texts.items()}

    def filled(self, own: Mapping[str, str]) -> Texts:
        """One reader's copy."""
        plain, marked_up = dict(own), {name: escape(value) for name, value in own.items()}
        return {part: _joined(pieces, marked_up if part == "html" else plain) for part, pieces in self._pieces.items()}


class Forms:
    """The forms of one batch of mails, each made when the first mail of its kind has its turn."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], tuple[object, Form]] = {}

    def filled(
        self,
        like: tuple[object, ...],
        shared: dict[str, Any],
        own: Mapping[str, str],
        say: Callable[[dict[str, Any]], Texts],
    ) -> Texts:
        """What `say` makes of both, said once for all that are `like` this one and share this very object.

        A value that is empty is no blank: templates leave out what is not there.
        """
        blanks = {name: BLANK.format(name) if value else "" for name, value in own.items()}
        key = (*like, id(shared), *blanks.values())
        if key not in self._made:
            # Kept with what it was made of: the number of an object is its own only while it is there.
            self._made[key] = shared, Form(say({**shared, **blanks}))
        return self._made[key][1].filled(own)


def _joined(pieces: list[str], own: Mapping[str, str]) -> str:
    told = list(pieces)
    told[1::2] = [own.get(name, "") for name in told[1::2]]
    return "".join(told)
