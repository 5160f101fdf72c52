"""A mail is written down at once for the line: the very bytes that Python's own way of composing gives."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.mail.message import BadHeaderError, sanitize_address
from hypothesis import given
from hypothesis import strategies as st

from outbox import rendering
from outbox.models import Delivery
from outbox.smtp import _on_the_envelope

STOP = "https://club.example/mails/stop/" + "aZ09_-" * 30
STORED: dict[str, Any] = {
    "version": "",
    "subject": "朝食会 値札のない朝のお知らせ",
    "text": "おはようございます。\n\nThe door opens at 6:40.\n",
    "html": "<p>おはようございます。</p>\n<a href='https://club.example/'>朝会</a>",
    "from": "朝食会 <club@club.example>",
    "reply_to": "",
    "cc": [],
    "headers": {"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{STOP}>"},
    "calendar": None,
}


def owed(to: str = "hana@example.com", **said: Any) -> Delivery:
    return Delivery(pk=7, key="test:7", to=to, language="ja", rendered=STORED | said)


def both_ways(delivery: Delivery) -> tuple[bytes, bytes]:
    with time_machine.travel(datetime(2026, 11, 26, tzinfo=UTC), tick=False):
        mail = rendering.message(delivery)
        return mail.raw(), mail.message().as_bytes(linesep="\r\n")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"subject": "See you tomorrow", "text": "Bring a card.\n", "html": "<p>Bring a card.</p>\n"},
        {"subject": "long " * 40},
        {"subject": "長い題" * 40},
        {"text": "朝" * 500 + "\n"},
        {"html": "<p>" + "x" * 2000},
        {"text": "a\r\nb\rc\u2028d\x85e\n\n"},
        {"text": "From Tsukiji\n.\n..two\n"},
        {"text": "\n"},
        {"html": ""},
        {"from": "club@club.example"},
        {"reply_to": "山田 花子 <hanako@example.com>"},
        {"cc": ["editor@example.com", "秘書 <secretary@例え.jp>"]},
        {"calendar": ["REQUEST", "BEGIN:VCALENDAR\r\nSUMMARY:朝\r\nEND:VCALENDAR\r\n"]},
        {"to": "花@example.com"},
        {"to": "hana@例え.jp"},
        {"to": '"ha na"@example.com'},
    ],
)
def test_the_bytes_are_those_of_python(said: dict[str, Any]) -> None:
    raw, composed = both_ways(owed(**said))
    assert raw == composed


@given(text=st.text(min_size=1), html=st.text(), subject=st.text(max_size=200))
def test_whatever_is_said(text: str, html: str, subject: str) -> None:
    """As far as it can be stored: without what UTF-8 and headers have no place for."""
    text, html, subject = ("".join(c for c in said if c.isprintable() or c in "\n\r") for said in (text, html, subject))
    raw, composed = both_ways(owed(text=text + "\n", html=html, subject=rendering.one_line(subject)))
    assert raw == composed


def test_a_header_is_one_line() -> None:
    with pytest.raises(BadHeaderError):
        rendering.message(owed(subject="朝食会\nBcc: mallory@example.com")).raw()


@pytest.mark.parametrize(
    "address", ["hana@example.com", "Ha.Na+x@Club.Example", "花@example.com", "hana@例え.jp", "a'b@x.jp"]
)
def test_the_envelope_is_django_s(address: str) -> None:
    assert _on_the_envelope(address) == sanitize_address(address, "utf-8")
