"""What an audit finds: which sources part, why, and since which movement."""

from typing import Any

import psycopg
import pytest
from helpers import acting_as, behind, move, only, product, raises_sql

# "a" is plain, "b" has movements at two places, "c" tracks batches, "d" is right in every test.
A, B, C, D = 1, 2, 3, 4


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    for sku in "ABCD":
        product(ledger, sku, tracks_batches=sku == "C")
    ledger.execute("insert into locations (name) values ('shop'), ('store')")
    for n in range(1, 4):
        at = f"2024-05-0{n} 12:00"
        move(ledger, A, 10, occurred_at=at)
        move(ledger, B, 10, location_id=1 + n % 2, occurred_at=at)
        move(ledger, C, 10, batch_number=f"L{n}", occurred_at=at)
        move(ledger, D, 10, occurred_at=at)
    move(ledger, C, 4, "sale")
    ledger.execute("select stocksync.roll_up()")
    return ledger


def found(db: psycopg.Connection, **options: Any) -> list[tuple[Any, ...]]:
    return db.execute(
        "select product_id, classes, causes from stocksync.mismatches(p_deep => %(deep)s)",
        {"deep": options.get("deep", True)},
    ).fetchall()


def reasons(db: psycopg.Connection) -> list[dict[str, Any]]:
    return [
        reason
        for (reason,) in db.execute(
            "select r from stocksync.mismatches(p_deep => true) as m,"
            " jsonb_array_elements(m.reasons) as r"
        )
    ]


def test_nothing_is_found_where_all_is_right(shop: psycopg.Connection) -> None:
    assert found(shop) == []
    move(shop, A, 2, "sale")
    move(shop, C, 2, "sale")
    assert found(shop) == []


LEVELS = ["location_vs_ledger", "on_hand_vs_ledger", "roll_up_vs_ledger"]


@pytest.mark.parametrize(
    ("statement", "classes", "causes"),
    [
        ("insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
         " values (1, 'sale', 'out', 3)", LEVELS, ["load_bypassed_triggers"]),
        ("delete from stock_movements where product_id = 1 and occurred_at < '2024-05-02'",
         LEVELS, ["movements_deleted"]),
        ("delete from stock_movements where product_id = 1", LEVELS, ["movements_deleted"]),
        ("update stock_movements set quantity = 9 where product_id = 1 and id = 1",
         LEVELS, ["movements_changed"]),
        ("update stock_movements set occurred_at = '2024-06-01' where product_id = 1 and id = 1",
         ["roll_up_vs_ledger"], ["movements_changed"]),
        ("update stock_movements set location_id = 1 where product_id = 1 and id = 1",
         ["location_vs_ledger", "roll_up_vs_ledger"], ["movements_changed"]),
        ("update products set quantity_on_hand = 5, total_stock = 5 where id = 1",
         ["on_hand_vs_ledger"], ["changed_behind_triggers"]),
        ("update products set total_stock = 5 where id = 1",
         ["stock_vs_total_stock"], ["changed_behind_triggers"]),
        ("update stocksync.stock_total set quantity = 0 where product_id = 1",
         ["location_vs_ledger"], ["roll_up_changed"]),
        ("update stocksync.stock_daily set quantity = 0 where product_id = 1",
         ["roll_up_vs_ledger"], ["roll_up_changed"]),
        ("delete from products where id = 1", ["orphan_movement"], ["product_row_missing"]),
    ],
)  # fmt: skip
def test_what_happened_behind_the_triggers_is_named(
    shop: psycopg.Connection, statement: str, classes: list[str], causes: list[str]
) -> None:
    behind(shop, statement)
    assert found(shop) == [(1, classes, causes)]


def test_a_manual_update_names_who_and_when(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 37 where id = 1")
    assert found(shop) == [(1, ["on_hand_vs_ledger", "stock_vs_total_stock"], ["manual_update"])]
    first = reasons(shop)[0]
    assert first["by"] == only(shop, "select session_user::text")
    assert only(
        shop, "select %s::timestamptz = logged_at from stocksync.log where level = 'warning'",
        (first["since"],),
    )  # fmt: skip
    assert (first["stored"], first["derived"]) == (37, 30)
    shop.execute("call stocksync.sync()")
    behind(shop, "update products set quantity_on_hand = 31 where id = 1")
    assert found(shop)[0][2] == ["changed_behind_triggers"]


def test_a_fault_on_a_fault_has_both_reasons(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 37, total_stock = 37 where id = 1")
    behind(shop, "delete from stock_movements where id = 1")
    assert found(shop) == [(1, LEVELS, ["manual_update", "movements_deleted"])]


def test_the_first_movement_from_which_the_numbers_part(shop: psycopg.Connection) -> None:
    behind(
        shop,
        "insert into stock_movements (id, product_id, transaction_type, movement_type, quantity,"
        " occurred_at) values (900, 1, 'purchase', 'in', 1, '2024-05-02'),"
        " (901, 1, 'purchase', 'in', 1, '2024-05-03')",
    )
    assert {r["movement_id"] for r in reasons(shop)} == {900}


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("alter table stock_movements disable trigger _500_capture_insert", "trigger_disabled"),
        ("drop trigger _500_capture_insert on stock_movements", "trigger_missing"),
        ("alter table stocksync._journal disable trigger _500_settle", "trigger_disabled"),
    ],
)
def test_a_trigger_that_is_off_is_named(
    shop: psycopg.Connection, statement: str, cause: str
) -> None:
    with shop.transaction(force_rollback=True):
        shop.execute(statement)
        move(shop, A, 1)
        shop.execute("set constraints all immediate")
        assert [row[2] for row in found(shop)] == [[cause]]
        assert {r["text"].split(" (")[0].split(":")[0] for r in reasons(shop)} == {
            f"A trigger is {cause.removeprefix('trigger_')}"
        }


def test_levels_by_place_are_compared_place_by_place(shop: psycopg.Connection) -> None:
    behind(
        shop,
        "update stocksync.stock_total set quantity = quantity + case location_id when 1 then 2"
        " else -2 end where product_id = 2",
    )
    assert found(shop, deep=False) == [(2, ["location_vs_ledger"], ["roll_up_changed"])]
    assert [
        (r["location"], r["stored"], r["derived"])
        for r in reasons(shop)
        if r["class"] == "location_vs_ledger"
    ] == [("shop", 12, 10), ("store", 18, 20)]


def test_the_days_are_compared_by_a_deep_look(shop: psycopg.Connection) -> None:
    behind(shop, "update stocksync.stock_daily set day = day + 100 where product_id = 1")
    assert found(shop, deep=False) == []
    assert found(shop) == [(1, ["roll_up_vs_ledger"], ["roll_up_changed"])]


@pytest.mark.parametrize(
    ("statement", "classes", "cause"),
    [
        ("update stock_batches set quantity_remaining = 9 where batch_number = 'L2'",
         ["batch_vs_movements", "on_hand_vs_batches"], "batches_changed"),
        ("update stock_batches set quantity_received = 9 where batch_number = 'L2'",
         ["batch_vs_movements"], "batches_changed"),
        ("delete from stock_batches where batch_number = 'L2'",
         ["on_hand_vs_batches"], "batches_changed"),
        ("delete from batch_consumptions", ["batch_vs_movements"], "batches_changed"),
        ("insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
         " values (3, 'sale', 'out', 3)", [*LEVELS, "on_hand_vs_batches"],
         "load_bypassed_triggers"),
        ("delete from stock_movements where product_id = 3 and transaction_type = 'sale'",
         [*LEVELS, "on_hand_vs_batches"], "movements_deleted"),
    ],
)  # fmt: skip
def test_batches_are_compared_with_what_went_through_them(
    shop: psycopg.Connection, statement: str, classes: list[str], cause: str
) -> None:
    behind(shop, statement)
    assert found(shop) == [(C, sorted(classes), [cause])]


def test_stock_below_zero_where_that_is_refused(shop: psycopg.Connection) -> None:
    shop.execute("update products set allow_negative = true where id = 1")
    move(shop, A, 31, "sale")
    assert found(shop) == []
    shop.execute("update products set allow_negative = false where id = 1")
    assert found(shop) == [(1, ["negative"], ["rule_changed"])]


def test_a_closing_tells_what_was_removed_before_it(shop: psycopg.Connection) -> None:
    shop.execute("call stocksync.close_period('2024-05-31')")
    behind(shop, "delete from stock_movements where id = 1")
    shop.execute("call stocksync.sync(p_force => true)")
    assert found(shop) == [(1, ["closing_vs_ledger"], ["closed_movements_changed"])]


def test_only_what_is_asked_about(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 1")
    assert shop.execute(
        "select product_id from stocksync.mismatches(%s)", ([B, D],)
    ).fetchall() == [(B,), (D,)]


def test_an_unknown_reading_is_refused(shop: psycopg.Connection) -> None:
    with raises_sql("P0002", "reading 7 does not exist"):
        shop.execute("select from stocksync.mismatches(p_reading_id => 7)")


def test_auditors_may_ask(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 1")
    behind(shop, "update stock_batches set quantity_remaining = 9 where batch_number = 'L2'")
    with acting_as(shop, "stocksync_auditor"):
        assert len(found(shop)) == 4
    with acting_as(shop, "stocksync_app"), pytest.raises(psycopg.errors.InsufficientPrivilege):
        found(shop)


def test_a_look_at_one_product_reads_nothing_of_the_others(ledger: psycopg.Connection) -> None:
    """A fix looks at every product of every chunk: with all of the ledger it would take hours."""
    ledger.execute(
        "insert into products (sku, name, tracks_batches)"
        " select 'P' || n, n, true from generate_series(1, 300) as n"
    )
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        " select id, 'purchase', 10, '2026-01-01' from products"
    )
    ledger.execute("select stocksync.roll_up()")
    ledger.execute("call stocksync.close_period('2026-01-31')")
    ledger.execute("vacuum (analyze) stock_movements, stock_batches, batch_receipts")
    ledger.execute("set enable_seqscan = off")
    read = (
        "select relname, seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables"
        " where relname in ('stock_movements', 'batch_receipts')"
    )
    with ledger.transaction():
        before = dict(ledger.execute(read.encode()).fetchall())
        ledger.execute("select stocksync.mismatches(array[300::bigint], null, true)")
        for table, rows in ledger.execute(read.encode()).fetchall():
            assert rows - before.get(table, 0) < 100, table
