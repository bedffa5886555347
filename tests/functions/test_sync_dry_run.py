"""The dry run prints what the live run then corrects, and changes nothing."""

import psycopg
from helpers import move, only, product, raises_sql


def test_dry_and_live_say_the_same(ledger: psycopg.Connection) -> None:
    for sku in "ABC":
        move(ledger, product(ledger, sku), 10)
    ledger.execute("update products set quantity_on_hand = 12 where sku = 'A'")
    ledger.execute("update products set total_stock = 8 where sku = 'B'")
    ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    ledger.execute("update stocksync.stock_total set quantity = 1 where product_id = 3")
    columns = "product_id, sku, name, quantity_on_hand, ledger, difference, differs"
    dry = ledger.execute(f"select {columns} from stocksync.sync_dry_run()").fetchall()
    again = ledger.execute(f"select {columns} from stocksync.sync_dry_run()").fetchall()
    [(run,)] = ledger.execute("call stocksync.sync()").fetchall()
    live = ledger.execute(f"select {columns} from stocksync.corrections({run})").fetchall()
    assert [row[-1] for row in dry] == [["quantity_on_hand"], ["total_stock"], ["roll_up"]]
    assert dry == again == live
    assert only(ledger, "select count(*) from stocksync.sync_dry_run()") == 0


def test_it_leaves_no_trace(ledger: psycopg.Connection) -> None:
    product(ledger, quantity_on_hand=3)
    with ledger.transaction():
        ledger.execute("set transaction read only")
        assert only(ledger, "select difference from stocksync.sync_dry_run()") == 3
    assert only(ledger, "select count(*) from stocksync.runs") == 0


def test_what_it_is_asked_about_must_be_there(ledger: psycopg.Connection) -> None:
    product(ledger)
    with raises_sql("P0002", "product 999 does not exist"):
        ledger.execute("select * from stocksync.sync_dry_run(999)")
    ledger.execute("set time zone 'UTC'")
    with raises_sql("22023", "2999-01-01 00:00:00+00 is in the future"):
        ledger.execute("select * from stocksync.sync_dry_run(p_since => '2999-01-01')")
