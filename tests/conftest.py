"""A server for the tests, a template database made once by ``migrate``, and a clone for each test.

STOCKSYNC_TEST_URL names a server to use (its role needs createdb); else a private one is started,
one per pytest-xdist worker, of the version in STOCKSYNC_PG_BIN if that is set.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pytest_postgresql import factories

from stocksync.db import to_url
from stocksync.embedded import Embedded


@dataclass
class Server:
    """What ``postgresql_noproc(depends_on=...)`` asks of the fixture it depends on."""

    host: str
    port: int
    user: str
    password: str | None
    maintenance_dbname: str
    options: str = ""
    template_dbname: str | None = None

    @classmethod
    def of(cls, url: str) -> "Server":
        given = conninfo_to_dict(url)
        return cls(
            host=str(given.get("host") or "127.0.0.1"),
            port=int(given.get("port") or 5432),
            user=str(given.get("user") or "postgres"),
            password=str(given["password"]) if "password" in given else None,
            maintenance_dbname=str(given.get("dbname") or "postgres"),
        )


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Server]:
    """The server, for the whole session."""
    if url := os.environ.get("STOCKSYNC_TEST_URL"):
        yield Server.of(url)
        return
    directory = Path(tempfile.mkdtemp(prefix="stocksync-test-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    try:
        with Embedded(directory / "pg", fsync=False) as server:
            yield Server.of(server.url("postgres"))
    finally:
        shutil.rmtree(directory)


def load_schema(
    *, host: str, port: int, user: str, dbname: str, password: str | None, **_: object
) -> None:
    """Deploy stocksync in the template, by the function that ``stocksync migrate`` uses."""
    from stocksync.migrate import migrate

    migrate(to_url(host=host, port=port, user=user, dbname=dbname, password=password))


template = factories.postgresql_noproc(
    depends_on="pg_server", dbname=f"stocksync_test_{os.getpid()}", load=[load_schema]
)
_clone = factories.postgresql("template")


@pytest.fixture
def db(_clone: psycopg.Connection) -> psycopg.Connection:
    """A connection, in autocommit, to a database of the test's own with stocksync deployed."""
    _clone.autocommit = True
    return _clone


@pytest.fixture
def db_url(db: psycopg.Connection) -> str:
    """The URL of the test's database."""
    return to_url(db.info.dsn, password=db.info.password or None)
