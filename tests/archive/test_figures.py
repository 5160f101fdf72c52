"""The club in figures: what is counted, for whom, how it is drawn, and what it costs."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

from archive.charts import Chart, Column
from events.models import Attendance, Membership, Series, Session
from members.models import Club, Member
from speakers.models import Speaker
from tests.archive.test_archive_page import many
from tests.events.pages import crowd, statements, talk, text

Make = Callable[..., Session]
Rows = dict[str, list[str]]


def tables(page: str) -> dict[str, Rows]:
    """By the title of a figure, its table: period or trade, and the numbers."""
    found = {}
    for figure in re.findall(r'<figure class="plot plot--\d">(.*?)</figure>', page, re.DOTALL):
        title = re.search(r"<figcaption>(.*?)</figcaption>", figure)
        rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', figure)
        assert title is not None
        found[title[1]] = {name: re.findall(r'<td class="table__num">(.*?)</td>', cells) for name, cells in rows}
    return found


def people() -> list[Member]:
    """The six who came, in order."""
    return list(Member.objects.filter(email__regex=r"^m\d+@").order_by("pk")[:6])


@pytest.fixture
def years(make_session: Make, sato: Speaker) -> list[Session]:
    """A morning in January of 2021, two in 2022, one in 2024; people who came once, twice, five times."""
    other = Speaker.objects.create(name="浜野 灯")
    six = crowd(6)
    made = []
    for day, guest, came in (
        (datetime(2020, 12, 31, 22, tzinfo=UTC), sato, six[:2]),  # New Year's Day in Tokyo
        (datetime(2022, 3, 1, 22, tzinfo=UTC), sato, six),
        (datetime(2022, 4, 1, 22, tzinfo=UTC), other, six[:1]),
        (datetime(2024, 5, 1, 22, tzinfo=UTC), other, six[:1]),
        (datetime(2024, 6, 1, 22, tzinfo=UTC), sato, six[:1]),
    ):
        session = make_session(starts_at=day, title=f"{day:%Y}")
        talk(session, guest)
        Attendance.objects.bulk_create(Attendance(session=session, member=one) for one in came)
        made.append(session)
    Attendance.objects.create(session=made[1], name="お連れ", first_time=True)
    Attendance.objects.create(session=made[1], member=crowd(1)[0], status=Attendance.Status.ABSENT)
    return made


def test_what_is_counted_year_by_year(client: Client, years: list[Session]) -> None:
    found = tables(text(client, "/archive/figures/"))
    assert found["来た人のうつりかわり"] == {
        "2021年": ["2", "2"], "2022年": ["8", "7"], "2023年": ["0", "0"], "2024年": ["2", "1"],
    }  # fmt: skip
    assert found["はじめて来た人と、また来た人"] == {"2021年": ["2", "2", "1"], "2022年": ["4", "0", "0"]}
    assert found["ゲスト"] == {"2021年": ["1", "1"], "2022年": ["2", "1"], "2023年": ["0", "0"], "2024年": ["2", "0"]}


def test_one_year_is_told_month_by_month(client: Client, years: list[Session]) -> None:
    found = tables(text(client, "/archive/figures/?year=2022"))
    assert found["来た人のうつりかわり"] == {"2022年3月": ["7", "7"], "2022年4月": ["1", "1"]}
    # Who came again is counted until today, and who is new over all years.
    assert found["はじめて来た人と、また来た人"] == {"2022年3月": ["4", "0", "0"]}
    assert found["ゲスト"] == {"2022年3月": ["1", "0"], "2022年4月": ["1", "1"]}


def test_one_series_is_counted_by_itself(client: Client, years: list[Session]) -> None:
    other = Series.objects.create(slug="evening", name="夜の会", starts_on="2024-01-10", at="19:00")
    Session.objects.filter(pk__in=[years[3].pk, years[4].pk]).update(series=other)
    found = tables(text(client, "/archive/figures/?series=evening"))
    assert found["来た人のうつりかわり"] == {"2024年5月": ["1", "1"], "2024年6月": ["1", "1"]}
    assert found["はじめて来た人と、また来た人"] == {"2024年5月": ["1", "1", "0"]}


def test_trades_from_five_people_up_and_of_who_shows_it(client: Client, years: list[Session]) -> None:
    for one, industry in zip(people(), "MMIIII", strict=True):
        one.industry = industry
        one.save()
    assert tables(text(client, "/archive/figures/"))["業種ごとの人数"] == {
        "卸売・小売": ["4", "4"],
        "飲食・宿泊": ["2", "7"],
    }


def test_so_few_trades_are_not_told(client: Client, years: list[Session]) -> None:
    Member.objects.filter(pk__in=[one.pk for one in people()[:2]]).update(industry_level=0)
    assert "業種ごとの人数" not in tables(text(client, "/archive/figures/"))


def test_empty_seats_are_for_the_hosts_of_that_series(
    client: Client, years: list[Session], kosuke: Member, hana: Member
) -> None:
    Session.objects.update(roster_closed_at=timezone.now())
    other = Series.objects.create(slug="evening", name="夜の会", starts_on="2024-01-10", at="19:00")
    Membership.objects.create(series=other, member=hana, role="owner")
    seen = []
    for who in (None, hana, kosuke):
        client.logout()
        if who:
            client.force_login(who)
        seen.append(tables(text(client, "/archive/figures/")).get("連絡なく空いた席"))
    assert seen == [
        None, None, {"2021年": ["2", "0"], "2022年": ["9", "1"], "2023年": ["0", "0"], "2024年": ["2", "0"]},
    ]  # fmt: skip


def test_a_closed_series_counts_for_its_members_alone(client: Client, years: list[Session], hana: Member) -> None:
    Series.objects.update(audience="series")
    assert tables(text(client, "/archive/figures/")) == {}
    client.force_login(hana)
    assert "来た人のうつりかわり" in tables(text(client, "/archive/figures/"))


@pytest.mark.parametrize("behind", [1, 30, 600])
def test_it_takes_five_statements_whatever_is_behind_it_and_one_while_it_is_kept(
    client: Client, club: Club, series: Series, behind: int
) -> None:
    many(series, behind)
    client.get("/about/")
    assert statements(lambda: client.get("/archive/figures/")) == (200, 5)
    assert statements(lambda: client.get("/archive/figures/")) == (200, 1)


def test_a_picture_has_a_title_and_says_what_one_sees(client: Client, years: list[Session]) -> None:
    page = text(client, "/archive/figures/")
    assert (
        'role="img" aria-labelledby="came-title came-said"><title id="came-title">来た人のうつりかわり</title>' in page
    )
    assert '<desc id="came-said">2021年から2024年まで。いちばん多いのは2022年の8</desc>' in page


def test_an_empty_club_says_so(client: Client, club: Club) -> None:
    assert "まだ数えるものがありません" in text(client, "/archive/figures/")


@pytest.mark.parametrize(
    ("most", "top"), [(1, 4), (5, 8), (9, 12), (21, 24), (62, 80), (121, 160), (450, 500), (1_001, 1200)]
)
def test_the_scale_ends_at_a_round_number_in_four_parts(most: int, top: int) -> None:
    chart = Chart("x", "x", "", ["x"], [Column("1", "1", (most,))])
    assert (chart.top, chart.top % 4) == (top, 0)
    assert chart.shapes == [(0, [("108", f"{100 - 100 * most / top:.4g}", "24", f"{100 * most / top:.4g}")])]


def test_of_many_columns_some_have_words() -> None:
    columns = [Column(str(n), str(n), (n,)) for n in range(24)]
    assert [label for label in Chart("x", "x", "", ["x"], columns).labels if label] == ["0", "4", "8", "12", "16", "20"]
