from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from redis.exceptions import RedisError

from events.models import Session
from events.views import kept
from members.models import Member


@pytest.fixture(autouse=True)
def _kept(settings: Any) -> None:
    settings.KEPT_SECONDS = 5


def titled(client: Client, session: Session, **headers: str) -> str:
    page = client.get(f"/sessions/{session.code}/", headers=headers).content.decode()
    return page.split("<h1", 1)[1].split(">", 1)[1].split("<", 1)[0]


def rename(session: Session, title: str) -> None:
    Session.objects.filter(pk=session.pk).update(title=title)


def test_a_stranger_is_shown_what_the_last_one_saw(
    session: Session, django_assert_num_queries: Callable[..., Any]
) -> None:
    first = Client().get(f"/sessions/{session.code}/")
    with django_assert_num_queries(0):
        second = Client().get(f"/sessions/{session.code}/")
    assert (second.content, second["ETag"], second["Vary"]) == (first.content, first["ETag"], first["Vary"])


def test_a_page_seen_before_is_not_sent_again(session: Session) -> None:
    etag = Client().get(f"/sessions/{session.code}/")["ETag"]
    again = Client().get(f"/sessions/{session.code}/", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_member_sees_a_change_at_once(session: Session, hana: Member) -> None:
    member = Client()
    member.force_login(hana)
    titled(Client(), session)
    rename(session, "新しい題")
    assert (titled(Client(), session), titled(member, session)) == ("値札のない朝", "新しい題")
    assert titled(Client(), session) == "値札のない朝"


def test_what_a_member_saw_is_shown_to_no_stranger(session: Session, hana: Member) -> None:
    member = Client()
    member.force_login(hana)
    assert "hana" in member.get(f"/sessions/{session.code}/").content.decode()
    assert "hana" not in Client().get(f"/sessions/{session.code}/").content.decode()


def test_each_language_is_kept_apart(session: Session) -> None:
    assert Client().get(f"/sessions/{session.code}/", headers={"accept-language": "ja"}).content != (
        Client().get(f"/sessions/{session.code}/", headers={"accept-language": "en"}).content
    )


def test_a_page_that_is_not_there_is_not_kept(make_session: Callable[..., Session]) -> None:
    draft = make_session(published_at=None)
    assert Client().get(f"/sessions/{draft.code}/").status_code == 404
    Session.objects.filter(pk=draft.pk).update(published_at=draft.created_at)
    assert Client().get(f"/sessions/{draft.code}/").status_code == 200


def test_without_redis_every_page_is_made_anew(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def get(self, *_args: object) -> None:
            raise RedisError

        set = get

    monkeypatch.setattr(kept, "cache", Away())
    assert titled(Client(), session) == "値札のない朝"
