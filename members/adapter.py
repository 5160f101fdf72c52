"""The door to django-allauth: what it mails goes through the outbox, what it asks is asked in our words.

A passkey is one way to sign in and a code by mail is another; neither is a second factor of the other, because a
reader inside a chat program's browser has only the mail. A second factor is what an authenticator app shows.
"""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from config.prepared import Prepared, number
from members import links
from members.models import Member
from outbox.models import Delivery, Lane

# How long a sign-in counts as proof that it is really this person.
LATELY_SECONDS = 10 * 60

NOTICES = {
    "mfa/email/webauthn_added": "passkey-added",
    "mfa/email/webauthn_removed": "passkey-removed",
}


BY_NUMBER = Prepared(lambda: Member.objects.get_queryset().filter(pk=number("pk")))


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Who is signed in, read at every page."""

    def get_user(self, user_id: int) -> Member | None:
        """As Django does."""
        member = BY_NUMBER.first(pk=user_id)
        return member if member is not None and self.user_can_authenticate(member) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by a code in the mail, or by passkey; nobody has a password."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _("That was tried too often. Please wait some minutes and ask for a new code."),
        "rate_limited": _("That was asked for too often. Please wait a minute."),
    }

    def send_mail(self, template_prefix: str, email: str, _context: dict[str, Any]) -> None:
        """Owe the mail instead of sending it, in the transaction of whatever it tells about."""
        owe_notice(NOTICES[template_prefix], email, once=timezone.now().isoformat(timespec="minutes"))

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Only what went wrong is said: "signed in", "code sent" can be seen."""
        if level >= messages.ERROR:
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_login_stages(self) -> list[str]:
        """Its own second factor instead of allauth's: see the head of this file."""
        stages = [stage for stage in super().get_login_stages() if not stage.startswith("allauth.mfa.")]
        return [*stages, "members.second_factor.SecondStep"]

    def pre_login(self, request: HttpRequest, user: Member, **kwargs: Any) -> HttpResponse | None:
        """A code that came by mail proves the address, also of somebody who never signed up."""
        records = get_authentication_records(request, user)
        if records and records[-1]["method"] == "code" and records[-1].get("email") == user.email:
            know_address(user)
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def post_login(self, request: HttpRequest, user: Member, **kwargs: Any) -> HttpResponse:
        """Who has no profile yet is led there first, and from there to where they wanted to go."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        profile = reverse("profile")
        if isinstance(response, HttpResponseRedirect) and not user.has_profile and response.url != profile:
            response = HttpResponseRedirect(f"{profile}?{urlencode({'next': response.url})}")
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                samesite="Lax",
                secure=settings.LANGUAGE_COOKIE_SECURE,
            )
        return response

    def is_reauthentication_required(self, **_kwargs: Any) -> bool:
        return not signed_in_lately(context.request)

    def get_reauthentication_methods(self, _user: Any) -> list[dict[str, str]]:
        """One page with every way there is (members/proof.py)."""
        return [{"id": "again", "description": "", "url": reverse("account_reauthenticate")}]


def signed_in_lately(request: HttpRequest, *, strongly: bool = False) -> bool:
    """Whether this person has proved in the last minutes who they are, by code, app or passkey; `strongly` not by code.

    Not by an account elsewhere: there, nobody may have been asked anything for weeks.
    """
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    ways = {"mfa"} if strongly else {"mfa", "code", "given"}
    proofs = [record["at"] for record in records if record["method"] in ways]
    return bool(proofs) and time.time() - proofs[-1] < LATELY_SECONDS


def sign_in(request: HttpRequest, member: Member) -> None:
    """Sign somebody in without asking for proof. The caller must know why."""
    know_address(member)
    login(request, member, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, member, method="given")


def owe_notice(notice: str, email: str, *, once: str, **more: int) -> None:
    """Owe one of the letters in members/mails.py; `once` tells two of the same sort apart, `more` are ids for it."""
    Delivery.objects.owe(
        "account.notice",
        links.derive("account.notice", f"{notice}:{email}:{once}"),
        to=email,
        language=get_language() or settings.LANGUAGE_CODE,
        context={"notice": notice, **more},
        lane=Lane.CODE,
    )


def know_address(member: Member) -> None:
    """This address is proved to be theirs."""
    EmailAddress.objects.update_or_create(user=member, email=member.email, defaults={"verified": True, "primary": True})


def place_on_the_net(request: HttpRequest) -> str:
    """The address somebody asks from, behind as many proxies as are trusted."""
    return str(AccountAdapter().get_client_ip(request))
