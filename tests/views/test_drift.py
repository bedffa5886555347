"""What somebody changed by hand. Every kind of change is in tests/test_drift.py."""

import psycopg


def test_nothing_where_all_is_well_then_what_was_changed(db: psycopg.Connection) -> None:
    drift = "select kind, identity, state, path from stocksync.drift order by identity"
    assert db.execute(drift).fetchall() == []
    db.execute("alter table products add column colour text")
    db.execute("drop view stock_on_hand")
    db.execute("alter function stocksync.roll_up() cost 7")
    assert db.execute(drift).fetchall() == [
        ("column", "public.products.colour", "extra", None),
        ("view", "public.stock_on_hand", "missing", "views/stock_on_hand.sql"),
        ("function", "stocksync.roll_up()", "changed", "functions/roll_up.sql"),
    ]
