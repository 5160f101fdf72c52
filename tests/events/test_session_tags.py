"""Dates, seats and trades as one looks at them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.html import escape, format_html

TOKYO = ZoneInfo("Asia/Tokyo")
MORNING = datetime(2026, 12, 10, 7, 0, tzinfo=TOKYO)


@dataclass(frozen=True)
class Meeting:
    starts_at: datetime
    ends_at: datetime
    timezone: str
    is_day_only: bool = False


def drawn(source: str, **context: object) -> str:
    return Template("{% load sessions %}" + source).render(Context(context))


def test_a_date_block_reads_well_aloud_in_japanese() -> None:
    assert drawn('{% date_block when "xl" "dawn" %}', when=MORNING) == (
        '<time class="date-block date-block--xl date-block--dawn" datetime="2026-12-10T07:00+09:00">'
        '<span class="date-block__month">12月</span>'
        '<span class="date-block__day">10<span class="visually-hidden">日</span></span> '
        '<span class="date-block__week">木<span class="visually-hidden">曜日</span></span> '
        '<span class="date-block__time">7:00</span></time>'
    )


def test_a_date_block_in_english_has_the_short_names() -> None:
    with translation.override("en"):
        assert drawn("{% date_block when year=True %}", when=MORNING) == (
            '<time class="date-block" datetime="2026-12-10T07:00+09:00">'
            '<span class="date-block__month">Dec 2026</span> <span class="date-block__day">10</span> '
            '<span class="date-block__week">Thu</span> <span class="date-block__time">7:00</span></time>'
        )


def test_a_session_is_shown_on_the_wall_clock_of_its_own_zone() -> None:
    start, end = datetime(2026, 12, 9, 22, 0, tzinfo=UTC), datetime(2026, 12, 9, 23, 20, tzinfo=UTC)
    tokyo, berlin = Meeting(start, end, "Asia/Tokyo"), Meeting(start, end, "Europe/Berlin")
    source = "{{ m|session_when }} {{ m|session_hours }} {{ m.ends_at|session_time:m.timezone }}"
    assert drawn(source, m=tokyo) == "12月10日(木) 7:00 7:00〜8:20 8:20"
    assert drawn(source, m=berlin) == "12月9日(水) 23:00 23:00〜0:20 0:20"


@pytest.mark.parametrize(("language", "expected"), [("ja", "12月10日(木) 7:00〜8:20"), ("en", "Thu 10 Dec, 7:00–8:20")])
def test_from_when_to_when_follows_the_language(language: str, expected: str) -> None:
    start, end = datetime(2026, 12, 9, 22, 0, tzinfo=UTC), datetime(2026, 12, 9, 23, 20, tzinfo=UTC)
    with translation.override(language):
        assert drawn("{{ m|session_span }}", m=Meeting(start, end, "Asia/Tokyo")) == expected


def test_what_a_row_remembers_is_told_by_the_clock_of_the_club() -> None:
    """Rows hold UTC: the call to the restaurant at 8:05 was not made on the evening before."""
    told = datetime(2026, 12, 8, 23, 5, tzinfo=UTC)
    source = "{{ at|session_when }} {{ at|session_date }} {{ at|session_time }}"
    assert drawn(source, at=told) == "12月9日(水) 8:05 12月9日(水) 8:05"


def test_the_same_instant_in_another_zone_is_not_taken_from_the_cache() -> None:
    berlin = MORNING.astimezone(ZoneInfo("Europe/Berlin"))
    assert berlin == MORNING
    assert "7:00</span>" in drawn("{% date_block when %}", when=MORNING)
    assert "23:00</span>" in drawn("{% date_block when %}", when=berlin)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ja", "12月10日(木)|2026年12月10日(木)|12月10日(木) 7:00"),
        ("en", "Thu 10 Dec|Thu 10 Dec 2026|Thu 10 Dec, 7:00"),
    ],
)
def test_dates_in_sentences_follow_the_language(language: str, expected: str) -> None:
    with translation.override(language):
        source = '{{ when|session_date }}|{{ when|session_date:"year" }}|{{ when|session_when }}'
        assert drawn(source, when=MORNING) == expected


@pytest.mark.parametrize("typo", ['{% date_block when "xxl" %}', '{% date_block when state="past-ish" %}'])
def test_an_unknown_size_or_state_is_an_error_not_a_silent_class(typo: str) -> None:
    with pytest.raises(KeyError):
        drawn(typo, when=MORNING)


def test_there_is_a_plate_for_every_seat_and_a_sentence_for_who_cannot_see_them() -> None:
    html = drawn("{% seats 3 5 %}")
    assert html.count('class="seats__taken"') == 3
    assert html.count('class="seats__free"') == 2
    assert '<span class="seats__left">あと<b>2</b>席</span><span class="soft">5席のうち</span>' in html
    assert 'aria-label="5席のうち3席が決まり、あと2席"' in html


LEFT, RIGHT = '<span class="seats__left">', '</span><span class="soft">'


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{% seats 24 24 waiting=3 %}", f"{LEFT}満席{RIGHT}お待ちの方 3人</span>"),
        ("{% seats 24 24 %}", f"{LEFT}満席{RIGHT}24席のうち</span>"),
        ("{% seats 5 24 yours=True %}", f"{LEFT}あなたの席があります{RIGHT}24席のうち</span>"),
        ('{% seats 22 24 came=True note="9業種" %}', f"{LEFT}<b>22</b>人が来ました{RIGHT}9業種</span>"),
    ],
)
def test_the_words_above_the_table_tell_the_state(source: str, words: str) -> None:
    assert words in drawn(source)


def test_one_ring_is_yours() -> None:
    html = drawn("{% seats 5 8 yours=True %}")
    assert [html.count(f'"seats__{state}"') for state in ("taken", "yours", "free")] == [4, 1, 3]


def test_above_thirty_two_seats_there_are_two_tables_and_above_many_one_bar() -> None:
    assert drawn("{% seats 1 32 %}").count("seats__table") == 1
    two = drawn("{% seats 20 33 %}")
    assert (two.count("seats__table"), two.count("<circle")) == (2, 33)
    many = drawn("{% seats 200 300 %}")
    assert (many.count("seats__table"), many.count("<circle")) == (1, 0)


def test_whoever_was_let_in_beyond_a_lowered_number_still_has_a_plate() -> None:
    html = drawn("{% seats 6 4 %}")
    assert html.count('class="seats__taken"') == 6
    assert "満席" in html


def test_an_imported_session_without_a_capacity_shows_who_came() -> None:
    assert drawn("{% seats 7 0 came=True %}").count('class="seats__taken"') == 7
    assert "<svg" not in drawn("{% seats 0 0 came=True %}")


def test_the_picture_of_one_language_is_not_shown_in_the_other() -> None:
    assert "あと<b>4</b>席" in drawn("{% seats 20 24 %}")
    with translation.override("en"):
        assert '<b>4</b> seats left</span><span class="soft">of 24</span>' in drawn("{% seats 20 24 %}")
        assert "<b>1</b> seat left" in drawn("{% seats 23 24 %}")


def test_each_person_is_one_dot_and_the_largest_trade_stands_first() -> None:
    html = drawn("{% mix counts %}", counts=[("印刷", 1), ("出版", 3), ("IT", 2), ("水産", 0)])
    assert html.count("<circle") == 6
    assert 'aria-label="6人。出版3人、IT2人、印刷1人"' in html
    assert html.index(">出<") < html.index(">IT<") < html.index(">印<")


def test_the_trades_beyond_ten_are_joined() -> None:
    html = drawn("{% mix counts %}", counts=[(f"{n}業", 20 - n) for n in range(12)])
    assert html.count("その他30人") == 1
    assert 'aria-label="174人。' in html
    assert "9業11人" not in html


def test_english_trades_are_rows() -> None:
    with translation.override("en"):
        html = drawn("{% mix counts %}", counts=[("Publishing", 2), ("Software", 1)])
    assert 'aria-label="3 people: Publishing 2, Software 1"' in html
    assert '<text x="100.0" y="21.5" text-anchor="end">Publishing</text>' in html


def test_no_trades_are_no_picture() -> None:
    assert drawn("{% mix counts %}", counts=[]) == ""
    assert drawn("{% plot rows %}", rows=[]) == ""


def test_a_trade_cannot_bring_markup_into_the_picture() -> None:
    html = drawn("{% mix counts %}", counts=[("<b>", 1)])
    assert "<b>" not in html
    assert "&lt;b&gt;1人" in html


def test_a_plot_says_in_one_sentence_what_the_bars_show() -> None:
    html = drawn("{% plot rows %}", rows=[("10月", 5, 2), ("11月", 10, 4)])
    assert 'aria-label="来た人の数、最近2回。はじめは5人、いまは10人。そのうちはじめての人は毎回2人から4人"' in html
    assert (
        '<rect x="18" y="50" width="84" height="50"/><rect class="plot__new" x="18" y="80" width="84" height="20"/>'
        in html
    )
    assert "<span>10月 5人</span><span>11月 10人</span>" in html


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("市場の帳簿は、なぜ夜明け前につけるのか", ["市場の帳簿は、", "なぜ夜明け前につけるのか"]),
        ("「三百円で売れますか？」と、聞いた朝。", ["「三百円で売れますか？」", "と、", "聞いた朝。"]),
        ("<i>、</i>", ["&lt;i&gt;、", "&lt;/i&gt;"]),
    ],
)
def test_the_lines_of_a_title_end_after_a_clause(title: str, lines: list[str]) -> None:
    assert drawn("{{ title|by_clause }}", title=title) == "".join(
        f'<span class="clause">{line}</span>' for line in lines
    )


@pytest.mark.parametrize("title", ["配管図の読みかた", "聞いた朝。", "The Breakfast Ledger, twice", ""])
def test_a_title_of_one_clause_stays_as_it_is(title: str) -> None:
    assert drawn("{{ title|by_clause }}", title=title) == title


def test_where_no_hour_is_known_none_is_shown() -> None:
    session = Meeting(MORNING, MORNING.replace(hour=8), "Asia/Tokyo", is_day_only=True)
    assert drawn("{% date_block when %}", when=session) == (
        '<time class="date-block" datetime="2026-12-10"><span class="date-block__month">12月</span>'
        '<span class="date-block__day">10<span class="visually-hidden">日</span></span> '
        '<span class="date-block__week">木<span class="visually-hidden">曜日</span></span></time>'
    )
    said = "{{ when|session_when:'year' }} {{ when|session_span }} {{ when|session_hours }}"
    assert drawn(said, when=session) == "2026年12月10日(木) 12月10日(木) "
    with translation.override("en"):
        assert drawn(said, when=session) == "Thu 10 Dec 2026 Thu 10 Dec "
        assert "date-block__time" not in drawn("{% date_block when %}", when=session)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("東京都かもめ区1-2-3", ["1-2-3"]),
        ("かもめ区築岸4−13−18号 みなとビル2F", ["4−13−18号"]),
        ("12 Harbour Lane <b>", []),
        ("", []),
    ],
)
def test_the_numbers_of_an_address_stay_together(address: str, kept: list[str]) -> None:
    text = drawn("{{ address|unbroken }}", address=address)
    assert re.findall('<span class="nowrap">([^<]*)</span>', text) == kept
    assert re.sub("</?span[^>]*>", "", text) == escape(address)


def test_the_address_on_the_page_of_a_morning_is_not_broken_in_its_numbers(client, session) -> None:
    page = client.get(session.get_absolute_url()).content.decode()
    assert '東京都かもめ区<span class="nowrap">1-2-3</span>' in page


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("12月8日(火) 18:00 まで受付、変更もできます。", ["12月8日(火)"]),
        ("2026年12月10日(木)から1月9日まで", ["2026年12月10日(木)", "1月9日"]),
        ("Until Tue 8 Dec, 18:00. <b>", []),
        ("", []),
    ],
)
def test_a_date_in_a_sentence_is_not_broken(said: str, kept: list[str]) -> None:
    text = drawn("{{ said|whole_days }}", said=said)
    assert re.findall('<span class="nowrap">([^<]*)</span>', text) == kept
    assert re.sub("</?span[^>]*>", "", text) == escape(said)


def test_a_sentence_with_markup_keeps_it() -> None:
    said = format_html('<a href="/12月8日/">{}</a>', "12月8日(火) <b>")
    assert drawn("{{ said|whole_days }}", said=said) == said


def test_what_a_morning_costs_and_until_when_names_its_day_on_one_line(client, session) -> None:
    session.rsvp_closes_at = session.starts_at - timedelta(days=1)
    session.save()
    page = client.get(session.get_absolute_url()).content.decode()
    assert f'<span class="nowrap">{drawn("{{ day|session_date }}", day=session.rsvp_closes_at)}</span> ' in page
