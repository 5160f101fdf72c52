"""Words a host can take along when something was told: for a talk, a warning and a refusal."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Words:
    """A text to copy and change; it names nobody who told."""

    id: str
    label: Promise
    text: Promise


READY = (
    Words(
        "words-talk",
        _("For a talk"),
        _(
            "Hello %(name)s, this is %(host)s from the breakfast. May I have ten minutes of yours this week? I heard "
            "that somebody felt uneasy about an invitation or a message, and before I think anything I would like to "
            "hear it from you. Nothing is decided. I will not say from whom I heard it, and please do not ask around."
        ),
    ),
    Words(
        "words-warning",
        _("For a warning"),
        _(
            "Dear %(name)s, thank you for talking with me. Our breakfast lives on nobody being sold anything, "
            "recruited or preached to, at the table or afterwards. Please do not write to people from here about it "
            "any more. If it happens again, I shall have to ask you not to come. I would be glad if you stayed."
        ),
    ),
    Words(
        "words-refusal",
        _("For a refusal"),
        _(
            "Dear %(name)s, I have to ask you not to come to our breakfast any more, and not to write to the people "
            "you met here about business or faith. Your seats have been given back and your account is closed; nobody "
            "is told why. What the site holds about you is deleted if you write to me. I wish you well."
        ),
    ),
)


def ready(name: str, host: str) -> list[tuple[str, Promise, str]]:
    """Each in the active language, that of whom it is for; its label in that of whoever reads it later."""
    return [(one.id, one.label, str(one.text) % {"name": name, "host": host}) for one in READY]
