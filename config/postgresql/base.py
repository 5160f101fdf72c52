"""The connection of a process to PostgreSQL, kept from one request to the next."""

import select
import time
from typing import Any

from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper

# After a longer rest somebody between may have forgotten the line without a word: then the server is asked.
REST_SECONDS = 30.0


class DatabaseOperations(operations.DatabaseOperations):
    """What Django asks of a backend."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """For Django's log of statements: a prepared one as it was prepared, without its values."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    """Whether a line that was kept still stands is heard on the line: a server that goes away says goodbye there.

    To ask it at the beginning of every request (CONN_HEALTH_CHECKS) is a statement more for each.
    """

    ops_class = DatabaseOperations
    _heard_at = 0.0

    def is_usable(self) -> bool:
        """Whether the server is there: asked, unless it was a moment ago and has been silent since."""
        now, before = time.monotonic(), self._heard_at
        self._heard_at = now
        if now - before < REST_SECONDS and self.connection is not None and not self.connection.closed:
            line = select.poll()
            line.register(self.connection.fileno(), select.POLLIN)
            if not line.poll(0):
                return True
        return super().is_usable()

    def prepared_cursor(self) -> CursorWrapper:
        """A cursor whose statements the server plans once and keeps, where OPTIONS has `prepare_threshold`."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]
            prepared: CursorWrapper = self._prepare_cursor(cursor)  # type: ignore[attr-defined]
            return prepared
