"""Seat state has one door: seats.py, standing_seats.py and queue.py of events/models write it, migrations apart.

What a program may not do is read from its syntax: assigning one of these attributes, giving one to a model or to a
call that writes rows, naming one for `setattr` or for the columns to save, writing one of the two tables in plain SQL.
Reading and filtering are free to all.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOOR = ["events/models/queue.py", "events/models/seats.py", "events/models/standing_seats.py"]
STATE = {
    "Rsvp": {
        "seated_at",
        "queue_no",
        "offered_until",
        "offer_lapsed_at",
        "is_new",
        "hold_until",
        "owes_amount",
        "standing_at",
        "standing_asked_at",
        "standing_said_at",
    },
    "Session": {
        "seats_taken",
        "seats_held",
        "seats_new",
        "lapses_at",
        "kept_seats_freed_at",
        "spares_freed_at",
        "last_queue_no",
        "guest_party",
        "guest_seats",
    },
}
KEPT = set().union(*STATE.values())
WRITES = {
    *("update", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "save", "setattr"),
    *("aupdate", "acreate", "aget_or_create", "aupdate_or_create", "abulk_create", "abulk_update", "asave"),
}
PLAIN_SQL = re.compile(r"\b(?:UPDATE|INSERT\s+INTO|DELETE\s+FROM)\s+\"?(events_(?:rsvp|session))\b", re.IGNORECASE)
# Not the program of the club: tests make their rows as they need them, the rest is not ours.
APART = {"tests", "migrations", "var"}


def written(source: str) -> Iterator[tuple[int, str]]:
    """Each place where seat state is written: line, and the name of the column, or of the table in plain SQL."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()) if name in KEPT:
                yield node.lineno, name
            case ast.Call():
                yield from ((node.lineno, name) for name in sorted(_given(node)))
            case ast.Constant(value=str(text)):
                yield from ((node.lineno, table.lower()) for table in PLAIN_SQL.findall(text))


def _given(call: ast.Call) -> set[str]:
    """Columns of seat state given to a call that writes: as keywords, or spelled in its arguments."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called not in WRITES | STATE.keys():
        return set()
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    spelled = {node.value for argument in arguments for node in ast.walk(argument) if isinstance(node, ast.Constant)}
    return KEPT & (spelled | {keyword.arg for keyword in call.keywords})


def program() -> list[Path]:
    """Every module of the club."""
    found = (path for top in ROOT.iterdir() if top.is_dir() and top.name[0] != "." for path in top.rglob("*.py"))
    return sorted(path for path in found if not APART & set(path.relative_to(ROOT).parts))


def test_no_other_module_writes_seat_state() -> None:
    found = {str(path.relative_to(ROOT)): list(written(path.read_text("utf-8"))) for path in program()}
    writers = {name: lines for name, lines in found.items() if lines}
    assert list(writers) == DOOR, writers


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("rsvp.seated_at = now", ["seated_at"]),
        ("rsvp.seated_at, other.queue_no = now, None", ["queue_no", "seated_at"]),
        ("session.seats_taken += 1", ["seats_taken"]),
        ("rsvp.hold_until: datetime = now", ["hold_until"]),
        ("del rsvp.offered_until", ["offered_until"]),
        ("for session.last_queue_no in range(3): pass", ["last_queue_no"]),
        ("setattr(rsvp, 'seated_at', now)", ["seated_at"]),
        ("Session.objects.filter(pk=1).update(seats_taken=F('seats_taken') + 1)", ["seats_taken"]),
        ("session.rsvps.update(**{'queue_no': 1})", ["queue_no"]),
        ("vars(rsvp).update(seated_at=now)", ["seated_at"]),
        ("Rsvp(session=session, seated_at=now)", ["seated_at"]),
        ("models.Session(last_queue_no=3)", ["last_queue_no"]),
        ("Rsvp.objects.create(member=hana, offered_until=now)", ["offered_until"]),
        ("Rsvp.objects.update_or_create(member=hana, defaults={'seated_at': now})", ["seated_at"]),
        ("Rsvp.objects.bulk_update(rows, ['hold_until'])", ["hold_until"]),
        ("Rsvp.objects.bulk_create(rows, update_fields=['queue_no'], update_conflicts=True)", ["queue_no"]),
        ("session.save(update_fields=['seats_taken', 'changed_at'])", ["seats_taken"]),
        ("cursor.execute('UPDATE events_session SET title = %s', [title])", ["events_session"]),
        ("sql = f'delete  from events_rsvp where id = {pk}'", ["events_rsvp"]),
        ("SQL = 'SELECT 1 FROM events_rsvp; INSERT INTO \"events_rsvp\" VALUES (1)'", ["events_rsvp"]),
        ("SQL = 'UPDATE events_sessionnote SET a = 1; SELECT * FROM events_rsvp FOR UPDATE'", []),
        ("Rsvp.objects.filter(seated_at=None, queue_no__isnull=False)", []),
        ("models.Q(seated_at=None) | models.Q(queue_no=None)", []),
        ("seats = dict(rows.values_list('session_id', 'seated_at'))", []),
        ("taken = session.seats_taken if rsvp.seated_at else 0", []),
        ("class Rsvp(models.Model):\n    seated_at = models.DateTimeField(null=True)", []),
        ("Answer(seated_at=rsvp.seated_at)", []),
    ],
)
def test_what_goes_past_the_door_is_seen(source: str, columns: list[str]) -> None:
    assert sorted({name for _line, name in written(source)}) == columns


def test_the_columns_watched_are_columns_there_are() -> None:
    from events import models

    for name, columns in STATE.items():
        assert columns <= {field.name for field in getattr(models, name)._meta.get_fields()}
