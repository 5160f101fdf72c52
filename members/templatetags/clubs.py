"""The club, for templates that are rendered without a request: mails."""

from django import template

from members.models import Club

register = template.Library()


@register.simple_tag
def this_club() -> Club:
    """`{% this_club as club %}`: its name, its sentence, its rules."""
    return Club.current()
