"""What every command shares: the options of the program and one connection, opened when needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import click
import psycopg
from psycopg.rows import TupleRow

from stocksync import db


@dataclass
class App:
    """The options before the command's name; commands get it with ``@pass_app``."""

    database_url: str | None = None
    quiet: bool = False
    verbose: bool = False
    statement_timeout: float = 0

    @cached_property
    def url(self) -> str:
        """The address of the database: --database-url, its variable, else libpq's variables."""
        return db.database_url(self.database_url)

    @cached_property
    def connection(self) -> psycopg.Connection[TupleRow]:
        """The connection of this run, in autocommit; closed when the command ends."""
        timeout = round(self.statement_timeout * 1000)
        connection = db.connect(self.url, statement_timeout_ms=timeout)
        click.get_current_context().find_root().call_on_close(connection.close)
        return connection

    def say(self, message: str) -> None:
        """Tell the user how it goes, on stderr, unless -q."""
        if not self.quiet:
            click.echo(message, err=True)


pass_app = click.make_pass_decorator(App)
