"""What every page knows of the reader's standing in the club."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from events.models import Membership


def standing(request: HttpRequest) -> dict[str, object]:
    """`is_host`: whether the reader hosts any series; asked only where a template asks."""

    def is_host() -> bool:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return False
        return user.is_staff or Membership.objects.hosts().filter(member=user).exists()

    return {"is_host": SimpleLazyObject(is_host)}
