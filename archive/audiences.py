"""Which documents of the index somebody may find."""

from events.documents import audience
from events.models import Series
from events.models.series import Viewer
from members.models import Member


def of(viewer: Viewer) -> set[str]:
    """The audiences a reader belongs to: nobody in particular none but the public; others in one query."""
    if not isinstance(viewer, Member):
        return {Series.Audience.PUBLIC}
    closed = Series.objects.visible_to(viewer).filter(audience=Series.Audience.SERIES)
    joined = {Series.Audience.MEMBERS} if viewer.joined_at or viewer.is_staff else set()
    return {Series.Audience.PUBLIC, *joined, *map(audience, closed)}
