"""Small builders, sessions, and the comparison that every test of exactness ends with."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest

TIMEOUT = 60.0  # seconds


def product(db: psycopg.Connection, sku: str = "A", **columns: Any) -> int:
    """Insert a product and return its id."""
    row = {"sku": sku, "name": sku, **columns}
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    found = db.execute(
        f"insert into products ({names}) values ({marks}) returning id", list(row.values())
    ).fetchone()
    assert found is not None
    return int(found[0])


def move(
    db: psycopg.Connection,
    product_id: int,
    quantity: Any,
    transaction_type: str = "purchase",
    **columns: Any,
) -> int:
    """Insert a movement and return its id."""
    row = {
        "product_id": product_id,
        "transaction_type": transaction_type,
        "quantity": quantity,
        **columns,
    }
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    found = db.execute(
        f"insert into stock_movements ({names}) values ({marks}) returning id", list(row.values())
    ).fetchone()
    assert found is not None
    return int(found[0])


def behind(db: psycopg.Connection, *statements: str) -> None:
    """Run statements as replication does: no trigger fires."""
    db.execute("set session_replication_role = replica")
    for statement in statements:
        db.execute(statement)
    db.execute("set session_replication_role = origin")


def stock(db: psycopg.Connection, product_id: int) -> Decimal:
    """Return quantity_on_hand."""
    found = db.execute(
        "select quantity_on_hand from products where id = %s", (product_id,)
    ).fetchone()
    assert found is not None
    return found[0]


def on_hand(db: psycopg.Connection, product_id: int) -> Decimal:
    """Return what is on hand, with what is left beside the product."""
    found = db.execute(
        "select quantity_on_hand from stock_on_hand where product_id = %s", (product_id,)
    ).fetchone()
    assert found is not None
    return Decimal(found[0])


def differences(db: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Return everything in which something stored is not what the movements say.

    Not by ``discrepancies()`` alone: the test must not ask the code under test for the truth.
    """
    return [
        *db.execute(
            """
            select 'product', p.id, p.quantity_on_hand, p.total_stock, coalesce(m.quantity, 0)
            from (
                select o.id, o.quantity_on_hand + coalesce(q.quantity, 0) as quantity_on_hand,
                    o.total_stock + coalesce(q.quantity, 0) as total_stock
                from products as o
                left join (
                    select product_id, sum(quantity) as quantity
                    from stocksync._pending
                    group by product_id
                ) as q on q.product_id = o.id
            ) as p
            left join (
                select product_id, sum(quantity) as quantity
                from (
                    select product_id,
                        case movement_type when 'in' then quantity else -quantity end as quantity
                    from stock_movements
                    union all
                    select product_id, quantity from stocksync.archived_daily
                ) as l
                group by product_id
            ) as m on m.product_id = p.id
            where p.quantity_on_hand <> coalesce(m.quantity, 0)
                or p.total_stock <> coalesce(m.quantity, 0)
            """
        ),
        *db.execute(
            """
            select 'batch', b.id, b.quantity_received, b.quantity_remaining, r.quantity, c.quantity
            from stock_batches as b
            left join lateral (
                select coalesce(sum(quantity), 0) as quantity
                from batch_receipts where batch_id = b.id
            ) as r on true
            left join lateral (
                select coalesce(sum(quantity), 0) as quantity
                from batch_consumptions where batch_id = b.id
            ) as c on true
            where b.quantity_received <> r.quantity
                or b.quantity_remaining <> r.quantity - c.quantity
            """
        ),
        *db.execute(
            """
            select 'place', product_id, location_id, sum(quantity)
            from (
                select product_id, location_id,
                    case movement_type when 'in' then quantity else -quantity end as quantity
                from stock_movements
                union all
                select product_id, location_id, quantity from stocksync.archived_daily
                union all
                select product_id, location_id, -quantity_remaining
                from stock_batches
                where status <> 'retired'
            ) as u
            join products as p on p.id = u.product_id and p.tracks_batches
            group by product_id, location_id
            having sum(quantity) <> 0
            """
        ),
        *db.execute(
            """
            select 'daily', product_id, location_id, day, transaction_type,
                sum(quantity), sum(movements)
            from (
                select m.product_id, m.location_id,
                    (m.occurred_at at time zone s.time_zone)::date as day, m.transaction_type,
                    case m.movement_type when 'in' then m.quantity else -m.quantity end as quantity,
                    1 as movements
                from stock_movements as m, stocksync.settings as s
                union all
                select product_id, location_id, day, transaction_type, quantity, movements
                from stocksync._archived_turnovers
                union all
                select product_id, location_id, day, transaction_type, -quantity, -movements
                from stocksync.stock_daily
                union all
                select l.product_id, l.location_id, l.day, l.transaction_type,
                    -l.quantity, -l.movements
                from stocksync._journal as j, unnest(j.lines) as l
            ) as u
            group by 2, 3, 4, 5
            having sum(quantity) <> 0 or sum(movements) <> 0
            """
        ),
        *db.execute(
            """
            select 'total', product_id, location_id, sum(quantity), sum(movements),
                sum(quantity_in)
            from (
                select product_id, location_id, quantity, movements, quantity_in
                from stocksync.stock_total
                union all
                select d.product_id, d.location_id, -d.quantity, -d.movements,
                    case t.movement_type when 'in' then -d.quantity else 0 end
                from stocksync.stock_daily as d
                join transaction_types as t on t.name = d.transaction_type
            ) as u
            group by 2, 3
            having sum(quantity) <> 0 or sum(movements) <> 0 or sum(quantity_in) <> 0
            """
        ),
        *db.execute(
            """
            select 'days', t.product_id, t.location_id, t.first_on, t.last_on, t.last_count_on
            from stocksync.stock_total as t
            where row(t.first_on, t.last_on, t.last_count_on)::text is distinct from (
                select row(
                    min(d.day), max(d.day), max(d.day) filter (where y.counts_as = 'count')
                )::text
                from stocksync.stock_daily as d
                join transaction_types as y on y.name = d.transaction_type
                where d.product_id = t.product_id and d.movements > 0
                    and d.location_id is not distinct from t.location_id
            )
            """
        ),
        *db.execute("select 'unsettled', id, lines from stocksync._unsettled"),
        *db.execute("select 'back-dated', id, effects from stocksync._back_dated"),
        *db.execute("select 'pass', xid from stocksync._passes"),
        *db.execute("select 'discrepancy', * from stocksync.discrepancies(p_force => true)"),
    ]


def wait_until(db: psycopg.Connection, question: str, *parameters: Any) -> None:
    """Return when the database answers yes."""
    deadline = time.monotonic() + TIMEOUT
    while not db.execute(question, parameters).fetchone()[0]:
        assert time.monotonic() < deadline, f"never came true: {question} {parameters}"
        db.execute("select pg_sleep(0.002)")


def wait_until_blocked(db: psycopg.Connection, *application_names: str) -> None:
    """Return when each of these sessions waits for a lock."""
    for name in application_names:
        wait_until(
            db,
            "select exists (select from pg_stat_activity where datname = current_database()"
            " and application_name = %s and wait_event_type = 'Lock')",
            name,
        )


def forget_prepared(connection: psycopg.Connection) -> None:
    """Roll back what a failed test has left prepared."""
    for (gid,) in connection.execute(
        "select gid from pg_prepared_xacts where database = current_database()"
    ).fetchall():
        connection.execute(f"rollback prepared '{gid}'")


@contextmanager
def session(url: str) -> Iterator[psycopg.Connection]:
    """Open another session, in autocommit; what it left open is rolled back."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


class Actor:
    """A session with a thread of its own, so that the test can go on while it waits."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.connection = psycopg.connect(url, autocommit=True, application_name=name)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    def start(self, query: str, parameters: Any = None) -> Future[list[tuple[Any, ...]]]:
        """Begin to execute; the future holds the rows, or the error."""

        def execute() -> list[tuple[Any, ...]]:
            cursor = self.connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

        return self._thread.submit(execute)

    def __call__(self, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        return self.start(query, parameters).result(TIMEOUT)

    def close(self) -> None:
        self._thread.shutdown()
        self.connection.close()


_MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(peak // 1024 if sys.platform == "darwin" else peak)
sys.exit(done.returncode)
"""


def measured(*command: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """Run a command; return it, as it ended, with the most that it had in memory, in kB.

    By way of a small process: no process is told to have had less than the one that started it.
    """
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *command], capture_output=True, text=True, check=False
    )
    *output, peak = done.stdout.splitlines(keepends=True)
    done.stdout = "".join(output)
    return done, int(peak)


def is_of_the_server(error: psycopg.Error) -> bool:
    """Whether PostgreSQL itself has taken a transaction back, to be tried again.

    While an update is being taken back, the next one of a row that others hold a share of may fail:
    it passes over the update as aborted, and then counts it as running. Two plain tables with a
    foreign key, 48 sessions and ROLLBACK show it, on 18.4. README tells, under Limits.
    """
    return "new multixact has more than one updating member" in str(error)


@contextmanager
def acting_as(db: psycopg.Connection, role: str) -> Iterator[psycopg.Connection]:
    """SET ROLE for a while."""
    db.execute(f"set role {role}")
    try:
        yield db
    finally:
        db.execute("reset role")


@contextmanager
def raises_sql(sqlstate: str, message: str, **parts: str) -> Iterator[None]:
    """Expect an error with this SQLSTATE, primary message and other parts of the diagnostic."""
    with pytest.raises(psycopg.Error) as caught:
        yield
    diag = caught.value.diag
    assert (diag.sqlstate, diag.message_primary) == (sqlstate, message)
    assert {name: getattr(diag, name) for name in parts} == parts


def only(db: psycopg.Connection, query: str, parameters: Any = None) -> Any:
    """Return the one value that a query returns."""
    [(value,)] = db.execute(query, parameters).fetchall()
    return value
