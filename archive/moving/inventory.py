"""Which tables travel, in which order, and as what text: PostgreSQL writes a row as JSON and reads it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter

from django.apps import apps
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

# Every other model travels, whoever adds it.
LEFT_OUT = {
    "search.Document": "made anew from the rows of which it tells",
    "outbox.Heartbeat": "when this installation's own worker was last awake",
    "outbox.MailboxMessage": "mails that local mode shows instead of sending them",
    "archive.ClubExport": "the file itself, or one that lay there before",
    "members.LineCode": "a code of fifteen minutes",
    "account.EmailConfirmation": "a key of some minutes",
    "members.Device": "everybody signs in again",
    "contenttypes.ContentType": "each installation's own list of its models",
    "auth.Permission": "Django's own; nobody is given one here",
    "auth.Group": "Django's own, empty here",
    "auth.Group_permissions": "Django's own, empty here",
    "members.Member_groups": "Django's own, empty here",
    "members.Member_user_permissions": "Django's own, empty here",
}


@dataclass(frozen=True)
class Table:
    """One table that travels. `files` are the columns that name uploaded files."""

    model: str
    name: str
    key: str
    columns: tuple[str, ...]
    files: tuple[str, ...]

    def rows(self) -> Iterator[str]:
        """Every row as one line of JSON, in the order of their keys; streamed."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        order = sql.SQL('{} COLLATE "C"' if self._has_text_key else "{}").format(sql.Identifier(self.key))
        question = sql.SQL(
            "COPY (SELECT row_to_json(t)::text FROM (SELECT {} FROM {}) t ORDER BY {}) TO STDOUT"
        ).format(columns, self.identifier, order)
        with connection.cursor() as cursor, cursor.copy(question) as copy:
            for (line,) in copy.rows():
                yield line

    def fingerprint(self) -> tuple[int, str]:
        """How many rows there are, and the SHA-256 of their lines."""
        count, digest = 0, hashlib.sha256()
        for line in self.rows():
            count += 1
            digest.update(line.encode() + b"\n")
        return count, digest.hexdigest()

    def stored(self) -> list[str]:
        """Names of the uploaded files its rows speak of."""
        manager = apps.get_model(self.model)._base_manager  # noqa: SLF001 - rows hidden by a manager travel too
        named = (manager.exclude(**{column: ""}).values_list(column, flat=True) for column in self.files)
        return [name for names in named for name in names if name]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.name)

    @property
    def _has_text_key(self) -> bool:
        return isinstance(apps.get_model(self.model)._meta.pk, models.CharField)  # noqa: SLF001


def tables() -> list[Table]:
    """All that travel; what a row points at comes before it."""
    travelling = {model._meta.label: model for model in _models() if model._meta.label not in LEFT_OUT}  # noqa: SLF001
    ordered = TopologicalSorter({label: _points_at(model) & {*travelling} for label, model in travelling.items()})
    return [_table(travelling[label]) for label in ordered.static_order()]


def migrations() -> dict[str, list[str]]:
    """What was done to this database, by app: two that are alike have the same tables."""
    done: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        done.setdefault(app, []).append(name)
    return done


def _models() -> Iterator[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    return (model for model in sorted(every, key=lambda model: model._meta.label) if model._meta.managed)  # noqa: SLF001


def _points_at(model: type[models.Model]) -> set[str]:
    columns = model._meta.concrete_fields  # noqa: SLF001 - Django's name
    others = {column.related_model for column in columns if isinstance(column.related_model, type)}
    return {other._meta.label for other in others - {model}}  # noqa: SLF001


def _table(model: type[models.Model]) -> Table:
    meta = model._meta  # noqa: SLF001 - Django's name
    columns = [column for column in meta.concrete_fields if not isinstance(column, models.GeneratedField)]
    return Table(
        model=meta.label,
        name=meta.db_table,
        key=str(meta.pk.column),
        columns=tuple(str(column.column) for column in columns),
        files=tuple(column.name for column in columns if isinstance(column, models.FileField)),
    )
