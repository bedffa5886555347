"""Plants every known fault in a copy of a small shop, and looks whether it is found and cured.

A fault is a file of SQL under ``faults/``. Its first comment says in a sentence what it is, then in
lines of "key: value" what must come of it:

- ``expect: SKU CLASS CAUSE``, once or more: what an audit says, all of it, and of no other product;
- ``fix: KIND, ...``: the kinds of `stocksync fix` that cure it, if any do;
- ``cure: ...``, if more is to be done. Either the command that doctor names as the cure of what is
  disabled or gone, which is run before the fix; or that the shop publishes again, after the fix:
  then the fault is one of what its API shows, and audits read that, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psycopg
import sqlparse
from psycopg import sql

from stocksync import db, migrate, objects
from stocksync.db import Connection
from stocksync.errors import StocksyncError
from stocksync.fixer import KINDS

DIRECTORY = Path(__file__).resolve().parent / "faults"
PREFIX = "stocksync_scratch"
MIGRATE = "stocksync migrate --force"
PUBLISH = "the shop publishes again"

_KEY = re.compile(r"-- (\w+): (.+)")
_EXPECTATION = re.compile(r"(\S+) ([a-z_]+) ([a-z_]+)")

# Nobody is connected to a leftover: neither to it, nor as the one whose number is in its name.
_LEFTOVERS = r"""
select d.datname
from pg_catalog.pg_database as d
where d.datname ~ '^stocksync_scratch_\d+_'
    and not exists (
        select from pg_catalog.pg_stat_activity as a
        where a.datname = d.datname or a.pid::text = split_part(d.datname, '_', 3)
    )
"""

_NEEDED = "select has_parameter_privilege('session_replication_role', 'set')"
_FAILURES = "select check_name, detail, cure from stocksync.doctor() where status = 'failure'"
_FOUND = """
select f.product_id, f.api_id, r ->> 'class', r ->> 'cause'
from stocksync.findings(%s) as f, jsonb_array_elements(f.reasons) as r
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


@dataclass(frozen=True)
class Outcome:
    """What came of a fault; ``complaints`` say what was not as it must be."""

    fault: Fault
    found: bool
    cured: bool
    said: frozenset[Expectation]
    complaints: tuple[str, ...]

    @property
    def classes(self) -> list[str]:
        """What the audit said differs, in the order of the fault's file."""
        return list(dict.fromkeys(one.class_ for one in self._in_order()))

    @property
    def causes(self) -> list[str]:
        """Why, in the same order."""
        return list(dict.fromkeys(one.cause for one in self._in_order()))

    def _in_order(self) -> list[Expectation]:
        named = [one for one in self.fault.expected if one in self.said]
        return named + sorted(self.said - set(named))


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
    if any(len(values[key]) > 1 for key in ("fix", "cure")):
        raise refuse("fix and cure are there once at most")
    if not values["expect"] or not values["fix"] + values["cure"]:
        raise refuse("expect must be there, and fix or cure")

    expected = [_EXPECTATION.fullmatch(text) for text in values["expect"]]
    if None in expected:
        raise refuse("expect must be a product, a class and a cause")
    kinds = tuple(kind for text in values["fix"] for kind in text.split(", "))
    if not set(kinds) <= set(KINDS):
        raise refuse(f"fix must be some of {', '.join(KINDS)}")
    if not set(values["cure"]) <= {MIGRATE, PUBLISH}:
        raise refuse(f'cure must be "{MIGRATE}" or "{PUBLISH}"')

    statements = _statements(body)
    if not statements:
        raise refuse("nothing is planted")
    return Fault(
        path.stem.partition("_")[2],
        first[3:],
        tuple(Expectation(*match.groups()) for match in expected if match),
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

    @classmethod
    @contextmanager
    def open(cls, url: str) -> Iterator[Laboratory]:
        """Make the shop; in the end drop whatever was made, and what killed runs have left.

        Raises StocksyncError if the role may not create databases, or not switch triggers off.
        """
        with db.connect(url, statement_timeout_ms=0) as server:
            self = cls(url, server)
            for (name,) in server.execute(_LEFTOVERS).fetchall():
                # somebody else's, or somebody else has begun to drop it
                with suppress(psycopg.Error):
                    _drop(server, name)
            try:
                self._open_shop()
                yield self
            finally:
                self._clean_up()

    def _open_shop(self) -> None:
        try:
            if not objects.value(self._server, _NEEDED):
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
            if wrong := _wrong(shop):
                raise StocksyncError(f"the shop is wrong before a fault is planted: {wrong}")

    def try_out(self, fault: Fault) -> Outcome:
        """Plant a fault in a copy of the shop, audit it, fix it, and look at everything."""
        name = f"{self._prefix}_{fault.name}"[:63]
        self._create(name, self._shop)
        said: frozenset[Expectation] = frozenset()
        try:
            with self._connect(name) as intruder:
                for statement in fault.statements:
                    intruder.execute(statement.encode())
            with self._connect(name) as connection:
                said = self._audit(connection, fault)
                self._cure(connection, name, fault)
        except (_NotCuredError, psycopg.Error) as error:
            complaints = [str(error).strip().splitlines()[0]]
        else:
            complaints = []
        _drop(self._server, name, force=True)
        found = said == set(fault.expected)
        is_cured = not complaints
        if not found:
            complaints.insert(0, f"the audit found {_listed(said)}")
        return Outcome(fault, found, is_cured, said, tuple(complaints))

    def _audit(self, connection: Connection, fault: Fault) -> frozenset[Expectation]:
        reading = None
        if fault.cure == PUBLISH:
            reading = objects.value(connection, "select scratch.read_api()")
        run = objects.value(
            connection, "call stocksync.audit(null, p_reading_id => %s, p_deep => true)", reading
        )
        return frozenset(
            Expectation(
                f"api:{api_id}" if product_id is None else self._product(product_id), class_, cause
            )
            for product_id, api_id, class_, cause in connection.execute(_FOUND, (run,))
        )

    def _cure(self, connection: Connection, name: str, fault: Fault) -> None:
        """Do what cures it; raise _NotCuredError if then anything is wrong or changed in vain."""
        planted = _State.of(connection)
        if fault.cure == MIGRATE:
            if not any(MIGRATE in (cure or "") for _, _, cure in connection.execute(_FAILURES)):
                raise _NotCuredError(f"doctor does not name `{MIGRATE}`")
            migrate.migrate(self._address(name), force=True)

        kinds = list(fault.kinds)
        if kinds:
            connection.execute("call stocksync.fix(%s)", (kinds,))
        if fault.cure == PUBLISH:
            connection.execute("select scratch.publish()")

        if again := self._audit(connection, fault):
            raise _NotCuredError(f"after the cure the audit finds {_listed(again)}")
        if kinds:
            rest = connection.execute(
                "select * from stocksync.fix_dry_run(%s)", (kinds,)
            ).fetchall()
            if rest:
                raise _NotCuredError(f"the fix has still something to do: {rest}")
        if wrong := _wrong(connection):
            raise _NotCuredError(f"after the cure it is wrong: {wrong}")
        for check, detail, _ in connection.execute(_FAILURES):
            raise _NotCuredError(f"after the cure doctor says of {check}: {detail}")
        self._look_for_changes(planted, _State.of(connection), fault)

    def _look_for_changes(self, planted: _State, fixed: _State, fault: Fault) -> None:
        """Raise _NotCuredError if the cure changed more than what follows from the movements."""
        faulty = {one.product for one in fault.expected}
        writes = {"ledger", "missing"} & set(fault.kinds)
        kept = () if writes else ("public.products", "public.stock_movements")
        for place, product_id in planted.differing(fixed):
            product = self._product(product_id)
            if product not in faulty or place in kept:
                raise _NotCuredError(f"the cure changed {place} of {product}")

    def _product(self, product_id: int | None) -> str:
        if product_id is None:
            return "the shop"
        return self._products.get(product_id, f"#{product_id}")

    def _address(self, database: str) -> str:
        return db.to_url(self._url, dbname=database)

    def _connect(self, database: str) -> Connection:
        return db.connect(self._address(database), statement_timeout_ms=0)

    def _create(self, database: str, template: str) -> None:
        query = sql.SQL("create database {} template {}")
        self._server.execute(query.format(sql.Identifier(database), sql.Identifier(template)))

    def _clean_up(self) -> None:
        # the connection of the run may have been cut off in the middle of something
        with db.connect(self._url, statement_timeout_ms=0) as server:
            names = server.execute(
                "select datname from pg_catalog.pg_database where starts_with(datname, %s)",
                (f"{self._prefix}_",),
            ).fetchall()
            for (name,) in names:
                _drop(server, name, force=True)


def _drop(server: Connection, database: str, *, force: bool = False) -> None:
    query = sql.SQL("drop database if exists {}" + " with (force)" * force)
    server.execute(query.format(sql.Identifier(database)))


def _listed(found: Iterable[Expectation]) -> str:
    return ", ".join(map(str, sorted(found))) or "nothing"


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
