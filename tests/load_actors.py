"""Who acts in ``tests.crash_load``: sessions that know what they have written, and who looks on."""

from __future__ import annotations

import time
from collections import Counter

import psycopg
from psycopg.errors import DatabaseError

from tests.crash_helpers import Actor, Connection, CrashError, must
from tests.helpers import is_of_the_server
from tests.load_plans import READ_COMMITTED, Facts, Planner, Step, Transaction

SESSIONS = 12
COLUMNS = ("contention", "allow_negative", "tracks_batches", "reorder_point")

# Written here, not taken from stocksync; only what is said of the stock is.
INEXACT = """
with ledger as (
    select m.product_id,
        sum(case m.movement_type when 'in' then m.quantity else -m.quantity end) as quantity
    from stock_movements as m
    group by m.product_id
),
rolled_up as (
    select u.product_id, sum(u.quantity) as quantity
    from (
        select d.product_id, d.quantity from stocksync.stock_daily as d
        union all
        select l.product_id, l.quantity from stocksync._journal as j, unnest(j.lines) as l
    ) as u
    group by u.product_id
)
select h.product_id, h.quantity_on_hand, coalesce(m.quantity, 0), coalesce(r.quantity, 0)
from stock_on_hand as h
left join ledger as m on m.product_id = h.product_id
left join rolled_up as r on r.product_id = h.product_id
where h.quantity_on_hand <> coalesce(m.quantity, 0)
    or coalesce(m.quantity, 0) <> coalesce(r.quantity, 0)
"""
BELOW_ZERO = """
select p.id, h.quantity_on_hand, to_jsonb(p)
from products as p
join stock_on_hand as h on h.product_id = p.id
cross join stocksync.settings as s
where h.quantity_on_hand < 0
    and (p.tracks_batches or not coalesce(p.allow_negative, s.allow_negative))
"""


class Session(Actor):
    """Does one random transaction after the other, and knows at any time what must be there of it.

    What it changes is its own: its movements and counts, by their keys; of products and settings,
    the columns of those that it alone changes.
    """

    pause = 0.001

    def __init__(self, url: str, seed: str, number: int) -> None:
        self.number = number
        super().__init__(url, f"{seed} session {number}")

    def prepare(self) -> None:
        self.name = f"session {self.number}"
        self.planner = Planner(self.name, self.number, SESSIONS, self.random)
        self.facts: Facts = {}
        self.doubt: Transaction | None = None  # which has begun, and of which the end is not known
        self.tally: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def act(self, connection: Connection) -> None:
        if self.doubt:
            self.resolve(connection)
        transaction = self.doubt = self.planner.plan(self.facts)
        if transaction.is_strict:
            self.tally["strict"] += 1
        try:
            is_kept = self.play(connection, transaction)
        except psycopg.Error as error:
            if connection.closed:
                raise
            self.judge(transaction, error)
            transaction.phase = "failed"
            connection.execute("rollback")
        else:
            if is_kept:
                change(self.facts, transaction.changes)
                self.tally["acknowledged"] += 1
                self.tally[transaction.kind] += 1
            else:
                self.tally["rolled back"] += 1
        self.doubt = None

    # The transaction ----------------------------------------------------------------------------

    def play(self, connection: Connection, transaction: Transaction) -> bool:
        """Do it; return whether it stays."""
        if transaction.is_alone:
            for step in transaction.steps:
                connection.execute(step.query, step.parameters)
            return True

        connection.execute(f"begin isolation level {transaction.isolation}")
        for step in transaction.steps:
            if not self.take(connection, transaction, step):
                transaction.end = "rollback"
        time.sleep(transaction.pause)
        transaction.phase = "ending"
        if transaction.end != "prepare transaction":
            connection.execute(transaction.end)
            return transaction.end == "commit"

        connection.execute(f"prepare transaction '{transaction.name}'")
        transaction.phase = "prepared"
        time.sleep(transaction.pause)
        transaction.phase = "finishing"
        connection.execute(f"{transaction.finish} '{transaction.name}'")
        self.tally["prepared"] += 1
        return transaction.finish == "commit prepared"

    def take(self, connection: Connection, transaction: Transaction, step: Step) -> bool:
        """Take one step; return whether the transaction may be committed after it."""
        if step.is_condition:
            [(is_so,)] = connection.execute(step.query, step.parameters).fetchall()
            return bool(is_so)

        if step.is_tried:
            connection.execute("savepoint tried")
            try:
                connection.execute(step.query, step.parameters)
                connection.execute("set constraints all immediate")
            except DatabaseError as error:
                if error.sqlstate != "SS001":
                    raise
                connection.execute("rollback to tried")
                self.tally["refused in a savepoint"] += 1
                return True
            connection.execute("set constraints all deferred")
            connection.execute("release tried")
        else:
            cursor = connection.execute(step.query, step.parameters)
            if step.query.startswith(("update", "delete")):
                must(cursor.rowcount == 1, "not there for", transaction)
        transaction.changes |= step.changes
        return True

    def judge(self, transaction: Transaction, error: psycopg.Error) -> None:
        """Count a failure that may be; raise one that may not."""
        state = error.sqlstate or ""
        if not (
            state == "SS001"
            or is_of_the_server(error)
            or (state == "40001" and transaction.isolation != READ_COMMITTED)
            or (state == "40P01" and transaction.may_deadlock)
            or (state == "55P03" and transaction.kind == "switch")
            # what others leave beside a product is waited for at READ COMMITTED only
            or (
                state == "55000"
                and transaction.kind == "count"
                and transaction.isolation != READ_COMMITTED
            )
        ):
            raise CrashError(f"failed with {state}: {error}: {transaction}")
        self.failures[state] += 1
        if transaction.is_strict and state == "SS001":
            self.tally["strict and refused"] += 1

    # What has become of what was cut off --------------------------------------------------------

    def resolve(self, connection: Connection) -> None:
        """Find out whether the transaction is there, whole; finish it if it was prepared."""
        transaction = self.doubt
        assert transaction
        self.tally["cut off"] += 1
        after = self.facts.copy()
        change(after, transaction.changes)
        match transaction.phase, transaction.end:
            case "prepared", _:
                may_be = []
            case "finishing", _:
                may_be = [after if transaction.finish == "commit prepared" else self.facts]
            case "ending", "commit":
                may_be = [self.facts, after]
            case _:
                may_be = [self.facts]

        if connection.execute(
            "select from pg_prepared_xacts where gid = %s", [transaction.name]
        ).rowcount:
            must(
                transaction.end == "prepare transaction" and transaction.phase != "open",
                "prepared before its time:",
                transaction,
            )
            time.sleep(self.random.uniform(0.0, 0.5))  # others meet its locks meanwhile
            transaction.finish = self.random.choice(("commit prepared", "rollback prepared"))
            transaction.phase = "finishing"
            connection.execute(f"{transaction.finish} '{transaction.name}'")
            self.tally["finished after the crash"] += 1
            may_be = [after if transaction.finish == "commit prepared" else self.facts]

        found = self.read(connection)
        must(
            found in may_be,
            f"{self.name} has lost or gained something in the crash:",
            *(tell(expected, found) for expected in may_be or [self.facts]),
            "- cut off was",
            transaction,
        )
        if found != self.facts:
            self.tally["cut off and there"] += 1
        self.facts = found
        self.doubt = None

    def read(self, connection: Connection) -> Facts:
        """Return what the database holds of what is this session's own."""
        facts: Facts = {
            ("movement", key): tuple(rest)
            for key, *rest in connection.execute(
                "select idempotency_key, product_id, transaction_type, quantity, location_id"
                " from stock_movements where starts_with(idempotency_key, %s)",
                [f"{self.name}:"],
            )
        }
        for name, product in connection.execute(
            "select user_id, product_id from stocksync.counts where starts_with(user_id, %s)",
            [f"{self.name}:"],
        ):
            must(("count", name) not in facts, "counted twice:", name)
            facts["count", name] = product
        for number, *values in connection.execute(
            f"select id, {', '.join(COLUMNS)} from products where id = any (%s)",
            [self.planner.owned],
        ):
            facts |= {
                ("product", number, column): value
                for column, value in zip(COLUMNS, values, strict=True)
            }
        if self.planner.owns_settings:
            [(mode,)] = connection.execute("select contention from stocksync.settings").fetchall()
            facts["settings", "contention"] = mode
        return facts

    def verify(self, connection: Connection, kills: int) -> None:
        """Check that everything acknowledged is there, and nothing else."""
        if self.doubt:
            self.resolve(connection)
        must(self.tally["cut off"] <= kills, f"{self.name} was cut off by something else, too")
        found = self.read(connection)
        must(found == self.facts, f"{self.name} has lost or gained:", tell(self.facts, found))


def change(facts: Facts, changes: Facts) -> None:
    """Apply changes; of products and settings null is a value like others."""
    for key, value in changes.items():
        if value is None and key[0] in ("movement", "count"):
            facts.pop(key, None)
        else:
            facts[key] = value


def tell(expected: Facts, found: Facts) -> str:
    """Return a few of the differences."""
    nothing = "nothing"
    wrong = [
        f"{key}: {expected.get(key, nothing)} expected, {found.get(key, nothing)} found"
        for key in (expected | found)
        if expected.get(key, nothing) != found.get(key, nothing)
    ]
    return f"{len(wrong)} differences: {'; '.join(wrong[:5])}"


# Those who look on --------------------------------------------------------------------------------


class Folder(Actor):
    """What a worker does four times a second."""

    pause = 0.25

    def act(self, connection: Connection) -> None:
        try:
            connection.execute("select stocksync.fold(true)")
        except DatabaseError as error:
            if connection.closed or not is_of_the_server(error):
                raise


class Reader(Actor):
    """Compares, again and again, everything with the movements in one snapshot."""

    pause = 0.03

    def act(self, connection: Connection) -> None:
        connection.execute("begin isolation level repeatable read read only")
        look(connection)
        connection.execute("commit")


def look(connection: Connection) -> None:
    """Raise an error unless the snapshot is exact and nothing is below zero that may not be."""
    inexact = connection.execute(INEXACT).fetchall()
    must(
        not inexact,
        "a snapshot is not exact (product, stock, movements, roll-up):",
        *inexact[:5],
    )
    below = connection.execute(BELOW_ZERO).fetchall()
    must(not below, "below zero, where that is refused:", *below[:5])
