"""Members' own talks: one that somebody offers, or a theme somebody would like to hear about; who would hear it too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _t

from events.models.session import Session
from events.models.talk import Talk
from members.fields import CodeField, LineField, ProseField
from members.models import Activity, Member
from outbox.models import Delivery
from search import sources

# Fewer are nobody's business.
SHOWN_FROM = 3
OPEN_AT_MOST_EACH = 5
QUESTIONS_AT_MOST_EACH = 3


class IdeaQuerySet(models.QuerySet["Idea"]):
    def open(self) -> IdeaQuerySet:
        """Neither in a programme nor taken back."""
        return self.filter(talk=None, closed_at=None)

    def planned(self, now: datetime) -> IdeaQuerySet:
        """In the programme of a morning to come."""
        coming = self.filter(talk__session__starts_at__gt=now, talk__session__cancelled_at=None)
        return coming.order_by("talk__session__starts_at", "pk")

    def offered(self) -> IdeaQuerySet:
        """Somebody would speak."""
        return self.open().filter(speaker__isnull=False, agreed_at__isnull=False, speaker__is_active=True)

    def visible_to(self, viewer: Member) -> IdeaQuerySet:
        """Without talks of those who keep this person away, or whom this person keeps away; nobody is told.

        A theme names nobody, and stays.
        """
        near = Member.objects.get_queryset().visible_to(viewer)
        return self.filter(Q(agreed_at=None) | Q(speaker=None) | Q(speaker__in=near.values("pk")))

    def with_support(self, viewer: Member) -> IdeaQuerySet:
        """With `supporters`, whether this member is among them, and how many questions wait; the most wanted first."""
        mine = Hearer.objects.filter(idea=OuterRef("pk"), member=viewer)
        counted = self.annotate(
            supporters=Count("hearers", distinct=True), asked=Count("questions", distinct=True), mine=Exists(mine)
        )
        return counted.order_by("-supporters", "pk")


class Idea(models.Model):
    """A talk that is not in a programme yet. Without `speaker` it is a theme that somebody may take.

    A host may ask a member for it: then `speaker` is set, and `agreed_at` is empty until the member says yes.
    """

    code = CodeField()
    title = LineField(max_length=200)
    about = ProseField(max_length=1000, blank=True)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="ideas")
    speaker = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="own_talks"
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    talk = models.ForeignKey(Talk, null=True, blank=True, on_delete=models.SET_NULL, related_name="ideas")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title

    @classmethod
    @transaction.atomic
    def propose(cls, member: Member, *, title: str, about: str, offers: bool, now: datetime) -> Idea:
        """A talk of one's own, or a theme one would like to hear about. The same twice is once.

        Raises ValidationError when this member has as many open ones as one may have.
        """
        Member.objects.get_queryset().select_for_update(no_key=True).get(pk=member.pk)
        mine = cls.objects.open().filter(proposer=member)
        known = mine.filter(title__iexact=title).first()
        if known is not None:
            return known
        if mine.count() >= OPEN_AT_MOST_EACH:
            raise ValidationError(_t("Five open ones are enough. Please take one back first."))
        own: dict[str, Any] = {"speaker": member, "agreed_at": now} if offers else {}
        made = cls.objects.create(title=title, about=about, proposer=member, created_at=now, **own)
        if not offers:
            made.hear(member, yes=True, now=now)
        return made

    def hear(self, member: Member, *, yes: bool, now: datetime) -> None:
        """I want to hear this; or no longer. Twice is once."""
        if yes:
            Hearer.objects.bulk_create([Hearer(idea=self, member=member, since=now)], ignore_conflicts=True)
        else:
            Hearer.objects.filter(idea=self, member=member).delete()

    @transaction.atomic
    def ask(self, member: Member, text: str, *, now: datetime) -> None:
        """A question for whoever will speak; the speaker and the hosts read it, without a name."""
        Idea.objects.select_for_update(no_key=True).get(pk=self.pk)
        mine = self.questions.filter(member=member)
        if mine.filter(text=text).exists():
            return
        if mine.count() >= QUESTIONS_AT_MOST_EACH:
            raise ValidationError(_t("Three questions each are enough."))
        IdeaQuestion.objects.create(idea=self, member=member, text=text, asked_at=now)

    @transaction.atomic
    def ask_for(self, member: Member, *, now: datetime, actor: Member) -> None:
        """A host asks this member for a talk on it, by one mail; it is theirs once they say yes."""
        if Idea.objects.open().filter(pk=self.pk, speaker=None).update(speaker=member, agreed_at=None):
            told = {"idea": self.pk, "member": member.pk, "by": actor.pk}
            key = f"talk.asked:{self.code}:{member.code}:{now.date().isoformat()}"
            Delivery.objects.owe("talk.asked", key, to=member.email, language=member.language, context=told)
            Activity.record(actor, "talk.ask", f"talk:{self.code}", now=now, member=member.code)

    @transaction.atomic
    def take(self, member: Member, *, yes: bool, now: datetime) -> None:
        """I speak about it: a theme nobody has, or one I was asked for; no gives it back to all."""
        found = Idea.objects.select_for_update(of=("self",)).open().filter(pk=self.pk).first()
        if found is None or found.speaker_id not in {None, member.pk}:
            return
        found.speaker, found.agreed_at = (member, found.agreed_at or now) if yes else (None, None)
        found.save(update_fields=["speaker", "agreed_at"])

    @transaction.atomic
    def put_into(self, session: Session, *, minutes: int, now: datetime, actor: Member) -> Talk | None:
        """Into a morning's programme, after what is there: alone, beside a guest, or instead of one who fell ill.

        Twice changes nothing; nothing comes of one nobody has agreed to give.
        """
        found = Idea.objects.select_for_update(of=("self",)).select_related("speaker").get(pk=self.pk)
        if found.talk_id or found.closed_at or found.speaker is None or found.agreed_at is None:
            return found.talk
        last = session.talks.order_by("-position").values_list("position", flat=True).first() or 0
        found.talk = Talk.objects.create(
            session=session,
            position=last + 1,
            title=found.title,
            abstract=found.about,
            member=found.speaker,
            minutes=minutes,
            language=session.language,
        )
        found.save(update_fields=["talk"])
        Session.objects.filter(pk=session.pk).update(changed_at=now)
        Activity.record(actor, "talk.plan", f"session:{session.code}", now=now, talk=found.code)
        sources.refresh([session.code])
        return found.talk

    def close(self, *, now: datetime) -> None:
        """Off the list."""
        Idea.objects.open().filter(pk=self.pk).update(closed_at=now)


class Hearer(models.Model):
    """One member who wants to hear it."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="hearers")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["idea", "member"], name="idea_heard_once")]

    def __str__(self) -> str:
        return f"{self.idea_id} {self.member_id}"


class IdeaQuestion(models.Model):
    """A beginner's question, asked before there is a morning."""

    idea = models.ForeignKey(Idea, on_delete=models.CASCADE, related_name="questions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = ProseField(max_length=500)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
