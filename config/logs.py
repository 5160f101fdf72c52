"""What must not reach a log: the secret part of addresses that work without signing in."""

import logging
import re

# Each page behind a link of a mail, a badge or a calendar (tests/config/test_logs.py goes through the addresses).
SECRET = re.compile(
    r"(/(?:answer|asks/answer|favours/answer|introductions/answer|introductions/afterwards|accounts/undo|visits/yes|"
    r"becoming|every-time|following|friends|inbound|intentions|listed|mails|square|understood)/|"
    r"/(?:badge|calendar|here|letters)/[a-z2-7]{10}/)[^/\s\"']{16,}"
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
