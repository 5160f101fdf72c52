"""One connection a batch; one that had trouble is left at once."""

import asyncio
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from outbox import kinds, sending
from outbox.models import Delivery
from outbox.topics import Topic


class Server:
    """A mail server that counts connections and may take its time over the first farewell."""

    def __init__(self) -> None:
        self.connections = 0
        self.mails = 0
        self.says_farewell_after = 0.0
        self.hangs_up_having_taken = False

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, answers: list[str]) -> Any:
        self.connections += 1
        session.host_name = hostname
        return answers

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails += 1
        if self.hangs_up_having_taken:
            server.transport.abort()
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.says_farewell_after if self.connections == 1 else 0)
        return "221 Bye"


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    told = Server()
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    controller = Controller(told, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "outbox.smtp.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield told
    controller.stop()


def letter(delivery: Delivery) -> kinds.Letter:
    if delivery.context.get("hangs"):
        raise TimeoutError
    return kinds.Letter({"notice": SimpleNamespace(subject="朝会", text="", more="", button="", why="")})


@pytest.fixture
def owe(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(kinds._kinds, "test", kinds.Kind("test", letter, Topic.ACCOUNT, template="account_notice"))

    def owe(*contexts: dict[str, Any]) -> None:
        for number, context in enumerate(contexts):
            Delivery.objects.owe("test", str(number), to="hana@example.com", language="ja", context=context)

    return owe


def test_a_batch_goes_over_one_connection(owe: Any, server: Server) -> None:
    owe({}, {}, {})
    sending.send_due()
    assert (server.connections, server.mails) == (1, 3)


def test_a_connection_that_had_trouble_is_left_without_waiting_for_a_farewell(owe: Any, server: Server) -> None:
    server.says_farewell_after = 10
    owe({}, {"hangs": True}, {})
    began = time.monotonic()
    assert sending.send_due() == 2
    assert (server.mails, server.connections, time.monotonic() - began < 5) == (2, 2, True)


def test_a_line_that_breaks_after_the_mail_was_taken_is_an_attempt(owe: Any, server: Server) -> None:
    """Or a server that always takes it and never says so would send it again and again for days."""
    server.hangs_up_having_taken = True
    owe({})
    assert sending.send_due() == 0
    row = Delivery.objects.get()
    assert (server.mails, row.attempts, row.last_error.split(":")[0]) == (1, 1, "SMTPServerDisconnected")
