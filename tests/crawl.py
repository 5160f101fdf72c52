"""Walking over every address as everybody: who is who, one visit, what every answer must keep, what a visit changed."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.middleware import CONTENT_SECURITY_POLICY
from members.models import Member

ROLES = ("nobody", "member", "host", "stranger", "operator")


@dataclass(frozen=True)
class Row:
    """One address and what each role is answered.

    `page` is the URL's name and its arguments: "session {session}". `get` and `post` hold a status for everybody, or
    two (nobody, whoever is signed in), or one for each of ROLES; `login` is the way to the sign-in page.
    `sends` is what is posted. `note` tells rows of the same page apart.
    """

    page: str
    get: str = "200"
    post: str = "405"
    sends: dict[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def name(self) -> str:
        return self.page.split()[0]

    def url(self, things: dict[str, str]) -> str:
        return reverse(self.name, args=[word.format(**things) for word in self.page.split()[1:]])

    def expected(self, method: str) -> dict[str, str]:
        words = (self.get if method == "get" else self.post).split()
        if len(words) < len(ROLES):
            words = [words[0]] + [words[-1]] * (len(ROLES) - 1)
        return dict(zip(ROLES, words, strict=True))


def client_of(role: str, people: dict[str, Member]) -> Client:
    """A browser in which somebody of that role has signed in."""
    client = Client()
    if role != "nobody":
        client.force_login(people[role])
    return client


def as_before(client: Client) -> Client:
    """Another browser with the same cookies: what the last visit did to them is forgotten."""
    other = Client()
    other.cookies = deepcopy(client.cookies)
    return other


def visit(client: Client, method: str, row: Row, things: dict[str, str]) -> HttpResponse:
    """The answer; what it wrote is taken back. Every answer keeps the policy."""
    cache.clear()
    url = row.url(things)
    with transaction.atomic():
        if method == "get":
            response = client.get(url)
        else:
            response = client.post(url, {name: text.format(**things) for name, text in row.sends.items()})
        transaction.set_rollback(True)
    assert breaches(response) == [], url
    return response


def answer(response: HttpResponse) -> str:
    """The status, or `login` for the way to the sign-in page."""
    if response.status_code == 302 and urlsplit(response["Location"]).path == reverse("account_login"):
        return "login"
    return str(response.status_code)


def addresses(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[tuple[str, str]]:
    """The name of every address there is, and the package that answers; one without a name is called by its pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns)
        else:
            yield pattern.name or str(pattern.pattern), pattern.callback.__module__.split(".")[0]


def names(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[str]:
    return (name for name, _ in addresses(patterns))


def by_package(rows: list[Row]) -> dict[str, list[Row]]:
    """The rows of each package: what they name is made once for all of them."""
    packages = dict(addresses())
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(packages[row.name], []).append(row)
    return found


class Inline(HTMLParser):
    """What the policy would drop: style and script inside the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        data = given.get("type") in {"application/json", "application/ld+json"}
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.found.append(f"<{tag}>")
        self.found += [name for name in given if name == "style" or re.match(r"on|hx-on", name)]
        self.found += [f"{name}=javascript:" for name, value in attrs if (value or "").startswith("javascript:")]


def inline(html: str) -> list[str]:
    """Each inline style or script of a page."""
    parser = Inline()
    parser.feed(html)
    return parser.found


def breaches(response: HttpResponse) -> list[str]:
    """How an answer breaks the policy. A mail shown in its frame has a policy of its own (tests/config)."""
    found = [] if response.headers["Content-Security-Policy"].startswith("default-src 'none'") else ["policy"]
    if "'unsafe-inline'" in response.headers["Content-Security-Policy"]:
        found.append("unsafe-inline")
    if response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY and is_page(response):
        found += inline(response.content.decode())
    return found


def is_page(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming


# What a visit may write: who is signed in.
NOT_COUNTED = {"members_device"}


def state_of_the_club() -> dict[str, str]:
    """A hash of the rows of each table."""
    tables = sorted(set(connection.introspection.table_names()) - NOT_COUNTED)
    parts = [
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{name}\" t"  # noqa: S608
        for name in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())
