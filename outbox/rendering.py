"""From a claimed row to the bytes of a mail. Rendered once; what is stored in the row is what every attempt sends."""

import hashlib
import re
import time
from collections.abc import Sequence
from email.policy import Compat32
from email.utils import formataddr, formatdate
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import RFC5322_EMAIL_LINE_LENGTH_LIMIT, forbid_multi_line_headers
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import timezone, translation

from outbox import bounces, kinds, stops
from outbox.blanks import Forms, Texts
from outbox.by_line import Channel
from outbox.models import Delivery

# What neither PostgreSQL's JSON nor XML-minded mail programs take.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
LINE_AT_MOST = 78
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def one_line(text: str) -> str:
    """Text fit for a header: a vertical tab in a title would end the header block of a mail."""
    return " ".join(CONTROLS.sub(" ", text).split())


def letter(delivery: Delivery) -> kinds.Letter:
    """Ask the kind what it has to say, in the reader's language. Raises `kinds.Unwanted` when it is off."""
    with translation.override(delivery.language):
        return kinds.get(delivery.kind).letter(delivery)


class Letters:
    """What the kinds have to say about the mails of one batch, asked when a mail's turn comes.

    A kind that answers for many is asked for all that are left at once; and anew when a second has passed, so that
    behind a slow mail server nothing goes that was called off in the meantime.
    """

    FRESH_SECONDS = 1.0

    def __init__(self, batch: Sequence[Delivery]) -> None:
        self._left = {delivery.pk: delivery for delivery in batch}
        self._said: dict[int, tuple[float, kinds.Said]] = {}
        self._forms = Forms()
        # What has been said to many and rendered, by the number of the object, which is its own while it is kept here.
        self._shared: dict[int, dict[str, Any]] = {}

    def of(self, delivery: Delivery) -> kinds.Letter:
        """The letter of this one. Raises `kinds.Unwanted` when it is off, `kinds.NotNow` when it has to wait."""
        if kinds.get(delivery.kind).letters is None:
            return letter(delivery)
        at, said = self._said.get(delivery.pk, (0.0, None))
        if said is None or time.monotonic() - at > self.FRESH_SECONDS:
            said = self._ask(delivery)
        del self._left[delivery.pk]
        if isinstance(said, Exception):
            raise said
        return said

    def rendered(self, delivery: Delivery, letter: kinds.Letter) -> dict[str, Any]:
        """This letter as it is stored; what it has in common with others of the batch is rendered once."""
        text = render(delivery, letter, self._forms)
        self._shared[id(letter.context)] = letter.context
        return text

    def at_hand(self, delivery: Delivery) -> dict[str, Any] | None:
        """The same where nothing is left to do but to fill in a name: that has killed no worker yet."""
        _at, said = self._said.get(delivery.pk, (0.0, None))
        if isinstance(said, kinds.Letter) and id(said.context) in self._shared:
            return self.rendered(delivery, said)
        return None

    def _ask(self, delivery: Delivery) -> kinds.Said:
        """About this mail and those like it whose turn comes later."""
        ask, now = kinds.get(delivery.kind).letters, time.monotonic()
        assert ask is not None  # noqa: S101 - or nobody comes here
        like = [d for d in self._left.values() if (d.kind, d.language) == (delivery.kind, delivery.language)]
        with translation.override(delivery.language):
            self._said |= {pk: (now, said) for pk, said in ask(like).items()}
        return self._said[delivery.pk][1]


def render(delivery: Delivery, letter: kinds.Letter, forms: Forms | None = None) -> dict[str, Any]:
    """The mail as plain values that can be stored: subject, text, html, headers, calendar.

    Of letters to many in one batch, `forms` keeps what they have in common.
    """
    kind = kinds.get(delivery.kind)
    links = _links(delivery, kind, letter)
    with translation.override(delivery.language):
        if letter.own:
            like, own = (kind.name, delivery.language, delivery.channel), {**letter.own, **links}
            say = partial(_said, delivery)
            texts = (forms or Forms()).filled(like, letter.context, own, say)
        else:
            texts = _said(delivery, {**links, **letter.context})
    if delivery.channel == Channel.LINE:
        return {"version": letter.version, "text": _tidy(texts["line"])}
    return {
        "version": letter.version,
        "subject": one_line(texts["subject"])[:200],
        "text": _tidy(texts["text"]) + "\n",
        "html": UNPRINTABLE.sub("", texts["html"]),
        "from": _sender(letter.sender_name),
        "reply_to": letter.reply_to,
        "cc": list(letter.cc),
        "headers": _headers(links["stop_url"]),
        "calendar": [letter.calendar[0], letter.calendar[1].decode()] if letter.calendar else None,
    }


def _said(delivery: Delivery, values: dict[str, Any]) -> Texts:
    """What the templates make of these values, in the language that is active."""
    name = f"emails/{kinds.get(delivery.kind).template_name}"
    context = {"site_url": settings.SITE_URL, "language": delivery.language, **values}
    if delivery.channel == Channel.LINE:
        return {"line": _plain(f"{name}_line.txt", context)}
    return {
        "text": _plain(f"{name}_message.txt", context),
        "subject": _plain(f"{name}_subject.txt", context),
        "html": render_to_string(f"{name}_message.html", context),
    }


class ShortLines(Compat32):
    """A header that fits into its line needs no folding (RFC 5322, 2.1.1), which costs more than all the rest of it."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        line = f"{name}: {value}"
        if isinstance(value, str) and line.isascii() and len(line) <= LINE_AT_MOST:
            return (line + self.linesep).encode()
        return super().fold_binary(name, value)


class Mail(EmailMultiAlternatives):
    """The same bytes at every attempt: Python would draw new boundaries between the parts each time."""

    def message(self, **options: Any) -> Any:
        message = super().message(**options)
        message.policy = ShortLines()
        for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
            part.set_boundary(f"{self._boundary}.{number}")
        return message

    def raw(self) -> bytes:
        """What goes over the line: the bytes of `message()`, where it is text and HTML written down straight away."""
        told = [(mimetype.removeprefix("text/"), str(content)) for content, mimetype in self.alternatives]
        texts = [("plain", str(self.body)), *told]
        parts = [_part(subtype, text) for subtype, text in texts]
        if [subtype for subtype, _text in texts] != ["plain", "html"] or not all(parts) or not self.body:
            return bytes(self.message().as_bytes(linesep="\r\n"))
        own = {name: value for name, value in self.extra_headers.items() if name != "From"}
        lists = {"To": self.to, "Cc": self.cc, "Reply-To": self.reply_to}
        headers = {"Subject": self.subject, "From": self.extra_headers["From"]}
        headers |= {name: ", ".join(addresses) for name, addresses in lists.items() if addresses}
        headers |= {"Date": formatdate(localtime=settings.EMAIL_USE_LOCALTIME), **own}
        mark = f"{self._boundary}.0".encode()
        return b"".join(
            [
                b'Content-Type: multipart/alternative;\r\n boundary="' + mark + b'"\r\nMIME-Version: 1.0\r\n',
                *(_header(name, value) for name, value in headers.items()),
                *(b"\r\n--" + mark + b"\r\n" + part for part in parts),
                b"\r\n--" + mark + b"--\r\n",
            ]
        )

    @property
    def _boundary(self) -> str:
        return f"=_{hashlib.sha256(self.extra_headers['Message-ID'].encode()).hexdigest()[:40]}"


ON_THE_LINE = ShortLines(linesep="\r\n")


@lru_cache(1000)
def _header(name: str, value: str) -> bytes:
    """A header as Django checks, encodes and folds it."""
    return ON_THE_LINE.fold_binary(*forbid_multi_line_headers(name, value, settings.DEFAULT_CHARSET))


def _part(subtype: str, text: str) -> bytes:
    """A text as it stands between two boundaries; empty where a line is too long to go as it is."""
    encoded = b"\r\n".join(text.encode().splitlines()) + (b"\r\n" if text.endswith(("\n", "\r")) else b"")
    if any(len(line) > RFC5322_EMAIL_LINE_LENGTH_LIMIT for line in encoded.split(b"\r\n")):
        return b""
    bits = 7 if text.isascii() else 8
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: {bits}bit'
    return head.encode() + b"\r\n\r\n" + encoded


def message(delivery: Delivery, connection: Any = None) -> Mail:
    """The stored mail as a message ready to be sent."""
    stored = delivery.rendered or {}
    mail = Mail(
        subject=stored["subject"],
        body=stored["text"],
        # The envelope's sender; what the reader sees is the header From.
        from_email=bounces.envelope(delivery, now=timezone.now()) or stored["from"],
        to=[delivery.to],
        cc=stored["cc"],
        reply_to=[stored["reply_to"]] if stored["reply_to"] else None,
        # PostgreSQL keeps keys in an order of its own: sorted, the first attempt is like those that read them back.
        headers={**dict(sorted(stored["headers"].items())), "From": stored["from"], "Message-ID": delivery.message_id},
        connection=connection,
    )
    mail.attach_alternative(stored["html"], "text/html")
    if stored["calendar"]:
        method, text = stored["calendar"]
        mail.attach_alternative(text, f"text/calendar; method={method}")
    return mail


def _plain(name: str, context: dict[str, Any]) -> str:
    """A template that is no HTML: O'Hara stays O'Hara."""
    return Engine.get_default().get_template(name).render(Context(context, autoescape=False))


def _tidy(text: str) -> str:
    """Without what cannot be printed, and never more than one empty line."""
    return re.sub(r"\n{3,}", "\n\n", UNPRINTABLE.sub("", text)).strip()


def _sender(name: str) -> str:
    """The club's address, with a person's or the club's name that cannot pass for another address."""
    clean = one_line(re.sub(r"[@:<>\"]|https?|www\.", " ", name))[:80]
    return formataddr((clean, settings.DEFAULT_FROM_EMAIL)) if clean else settings.DEFAULT_FROM_EMAIL


def _links(delivery: Delivery, kind: kinds.Kind, letter: kinds.Letter) -> dict[str, str]:
    """Where mails like this one are stopped, or, if they always come, where one chooses among the others."""
    subjects, now = kind.subjects(letter), timezone.now()
    if subjects:
        return {"stop_url": stops.stop_url(delivery, subjects, now=now), "choices_url": ""}
    if kind.topic.goes_to_members:
        return {"stop_url": "", "choices_url": stops.choices_url(delivery, (), now=now)}
    return {"stop_url": "", "choices_url": ""}


def _headers(stop_url: str) -> dict[str, str]:
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if stop_url:
        headers["List-Unsubscribe"] = f"<{stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
