"""The hours for answers and the restaurant's number in words: for the host who sets them, in both languages."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from events import reminder_words
from events.fees import fee
from events.models.window import Hour, Terms


def in_both(terms: Terms, currency: str) -> list[tuple[str, list[str]]]:
    """Language code and sentences, as members read them later with days instead of numbers of days."""
    said = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said.append((code, sentences(terms, currency)))
    return said


def sentences(terms: Terms, currency: str) -> list[str]:
    """The rules, one after the other."""
    return [_opens(terms.opens), _closes(terms.closes), _headcount(terms.headcount), _late(terms, currency)]


def _opens(hour: Hour | None) -> str:
    if hour is None:
        return _("Answers are taken as soon as a morning is published.")
    return _("Answers are taken from %(when)s on; before, the page says so.") % {"when": _at(hour)}


def _closes(hour: Hour | None) -> str:
    if hour is None:
        return _("They are taken until it begins.")
    return _("They are taken until %(when)s. One can still cancel afterwards.") % {"when": _at(hour)}


def _headcount(hour: Hour | None) -> str:
    if hour is None:
        return _("The restaurant is told no number beforehand.")
    return _("The restaurant is told how many come by %(when)s; your desk reminds you.") % {"when": _at(hour)}


def _late(terms: Terms, currency: str) -> str:
    if terms.headcount is None or not terms.late:
        return _("Cancelling costs nothing.")
    price = {"price": fee(terms.late, currency)}
    return (
        _("Until then cancelling costs nothing; afterwards the restaurant’s price of %(price)s a seat is due.") % price
    )


def _at(hour: Hour) -> str:
    """3日前 18:00, 18:00 3 days before."""
    parts = {"day": reminder_words.day(hour.days), "clock": f"{hour.at.hour}:{hour.at.minute:02}"}
    return _("%(clock)s %(day)s") % parts
