"""The movements of a product, as people ask for them."""

import psycopg
from helpers import acting_as, move, product, raises_sql


def test_the_newest_come_first_and_out_is_negative(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, a, "2.50", occurred_at="2025-01-01", location_id=1, reference="INV-1")
    move(ledger, a, 3, "sale", occurred_at="2025-01-03", user_id="ann", notes="hm")
    move(ledger, a, 3, "sale", occurred_at="2025-01-03", reverses_id=2)
    move(ledger, a, 1, occurred_at="2024-01-01")
    move(ledger, b, 100)
    found = ledger.execute(
        "select movement_id, transaction_type, quantity::text, location, reference, reverses_id,"
        " user_id, notes from stocksync.movements('A')"
    ).fetchall()
    assert found == [
        (3, "sale", "3", None, None, 2, None, None),
        (2, "sale", "-3", None, None, None, "ann", "hm"),
        (1, "purchase", "2.5", "shelf", "INV-1", None, None, None),
        (4, "purchase", "1", None, None, None, None, None),
    ]
    limited = ledger.execute("select movement_id from stocksync.movements('A', 2)").fetchall()
    assert limited == [(3,), (2,)]


def test_each_says_of_which_batches_it_was(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    move(ledger, p, 1)
    ledger.execute("update products set tracks_batches = true")
    for number in ("L-2", "L-1"):
        move(ledger, p, 5, batch_number=number, expiry_date="2030-01-01")
    move(ledger, p, 10, "sale")
    move(ledger, p, 1, "sale", batch_number="opening")
    ledger.execute("select stocksync.reverse_movement(4, 'x')")
    for role in ("stocksync_app", "stocksync_auditor"):
        with acting_as(ledger, role):
            found = ledger.execute("select movement_id, batch from stocksync.movements('A')")
            assert sorted(found) == [
                (1, None), (2, "L-2"), (3, "L-1"), (4, "L-1, L-2"), (5, "opening"), (6, "L-1, L-2")
            ]  # fmt: skip


def test_an_unknown_sku_is_refused(ledger: psycopg.Connection) -> None:
    product(ledger)
    with raises_sql("P0002", 'unknown sku "X"'):
        ledger.execute("select * from stocksync.movements('X')")
