"""Whether somebody wants to be introduced at all: asked once, changed at any time, kept with its text."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from members.models import Consent, Member

KIND = Consent.Kind.INTRODUCTIONS
# Which words were agreed to: templates/introductions/parts/consent.html. Another text is another version.
TEXT_VERSION = "2026-11-26"


def in_force() -> QuerySet[Consent]:
    """The consents that stand, everybody's."""
    return Consent.objects.filter(kind=KIND, withdrawn_at=None)


def withdrawn_since(member: Member, when: datetime) -> bool:
    """Whether somebody said no from that moment on, and has not agreed again: what was asked of them before is over."""
    said = Consent.objects.filter(member=member, kind=KIND)
    is_over = said.filter(withdrawn_at__gte=when).exists()
    return is_over and not said.filter(withdrawn_at=None).exists()


def give(member: Member, *, now: datetime) -> None:
    """Agree to the text as it stands. Agreeing twice changes nothing."""
    row = Consent(member=member, kind=KIND, text_version=TEXT_VERSION, given_at=now)
    Consent.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def refuse(member: Member, *, now: datetime) -> None:
    """No, thanks; or no longer. Who refuses at once has a consent that ended as it began: nobody is asked twice."""
    Member.objects.get_queryset().select_for_update().get(pk=member.pk)
    said = Consent.objects.filter(member=member, kind=KIND)
    if not said.filter(withdrawn_at=None).update(withdrawn_at=now) and not said.exists():
        Consent.objects.create(member=member, kind=KIND, text_version=TEXT_VERSION, given_at=now, withdrawn_at=now)
