"""The mail backend of a club without a mail server: mails are kept and can be read at /mailbox/ in local mode."""

from collections.abc import Sequence
from email.utils import getaddresses

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from outbox.models import MailboxMessage


class Backend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            addresses = [address for _name, address in getaddresses(mail.recipients())]
            MailboxMessage.objects.create(
                recipients=addresses, subject=str(mail.subject)[:998], raw=mail.message().as_bytes()
            )
        return len(email_messages)
