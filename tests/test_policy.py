"""Every answer carries the content security policy, and no page needs what the policy forbids.

Each visit of tests/test_access.py is held against it too; here are the answers no table row gives.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, path
from django.utils.http import urlencode

from config.middleware import CONTENT_SECURITY_POLICY
from events.models import Session
from members.models import Member
from tests.crawl import breaches, inline


def fail(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError


class Failing:
    """A site whose only page fails."""

    urlpatterns = [path("fail/", fail)]


def held(response: HttpResponse) -> tuple[int, str, list[str]]:
    return response.status_code, response["Content-Security-Policy"], breaches(response)


def test_a_page_that_is_not_there(db: None) -> None:
    assert held(Client().get("/nothing/here/")) == (404, CONTENT_SECURITY_POLICY, [])


def test_a_form_without_its_token(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"email": "hana@example.com"})
    assert held(response) == (403, CONTENT_SECURITY_POLICY, [])


def test_a_name_that_is_not_ours(db: None) -> None:
    assert held(Client().get("/about/", headers={"host": "evil.test"})) == (400, CONTENT_SECURITY_POLICY, [])


def test_a_name_a_proxy_was_told_is_in_no_page(session: Session) -> None:
    told = {"x-forwarded-host": "evil.test", "forwarded": "host=evil.test", "x-original-url": "/operator/"}
    for page in ("/", f"/sessions/{session.code}/", "/accounts/login/"):
        answer = Client().get(page, headers=told)
        assert (page, answer.status_code, b"evil.test" in answer.getvalue()) == (page, 200, False)


def test_a_method_that_is_not_taken(db: None) -> None:
    assert held(Client().post("/about/")) == (405, CONTENT_SECURITY_POLICY, [])


def test_too_many_at_once(hana: Member) -> None:
    client = Client()
    for _ in range(4):
        client.force_login(hana)
        response = client.post("/accounts/again/code/")
    assert held(response) == (429, CONTENT_SECURITY_POLICY, [])


@pytest.mark.parametrize("form", [{f"n{n}": "" for n in range(10_000)}, {"email": "a" * 2_000_000}])
def test_a_form_that_no_page_of_ours_sends(db: None, form: dict[str, str]) -> None:
    """Ten thousand fields, or two megabytes of text."""
    sent = urlencode(form), "application/x-www-form-urlencoded"
    assert held(Client().post("/accounts/login/", *sent)) == (400, CONTENT_SECURITY_POLICY, [])


def test_a_page_that_fails(db: None, settings) -> None:
    settings.ROOT_URLCONF = Failing
    response = Client(raise_request_exception=False).get("/fail/")
    assert held(response) == (500, CONTENT_SECURITY_POLICY, [])


def test_a_file(db: None) -> None:
    response = Client().get("/static/css/app.css")
    response.close()
    assert (response.status_code, response["Content-Security-Policy"]) == (200, CONTENT_SECURITY_POLICY)


def test_the_policy_lets_nothing_inline_through() -> None:
    assert ("unsafe" in CONTENT_SECURITY_POLICY, "nonce" in CONTENT_SECURITY_POLICY) == (False, False)


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<p style="color:red">', ["style"]),
        ("<style>p {}</style>", ["<style>"]),
        ("<script>alert(1)</script>", ["<script>"]),
        ('<a onclick="f()">', ["onclick"]),
        ('<a hx-on:click="f()">', ["hx-on:click"]),
        ('<a href="javascript:f()">', ["href=javascript:"]),
        ('<script src="/static/js/a.js"></script>', []),
        ('<script type="application/json">{}</script>', []),
    ],
)
def test_what_the_policy_would_drop_is_seen(html: str, found: list[str]) -> None:
    assert inline(html) == found


def exempt(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from exempt(pattern.url_patterns)
        elif getattr(pattern.callback, "csrf_exempt", False):
            yield pattern.name


def test_only_these_addresses_take_a_post_without_a_token() -> None:
    """Language (docs/decisions/0005), one click in a mail program (RFC 8058), LINE; by a link that is itself the key a
    guest's answer and an author's readers. The API takes no post and reads no cookie: it says so as JSON."""
    assert sorted(exempt(get_resolver().url_patterns)) == [
        *("api_all_series", "api_document", "api_guest", "api_hosted_sessions", "api_my_answers", "api_my_attendances"),
        *("api_nothing", "api_series", "api_session", "api_sessions"),
        "following",
        "inbound",
        "letter_by_link",
        "line_webhook",
        "mail_stop",
        "set_language",
    ]
