"""Django's way to a mail server, with the bytes of our mails written down at once (outbox/rendering.py)."""

import re
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from outbox.rendering import Mail

# What an address may be made of without being read closely.
PLAIN = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]*@[A-Za-z0-9][A-Za-z0-9.-]*")


class Backend(smtp.EmailBackend):
    """One connection, as many mails as one likes."""

    def _send(self, email_message: EmailMessage) -> bool:
        if not isinstance(email_message, Mail) or self.connection is None:
            return bool(super()._send(email_message))  # type: ignore[misc]
        recipients = [_on_the_envelope(address) for address in email_message.recipients()]
        self.connection.sendmail(_on_the_envelope(email_message.from_email), recipients, email_message.raw())
        return True


@lru_cache(1000)
def _on_the_envelope(address: str) -> str:
    """An address without a name, in the letters mail servers know."""
    return address if PLAIN.fullmatch(address) else sanitize_address(address, settings.DEFAULT_CHARSET)
