"""The pictures of the README: `make run` in one terminal, `make screenshots` in another."""

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
SITE = f"http://localhost:{os.environ.get('PORT', '8000')}"
GUEST = re.compile("ゲスト")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        front(browser)
        morning(browser)
        browser.close()


def front(browser: Browser) -> None:
    """The front page on a desk."""
    page = open_page(browser, 1280, 860)
    page.goto(SITE)
    page.screenshot(path=FOLDER / "front.png")


def morning(browser: Browser) -> None:
    """A morning with its guest, on a phone at dawn: dark."""
    page = open_page(browser, 390, 844, dark=True)
    page.goto(SITE)
    for address in [link.get_attribute("href") for link in page.locator(".programme__title a").all()]:
        page.goto(f"{SITE}{address}")
        if page.get_by_text(GUEST).count():
            break
    page.screenshot(path=FOLDER / "session.png")


def open_page(browser: Browser, width: int, height: int, *, dark: bool = False) -> Page:
    return browser.new_page(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if width < 500 else 1,
        locale="ja-JP",
        color_scheme="dark" if dark else "light",
    )


if __name__ == "__main__":
    sys.exit(main())
