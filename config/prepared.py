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
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.query import ValuesIterable, get_related_populators

from config.postgresql.base import DatabaseWrapper

M = TypeVar("M", bound=Model)

Filling = str | float | datetime | list[int] | None
_names: dict[object, str] = {}


def text(name: str) -> str:
    """A blank for a text. Its characters are of Unicode's private use: nobody's text is taken for one."""
    return _blank(f"\ue000{name}\ue001", name)


def number(name: str) -> int:
    """A blank for a row's number: larger than any there will be."""
    return _blank(2**62 + zlib.crc32(name.encode()), name)


def any_of(name: str) -> RawSQL:
    """A blank for the numbers of any rows, for `pk__in`."""
    return RawSQL("SELECT unnest(%s::bigint[])", [text(name)])


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
    """A statement with its values, some of them blanks, and what its rows become."""

    sql: str
    values: tuple[Any, ...]
    compiler: Any
    converters: dict[int, Any]
    become: Callable[[Sequence[Any]], Any]


class Prepared(Generic[M]):
    """A queryset with blanks, made where a module begins, or behind `functools.cache`.

    It is built when it is asked for the first time: models with their annotations and with what `select_related`
    names, or what `values` names. What a queryset of its own kind does to its rows (`seen_by` of members) it does not.
    """

    def __init__(self, rows: Callable[[], QuerySet[M, Any]]) -> None:
        self._rows = rows

    def first(self, **values: Filling) -> M | None:
        """The first row, if there is one."""
        return next(self.rows(**values), None)

    def rows(self, **values: Filling) -> Iterator[M]:
        """All rows. A blank that is given no value is a KeyError."""
        built = self._built
        return map(built.become, self._found(built, values))

    def dicts(self, **values: Filling) -> list[dict[str, Any]]:
        """All rows of a queryset that ends with `values`."""
        built = self._built
        return [built.become(row) for row in self._found(built, values)]

    def _found(self, built: Built, values: Mapping[str, Filling]) -> Iterator[Sequence[Any]]:
        filled = [values[_names[value]] if value in _names else value for value in built.values]
        with _database().prepared_cursor() as cursor:
            cursor.execute(built.sql, filled)
            found = cursor.fetchall()
        return iter(built.compiler.apply_converters(found, built.converters) if built.converters else found)

    @cached_property
    def _built(self) -> Built:
        rows = self._rows()
        query, are_dicts = rows.query, issubclass(rows._iterable_class, ValuesIterable)  # noqa: SLF001 - as Django asks
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, values = compiler.as_sql()
        if moments := [value for value in values if isinstance(value, date) and value not in _names]:
            raise ValueError(f"A moment or day is no blank and would stay as it is: {moments}")
        selected = [column for column, _sql, _alias in compiler.select]
        become = _dict(query) if are_dicts else _model(compiler)
        return Built(sql, values, compiler, compiler.get_converters(selected), become)


def _model(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """A row as its model, as the ORM makes one."""
    model, places = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    columns = slice(places[0], places[-1] + 1)
    attributes = [column.target.attname for column, _sql, _alias in compiler.select[columns]]
    related = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg] # one more from Django 6.1
    annotations = compiler.annotation_col_map

    def become(row: Sequence[Any]) -> Any:
        one = model.from_db(DEFAULT_DB_ALIAS, attributes, row[columns])
        for other in related:
            other.populate(row, one)
        for name, place in annotations.items():
            setattr(one, name, row[place])
        return one

    return become


def _dict(query: Any) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """A row by the names that `values` was given."""
    names = list(query.selected or [*query.extra_select, *query.values_select, *query.annotation_select])
    return lambda row: dict(zip(names, row, strict=True))
