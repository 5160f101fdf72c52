"""Why these two, in words: from the terms a pair was made for, and from what the two wrote about themselves.

Who agreed to be introduced agreed that the other reads it (introductions.consent); what is shown to nobody stays out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from zlib import crc32

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from introductions import trades
from introductions.matching import ACROSS_TRADES, topics
from introductions.matching.topics import all_grams, meeting
from introductions.models import NEWCOMER_UP_TO, Introduction
from members.industries import Industry
from members.levels import Level
from members.models import Member

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS = re.compile(r"[、，,;；。\n]+")
TOPIC_OF_KANJI = re.compile(r"[々\u3400-\u9fff]")
# What joins words: around what two texts have in common it is left over.
PARTICLES = re.compile(r"^[のをはがとにでやもへ]+(?=[^ぁ-ゖ])|(?<=[^ぁ-ゖ])[のをはがとにでやもへ]+$")


@dataclass(frozen=True)
class Reason:
    """One reason: a word or two in the margin, and a sentence."""

    label: str
    text: str


@dataclass(frozen=True)
class _Pair:
    """The two from one side: how often each had come, and the terms by what `i_learn` and what the `other_learns`."""

    me: Member
    other: Member
    my_mornings: int
    mornings: int
    terms: Mapping[str, int]

    @property
    def name(self) -> str:
        return called(self.other)


def for_one(introduction: Introduction, me: Member) -> list[Reason]:
    """Why this member is introduced to the other, spoken to this member. Loaded `with_people`."""
    pair = _pair(introduction, me)
    return [*_learning(pair), *_ground(pair), *_newcomer(pair), *_mornings(pair)]


def for_host(introduction: Introduction) -> list[str]:
    """Why these two, spoken about them. Loaded `with_people`."""
    first, second = (_pair(introduction, one) for one in (introduction.first, introduction.second))
    return [*_taught(first), *_taught(second), *_shared(first), *_trades_apart(first), *_new(first), *_new(second)]


def opening(introduction: Introduction, me: Member, *, otherwise: str = "") -> str:
    """A question this member could begin with; `otherwise` of somebody who wrote nothing about themselves."""
    other, me = introduction.other(me).as_seen_at(Level.HOSTS), me.as_seen_at(Level.HOSTS)
    if other.ask_me:
        return _beginning(phrase(other.ask_me, me.want_to_learn))
    if other.want_to_learn:
        topic = phrase(other.want_to_learn, me.ask_me)
        return _("What made you want to learn about ‘%(topic)s’?") % {"topic": topic}
    return otherwise or _("What did you take home from this morning?")


def _beginning(topic: str) -> str:
    """One of three questions that can be asked about anything; of one subject always the same, wherever it is named."""
    ways = (
        _("What has surprised you most lately about ‘%(topic)s’?"),
        _("How did you get into ‘%(topic)s’?"),
        _("What do people outside most often get wrong about ‘%(topic)s’?"),
    )
    return ways[crc32(topic.encode()) % len(ways)] % {"topic": topic}


def beforehand(introduction: Introduction, me: Member) -> tuple[str, str]:
    """Why this member may look for the other at breakfast, and what to begin with; nobody has come yet."""
    pair = _pair(introduction, me)
    about = [reason.text for reason in _learning(pair)]
    others = [reason.text for reason in (*_ground(pair), *_newcomer(pair))]
    if pair.terms.get("i_learn"):
        # That one wants to learn something says little without what the other knows.
        why = joined(*about[:2])
    elif pair.terms.get("other_learns"):
        why = about[-1]
    else:
        why = next(iter([*others, *about]), "") or _apart(pair) or _("You have not been introduced to each other yet.")
    question = opening(introduction, me, otherwise=_("What brings you here this morning?"))
    return why, question


def called(member: Member) -> str:
    """有馬 花さん, Hana Arima: as text, for sentences and mails."""
    return pgettext("how people are called", "%(name)s") % {"name": member.display_name}


def phrase(text: str, wanted: str) -> str:
    """The part of a free text that speaks of what is `wanted`, or its first: "fish, rice" and "fishing" give "fish"."""
    parts = [part.strip() for part in PARTS.split(text) if part.strip()] or [text]
    grams = all_grams(topics(wanted))
    return next((part for part in parts if meeting(topics(part), grams)), parts[0])


def standing(introduction: Introduction, me: Member) -> str:
    """The other's trade, and whether it was the first morning."""
    pair = _pair(introduction, me)
    trade = trades.word(pair.other)
    if pair.mornings != 1:
        return trade
    return _("%(trade)s, here for the first time") % {"trade": trade} if trade else _("here for the first time")


def _pair(introduction: Introduction, me: Member) -> _Pair:
    is_first = introduction.side_of(me) == "first"
    me = introduction.first if is_first else introduction.second
    me, other = me.as_seen_at(Level.HOSTS), introduction.other(me).as_seen_at(Level.HOSTS)
    came = [getattr(introduction, name) or 0 for name in ("first_came", "second_came")]
    mine, theirs = ("a_learns", "b_learns") if is_first else ("b_learns", "a_learns")
    renamed = {mine: "i_learn", theirs: "other_learns"}
    terms = {renamed.get(name, name): value for name, value in introduction.terms.items()}
    my_mornings, mornings = came if is_first else reversed(came)
    return _Pair(me, other, my_mornings, mornings, terms)


def _learning(pair: _Pair) -> Iterator[Reason]:
    me, other = pair.me, pair.other
    if pair.terms.get("i_learn"):
        mine = {"topic": phrase(me.want_to_learn, other.ask_me)}
        yield Reason(_("You want to know"), _("You wrote that you want to learn about “%(topic)s”.") % mine)
    if other.ask_me:
        theirs = {"name": pair.name, "topic": phrase(other.ask_me, me.want_to_learn)}
        yield Reason(_("You may ask"), _("%(name)s says: ask me about “%(topic)s”.") % theirs)
    if pair.terms.get("other_learns"):
        words = {
            "name": pair.name,
            "topic": phrase(other.want_to_learn, me.ask_me),
            "mine": phrase(me.ask_me, other.want_to_learn),
        }
        text = _("%(name)s wants to learn about “%(topic)s”; you know about “%(mine)s”.") % words
        yield Reason(_("You can give"), text)


def _ground(pair: _Pair) -> Iterator[Reason]:
    if shared := _common(pair):
        text = _("You both wrote about “%(topic)s”.") % {"topic": shared}
        yield Reason(_("You share"), text)


def _newcomer(pair: _Pair) -> Iterator[Reason]:
    if not pair.terms.get("newcomer"):
        return
    words = {"name": pair.name, "number": max(pair.mornings, 1)}
    if pair.my_mornings <= NEWCOMER_UP_TO:
        text = _("You are new here; %(name)s has come %(number)d times and knows the club.") % words
    else:
        text = _("%(name)s is new here; you know the club.") % words
    yield Reason(_("New here"), text)


def _mornings(pair: _Pair) -> Iterator[Reason]:
    if met := pair.terms.get("met_before", 0) // ACROSS_TRADES.met_before:
        yield Reason(_("Until now"), joined(_before(met), _apart(pair)))
    else:
        yield Reason(_("Not before"), joined(_("You were at the same breakfast for the first time."), _apart(pair)))


def _before(met: int) -> str:
    """How often before the morning of the round."""
    return ngettext(
        "You had one morning in common before this one.", "You had %(n)d mornings in common before this one.", met
    ) % {"n": met}


def _apart(pair: _Pair) -> str:
    """That they work in two trades, where they do."""
    if not pair.terms.get("other_trade"):
        return ""
    if Industry.OTHER in {pair.me.industry, pair.other.industry}:
        return _("Your trades are different.")
    words = {"mine": pair.me.get_industry_display(), "theirs": pair.other.get_industry_display()}
    return _("Different trades: %(mine)s, %(theirs)s.") % words


def _common(pair: _Pair) -> str:
    if not pair.terms.get("common_ground"):
        return ""
    me, other = pair.me, pair.other
    for mine, theirs in ((me.want_to_learn, other.want_to_learn), (me.ask_me, other.ask_me)):
        if found := meeting(topics(mine), all_grams(topics(theirs))):
            return _as_written(found[0], phrase(mine, theirs), phrase(theirs, mine))
    return ""


def _as_written(topic: str, mine: str, theirs: str) -> str:
    """What both wrote of a shared topic: 山登り, where topics are compared without endings (山登); SQL, not sql."""
    mine, theirs = (unicodedata.normalize("NFKC", text) for text in (mine, theirs))
    if TOPIC_OF_KANJI.match(topic):
        same = SequenceMatcher(None, mine, theirs, autojunk=False).find_longest_match()
        shared = PARTICLES.sub("", mine[same.a : same.a + same.size].strip())
        return shared if len(shared) > 1 else topic
    place = mine.casefold().find(topic)
    return mine[place : place + len(topic)] if place >= 0 else topic


def _taught(pair: _Pair) -> Iterator[str]:
    if pair.terms.get("i_learn"):
        yield _("%(learner)s wants to learn about “%(topic)s”, %(teacher)s knows “%(taught)s”.") % {
            "learner": called(pair.me),
            "topic": phrase(pair.me.want_to_learn, pair.other.ask_me),
            "teacher": pair.name,
            "taught": phrase(pair.other.ask_me, pair.me.want_to_learn),
        }


def _shared(pair: _Pair) -> Iterator[str]:
    if shared := _common(pair):
        yield _("Both wrote about “%(topic)s”.") % {"topic": shared}


def _trades_apart(pair: _Pair) -> Iterator[str]:
    if pair.terms.get("other_trade") and Industry.OTHER in {pair.me.industry, pair.other.industry}:
        yield _("Two different trades.")
    elif pair.terms.get("other_trade"):
        words = {"first": pair.me.get_industry_display(), "second": pair.other.get_industry_display()}
        yield _("Two trades: %(first)s and %(second)s.") % words


def _new(pair: _Pair) -> Iterator[str]:
    if pair.terms.get("newcomer") and pair.mornings <= NEWCOMER_UP_TO:
        yield _("%(name)s is new here.") % {"name": pair.name}


def joined(first: str, second: str) -> str:
    """One sentence after the other, as the language sets them."""
    if not second:
        return first
    return _("%(first)s %(second)s") % {"first": first, "second": second}
