"""What makes the club write to a guest, and the guest to the host: scenes of archive/sample/scenes.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from archive.sample.data import read
from events.models import Session
from invitations.models import Follower, Invitation
from outbox.models import Delivery
from records.models import Report, Takeaway
from speakers.models import Speaker

if TYPE_CHECKING:
    from archive.sample.scenes import Stage

LINK = Invitation.Told.LINK


def _newest(kind: str) -> Delivery:
    return Delivery.objects.filter(kind=kind).latest("pk")


def _invited(stage: Stage) -> Invitation:
    """A letter that has gone to a guest of the sample."""
    speaker = Speaker.objects.exclude(email="").order_by("pk")[0]
    session = Session.objects.filter(series=stage.series, starts_at__gt=stage.now, invitations=None).latest("starts_at")
    words = read("club")["letter"]
    invitation = Invitation.objects.create(session=session, speaker=speaker, host=stage.host(), **words)
    invitation.send(now=stage.now)
    return invitation


def guest_letter(stage: Stage) -> Delivery:
    _invited(stage)
    return _newest("guest.letter")


def guest_answered(stage: Stage) -> Delivery:
    _invited(stage).accept(how=LINK, now=stage.now)
    return _newest("guest.answered")


def guest_changed(stage: Stage) -> Delivery:
    invitation = _invited(stage)
    invitation.accept(how=LINK, now=stage.now)
    session = Session.objects.get(pk=invitation.session_id)
    session.publish(now=stage.now)
    session.move(session.starts_at + timedelta(days=1), now=stage.now)
    return _newest("guest.changed")


def _came(stage: Stage) -> Invitation:
    """A guest of the sample whose morning was yesterday, with a report and lines of people."""
    invitation = _invited(stage)
    invitation.accept(how=LINK, now=stage.now)
    last = Session.objects.filter(series=stage.series, takeaways__isnull=False).order_by("-starts_at")[0]
    session = Session.objects.get(pk=invitation.session_id)
    session.publish(now=stage.now)
    starts_at = stage.now - timedelta(days=1)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=80))
    Takeaway.objects.filter(session=last).update(session=session)
    Report.objects.create(session=session, body="市場の朝の話をうかがいました。", author=stage.host())
    return Invitation.objects.get(pk=invitation.pk)


def guest_report(stage: Stage) -> Delivery:
    _came(stage).show_report(now=stage.now)
    return _newest("guest.report")


def guest_reported(stage: Stage) -> Delivery:
    invitation = _came(stage)
    invitation.show_report(now=stage.now)
    invitation.answer_report(is_right=False, remark="「三十年」は「二十九年」です。", now=stage.now)
    return _newest("guest.reported")


def guest_thanks(stage: Stage) -> Delivery:
    _came(stage).thank("先日は早朝からお越しくださり、誠にありがとうございました。", now=stage.now)
    return _newest("guest.thanks")


def _own(kind: str, *, days: int) -> Callable[[Stage], Delivery]:
    """A mail of the guest's own, so many days before the morning."""

    def scene(stage: Stage) -> Delivery:
        session = stage.morning(days=days)
        invitation = Invitation.objects.filter(session__talks__speakers__isnull=False).whole()[0]
        words = {"state": "confirmed", "chosen_start": None, "phone": "090-0000-0000", "speaks": "7:20から30分ほど"}
        Invitation.objects.filter(pk=invitation.pk).update(session=session, **words)
        return Delivery(
            kind=kind,
            to=invitation.addressee,
            language=invitation.language,
            context={"invitation": invitation.pk, "day": session.local_start.date().isoformat()},
        )

    return scene


def _follower(stage: Stage) -> tuple[Follower, Session]:
    """A reader who would like to hear of a guest that is announced."""
    session = stage.morning(days=9)
    speaker = Speaker.objects.filter(talks__session=session)[0]
    Follower.objects.ask(speaker, "reader@example.com", language="ja", now=stage.now)
    return Follower.objects.latest("pk"), session


def follow_confirm(stage: Stage) -> Delivery:
    _follower(stage)
    return _newest("follow.confirm")


def follow_announced(stage: Stage) -> Delivery:
    follower, session = _follower(stage)
    follower.confirm(now=stage.now)
    return Delivery(context={"follower": follower.pk, "session": session.pk})


SCENES: dict[str, Callable[[Stage], Delivery]] = {
    "follow.announced": follow_announced,
    "follow.confirm": follow_confirm,
    "guest.answered": guest_answered,
    "guest.changed": guest_changed,
    "guest.details": _own("guest.details", days=6),
    "guest.evening": _own("guest.evening", days=1),
    "guest.letter": guest_letter,
    "guest.report": guest_report,
    "guest.reported": guest_reported,
    "guest.thanks": guest_thanks,
}
