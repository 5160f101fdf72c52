"""The API: what it tells matches what describes it, nobody else's things are in it, and limits hold."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive.api import answers
from archive.api.document import document
from archive.api.tokens import ApiToken, Scope
from events.models import Attendance, Rsvp, Series, Session, Talk
from members.models import Member
from speakers.models import Speaker
from tests.members.test_my_data import signed_in

ALL = tuple(Scope.values)
Get = Callable[..., Any]


def token_of(member: Member, *scopes: str, days: int = 30) -> str:
    return ApiToken.objects.issue(member, name="x", scopes=scopes, days=days, now=timezone.now())[1]


def ask(path: str, token: str = "", **headers: str) -> Any:
    """What an answer says, after it was held against the description."""
    if token:
        headers["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    response = Client().get(f"/api/v1{path}", **headers)
    held_to_the_document(path, response)
    return response


def held_to_the_document(path: str, response: Any) -> None:
    described = document()["paths"]
    parts = path.partition("?")[0].split("/")
    for known, operation in described.items():
        names = known.split("/")
        if len(names) == len(parts) and all(a == b or a.startswith("{") for a, b in zip(names, parts, strict=True)):
            told = operation["get"]["responses"][str(response.status_code)]
            if response.status_code == 304:
                return
            (kind, content), *_more = told["content"].items()
            assert response["Content-Type"] == kind
            schema = content["schema"] | {"components": document()["components"]}
            jsonschema.validate(response.json(), schema, format_checker=jsonschema.FormatChecker())
            return
    raise AssertionError(f"{path} is not described")


@pytest.fixture
def talk(session: Session, sato: Speaker) -> Talk:
    talk = Talk.objects.create(session=session, title="夜明けの帳場", book=sato.books.get(), abstract="はなし")
    talk.speakers.add(sato)
    return talk


def test_everybody_may_read_what_everybody_may_see(series: Series, session: Session, talk: Talk, sato: Speaker) -> None:
    (one,) = ask("/series").json()["items"]
    assert (one["slug"], one["url"]) == ("breakfast", "http://localhost:8000/series/breakfast/")
    assert ask("/series/breakfast").json() == one
    (morning,) = ask("/sessions").json()["items"]
    assert ask(f"/sessions/{session.code}").json() == morning
    assert (morning["title"], morning["place"]["name"], morning["fee"]) == (
        "値札のない朝", "喫茶みなと", {"amount": 2000, "currency": "JPY"},
    )  # fmt: skip
    (told,) = morning["talks"]
    assert (told["guests"][0]["name"], told["book"]["title"], told["abstract"]) == (
        "佐藤 朝子",
        "夜明けの帳場",
        "はなし",
    )
    guest = ask(f"/guests/{sato.code}").json()
    assert (guest["name"], guest["books"][0]["title"]) == ("佐藤 朝子", "夜明けの帳場")
    assert "sato@example.com" not in json.dumps(guest)


def test_how_one_gets_in_stays_on_the_page(session: Session) -> None:
    assert "木戸" not in ask(f"/sessions/{session.code}").content.decode()


def test_a_draft_and_a_closed_series_are_not_there(
    series: Series, make_session: Any, hana: Member, mallory: Member
) -> None:
    draft = make_session(published_at=None)
    assert ask(f"/sessions/{draft.code}", token_of(hana, *ALL)).status_code == 404
    session = make_session()
    Series.objects.update(audience=Series.Audience.SERIES)
    seen = [
        ask(f"/sessions/{session.code}", token).status_code
        for token in ("", token_of(mallory, *ALL), token_of(hana, *ALL), token_of(hana, "mine"))
    ]
    assert seen == [404, 404, 200, 404]


def test_my_answers_are_mine(session: Session, make_session: Any, hana: Member, ken: Member) -> None:
    now = timezone.now()
    session.rsvp(hana, "ACCEPTED", now=now)
    session.rsvp(ken, "DECLINED", now=now)
    (mine,) = ask("/me/answers", token_of(hana, "mine")).json()["items"]
    assert (mine["session"], mine["partstat"], mine["has_seat"], mine["is_waiting"]) == (
        session.code,
        "ACCEPTED",
        True,
        False,
    )
    past = make_session(starts_at=now - timedelta(days=3), roster_closed_at=now)
    still_open = make_session(starts_at=now - timedelta(days=4))
    for one, who in ((past, hana), (past, ken), (still_open, hana)):
        Attendance.objects.create(session=one, member=who)
    (there,) = ask("/me/attendances", token_of(hana, "mine")).json()["items"]
    assert (there["session"], there["status"]) == (past.code, "came")


def test_a_host_sees_drafts_and_numbers_of_their_series_alone(
    series: Series, session: Session, make_session: Any, kosuke: Member, hana: Member, mallory: Member
) -> None:
    session.rsvp(hana, "ACCEPTED", now=timezone.now())
    draft = make_session(published_at=None, starts_at=session.starts_at + timedelta(days=1))
    rows = ask("/hosted/sessions", token_of(kosuke, "hosting")).json()["items"]
    assert [(row["code"], row["seats_taken"], row["waiting"], row["came"]) for row in rows] == [
        (draft.code, 0, 0, 0),
        (session.code, 1, 0, 0),
    ]
    for other in (hana, mallory):
        assert ask("/hosted/sessions", token_of(other, "hosting")).json()["items"] == []


def test_no_member_is_named_anywhere(session: Session, hana: Member, ken: Member, kosuke: Member) -> None:
    """Not even one who speaks about their own trade."""
    Member.objects.filter(pk=hana.pk).update(name="カナリア花", romaji="canary")
    Talk.objects.create(session=session, title="わたしの仕事", member=hana)
    session.rsvp(hana, "ACCEPTED", now=timezone.now())
    token = token_of(kosuke, *ALL)
    for path in ("/sessions", f"/sessions/{session.code}", "/hosted/sessions", "/me/answers", "/series"):
        said = ask(path, token).content.decode()
        assert ("カナリア" in said, "canary" in said.lower(), "hana" in said) == (False, False, False)
    assert ask(f"/sessions/{session.code}").json()["talks"][0]["is_members"] is True


# Tokens


@pytest.mark.parametrize("path", ["/me/answers", "/me/attendances", "/hosted/sessions"])
def test_without_a_token_and_with_the_wrong_one(hana: Member, path: str) -> None:
    without = ask(path)
    assert (without.status_code, without["WWW-Authenticate"]) == (401, 'Bearer realm="asakai"')
    assert ask(path, token_of(hana, "club")).status_code == 403


def test_a_token_ends_by_time_by_its_owner_and_with_the_account(hana: Member) -> None:
    def status(token: str) -> int:
        return ask("/series", token).status_code

    by_time, by_owner, with_account = (token_of(hana, "club") for _n in range(3))
    assert [status(one) for one in (by_time, by_owner, with_account, "asakai_wrong", "\x00ü")] == [
        200,
        200,
        200,
        401,
        401,
    ]
    rows = list(ApiToken.objects.order_by("pk"))
    past = timezone.now() - timedelta(seconds=1)
    ApiToken.objects.filter(pk=rows[0].pk).update(created_at=past - timedelta(days=9), expires_at=past)
    rows[1].revoke(now=timezone.now())
    assert [status(one) for one in (by_time, by_owner, with_account)] == [401, 401, 200]
    Member.objects.filter(pk=hana.pk).update(is_active=False)
    assert status(with_account) == 401


def test_only_a_digest_is_kept(hana: Member) -> None:
    text = token_of(hana, "club")
    row = ApiToken.objects.get()
    assert (text in str(vars(row)), len(row.digest), text.startswith("asakai_"), len(text)) == (False, 64, True, 50)


def test_a_signed_in_browser_opens_nothing_by_itself(hana: Member) -> None:
    """Else any page could read it through somebody's browser."""
    client = Client()
    client.force_login(hana)
    assert client.get("/api/v1/me/answers").status_code == 401


def test_nobody_has_more_than_ten(hana: Member) -> None:
    for _n in range(10):
        token_of(hana)
    with pytest.raises(ValidationError):
        token_of(hana)
    ApiToken.objects.order_by("pk")[0].revoke(now=timezone.now())
    assert token_of(hana)


def test_a_member_makes_sees_once_and_ends_a_token(hana: Member, ken: Member, club: Any) -> None:
    browser = signed_in(hana)
    made = browser.post("/profile/tokens/", {"name": "予定表", "scopes": ["mine"], "days": "30"})
    row = ApiToken.objects.get()
    text = made.content.decode().partition('value="asakai_')[2].partition('"')[0]
    assert ask("/me/answers", f"asakai_{text}").status_code == 200
    page = browser.get("/profile/tokens/").content.decode()
    assert (text in page, "予定表" in page) == (False, True)
    assert signed_in(ken).post(f"/profile/tokens/{row.code}/end/").status_code == 404
    browser.post(f"/profile/tokens/{row.code}/end/")
    assert ask("/me/answers", f"asakai_{text}").status_code == 401
    assert "予定表" not in browser.get("/profile/tokens/").content.decode()
    assert browser.post("/profile/tokens/", {"name": "", "days": "9999"}).status_code == 422


# The frame


def test_pages_lead_on_until_there_are_no_more(make_session: Any, series: Series) -> None:
    start = timezone.now()
    codes = [make_session(starts_at=start + timedelta(days=n)).code for n in range(1, 6)]
    found, path = [], "/sessions?limit=2&series=breakfast"
    while path:
        answer = ask(path).json()
        found += [one["code"] for one in answer["items"]]
        assert answer["total"] == 5
        path = (answer["next"] or "").removeprefix("http://localhost:8000/api/v1")
    assert found == codes[::-1]


def test_what_comes_meanwhile_is_told_neither_twice_nor_instead(
    make_session: Any, series: Series, kosuke: Member
) -> None:
    """Five rows in threes, of which three begin at the same minute, while one comes before them and one goes."""
    start = timezone.now() + timedelta(days=1)
    made = [make_session(starts_at=start + timedelta(days=n // 3)) for n in range(5)]
    codes = {one.code for one in made}
    for name in ("/sessions", "/hosted/sessions"):
        first = ask(f"{name}?limit=3", token_of(kosuke, "hosting")).json()
        new = make_session(starts_at=start + timedelta(days=9))
        rest = ask(first["next"].removeprefix("http://localhost:8000/api/v1"), token_of(kosuke, "hosting")).json()
        told = [one["code"] for one in first["items"] + rest["items"]]
        assert (len(told), set(told), rest["next"]) == (5, codes, None)
        new.delete()


@pytest.mark.parametrize("mark", ["0_aaaaaaaaaa", "-9999999999999999_aaaaaaaaaa", "9999999999999999_aaaaaaaaaa"])
def test_any_place_that_is_described_is_one(make_session: Any, mark: str) -> None:
    """Also before and after all there is: what the description allows is answered."""
    session = make_session()
    codes = [one["code"] for one in ask(f"/sessions?after={mark}").json()["items"]]
    assert codes == ([session.code] if mark.startswith("9") else [])


def test_every_list_leads_on(make_session: Any, series: Series, kosuke: Member) -> None:
    for n in range(3):
        session = make_session(starts_at=timezone.now() - timedelta(days=n + 1), roster_closed_at=timezone.now())
        Rsvp.objects.create(session=session, member=kosuke, partstat="ACCEPTED")
        Attendance.objects.create(session=session, member=kosuke)
        Series.objects.create(slug=f"s{n}", name=f"s{n}", starts_on=series.starts_on, at=series.at)
    token = token_of(kosuke, *ALL)
    for path, all_ in (("/me/answers", 3), ("/me/attendances", 3), ("/series", 4), ("/hosted/sessions", 3)):
        found, more = [], f"{path}?limit=1"
        while more:
            answer = ask(more, token).json()
            found += [json.dumps(one) for one in answer["items"]]
            more = (answer["next"] or "").removeprefix("http://localhost:8000/api/v1")
        assert (path, len(found), len(set(found))) == (path, all_, all_)


def test_days_narrow(make_session: Any, series: Series) -> None:
    start = timezone.now().replace(hour=3) + timedelta(days=1)
    one, two = (make_session(starts_at=start + timedelta(days=n)) for n in (0, 1))
    day = f"{start:%Y-%m-%d}"
    assert [row["code"] for row in ask(f"/sessions?until={day}").json()["items"]] == [one.code]
    assert [row["code"] for row in ask(f"/sessions?from={two.starts_at:%Y-%m-%d}").json()["items"]] == [two.code]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=x",
        "limit=",
        "after=",
        "after=2026-11-26",
        "after=0",
        "after=12345678901234567_aaaaaaaaaa",
        "after=1%00_aaaaaaaaaa",
        "limit=101",
        "limit=-1",
        "limit=99999999999999",
        "from=2026-13-01",
        "from=",
        "until=0001-01-01",
        "series=%00",
        "series=",
        "limit=１",
    ],
)
def test_what_makes_no_sense_is_told(db: None, query: str) -> None:
    problem = ask(f"/sessions?{query}")
    assert (problem.status_code, problem.json()["title"]) == (400, "Bad request")


def test_errors_are_problems_wherever_they_happen(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/nothing", "/series/none", "/../x", "/series/a%0Ab"):
        response = Client().get(f"/api/v1{path}")
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    posted = Client(enforce_csrf_checks=True).post("/api/v1/series")
    assert (posted.status_code, posted["Allow"], posted.json()["status"]) == (405, "GET, HEAD", 405)
    assert Client().head("/api/v1/series").status_code == 200


def test_an_unchanged_answer_is_not_sent_again(session: Session, hana: Member) -> None:
    token = token_of(hana, "club")
    first = ask("/sessions", token)
    again = ask("/sessions", token, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content, first["Cache-Control"]) == (304, b"", "private, no-cache")
    assert "Authorization" in first["Vary"]
    Session.objects.update(title="別の題")
    assert ask("/sessions", token, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(answers, "OFTEN", 3)
    monkeypatch.setattr(answers, "OFTEN_UNKNOWN", 2)
    monkeypatch.setattr("archive.api.answers.time.time", lambda: 1_800_000_000.0)
    cache.clear()
    yield
    cache.clear()


def test_who_asks_too_often_waits_and_the_others_do_not(few: None, hana: Member, ken: Member) -> None:
    hanas, kens = token_of(hana), token_of(ken)
    asked = [ask("/series", hanas) for _n in range(4)]
    assert [one.status_code for one in asked] == [200, 200, 200, 429]
    assert [one["RateLimit-Remaining"] for one in asked[:3]] == ["2", "1", "0"]
    assert (asked[3]["Retry-After"], asked[3].json()["detail"]) == ("60", "At most 3 requests a minute.")
    assert ask("/series", kens).status_code == 200
    assert [ask("/series").status_code for _n in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_asks_a_fixed_number_of_questions(make_session: Any, sato: Speaker, kosuke: Member, rows: int) -> None:
    for n in range(rows):
        session = make_session(starts_at=timezone.now() + timedelta(days=n + 1))
        Talk.objects.create(session=session, title="x", book=sato.books.get()).speakers.add(sato)
        Rsvp.objects.create(session=session, member=kosuke, partstat="ACCEPTED")
    token = token_of(kosuke, *ALL)
    counted = {}
    for path in ("/sessions", "/hosted/sessions", "/me/answers", "/series"):
        with CaptureQueriesContext(connection) as found:
            ask(path, token)
        counted[path] = len(found)
    assert counted == {"/sessions": 4, "/hosted/sessions": 4, "/me/answers": 3, "/series": 3}
