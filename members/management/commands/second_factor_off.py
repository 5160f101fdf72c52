"""`manage.py second_factor_off MAIL`: for somebody who lost the phone and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from members import second_factor
from members.adapter import owe_notice
from members.models import Activity, Member


class Command(BaseCommand):
    help = "Take the authenticator app off somebody's account, and tell them by mail. Make sure first that it is they."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mail")

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """A second time there is nothing to take off."""
        member = Member.objects.filter(email=options["mail"].strip().lower()).first()
        if member is None:
            raise CommandError("Nobody has that address.")
        if not second_factor.remove_app(member):
            raise CommandError("There is no app on that account.")
        now = timezone.now()
        owe_notice("app-removed", member.email, once=now.isoformat(timespec="minutes"))
        Activity.record(None, "member.app_off", f"member:{member.code}", now=now)
        self.stdout.write(f"{member.email} signs in with the code by mail alone from now on.")
