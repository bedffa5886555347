"""A server for the tests, a template database made once by ``migrate``, and a clone for each test.

STOCKSYNC_TEST_URL names a server to use (its role needs createdb); else a private one is started,
one per pytest-xdist worker, of the version in STOCKSYNC_PG_BIN if that is set.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import randrange
from zlib import crc32

import psycopg
import pytest
from helpers import Actor, differences, forget_prepared
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
        options = {"max_prepared_transactions": "20"}
        with Embedded(directory / "pg", fsync=False, options=options) as server:
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
def seed(request: pytest.FixtureRequest) -> int:
    """Return what a random history begins with: drawn anew, or, as in CI, by --hypothesis-seed."""
    given = request.config.getoption("--hypothesis-seed")
    seed = randrange(10**9) if given is None else crc32(f"{given} {request.node.nodeid}".encode())
    print("seed", seed)  # shown if it fails
    return seed


@pytest.fixture
def db_url(db: psycopg.Connection) -> str:
    """The URL of the test's database."""
    return to_url(db.info.dsn, password=db.info.password or None)


# Deleting is many times faster than cloning, as long as a test changes rows only.
_EMPTY = """
set session_replication_role = replica;
do $$
declare
    v_name text;
begin
    for v_name in
        select c.oid::regclass::text from pg_class as c
        where c.relkind = 'r'
            and c.relnamespace in ('public'::regnamespace, 'stocksync'::regnamespace)
            and c.relname !~ 'yoyo|^deployed_|^installation$|^_groups$'
    loop
        execute 'delete from ' || v_name;
    end loop;
    perform setval(c.oid, 1, false) from pg_class as c
    where c.relkind = 'S'
        and c.relnamespace in ('public'::regnamespace, 'stocksync'::regnamespace);
end
$$;
insert into stocksync.settings default values;
insert into stocksync._roll_up_version default values;
insert into stocksync._closed default values;
insert into stocksync.schedules select * from kept.schedules;
insert into transaction_types select * from kept.transaction_types;
drop schema if exists shop cascade;
set session_replication_role = origin;
"""


@pytest.fixture(scope="session")
def _reused(template) -> Iterator[str]:
    """The URL of one clone for all tests of the session that use ``ledger``."""
    place = {"host": template.host, "port": template.port, "user": template.user}
    name = f"stocksync_reused_{os.getpid()}"
    maintenance = to_url(**place, password=template.password, dbname=template.maintenance_dbname)
    url = to_url(**place, password=template.password, dbname=name)
    with psycopg.connect(maintenance, autocommit=True) as server:
        server.execute(f"create database {name} template {template.template_dbname}")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create schema kept")
            connection.execute("create table kept.transaction_types as table transaction_types")
            connection.execute("create table kept.schedules as table stocksync.schedules")
        yield url
        with psycopg.connect(url) as connection:
            drift = connection.execute("select * from stocksync.drift").fetchall()
        server.execute(f"drop database {name} with (force)")
    assert drift == [], "a test that uses ledger changed an object; it must use db"


@pytest.fixture
def ledger(_reused: str) -> Iterator[psycopg.Connection]:
    """A connection, in autocommit, to an empty ledger: for tests that change rows only.

    Objects of a test's own can be in schema shop.
    """
    with psycopg.connect(_reused, autocommit=True) as connection:
        connection.execute(_EMPTY)
        yield connection


@pytest.fixture
def exact(ledger: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The ledger, and at the end nothing about it may be wrong, nor about its batches."""
    yield ledger
    assert differences(ledger) == []
    assert ledger.execute("select * from stocksync.batch_discrepancies()").fetchall() == []


@pytest.fixture
def empty(ledger: psycopg.Connection) -> Callable[[], None]:
    """Empty the ledger again: for tests that begin many times."""
    return lambda: (ledger.execute(_EMPTY), None)[1]


@pytest.fixture
def nothing_stays_prepared(ledger: psycopg.Connection) -> Iterator[None]:
    """Roll back at the end what the test has prepared: it would lock out the next one."""
    yield
    forget_prepared(ledger)


@pytest.fixture
def ledger_url(ledger: psycopg.Connection, _reused: str) -> str:
    """The URL of the same database."""
    return _reused


@pytest.fixture
def actor(ledger: psycopg.Connection, ledger_url: str) -> Iterator[Callable[[str], Actor]]:
    """Open named sessions; whatever they still do at the end of the test is terminated."""
    actors: list[Actor] = []

    def make(name: str) -> Actor:
        actors.append(Actor(ledger_url, name))
        return actors[-1]

    yield make
    ledger.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    for one in actors:
        one.close()


@pytest.fixture
def today(ledger: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The empty ledger in a transaction, so that now() stays what it is; rolled back."""
    with ledger.transaction(force_rollback=True):
        yield ledger
