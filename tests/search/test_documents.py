from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from search.models import Document

pytestmark = pytest.mark.django_db


def document(key: str, **fields: object) -> Document:
    values = {
        "kind": "talk",
        "title": key,
        "url": f"/talks/{key}/",
        "audience": "public",
        "on": date(2026, 4, 9),
    }
    return Document(key=key, **(values | fields))


def keys(query: str) -> list[str]:
    return [found.key for found in Document.objects.matching(query).newest_first()]


def test_a_document_is_found_by_title_names_with_readings_and_body() -> None:
    Document.objects.put(
        [document("a", title="夜明けの帳場", who="佐藤 朝子 さとう あさこ Asako Sato", body="食品の流通")]
    )
    assert keys("帳場") == keys("佐藤朝子") == keys("さとう") == keys("asako") == keys("食品流通") == ["a"]


def test_writing_a_document_again_replaces_its_text_and_its_tokens() -> None:
    Document.objects.put([document("a", title="人脈", url="/old/")])
    Document.objects.put([document("a", title="流通", url="/new/", language="ja", audience="members")])
    assert keys("人脈") == []
    assert list(Document.objects.matching("流通").values_list("key", "url", "language", "audience")) == [
        ("a", "/new/", "ja", "members")
    ]


def test_a_document_that_was_read_and_changed_is_written_with_its_new_tokens() -> None:
    Document.objects.put([document("a", title="人脈")])
    stored = Document.objects.get()
    stored.title = "流通"
    Document.objects.put([stored])
    assert (keys("人脈"), keys("流通")) == ([], ["a"])


def test_tokens_are_written_in_the_transaction_of_the_caller() -> None:
    Document.objects.put([document("a", title="人脈")])
    with transaction.atomic():
        Document.objects.put([document("a", title="流通"), document("b", title="流通")])
        assert keys("流通") == ["b", "a"]
        transaction.set_rollback(True)
    assert keys("流通") == []
    assert keys("人脈") == ["a"]


def test_the_same_key_may_stand_once_in_each_kind() -> None:
    Document.objects.put([document("a", title="本"), document("a", title="本", kind="report")])
    assert sorted(Document.objects.values_list("kind", "key")) == [("report", "a"), ("talk", "a")]


def test_of_two_with_one_key_the_last_is_kept() -> None:
    Document.objects.put([document("a", title="人脈"), document("a", title="流通")])
    assert list(Document.objects.values_list("title", flat=True)) == ["流通"]


def test_five_hundred_documents_are_one_statement(django_assert_num_queries: Callable[..., Any]) -> None:
    with transaction.atomic(), django_assert_num_queries(1):
        Document.objects.put([document(f"{number:03}") for number in range(500)])
    with transaction.atomic(), django_assert_num_queries(2):
        Document.objects.put([document(f"{number:03}") for number in range(501)])
    assert Document.objects.count() == 501


def test_nothing_is_written_for_nothing(django_assert_num_queries: Callable[..., Any]) -> None:
    with django_assert_num_queries(0):
        Document.objects.put([])


def test_a_discarded_document_is_gone_and_its_namesake_of_another_kind_stays() -> None:
    Document.objects.put([document("a"), document("b"), document("a", kind="report")])
    assert Document.objects.discard("talk", ["a", "unknown"]) == 1
    assert sorted(Document.objects.values_list("kind", "key")) == [("report", "a"), ("talk", "b")]


def test_each_finds_only_what_is_meant_for_them() -> None:
    audiences = ["public", "members", "series:kamome", "series:hibari", "attended:AAAA"]
    Document.objects.put([document(audience, title="人脈", audience=audience) for audience in audiences])

    def seen(*mine: str) -> list[str]:
        return sorted(found.key for found in Document.objects.matching("人脈").visible_to(mine))

    assert seen("public") == ["public"]
    assert seen("public", "members", "series:kamome") == ["members", "public", "series:kamome"]
    assert seen("public", "attended:AAAA") == ["attended:AAAA", "public"]
    assert seen() == []


def test_a_ranked_page_shows_nothing_that_is_hidden() -> None:
    Document.objects.put([document("a", title="人脈", audience="members"), document("b", title="人脈")])
    assert [found.key for found in Document.objects.matching("人脈").visible_to({"public"}).by_rank("人脈")] == ["b"]


@pytest.mark.parametrize("audience", ["", "everyone", "series:", "Public"])
def test_an_audience_nobody_knows_is_refused(audience: str) -> None:
    with pytest.raises(IntegrityError, match="search_document_audience_is_known"):
        Document.objects.put([document("a", audience=audience)])


def test_a_kind_nobody_knows_is_refused() -> None:
    with pytest.raises(IntegrityError, match="search_document_kind_is_known"):
        Document.objects.put([document("a", kind="song")])


def test_the_newest_come_first_and_the_undated_last() -> None:
    days = {"old": date(2019, 5, 9), "undated": None, "new": date(2026, 4, 9), "also new": date(2026, 4, 9)}
    for key, on in days.items():
        Document.objects.put([document(key, title="人脈", on=on)])
    assert keys("人脈") == ["also new", "new", "old", "undated"]


def test_a_title_ranks_above_a_name_above_a_body_and_the_newest_breaks_a_tie() -> None:
    Document.objects.put(
        [
            document("body", body="人脈", on=date(2026, 5, 1)),
            document("who", who="人脈", on=date(2026, 4, 1)),
            document("title", title="人脈", on=date(2026, 3, 1)),
            document("newer title", title="人脈", on=date(2026, 3, 2)),
        ]
    )
    ranked = Document.objects.matching("人脈").by_rank("人脈")
    assert [found.key for found in ranked] == ["newer title", "title", "who", "body"]


def test_the_best_are_looked_for_among_the_newest_three_hundred() -> None:
    Document.objects.put([document(f"{number}", body="人脈", on=date(2026, 4, 9)) for number in range(300)])
    Document.objects.put([document("older", title="人脈", on=date(2026, 4, 8))])
    ranked = Document.objects.matching("人脈").by_rank("人脈")
    assert len(ranked) == 300
    assert "older" not in {found.key for found in ranked}


def test_a_page_of_hits_is_a_list_and_a_capped_count(django_assert_num_queries: Callable[..., Any]) -> None:
    for hits in (1, 30):
        Document.objects.put([document(f"{number}", title="人脈", body="食品の流通") for number in range(hits)])
        found = Document.objects.matching("人脈 流通").visible_to({"public", "members"})
        with django_assert_num_queries(2):
            assert len([shown.body for shown in found.newest_first()[:20]]) == min(hits, 20)
            assert found.capped_count() == hits
        with django_assert_num_queries(2):
            assert len([shown.body for shown in found.by_rank("人脈 流通")[:20]]) == min(hits, 20)
            assert found.capped_count(limit=11) == min(hits, 11)


def test_a_query_that_asks_for_nothing_finds_nothing(django_assert_num_queries: Callable[..., Any]) -> None:
    Document.objects.put([document("a", title="人脈")])
    with django_assert_num_queries(0):
        assert list(Document.objects.matching("-流通").newest_first()) == []
        assert list(Document.objects.matching("☕").by_rank("☕")) == []
        assert Document.objects.matching("").capped_count() == 0


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "a:* & !b | (c", "\\", "人脈'::tsquery", "%s %(x)s", "<->", "\x00", "'" * 100]
)
def test_hostile_queries_are_only_words(text: str) -> None:
    Document.objects.put([document("a", title="無関係")])
    assert list(Document.objects.matching(text).by_rank(text)) == []
