"""Plants every known fault in a scratch copy of a small shop, and looks whether it is found and cured.

A fault is a file of SQL under ``faults/``. Its first comment says in a sentence what it is, then in
lines of "key: value" what must come of it:

- ``expect: SKU CLASS CAUSE``, once or more: what an audit says, all of it, and of no other product;
- ``fix: KIND, ...``: the kinds of `stocksync fix` that cure it;
- ``cure: COMMAND``, at most once: what doctor names as the cure of what is disabled or gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psycopg
import sqlparse
from psycopg import sql

from stocksync import db, migrate
from stocksync.db import Connection
from stocksync.errors import StocksyncError

DIRECTORY = Path(__file__).resolve().parent / "faults"
PREFIX = "stocksync_scratch"
MIGRATE = "stocksync migrate --force"

_KEY = re.compile(r"-- (\w+): (.+)")
_EXPECTATION = re.compile(r"(\S+) ([a-z_]+) ([a-z_]+)")
_KINDS = ("fields", "batches", "ledger")

# Nobody is connected to a leftover: neither to it, nor as the one whose number is in its name.
_LEFTOVERS = rf"""
select d.datname
from pg_catalog.pg_database as d
where d.datname ~ '^{PREFIX}_\d+_'
    and not exists (
        select from pg_catalog.pg_stat_activity as a
        where a.datname = d.datname or a.pid::text = split_part(d.datname, '_', 3)
    )
"""

_NEEDED = "select has_parameter_privilege('session_replication_role', 'set')"
_FAILURES = "select check_name, detail, cure from stocksync.doctor() where status = 'failure'"
_FOUND = """
select f.product_id, r ->> 'class', r ->> 'cause'
from stocksync.findings(%s) as f, jsonb_array_elements(f.reasons) as r
"""
_MISSING = """
select p.id, p.sku from public.products as p
"""


class Expectation(NamedTuple):
    """What an audit says of a product."""

    product: str
    class_: str
    cause: str

    def __str__(self) -> str:
        return " ".join(self)


@dataclass(frozen=True)
class Fault:
    """One way in which stock can be made wrong, and what must come of it."""

    name: str
    title: str
    expected: tuple[Expectation, ...]
    kinds: tuple[str, ...]
    cure: str | None
    statements: tuple[str, ...]


@dataclass
class Outcome:
    """What came of a fault; ``complaints`` say what was not as it must be."""

    fault: Fault
    found: bool
    cured: bool
    said: tuple[Expectation, ...]
    complaints: tuple[str, ...]


class _NotCuredError(Exception):
    """The text says why."""


class _State(NamedTuple):
    """What a database holds: an image for each table and product."""

    images: dict[tuple[str, int | None], str]

    @classmethod
    def of(cls, connection: Connection) -> _State:
        rows = connection.execute("select * from scratch.state()")
        return cls({(place, product_id): image for place, product_id, image in rows})

    def differing(self, other: _State) -> Iterator[tuple[str, int | None]]:
        """Return the tables and products of which something differs."""
        for key in sorted(self.images.keys() | other.images.keys(), key=str):
            if self.images.get(key) != other.images.get(key):
                yield key


def read_faults(directory: Path = DIRECTORY) -> list[Fault]:
    """Return the faults of a directory, in the order of their names."""
    return [_read(path) for path in sorted(directory.glob("[!_]*.sql"))]


def _read(path: Path) -> Fault:
    def refuse(why: str) -> StocksyncError:
        return StocksyncError(f"{path.name}: {why}", hint="See the faults that are there.")

    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    first, *lines = head.splitlines()
    if not first.startswith("-- ") or _KEY.fullmatch(first):
        raise refuse("the first line does not say what it is")

    values: dict[str, list[str]] = {"expect": [], "fix": [], "cure": []}
    for line in lines:
        match = _KEY.fullmatch(line)
        if match is None or match[1] not in values:
            raise refuse(f'"{line}" is none of expect, fix and cure')
        values[match[1]].append(match[2])
    if len(values["fix"]) != 1 or len(values["cure"]) > 1 or not values["expect"]:
        raise refuse("expect must be there, fix once, and cure at most once")

    expected = [_EXPECTATION.fullmatch(text) for text in values["expect"]]
    if None in expected:
        raise refuse("expect must be a product, a class and a cause")
    kinds = tuple(values["fix"][0].split(", "))
    if not set(kinds) <= set(_KINDS):
        raise refuse(f"fix must be some of {', '.join(_KINDS)}")
    if values["cure"] not in ([], [MIGRATE]):
        raise refuse(f'the only cure is "{MIGRATE}"')

    statements = _statements(body)
    if not statements:
        raise refuse("nothing is planted")
    return Fault(
        path.stem.partition("_")[2],
        first[3:],
        tuple(sorted(Expectation(*match.groups()) for match in expected if match)),
        kinds,
        values["cure"][0] if values["cure"] else None,
        statements,
    )


def _statements(text: str) -> tuple[str, ...]:
    # one by one, as some commit
    return tuple(filter(None, (one.strip() for one in sqlparse.split(text))))


class Laboratory:
    """The scratch databases of a run, all of them copies of one shop, on the server of a URL."""

    def __init__(self, url: str, server: Connection) -> None:
        self._url = url
        self._server = server
        self._prefix = f"{PREFIX}_{server.info.backend_pid}"
        self._shop = f"{self._prefix}_shop"
        self._products: dict[int, str] = {}
        self._pristine = _State({})

    @classmethod
    @contextmanager
    def open(cls, url: str) -> Iterator[Laboratory]:
        """Make the shop; in the end drop whatever was made, and what killed runs have left.

        Raises StocksyncError if the role may not create databases, or not switch triggers off.
        """
        with db.connect(url, statement_timeout_ms=0) as server:
            self = cls(url, server)
            self._drop(name for (name,) in server.execute(_LEFTOVERS).fetchall())
            try:
                self._open_shop()
                yield self
            finally:
                self._clean_up()

    def _open_shop(self) -> None:
        may = self._server.execute(_NEEDED).fetchone()
        try:
            if may is None or not may[0]:
                raise psycopg.errors.InsufficientPrivilege
            self._create(self._shop, "template0")
        except psycopg.errors.InsufficientPrivilege as error:
            raise StocksyncError(
                "this role may not create databases, or not switch triggers off",
                detail="Faults are planted in scratch databases, as one does behind the triggers.",
                hint="Give another server with --database-url, or use a private one: "
                "`stocksync db start`.",
            ) from error

        migrate.migrate(self._address(self._shop))
        with self._connect(self._shop) as shop:
            for file in ("_shop.sql", "_scratch.sql"):
                for statement in _statements((DIRECTORY / file).read_text(encoding="utf-8")):
                    shop.execute(statement.encode())
            self._products = dict(shop.execute("select id, sku from public.products").fetchall())
            self._pristine = _State.of(shop)
            if wrong := _wrong(shop):
                raise StocksyncError(f"the shop is wrong before a fault is planted: {wrong}")

    def try_out(self, fault: Fault) -> Outcome:
        """Plant a fault in a copy of the shop, audit it, fix it, and look at everything."""
        name = f"{self._prefix}_{fault.name}"[:63]
        self._create(name, self._shop)
        said: tuple[Expectation, ...] = ()
        try:
            with self._connect(name) as intruder:
                for statement in fault.statements:
                    intruder.execute(statement.encode())
            with self._connect(name) as connection:
                said = self._audit(connection)
                self._cure(connection, name, fault)
        except (_NotCuredError, psycopg.Error) as error:
            complaints = [str(error).strip().splitlines()[0]]
        else:
            complaints = []
        finally:
            self._drop([name])
        found = said == fault.expected
        if not found:
            others = ", ".join(map(str, said)) or "nothing"
            complaints.insert(0, f"the audit found {others}")
        cured = len(complaints) == (not found)
        return Outcome(fault, found, cured, said, tuple(complaints))

    def _audit(self, connection: Connection) -> tuple[Expectation, ...]:
        run = connection.execute("call stocksync.audit(null, p_deep => true)").fetchone()
        assert run is not None  # noqa: S101 a procedure with an inout argument returns a row
        return tuple(
            sorted(
                {
                    Expectation(self._products.get(product_id, f"#{product_id}"), class_, cause)
                    for product_id, class_, cause in connection.execute(_FOUND, run)
                }
            )
        )

    def _cure(self, connection: Connection, name: str, fault: Fault) -> None:
        """Do what cures it; raise _NotCuredError if then anything is wrong, or changed for nothing."""
        named = {cure for _, _, cure in connection.execute(_FAILURES)}
        if fault.cure:
            if not any(fault.cure in cure for cure in named):
                raise _NotCuredError(f"doctor does not name `{fault.cure}`")
            migrate.migrate(self._address(name), force=True)

        planted = _State.of(connection)
        kinds = list(fault.kinds)
        connection.execute("call stocksync.fix(%s)", (kinds,))

        if again := self._audit(connection):
            raise _NotCuredError(f"after the fix the audit finds {', '.join(map(str, again))}")
        rest = connection.execute("select * from stocksync.fix_dry_run(%s)", (kinds,)).fetchall()
        if rest:
            raise _NotCuredError(f"the fix has still something to do: {rest}")
        if wrong := _wrong(connection):
            raise _NotCuredError(f"after the fix it is wrong: {wrong}")
        for check, detail, _ in connection.execute(_FAILURES):
            raise _NotCuredError(f"doctor says of {check}: {detail}")

        # 1. Of other products nothing may differ from the shop that was never at fault.
        fixed = _State.of(connection)
        faulty = {one.product for one in fault.expected}
        for place, product_id in self._pristine.differing(fixed):
            product = self._product(product_id)
            if product not in faulty and (place, product_id) in planted.differing(fixed):
                raise _NotCuredError(f"the fix changed {place} of {product}")
        # 2. Of the faulty ones only what follows from the movements.
        if "ledger" not in fault.kinds:
            for place, product_id in planted.differing(fixed):
                if place in ("products", "stock_movements"):
                    raise _NotCuredError(f"the fix changed {place} of {self._product(product_id)}")

    def _product(self, product_id: int | None) -> str:
        return self._products.get(product_id or 0, f"#{product_id}")

    def _address(self, database: str) -> str:
        return db.to_url(self._url, dbname=database)

    def _connect(self, database: str) -> Connection:
        return db.connect(self._address(database), statement_timeout_ms=0)

    def _create(self, database: str, template: str) -> None:
        query = sql.SQL("create database {} template {}")
        self._server.execute(query.format(sql.Identifier(database), sql.Identifier(template)))

    def _drop(self, databases: Iterable[str]) -> None:
        for database in databases:
            query = sql.SQL("drop database if exists {}").format(sql.Identifier(database))
            self._server.execute(query)

    def _clean_up(self) -> None:
        # the connection of the run may have been cut off in the middle of something
        with db.connect(self._url, statement_timeout_ms=0) as server:
            names = server.execute(
                "select datname from pg_catalog.pg_database where starts_with(datname, %s)",
                (f"{self._prefix}_",),
            ).fetchall()
            for (name,) in names:
                query = sql.SQL("drop database if exists {} with (force)")
                server.execute(query.format(sql.Identifier(name)))


def _wrong(connection: Connection) -> str:
    rows = connection.execute("select * from scratch.wrong() order by 1, 2")
    return ", ".join(f"{what} of product {product_id}" for product_id, what in rows)


def run(
    url: str, faults: Iterable[Fault], advance: Callable[[float], None] = lambda _amount: None
) -> list[Outcome]:
    """Try out faults on the server of ``url``; ``advance`` is called after each."""
    outcomes = []
    with Laboratory.open(url) as laboratory:
        for fault in faults:
            outcomes.append(laboratory.try_out(fault))
            advance(1)
    return outcomes
