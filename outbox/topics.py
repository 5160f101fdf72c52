"""What a mail is about, in the words in which people choose which mails come. Each kind of mail has one topic."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A topic and what it is about: ("letter", "series:7"), or ("intro", "") for the whole club.
Subject = tuple[str, str]


class Topic(StrEnum):
    """Seat matters and what somebody asked for come always; each of the others can be stopped."""

    ACCOUNT = "account"
    SEAT = "seat"
    ANSWER = "answer"
    GUEST = "guest"
    FRIEND = "friend"
    REMIND = "remind"
    INVITE = "invite"
    THANKS = "thanks"
    HOST = "host"
    LETTER = "letter"
    INTRO = "intro"
    FOLLOWUP = "followup"
    ASK = "ask"
    MEMORY = "memory"

    @property
    def can_stop(self) -> bool:
        return self in PER_SERIES or self in OF_THE_CLUB

    @property
    def goes_to_members(self) -> bool:
        """Guests get letters from a host, friends mails of one morning, and codes go to whatever address was typed.

        None of these has choices to make; what can be stopped, the mail itself stops.
        """
        return self not in {Topic.ACCOUNT, Topic.GUEST, Topic.FRIEND}


# What it is called, and what it is. Those that always come say why.
WORDS: dict[Topic, tuple[Promise, Promise]] = {
    Topic.SEAT: (
        _("Your seat, and changes of a morning you come to"),
        _("Somebody counts on your seat, and nobody should stand before a closed door."),
    ),
    Topic.ACCOUNT: (
        _("Codes to sign in, and what happens to your account"),
        _("Without them you could not sign in, nor hear of it if somebody else did."),
    ),
    Topic.ANSWER: (
        _("What comes of your own yes, and what you asked for"),
        _("An introduction after two yeses, the answer to a letter you wrote."),
    ),
    Topic.REMIND: (_("Before a morning you come to"), _("The evening before with the way there, and “still coming?”")),
    Topic.INVITE: (_("The next morning"), _("When a morning comes near and you have not answered.")),
    Topic.THANKS: (_("After a morning you came to"), _("Thanks, and one line to take home.")),
    Topic.HOST: (_("Messages of the host"), _("What the host writes to those who come, wait or came.")),
    Topic.LETTER: (_("The monthly letter"), _("What was on, and what comes next.")),
    Topic.INTRO: (_("Would you like to meet?"), _("After a morning. The question stands on your page as well.")),
    Topic.FOLLOWUP: (_("What came of an introduction"), _("Some weeks later, and once more after a year.")),
    Topic.ASK: (_("Questions of other members"), _("Only if you allow them, two a month at most.")),
    Topic.MEMORY: (_("Reminders you set yourself"), _("On the day you chose for a next step.")),
}
ALWAYS = (Topic.SEAT, Topic.ACCOUNT, Topic.ANSWER)
PER_SERIES = (Topic.REMIND, Topic.INVITE, Topic.THANKS, Topic.HOST, Topic.LETTER)
OF_THE_CLUB = (Topic.INTRO, Topic.FOLLOWUP, Topic.ASK, Topic.MEMORY)
