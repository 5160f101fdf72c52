"""Every kind of mail there is, made from the sample club in both languages: text, page and calendar part."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from archive.sample import build, scenes
from config import gallery
from outbox import kinds
from tests.crawl import state_of_the_club

NAMES = gallery.by_mail()


@pytest.fixture(scope="module", autouse=True)
def _sample(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        build(timezone.now())
        yield
        transaction.set_rollback(True)


def test_every_kind_that_goes_by_mail_has_its_scene() -> None:
    """A new kind needs a scene in archive/sample/scenes.py: what makes the club write it."""
    assert sorted(scenes.SCENES) == NAMES
    assert {kind.name for kind in kinds.all_kinds()} - set(NAMES) == {"line.linked"}


@pytest.mark.parametrize("language", gallery.LANGUAGES)
@pytest.mark.parametrize("kind", NAMES)
def test_each_is_whole_in_both_languages(kind: str, language: str, db: None) -> None:
    mail = gallery.made(kind, language)
    assert mail["subject"]
    assert f'<html lang="{language}">' in mail["html"]
    assert len(mail["html"].encode()) < 40_000
    assert re.findall(r"(?:src|background)=", mail["html"]) == []
    for part in (mail["subject"], mail["text"], mail["html"]):
        assert re.findall(r"\{[{%]|%\(\w+\)s|\bNone\b", part) == []
    assert mail["text"].count("\n\n\n") == 0


@pytest.mark.parametrize("kind", NAMES)
def test_each_says_why_it_came_and_leads_to_the_choice_of_its_reader(kind: str, db: None) -> None:
    """Stopped by one click where it can be, to the choices where it always comes; to neither for guests and codes."""
    mail, topic = gallery.made(kind, "en"), kinds.get(kind).topic
    why, *rest = mail["text"].rpartition("----\n")[2].splitlines()
    assert len(why) > 20, why
    leads = [line for line in rest if line in {"Stop these mails", "Choose which mails come"}]
    if topic.can_stop:
        expected = ["Stop these mails"], "List-Unsubscribe=One-Click"
    else:
        expected = ["Choose which mails come"] if topic.goes_to_members else [], None
    assert (leads, mail["headers"].get("List-Unsubscribe-Post")) == expected
    machines = [mail["headers"][name] for name in ("Auto-Submitted", "X-Auto-Response-Suppress")]
    assert machines == ["auto-generated", "All"]


def test_looking_writes_nothing(db: None) -> None:
    before = state_of_the_club()
    client = Client()
    for kind in NAMES:
        assert client.get(f"/mailbox/gallery/{kind}/ja/").status_code == 200
    assert state_of_the_club() == before


def test_the_gallery_leads_to_each_in_both_languages(db: None) -> None:
    page = Client().get("/mailbox/gallery/").content.decode()
    for kind in NAMES:
        links = [f'href="/mailbox/gallery/{kind}/{language}/"' in page for language in gallery.LANGUAGES]
        assert (kind, links) == (kind, [True, True])


def test_a_mail_shows_its_page_its_text_and_its_calendar(db: None) -> None:
    client = Client()
    page = client.get("/mailbox/gallery/rsvp.confirmed/en/").content.decode()
    for shown in ('src="/mailbox/gallery/rsvp.confirmed/en/page/"', "Cannot come? One tap", "METHOD:REQUEST"):
        assert (shown, shown in page) == (shown, True)
    framed = client.get("/mailbox/gallery/rsvp.confirmed/en/page/")
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox" in framed["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["nothing.there/ja", "rsvp.confirmed/fr", "line.linked/ja"])
def test_what_there_is_not_is_not_there(address: str, db: None) -> None:
    assert Client().get(f"/mailbox/gallery/{address}/").status_code == 404
