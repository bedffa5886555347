"""All else that can be done to the ledger, done to products that track batches, and past them."""

import random
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
import pytest
from helpers import differences, move, only, product, raises_sql, session, stock
from psycopg.conninfo import make_conninfo
from test_concurrency import restore, run
from time_helpers import archive, close, unarchive

from stocksync.embedded import Embedded

REMAINING = (
    "select batch_number, quantity_remaining from stock_batches"
    " where status <> 'retired' order by id"
)


def shop(db: psycopg.Connection) -> list[int]:
    """Make three products with batches that have a history."""
    ids = [product(db, f"P{n}", tracks_batches=True) for n in range(3)]
    for p in ids:
        move(db, p, 10, batch_number="L1", expiry_date="2126-01-01", occurred_at="2026-01-02")
        move(db, p, 10, batch_number="L2", unit_cost=3, occurred_at="2026-01-03")
        move(db, p, 12, "sale", reference="r1", occurred_at="2026-01-04")
        move(db, p, 1, "sale_return", reference="r1", occurred_at="2026-01-05")
    return ids


def remaining(db: psycopg.Connection) -> list[tuple[Any, ...]]:
    return db.execute(REMAINING).fetchall()


# Ways to write ------------------------------------------------------------------------------------


def test_copy_merge_and_on_conflict_come_into_batches(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True)
    columns = "product_id, transaction_type, quantity, batch_number, idempotency_key"
    with exact.cursor().copy(f"copy stock_movements ({columns}) from stdin") as copy:
        copy.write(f"{a}\tpurchase\t10\tL1\tk1\n{a}\tsale\t0.000001\t\\N\tk2\n")
    exact.execute(
        f"insert into stock_movements ({columns}) values (%(a)s, 'sale', 100, null, 'k2'),"
        " (%(a)s, 'sale', 1, null, 'k3')"
        " on conflict (idempotency_key) where idempotency_key is not null do nothing",
        {"a": a},
    )
    exact.execute(
        f"insert into stock_movements ({columns}) values (%(a)s, 'sale', 100, null, 'k2'),"
        " (%(a)s, 'sale', 1, null, 'k4')"
        " on conflict (idempotency_key) where idempotency_key is not null"
        " do update set quantity = 2, batch_number = 'L1'",
        {"a": a},
    )
    exact.execute(
        "merge into stock_movements as m"
        " using (values ('k2', 'delete'), ('k3', 'update'), ('k5', 'insert')) as s (key, act)"
        " on m.idempotency_key = s.key"
        " when matched and s.act = 'delete' then delete"
        " when matched then update set quantity = 3"
        " when not matched then"
        " insert (product_id, transaction_type, quantity) values (%s, 'purchase', 0.5)",
        (a,),
    )
    assert [q for _, q in remaining(exact)] == [6, pytest.approx(0.5)]


def test_inserted_and_gone_before_it_settles(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 1)
    with exact.transaction():
        sale = move(exact, a, 5, "sale")
        exact.execute("update stock_movements set quantity = 1 where id = %s", (sale,))
        gone = move(exact, a, 7, "sale")
        exact.execute("delete from stock_movements where id = %s", (gone,))
    assert remaining(exact) == [("#1", 0)]


def test_a_whole_history_is_imported(exact: psycopg.Connection) -> None:
    product(exact, tracks_batches=True)
    lines = [f"A,purchase,8,p{d},2025-01-{d:02} 08:00" for d in range(1, 29, 3)]
    lines += [f"A,sale,{1 + d % 3},s{d},2025-01-{d:02} 18:00" for d in range(1, 29)]
    with exact.transaction():
        columns = "{sku,transaction_type,quantity,idempotency_key,occurred_at}"
        statement = only(exact, "select stocksync.stage_import('movements', %s)", (columns,))
        with exact.cursor().copy(statement) as copy:
            for number, line in enumerate(reversed(lines), 2):
                copy.write(f"{number},,{line}\n")
        [row] = exact.execute("select * from stocksync.import_movements('file', false)")
    assert row == (38, 0, 0, 0)
    assert stock(exact, 1) == 80 - 56
    assert [q for _, q in remaining(exact)] == [0] * 7 + [8, 8, 8]


# The past -----------------------------------------------------------------------------------------


def test_late_movements_take_their_batches_on_the_first_open_day(
    exact: psycopg.Connection,
) -> None:
    [a, *_] = shop(exact)
    close(exact, "2026-01-31")
    with raises_sql("SS005", "the period of 2026-01-10 00:00:00+00 is closed"):
        move(exact, a, 1, "sale", occurred_at="2026-01-10")
    exact.execute("update stocksync.settings set late_movements = 'first_open_day'")
    sale = move(exact, a, 1, "sale", occurred_at="2026-01-10")
    assert (
        only(
            exact,
            "select (occurred_at at time zone 'UTC')::date::text from batch_consumptions"
            " where movement_id = %s",
            (sale,),
        )
        == "2026-02-01"
    )


def test_an_archive_leaves_the_batches_and_comes_back(exact: psycopg.Connection) -> None:
    [a, *_] = shop(exact)
    close(exact, "2026-01-31")
    before = remaining(exact)
    content = archive(exact, "2026-01-31")
    assert only(exact, "select count(*) from stock_movements") == 0
    assert remaining(exact) == before
    assert differences(exact) == []
    assert exact.execute("select * from stocksync.batch_discrepancies()").fetchall() == []
    # by the reference it is known still
    move(exact, a, 1, "sale_return", reference="r1")
    move(exact, a, 1, "sale")
    unarchive(exact, content)
    assert [q for _, q in remaining(exact)][:2] == [0, 9]


def test_undo_takes_a_load_back_out_of_its_batches(exact: psycopg.Connection) -> None:
    shop(exact)
    before = remaining(exact)
    since = only(exact, "select clock_timestamp()")
    exact.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, batch_number)"
        " select p.id, t.type, t.quantity, t.number from products as p,"
        " (values ('purchase', 5, 'L2'), ('sale', 4, null), ('sale', 2, 'L2'))"
        " as t (type, quantity, number)"
    )
    for kind in ("sale", "purchase"):
        exact.execute("call stocksync.undo(p_since => %s, p_type => %s)", (since, kind))
    # the batch that the purchase made (another cost) is empty
    assert [row for row in remaining(exact) if row[1]] == [row for row in before if row[1]]


def test_undo_of_receipts_that_are_sold_is_refused(exact: psycopg.Connection) -> None:
    [a, *_] = shop(exact)
    since = only(exact, "select clock_timestamp()")
    move(exact, a, 5, batch_number="L3")
    move(exact, a, 3, "sale", batch_number="L3")
    with raises_sql("SS001", 'insufficient stock of "P0"'):
        exact.execute("call stocksync.undo(p_since => %s, p_type => 'purchase')", (since,))


def test_truncate_empties_the_batches(exact: psycopg.Connection) -> None:
    ids = shop(exact)
    exact.execute("update products set tracks_batches = false where id = %s", (ids[1],))
    exact.execute("update products set tracks_batches = true where id = %s", (ids[1],))
    with exact.transaction():
        exact.execute("set local stocksync.allow_truncate = on")
        move(exact, ids[0], 1)
        exact.execute("truncate stock_movements restart identity")
        move(exact, ids[0], 2)
    assert sum(q for _, q in remaining(exact)) == 2
    assert differences(exact) == []
    # the numbers are those of other movements now
    for p in ids:
        move(exact, p, 3)
        move(exact, p, 1, "sale", reference="r1")
        move(exact, p, 1, "sale_return", reference="r1")


# Counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "kind", "late", "left"),
    [
        ("keep_count", "sale", 3, 8),
        ("keep_count", "sale", 30, 8),
        ("keep_count", "purchase", 3, 8),
        ("keep_difference", "sale", 3, 5),
        ("keep_difference", "sale", 30, None),
        ("keep_difference", "purchase", 3, 11),
    ],
)
def test_late_movements_before_a_count(
    exact: psycopg.Connection, setting: str, kind: str, late: int, left: int | None
) -> None:
    exact.execute("update stocksync.settings set late_movements_before_count = %s", (setting,))
    a = product(exact, tracks_batches=True)
    move(exact, a, 10, batch_number="L1", occurred_at="2026-01-01")
    exact.execute("select stocksync.record_count(%s, 8, '2026-01-03')", (a,))
    if left is None:
        with raises_sql("SS001", 'insufficient stock of "A"'):
            move(exact, a, late, kind, occurred_at="2026-01-02")
        return
    move(exact, a, late, kind, occurred_at="2026-01-02")
    assert stock(exact, a) == left


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.long)])
def test_batches_are_exact_whatever_is_counted_and_comes_late(
    exact: psycopg.Connection, seed: int
) -> None:
    chance = random.Random(seed)
    ids = [product(exact, f"P{n}", tracks_batches=n > 0) for n in range(3)]
    exact.execute("insert into locations (name) values ('shelf')")
    refused = counted = 0
    for n in range(60):
        try:
            with exact.transaction():
                for _ in range(chance.randint(1, 3)):
                    p, place = chance.choice(ids), chance.choice([None, None, 1])
                    at = f"2026-01-{chance.randint(1, 5):02} 12:00"
                    match chance.randrange(8):
                        case 0 | 1:
                            exact.execute(
                                "select stocksync.record_count(%s, %s, %s, %s)",
                                (p, chance.randint(0, 20), at, place),
                            )
                            counted += 1
                        case 2:
                            exact.execute(
                                "update stock_movements set quantity = quantity + 1"
                                " where id = (select id from stock_movements where"
                                " transaction_type in ('sale', 'purchase')"
                                " order by random() limit 1)"
                            )
                        case 3:
                            exact.execute(
                                "update stocksync.settings set late_movements_before_count = %s",
                                (chance.choice(["keep_count", "keep_difference"]),),
                            )
                        case _:
                            kind = chance.choice(["purchase", "purchase", "sale", "sale_return"])
                            number = chance.choice([None, "L1", "L2"])
                            move(
                                exact, p, chance.randint(1, 6), kind, occurred_at=at,
                                location_id=place, batch_number=number,
                            )  # fmt: skip
        except psycopg.Error as error:
            assert error.sqlstate == "SS001", error
            refused += 1
        if n % 6 == 0:
            assert differences(exact) == []
            assert exact.execute("select * from stocksync.batch_discrepancies()").fetchall() == []
    assert refused < 40
    assert counted > 10


# Past the triggers --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["purchase", "sale"])
def test_a_load_past_the_triggers_is_found_and_a_new_beginning_cures_it(
    exact: psycopg.Connection, kind: str
) -> None:
    [a, *_] = shop(exact)
    with exact.transaction():
        exact.execute("set local session_replication_role = replica")
        exact.execute(
            "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
            " values (%s, %s, %s, 4)",
            (a, "in" if kind == "purchase" else "out", kind),
        )
    exact.execute("call stocksync.sync(p_force => true)")
    change = 4 if kind == "purchase" else -4
    assert stock(exact, a) == 9 + change
    assert exact.execute("select sku, quantity from stocksync.opening_batches()").fetchall() == [
        ("P0", change)
    ]
    assert exact.execute(
        "select sku, differs, stored, derived from stocksync.batch_discrepancies()"
    ).fetchall() == [("P0", "stock", 9, 9 + change)]
    exact.execute("update products set tracks_batches = false where id = %s", (a,))
    exact.execute("update products set tracks_batches = true where id = %s", (a,))
    assert exact.execute("select * from stocksync.opening_batches()").fetchall() == []


def test_what_is_lost_past_the_triggers_and_restored_is_in_batches_twice_and_found(
    exact: psycopg.Connection,
) -> None:
    """What the lost movement took stays taken, and the restore takes it again."""
    [a, *_] = shop(exact)
    lost = move(exact, a, 4, "sale")
    exact.execute("select stocksync.roll_up()")
    number = only(exact, "call stocksync.take_snapshot()")
    with exact.transaction():
        exact.execute("set local session_replication_role = replica")
        exact.execute("delete from stock_movements where id = %s", (lost,))
    exact.execute("call stocksync.restore(now(), p_snapshot_id => %s)", (number,))
    assert stock(exact, a) == 5
    assert exact.execute(
        "select sku, differs, stored, derived from stocksync.batch_discrepancies()"
    ).fetchall() == [("P0", "stock", 1, 5)]
    exact.execute("update products set tracks_batches = false where id = %s", (a,))
    exact.execute("update products set tracks_batches = true where id = %s", (a,))


def test_a_restored_dump_goes_on(
    exact: psycopg.Connection, ledger_url: str, tmp_path: Path
) -> None:
    ids = shop(exact)
    dump, copy = tmp_path / "dump", f"copy_{exact.info.dbname}"
    run(Embedded.tool("pg_dump"), "--format=custom", f"--file={dump}", f"--dbname={ledger_url}")
    exact.execute(f'create database "{copy}" template template0')
    try:
        url = make_conninfo(ledger_url, dbname=copy)
        restore(dump, url)
        with session(url) as restored:
            assert remaining(restored) == remaining(exact)
            move(restored, ids[0], 3, "sale_return", reference="r1")
            move(restored, ids[0], 4, "sale")
            move(restored, ids[1], 2, batch_number="L3")
            with raises_sql("SS001", 'insufficient stock of "P2"'):
                move(restored, ids[2], 10, "sale")
            assert differences(restored) == []
            assert only(restored, "select count(*) from stocksync.batch_discrepancies()") == 0
            assert only(restored, "select count(*) from stocksync.drift") == 0
    finally:
        exact.execute(f'drop database "{copy}" with (force)')


# Exhausted batches --------------------------------------------------------------------------------

READ = (
    "select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
    " from pg_stat_xact_user_tables"
    " where relname in ('stock_batches', 'batch_receipts', 'batch_consumptions', 'stock_movements')"
)


WRITES: dict[str, Callable[[psycopg.Connection, int], Any]] = {
    "sale": lambda db, a: move(db, a, 1, "sale"),
    "numbered": lambda db, a: move(db, a, 1, "sale", batch_number="open"),
    "named": lambda db, a: move(db, a, 1, "damage", batch_id=10_001),
    "receipt": lambda db, a: move(db, a, 1),
    "known number": lambda db, a: move(db, a, 1, batch_number="L77"),
    "return": lambda db, a: move(db, a, 1, "sale_return", reference="r1"),
    "return by what all share": lambda db, a: move(db, a, 1, "sale_return", reference="web"),
    "return of the last": lambda db, a: move(db, a, 1, "sale_return"),
    "reversal": lambda db, _: db.execute(
        "select stocksync.reverse_movement((select max(id) from stock_movements), 'x')"
    ),
    "correction": lambda db, _: db.execute(
        "update stock_movements set quantity = 1 where id = (select max(id) from stock_movements)"
    ),
    "deletion": lambda db, _: db.execute(
        "delete from stock_movements where id = (select max(id) from stock_movements)"
    ),
    "five": lambda db, a: db.execute(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " select %s, 'sale', 0.01 from generate_series(1, 5)",
        (a,),
    ),
}


@pytest.mark.parametrize("analyzed", [True, False])
def test_exhausted_batches_are_not_read(exact: psycopg.Connection, analyzed: bool) -> None:
    a = product(exact, tracks_batches=True)
    for kind, number in (("purchase", "'L' || n"), ("sale", "null")):
        exact.execute(
            "insert into stock_movements"
            " (product_id, transaction_type, quantity, occurred_at, batch_number, reference)"
            f" select %s, '{kind}', 1, '2026-01-01', {number}, 'web'"
            " from generate_series(1, 10000) as n",
            (a,),
        )
    move(exact, a, 10, batch_number="open")
    move(exact, a, 2, "sale", reference="r1")
    if analyzed:
        for table in ("stock_batches", "batch_receipts", "batch_consumptions", "stock_movements"):
            exact.execute(f"vacuum analyze {table}")
    for name, write in WRITES.items():
        # what is counted from here on is of this transaction
        exact.execute("select pg_stat_force_next_flush()")
        with exact.transaction(force_rollback=True):
            write(exact, a)
            exact.execute("set constraints all immediate")
            read = dict(exact.execute(READ).fetchall())
            # a thousand are looked at: of the reference, of the product
            assert max(read.values()) < (2000 if name.startswith("return ") else 100), (
                name,
                read,
            )


def test_many_lines_of_products_that_have_just_begun_to_track_batches(exact) -> None:
    # The planner still believes that none does: what it then joins, it joins row by row.
    exact.execute(
        "insert into products (sku, name) select 'S' || n, 'x' from generate_series(1, 1000) as n"
    )
    exact.execute("analyze products, stock_batches, stock_movements")
    exact.execute("update products set tracks_batches = true")

    def receive(numbers: int) -> float:
        start = perf_counter()
        exact.execute(
            "insert into stock_movements"
            " (product_id, transaction_type, quantity, batch_number, expiry_date, unit_cost)"
            " select p.id, 'purchase', 5, %s || '-' || n, date '2126-01-01' + n, 1"
            " from products as p cross join generate_series(1, %s) as n",
            (str(numbers), numbers),
        )
        return perf_counter() - start

    assert receive(8) < 24 * receive(1)
