"""Joining a series: openly, on the hosts' yes, or by their link; and the one mail that tells the answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from events.models import JoinLink, JoinRequest, Membership, Series
from events.models.series import Joining, Viewer
from members import links
from members.models import Activity, Member
from outbox.kinds import Kind, Letter, Unwanted, register
from outbox.models import Delivery, Lane
from outbox.topics import Topic

KIND = "series.answered"
# After a no one asks again no sooner.
AGAIN_AFTER = timedelta(days=90)
# So many wishes wait for one series at most: a flood is not worth reading.
WAITING_AT_MOST = 200
SHOWN_AT_MOST = 30


class Way(StrEnum):
    """What the page of a series offers to this reader."""

    BELONGS = "belongs"
    JOIN = "join"
    ASK = "ask"
    ASKED = "asked"
    DECLINED = "declined"
    BY_LINK = "by_link"


def register_kinds() -> None:
    register(Kind(KIND, letter=answered, topic=Topic.ANSWER))


def way(series: Series, viewer: Viewer, *, now: datetime) -> Way:
    """One query at most, for whoever does not belong yet."""
    if series.joining == Joining.OPEN:
        return Way.JOIN
    if series.joining == Joining.INVITED:
        return Way.BY_LINK
    if not isinstance(viewer, Member):
        return Way.ASK
    last = JoinRequest.objects.filter(series=series, member=viewer).order_by("-asked_at", "-pk").first()
    if last is None or (last.answered_at and (last.is_accepted or last.answered_at <= now - AGAIN_AFTER)):
        return Way.ASK
    return Way.DECLINED if last.answered_at else Way.ASKED


@transaction.atomic
def ask(series: Series, member: Member, words: str, *, now: datetime) -> None:
    """Wait for the hosts' yes. Asking twice changes nothing; raises ValidationError where it cannot be asked now."""
    # One after the other, as members join: the row is not touched (FOR NO KEY UPDATE).
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    found = way(series, member, now=now)
    if found is Way.ASKED or series.role_of(member):
        return
    if found is not Way.ASK:
        raise ValidationError(_("This cannot be asked at the moment."))
    if series.join_requests.waiting().count() >= WAITING_AT_MOST:
        raise ValidationError(_("Very many are waiting already. Please try again in some weeks."))
    JoinRequest.objects.create(series=series, member=member, words=words, asked_at=now)


@transaction.atomic
def answer(request: JoinRequest, *, accepts: bool, now: datetime, actor: Member) -> None:
    """The hosts' yes or kind no, told once. Whoever answers second changes nothing."""
    found = JoinRequest.objects.select_for_update(of=("self",)).select_related("series", "member").get(pk=request.pk)
    if found.answered_at is not None:
        return
    found.answered_at, found.is_accepted, found.answered_by = now, accepts, actor
    found.save(update_fields=["answered_at", "is_accepted", "answered_by"])
    if accepts:
        found.series.join(found.member, now=now)
    member = found.member
    context = {"request": found.pk}
    Delivery.objects.owe(
        KIND, f"{KIND}:{found.pk}", to=member.email, language=member.language, context=context, lane=Lane.ANSWER
    )
    Activity.record(actor, "series.answer", f"series:{found.series.slug}", now=now, accepts=accepts, member=member.code)


def answered(delivery: Delivery) -> Letter:
    """Welcome, or a kind no without a reason."""
    rows = JoinRequest.objects.select_related("series", "member")
    request = rows.filter(pk=delivery.context["request"], member__is_active=True).first()
    if request is None:
        raise Unwanted("gone")
    series, member = request.series, request.member
    if request.is_accepted and not series.role_of(member):
        raise Unwanted("left meanwhile")
    context = {
        "member": member,
        "series": series,
        "accepted": request.is_accepted,
        "series_url": links.absolute("series", series.slug),
        "first_url": links.absolute("series_first", series.slug),
        "front_url": links.absolute("front"),
    }
    return Letter(context, sender_name=series.display_name)


def waiting_for(host: Member, *, series: Series | None = None) -> list[JoinRequest]:
    """Who waits for this host's yes, in one series or in all, the longest first: one query."""
    hosted = Series.objects.hosted_by(host)
    found = JoinRequest.objects.waiting().filter(series__in=hosted if series is None else [series.pk])
    return list(found.select_related("series", "member").order_by("asked_at", "pk")[:SHOWN_AT_MOST])


# The link


@transaction.atomic
def renew_link(series: Series, *, now: datetime, actor: Member) -> JoinLink:
    """A link, or another one: the one before leads nowhere from now on."""
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    end_link(series, now=now, actor=actor)
    Activity.record(actor, "series.link", f"series:{series.slug}", now=now)
    return JoinLink.objects.create(series=series, made_at=now)


@transaction.atomic
def end_link(series: Series, *, now: datetime, actor: Member) -> None:
    """No link leads here any more."""
    if series.join_links.filter(ended_at=None).update(ended_at=now):
        Activity.record(actor, "series.link_end", f"series:{series.slug}", now=now)


def link_of(key: str) -> JoinLink | None:
    """The link in force with this key; nothing else tells whether there is such a series."""
    return JoinLink.objects.select_related("series__venue").filter(key=key, ended_at=None).first()


@transaction.atomic
def join_by(link: JoinLink, member: Member, *, now: datetime) -> None:
    """Whoever has the link belongs; a wish that waits is granted with it, without a mail."""
    series = link.series
    if series.role_of(member):
        return
    series.join(member, now=now)
    Membership.objects.filter(series=series, member=member).update(link=link)
    series.join_requests.waiting().filter(member=member).update(answered_at=now, is_accepted=True)
