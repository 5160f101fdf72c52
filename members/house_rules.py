"""The house rules: which words hold, and that somebody agreed to these words on that day."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import transaction

from members.models import Club, Consent, Member

KIND = Consent.Kind.RULES
# Of the words that hold where the club has written none (templates/members/parts/rules.html): others, another version.
DEFAULT_VERSION = "2026-11"


def version(club: Club) -> str:
    """What names the words in force: the club's own by their digest, so that changing them asks anew."""
    if not club.rules:
        return DEFAULT_VERSION
    return hashlib.blake2b(club.rules.encode(), digest_size=8).hexdigest()


def accepted(member: Member) -> bool:
    """Whether this person agreed to the words as they stand: one query."""
    said = Consent.objects.filter(member=member, kind=KIND, withdrawn_at=None)
    return said.filter(text_version=version(Club.current())).exists()


@transaction.atomic
def accept(member: Member, *, now: datetime) -> None:
    """Agree to the words as they stand; to others said before the row stays, with its end. Twice changes nothing."""
    Member.objects.get_queryset().select_for_update(no_key=True).get(pk=member.pk)
    if accepted(member):
        return
    Consent.objects.filter(member=member, kind=KIND, withdrawn_at=None).update(withdrawn_at=now)
    words = version(Club.current())
    Consent.objects.create(member=member, kind=KIND, text_version=words, given_at=now)
