"""The command: what a file becomes, twice the same, and what it says of the rest."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from events.models import Membership, Series, Session, Talk, TalkSpeaker
from members.models import Member
from search.models import Document
from speakers.models import Speaker
from tests.archive.talks import BAD, GROUPS, file, sixty, talk
from tests.crawl import state_of_the_club


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.jsonl"


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_archive", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def counts() -> dict[str, int]:
    models: tuple[Any, ...] = (Series, Session, Talk, Speaker, TalkSpeaker, Document)
    return {model.__name__: model.objects.count() for model in models}


def test_groups_become_series_days_sessions_and_names_guests(db: None, path: Path) -> None:
    said = run(file(path, sixty(), zipped=True))
    assert said.splitlines()[-2:] == [
        "60 talks read, 60 taken, 0 not taken.",
        f"New: 4 series, 60 sessions, 60 talks, {Speaker.objects.count()} guests.",
    ]
    assert {one.source: (one.slug, one.audience, one.numbered) for one in Series.objects.all()} == {
        "harbour-python": ("harbour-python", "public", False),
        "kamome-study-2014": ("kamome-study-2014", "public", False),
        "python_tea": ("python_tea", "public", False),
        "夜の勉強会": (Series.objects.get(source="夜の勉強会").slug, "public", False),
    }
    assert Series.objects.get(source="夜の勉強会").slug.startswith("series-")


def test_several_talks_of_a_day_are_one_session_that_is_over(db: None, path: Path) -> None:
    recording = "https://video.example/v/1"
    run(file(path, [talk(), talk(title="Tall Ships", recording=[recording], tags=["boats"], language="jpn")]))
    session = Session.objects.get()
    assert (session.title, session.number, session.local_start.isoformat()) == (
        "Small Boats / Tall Ships",
        None,
        "2014-05-08T12:00:00+09:00",
    )
    assert session.roster_closed_at == session.published_at == session.ends_at
    assert session.is_day_only
    assert [(one.title, one.position, one.language, one.recordings, one.tags) for one in session.talks.all()] == [
        ("Small Boats", 1, "en", [], []),
        ("Tall Ships", 2, "ja", [recording], ["boats"]),
    ]


def test_an_hour_that_one_talk_has_is_that_of_the_session(db: None, path: Path) -> None:
    run(file(path, [talk(), talk(title="Tall Ships", held_on="2014-05-08 18:30")]))
    session = Session.objects.get()
    assert (session.is_day_only, session.local_start.isoformat()) == (False, "2014-05-08T18:30:00+09:00")


def test_one_name_is_one_guest_within_a_group_and_never_across_groups(db: None, path: Path) -> None:
    rows = [
        talk(),
        talk(title="b", speakers=["NORA  QUILL", "Ｎora Quill"]),
        talk(title="c", speakers=["Various speakers"]),
        talk(group=GROUPS[1], title="d"),
    ]
    run(file(path, rows))
    assert sorted(Speaker.objects.values_list("source", "name")) == [
        ("harbour-python/nora quill", "Nora Quill"),
        ("kamome-study-2014/nora quill", "Nora Quill"),
    ]
    assert [list(one.speakers.values_list("source", flat=True)) for one in Talk.objects.order_by("title")] == [
        ["harbour-python/nora quill"],
        ["harbour-python/nora quill"],
        [],
        ["kamome-study-2014/nora quill"],
    ]


def test_a_second_run_changes_nothing(kosuke: Member, path: Path) -> None:
    file(path, sixty())
    run(path)
    before = state_of_the_club()
    assert "New: 0 series, 0 sessions, 0 talks, 0 guests." in run(path)
    assert state_of_the_club() == before


def test_a_file_that_has_grown_adds_what_is_new_and_keeps_what_a_host_changed(db: None, path: Path) -> None:
    run(file(path, [talk()]))
    Talk.objects.update(title="As the host calls it")
    Session.objects.update(title="A host's title")
    run(file(path, [talk(), talk(title="Tall Ships", speakers=["Ivo Marrow"])]))
    assert Session.objects.get().title == "A host's title"
    assert list(Talk.objects.order_by("position").values_list("title", "position")) == [
        ("As the host calls it", 1),
        ("Tall Ships", 2),
    ]
    assert Document.objects.matching("tall ships marrow").count() == 1


def test_a_dry_run_says_the_same_and_writes_nothing(db: None, path: Path) -> None:
    file(path, [*sixty(), *(line for line, _reason in BAD)])
    before = state_of_the_club()
    dry = run(path, "--dry-run")
    assert state_of_the_club() == before
    assert dry.replace("Would be new", "New") == run(path)


def test_every_line_that_is_refused_is_told_with_its_number(db: None, path: Path) -> None:
    said = run(file(path, [talk(), *(line for line, _reason in BAD), "", talk(recording=["nonsense"], title="z")]))
    lines = said.splitlines()
    for number, (_line, reason) in enumerate(BAD, start=2):
        assert lines[number - 2].startswith(f"line {number}: not taken: {reason}")
    assert lines[len(BAD) :] == [
        f"line {len(BAD) + 3}: a recording is no web address: 'nonsense'",
        f"{len(BAD) + 2} talks read, 2 taken, {len(BAD)} not taken.",
        "New: 1 series, 1 sessions, 2 talks, 1 guests.",
    ]


def test_new_series_belong_to_the_operator_or_to_whom_is_named(kosuke: Member, hana: Member, path: Path) -> None:
    Member.objects.filter(pk=kosuke.pk).update(is_staff=True)
    run(file(path, [talk()]))
    run(file(path, [talk(group="other")]), "--owner", "hana@example.com")
    owners = Membership.objects.values_list("series__source", "member__name", "role")
    assert sorted(owners) == [("harbour-python", "kosuke", "owner"), ("other", "hana", "owner")]
    with pytest.raises(CommandError, match="Nobody here has the address nobody@"):
        run(path, "--owner", "nobody@example.com")


def test_an_address_that_is_taken_gets_a_number(series: Series, path: Path) -> None:
    run(file(path, [talk(group=series.slug), talk(group="Breakfast ")]))
    assert sorted(Series.objects.values_list("slug", flat=True)) == ["breakfast", "breakfast-2", "breakfast-3"]


def test_what_was_imported_is_found(db: None, path: Path) -> None:
    run(file(path, sixty()))
    viewer_finds = Document.objects.visible_to({"public"})
    assert (
        viewer_finds.matching("葉月").filter(kind="speaker").count() == Speaker.objects.filter(name="葉月 澪").count()
    )
    assert viewer_finds.matching("talk").filter(kind="talk").count() == 60


def test_a_file_that_is_not_there_is_said(db: None, path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(path)
