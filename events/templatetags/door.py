"""What the list at the door looks up."""

from collections.abc import Mapping

from django import template

from members.models import Member

register = template.Library()


@register.filter
def of_place(found: Mapping[str, list[Member]], key: str) -> list[Member]:
    """Who may be the one at this place."""
    return found.get(key, [])
