"""What is kept of people who asked for a seat without an account, and for how long."""

from datetime import datetime

from events.models import Visit


def forget(*, now: datetime) -> None:
    """Once an hour: what was typed for a morning that is over. Answers that came of it are the person's own."""
    Visit.objects.forgotten(now).delete()
