"""What a member tells about themselves, and how far each line of it is seen."""

from __future__ import annotations

from copy import copy
from typing import Any, Self

from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members import collation, levels, photos
from members.fields import LineField, ProseField
from members.folding import sounds
from members.industries import Industry
from members.levels import CONTACT, LINES, OF, Level
from members.names import Surname, surname


class Occupation(models.TextChoices):
    """The kind of work (職種), in the words people use at a table."""

    RUN = "run", pgettext_lazy("kind of work", "Running a business")
    PLAN = "plan", pgettext_lazy("kind of work", "Planning and products")
    SELL = "sell", pgettext_lazy("kind of work", "Sales")
    SERVE = "serve", pgettext_lazy("kind of work", "Shop and service")
    MAKE = "make", pgettext_lazy("kind of work", "Making things")
    BUILD = "build", pgettext_lazy("kind of work", "Engineering and IT")
    RESEARCH = "research", pgettext_lazy("kind of work", "Research")
    WRITE = "write", pgettext_lazy("kind of work", "Editing and writing")
    DESIGN = "design", pgettext_lazy("kind of work", "Design and pictures")
    SUPPLY = "supply", pgettext_lazy("kind of work", "Buying and logistics")
    MONEY = "money", pgettext_lazy("kind of work", "Money and accounts")
    PEOPLE = "people", pgettext_lazy("kind of work", "People and administration")
    LAW = "law", pgettext_lazy("kind of work", "Law")
    CARE = "care", pgettext_lazy("kind of work", "Medicine and care")
    TEACH = "teach", pgettext_lazy("kind of work", "Teaching")
    PUBLIC = "public", pgettext_lazy("kind of work", "Public office")
    OTHER = "other", pgettext_lazy("kind of work", "Something else")


# The two sizes of a photo in pixels, square: a page of one's own, and every list.
SIDES = {"photo": 480, "photo_small": 144}


def _level(name: str) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(choices=Level, default=OF[name].default)


def _within_bounds() -> list[models.BaseConstraint]:
    """No code can let a line be seen further than it may go: contact ends at exchanged cards."""
    return [
        models.CheckConstraint(
            name=f"member_{line.name}_level",
            condition=Q(**{f"{line.level}__gte": int(line.narrowest), f"{line.level}__lte": int(line.widest)}),
        )
        for line in LINES
    ]


def photo_url(code: str, stored: str, size: str = "small") -> str:
    """Where a photo is, if there is one; another photo is another address, so that no browser shows the old one."""
    return f"{reverse('member_photo', args=[code, size])}?{stored.rpartition('/')[2][:8]}" if stored else ""


class Profile(models.Model):
    """The lines of a profile. Whoever shows them to somebody else loads the member with `seen_by`."""

    name = LineField(_("name"), max_length=80, blank=True)
    yomi = LineField(_("reading"), max_length=80, blank=True)
    romaji = LineField(_("name in Latin letters"), max_length=80, blank=True)
    # What the name is sorted by: members.collation.key of the reading.
    reading = models.CharField(max_length=300, blank=True, editable=False, db_collation="C")
    # How the name sounds, from reading and Latin letters: members.folding.sounds.
    sounds = models.CharField(max_length=200, blank=True, editable=False)
    # Cut square and written anew; nothing else of what was sent is kept.
    photo = models.FileField(_("photo"), upload_to=photos.random_name, max_length=200, blank=True, editable=False)
    photo_small = models.FileField(upload_to=photos.random_name, max_length=200, blank=True, editable=False)
    organisation = LineField(_("where you work, in your own words"), max_length=80, blank=True)
    role = LineField(_("what you do"), max_length=60, blank=True)
    industry = models.CharField(_("trade"), max_length=1, choices=Industry, blank=True)
    occupation = models.CharField(_("kind of work"), max_length=10, choices=Occupation, blank=True)
    one_line = LineField(_("one line about you"), max_length=120, blank=True)
    ask_me = LineField(_("ask me about"), max_length=200, blank=True)
    want_to_learn = LineField(_("I want to learn"), max_length=200, blank=True)
    working_towards = LineField(_("what I am working towards"), max_length=200, blank=True)
    # One address a line.
    links = ProseField(_("links"), max_length=600, blank=True)
    phone = LineField(_("telephone"), max_length=30, blank=True)
    line_id = LineField(_("LINE"), max_length=60, blank=True)
    hours = LineField(_("when to reach me"), max_length=80, blank=True)

    name_level = _level("name")
    photo_level = _level("photo")
    one_line_level = _level("one_line")
    industry_level = _level("industry")
    occupation_level = _level("occupation")
    role_level = _level("role")
    organisation_level = _level("organisation")
    ask_me_level = _level("ask_me")
    want_to_learn_level = _level("want_to_learn")
    working_towards_level = _level("working_towards")
    links_level = _level("links")
    mail_level = _level("mail")
    phone_level = _level("phone")
    line_id_level = _level("line_id")
    hours_level = _level("hours")

    class Meta:
        abstract = True
        constraints = _within_bounds()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if "nearness" in self.__dict__:
            raise RuntimeError("Somebody as another person sees them is for reading: what is hidden would be lost.")
        self.complete()
        super().save(*args, **kwargs)

    def complete(self) -> None:
        """Work out what follows from the rest; for rows that are written in bulk."""
        self.reading = collation.key(self.yomi or self.name)[:300]
        self.sounds = " ".join(sounds(text) for text in (self.yomi or self.name, self.romaji) if text)[:200]

    @property
    def display_name(self) -> str:
        """The name for a reader of the active language."""
        return (self.romaji if get_language() == "en" else "") or self.name

    @property
    def surname_alone(self) -> Surname | None:
        """The surname as each reader reads it; nothing where the name does not tell it."""
        found = surname(self.name) or surname(self.romaji)
        return Surname(found, surname(self.yomi), surname(self.romaji)) if found else None

    @property
    def trade(self) -> str:
        """What the person does, in the shortest words there are."""
        return self.role or (str(self.get_industry_display()) if self.industry else "")

    @property
    def shows_photo(self) -> bool:
        """Whether it was asked what of the photo this reader may see: by `seen_by`, or `portraits.show`."""
        return bool(vars(self).get("is_shown") or "nearness" in vars(self))

    @property
    def as_oneself(self) -> Self:
        """A copy for reading by this very person."""
        return self.as_seen_at(Level.NOBODY)

    @property
    def link_list(self) -> list[str]:
        return self.links.split()

    @property
    def has_contact(self) -> bool:
        """Whether anything tells how to reach this person; of somebody as seen, whether the reader may know it."""
        return any(getattr(self, column) for line in CONTACT for column in line.columns)

    @transaction.atomic
    def put_photo(self, photo: ContentFile[bytes] | None) -> None:
        """Show this photo from now on, or none; the files before it go, whatever else was changed on this object."""
        row = type(self)._default_manager.select_for_update(no_key=True).get(pk=self.pk)  # noqa: SLF001 - Django's name
        for column, side in SIDES.items():
            photos.put(row, column, ContentFile(photos.squared(photo, side)) if photo else None)
            setattr(self, column, getattr(row, column))

    def hide(self, columns: set[str]) -> None:
        """Make these lines empty, on this object alone."""
        for column in columns:
            setattr(self, column, "")

    def as_seen_at(self, nearness: int) -> Self:
        """A copy for reading: what somebody on that step of the ladder reads beside the name.

        For lists of people whose name the reader may see for a reason of the list's own. That reason says nothing of a
        photo: it stays only on somebody who was found to show it to this reader, and for oneself.
        """
        seen = copy(self)
        if nearness != Level.NOBODY and not self.shows_photo:
            seen.hide(set(levels.OF["photo"].columns))
        seen.__dict__["nearness"] = nearness
        seen.hide(levels.hidden(vars(self), nearness) - set(levels.OF["name"].columns))
        return seen
