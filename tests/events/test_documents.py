"""What sessions are found by follows every verb, in its transaction, and for those alone who may see them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from archive import indexing
from events import documents, editing
from events.models import Series, Session, Talk
from invitations.models import Invitation
from members.models import Member
from records.models import Report, Takeaway
from search import sources
from search.models import Document
from speakers.models import Speaker
from tests.crawl import state_of_the_club
from tests.events.pages import talk

NOW = timezone.now()
Kind = Document.Kind


def found(word: str = "", **where: Any) -> list[tuple[str, str, str]]:
    """(kind, title, audience) of what a word finds."""
    documents = Document.objects.matching(word) if word else Document.objects.all()
    return sorted(documents.filter(**where).values_list("kind", "title", "audience"))


@pytest.fixture
def draft(make_session: Callable[..., Session], sato: Speaker) -> Session:
    session = make_session(published_at=None, summary="出汁の話")
    talk(session, sato, "夜明けの帳場から")
    return session


def test_a_published_session_is_found_with_its_talk_guest_and_book(draft: Session, kosuke: Member) -> None:
    draft.publish(now=NOW, actor=kosuke)
    assert found() == [
        ("book", "夜明けの帳場", "public"),
        ("session", "値札のない朝", "public"),
        ("speaker", "佐藤 朝子", "public"),
        ("talk", "夜明けの帳場から", "public"),
    ]
    words = {"出汁": "session", "ひばり書林": "book", "さとう": "speaker", "Asako": "speaker"}
    assert {word: found(word, kind=kind)[0][0] for word, kind in words.items()} == words


def test_a_draft_is_not_found(draft: Session) -> None:
    sources.refresh([draft.code])
    assert found() == []


def test_a_cancelled_session_is_not_found_and_a_restored_one_is_with_all_that_remains_of_it(
    draft: Session, kosuke: Member, hana: Member
) -> None:
    draft.publish(now=NOW, actor=kosuke)
    Report.objects.create(session=draft, body="出汁の報告", published_at=NOW)
    Takeaway.objects.create(session=draft, member=hana, text="出汁は待つ", audience="public")
    sources.refresh([draft.code])
    before = found()
    draft.cancel("台風", now=NOW, actor=kosuke)
    assert found() == []
    draft.restore(now=NOW, actor=kosuke)
    assert found() == before
    assert {kind for kind, _title, _audience in before} == {"book", "session", "speaker", "talk", "report", "takeaway"}


def test_moving_moves_the_date_and_editing_changes_the_words(draft: Session, kosuke: Member) -> None:
    draft.publish(now=NOW, actor=kosuke)
    later = draft.starts_at + timedelta(days=7)
    draft.move(later, now=NOW, actor=kosuke)
    assert {on for (on,) in Document.objects.values_list("on")} == {draft.local_start.date()}
    values = {"title": "湯気の朝", "summary": "", "programme": "", "fee_amount": 0, "capacity": 24, "number": None}
    editing.edit(draft, values, changed=list(values), later_too=False, now=NOW, actor=kosuke)
    assert (found("出汁"), found("値札"), found("湯気")) == ([], [], [("session", "湯気の朝", "public")])


def test_an_invited_guest_is_found_from_the_yes_to_the_no(session: Session, sato: Speaker, kosuke: Member) -> None:
    letter = Invitation.objects.create(session=session, speaker=sato, host=kosuke, state="asked", asked_at=NOW)
    sources.refresh([session.code])
    assert found("佐藤") == []
    letter.accept(how="phone", now=NOW, actor=kosuke)
    assert found("佐藤", kind="speaker") == [("speaker", "佐藤 朝子", "public")]
    letter.decline(how="phone", now=NOW, actor=kosuke)
    assert found("佐藤") == []


def test_a_guest_who_was_there_before_moves_back_to_the_earlier_morning(
    make_session: Callable[..., Session], sato: Speaker, kosuke: Member
) -> None:
    first = make_session(starts_at=NOW - timedelta(days=30))
    second = make_session(starts_at=NOW + timedelta(days=2))
    for session in (first, second):
        talk(session, sato)
    sources.refresh([first.code, second.code])
    assert Document.objects.get(kind="speaker").session_code == second.code
    second.cancel("誤り", now=NOW - timedelta(days=3), actor=kosuke)
    assert Document.objects.get(kind="speaker").session_code == first.code


def test_what_fails_leaves_the_index_as_it_was(draft: Session, kosuke: Member) -> None:
    with transaction.atomic():
        draft.publish(now=NOW, actor=kosuke)
        transaction.set_rollback(True)
    assert found() == []


@pytest.mark.parametrize(("audience", "finds"), [("public", "public"), ("members", "members"), ("series", "series:{}")])
def test_the_audience_is_that_of_the_series(
    draft: Session, series: Series, kosuke: Member, audience: str, finds: str
) -> None:
    Series.objects.update(audience=audience)
    draft.publish(now=NOW, actor=kosuke)
    assert {audience for _kind, _title, audience in found()} == {finds.format(series.pk)}


def test_a_guest_of_an_open_and_a_closed_series_is_found_by_the_open_one_alone(
    make_session: Callable[..., Session], sato: Speaker
) -> None:
    values = {"name": "内輪", "audience": "series", "starts_on": "2024-01-01", "at": "07:00"}
    closed = [Series.objects.create(slug=f"closed-{n}", **values) for n in (1, 2)]
    hidden = [make_session(series=one, starts_at=NOW - timedelta(days=1)) for one in closed]
    for session in hidden:
        talk(session, sato)
    sources.refresh([session.code for session in hidden])
    assert [audience for _kind, _title, audience in found(kind="speaker")] == [f"series:{one.pk}" for one in closed]
    public = make_session(starts_at=NOW - timedelta(days=9))
    talk(public, sato)
    sources.refresh([session.code for session in (public, *hidden)])
    assert list(Document.objects.filter(kind="speaker").values_list("audience", "session_code")) == [
        ("public", public.code)
    ]


def test_a_series_that_closes_takes_its_documents_along(
    client: Client, draft: Session, series: Series, kosuke: Member
) -> None:
    draft.publish(now=NOW, actor=kosuke)
    client.force_login(kosuke)
    form = {"name": "朝食会", "slug": series.slug, "audience": "series", "duration_minutes": "80",
            "doors_minutes": "20", "capacity": "24", "fee_amount": "0",
            "hold_minutes": "30", "seats_for_new": "0", "first_number": "1", "pattern": "monthly",
            "weekdays": ["3"], "nths": ["2"], "interval": "1", "starts_on": "2024-01-11", "at": "07:00",
            "holidays": "keep"}  # fmt: skip
    assert client.post(f"/series/{series.slug}/edit/", form).status_code == 302
    assert {audience for _kind, _title, audience in found()} == {f"series:{series.pk}"}


def test_a_guest_with_another_name_is_found_by_it_everywhere(draft: Session, kosuke: Member, sato: Speaker) -> None:
    draft.publish(now=NOW, actor=kosuke)
    sato.name = "佐藤 夕子"
    sato.save()
    documents.refresh_guest(sato)
    assert [kind for kind, _title, _audience in found("夕子")] == ["book", "speaker", "talk"]
    assert found("朝子", kind="speaker") == []


def test_what_a_host_writes_about_a_guest_is_found(
    client: Client, draft: Session, kosuke: Member, sato: Speaker
) -> None:
    draft.publish(now=NOW, actor=kosuke)
    client.force_login(kosuke)
    form = {"name": "佐藤 夕子", "honorific": "san", "language": "ja", "bio": "市場の生まれ"}
    assert client.post(f"/guests/{sato.code}/edit/", form).status_code == 302
    assert client.post(f"/guests/{sato.code}/books/", {"title": "灯台の帳簿"}).status_code == 302
    assert (found("夕子", kind="talk") != [], found("市場"), found("灯台")) == (
        True,
        [("speaker", "佐藤 夕子", "public")],
        [("book", "灯台の帳簿", "public")],
    )


def test_contact_details_are_never_found(draft: Session, kosuke: Member, sato: Speaker) -> None:
    Speaker.objects.update(contact_name="秘書 甲斐", contact_email="kai@example.com")
    draft.publish(now=NOW, actor=kosuke)
    assert found("甲斐") == found("kai@example.com") == found("sato@example.com") == []


def test_the_whole_index_made_anew_is_the_same_and_without_leavings(draft: Session, kosuke: Member) -> None:
    draft.publish(now=NOW, actor=kosuke)
    before = state_of_the_club()
    Document.objects.put(
        [Document(kind="session", key="gone", title="消えた朝", session_code="gone", audience="public")]
    )
    Document.objects.filter(kind="talk").delete()
    assert indexing.everything() == 4
    after = found()
    assert indexing.everything() == 4
    assert (found(), state_of_the_club().keys()) == (after, before.keys())
    assert [kind for kind, _title, _audience in after] == ["book", "session", "speaker", "talk"]


def test_any_number_of_sessions_takes_the_same_number_of_queries(
    make_session: Callable[..., Session], sato: Speaker, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in (1, 30):
        while Session.objects.count() < number:
            talk(make_session(), sato)
        codes = list(Session.objects.values_list("code", flat=True))
        with django_assert_num_queries(17):
            sources.refresh(codes)


def test_members_own_talks_are_found_by_their_names_among_members(session: Session, hana: Member) -> None:
    Talk.objects.create(session=session, title="流通の夜", member=hana)
    sources.refresh([session.code])
    assert found("はな") == found("hana") == [("talk", "", "members")]
    assert found("流通") == [("talk", "流通の夜", "public")]
    session.series.audience = "series"
    session.series.save()
    sources.refresh([session.code])
    assert found("はな") == [("talk", "流通の夜", f"series:{session.series_id}")]
