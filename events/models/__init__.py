"""When we meet: venues and series, sessions and their talks, who said they come, and who came."""

from events.models.asked import Details, Question, Remembered, Reply
from events.models.attendance import Attendance
from events.models.companion import Companion
from events.models.gathering import Gathering
from events.models.host_photo import HostPhoto
from events.models.idea import Hearer, Idea, IdeaQuestion
from events.models.job import Job
from events.models.joining import JoinLink, JoinRequest
from events.models.message import HostMessage
from events.models.near_start import NearStart
from events.models.notice import Notice
from events.models.reminder import ReminderException, ReminderRule, ReminderRun
from events.models.restaurant_call import RestaurantCall
from events.models.rsvp import Partstat, Rsvp
from events.models.seats import SeatsError
from events.models.segment import Segment
from events.models.series import Membership, OldSlug, Series
from events.models.session import Session
from events.models.standing_rsvp import StandingRsvp
from events.models.talk import Talk, TalkSpeaker
from events.models.venue import Venue
from events.models.visit import CodeError, Visit

__all__ = [
    "Attendance",
    "CodeError",
    "Companion",
    "Details",
    "Gathering",
    "Hearer",
    "HostMessage",
    "HostPhoto",
    "Idea",
    "IdeaQuestion",
    "Job",
    "JoinLink",
    "JoinRequest",
    "Membership",
    "NearStart",
    "Notice",
    "OldSlug",
    "Partstat",
    "Question",
    "Remembered",
    "ReminderException",
    "ReminderRule",
    "ReminderRun",
    "Reply",
    "RestaurantCall",
    "Rsvp",
    "SeatsError",
    "Segment",
    "Series",
    "Session",
    "StandingRsvp",
    "Talk",
    "TalkSpeaker",
    "Venue",
    "Visit",
]
