"""Every kind of mail that goes by mail, against everything that may happen between the owing and the sending.

Each is owed by its scene with the sample people, then something happens, then it falls due. A new kind needs a row.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from archive.models import Bulletin
from archive.sample import build, scenes
from config import gallery
from events.models import Companion, HostMessage, ReminderRule, Rsvp, Session, Visit
from introductions import consent
from introductions.acquaintance import Memory
from introductions.favours import Favour
from introductions.models import Introduction
from invitations.models import Invitation
from members.models import Member
from outbox import kinds, rendering, sending
from outbox.models import Delivery, Lane, Suppression
from outbox.stops import Stop

HAPPENINGS = ("moved", "cancelled", "left", "unsubscribed", "withdrawn", "closed", "suppressed", "superseded")
SAID = {"intro.favour": "connector_said", "intro.forward": "other_said"}
SENT, BACK = "sent", "address gives mails back"
OFF, AWAY = "unsubscribed", "no longer concerned"
BEFORE = ("moved", "cancelled", AWAY, OFF, SENT, AWAY, BACK, "switched off")
AFTER = (SENT, SENT, SENT, OFF, SENT, AWAY, BACK, "switched off")
SEAT = (SENT, "called off", "answered anew", SENT, SENT, "gone", BACK, "answered anew")
ALWAYS = (SENT, SENT, SENT, SENT, SENT, SENT, BACK, SENT)
# By what happened, in the order of HAPPENINGS. Seats given back, letters and lists are read anew where they say `sent`.
TABLE: dict[str, tuple[str, ...]] = {
    "account.code": (SENT,) * 8,
    "account.notice": ALWAYS,
    "ask.answer": (SENT, SENT, SENT, SENT, SENT, "apart", BACK, SENT),
    "ask.question": (SENT, SENT, SENT, OFF, SENT, "apart", BACK, SENT),
    "ask.thanks": (SENT, SENT, SENT, SENT, SENT, "apart", BACK, SENT),
    "ask.touch": (SENT, SENT, SENT, SENT, SENT, "apart", BACK, SENT),
    "bulletin": (SENT, SENT, "no longer wanted", OFF, SENT, "no longer wanted", BACK, SENT),
    "concern.looked": (SENT, SENT, SENT, SENT, SENT, "gone", BACK, SENT),
    "follow.announced": (SENT, "not announced any more", SENT, SENT, SENT, SENT, BACK, SENT),
    "follow.confirm": (SENT, SENT, SENT, SENT, SENT, SENT, BACK, SENT),
    "friend.changed": ("changed again", "changed again", SENT, SENT, SENT, SENT, BACK, "changed again"),
    "friend.coming": (SENT, "called off", SENT, SENT, SENT, SENT, BACK, SENT),
    "friend.evening": ("moved", "cancelled", SENT, SENT, SENT, SENT, BACK, "switched off"),
    "friend.left": ALWAYS,
    "guest.answered": (SENT, SENT, SENT, SENT, SENT, "gone", BACK, SENT),
    "guest.changed": ("changed again", "changed again", SENT, SENT, SENT, SENT, BACK, "changed again"),
    "guest.details": ("moved or called off", "moved or called off", SENT, SENT, SENT, SENT, BACK, SENT),
    "guest.evening": ("moved or called off", "moved or called off", SENT, SENT, SENT, SENT, BACK, SENT),
    "guest.letter": (SENT, "called off", SENT, SENT, SENT, SENT, BACK, "the link was renewed"),
    "guest.report": ALWAYS,
    "guest.reported": (SENT, SENT, SENT, SENT, SENT, "gone", BACK, SENT),
    "guest.thanks": ALWAYS,
    "host.message": (SENT, "called off", AWAY, OFF, SENT, "gone", BACK, SENT),
    "intro.ask": (SENT, SENT, SENT, OFF, "apart", "apart", BACK, "apart"),
    "intro.favour": (SENT, SENT, SENT, OFF, "consent withdrawn", "apart", BACK, "answered"),
    "intro.followup": (SENT, SENT, SENT, OFF, "consent withdrawn", "apart", BACK, SENT),
    "intro.forward": (SENT, SENT, SENT, OFF, "apart", "apart", BACK, "answered"),
    "intro.later": (SENT, SENT, SENT, OFF, "consent withdrawn", "apart", BACK, SENT),
    "intro.made": (SENT, SENT, SENT, SENT, "apart", "apart", BACK, "apart"),
    "intro.thanks": (SENT, SENT, SENT, SENT, "consent withdrawn", "apart", BACK, SENT),
    "intro.three": (SENT, SENT, SENT, SENT, "apart", "apart", BACK, SENT),
    "intro.through": (SENT, SENT, SENT, SENT, "consent withdrawn", "apart", BACK, SENT),
    "memory.reminder": (SENT, SENT, SENT, OFF, SENT, "gone", BACK, "changed"),
    "operator.test": ALWAYS,
    "people.asked": ALWAYS,
    "reminder.invite": BEFORE,
    "reminder.joined": BEFORE,
    "reminder.still_coming": BEFORE,
    "reminder.thanks": AFTER,
    "reminder.tomorrow": BEFORE,
    "reminder.words": AFTER,
    "rsvp.confirmed": SEAT,
    "rsvp.free": SEAT,
    "rsvp.left": (SENT, "called off", SENT, SENT, SENT, "gone", BACK, "answered anew"),
    "rsvp.offer": SEAT,
    "rsvp.promoted": SEAT,
    "series.answered": (SENT, SENT, SENT, SENT, SENT, "gone", BACK, SENT),
    # Moved further away, the seat that is left is kept for newcomers once more.
    "rsvp.smaller": ("no longer so", *SEAT[1:]),
    "rsvp.visitor": (SENT, "not on", SENT, SENT, SENT, SENT, SENT, "confirmed already"),
    "rsvp.waiting": SEAT,
    "talk.asked": (SENT, SENT, SENT, OFF, SENT, "answered", BACK, SENT),
    "series.role": (SENT, SENT, SENT, SENT, SENT, "gone", BACK, SENT),
    "session.cancelled": ("changed again", SENT, SENT, SENT, SENT, "does not come any more", BACK, "changed again"),
    "session.changed": (
        "changed again", "changed again", "does not come any more", SENT, SENT, "does not come any more", BACK,
        "changed again",
    ),
    "standing.ask": SEAT,
    "standing.ended": (SENT, SENT, SENT, SENT, SENT, "gone", BACK, SENT),
    "standing.full": (SENT, "called off", "ended", SENT, SENT, "ended", BACK, SENT),
    "standing.passed": SEAT,
    "standing.seat": SEAT,
    "standing.warned": (SENT, SENT, SENT, SENT, SENT, "gone", BACK, SENT),
    "walk_in.welcome": ALWAYS,
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _sample(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        build(timezone.now())
        yield
        transaction.set_rollback(True)


class Owed:
    """A mail as its scene owed it, and what it is about."""

    def __init__(self, kind: str, now: datetime) -> None:
        self.now, self.kind = now, kind
        self.delivery = scenes.play(kind, now=now)
        self.context: dict[str, Any] = self.delivery.context
        self.delivery.to = self.delivery.to or self._address()
        Delivery.objects.open().exclude(pk=self.delivery.pk).delete()
        if self.delivery.pk is None:
            self.delivery.key, self.delivery.language = f"{kind}:scene", "ja"
            self.delivery.lane = Lane.CODE if kind == "account.code" else Lane.BULK
            self.delivery.save()
        self.subjects = kinds.get(kind).subjects(rendering.letter(self.delivery))

    def _address(self) -> str:
        if "memory" in self.context:
            return Memory.objects.get(pk=self.context["memory"]).owner.email
        found = Member.objects.filter(pk=self.context.get("member")).first()
        return found.email if found else "kosuke.shiomi@example.com"

    @property
    def sessions(self) -> list[Session]:
        """The mornings it is about."""
        ids = self.context
        found = [part["session"] for part in (*ids.get("parts", []), ids) if "session" in part]
        for name, model, way in (
            ("rsvp", Rsvp, "session"),
            ("introduction", Introduction, "round__session"),
            ("invitation", Invitation, "session"),
            ("message", HostMessage, "session"),
            ("visit", Visit, "session"),
            ("friend", Companion, "rsvp__session"),
            ("bulletin", Bulletin, "session"),
        ):
            if name in ids:
                found += model.objects.filter(pk=ids[name]).values_list(way, flat=True)
        return list(Session.objects.filter(pk__in=found).order_by("pk"))

    def coming(self) -> list[Session]:
        """Of these, what is still ahead."""
        return [session for session in self.sessions if session.starts_at > self.now]

    def happen(self, what: str) -> None:
        """One of HAPPENINGS, by the verb that does it."""
        getattr(self, what)(Member.objects.filter(email=self.delivery.to).first())

    def moved(self, _reader: Member | None) -> None:
        for session in self.coming():
            session.move(session.starts_at + timedelta(days=1), now=self.now)

    def cancelled(self, _reader: Member | None) -> None:
        for session in self.coming():
            session.cancel("台風", now=self.now)

    def left(self, reader: Member | None) -> None:
        """The series, and the seat."""
        for session in self.sessions if reader else ():
            # The last owner cannot leave.
            session.series.memberships.exclude(member=reader).filter(role="host").update(role="owner")
            session.series.leave(reader, now=self.now)
            if not session.answer_refusal(now=self.now, coming=False):
                session.rsvp(reader, "DECLINED", now=self.now)

    def unsubscribed(self, _reader: Member | None) -> None:
        Stop.objects.stop(self.delivery.to, self.subjects, now=self.now)

    def withdrawn(self, reader: Member | None) -> None:
        if reader:
            consent.refuse(reader, now=self.now)

    def closed(self, _reader: Member | None) -> None:
        Member.objects.filter(email=self.delivery.to).update(is_active=False)

    def suppressed(self, _reader: Member | None) -> None:
        for _time in range(Suppression.AFTER):
            Suppression.note(self.delivery.to, "5.1.1", now=self.now)

    def superseded(self, reader: Member | None) -> None:
        """Another answer, another letter, another word of the same kind since."""
        ReminderRule.objects.update(is_on=False)
        Memory.objects.update(next_step="")
        Visit.objects.filter(pk=self.context.get("visit")).update(confirmed_at=self.now)
        if reader and "rsvp" in self.context:
            (session,) = self.sessions
            for said in ("DECLINED", "ACCEPTED") if self.kind != "rsvp.left" else ("ACCEPTED",):
                session.rsvp(reader, said, now=self.now)
        if self.kind in {"session.changed", "session.cancelled", "guest.changed", "friend.changed"}:
            for session in self.coming():
                session.restore(now=self.now)
                session.move(session.starts_at + timedelta(days=1), now=self.now)
        Introduction.objects.filter(pk=self.context.get("introduction")).update(dropped_at=self.now)
        if self.kind in SAID:
            Favour.objects.filter(pk=self.context["favour"]).update(**{SAID[self.kind]: "no"})
        Invitation.objects.filter(pk=self.context.get("invitation")).update(link_version=99)

    def ends(self) -> str:
        """What becomes of it: `sent`, or the reason why it is not."""
        Delivery.objects.open().exclude(pk=self.delivery.pk).delete()
        Delivery.objects.filter(pk=self.delivery.pk).update(next_attempt_at=self.now, useful_until=None)
        sending.send_due()
        row = Delivery.objects.get(pk=self.delivery.pk)
        assert len(mail.outbox) == int(row.sent_at is not None)
        return "sent" if row.sent_at else row.drop_reason or f"{row.last_error} {row.next_attempt_at}"


def test_every_kind_has_a_row() -> None:
    assert sorted(TABLE) == gallery.by_mail()


@pytest.mark.usefixtures("by_day")
@pytest.mark.parametrize("kind", gallery.by_mail())
def test_what_happens_meanwhile_decides_whether_it_is_sent(kind: str, db: None, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    owed, ends = Owed(kind, timezone.now()), {}
    for what in HAPPENINGS:
        mail.outbox.clear()
        with transaction.atomic():
            owed.happen(what)
            ends[what] = owed.ends()
            transaction.set_rollback(True)
    assert ends == dict(zip(HAPPENINGS, TABLE[kind], strict=True))
