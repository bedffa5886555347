"""Random histories of the modes of contention, against a model of a few lines.

Three sessions, and what they have prepared, write, count, fold, switch modes, commit and roll back
in any order. The model adds up what is committed. After every step the stock that anybody sees is
what it says; stock is refused only where there is not enough, and sold only where there is; and
whoever writes what need not wait does not.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import psycopg
import pytest
from helpers import differences, forget_prepared, only
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

LEVELS = ["read committed", "read committed", "repeatable read", "serializable"]
# Only one session can act at a time: waiting would be in vain.
OPTIONS = "-c lock_timeout=25ms -c deadlock_timeout=60ms -c statement_timeout=30s"

Stock = dict[int, Decimal]


@dataclass
class Product:
    mode: str | None
    allows: bool | None


@dataclass
class Transaction:
    """What is open: settled and not, with copies for savepoints; what its snapshot said."""

    level: str
    seen: Stock | None  # above READ COMMITTED, from the first statement on
    began: int
    settled: Stock = field(default_factory=dict)
    unsettled: Stock = field(default_factory=dict)
    savepoints: list[tuple[Stock, Stock]] = field(default_factory=list)
    counted: set[int] = field(default_factory=set)

    def lines(self) -> Stock:
        return add(self.settled, self.unsettled)


class RefusedError(Exception):
    """The database has refused something, as it may."""


def add(*parts: Stock) -> Stock:
    total: Stock = {}
    for part in parts:
        for product, quantity in part.items():
            total[product] = total.get(product, Decimal(0)) + quantity
    return total


class Step(NamedTuple):
    """What to do next, and everything it may need."""

    session: int
    name: str
    lines: list[tuple[int, Decimal]]
    level: str
    mode: str | None
    flag: bool


NAMES = [
    *["begin"] * 5,
    *["write"] * 16,
    *["commit"] * 7,
    "roll_back",
    "settle",
    "settle",
    "savepoint",
    "roll_back_to",
    "hold",
    "prepare",
    "finish_prepared",
    "count",
    "count",
    "fold",
    "fold",
    "switch",
    "switch_all",
    "allow",
    "allow_all",
    "forget_hot",
]
STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, 2),
        st.sampled_from(NAMES),
        st.lists(
            st.tuples(
                st.sampled_from([3, 2, 3, 1, 4]),
                st.sampled_from([Decimal(n) for n in ("-1", "-3", "2", "-1", "-0.5", "6", "-4")]),
            ),
            min_size=1,
            max_size=2,
        ),
        st.sampled_from(LEVELS),
        st.sampled_from(["wait", "never_wait", "escrow", None]),
        st.booleans(),
    ),
    min_size=40,
    max_size=80,
)


class Histories:
    def __init__(self, connections: list[psycopg.Connection], checker: psycopg.Connection) -> None:
        self.connections, self.checker = connections, checker
        self.open: list[Transaction | None] = [None, None, None]
        self.prepared: dict[str, Transaction] = {}
        self.number = self.switched = 0
        self.counted_at: dict[int, int] = {}
        self.mode, self.allows = "wait", True
        self.products = {
            1: Product(None, None),
            2: Product("never_wait", None),
            3: Product("escrow", False),
            4: Product("wait", False),
        }
        self.world: Stock = dict.fromkeys(self.products, Decimal(5))
        # What is written before a count that has come in between stays, and nothing else is booked.
        checker.execute("update stocksync.settings set late_movements_before_count ="
                        " 'keep_difference'")  # fmt: skip
        for i, p in self.products.items():
            checker.execute(
                "insert into products (id, sku, name, contention, allow_negative)"
                " values (%s, 'P' || %s, '', %s, %s)",
                (i, i, p.mode, p.allows),
            )
        checker.execute(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " select id, 'purchase', 5 from products"
        )

    # What the model says --------------------------------------------------------------------------

    def refuses(self, product: int) -> bool:
        allows = self.products[product].allows
        return not (self.allows if allows is None else allows)

    def settles_as(self, product: int) -> str:
        mode = self.products[product].mode
        if (mode or self.mode) == "wait":
            return "wait"
        if not self.refuses(product):
            return "never_wait"
        return "escrow" if mode == "escrow" else "wait"

    def everybody(self) -> list[Transaction]:
        return [t for t in [*self.open, *self.prepared.values()] if t is not None]

    def need_not_wait(self, tx: Transaction) -> bool:
        """Nobody counts what it writes, or has counted it since; nor has a mode been switched."""
        return self.switched < tx.began and all(
            self.settles_as(p) == "never_wait"
            and self.counted_at.get(p, 0) < tx.began
            # of the same group, for all that matters here: these are few
            and not any(other.counted for other in self.everybody() if other is not tx)
            for p in tx.unsettled
        )

    @contextmanager
    def settling(self, tx: Transaction) -> Iterator[None]:
        """Expect what is not settled to be settled by this, or refused."""
        short = {
            p: [
                base.get(p, Decimal(0)) + tx.settled.get(p, Decimal(0)) + quantity
                for base in (self.world, tx.seen or self.world)
            ]
            for p, quantity in tx.unsettled.items()
            if quantity < 0 and self.refuses(p)
        }
        try:
            yield
        except psycopg.Error as error:
            match error.sqlstate:
                case "SS001":
                    assert any(min(left) < 0 for left in short.values()), "there is enough"
                case "55P03":
                    assert not self.need_not_wait(tx), "it waited"
                case "40001":
                    assert tx.level != "read committed"
                    if tx.level == "repeatable read":
                        assert not self.need_not_wait(tx), "nothing had changed"
                case _:
                    raise
            raise RefusedError from error
        assert not any(left[0] < 0 for left in short.values()), "oversold"
        tx.settled, tx.unsettled = add(tx.settled, tx.unsettled), {}

    def look(self, db: psycopg.Connection, expected: Stock) -> None:
        found = dict(
            db.execute("select product_id, quantity_on_hand from stock_on_hand").fetchall()
        )
        assert found == {p: expected[p] for p in self.products}

    def look_beside(self) -> None:
        """Nothing is beside what settles in wait, no slot is overdrawn, and every count is true."""
        beside = self.checker.execute(
            "select product_id, coalesce(reserve + quantity, 0) from stocksync._pending"
        ).fetchall()
        assert [p for p, left in beside if self.settles_as(p) == "wait" or left < 0] == []
        assert (
            self.checker.execute(
                "select c.* from stocksync.counts as c where c.balance <> ("
                " select sum(case m.movement_type when 'in' then m.quantity else -m.quantity end)"
                " from stock_movements as m"
                " where m.product_id = c.product_id and m.occurred_at <= c.counted_at)"
            ).fetchall()
            == []
        )

    def run(self, steps: list[Step]) -> None:
        for step in steps:
            self.number += 1
            tx, db = self.open[step.session], self.connections[step.session]
            try:
                getattr(self, step.name)(step, db, tx)
            except RefusedError:
                if self.open[step.session] is not None:
                    db.execute("rollback")
                    self.open[step.session] = None
            except psycopg.Error as error:
                assert error.sqlstate in ("55P03", "40001"), step
                assert error.sqlstate != "40001" or (tx and tx.level != "read committed"), step
                if self.open[step.session] is not None:
                    db.execute("rollback")
                    self.open[step.session] = None
            self.look(self.checker, self.world)
            self.look_beside()
        for db, tx in zip(self.connections, self.open, strict=True):
            if tx is not None:
                db.execute("rollback")
        for gid in list(self.prepared):
            self.finish(gid, True)
        self.look(self.checker, self.world)
        assert differences(self.checker) == []
        self.look_beside()
        self.checker.execute("select stocksync.fold()")
        assert differences(self.checker) == []
        found = dict(self.checker.execute("select id, quantity_on_hand from products").fetchall())
        assert found == self.world

    # Steps ----------------------------------------------------------------------------------------

    def begin(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is None:
            db.execute(f"begin isolation level {step.level}")
            db.execute("select from products")  # the snapshot
            seen = None if step.level == "read committed" else dict(self.world)
            self.open[step.session] = Transaction(step.level, seen, self.number)

    def write(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        written = add(*({p: q} for p, q in step.lines))

        def insert() -> None:
            db.execute(
                "insert into stock_movements (product_id, transaction_type, quantity)"
                " select p, case when q > 0 then 'purchase' else 'sale' end, abs(q)"
                " from unnest(%s::bigint[], %s::numeric[]) as l (p, q)",
                ([p for p, _ in step.lines], [q for _, q in step.lines]),
            )

        if tx is None:
            tx = Transaction("read committed", None, self.number, unsettled=written)
            with self.settling(tx):
                insert()
            self.world = add(self.world, tx.settled)
        else:
            insert()
            tx.unsettled = add(tx.unsettled, written)

    def settle(self, _step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is not None:
            with self.settling(tx):
                db.execute("set constraints all immediate")
            db.execute("set constraints all deferred")
            self.look(db, add(tx.seen or self.world, tx.settled))

    def commit(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is not None:
            try:
                with self.settling(tx):
                    db.execute("commit")
            finally:
                self.open[step.session] = None
            self.ended(tx)

    def ended(self, tx: Transaction) -> None:
        self.world = add(self.world, tx.settled)
        for p in tx.counted:
            self.counted_at[p] = self.number

    def roll_back(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is not None:
            db.execute("rollback")
            self.open[step.session] = None

    def savepoint(self, _step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is not None:
            db.execute("savepoint s")
            tx.savepoints.append((dict(tx.settled), dict(tx.unsettled)))

    def roll_back_to(self, _step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is not None and tx.savepoints:
            db.execute("rollback to s")
            settled, unsettled = tx.savepoints[-1]
            tx.settled, tx.unsettled = dict(settled), dict(unsettled)

    def hold(self, step: Step, db: psycopg.Connection, _tx: Transaction | None) -> None:
        db.execute("update products set name = name || '.' where id = %s", (step.lines[0][0],))

    def prepare(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is not None and len(self.prepared) < 2:
            gid = f"contention {self.number}"
            try:
                with self.settling(tx):
                    db.execute(f"prepare transaction '{gid}'")
            finally:
                self.open[step.session] = None
            self.prepared[gid] = tx

    def finish_prepared(self, step: Step, _db: psycopg.Connection, _tx: Transaction | None) -> None:
        if self.prepared:
            self.finish(min(self.prepared), step.flag)

    def finish(self, gid: str, commits: bool) -> None:
        self.checker.execute(f"{'commit' if commits else 'rollback'} prepared '{gid}'")
        tx = self.prepared.pop(gid)
        if commits:
            self.ended(tx)

    def count(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        product, quantity = step.lines[0][0], abs(step.lines[0][1])
        alone = tx is None
        if tx is None:
            tx = Transaction("read committed", None, self.number)
        try:
            # It settles what was written, and then it may wait for others.
            expected, difference = db.execute(
                "select expected, difference from stocksync.record_count(%s, %s)",
                (product, quantity),
            ).fetchone() or (None, None)
        except psycopg.Error as error:
            if error.sqlstate == "SS001":
                with self.settling(tx):
                    raise
            if error.sqlstate == "55000":
                assert tx.level != "read committed"
                raise RefusedError from error
            raise
        with self.settling(tx):
            pass
        own = tx.settled.get(product, Decimal(0))
        assert expected == (tx.seen or self.world)[product] + own
        tx.settled = add(tx.settled, {product: difference})
        tx.counted.add(product)
        if alone:
            self.ended(tx)

    def fold(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        (self.checker if tx else db).execute("select stocksync.fold(%s)", (step.flag,))

    def forget_hot(self, _step: Step, _db: psycopg.Connection, _tx: Transaction | None) -> None:
        self.checker.execute("update stocksync._hot set fold_at = '-infinity'")

    # None of these in a transaction: the model does not know of modes that are not committed.

    def switch(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        product = step.lines[0][0]
        if tx is None:
            query = (
                "select stocksync.use_mode(%s, array[%s::bigint])"
                if step.flag
                else "update products set contention = %s where id = %s"
            )
            db.execute(query, (step.mode, product))
            self.products[product].mode = step.mode
            self.switched = self.number

    def switch_all(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is None and step.mode in ("wait", "never_wait"):
            db.execute("select stocksync.use_mode(%s)", (step.mode,))
            self.mode = step.mode
            self.switched = self.number

    def allow(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        product = step.lines[0][0]
        allows = {"wait": None, "escrow": False}.get(step.mode or "", step.flag)
        if tx is None:
            db.execute("update products set allow_negative = %s where id = %s", (allows, product))
            self.products[product].allows = allows
            self.switched = self.number

    def allow_all(self, step: Step, db: psycopg.Connection, tx: Transaction | None) -> None:
        if tx is None:
            db.execute("update stocksync.settings set allow_negative = %s", (step.flag,))
            self.allows = step.flag
            self.switched = self.number


@pytest.mark.parametrize("examples", [15, pytest.param(100, marks=pytest.mark.long)])
def test_the_stock_is_exact_in_all_modes_after_any_history(
    ledger: psycopg.Connection,
    ledger_url: str,
    empty: Callable[[], None],
    seed: int,
    examples: int,
) -> None:
    with ExitStack() as stack:
        checker, *connections = (
            stack.enter_context(psycopg.connect(ledger_url, autocommit=True, options=OPTIONS))
            for _ in range(4)
        )

        @seeded(seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
        )
        @given(STEPS)
        def any_history(steps: list[Step]) -> Any:
            for connection in connections:
                connection.execute("rollback")
            forget_prepared(checker)
            empty()
            Histories(connections, checker).run(steps)

        try:
            any_history()
        finally:
            for connection in connections:
                connection.execute("rollback")
            forget_prepared(checker)
            assert only(checker, "select count(*) from pg_prepared_xacts"
                                 " where database = current_database()") == 0  # fmt: skip
