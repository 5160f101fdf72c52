"""A queryset that is asked at every request: its statement is built once, its rows come as the ORM would give them.

Building a statement anew takes Python three to ten times as long as PostgreSQL needs for it (docs/decisions/0033). What
changes from one time to the next is a blank in the queryset, and is named when it is asked:

    BY_CODE = Prepared(lambda: Session.objects.published().filter(code=text("code")))
    BY_CODE.first(code="k7q2m9x4ab")

What decides how the statement looks (a reader who is staff or not) is no blank: it needs a statement of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

from config.postgresql.base import DatabaseWrapper

M = TypeVar("M", bound=Model)

_names: dict[object, str] = {}


def text(name: str) -> str:
    """A blank for a text. Its characters are of Unicode's private use: nobody's text is taken for one."""
    return _blank(f"\ue000{name}\ue001", name)


def number(name: str) -> int:
    """A blank for a row's number: larger than any there will be."""
    return _blank(2**62 + zlib.crc32(name.encode()), name)


def instant(name: str) -> datetime:
    """A blank for an instant, in a year nobody plans for."""
    return _blank(datetime(9000, 1, 1, tzinfo=UTC) + timedelta(microseconds=zlib.crc32(name.encode())), name)


def _database() -> DatabaseWrapper:
    database = connections[DEFAULT_DB_ALIAS]
    assert isinstance(database, DatabaseWrapper)  # noqa: S101 - config.env names no other
    return database


B = TypeVar("B")


def _blank(value: B, name: str) -> B:
    _names[value] = name
    return value


@cache
def _insert(model: type[Model], *, unless_there: bool) -> tuple[str, list[Any]]:
    """The statement, and the fields it takes."""
    meta = model._meta  # noqa: SLF001 - Django documents it
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    end = "ON CONFLICT DO NOTHING" if unless_there else f"RETURNING {meta.pk.column}"
    return f"INSERT INTO {meta.db_table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))}) {end}", fields  # noqa: S608 - names of columns


def execute(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> int:
    """A statement in plain SQL that changes rows; how many."""
    with _database().prepared_cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def insert(row: Model, *, unless_there: bool = False) -> None:
    """Write a new row as it is, with the key the database gives it; or nothing, and no key, where it is known."""
    sql, fields = _insert(type(row), unless_there=unless_there)
    database = _database()
    with database.prepared_cursor() as cursor:
        cursor.execute(sql, [field.get_db_prep_save(field.pre_save(row, add=True), database) for field in fields])
        if not unless_there:
            [row.pk] = cursor.fetchone()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 - as `save` does


class Built(NamedTuple):
    """A statement with its values, some of them blanks, and how its rows become objects."""

    sql: str
    values: tuple[Any, ...]
    compiler: Any
    converters: dict[int, Any]
    model: type[Any]
    columns: slice
    attributes: list[str]
    annotations: dict[str, int]


class Prepared(Generic[M]):
    """A queryset with blanks, made where a module begins, or behind `functools.cache`.

    It is built when it is asked for the first time. Related rows (`select_related`) do not come with it.
    """

    def __init__(self, rows: Callable[[], QuerySet[M]]) -> None:
        self._rows = rows

    def first(self, **values: str | float | datetime | None) -> M | None:
        """The first row, if there is one."""
        return next(self.rows(**values), None)

    def rows(self, **values: str | float | datetime | None) -> Iterator[M]:
        """All rows. A blank that is given no value is a KeyError."""
        built = self._built
        filled = [values[_names[value]] if value in _names else value for value in built.values]
        with _database().prepared_cursor() as cursor:
            cursor.execute(built.sql, filled)
            found = cursor.fetchall()
        for row in built.compiler.apply_converters(found, built.converters) if built.converters else found:
            one: M = built.model.from_db(DEFAULT_DB_ALIAS, built.attributes, row[built.columns])
            for name, place in built.annotations.items():
                setattr(one, name, row[place])
            yield one

    @cached_property
    def _built(self) -> Built:
        compiler = self._rows().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, values = compiler.as_sql()
        selected = [column for column, _sql, _alias in compiler.select]
        places = compiler.klass_info["select_fields"]
        columns = slice(places[0], places[-1] + 1)
        return Built(
            sql=sql,
            values=values,
            compiler=compiler,
            converters=compiler.get_converters(selected),
            model=compiler.klass_info["model"],
            columns=columns,
            attributes=[column.target.attname for column in selected[columns]],
            annotations=compiler.annotation_col_map,
        )
