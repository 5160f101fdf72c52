"""What mornings hold about a person. How many came, and at which table, is the others' too: it stays without a name."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.translation import gettext as _t

from events.models import Membership, Partstat, Series, Session, Talk
from members.models import Member
from members.personal_data import Policy, Step, cleared, deleted, nothing, of, register, register_leaving, sent


def _asked(member: Member) -> Q:
    """When a seat was asked for without an account."""
    return Q(member=member) | Q(email__iexact=member.email)


def _brought(member: Member) -> Q:
    """Friends whom this member brought, and this member brought by others."""
    return Q(rsvp__member=member) | Q(member=member) | Q(email__iexact=member.email)


POLICIES = (
    Policy(
        "events.Attendance",
        exports=of("member"),
        erases=(
            *cleared("introduced_by", introduced_by=None),
            *cleared("marked_by", marked_by=None),
            # Of a friend or walk-in who became this member.
            Step(lambda member: Q(member=member) & ~Q(name=""), {"name": "－", "yomi": ""}),
            Step(_asked, {"email": ""}),
        ),
        why="that somebody came stays counted, without a name",
    ),
    Policy(
        "events.Rsvp",
        exports=of("member"),
        erases=cleared("member", question="", name="", email=""),
        addresses=("email",),
    ),
    Policy(
        "events.Companion",
        exports=of("rsvp__member"),
        erases=(Step(_brought, {"name": "－", "yomi": "", "email": "", "member": None}),),
    ),
    Policy("events.Notice", exports=of("rsvp__member"), erases=deleted("rsvp__member")),
    Policy("events.Details", exports=of("rsvp__member"), erases=deleted("rsvp__member")),
    Policy("events.Reply", exports=of("rsvp__member"), erases=deleted("rsvp__member")),
    Policy("events.Remembered", exports=of("member"), erases=deleted("member")),
    Policy("events.HostPhoto", exports=of("member"), erases=deleted("member"), sends=sent("member")),
    Policy("events.Visit", exports=_asked, erases=(Step(_asked),), secret=("digest", "code"), addresses=("email",)),
    Policy("events.StandingRsvp", exports=of("member"), erases=deleted("member")),
    Policy("events.JoinRequest", exports=of("member"), erases=deleted("member")),
    Policy(
        "events.Idea",
        exports=of("proposer"),
        # A theme others have taken up stays as one, without the words it was proposed with.
        erases=(
            Step(lambda member: Q(proposer=member, talk=None) & (Q(speaker=None) | Q(speaker=member))),
            *cleared("proposer", proposer=None, about=""),
            *cleared("speaker", speaker=None, agreed_at=None),
        ),
    ),
    Policy("events.Hearer", exports=of("member"), erases=deleted("member")),
    Policy("events.IdeaQuestion", exports=of("member"), erases=deleted("member")),
    Policy(
        "events.Gathering",
        exports=of("member"),
        erases=(
            Step(lambda member: Q(member=member, session=None)),
            *cleared("member", member=None, about="", place=""),
        ),
    ),
    Policy(
        "events.Membership",
        exports=of("member"),
        erases=(*deleted("member"), *cleared("offered_by", offered_by=None, offered_at=None)),
    ),
    Policy("events.Session", erases=cleared("led_by", led_by=None), why="the club's own; whose morning it was is not"),
    Policy("events.Job", exports=of("member"), erases=deleted("member")),
    Policy("events.HostMessage", exports=of("author"), erases=cleared("author", author=None)),
    Policy("events.RestaurantCall", exports=of("caller"), erases=cleared("caller", caller=None), secret=("diets",)),
    Policy(
        "events.Talk",
        exports=of("member"),
        erases=cleared("member", member=None, abstract=""),
        named_at=lambda member: Talk.objects.filter(member=member).values_list("session__code", flat=True),
    ),
    *nothing(
        "the club's own",
        *(
            "events.Venue",
            "events.Series",
            "events.OldSlug",
            "events.JoinLink",
            "events.ReminderRule",
            "events.Question",
        ),
        *("events.ReminderException", "events.ReminderRun", "events.TalkSpeaker"),
    ),
)


def leave(member: Member, now: datetime) -> None:
    """Nobody leaves a series without an owner; seats ahead go to others."""
    owners = Count("memberships", filter=Q(memberships__role=Membership.Role.OWNER, memberships__left_at=None))
    mine = Membership.objects.active().filter(member=member, role=Membership.Role.OWNER).values("series")
    alone = Series.objects.filter(pk__in=mine).annotate(owners=owners).filter(owners=1).first()
    if alone:
        raise ValidationError(_t("%(series)s has no other owner. Please hand it on first.") % {"series": alone})
    coming = Session.objects.on().filter(starts_at__gt=now, rsvps__member=member)
    for session in coming.filter(rsvps__partstat=Partstat.ACCEPTED):
        session.rsvp(member, Partstat.DECLINED, now=now)


register(*POLICIES)
register_leaving(leave)
