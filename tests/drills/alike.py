"""Drill 7, whose address is known: asked two hundred times each, known and unknown addresses take the same time.

`make drills DRILL=alike`. Over HTTP, in turn, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from math import erf, sqrt
from statistics import median
from time import time

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as RECORDS_OF
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from django.conf import settings

from events.models import Session
from members.models import Club, Member
from tests.drills.figures import Figures
from tests.drills.web import CSRF, Told, Web, cookies, web

SAMPLES, WARM = 200, 20
# The medians differ by a tenth at most, and chance explains the difference.
RATIO, P = 0.10, 0.01

pytestmark = pytest.mark.django_db(transaction=True)

Ask = Callable[[Web, int, str], Told]


@pytest.fixture
def people(club: Club) -> list[Member]:
    """Known by address."""
    return Member.objects.bulk_create(
        Member(email=f"known{n:03}@example.com", name="客") for n in range(SAMPLES + WARM)
    )


def of(n: int, side: int) -> str:
    """A place on the net of its own for each, so that no limit is met."""
    return f"10.{side}.{n // 250}.{n % 250 + 1}"


def by_form(path: str) -> Ask:
    def ask(here: Web, n: int, address: str) -> Told:
        return here.post(path, {"email": address}, CSRF, of=of(n, int("known" in address)))

    return ask


def visiting(session: Session) -> Ask:
    def ask(here: Web, n: int, address: str) -> Told:
        form = {"name": "客", "email": address}
        return here.post(f"/sessions/{session.code}/visit/", form, CSRF, of=of(n, int("known" in address)))

    return ask


def moving(askers: Sequence[str]) -> Ask:
    """By people who are signed in: each asks twice, for an address that is free and for one that is not."""

    def ask(here: Web, n: int, address: str) -> Told:
        another = askers[(n + 1) % len(askers)]
        return here.post("/profile/address/change/", {"email": address}, another, of=of(n, 0))

    return ask


def signed_in_now(member: Member) -> str:
    """A browser whose owner has just shown who they are."""
    found = cookies(member)
    store = import_module(settings.SESSION_ENGINE).SessionStore(found.split("=", 1)[1].split(";")[0])
    store[RECORDS], store[RECORDS_OF] = [{"method": "code", "at": time()}], str(member.pk)
    store.save()
    return found


def timed(here: Web, ask: Ask) -> tuple[list[float], list[float], set[tuple[int, int]]]:
    """Seconds of each side in turn, and what was seen: status and length."""
    known, unknown, shapes = [], [], set()
    for n in range(SAMPLES + WARM):
        pair = [(known, f"known{n:03}@example.com"), (unknown, f"stray{n:03}@example.com")]
        for seconds, address in pair if n % 2 else reversed(pair):
            told = ask(here, n, address)
            shapes.add((told.status, len(told.body)))
            if n >= WARM:
                seconds.append(told.seconds)
    return known, unknown, shapes


def by_chance(one: Sequence[float], other: Sequence[float]) -> float:
    """Mann-Whitney's U, two-sided, by the normal approximation: how likely so unlike an order is by chance."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_value, side) in enumerate(ranked, start=1) if side == 0)
    n, m = len(one), len(other)
    distance = abs(ranks - n * (n + 1) / 2 - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
    return 1 - erf(distance / sqrt(2))


@pytest.mark.parametrize("door", ["sign-in", "sign-up", "visit", "address"])
def test_known_and_unknown_addresses_take_the_same_time(door: str, people: list[Member], session: Session) -> None:
    session.set_capacity(500, now=session.published_at)
    askers = [signed_in_now(one) for one in people] if door == "address" else []
    doors: dict[str, Ask] = {
        "sign-in": by_form("/accounts/login/"),
        "sign-up": by_form("/accounts/signup/"),
        "visit": visiting(session),
        "address": moving(askers),
    }
    with web(workers=1, TRUSTED_PROXY_COUNT="1") as here:
        known, unknown, shapes = timed(here, doors[door])
    with Figures(f"7. {SAMPLES} known and {SAMPLES} unknown addresses: {door}") as told:
        told.equal("answers that differ in status or length", 1, len(shapes))
        told.equal("what they are answered", 302, next(iter(shapes))[0])
        told.note(
            "milliseconds, known and unknown (median)", f"{median(known) * 1000:.2f} {median(unknown) * 1000:.2f}"
        )
        told.at_most("how far the medians differ", RATIO, abs(median(known) / median(unknown) - 1))
        told.at_least("Mann-Whitney: by chance", P, by_chance(known, unknown))
