"""`manage.py operator MAIL`: make somebody operator, the first one of an empty club above all."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from members import links
from members.adapter import owe_notice
from members.models import Member
from outbox.addresses import problem


class Command(BaseCommand):
    help = "Make the person with this mail address an operator, and tell them by mail how to sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mail")

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """Running it again changes nothing and mails nothing."""
        address = options["mail"].strip().lower()
        try:
            validate_email(address)
        except ValidationError as error:
            raise CommandError(f"{address} is no mail address.") from error
        if problem(address):
            raise CommandError(f"No mail reaches {address}.")
        member = Member.objects.filter(email=address).first() or Member.objects.create_user(address)
        known = member.is_staff and member.is_active
        Member.objects.filter(pk=member.pk).update(is_staff=True, is_superuser=True, is_active=True)
        owe_notice("operator", address, once=member.code)
        word = "is operator already" if known else "is operator now"
        self.stdout.write(f"{address} {word}. Sign in at {links.absolute('account_login')}: a code comes by mail.")
