"""Who may see a page: people of the club those about people, whoever has its link a secret one."""

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


def private(response: HttpResponse) -> HttpResponse:
    """A page whose address is a secret: it goes to no site, not even to ours, and into no index.

    With no-referrer a browser would post the form from an origin "null", and the form would be refused.
    """
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def joined_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Others sign in first, or tell who they are first."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if me(request).has_profile:
            return view(request, *args, **kwargs)
        return redirect(f"{reverse('profile')}?{urlencode({'next': request.get_full_path()})}")

    return login_required(asked)
