from pathlib import Path

import polib
import pytest

from config import messages


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one app whose page and code ask for three messages."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "words.py").write_text('X = _("One seat")\nY = ngettext("%(n)d day", "%(n)d days", n)\n')
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% load i18n %}{% translate "May" context "month" %}')
    catalogue = tmp_path / "app" / "locale" / "ja" / "LC_MESSAGES"
    catalogue.mkdir(parents=True)
    return catalogue / "django.po"


def write(path: Path, *entries: polib.POEntry) -> None:
    book = polib.POFile()
    book.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;"}
    book.extend(entries)
    book.save(str(path))


SEAT = {"msgid": "One seat", "msgstr": "一席"}
DAYS = {"msgid": "%(n)d day", "msgid_plural": "%(n)d days", "msgstr_plural": {0: "%(n)d日"}}
MAY = {"msgid": "May", "msgctxt": "month", "msgstr": "五月"}


def entries(*changed: dict) -> list[polib.POEntry]:
    whole = {e["msgid"]: e for e in (SEAT, DAYS, MAY)} | {e["msgid"]: e for e in changed}
    return [polib.POEntry(**e) for e in whole.values()]


def test_a_complete_catalogue_has_no_faults(house: Path) -> None:
    write(house, *entries())
    assert list(messages.faults("ja")) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({**SEAT, "msgstr": ""}, "app/locale/ja/LC_MESSAGES/django.po: fuzzy or empty: 'One seat'"),
        ({**SEAT, "flags": ["fuzzy"]}, "app/locale/ja/LC_MESSAGES/django.po: fuzzy or empty: 'One seat'"),
        ({"msgid": "Two", "msgstr": "二"}, "app/locale/ja/LC_MESSAGES/django.po: nobody asks for it: 'Two'"),
        (
            {**DAYS, "msgstr_plural": {0: "%(m)d日"}},
            "app/locale/ja/LC_MESSAGES/django.po: placeholders differ ['%(m)d', '%(n)d']: '%(n)d day'",
        ),
    ],
)
def test_each_fault_is_named(house: Path, changed: dict, fault: str) -> None:
    write(house, *entries(changed))
    assert list(messages.faults("ja")) == [fault]


def test_what_is_not_translated_is_named_with_the_file_that_asks(house: Path) -> None:
    write(house, polib.POEntry(**SEAT))
    assert sorted(messages.faults("ja")) == [
        "app/words.py: not translated into ja: '%(n)d day'",
        "templates/page.html: not translated into ja: 'May'",
    ]


def test_compiling_writes_what_django_reads(house: Path) -> None:
    write(house, *entries())
    messages.compile_all()
    assert polib.mofile(str(house.with_suffix(".mo"))).find("One seat").msgstr == "一席"
