"""Random histories against a model: at every commit the stock is what a few lines of Python say.

Two sessions, and whatever they have prepared, do at random everything that can be done to
movements and products. The model knows nothing of capture, settle and roll-up: it is a dictionary
of movements per transaction, added up by force. Where the database may legally refuse (a lock it
did not get, a conflict at REPEATABLE READ), the model takes the refusal over; whether stock that
may not be negative is refused, and everything else, it foretells.

A failure prints the shortest history found, and what to do to see it again:
``pytest --hypothesis-seed=N`` repeats the run, and so does running the test again.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple, TypeVar

import psycopg
import pytest
from helpers import differences, forget_prepared
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

# The model ----------------------------------------------------------------------------------------

DIRECTIONS = {"purchase": "in", "sale_return": "in", "sale": "out", "damage": "out"}
OPPOSITE = {"in": "out", "out": "in"}
ISOLATION = ("read committed", "read committed", "repeatable read", "serializable")

# What a statement may meet because of others: a lock that is held, a snapshot that is too old.
CONFLICTS = {"55P03", "40P01", "40001"}
# At REPEATABLE READ, keys see what the snapshot does not.
STALE = {"23503", "23505"}


def _sunday(year: int, month: int, which: int) -> datetime:
    """Return the first (0), second (1), ... or last (-1) Sunday of a month."""
    first = datetime(year, month, 1, tzinfo=UTC)
    days = [first + timedelta(days=d) for d in range(31)]
    return [d for d in days if d.month == month and d.weekday() == 6][which]


def offset(zone: str, at: datetime) -> timedelta:
    """Return a time zone's offset, by rules of our own: from 2018-03 on."""
    year = at.year
    match zone:
        case "Europe/Berlin":
            begin, end = (_sunday(year, m, -1) + timedelta(hours=1) for m in (3, 10))
            hours = 2.0 if begin <= at < end else 1.0
        case "America/New_York":
            begin = _sunday(year, 3, 1) + timedelta(hours=7)
            end = _sunday(year, 11, 0) + timedelta(hours=6)
            hours = -4.0 if begin <= at < end else -5.0
        case "America/Sao_Paulo":  # its clocks went from midnight to one
            begin = datetime(2018, 11, 4, 3, tzinfo=UTC)
            end = datetime(2019, 2, 17, 2, tzinfo=UTC)
            hours = -2.0 if begin <= at < end else -3.0
        case _:
            hours = {
                "UTC": 0.0,
                "Asia/Kolkata": 5.5,
                "Pacific/Kiritimati": 14.0,
                "Pacific/Pago_Pago": -11.0,
            }[zone]
    return timedelta(hours=hours)


ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)


@dataclass(frozen=True)
class Movement:
    """A row of stock_movements."""

    id: int
    product: int
    location: int | None
    direction: str
    type: str
    quantity: Decimal
    occurred_at: datetime
    reference: str
    key: str | None = None
    reverses: int | None = None
    notes: str | None = None

    @property
    def signed(self) -> Decimal:
        return self.quantity if self.direction == "in" else -self.quantity

    def is_reversed_by(self, other: "Movement") -> bool:
        return (
            self.reverses is None
            and (self.product, self.location, self.type, self.quantity)
            == (other.product, other.location, other.type, other.quantity)
            and self.direction == OPPOSITE[other.direction]
        )


class Settings(NamedTuple):
    """The row of stocksync.settings."""

    zone: str = "UTC"
    allow_negative: bool = True
    manual_updates: str = "warn"


Lines = dict[int, Decimal]  # product: change of stock
Off = tuple[Decimal, Decimal]  # by how much manual updates have put the two columns off
NOTHING: Off = (Decimal(0), Decimal(0))


def lines(movements: list[Movement], sign: int = 1) -> Lines:
    """Add up what movements do to each product."""
    total: Lines = {}
    for m in movements:
        total[m.product] = total.get(m.product, Decimal(0)) + sign * m.signed
    return total


def add(*parts: Lines) -> Lines:
    """Add changes of stock up."""
    total: Lines = {}
    for part in parts:
        for product, quantity in part.items():
            total[product] = total.get(product, Decimal(0)) + quantity
    return total


@dataclass
class World:
    """What is committed."""

    movements: dict[int, Movement] = field(default_factory=dict)
    products: dict[int, bool | None] = field(default_factory=dict)  # allow_negative
    off: dict[int, Off] = field(default_factory=dict)
    history: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    settings: Settings = field(default_factory=Settings)

    def copy(self) -> "World":
        return replace(
            self, movements=dict(self.movements), products=dict(self.products), off=dict(self.off)
        )

    def ledger(self, product: int) -> Decimal:
        return sum((m.signed for m in self.movements.values() if m.product == product), Decimal(0))


@dataclass
class Changes:
    """What a transaction has done: a savepoint keeps a copy."""

    movements: dict[int, Movement | None] = field(default_factory=dict)
    products: dict[int, bool | str | None] = field(default_factory=dict)  # GONE: deleted
    off: dict[int, Off] = field(default_factory=dict)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    settings: Settings | None = None
    pending: Lines = field(default_factory=dict)  # not yet settled
    settled: Lines = field(default_factory=dict)
    immediate: bool = False
    truncated: frozenset[str] = frozenset()

    def copy(self) -> "Changes":
        return Changes(
            dict(self.movements),
            dict(self.products),
            dict(self.off),
            list(self.history),
            self.settings,
            dict(self.pending),
            dict(self.settled),
            self.immediate,
            self.truncated,
        )


GONE = "gone"


class Transaction:
    """A transaction: what it sees, and what it has done."""

    def __init__(self, world: World, isolation: str = "read committed") -> None:
        self.world = world
        self.isolation = isolation
        self.is_stale = isolation != "read committed"
        self.base = world.copy() if self.is_stale else world
        self.did = Changes()
        self.savepoints: list[Changes] = []
        # Until its end, whatever is rolled back inside: it may hold these, or not.
        self.locked: set[int] = set()
        self.holds_roll_up = False
        self.may_have_truncated = False

    def movements(self) -> dict[int, Movement]:
        """What the transaction sees of stock_movements."""
        seen = {**self.base.movements, **self.did.movements}
        return {n: m for n, m in sorted(seen.items()) if m is not None}

    def products(self) -> dict[int, Any]:
        seen = {**self.base.products, **self.did.products}
        return {n: p for n, p in sorted(seen.items()) if p != GONE}

    def off(self, product: int) -> Off:
        return self.did.off.get(product, self.base.off.get(product, NOTHING))

    def settings(self) -> Settings:
        return self.did.settings or self.base.settings

    def stock(self, product: int) -> Decimal:
        """quantity_on_hand as the transaction sees it."""
        return (
            self.world.ledger(product)
            + self.did.settled.get(product, Decimal(0))
            + self.off(product)[0]
        )

    def refuses(self, chunk: Lines, gone: set[int]) -> tuple[bool, bool]:
        """Must, and may, settling this be refused because stock falls below zero?

        It may be where the sum need not be: settled in parts, of which one can be refused, or dated
        back (of that test_random_time has a model).
        """
        must = may = False
        # What was settled before its time is looked at in the past all the same: at commit.
        for product in {*chunk, *self.did.settled}:
            allowed = self.products().get(product)
            if product in gone or product not in self.products():
                continue
            if allowed if allowed is not None else self.settings().allow_negative:
                continue
            may = True
            delta = chunk.get(product, Decimal(0))
            must = must or (delta < 0 and self.stock(product) + delta < 0)
        return must, must or may

    # What statements do ---------------------------------------------------------------------------

    def insert(self, *new: Movement) -> None:
        self.did.movements.update({m.id: m for m in new})

    def replace(self, operation: str, old: Movement, new: Movement | None) -> None:
        if old != new:
            self.did.movements[old.id] = new
            self.did.history.append((operation, *vars(old).values()))

    def settle(self) -> None:
        self.locked |= self.did.pending.keys()
        self.did.settled = add(self.did.settled, self.did.pending)
        self.did.pending = {}

    def mismatches(self, changed: dict[int, Movement], gone: set[int]) -> bool:
        """Would a reversal no longer match its original?"""
        after = {n: m for n, m in {**self.movements(), **changed}.items() if n not in gone}
        for m in after.values():
            if m.reverses is not None and (m.id in changed or m.reverses in changed):
                original = after.get(m.reverses)
                if original is None or not original.is_reversed_by(m):
                    return True
        return False

    def lost(self, chunk: Lines, gone: set[int]) -> bool:
        """Has somebody else deleted a product of these lines, of which there are movements now?"""
        missing = {*chunk} - {*self.products()} - gone
        return any(m.product in missing for m in self.movements().values())

    def orphans(self, gone: set[int]) -> bool:
        """Would a reversal lose its original?

        Not one that somebody else has deleted meanwhile: a key looks at what is committed, whatever
        the snapshot.
        """
        now = {**self.world.movements, **self.did.movements}
        return any(
            m.reverses in gone and m.id not in gone and now.get(m.id)
            for m in self.movements().values()
        )


class Session:
    """A connection, and its transaction if one is open."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.db = connection
        self.tx: Transaction | None = None


# What is drawn ------------------------------------------------------------------------------------

PRODUCTS = st.integers(1, 4)
SESSIONS = st.integers(0, 1)
PICKS = st.lists(st.integers(0, 255), min_size=1, max_size=4)
MIDNIGHTS = [
    datetime(*day, tzinfo=UTC)
    for day in [
        (2018, 11, 4),  # clock changes: São Paulo
        (2019, 2, 17),
        (2024, 3, 10),  # New York
        (2024, 11, 3),
        (2024, 3, 31),  # Berlin
        (2024, 10, 27),
        (2024, 3, 1),
        (2025, 1, 1),
    ]
]
HOURS = [0, 1, 2, 3, 5, 6, 7, 10, 11, 18.5, 22, 23]
MICROSECONDS = [0, -1, 1, 1_799_999_999, -1_800_000_000]
KEYS = st.sampled_from(["k1", "k2", "k3"])


class Step(NamedTuple):
    """What to do next: a method of Histories and its arguments."""

    name: str
    arguments: dict[str, Any]


_METHODS: list[str] = []
_ARGUMENTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {}
# Not rules, of which hypothesis leaves out a random part of each history: a history without BEGIN
# or without COMMIT is of little use.
STEPS = st.deferred(lambda: _steps(_METHODS))
# What a transaction may do inside.
INNER_STEPS = st.deferred(
    lambda: _steps([name for name in _METHODS if name not in ENDS]),
)
ENDS = {"transaction", "begin", "commit", "roll_back", "prepare", "finish_prepared", "sync"}


def _steps(names: list[str]) -> st.SearchStrategy[Step]:
    return st.sampled_from(names).flatmap(
        lambda name: st.builds(Step, st.just(name), _ARGUMENTS[name])
    )


Method = TypeVar("Method", bound=Callable[..., None])


def step(weight: int = 1, **arguments: st.SearchStrategy[Any]) -> Callable[[Method], Method]:
    """Make a method one of the steps, ``weight`` times as frequent as others."""

    def register(method: Method) -> Method:
        _METHODS.extend([method.__name__] * weight)
        _ARGUMENTS[method.__name__] = st.fixed_dictionaries(arguments)
        return method

    return register


class Row(NamedTuple):
    """A movement to be inserted; what is None is left to the database."""

    product: int
    type: str
    quantity: Decimal
    location: int | None
    occurred_at: datetime | None
    says_direction: bool


def row(number: int) -> Row:
    """Decode a row: hypothesis has 8 kB for a history, which is few rows if each field is drawn."""

    def take(options: Sequence[Any]) -> Any:
        nonlocal number
        number, index = divmod(number, len(options))
        return options[index]

    product, type_, location = take([1, 2, 3, 4]), take(list(DIRECTIONS)), take([None, 1, 2])
    at = take(MIDNIGHTS) + timedelta(hours=take(HOURS), microseconds=take(MICROSECONDS))
    at, says_direction = take([at, at, at, None]), take([False, True])
    places, digits = take(range(7)), take([1, 2, 7, 999, 1001, 1_234_567])
    return Row(
        product, type_, Decimal(digits + number).scaleb(-places), location, at, says_direction
    )


ROWS = st.integers(0, 2**32 - 1).map(row)
BAD_ROWS: list[dict[str, Any]] = [
    {"quantity": Decimal(0)},
    {"quantity": Decimal(-1)},
    {"quantity": Decimal("NaN")},
    {"quantity": Decimal("Infinity")},
    {"quantity": Decimal("1.0000001")},
    {"quantity": Decimal(10) ** 15},
    {"transaction_type": "gift"},
    {"movement_type": "sideways"},
    {"transaction_type": "sale", "movement_type": "in"},
    {"product_id": 99},
    {"location_id": 99},
    {"reverses_id": 0},
    {"occurred_at": "infinity"},
]

COLUMNS = (
    "id, product_id, location_id, movement_type, transaction_type, quantity, occurred_at,"
    " reference, idempotency_key, reverses_id, notes"
)
INSERT = (
    "insert into stock_movements (product_id, transaction_type, quantity, location_id, occurred_at,"
    " movement_type, reference{more}) values {rows}"
)

# What is stored, to be compared with the model.
STORED = {
    "products": "select id, quantity_on_hand, total_stock, allow_negative from products",
    "movements": f"select {COLUMNS} from stock_movements",
    "history": f"select operation, movement_{COLUMNS} from stocksync.movement_history",
    "settings": "select time_zone, allow_negative, manual_updates from stocksync.settings",
    "daily": """
        select product_id, location_id, day, transaction_type, sum(quantity), sum(movements)
        from (
            select product_id, location_id, day, transaction_type, quantity, movements
            from stocksync.stock_daily
            union all
            select l.product_id, l.location_id, l.day, l.transaction_type, l.quantity, l.movements
            from stocksync._journal as j, unnest(j.lines) as l
        ) as u
        group by 1, 2, 3, 4
        having sum(quantity) <> 0 or sum(movements) <> 0
    """,
    "total": """
        select product_id, location_id, sum(quantity), sum(movements)
        from (
            select product_id, location_id, quantity, movements from stocksync.stock_total
            union all
            select product_id, location_id, -quantity, -movements from stocksync.stock_daily
        ) as u
        group by 1, 2
        having sum(quantity) <> 0 or sum(movements) <> 0
    """,
    "locations": "select product_id, location_id, quantity, movements"
    " from stocksync.stock_by_location",
    "unsettled": "select * from stocksync._unsettled",
    "discrepancies": "select product_id, differs from stocksync.discrepancies(p_force => true)",
}

RESET = """
    begin;
    set local session_replication_role = replica;
    truncate products, locations, stock_movements, stocksync.movement_history, stocksync._journal,
        stocksync._unsettled, stocksync.stock_daily, stocksync.stock_total, stocksync.log,
        stocksync.incidents, stocksync.findings, stocksync.jobs, stocksync.runs,
        stocksync.counts, stocksync.count_corrections restart identity;
    update stocksync.settings
    set time_zone = 'UTC', allow_negative = true, manual_updates = 'warn';
    insert into locations (name) values ('shelf'), ('cellar');
    insert into products (id, sku, name) values (1, 'P1', 'P1'), (2, 'P2', 'P2');
    commit;
"""


class Histories(RuleBasedStateMachine):
    """Two sessions do things at random; the model follows."""

    def __init__(self, connections: list[psycopg.Connection]) -> None:
        super().__init__()
        *sessions, self.checker = connections
        self.sessions = [Session(connection) for connection in sessions]
        self.prepared: list[tuple[str, Transaction]] = []
        self.tags = count(1)
        for connection in connections:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.execute("rollback")
            connection.execute("reset all")
        forget_prepared(self.checker)
        self.checker.execute(RESET)
        self.world = World(products={1: None, 2: None})
        (self.can_prepare,) = self.checker.execute(
            "select current_setting('max_prepared_transactions')::integer > 2"
        ).fetchone() or (False,)

    @rule(step=STEPS)
    def take(self, step: Step) -> None:
        getattr(self, step.name)(**step.arguments)

    # Running a statement --------------------------------------------------------------------------

    def attempt(
        self,
        session: Session,
        run: Callable[[], Any],
        then: Callable[[Transaction, Any], None] | None = None,
        *captures: Lines,
        refused: set[str] | None = None,
        settles: bool = False,
        gone: set[int] | None = None,
    ) -> bool:
        """Run a statement, compare its fate with what the model says, and let the model follow.

        ``captures`` is what it changes; ``refused`` the SQLSTATEs of which it must raise one;
        ``settles`` says that it settles, whatever the mode, and ``gone`` what products it deletes.
        """
        tx = session.tx or Transaction(self.world)
        did = tx.did
        # 1. What must happen.
        chunk = add(*captures) if did.immediate else add(did.pending, *captures)
        settles_now = did.immediate or settles or session.tx is None
        must, may = tx.refuses(chunk, gone or set()) if settles_now else (False, False)
        if settles_now and not tx.is_stale and tx.lost(chunk, gone or set()):
            refused = (refused or set()) | {"23503"}
        must = must or bool(refused)
        allowed = (refused or set()) | ({"SS001"} if may else set()) | CONFLICTS
        if tx.is_stale:
            allowed |= STALE
        # 2. What happens.
        try:
            result = run()
        except psycopg.Error as error:
            if error.sqlstate not in allowed:
                raise
            self.abort(session)
            return False
        assert not must, f"not refused, though it had to be: {refused or 'SS001'}"
        # 3. The model follows.
        did.pending = chunk
        if settles_now:
            tx.settle()
        if then:
            then(tx, result)
        if session.tx is None:
            self.commit_model(tx)
        return True

    def abort(self, session: Session) -> None:
        """Do as an application does after an error: back to the last savepoint, or to the start."""
        tx = session.tx
        if tx is None or session.db.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            session.tx = None
        elif tx.savepoints:
            session.db.execute(f"rollback to s{len(tx.savepoints)}")
            tx.did = tx.savepoints[-1].copy()
        else:
            session.db.execute("rollback")
            session.tx = None
        if session.tx is None:
            self.verify()

    def open_transactions(self) -> list[Transaction]:
        return [s.tx for s in self.sessions if s.tx] + [tx for _, tx in self.prepared]

    def commit_model(self, tx: Transaction) -> None:
        """Make what a transaction did part of the world, and compare the world."""
        world, did = self.world, tx.did
        assert not any(did.pending.values()), did.pending
        for n, m in did.movements.items():
            if m is None:
                world.movements.pop(n, None)
            else:
                world.movements[n] = m
        for n, p in did.products.items():
            if p == GONE:
                world.products.pop(n, None)
            else:
                world.products[n] = p  # type: ignore[assignment]
        world.off.update(did.off)
        world.history.update(did.history)
        world.settings = did.settings or world.settings
        for other in self.open_transactions():
            if other.is_stale:  # an old snapshot sees nothing of what was there either
                for table in did.truncated:
                    getattr(other.base, table).clear()
        self.verify()

    def verify(self) -> None:
        """Compare everything that is committed with the model."""
        if any(tx.may_have_truncated for tx in self.open_transactions()):
            return  # it has locked the tables; its end will be compared
        stored = {
            name: [in_utc(row) for row in self.checker.execute(query)]
            for name, query in STORED.items()
        }
        world = self.world
        movements = list(world.movements.values())
        off = {p: world.off.get(p, NOTHING) for p in world.products}

        assert dict_of(stored["movements"]) == {m.id: tuple(vars(m).values()) for m in movements}
        assert stored["settings"] == [tuple(world.settings)]
        assert dict_of(stored["products"]) == {
            p: (p, world.ledger(p) + off[p][0], world.ledger(p) + off[p][1], allow)
            for p, allow in world.products.items()
        }
        daily: Counter[tuple[Any, ...]] = Counter()
        by_location: Counter[tuple[Any, ...]] = Counter()
        amounts: dict[tuple[Any, ...], Decimal] = {}
        for m in movements:
            day: date = (m.occurred_at + offset(world.settings.zone, m.occurred_at)).date()
            bucket, place = (m.product, m.location, day, m.type), (m.product, m.location)
            daily[bucket] += 1
            by_location[place] += 1
            for where in (bucket, place):
                amounts[where] = amounts.get(where, Decimal(0)) + m.signed
        assert set(stored["daily"]) == {(*b, amounts[b], n) for b, n in daily.items()}
        assert set(stored["locations"]) == {(*p, amounts[p], n) for p, n in by_location.items()}
        assert stored["total"] == []
        assert stored["unsettled"] == []
        assert Counter(stored["history"]) == world.history
        assert dict(stored["discrepancies"]) == {
            p: [
                name
                for name, by in zip(("quantity_on_hand", "total_stock"), off[p], strict=True)
                if by
            ]
            for p in world.products
            if any(off[p])
        }

    # Transactions ---------------------------------------------------------------------------------

    @step(
        s=SESSIONS,
        isolation=st.sampled_from(ISOLATION),
        steps=st.lists(INNER_STEPS, min_size=2, max_size=5),
        alone=st.booleans(),
        end=st.sampled_from(["commit", "commit", "commit", "prepare", "look_inside"]),
        weight=12,
    )
    def transaction(self, s: int, isolation: str, steps: list[Step], alone: bool, end: str) -> None:
        """Do several things in one transaction: left to chance, most would do one or none.

        Unless it is ``alone``, the other session does some of them meanwhile.
        """
        self.begin(s, isolation)
        for step in steps:
            getattr(self, step.name)(**step.arguments | ({"s": s} if alone else {}))
        getattr(self, end)(s)

    @step(s=SESSIONS, isolation=st.sampled_from(ISOLATION), weight=2)
    def begin(self, s: int, isolation: str) -> None:
        session = self.sessions[s]
        if session.tx is None:
            session.db.execute(f"begin isolation level {isolation}")
            if isolation != "read committed":
                session.db.execute("select from transaction_types")  # takes the snapshot
            session.tx = Transaction(self.world, isolation)

    @step(s=SESSIONS, weight=4)
    def commit(self, s: int) -> None:
        session = self.sessions[s]
        if (tx := session.tx) and self.attempt(
            session, lambda: session.db.execute("commit"), settles=True
        ):
            session.tx = None
            self.commit_model(tx)

    @step(s=SESSIONS)
    def roll_back(self, s: int) -> None:
        session = self.sessions[s]
        if session.tx:
            session.db.execute("rollback")
            session.tx = None
            self.verify()

    @step(s=SESSIONS)
    def prepare(self, s: int) -> None:
        session = self.sessions[s]
        gid = f"{session.db.info.dbname} {next(self.tags)}"
        if not self.can_prepare or len(self.prepared) == 2:
            return
        if (tx := session.tx) and self.attempt(
            session, lambda: session.db.execute(f"prepare transaction '{gid}'"), settles=True
        ):
            session.tx = None
            self.prepared.append((gid, tx))
            self.verify()

    @step(which=st.integers(0, 1), commits=st.booleans(), weight=2)
    def finish_prepared(self, which: int, commits: bool) -> None:
        if not self.prepared:
            return
        gid, tx = self.prepared[which % len(self.prepared)]
        self.checker.execute(f"{'commit' if commits else 'rollback'} prepared '{gid}'")
        self.prepared.remove((gid, tx))
        if commits:
            self.commit_model(tx)
        else:
            self.verify()

    @step(s=SESSIONS, weight=2)
    def savepoint(self, s: int) -> None:
        session = self.sessions[s]
        if (tx := session.tx) and len(tx.savepoints) < 4:
            tx.savepoints.append(tx.did.copy())
            session.db.execute(f"savepoint s{len(tx.savepoints)}")

    @step(s=SESSIONS, which=st.integers(0, 3))
    def roll_back_to_savepoint(self, s: int, which: int) -> None:
        session = self.sessions[s]
        if (tx := session.tx) and tx.savepoints:
            del tx.savepoints[which % len(tx.savepoints) + 1 :]
            session.db.execute(f"rollback to s{len(tx.savepoints)}")
            tx.did = tx.savepoints[-1].copy()

    @step(s=SESSIONS, which=st.integers(0, 3))
    def release_savepoint(self, s: int, which: int) -> None:
        session = self.sessions[s]
        if (tx := session.tx) and tx.savepoints:
            del tx.savepoints[which % len(tx.savepoints) :]
            session.db.execute(f"release s{len(tx.savepoints) + 1}")

    @step(s=SESSIONS, mode=st.sampled_from(["immediate", "deferred"]), weight=2)
    def set_constraints(self, s: int, mode: str) -> None:
        session = self.sessions[s]
        if session.tx:

            def then(tx: Transaction, result: Any) -> None:
                tx.did.immediate = mode == "immediate"

            self.attempt(
                session,
                lambda: session.db.execute(f"set constraints all {mode}"),
                then,
                settles=mode == "immediate",
            )
            self.look_inside(s)

    @step(s=SESSIONS)
    def look_inside(self, s: int) -> None:
        """What a transaction sees of the stock is what it has settled, no more and no less."""
        session = self.sessions[s]
        blocked = any(t.may_have_truncated for t in self.open_transactions() if t is not session.tx)
        if (tx := session.tx) and not tx.is_stale and not blocked:
            seen = session.db.execute("select id, quantity_on_hand from products").fetchall()
            assert dict(seen) == {p: tx.stock(p) for p in tx.products()}

    @step(
        s=SESSIONS,
        value=st.sampled_from(["one", "more", "junk", ""]),
        scope=st.sampled_from(["local", "local", "session"]),
        weight=3,
    )
    def tamper(self, s: int, value: str, scope: str) -> None:
        session = self.sessions[s]
        if session.tx or scope == "session":
            session.db.execute(f"set {scope} stocksync.captured = '{value}'")

    @step(s=SESSIONS)
    def stop_tampering(self, s: int) -> None:
        session = self.sessions[s]
        if session.tx is None:
            session.db.execute("reset stocksync.captured")

    @step(s=SESSIONS, zone=st.sampled_from(ZONES))
    def set_the_session_s_time_zone(self, s: int, zone: str) -> None:
        self.sessions[s].db.execute(f"set time zone '{zone}'")

    # Inserts --------------------------------------------------------------------------------------

    def usable(self, session: Session, rows: list[Row]) -> list[Row]:
        """Spread rows over the products that the session sees."""
        products = list((session.tx or Transaction(self.world)).products())
        return [r._replace(product=products[r.product % len(products)]) for r in rows if products]

    def values(self, rows: list[Row], **more: list[Any]) -> tuple[str, list[Any], list[str]]:
        """Return an insert of rows, its parameters and the references that it writes."""
        parameters: list[Any] = []
        places, references = [], []
        for i, r in enumerate(rows):
            references.append(f"r{next(self.tags)}")
            parameters += [r.product, r.type, r.quantity, r.location]
            parameters += [r.occurred_at] if r.occurred_at else []
            parameters += [DIRECTIONS[r.type] if r.says_direction else None, references[-1]]
            parameters += [column[i] for column in more.values()]
            at = "%s" if r.occurred_at else "default"
            places.append(f"(%s, %s, %s, %s, {at}, %s, %s{', %s' * len(more)})")
        names = "".join(f", {name}" for name in more)
        return INSERT.format(more=names, rows=", ".join(places)), parameters, references

    def inserting(
        self, session: Session, references: list[str], query: str, parameters: Any
    ) -> Callable[[], list[Movement]]:
        """Return what runs an insert and reads what the database has made of it."""

        def run() -> list[Movement]:
            session.db.execute(query, parameters)
            return self.read(session, references)

        return run

    @staticmethod
    def read(session: Session, references: list[str]) -> list[Movement]:
        found = session.db.execute(
            f"select {COLUMNS} from stock_movements where reference = any (%s)", (references,)
        )
        return [Movement(*in_utc(row)) for row in found]

    @staticmethod
    def lines_of(rows: list[Row]) -> Lines:
        return add(
            *({r.product: r.quantity if DIRECTIONS[r.type] == "in" else -r.quantity} for r in rows)
        )

    @step(
        s=SESSIONS,
        rows=st.lists(ROWS, min_size=1, max_size=4),
        way=st.sampled_from(["values", "values", "copy", "select", "two inserts in one"]),
        weight=6,
    )
    def insert(self, s: int, rows: list[Row], way: str) -> None:
        session = self.sessions[s]
        if not (rows := self.usable(session, rows)):
            return
        if way != "values":
            rows = [r._replace(occurred_at=r.occurred_at or MIDNIGHTS[0]) for r in rows]
        statement, parameters, references = self.values(rows)
        size = len(parameters) // len(rows)
        tuples = [parameters[i : i + size] for i in range(0, len(parameters), size)]

        def run() -> list[Movement]:
            if way == "copy":
                with (
                    session.db.cursor() as cursor,
                    cursor.copy(
                        statement.replace("insert into", "copy").partition(" values")[0]
                        + " from stdin"
                    ) as copying,
                ):
                    for row in tuples:
                        copying.write_row(row)
            elif way == "select":
                session.db.execute(
                    statement.partition(" values")[0] + " select * from unnest(%s::bigint[],"
                    " %s::text[], %s::numeric[], %s::bigint[], %s::timestamptz[], %s::text[],"
                    " %s::text[])",
                    [list(column) for column in zip(*tuples, strict=True)],
                )
            elif way == "two inserts in one":
                more = self.values(rows[1:])[0] if rows[1:] else "select"
                session.db.execute(
                    f"with more as ({more}) {self.values(rows[:1])[0]}",
                    [x for row in tuples[1:] + tuples[:1] for x in row],
                )
            else:
                session.db.execute(statement, parameters)
            return self.read(session, references)

        def then(tx: Transaction, new: list[Movement]) -> None:
            tx.insert(*new)
            assert sorted(
                (m.reference, m.product, m.location, m.direction, m.type, m.quantity) for m in new
            ) == sorted(
                (tag, r.product, r.location, DIRECTIONS[r.type], r.type, r.quantity)
                for tag, r in zip(references, rows, strict=True)
            )

        first, rest = (rows[:1], rows[1:]) if way == "two inserts in one" else (rows, [])
        captures = [self.lines_of(part) for part in (first, rest) if part]
        self.attempt(session, run, then, *captures)

    @step(s=SESSIONS, rows=st.lists(ROWS, max_size=2), bad=st.sampled_from(BAD_ROWS))
    def insert_what_is_wrong(self, s: int, rows: list[Row], bad: dict[str, Any]) -> None:
        session = self.sessions[s]
        products = list((session.tx or Transaction(self.world)).products())
        if not products:
            return
        row = {"product_id": products[0], "transaction_type": "purchase", "quantity": 1, **bad}
        statement, parameters, _ = self.values(self.usable(session, rows))
        good = f"with good as ({statement}) " if rows else ""
        self.attempt(
            session,
            lambda: session.db.execute(
                f"{good}insert into stock_movements ({', '.join(row)})"
                f" values ({', '.join(['%s'] * len(row))})",
                [*parameters, *row.values()] if rows else list(row.values()),
            ),
            refused={"23503", "23514"},
        )

    @step(s=SESSIONS, picks=PICKS, product=PRODUCTS, moves=st.booleans(), weight=2)
    def insert_selected(self, s: int, picks: list[int], product: int, moves: bool) -> None:
        """Copy movements to a product; or move them there, by deleting and inserting in one."""
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        chosen = [m for m in self.pick(tx, picks) if m.reverses is None]
        if product not in tx.products() or not chosen:
            return
        ids, tag = [m.id for m in chosen], f"r{next(self.tags)}-"
        source = "delete from stock_movements" if moves else "select * from stock_movements"
        returning = "returning *" if moves else ""
        copies = [replace(m, product=product) for m in chosen]

        def then(tx: Transaction, new: list[Movement]) -> None:
            if moves:
                for m in chosen:
                    tx.replace("delete", m, None)
            tx.insert(*new)

        self.attempt(
            session,
            self.inserting(
                session,
                [f"{tag}{n}" for n in ids],
                f"with source as ({source} where id = any (%s) {returning})"
                " insert into stock_movements"
                " (product_id, location_id, transaction_type, quantity, occurred_at, reference)"
                " select %s, location_id, transaction_type, quantity, occurred_at, %s || id"
                " from source",
                (ids, product, tag),
            ),
            then,
            *([lines(chosen, -1)] if moves else []),
            lines(copies),
            refused={"23503"} if moves and tx.orphans(set(ids)) else None,
        )

    @step(
        s=SESSIONS,
        rows=st.lists(st.tuples(ROWS, KEYS), min_size=1, max_size=4),
        updates=st.booleans(),
        weight=2,
    )
    def upsert(self, s: int, rows: list[tuple[Row, str]], updates: bool) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        if updates:
            rows = list({key: (row, key) for row, key in rows}.values())
        keys = [key for _, key in rows]
        good = self.usable(session, [row for row, _ in rows])
        if not good:
            return
        present = {m.key: m for m in tx.movements().values() if m.key}
        fresh = [r for i, r in enumerate(good) if keys[i] not in {*present, *keys[:i]}]
        changed = [
            (old, replace(old, quantity=r.quantity, location=r.location))
            for r, key in zip(good, keys, strict=True)
            if updates and (old := present.get(key))
        ]
        statement, parameters, references = self.values(good, idempotency_key=keys)
        conflict = "on conflict (idempotency_key) where idempotency_key is not null do " + (
            "update set quantity = excluded.quantity, location_id = excluded.location_id"
            if updates
            else "nothing"
        )

        def then(tx: Transaction, inserted: list[Movement]) -> None:
            for old, new in changed:
                tx.replace("update", old, new)
            tx.insert(*inserted)

        self.attempt(
            session,
            self.inserting(session, references, f"{statement} {conflict}", parameters),
            then,
            add(lines([o for o, _ in changed], -1), lines([n for _, n in changed])),
            self.lines_of(fresh),
            refused={"23514"} if tx.mismatches({n.id: n for _, n in changed}, set()) else None,
        )

    @step(s=SESSIONS, row=ROWS, key=KEYS, retries=st.booleans(), weight=2)
    def record_movement(self, s: int, row: Row, key: str, retries: bool) -> None:
        """Book with a key: the same body again books nothing, another one is refused."""
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        first = next((m for m in tx.movements().values() if m.key == key), None)
        if not (rows := self.usable(session, [row])):
            return
        (row,) = rows
        reference = f"r{next(self.tags)}"
        if first and retries:
            at = first.occurred_at if row.occurred_at else None
            row = Row(first.product, first.type, first.quantity, first.location, at, False)
            reference = first.reference
        same = (
            first is not None
            and (first.product, first.type, first.quantity, first.location, first.reference)
            == (row.product, row.type, row.quantity, row.location, reference)
            and row.occurred_at in (None, first.occurred_at)
            and first.notes is None
        )

        def then(tx: Transaction, found: Any) -> None:
            movement = Movement(*in_utc(found))
            assert first in (None, movement)
            if first is None:
                tx.insert(movement)

        self.attempt(
            session,
            lambda: session.db.execute(
                f"select {COLUMNS} from stocksync.record_movement(%s, %s, %s, %s,"
                " p_location_id => %s, p_occurred_at => %s, p_reference => %s)",
                (*row[:3], key, *row[3:5], reference),
            ).fetchone(),
            then,
            *([] if first else [self.lines_of([row])]),
            refused={"SS002"} if first and not same else None,
        )

    @step(s=SESSIONS, picks=PICKS, weight=2)
    def reverse(self, s: int, picks: list[int]) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        if not (chosen := self.pick(tx, picks[:1])):
            return
        (m,) = chosen
        reversed_before = any(other.reverses == m.id for other in tx.movements().values())

        def then(tx: Transaction, row: Any) -> None:
            tx.insert(Movement(*in_utc(row)))

        self.attempt(
            session,
            lambda: session.db.execute(
                f"select {COLUMNS} from stocksync.reverse_movement(%s, 'mistake')", (m.id,)
            ).fetchone(),
            then,
            lines([m], -1),
            refused={"23505"} if reversed_before else {"23514"} if m.reverses else None,
        )

    # Updates and deletes --------------------------------------------------------------------------

    def pick(self, tx: Transaction, picks: list[int]) -> list[Movement]:
        """Choose movements that the transaction sees, each once."""
        seen = list(tx.movements().values())
        return list({(m := seen[-1 - i % len(seen)]).id: m for i in picks if seen}.values())

    @step(
        s=SESSIONS,
        picks=PICKS,
        row=ROWS,
        what=st.sampled_from(
            ["quantity", "product", "type", "location", "time", "notes", "nothing", "all"]
        ),
        weight=4,
    )
    def update(self, s: int, picks: list[int], row: Row, what: str) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        chosen = self.pick(tx, picks)
        if not (rows := self.usable(session, [row])):
            return
        (row,) = rows
        direction = DIRECTIONS[row.type]
        of_type = (
            "transaction_type = %(type)s, movement_type = case when reverses_id is null"
            " then %(direction)s else %(opposite)s end"
        )
        sets = {
            "quantity": "quantity = %(quantity)s",
            "product": "product_id = %(product)s",
            "type": of_type,
            "location": "location_id = %(location)s",
            "time": "occurred_at = %(at)s",
            "notes": "notes = 'changed'",
            "nothing": "quantity = quantity",
            "all": "quantity = %(quantity)s, product_id = %(product)s, location_id = %(location)s,"
            " occurred_at = %(at)s, " + of_type,
        }[what]
        at = row.occurred_at or MIDNIGHTS[1]

        def updated(m: Movement) -> Movement:
            changes: dict[str, Any] = {}
            if what in ("quantity", "all"):
                changes["quantity"] = row.quantity
            if what in ("product", "all"):
                changes["product"] = row.product
            if what in ("location", "all"):
                changes["location"] = row.location
            if what in ("time", "all"):
                changes["occurred_at"] = at
            if what in ("type", "all"):
                changes["type"] = row.type
                changes["direction"] = direction if m.reverses is None else OPPOSITE[direction]
            if what == "notes":
                changes["notes"] = "changed"
            return replace(m, **changes)

        new = [updated(m) for m in chosen]

        def then(tx: Transaction, _: Any) -> None:
            for before, after in zip(chosen, new, strict=True):
                tx.replace("update", before, after)

        self.attempt(
            session,
            lambda: session.db.execute(
                f"update stock_movements set {sets} where id = any (%(ids)s)",
                {
                    "ids": [m.id for m in chosen],
                    "quantity": row.quantity,
                    "product": row.product,
                    "location": row.location,
                    "at": at,
                    "type": row.type,
                    "direction": direction,
                    "opposite": OPPOSITE[direction],
                },
            ),
            then,
            add(lines(chosen, -1), lines(new)),
            refused={"23514"} if tx.mismatches({m.id: m for m in new}, set()) else None,
        )

    @step(s=SESSIONS, picks=PICKS, weight=2)
    def delete(self, s: int, picks: list[int]) -> None:
        session = self.sessions[s]
        chosen = self.pick(session.tx or Transaction(self.world), picks)
        self.delete_movements(session, chosen)

    def delete_movements(self, session: Session, chosen: list[Movement]) -> bool:
        tx = session.tx or Transaction(self.world)
        ids = [m.id for m in chosen]

        def then(tx: Transaction, _: Any) -> None:
            for m in chosen:
                tx.replace("delete", m, None)

        return self.attempt(
            session,
            lambda: session.db.execute("delete from stock_movements where id = any (%s)", (ids,)),
            then,
            lines(chosen, -1),
            refused={"23503"} if tx.orphans(set(ids)) else None,
        )

    @step(
        s=SESSIONS,
        picks=PICKS,
        actions=st.lists(st.sampled_from(["update", "delete"]), min_size=4, max_size=4),
        rows=st.lists(ROWS, min_size=4, max_size=4),
        inserts=st.integers(0, 2),
        weight=3,
    )
    def merge(
        self, s: int, picks: list[int], actions: list[str], rows: list[Row], inserts: int
    ) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        chosen = self.pick(tx, picks)
        rows = self.usable(session, rows)
        if not rows:
            return
        acts = [(m, action, r) for m, action, r in zip(chosen, actions, rows, strict=False)]
        changed = [(m, replace(m, quantity=r.quantity)) for m, a, r in acts if a == "update"]
        deleted = [m for m, a, _ in acts if a == "delete"]
        fresh = [r._replace(occurred_at=r.occurred_at or MIDNIGHTS[2]) for r in rows[:inserts]]
        references = [f"r{next(self.tags)}" for _ in fresh]
        source = [(m.id, a, r, None) for m, a, r in acts] + [
            (None, "insert", r, reference) for r, reference in zip(fresh, references, strict=True)
        ]
        gone = {m.id for m in deleted}
        refused = {"23503"} if tx.orphans(gone) else set()
        refused |= {"23514"} if tx.mismatches({n.id: n for _, n in changed}, gone) else set()

        def then(tx: Transaction, inserted: list[Movement]) -> None:
            for old, new in changed:
                tx.replace("update", old, new)
            for m in deleted:
                tx.replace("delete", m, None)
            tx.insert(*inserted)

        self.attempt(
            session,
            self.inserting(
                session,
                references,
                """
                merge into stock_movements as m
                using unnest(
                    %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::numeric[],
                    %s::bigint[], %s::timestamptz[], %s::text[]
                ) as s (id, act, product_id, type, quantity, location_id, occurred_at, reference)
                    on m.id = s.id
                when matched and s.act = 'delete' then delete
                when matched then update set quantity = s.quantity
                when not matched then
                    insert (product_id, transaction_type, quantity, location_id, occurred_at,
                        reference)
                    values (s.product_id, s.type, s.quantity, s.location_id, s.occurred_at,
                        s.reference)
                """,
                [
                    [n for n, *_ in source],
                    [a for _, a, *_ in source],
                    [r.product for *_, r, _ in source],
                    [r.type for *_, r, _ in source],
                    [r.quantity for *_, r, _ in source],
                    [r.location for *_, r, _ in source],
                    [r.occurred_at for *_, r, _ in source],
                    [reference for *_, reference in source],
                ],
            ),
            then,
            lines(deleted, -1),
            add(lines([o for o, _ in changed], -1), lines([n for _, n in changed])),
            self.lines_of(fresh),
            refused=refused or None,
        )

    @step(s=SESSIONS, says_so=st.booleans(), products_too=st.booleans())
    def truncate(self, s: int, says_so: bool, products_too: bool) -> None:
        session = self.sessions[s]
        if (tx := session.tx) is None:
            return
        if says_so:
            session.db.execute("set local stocksync.allow_truncate = on")
        else:
            session.db.execute("set local stocksync.allow_truncate = off")
        everything = list(tx.movements().values())
        refused = None
        if not says_so:
            refused = {"SS004"}
        elif tx.is_stale:
            refused = {"55000"}
        # Sticky: whether the locks are kept after a rollback to a savepoint is no matter here.
        tx.may_have_truncated = True

        def then(tx: Transaction, _: Any) -> None:
            tx.did.truncated |= {"movements"} | ({"products"} if products_too else set())
            for m in everything:
                tx.replace("truncate", m, None)
            if products_too:
                for p in tx.products():
                    self.forget_product(tx, p)

        tables = "products, stock_movements" if products_too else "stock_movements"
        self.attempt(
            session,
            lambda: session.db.execute(f"truncate {tables}"),
            then,
            lines(everything, -1),
            refused=refused,
            settles=products_too,
            gone=set(tx.products()) if products_too and not tx.did.immediate else None,
        )

    # Products -------------------------------------------------------------------------------------

    @staticmethod
    def forget_product(tx: Transaction, product: int) -> None:
        tx.locked.add(product)
        tx.did.products[product] = GONE
        tx.did.off[product] = NOTHING

    @step(
        s=SESSIONS,
        product=PRODUCTS,
        allow=st.sampled_from([None, None, True, False]),
        off=st.sampled_from([0, 0, 0, 7]),
        weight=2,
    )
    def insert_product(self, s: int, product: int, allow: bool | None, off: int) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        if product in tx.products():
            return
        mode = tx.settings().manual_updates

        def then(tx: Transaction, _: Any) -> None:
            tx.locked.add(product)
            tx.did.products[product] = allow
            tx.did.off[product] = (Decimal(off), Decimal(0)) if mode == "warn" else NOTHING

        self.attempt(
            session,
            lambda: session.db.execute(
                "insert into products (id, sku, name, allow_negative, quantity_on_hand)"
                " values (%s, %s, 'again', %s, %s)",
                (product, f"P{product}", allow, off),
            ),
            then,
            refused={"SS003"} if off and mode == "refuse" else None,
        )

    @step(s=SESSIONS, product=PRODUCTS, weight=2)
    def delete_product(self, s: int, product: int) -> None:
        """Delete a product and its movements; the number may be used again."""
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        if product not in tx.products():
            return
        depth = session.tx
        of_it = [m for m in tx.movements().values() if m.product == product]
        if of_it and not self.delete_movements(session, of_it):
            return
        if session.tx is not depth:
            return

        def then(tx: Transaction, _: Any) -> None:
            self.forget_product(tx, product)
            tx.did.immediate = False  # a deletion settles and goes back to deferred

        self.attempt(
            session,
            lambda: session.db.execute("delete from products where id = %s", (product,)),
            then,
            settles=True,
            gone={product},
        )

    @step(s=SESSIONS, product=PRODUCTS, allow=st.sampled_from([None, True, False]), weight=2)
    def allow_negative(self, s: int, product: int, allow: bool | None) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        if product not in tx.products():
            return

        def then(tx: Transaction, _: Any) -> None:
            tx.locked.add(product)
            tx.did.products[product] = allow

        self.attempt(
            session,
            lambda: session.db.execute(
                "update products set allow_negative = %s where id = %s", (allow, product)
            ),
            then,
        )

    @step(
        s=SESSIONS,
        products=st.lists(PRODUCTS, min_size=1, max_size=2, unique=True),
        by=st.tuples(st.sampled_from([0, 5, Decimal("-0.25")]), st.sampled_from([0, 3])),
        absolute=st.booleans(),
        weight=2,
    )
    def update_stock_by_hand(
        self, s: int, products: list[int], by: tuple[Any, Any], absolute: bool
    ) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        products = [p for p in products if p in tx.products()]
        quantity, total = Decimal(by[0]), Decimal(by[1])
        if absolute:  # as an ORM does that saves what it has read
            products, total = products[:1], Decimal(0)
        mode = tx.settings().manual_updates

        def then(tx: Transaction, _: Any) -> None:
            tx.locked |= set(products)
            for p in products:
                if mode == "warn":
                    before = tx.off(p)
                    tx.did.off[p] = (before[0] + quantity, before[1] + total)

        if absolute and products:
            run = self.statement(
                session,
                "update products set quantity_on_hand = %s where id = %s",
                (tx.stock(products[0]) + quantity, products[0]),
            )
        else:
            run = self.statement(
                session,
                "update products set quantity_on_hand = quantity_on_hand + %s,"
                " total_stock = total_stock + %s where id = any (%s)",
                (quantity, total, products),
            )
        changes = bool(products) and (quantity != 0 or total != 0)
        self.attempt(
            session, run, then, refused={"SS003"} if mode == "refuse" and changes else None
        )

    @staticmethod
    def statement(session: Session, query: str, parameters: tuple[Any, ...]) -> Callable[[], Any]:
        return lambda: session.db.execute(query, parameters)

    @step(s=SESSIONS, products=st.lists(PRODUCTS, min_size=1, max_size=3))
    def lock_products(self, s: int, products: list[int]) -> None:
        session = self.sessions[s]

        def then(tx: Transaction, _: Any) -> None:
            tx.locked |= set(products)

        self.attempt(
            session,
            self.statement(session, "select stocksync.lock_products(%s)", (products,)),
            then,
        )

    # The machinery --------------------------------------------------------------------------------

    @step(
        s=SESSIONS,
        change=st.sampled_from(
            [{"zone": zone} for zone in ZONES]
            + [{"allow_negative": x} for x in (True, True, False, False)]
            + [{"manual_updates": x} for x in ("warn", "warn", "keep_out", "refuse")]
        ),
        weight=4,
    )
    def change_settings(self, s: int, change: dict[str, Any]) -> None:
        session = self.sessions[s]
        tx = session.tx or Transaction(self.world)
        new = tx.settings()._replace(**change)
        zone_changes = new.zone != tx.settings().zone
        # Both wait for others, whom a snapshot would not see.
        waits = zone_changes or new.allow_negative != tx.settings().allow_negative

        def then(tx: Transaction, _: Any) -> None:
            tx.did.settings = new
            if zone_changes:
                tx.holds_roll_up = True
                tx.did.immediate = False  # it settles and goes back to deferred

        ((column, value),) = change.items()
        if zone_changes:
            tx.holds_roll_up = True
        self.attempt(
            session,
            self.statement(
                session,
                f"update stocksync.settings set {column.replace('zone', 'time_zone')} = %s",
                (value,),
            ),
            then,
            refused={"55000"} if waits and tx.is_stale else None,
            settles=zone_changes,
        )

    @step(s=st.integers(0, 2), weight=2)
    def roll_up(self, s: int) -> None:
        if s == 2:
            self.checker.execute("select stocksync.roll_up()")
            self.verify()
            return
        session = self.sessions[s]
        if session.tx:
            session.tx.holds_roll_up = True
        self.attempt(session, self.statement(session, "select stocksync.roll_up()", ()))

    @step(
        s=SESSIONS,
        product=PRODUCTS | st.none(),
        force=st.booleans(),
        hourly=st.booleans(),
        isolation=st.sampled_from(["read committed", "serializable"]),
    )
    def sync(self, s: int, product: int | None, force: bool, hourly: bool, isolation: str) -> None:
        session, opened = self.sessions[s], self.open_transactions()
        # It would wait for the lock of the roll-up, or of the tables, for ever.
        if session.tx or any(tx.holds_roll_up or tx.may_have_truncated for tx in opened):
            return
        if hourly or product not in self.world.products:
            product = None
        off = {
            p: by
            for p, by in self.world.off.items()
            if p in self.world.products and any(by) and product in (None, p)
        }
        if off.keys() & set().union(*(tx.locked for tx in opened)):
            return  # it would leave these for the next sync, after two seconds each
        session.db.execute(f"set default_transaction_isolation = '{isolation}'")
        (run,) = session.db.execute(
            *(
                ("call stocksync.refresh()",)
                if hourly
                else ("call stocksync.sync(p_product_id => %s, p_force => %s)", (product, force))
            )
        ).fetchone() or (None,)
        session.db.execute("reset default_transaction_isolation")
        incidents = session.db.execute(
            "select product_id, class, before - after from stocksync.incidents where run_id = %s",
            (run,),
        ).fetchall()
        assert sorted(incidents) == sorted(
            (p, name, by)
            for p in off
            for name, by in zip(("quantity_on_hand", "total_stock"), off[p], strict=True)
            if by
        )
        for p in off:
            self.world.off[p] = NOTHING
        self.verify()

    def teardown(self) -> None:
        """End what is open; then nothing may be wrong that a sync does not put right."""
        if sys.exc_info()[0]:
            return  # it has failed before
        for s in (0, 1):
            self.commit(s)
            self.roll_back(s)
        while self.prepared:
            self.finish_prepared(0, True)
        self.verify()
        self.sync(0, None, True, False, "read committed")
        assert not any(any(self.world.off.get(p, NOTHING)) for p in self.world.products)
        self.roll_up(2)
        assert differences(self.checker) == []


def in_utc(row: Iterable[Any]) -> tuple[Any, ...]:
    """Return a row with its times in UTC: local ones compare and add as the clock on the wall."""
    return tuple(x.astimezone(UTC) if isinstance(x, datetime) else x for x in row)


def dict_of(rows: list[tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    """Index rows by their first column."""
    return {row[0]: row for row in rows}


@pytest.mark.parametrize(
    ("examples", "steps"),
    [(22, 40), pytest.param(40, 300, marks=pytest.mark.long)],
    ids=["short", "long"],
)
def test_the_stock_is_what_the_movements_say_after_any_history(
    db: psycopg.Connection, db_url: str, examples: int, steps: int
) -> None:
    with ExitStack() as stack:
        connections = [
            stack.enter_context(
                psycopg.connect(
                    db_url,
                    autocommit=True,
                    # Only one of the sessions can act at a time: waiting would be in vain.
                    options="-c lock_timeout=10ms -c statement_timeout=30s",
                )
            )
            for _ in range(3)
        ]
        try:
            run_state_machine_as_test(
                lambda: Histories(connections),
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    deadline=None,
                    derandomize=False,  # nor in CI
                    print_blob=True,
                    suppress_health_check=[
                        HealthCheck.too_slow,
                        HealthCheck.large_base_example,
                    ],
                ),
            )
        finally:
            forget_prepared(connections[2])
