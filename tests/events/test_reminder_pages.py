"""Where a host sets what goes by mail by itself, and sees beforehand when, to how many and in which words."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError
from django.test import Client

from events import reminders
from events.models import Membership, ReminderException, ReminderRule, Series, Session
from events.models.reminder import MONTHLY, WEEKLY, begin_with
from members.models import Activity, Member
from outbox.models import Delivery

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2027, 1, 14, 7, 0, tzinfo=TOKYO)
TODAY = START - timedelta(days=20)
DEFAULTS = [("invite", 7, "12:10"), ("still_coming", 3, "12:10"), ("tomorrow", 1, "18:00"), ("thanks", 0, "12:10")]


@pytest.fixture
def morning(series: Series, make_session: Callable[..., Session], ken: Member, hana: Member) -> Session:
    """hana comes, ken and kosuke have not answered."""
    begin_with(series, MONTHLY)
    Membership.objects.create(series=series, member=ken)
    session = make_session(starts_at=START, published_at=TODAY)
    session.rsvp(hana, "ACCEPTED", now=TODAY)
    Delivery.objects.all().delete()
    return session


@pytest.fixture
def host(morning: Session, kosuke: Member) -> Client:
    client = Client()
    client.force_login(kosuke)
    return client


def rules_form(series: Series, **changes: str) -> dict[str, str]:
    """What the page sends when nothing is changed, with these fields sent otherwise; an empty one is left out."""
    rules = list(series.reminder_rules.all())
    values = {"form-TOTAL_FORMS": str(len(rules) + 1), "form-INITIAL_FORMS": str(len(rules))}
    for place, rule in enumerate(rules):
        values |= {
            f"form-{place}-id": str(rule.pk),
            f"form-{place}-is_on": "on",
            f"form-{place}-at": f"{rule.at:%H:%M}",
        }
        values |= {f"form-{place}-days_before": str(rule.days_before), f"form-{place}-greeting": rule.greeting}
    new = f"form-{len(rules)}"
    values |= {f"{new}-days_before": "1", f"{new}-at": "18:00", f"{new}-audience": "coming", f"{new}-is_on": "True"}
    values |= {name.replace("_new_", f"{new}-").replace("__", "-"): text for name, text in changes.items()}
    return {name: text for name, text in values.items() if text}


def morning_form(session: Session, template: str = "", **changes: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for rule in session.series.reminder_rules.all():
        own = {"is_on": "on", "days_before": str(rule.days_before), "at": f"{rule.at:%H:%M}", "greeting": rule.greeting}
        own |= changes if rule.template == template else {}
        values |= {f"rule{rule.pk}-{name}": text for name, text in own.items() if text}
    return values


def text_of(response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def rules(series: Series) -> list[tuple[str, int, str]]:
    return [(rule.template, rule.days_before, f"{rule.at:%H:%M}") for rule in series.reminder_rules.all()]


def test_a_new_series_begins_with_what_suits_its_rhythm(series: Series) -> None:
    begin_with(series, MONTHLY)
    assert rules(series) == DEFAULTS
    series.reminder_rules.all().delete()
    begin_with(series, WEEKLY)
    assert rules(series) == DEFAULTS[2:]


def test_each_rule_says_when_it_goes_and_to_how_many(host: Client, morning: Session) -> None:
    with time_machine.travel(TODAY, tick=False):
        text = text_of(host.get("/series/breakfast/reminders/"))
    for said in (
        "次の回のものです: 1月14日(木) 7:00 値札のない朝",
        "まだお返事のない会員の方へ。 1月7日(木) 12:10 に、いまのところ 2人へ送ります。",
        "参加する方へ。 1月11日(月) 12:10 に、いまのところ 1人へ送ります。",
        "参加する方へ。 1月13日(水) 18:00 に、いまのところ 1人へ送ります。",
        "お越しになった方へ。 1月14日(木) 12:10 以降、名簿が締められたら送ります。",
    ):
        assert (said, said in text) == (said, True)


def test_the_host_sets_day_hour_and_word(host: Client, morning: Session) -> None:
    changes = {
        "form__2__days_before": "2",
        "form__2__at": "19:30",
        "form__2__greeting": "雪の予報です。",
        "form__0__is_on": "",
    }
    with time_machine.travel(TODAY, tick=False):
        assert host.post("/series/breakfast/reminders/", rules_form(morning.series, **changes)).status_code == 302
        text = text_of(host.get("/series/breakfast/reminders/"))
    assert rules(morning.series) == [*DEFAULTS[:2], ("tomorrow", 2, "19:30"), DEFAULTS[3]]
    assert list(morning.series.reminder_rules.values_list("is_on", "greeting"))[0::2] == [
        (False, ""),
        (True, "雪の予報です。"),
    ]
    assert "1月12日(火) 19:30 に、いまのところ 1人へ送ります。" in text
    assert "この回は送りません。" in text
    assert list(Activity.objects.values_list("verb", "target")) == [("series.reminders", "series:breakfast")]


def test_words_of_ones_own_go_to_whom_the_host_chooses(host: Client, morning: Session, ken: Member) -> None:
    new = {"_new_template": "words", "_new_audience": "absent", "_new_days_before": "-1", "_new_at": "09:00"}
    said = {"_new_subject": "またの朝に", "_new_greeting": "お会いできず残念でした。"}
    with time_machine.travel(TODAY, tick=False):
        assert host.post("/series/breakfast/reminders/", rules_form(morning.series, **new, **said)).status_code == 302
    rule = ReminderRule.objects.get(template="words")
    assert (rule.audience, rule.days_before, rule.at) == ("absent", -1, time(9))


def test_a_ready_made_mail_goes_to_whom_it_is_meant_for_whatever_is_chosen(host: Client, morning: Session) -> None:
    new = {"_new_template": "invite", "_new_audience": "came", "_new_days_before": "14"}
    assert host.post("/series/breakfast/reminders/", rules_form(morning.series, **new)).status_code == 302
    assert ReminderRule.objects.get(days_before=14).audience == "unanswered"


def test_a_rule_is_taken_away(host: Client, morning: Session) -> None:
    assert (
        host.post("/series/breakfast/reminders/", rules_form(morning.series, form__1__DELETE="on")).status_code == 302
    )
    assert rules(morning.series) == [DEFAULTS[0], *DEFAULTS[2:]]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"form__2__at": "21:00"}, "21:00 から 7:00 のあいだ、メールは自動では出ません。"),
        ({"form__2__at": "06:59"}, "21:00 から 7:00 のあいだ、メールは自動では出ません。"),
        ({"form__2__days_before": "0", "form__2__at": "12:00"}, "その時刻には、もう始まっています。"),
        ({"form__2__days_before": "-1"}, "その時刻には、もう始まっています。"),
        ({"form__3__days_before": "1"}, "どなたがお越しになったかは、終わってからわかります。"),
        ({"_new_template": "tomorrow"}, "その日には、同じメールがもうあります。"),
        ({"_new_template": "words"}, "「世話人のことば」には、件名と本文が要ります。"),
        ({"_new_greeting": "追伸"}, "新しいメールの内容をお選びください。"),
        ({"form__0__greeting": "あ" * 1001}, "1000"),
    ],
)
def test_a_wrong_entry_is_explained_and_what_was_typed_is_kept(
    host: Client, morning: Session, wrong: dict[str, str], sentence: str
) -> None:
    sent = rules_form(morning.series, **{"form__1__greeting": "雪の予報です。", **wrong})
    response = host.post("/series/breakfast/reminders/", sent)
    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert "雪の予報です。" in text_of(response)
    assert rules(morning.series) == DEFAULTS
    assert set(ReminderRule.objects.values_list("greeting", flat=True)) == {""}


def test_no_rule_at_night_whatever_code_writes_it(series: Series) -> None:
    with pytest.raises(IntegrityError, match="reminder_rule_not_at_night"):
        ReminderRule.objects.create(series=series, template="tomorrow", audience="coming", days_before=1, at=time(21))


def test_how_it_reads_is_shown_with_what_is_typed_and_nothing_is_saved(host: Client, morning: Session) -> None:
    with time_machine.travel(TODAY, tick=False):
        sent = rules_form(morning.series, form__2__greeting="雪の予報です。\n足もとにお気をつけください。", preview="1")
        text = text_of(host.post("/series/breakfast/reminders/", sent))
    assert "件名: 明日の朝 7:00、お待ちしています" in text
    assert "明日の朝、お待ちしています。 雪の予報です。 足もとにお気をつけください。 値札のない朝" in text
    assert set(ReminderRule.objects.values_list("greeting", flat=True)) == {""}
    assert Delivery.objects.count() == 0


def test_one_morning_does_it_differently(host: Client, morning: Session) -> None:
    page = f"/sessions/{morning.code}/reminders/"
    with time_machine.travel(TODAY, tick=False):
        sent = morning_form(morning, "tomorrow", at="17:00", greeting="駅前が工事中です。")
        assert host.post(page, sent).status_code == 302
        text = text_of(host.get(page))
    exception = ReminderException.objects.get()
    assert (exception.rule.template, exception.at, exception.greeting) == ("tomorrow", time(17), "駅前が工事中です。")
    assert "1月13日(水) 17:00 に、いまのところ 1人へ送ります。" in text
    assert rules(morning.series) == DEFAULTS


def test_what_is_the_same_again_is_the_series_own_again(host: Client, morning: Session) -> None:
    page = f"/sessions/{morning.code}/reminders/"
    host.post(page, morning_form(morning, "tomorrow", is_on=""))
    assert list(ReminderException.objects.values_list("is_on", flat=True)) == [False]
    host.post(page, morning_form(morning))
    assert ReminderException.objects.count() == 0


def test_what_has_gone_for_a_morning_is_not_changed_for_it(host: Client, kosuke: Member, morning: Session) -> None:
    gone_at = START - timedelta(days=7) + timedelta(hours=5, minutes=10)
    with time_machine.travel(gone_at, tick=False):
        host.force_login(kosuke)
        reminders.carry_out(now=gone_at)
        host.post(f"/sessions/{morning.code}/reminders/", morning_form(morning, "invite", at="20:00"))
        text = text_of(host.get(f"/sessions/{morning.code}/reminders/"))
    assert ReminderException.objects.count() == 0
    assert "1月7日(木) 12:10 に、発送に回しました。" in text


def test_a_wrong_hour_of_one_morning_is_explained(host: Client, morning: Session) -> None:
    response = host.post(f"/sessions/{morning.code}/reminders/", morning_form(morning, "tomorrow", at="22:00"))
    assert (response.status_code, "21:00 から 7:00 のあいだ" in text_of(response)) == (422, True)
    assert ReminderException.objects.count() == 0


def test_the_pages_ask_as_much_for_eight_rules_as_for_four_and_for_thirty_mornings_as_for_one(
    host: Client, morning: Session, make_session: Callable[..., Session], django_assert_num_queries
) -> None:
    pages = ("/series/breakfast/reminders/", f"/sessions/{morning.code}/reminders/")

    def count() -> None:
        for page, queries in zip(pages, (10, 10), strict=True):
            host.get(page)
            with django_assert_num_queries(queries):
                host.get(page)

    with time_machine.travel(TODAY, tick=False):
        count()
        for n in range(4):
            ReminderRule.objects.create(
                series=morning.series, template="invite", audience="unanswered", days_before=20 + n, at=time(12)
            )
        for n in range(29):
            make_session(starts_at=START + timedelta(days=n + 1), published_at=TODAY)
        count()
