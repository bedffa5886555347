"""What a fix did is told as it was planned."""

import psycopg
from helpers import acting_as, behind, move, product

COLUMNS = "sku, kind, class, change, before, after, skipped"


def test_what_was_done_reads_as_what_was_planned(ledger: psycopg.Connection) -> None:
    ledger.execute("insert into locations (name) values ('shop')")
    for n in range(1, 6):
        product(ledger, f"P{n}", tracks_batches=n == 3, allow_negative=True)
        move(ledger, n, 10)
    move(ledger, 4, 5, "sale", location_id=1)
    move(ledger, 4, 7, "sale")
    ledger.execute("update products set allow_negative = false where id = 4")
    ledger.execute("update products set quantity_on_hand = 7, total_stock = 8 where id = 1")
    behind(
        ledger,
        "delete from products where id = 5",
        "update stocksync.stock_daily set quantity = 3 where product_id = 2",
        "insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
        " values (3, 'sale', 'out', 4)",
    )
    kinds = ["fields", "batches", "ledger"]
    planned = ledger.execute(
        f"select {COLUMNS} from stocksync.fix_dry_run(%s)", (kinds,)
    ).fetchall()
    assert len(planned) > 9
    [(run, _)] = ledger.execute("call stocksync.fix(%s)", (kinds,)).fetchall()
    assert (
        ledger.execute(f"select {COLUMNS} from stocksync.fixed(%s)", (run,)).fetchall() == planned
    )
    with acting_as(ledger, "stocksync_auditor"):
        assert len(ledger.execute("select from stocksync.fixed(%s)", (run,)).fetchall()) == len(
            planned
        )


def test_an_unknown_run_fixed_nothing(ledger: psycopg.Connection) -> None:
    assert ledger.execute("select from stocksync.fixed(77)").fetchall() == []
