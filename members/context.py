"""What every page knows of the club."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from members.models import Club


def club(_request: HttpRequest) -> dict[str, object]:
    """`club`: name, sentence, rules. Read from the cache when a template asks for it."""
    return {"club": SimpleLazyObject(Club.current)}
