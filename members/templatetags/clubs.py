"""The club, for templates that are rendered without a request: mails."""

from typing import Any

from django import template

from members.models import Club

register = template.Library()


@register.simple_tag(takes_context=True)
def this_club(context: dict[str, Any]) -> Club:
    """`{% this_club as club %}`: its name, its sentence, its rules. Of many mails at once, the first has asked."""
    return context.get("club") or Club.current()
