"""What must not reach a log: the secret part of addresses that work without signing in."""

import logging
import re

# Answers, which mails come, what comes back, introductions, guests' letters, calendar feeds.
SECRET = re.compile(
    r"(/(?:answer|mails|inbound|introductions/answer)/|/(?:letters|calendar)/[a-z2-7]{10}/)[^/\s\"']{16,}"
)


class MaskSecrets(logging.Filter):
    """Replaces tokens in a record's message and arguments; the record itself stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask(str(record.msg))
        if isinstance(record.args, tuple):
            record.args = tuple(mask(arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


def mask(text: str) -> str:
    """The address without its secret."""
    return SECRET.sub(r"\1…", text)
