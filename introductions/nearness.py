"""Whose cards somebody has: what members.audiences asks."""

from django.db.models import Q

from introductions.acquaintance import Exchange
from introductions.models import Introduction
from members.models import Member


def exchanged(viewer: Member) -> Q:
    """Both said so, by a tap or by two yeses to an introduction. One side alone opens nothing."""
    said = Exchange.objects.filter(member=viewer).values("other")
    both = Exchange.objects.filter(other=viewer, member__in=said).values("member")
    made = Introduction.objects.filter(made_at__isnull=False)
    firsts, seconds = made.filter(second=viewer).values("first"), made.filter(first=viewer).values("second")
    return Q(pk__in=both) | Q(pk__in=firsts) | Q(pk__in=seconds)
