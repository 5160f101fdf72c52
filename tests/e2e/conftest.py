"""A real browser: the system's Chromium, driven by Playwright."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from outbox.models import MailboxMessage
from outbox.sending import send_due

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "NO CHROMIUM FOUND: the browser tests did not run. Install chromium, or the system's package of that name."


def chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are left out, and one loud line says so; in CI that is a failure."""
    browser = [item for item in items if item.get_closest_marker("browser")]
    if not browser or chromium():
        return
    if config.getoption("--require-browser"):
        raise pytest.UsageError(MISSING)
    items[:] = [item for item in items if item not in browser]
    config.hook.pytest_deselected(items=browser)
    sys.__stderr__ and print(f"\n!!! {MISSING}", file=sys.__stderr__)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture
def site(transactional_db: None, live_server: Any) -> str:
    """Where the site is: a passkey belongs to the name localhost, an address of numbers has none."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def page(site: str, browser: Browser) -> Iterator[Page]:
    """A fresh Japanese phone. What the page's console complains of fails the test, save that a form was refused."""
    context = browser.new_context(
        base_url=site, locale="ja-JP", viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    opened, complaints = context.new_page(), []
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [said for said in complaints if "status of 422" not in said] == []


@pytest.fixture
def mailed_code(settings: Any) -> Callable[[str], str]:
    """Let the worker send what is due, then read the code in the newest mail to that address."""
    settings.EMAIL_BACKEND = "outbox.mailbox.Backend"

    def read(address: str) -> str:
        send_due()
        mail = MailboxMessage.objects.filter(recipients=[address]).first()
        assert mail
        found = re.search(r"\b[B-DF-HJ-NP-TV-Z2-9]{6}\b", mail.subject)
        assert found, mail.subject
        return found[0]

    return read


@pytest.fixture
def blameless() -> Callable[[Page], None]:
    """axe finds nothing on the page, by day and by night."""

    def check(page: Page) -> None:
        page.wait_for_load_state()  # a tap may be on its way to the next page
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page).response["violations"]
            assert [(scheme, v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []

    return check
