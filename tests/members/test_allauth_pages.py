"""Of allauth's own pages none is reachable undesigned: what we use is ours, all the rest is not there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allauth.account.urls
import allauth.mfa.urls
import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver

from members.models import Club, Member
from tests.members.test_signing_in import CODE, LOGIN, SIGNUP, SIGNUP_CODE, by_code

OURS = {LOGIN, CODE, SIGNUP, "/accounts/logout/", "/accounts/inactive/", "/accounts/email/", "/accounts/"}


def theirs(patterns: list[URLPattern | URLResolver], root: str) -> Iterator[str]:
    """Every address allauth would have, were its own list of them taken in."""
    for one in patterns:
        route = f"{root}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from theirs(one.url_patterns, route)
        else:
            yield re.sub(r"<[^>]+>|\(\?P.*?\+\)", "1", route.replace("^", "").replace("$", ""))


THEIRS = sorted(
    {*theirs(allauth.account.urls.urlpatterns, "/accounts/"), *theirs(allauth.mfa.urls.urlpatterns, "/accounts/2fa/")}
)


def test_there_are_some() -> None:
    assert {"/accounts/password/reset/", "/accounts/2fa/totp/activate/", "/accounts/2fa/", LOGIN} <= set(THEIRS)


@pytest.mark.parametrize("address", [address for address in THEIRS if address not in OURS])
def test_what_we_do_not_use_is_not_there(address: str, hana: Member) -> None:
    client = Client()
    client.force_login(hana)
    assert [(client.get(address).status_code, client.post(address).status_code), Client().get(address).status_code] == [
        (404, 404),
        404,
    ]


def foreign(response: Any) -> list[str]:
    """Templates of a page that do not stand in our folder; parts of forms and the reset of Django's are none."""
    own = Path(settings.BASE_DIR) / "templates"
    used = [
        template for template in response.templates if template.origin and template.origin.name != "<unknown source>"
    ]
    return sorted(
        {t.name for t in used if not Path(t.origin.name).is_relative_to(own) and not t.name.startswith("django/")}
    )


def test_every_page_about_signing_in_is_drawn_by_us(hana: Member, club: Club) -> None:
    client, fresh, new = Client(), Client(), Client()
    by_code(client, hana.email)
    key = Authenticator.objects.create(
        user=hana, type=Authenticator.Type.WEBAUTHN, data={"name": "Mac", "credential": {}}
    )
    fresh.post(LOGIN, {"email": "ken@example.com"})
    new.post(SIGNUP, {"email": "new@example.com"})
    pages = [Client().get(address) for address in (LOGIN, SIGNUP, "/accounts/inactive/")]
    pages += [fresh.get(CODE), new.get(SIGNUP_CODE), client.get("/accounts/logout/"), client.get("/accounts/")]
    pages += [client.get(f"/accounts/passkeys/{key.pk}/remove/"), client.get("/accounts/app/")]
    assert [(page.status_code, foreign(page)) for page in pages] == [(200, [])] * len(pages)
