"""Every line and text the club keeps is an attack, and everybody's pages are opened in a real browser."""

from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings as conf
from django.db import DatabaseError, transaction
from django.test import Client
from playwright.sync_api import Browser, Page

from members.fields import LineField, ProseField
from members.models import Club
from search import sources
from tests import attacks
from tests.crawl import client_of
from tests.test_access import TABLE, people, things

pytestmark = pytest.mark.browser

# What an attack would leave in a page; the policy may have stopped it from running. (A mail has styles of its own.)
LEFT = """() => [...document.querySelectorAll('*')].flatMap(one => [
    ...(one.matches('script:not([src]):not([type*=json]), base[href], iframe:not([src^="/"]), object, embed')
        ? [one.outerHTML] : []),
    ...[...one.attributes].filter(said => /^on/i.test(said.name)
        || (/^(href|src|action|formaction|hx-\\w+|data-hx-\\w+)$/i.test(said.name)
            && /^\\s*(javascript|data|vbscript):|evil\\.example/i.test(said.value)
            && !(one.matches('a[rel~=noopener], a[rel~=nofollow], img[src^="data:image/svg"]'))))
        .map(said => `${one.tagName} ${said.name}=${said.value}`),
])"""


class Watched:
    """A page, and what is seen that must not be."""

    def __init__(self, browser: Browser, site: str, client: Client | None) -> None:
        self.site, self.seen = site, list[str]()
        context = browser.new_context(base_url=site, locale="ja-JP", reduced_motion="reduce")
        if client and (session := client.cookies.get(conf.SESSION_COOKIE_NAME)):
            context.add_cookies([{"name": conf.SESSION_COOKIE_NAME, "value": session.value, "url": site}])
        self.page: Page = context.new_page()
        self.page.on("dialog", self._dialog)
        self.page.on(
            "console", lambda said: self._note("policy", said.text) if "Security Policy" in said.text else None
        )
        self.page.on("request", lambda asked: self._asked(asked.url))

    def _dialog(self, dialog: Any) -> None:
        self._note("dialog", dialog.message)
        dialog.dismiss()

    def _note(self, what: str, text: str) -> None:
        self.seen.append(f"{self.page.url} {what}: {text}")

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc not in (urlsplit(self.site).netloc, ""):
            self._note("asked", url)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.seen += [f"{url} left: {left}" for left in self.page.evaluate(LEFT)]


def poisoned() -> int:
    """Overwrite every line and text of every row; how many columns there were."""
    lines, texts, columns = cycle(attacks.LINES), cycle([*attacks.TEXTS, *attacks.LINES]), 0
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if not isinstance(column, LineField | ProseField) or column.choices or (column.max_length or 99) < 20:
                continue
            columns += 1
            for row in model._default_manager.all():
                is_prose = isinstance(column, ProseField)
                more = "\n\n".join(next(texts) for _ in range(12)) if is_prose else next(lines)
                written = attacks.ANYWHERE + more.replace("\0", "")
                try:
                    with transaction.atomic():
                        changed = {column.attname: written[: column.max_length]}
                        model._default_manager.filter(pk=row.pk).update(**changed)
                except DatabaseError:  # what no form and no code gets into it
                    continue
    return columns


@pytest.fixture
def club_of_attacks(request: pytest.FixtureRequest, transactional_db: None, media: object, club: Club) -> Any:
    named, cast = things(request), people(request)
    assert poisoned() >= 90
    sources.refresh(list(apps.get_model("events.Session").objects.values_list("code", flat=True)))
    return named, cast


@pytest.mark.parametrize("role", ["nobody", "host"])
def test_no_attack_becomes_part_of_a_page(club_of_attacks: Any, browser: Browser, site: str, role: str) -> None:
    named, cast = club_of_attacks
    client = client_of(role, cast)
    pages = []
    for row in TABLE:
        answer = client.get(row.url(named))
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            pages.append(row.url(named))
        answer.close()
    watched = Watched(browser, site, client_of(role, cast))
    for url in pages:
        watched.open(url)
    watched.page.context.close()
    assert watched.seen == []
    assert len(pages) >= {"nobody": 20, "host": 80}[role]


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", "<img src=//evil.example/x>", "<b onclick=f()>x</b>"])
def test_an_attack_that_got_through_would_be_seen(db: None, browser: Browser, site: str, attack: str) -> None:
    watched = Watched(browser, site, None)
    policy = {"Content-Security-Policy": Client().get("/about/").headers["Content-Security-Policy"]}
    body = f"<!doctype html><title>x</title><p>{attack}</p>"
    watched.page.route("**/about/", lambda route: route.fulfill(body=body, content_type="text/html", headers=policy))
    watched.open("/about/")
    watched.page.context.close()
    assert watched.seen != []
