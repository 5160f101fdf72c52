"""Name and one line outside the club: each by a consent of its own, kept with its text and time."""

from datetime import datetime

from members.levels import Level
from members.models import Consent, Member

# Which words were agreed to: templates/members/parts/publishing.html. Another text is another version.
TEXT_VERSION = "2026-11"
KIND_OF = {"name": Consent.Kind.PUBLIC_NAME, "one_line": Consent.Kind.PUBLIC_LINE}


def record(member: Member, *, now: datetime) -> None:
    """Keep the consents in step with what the member has chosen, in the caller's transaction. Again changes nothing."""
    for line, kind in KIND_OF.items():
        if getattr(member, f"{line}_level") == Level.PUBLIC:
            row = Consent(member=member, kind=kind, text_version=TEXT_VERSION, given_at=now)
            Consent.objects.bulk_create([row], ignore_conflicts=True)
        else:
            Consent.objects.filter(member=member, kind=kind, withdrawn_at=None).update(withdrawn_at=now)
