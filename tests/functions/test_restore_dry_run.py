"""What a restore would do, and does."""

import psycopg
from helpers import acting_as, move, only, product, raises_sql, stock
from time_helpers import archive, close

DRY = "select sku, balance, since, restored, quantity_on_hand, difference, booked, differs from {}"


def test_it_says_what_the_restore_then_does_and_changes_nothing(ledger: psycopg.Connection) -> None:
    for sku in "ABC":
        move(ledger, product(ledger, sku), 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    move(ledger, product(ledger, "D"), 1)
    ledger.execute("set session_replication_role = replica")
    ledger.execute("update stock_movements set quantity = 4 where product_id = 1")
    ledger.execute("set session_replication_role = origin")
    ledger.execute("update products set quantity_on_hand = 99 where sku in ('B', 'D')")
    with ledger.transaction():
        ledger.execute("set transaction read only")
        dry = ledger.execute(DRY.format("stocksync.restore_dry_run('2024-02-01')")).fetchall()
    assert dry == [
        ("A", 10, 0, 10, 10, 0, 6, ["movements", "quantity_on_hand", "total_stock", "roll_up"]),
        ("B", 10, 0, 10, 99, 89, 0, ["quantity_on_hand"]),
        ("D", 0, 1, 1, 99, 98, 0, ["quantity_on_hand"]),
    ]
    assert (
        ledger.execute(DRY.format("stocksync.restore_dry_run('2024-02-01', 2)")).fetchall()
        == dry[1:2]
    )
    ledger.execute("call stocksync.restore('2024-02-01')")
    assert [stock(ledger, n) for n in (1, 2, 3, 4)] == [10, 10, 10, 1]
    assert only(ledger, "select count(*) from stocksync.restore_dry_run('2024-02-01')") == 0


def test_the_movements_alone_have_no_balance(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10)
    ledger.execute("update products set quantity_on_hand = 3")
    assert ledger.execute(DRY.format("stocksync.restore_dry_run('2024-02-01')")).fetchall() == [
        ("A", None, 10, 10, 3, -7, 0, ["quantity_on_hand"])
    ]


def test_what_is_archived_is_trusted_as_it_was_kept(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10 12:00+00")
    ledger.execute("call stocksync.take_snapshot('2024-01-10 13:00+00')")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    assert ledger.execute("select * from stocksync.restore_dry_run('2024-02-01')").fetchall() == []
    with raises_sql("SS006", "movements that tell this are archived"):
        ledger.execute("select * from stocksync.restore_dry_run('2024-01-15')")


def test_what_it_is_asked_about_must_be_there(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        with raises_sql("P0002", "product 999 does not exist"):
            ledger.execute("select * from stocksync.restore_dry_run('2024-02-01', 999)")
        with raises_sql("P0002", "snapshot 999 does not exist"):
            ledger.execute("select * from stocksync.restore_dry_run('2024-02-01', null, 999)")
