"""Which documents of the index somebody may find."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from events.models import Series
from events.models.series import Viewer
from members.models import Member
from search.models import Document, DocumentQuerySet

# As events.documents.audience calls a closed series.
CALLED = Concat(Value("series:"), Cast("pk", CharField()), output_field=CharField())


def visible_to(viewer: Viewer) -> DocumentQuerySet:
    """What a reader may find: nobody in particular only what is public. A condition, not a query of its own."""
    if not isinstance(viewer, Member):
        return Document.objects.visible_to([Series.Audience.PUBLIC])
    belongs = viewer.joined_at or viewer.is_staff
    opened = [Series.Audience.PUBLIC, *([Series.Audience.MEMBERS] if belongs else [])]
    closed = Series.objects.visible_to(viewer).filter(audience=Series.Audience.SERIES).order_by()
    return Document.objects.visible_to(opened, closed.values_list(CALLED, flat=True))
