"""What members, the outbox and the libraries below hold about a person."""

from datetime import timedelta

from django.db.models import Q

from members.line import LineAccount
from members.models import FormerAddress, Member
from members.personal_data import Policy, Step, cleared, deleted, nothing, of, register


def _owed(member: Member) -> Q:
    """What was written to this person, by mail, also to an address they had before, or by LINE."""
    owed = Q(to=member.email) | Q(to__in=LineAccount.objects.filter(member=member).values("account"))
    for former in FormerAddress.objects.filter(member=member):
        # The mail that tells the old address is written just afterwards.
        owed |= Q(to=former.address, created_at__lte=former.left_at + timedelta(minutes=5))
    return owed


def _arrived(member: Member) -> Q:
    """What came into the mailbox of local mode for this person, also at an address they had before."""
    arrived = Q(recipients__contains=[member.email])
    for former in FormerAddress.objects.filter(member=member):
        arrived |= Q(recipients__contains=[former.address], received_at__lte=former.left_at + timedelta(minutes=5))
    return arrived


def _addressed(member: Member) -> Q:
    return Q(address=member.email)


POLICIES = (
    Policy(
        "members.Member",
        exports=lambda member: Q(pk=member.pk),
        # The small photo is the other one once more.
        secret=(
            "password",
            "link_version",
            "feed_version",
            "reading",
            "sounds",
            "is_superuser",
            "groups",
            "photo_small",
        ),
        sends=lambda member, _since: Q(pk=member.pk),
        why="erasing.erase empties every column; the row stays for the counts of others",
    ),
    Policy("members.Identity", exports=of("member"), erases=deleted("member"), opens="linked_at"),
    Policy("members.FormerAddress", exports=of("member"), erases=deleted("member")),
    Policy("members.Consent", exports=of("member"), erases=deleted("member")),
    Policy("members.News", exports=of("member"), erases=deleted("member")),
    Policy("members.Block", exports=of("member"), erases=deleted("member", "other")),
    Policy(
        "members.Concern",
        # What others told about somebody would point at them; what one told without a name is in no file at all.
        exports=of("teller"),
        erases=(*deleted("about"), *cleared("teller", teller=None)),
        secret=("mark", "note", "looked_by", "outcome"),
    ),
    Policy("members.LineAccount", exports=of("member"), erases=deleted("member")),
    Policy("members.LineCode", erases=deleted("member"), why="a code of fifteen minutes"),
    Policy(
        "members.Refusal",
        erases=(Step(_addressed, {"address": None, "why": ""}),),
        why="for the hosts alone; a digest stays, so that a refusal outlives the account",
    ),
    Policy("members.Device", exports=of("member"), erases=deleted("member"), secret=("session_key", "session_data")),
    Policy("members.DataExport", exports=of("member"), erases=deleted("member"), secret=("file",)),
    Policy("members.Activity", exports=of("actor"), why="what a host did; the actor has no name afterwards"),
    Policy(
        "outbox.Delivery",
        exports=_owed,
        erases=(Step(_owed),),
        secret=("rendered", "context", "key", "last_error", "lane", "next_attempt_at", "attempts"),
    ),
    Policy("outbox.Stop", exports=_addressed, erases=(Step(_addressed),), addresses=("address",)),
    Policy("outbox.Suppression", exports=_addressed, erases=(Step(_addressed),)),
    Policy(
        "outbox.MailboxMessage",
        erases=(Step(_arrived),),
        why="local mode alone",
    ),
    Policy("account.EmailAddress", exports=of("user"), erases=deleted("user")),
    Policy("account.EmailConfirmation", erases=deleted("email_address__user"), why="a key of some minutes"),
    Policy("mfa.Authenticator", exports=of("user"), erases=deleted("user"), secret=("data",), opens="created_at"),
    *nothing("written anew from what is left", "search.Document"),
    *nothing("the club's own", "members.Club", "outbox.Heartbeat", "outbox.Limits"),
    *nothing("Django's own, empty here", "auth.Group", "auth.Permission", "contenttypes.ContentType"),
)

register(*POLICIES)
