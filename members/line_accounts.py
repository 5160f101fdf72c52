"""What the outbox asks about LINE accounts, and the word to somebody who has just linked one."""

from collections.abc import Collection, Mapping

from members.line import LINKED, LineAccount
from members.models import Member
from outbox.kinds import Kind, Letter, Unwanted
from outbox.models import Delivery
from outbox.topics import Topic


def accounts(addresses: Collection[str]) -> Mapping[str, str]:
    """LINE's names by mail address, of active members: one query."""
    found = LineAccount.objects.filter(member__email__in=addresses, member__is_active=True)
    return dict(found.values_list("member__email", "account"))


def linked(delivery: Delivery) -> Letter:
    """Said once, if the account is linked still."""
    if not LineAccount.objects.filter(account=delivery.to, member=delivery.context["member"]).exists():
        raise Unwanted("unlinked")
    return Letter({"name": Member.objects.get(pk=delivery.context["member"]).display_name})


KIND = Kind(LINKED, linked, Topic.ACCOUNT)
