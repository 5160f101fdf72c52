"""Who we are: the club, its members, what they agreed to, whom they keep away, and what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.core.cache import cache
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Concat, Lower
from django.db.models.query import ModelIterable
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from members import audiences, folding, levels
from members.blocks import Block as Block  # noqa: PLC0414 - known by this name to the apps above
from members.concerns import Concern
from members.devices import Device  # noqa: F401 - Django looks for models here
from members.exports import DataExport  # noqa: F401 - Django looks for models here
from members.fields import CodeField, LineField, ProseField
from members.identities import Identity  # noqa: F401 - Django looks for models here
from members.line import LineAccount, LineCode  # noqa: F401 - Django looks for models here
from members.news import News  # noqa: F401 - Django looks for models here
from members.profile import Profile, photo_url
from members.refusals import Refusal  # noqa: F401 - Django looks for models here

# What our own words are called that somebody may agree to: by month, or by day.
DATED = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-\d{2})?")


class Club(models.Model):
    """The one club of this installation: its name, its sentence, its rules. Always row 1."""

    CACHE_KEY = "club"

    name = LineField(_("name"), max_length=80)
    name_en = LineField(_("name in English"), max_length=80, blank=True)
    sentence = LineField(_("what it is, in one sentence"), max_length=200, blank=True)
    sentence_en = LineField(_("the sentence in English"), max_length=200, blank=True)
    rules = ProseField(_("house rules"), max_length=5000, blank=True)
    about = ProseField(_("about the club"), max_length=5000, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="club_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        cache.delete(self.CACHE_KEY)

    @classmethod
    def current(cls) -> Club:
        """The club; a fresh installation has one without a sentence until the operator writes it."""
        club = cls._cached()
        if club is None:
            club = cls.objects.filter(pk=1).first() or cls(pk=1, name="朝会", name_en="Asakai")
            try:
                cache.set(cls.CACHE_KEY, club, 60)
            except RedisError:
                return club
        return club

    @classmethod
    def _cached(cls) -> Club | None:
        try:
            found: Club | None = cache.get(cls.CACHE_KEY)
        except RedisError:
            return None
        return found

    @property
    def display_name(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name

    @property
    def display_sentence(self) -> str:
        return self.sentence_en if get_language() == "en" and self.sentence_en else self.sentence


# What the directory is searched by; a word more than these is not looked at.
SEARCHED = ("name", "organisation", "role", "one_line", "ask_me", "want_to_learn", "working_towards")
WORDS_AT_MOST = 5


def _said(line: str) -> Case:
    """A line's text where the reader may see it, folded."""
    columns = [folding.folded(column) for column in levels.OF[line].columns[:3]]
    text = Concat(*columns, Value(" ", output_field=models.TextField()))
    return Case(
        When(**{f"{levels.OF[line].level}__gte": F("nearness")}, then=text),
        default=Value(""),
        output_field=models.TextField(),
    )


class SeenIterable(ModelIterable["Member"]):
    """Members as the reader of `seen_by` may see them."""

    def __iter__(self) -> Iterator[Member]:
        for member in super().__iter__():
            member.hide(levels.hidden(vars(member), vars(member)["nearness"]))
            yield member


class MemberQuerySet(models.QuerySet["Member"]):
    def joined(self) -> MemberQuerySet:
        """People with a profile; who only answered by mail link has an account but has not joined."""
        return self.filter(joined_at__isnull=False, is_active=True)

    def of_link(self, ids: Mapping[str, Any]) -> MemberQuerySet:
        """Whose private link this is, by its `m` and `v`; nobody's, once they made theirs void or left."""
        return self.filter(pk=ids["m"], link_version=ids["v"], is_active=True)

    def being(self, line: str, choice: str) -> MemberQuerySet:
        """Of those `seen_by` yields: who chose this trade or kind of work, as far as the reader may see it."""
        return self.filter(**{line: choice, f"{levels.OF[line].level}__gte": F("nearness")})

    def saying(self, words: str) -> MemberQuerySet:
        """Of those `seen_by` yields: whose lines say each of these words, as far as the reader may see them.

        Kana or Latin letters, wide or narrow; names also as they sound.
        """
        found = self.alias(said=Concat(*(_said(name) for name in SEARCHED)))
        for word in words.split()[:WORDS_AT_MOST]:
            says = Q(said__contains=folding.fold(word))
            found = found.filter(says | Q(sounds__contains=heard) if (heard := folding.sounds(word)) else says)
        return found

    def by_reading(self) -> MemberQuerySet:
        return self.order_by("reading", "name", "pk")

    def visible_to(self, viewer: Member) -> MemberQuerySet:
        """Without those who keep this person away, or whom this person keeps away; nobody is told."""
        return self.exclude(blocks__other=viewer).exclude(blocked_by__member=viewer)

    def shown_around(self, viewer: Member | None = None) -> MemberQuerySet:
        """Without those of whom the hosts were told and have not looked yet; to themselves they are as ever.

        For lists in which people are offered to each other: directory, who is coming, introductions, questions.
        """
        shown = ~Exists(Concern.objects.open().filter(about=OuterRef("pk")))
        return self.filter(shown | Q(pk=viewer.pk) if viewer else shown)

    def seen_by(self, viewer: Member | AnonymousUser) -> MemberQuerySet:
        """Whose name this person may see, each with nothing but the lines this person may see: one query.

        What is hidden is empty on the members it yields, which cannot be saved; they carry their `nearness`. To filter
        by a line use `saying`, which knows no hidden one.
        """
        known = self if isinstance(viewer, AnonymousUser) else self.visible_to(viewer)
        seen = known.joined().annotate(nearness=audiences.nearness(viewer)).filter(name_level__gte=F("nearness"))
        seen._iterable_class = SeenIterable  # noqa: SLF001 - Django's own way to say what rows become
        return seen


class MemberManager(BaseUserManager["Member"]):
    def get_queryset(self) -> MemberQuerySet:
        return MemberQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> Member:
        return self.get(email__iexact=username)

    def create_user(self, email: str, **fields: Any) -> Member:
        """A person with a mail address and no password."""
        member = self.model(email=email.lower(), **fields)
        member.set_unusable_password()
        member.save(using=self._db)
        return member

    def joined(self) -> MemberQuerySet:
        return self.get_queryset().joined()

    def of_link(self, ids: Mapping[str, Any]) -> MemberQuerySet:
        return self.get_queryset().of_link(ids)

    def seen_by(self, viewer: Member | AnonymousUser) -> MemberQuerySet:
        return self.get_queryset().seen_by(viewer)


class Member(Profile, AbstractBaseUser, PermissionsMixin):
    """A person. `joined_at` is empty for somebody who only answered an invitation by mail."""

    code = CodeField()
    email = models.EmailField(_("mail address"), max_length=254, unique=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="ja")
    # Shown to those who come to the same morning; asked once, off until then.
    listed_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Part of every private link of this person: raising it makes all of them void.
    link_version = models.PositiveIntegerField(default=1)
    feed_version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    # The account was deleted: the row stays for the counts of others, and says nothing of anybody.
    erased_at = models.DateTimeField(null=True, blank=True)
    # The operator runs the installation.
    is_staff = models.BooleanField(default=False)

    objects = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("member")
        constraints = [
            *Profile.Meta.constraints,
            models.CheckConstraint(name="member_email_lower", condition=Q(email=Lower("email"))),
        ]
        indexes = [models.Index(fields=["reading", "name"], name="member_reading")]

    def __str__(self) -> str:
        return self.name or self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("member", args=[self.code])

    @property
    def photo_url(self) -> str:
        """Where the small photo is. A member of whom nobody asked what this reader may see has none to draw, so that no
        page asks for what its reader may not see.
        """
        return photo_url(self.code, str(self.photo_small)) if self.shows_photo else ""

    @property
    def large_photo_url(self) -> str:
        return photo_url(self.code, str(self.photo), "large") if self.shows_photo else ""

    @property
    def has_profile(self) -> bool:
        return bool(self.joined_at and self.name)


class FormerAddress(models.Model):
    """A mail address somebody had here. For a week whoever reads it may take the change back."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="former_addresses")
    address = models.EmailField(max_length=254)
    left_at = models.DateTimeField()
    undo_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.member_id} {self.left_at:%Y-%m-%d}"


class Consent(models.Model):
    """What somebody agreed to, when, and to which text. Withdrawing keeps the row."""

    class Kind(models.TextChoices):
        INTRODUCTIONS = "introductions", _("introductions")
        RULES = "rules", _("house rules")
        PUBLIC_NAME = "public_name", _("name for everybody")
        PUBLIC_LINE = "public_line", _("one line for everybody")
        LISTED = "listed", _("what an older list said")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind)
    text_version = models.CharField(max_length=20)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"], condition=Q(withdrawn_at=None), name="consent_one_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"

    @property
    def words(self) -> str:
        """Which words were agreed to: ours by the month they are of, a club's own as those of that day."""
        if DATED.fullmatch(self.text_version):
            month = date_format(date.fromisoformat(f"{self.text_version[:7]}-01"), "YEAR_MONTH_FORMAT")
            return _t("the words of %(month)s") % {"month": month}
        return _t("the club’s own words as they stood then")


class ActivityQuerySet(models.QuerySet["Activity"]):
    def latest_first(self, *, before: int | None = None) -> ActivityQuerySet:
        """By when it was done, whenever it was written down; or those done before the row of that number."""
        ordered = self.order_by("-at", "-pk")
        if before is None:
            return ordered
        when = models.Subquery(Activity.objects.filter(pk=before).values("at"))
        # The first condition is the index's: older pages do not read the newer ones.
        return ordered.filter(at__lte=when).filter(Q(at__lt=when) | Q(pk__lt=before))


class Activity(models.Model):
    """What a host did: who, when, what, to what. Written by the verb that does it."""

    actor = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    verb = models.CharField(max_length=40)
    target = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "activities"
        indexes = [
            models.Index(fields=["target", "-at"], name="activity_target"),
            models.Index(fields=["-at", "-id"], name="activity_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target}"

    @classmethod
    def record(cls, actor: Member | None, verb: str, target: str, *, now: datetime, **detail: Any) -> None:
        """Note an action in the caller's transaction: it stands if the action stands."""
        cls.objects.create(actor=actor, verb=verb, target=target, detail=detail, at=now)
