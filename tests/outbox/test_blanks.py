"""Letters to many are rendered once: what everybody gets is what they would have got alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from events import reminder_mails
from events.models import ReminderRule, Session
from events.models.reminder import MONTHLY, begin_with, due_at
from events.reminders import carry_out
from members.models import Club, Member
from outbox import kinds, rendering, sending
from outbox.blanks import Forms, Texts
from outbox.models import Delivery
from outbox.sending import send_due

HOSTILE = ["<b>O'Hara</b> & Söhne", "\ue000answer_url\ue001", "{{ name }} %(name)s {% now %}"]


def said(values: dict[str, Any]) -> Texts:
    """As a template would: HTML is marked up, a text is not."""
    return {"text": f"Dear {values['name']}: {values['title']}", "html": f"<p>{values['name']}, {values['title']}</p>"}


def test_each_reader_gets_their_own_words_in_what_was_said_once() -> None:
    forms, shared, calls = Forms(), {"title": "値札のない朝"}, []

    def say(values: dict[str, Any]) -> Texts:
        calls.append(values)
        return said(values)

    told = [forms.filled(("ja",), shared, {"name": name}, say)["text"] for name in ("hana", "ken")]
    assert (told, len(calls)) == (["Dear hana: 値札のない朝", "Dear ken: 値札のない朝"], 1)


def test_what_differs_in_what_is_said_to_all_is_said_apart() -> None:
    forms = Forms()
    one, other = {"title": "A"}, {"title": "B"}
    told = [forms.filled(("ja",), shared, {"name": "hana"}, said)["text"] for shared in (one, other, one)]
    assert told == ["Dear hana: A", "Dear hana: B", "Dear hana: A"]


def test_an_empty_word_leaves_no_blank() -> None:
    seen: list[str] = []

    def say(values: dict[str, Any]) -> Texts:
        seen.append(values["stop_url"])
        return {"text": "with a link" if values["stop_url"] else "without"}

    forms, shared = Forms(), dict[str, Any]()
    told = [forms.filled(("ja",), shared, {"stop_url": url}, say)["text"] for url in ("", "https://…", "")]
    assert told == ["without", "with a link", "without"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_marked_up_in_html_alone_and_is_never_a_blank_itself(name: str) -> None:
    told = Forms().filled((), {"title": "\ue000name\ue001"}, {"name": name, "answer_url": "secret"}, said)
    assert "secret" not in str(told)
    assert told["text"].startswith(f"Dear {name}: ")
    assert "<b>" not in told["html"]


@pytest.fixture
def morning(
    club: Club, make_session: Callable[..., Session], person: Callable[..., Member], settings: Any, now: Any
) -> Session:
    """Three with a seat, of names that are none, and one who has not answered."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    session = make_session(starts_at=now + timedelta(days=20))
    begin_with(session.series, MONTHLY)
    ReminderRule.objects.create(
        series=session.series, template="words", audience="coming", days_before=2, at="12:10", subject="本を",
        greeting="<i>一行</i>",
    )  # fmt: skip
    for number, name in enumerate(HOSTILE):
        member = person(f"m{number}")
        Member.objects.filter(pk=member.pk).update(name=name, romaji=name, language="en" if number else "ja")
        session.rsvp(Member.objects.get(pk=member.pk), "ACCEPTED", now=now)
    Delivery.objects.all().delete()
    return session


@pytest.mark.parametrize("template", ["still_coming", "tomorrow", "words"])
def test_a_reminder_that_was_filled_in_is_the_one_rendered_for_its_reader_alone(
    morning: Session, template: str
) -> None:
    moment = due_at(ReminderRule.objects.get(template=template), morning)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        owed = list(Delivery.objects.filter(kind=f"reminder.{template}"))
        assert send_due() == len(owed) == len(HOSTILE)
        for delivery in Delivery.objects.filter(kind=f"reminder.{template}"):
            with translation.override(delivery.language):
                shared = reminder_mails.letter(delivery)
                alone = kinds.Letter(
                    context={**shared.context, **shared.own}, sender_name=shared.sender_name, about=shared.about,
                    version=shared.version,
                )  # fmt: skip
            assert shared.own
            assert delivery.rendered == rendering.render(delivery, alone)


def test_of_mails_that_are_alike_each_further_one_costs_one_statement(morning: Session) -> None:
    """Its attempt and its text, and that the one before it has gone."""
    Member.objects.update(language="ja")
    moment = due_at(ReminderRule.objects.get(template="tomorrow"), morning)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        assert statements_of(3)  # the club's card lies in the cache from here on
        owed = Delivery.objects.filter(kind="reminder.tomorrow")
        owed.exclude(pk=owed[0].pk).update(sent_at=None, rendered=None, next_attempt_at=moment)
        of_two = statements_of(2)
        owed.update(sent_at=None, rendered=None, next_attempt_at=moment)
        assert statements_of(3) - of_two == 1


@pytest.mark.parametrize("taken", [False, True])
def test_what_has_gone_is_on_record_before_the_next_goes(
    morning: Session, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """Also where the next is another worker's by then, and begins with us no more."""
    Member.objects.update(language="ja")
    moment = due_at(ReminderRule.objects.get(template="tomorrow"), morning)
    hand_over, went, on_record = sending._hand_over, [], []

    def look(delivery: Delivery, connection: Any) -> None:
        on_record.append(set(Delivery.objects.exclude(sent_at=None).values_list("pk", flat=True)) == set(went))
        hand_over(delivery, connection)
        went.append(delivery.pk)
        if taken and len(went) == 2:
            Delivery.objects.filter(sent_at=None).exclude(pk__in=went).update(
                next_attempt_at=moment + timedelta(hours=1)
            )

    monkeypatch.setattr(sending, "_hand_over", look)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        assert send_due() == (2 if taken else 3)
    assert (on_record, len(went)) == ([True] * len(went), 2 if taken else 3)
    assert set(Delivery.objects.exclude(sent_at=None).values_list("pk", flat=True)) == set(went)


def statements_of(mails: int) -> int:
    """So many go: how many statements that takes."""
    with CaptureQueriesContext(connection) as seen:
        assert send_due() == mails
    return len(seen)


def test_the_first_of_those_alike_is_counted_before_anything_is_rendered_and_costs_no_other_an_attempt(
    morning: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object) -> None:
        raise SystemExit

    monkeypatch.setattr(rendering, "_said", die)
    moment = due_at(ReminderRule.objects.get(template="tomorrow"), morning)
    with time_machine.travel(moment, tick=False):
        carry_out(now=moment)
        with pytest.raises(SystemExit):
            send_due()
    owed = Delivery.objects.filter(kind="reminder.tomorrow").order_by("created_at", "pk")
    assert list(owed.values_list("attempts", flat=True)) == [1, 0, 0]
