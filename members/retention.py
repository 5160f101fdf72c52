"""How long things are kept: templates/members/my_data.html says it to members."""

from datetime import datetime, timedelta

from members.concerns import Concern
from members.devices import Device
from outbox.models import Delivery, MailboxMessage

# The text of a mail serves a second attempt and a question about what was sent.
MAIL_TEXT = timedelta(days=30)
CONCERNS = timedelta(days=730)


def forget(*, now: datetime) -> None:
    """Take away what is past its time. Again changes nothing."""
    old = Delivery.objects.filter(created_at__lt=now - MAIL_TEXT, rendered__isnull=False)
    old.exclude(pk__in=Delivery.objects.open().values("pk")).update(rendered=None)
    MailboxMessage.objects.filter(received_at__lt=now - MAIL_TEXT).delete()
    Concern.objects.filter(looked_at__lt=now - CONCERNS).delete()
    Device.objects.filter(expire_date__lt=now).delete()
