"""Who may see pages about people: whoever has joined the club."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from members.models import Member


def me(request: HttpRequest) -> Member:
    """The member who asks, in a view behind `login_required` or `joined_required`."""
    return cast("Member", request.user)


def joined_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Others sign in first, or tell who they are first."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if me(request).has_profile:
            return view(request, *args, **kwargs)
        return redirect(f"{reverse('profile')}?{urlencode({'next': request.get_full_path()})}")

    return login_required(asked)
