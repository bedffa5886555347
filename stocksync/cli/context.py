"""What every command shares: the options of the program and one connection, opened when needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain, islice
from typing import Any

import click
from psycopg.rows import TupleRow, dict_row

from stocksync import db
from stocksync.db import Connection
from stocksync.output import emit, to_json


@dataclass
class App:
    """The options before the command's name; commands get it with ``@pass_app``."""

    database_url: str | None = None
    quiet: bool = False
    verbose: bool = False
    statement_timeout: float = 0
    log_format: str = "text"

    @property
    def hides_progress(self) -> bool:
        """Whether no bar may be drawn on stderr: with -q, and among lines of JSON."""
        return self.quiet or self.log_format == "json"

    @cached_property
    def url(self) -> str:
        """The address of the database: --database-url, its variable, else libpq's variables."""
        return db.database_url(self.database_url)

    @cached_property
    def connection(self) -> Connection:
        """The connection of this run, in autocommit; closed when the command ends."""
        timeout = round(self.statement_timeout * 1000)
        connection = db.connect(self.url, statement_timeout_ms=timeout)
        click.get_current_context().find_root().call_on_close(connection.close)
        return connection

    @cached_property
    def ledger(self) -> Connection:
        """The connection, reading and printing times in the time zone of the shop."""
        self.connection.execute("select stocksync.use_shop_time()")
        return self.connection

    def query(
        self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> tuple[list[str], Iterator[TupleRow]]:
        """Return the names of the columns and the rows of a query, of which few are in memory.

        It must only read: an error that comes with the commit, after the last row, is not told.
        """
        cursor = self.ledger.cursor()
        rows = cursor.stream(query, parameters)
        first = list(islice(rows, 1))  # the columns are known once a row is
        if not first:
            return self.change(f"select * from ({query}) as q limit 0", parameters)  # noqa: S608
        return [column.name for column in cursor.description or ()], chain(first, rows)

    def change(
        self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> tuple[list[str], Iterator[TupleRow]]:
        """Do what a query does, to its commit; return the names of its columns and its rows."""
        cursor = self.ledger.execute(query, parameters)
        return [column.name for column in cursor.description or ()], iter(cursor.fetchall())

    def show(
        self,
        output: str | None,
        query: str,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
    ) -> None:
        """Print what a query returns."""
        emit(output, *self.query(query, parameters))

    def say(self, message: str) -> None:
        """Tell the user how it goes, on stderr, unless -q."""
        if not self.quiet:
            self.tell("info", message)

    def tell(self, level: str, message: str) -> None:
        """Write to stderr, also with -q."""
        if self.log_format == "json":
            emit_event(datetime.now(UTC), level, message)
        else:
            click.echo(message, err=True)

    def tell_events(self, run: int | None, connection: Connection | None = None) -> None:
        """With --log-format json, tell what a run has written to the log; with -q its errors."""
        if self.log_format == "json" and run is not None:
            cursor = (connection or self.ledger).cursor(row_factory=dict_row)
            events = cursor.stream(
                "select * from stocksync.read_log(%s, p_limit => null, p_run_id => %s)",
                ("error" if self.quiet else None, run),
            )
            for event in events:
                emit_event(event.pop("logged_at"), **event)


def emit_event(time: datetime, level: str, message: str, **fields: object) -> None:
    """Write an event to stderr as a line of JSON; fields that are None are left out."""
    event = {"time": time, "level": level, "message": message, **fields}
    known = {name: value for name, value in event.items() if value is not None}
    click.echo(to_json(known), err=True)


pass_app = click.make_pass_decorator(App)
