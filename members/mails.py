"""The letters about accounts: codes, and what the owner of an address should know."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import links, moving
from members.concerns import Concern
from members.models import Club, FormerAddress
from members.refusals import Refusal
from members.templatetags.people import called
from outbox.kinds import Kind, Letter, Unwanted
from outbox.models import Delivery
from outbox.topics import Topic


@dataclass(frozen=True)
class Notice:
    """One letter: subject and heading, what happened, where the button leads and why it came."""

    subject: Promise
    text: Promise
    more: Promise
    to: str
    button: Promise
    why: Promise


ASKED = _("You get this mail because somebody, most likely you, typed this address on our site.")
YOURS = _("You get this mail because it is about your own account.")

NOTICES = {
    "unknown": Notice(
        _("There is no account with this address yet"),
        _("You asked for a code to sign in, but nobody has signed up with this address."),
        _("Perhaps you used another address. Or you are new: signing up takes a minute."),
        "account_signup",
        _("Sign up"),
        ASKED,
    ),
    "known": Notice(
        _("You have an account already"),
        _("You signed up, but this address has an account already."),
        _("Simply sign in: a code comes by mail, no password is needed."),
        "account_login",
        _("Sign in"),
        ASKED,
    ),
    "passkey-added": Notice(
        _("A passkey was added to your account"),
        _("From now on you can sign in with it instead of a code."),
        _("If that was not you, please remove it and tell a host."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "passkey-removed": Notice(
        _("A passkey was removed from your account"),
        _("It does not open your account any more. A code by mail still does."),
        _("If that was not you, please tell a host."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "app-added": Notice(
        _("An authenticator app was added to your account"),
        _("From now on the code by mail alone does not open it: the six digits of the app are asked for too."),
        _("If that was not you, please tell a host at once."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "app-removed": Notice(
        _("The authenticator app was taken off your account"),
        _("From now on the code by mail is enough to sign in."),
        _("If that was not you, please tell a host at once."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "recovery-renewed": Notice(
        _("There are new recovery codes for your account"),
        _("The ones you had before open nothing any more."),
        _("If that was not you, please tell a host at once."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "address-left": Notice(
        _("Your mail address was changed"),
        _("Your account has another mail address now. No mails come here any more."),
        _("If that was not you, take it back within seven days: then the account is yours again, and yours alone."),
        "address_undo",
        _("That was not me"),
        YOURS,
    ),
    "address-new": Notice(
        _("This is your mail address now"),
        _("Mails of the club come here from now on, and the code to sign in too."),
        _("What you had chosen about mails stays as it was. Links in mails before this one do not work any more."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "address-wanted": Notice(
        _("Somebody wanted this address for another account"),
        _("It belongs to an account already, so nothing was changed and nothing was told."),
        _("If that was you and you have two accounts: sign in with this address, delete that account, and try again."),
        "account_login",
        _("Sign in"),
        ASKED,
    ),
    "address-undone": Notice(
        _("The change of your mail address was taken back"),
        _("The account is yours with this address again. Everybody is signed out, passkeys and app of late are gone."),
        _("Please sign in and look whether everything is as you left it."),
        "account_login",
        _("Sign in"),
        YOURS,
    ),
    "identity-added": Notice(
        _("Another account opens yours now"),
        _("You can sign in here by an account elsewhere from now on. Under “How you sign in” stands which."),
        _("If that was not you, please take it off there and tell a host at once."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "identity-removed": Notice(
        _("An account elsewhere does not open yours any more"),
        _("You took it off under “How you sign in”. The code by mail always works."),
        _("If that was not you, please tell a host at once."),
        "account",
        _("See how I sign in"),
        YOURS,
    ),
    "export": Notice(
        _("Your data are ready"),
        _("You asked for everything the club's site keeps about you. The file lies ready for a week."),
        _("To take it you sign in once more. If you did not ask for it, please tell a host."),
        "my_data",
        _("Take the file"),
        YOURS,
    ),
    "operator": Notice(
        _("You run this club's site now"),
        _("Your account may now see and change everything here: series, sessions, people."),
        _("Sign in with this address: a code comes by mail, no password is needed."),
        "account_login",
        _("Sign in"),
        _("You get this mail because this address was named as operator on the server."),
    ),
}


def code(delivery: Delivery) -> Letter:
    """The code lives in the row alone and is wiped from it once the mail has left."""
    _not_to_refused(delivery)
    return Letter({**delivery.context, "what_for": delivery.context["for"]}, sender_name=_club())


def notice(delivery: Delivery) -> Letter:
    said = NOTICES[delivery.context["notice"]]
    if said.why is ASKED:
        _not_to_refused(delivery)
    if "former" in delivery.context:
        former = FormerAddress.objects.filter(pk=delivery.context["former"], undo_until__isnull=False).first()
        if former is None:
            raise Unwanted("gone")
        return Letter({"notice": said, "url": moving.undo_url(former)}, sender_name=_club())
    return Letter({"notice": said, "url": links.absolute(said.to)}, sender_name=_club())


def _not_to_refused(delivery: Delivery) -> None:
    """What anybody can bring about by typing an address. Only the worker asks: a page must not answer sooner for it."""
    if Refusal.objects.covers(delivery.to):
        raise Unwanted("refused")


def looked(delivery: Delivery) -> Letter:
    """To who told with their name: a host has looked. Not about whom; somebody else may read this mail too."""
    found = Concern.objects.filter(
        pk=delivery.context["concern"], teller=delivery.context["member"], teller__is_active=True
    )
    concern = found.select_related("teller").first()
    if concern is None or concern.teller is None:
        raise Unwanted("gone")
    day = date_format(concern.told_on, "MONTH_DAY_FORMAT")
    return Letter(
        {"name": called(concern.teller), "day": day, "url": links.absolute("concerns_mine")}, sender_name=_club()
    )


def _club() -> str:
    return Club.current().display_name


KINDS = [
    Kind("account.code", code, Topic.ACCOUNT),
    Kind("account.notice", notice, Topic.ACCOUNT),
    Kind("concern.looked", looked, Topic.ANSWER),
]
