"""Questions beside the talk they are for."""

from django import template

from events.models import Idea

register = template.Library()


@register.filter
def of_idea(questions: dict[int, list[str]], idea: Idea) -> list[str]:
    """The questions of one talk."""
    return questions.get(idea.pk, [])
