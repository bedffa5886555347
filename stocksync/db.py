"""Which database to use, and how to connect to it."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from stocksync.embedded import Embedded, default_data_dir

Connection = psycopg.Connection[TupleRow]

LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE")
_CONNECT_TIMEOUT = 10  # seconds


def database_url(explicit: str | None) -> str:
    """Return the postgresql:// URL of the database to use.

    It is the first of these that is given:

    1. ``explicit``, the command's --database-url
    2. STOCKSYNC_DATABASE_URL
    3. libpq's own variables (PGHOST, PGSERVICE...): a URL that leaves everything to them
    4. the embedded server, started if it is not running

    1 and 2 may also be key=value strings. Raises psycopg.ProgrammingError if they are neither, and
    EmbeddedError if the embedded server does not start.
    """
    if chosen := explicit or os.environ.get("STOCKSYNC_DATABASE_URL"):
        return to_url(chosen)
    if is_private(explicit):
        return Embedded(default_data_dir()).start().url()
    return "postgresql://"


def is_private(explicit: str | None) -> bool:
    """Tell whether nobody names a database, so that it is that of the embedded server."""
    variables = ("STOCKSYNC_DATABASE_URL", *LIBPQ_VARIABLES)
    return not (explicit or any(os.environ.get(name) for name in variables))


def to_url(conninfo: str = "", **parameters: str | int | None) -> str:
    """Return a URL for a URL or key=value string, changed by ``parameters`` as libpq names them.

    A URL that needs no change is returned as it is. All parameters go into the query, where libpq
    allows any of them with any value: a socket's directory as host, a slash in a database's name.
    Raises psycopg.ProgrammingError if libpq cannot read ``conninfo``.
    """
    known = conninfo_to_dict(conninfo)
    if not parameters and conninfo.startswith(("postgresql://", "postgres://")):
        return conninfo
    merged = {name: v for name, v in {**known, **parameters}.items() if v is not None}
    return "postgresql:///?" + urlencode(merged, quote_via=quote, safe="")


def connect(
    url: str, *, statement_timeout_ms: int | None = None, autocommit: bool = True
) -> Connection:
    """Connect to a URL or key=value string; its own settings win over the defaults given here.

    ``statement_timeout_ms`` holds for the session, 0 for no limit, None for the server's own.
    Raises psycopg.OperationalError if the server cannot be reached.
    """
    defaults: dict[str, str | int] = {"application_name": "stocksync"}
    if "PGCONNECT_TIMEOUT" not in os.environ:
        defaults["connect_timeout"] = _CONNECT_TIMEOUT
    parameters: dict[str, Any] = {**defaults, **conninfo_to_dict(url), "client_encoding": "utf8"}
    connection = psycopg.connect(autocommit=True, **parameters)
    if statement_timeout_ms is not None:
        # Not by the startup option "-c", which poolers refuse; and outside a transaction, whose
        # rollback would undo it.
        connection.execute(
            "select pg_catalog.set_config('statement_timeout', %s, false)",
            (str(statement_timeout_ms),),
        )
    connection.autocommit = autocommit
    return connection
