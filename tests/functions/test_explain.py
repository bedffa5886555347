"""How a number comes about: the lines add up."""

from decimal import Decimal

import psycopg
from helpers import move, product, raises_sql
from time_helpers import archive, at, close

LINES = "select line, quantity, movements from stocksync.explain('A')"


def total(lines: list[tuple[str, Decimal, int | None]]) -> None:
    """Check that types sum to the ledger, and the ledger and what differs to what is on hand."""
    by_line = {line: quantity for line, quantity, _ in lines}
    types = [line for line in by_line if line.startswith(("in: ", "out: "))]
    assert sum(by_line[line] for line in types) == by_line["ledger"]
    assert by_line["ledger"] + by_line.get("differs from the ledger by", 0) == by_line["on hand"]
    counts = {line: count for line, _, count in lines}
    assert sum(counts[line] for line in types) == counts["ledger"]


def test_the_lines_add_up(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, b, 1000)
    move(ledger, a, 20, occurred_at="2025-01-01 00:00:00+00")
    move(ledger, a, "0.50", occurred_at="2025-01-02 00:00:00+00")
    ledger.execute("select stocksync.roll_up()")
    move(ledger, a, 5, "sale")
    ledger.execute("update products set quantity_on_hand = 30 where sku = 'A'")
    lines = ledger.execute(LINES).fetchall()
    assert lines == [
        ("in: purchase", Decimal("20.5"), 2),
        ("out: sale", -5, 1),
        ("ledger", Decimal("15.5"), 3),
        ("differs from the ledger by", Decimal("14.5"), None),
        ("on hand", 30, None),
        ("not yet rolled up", -5, 1),
        ("manual update of stock", Decimal("14.5"), 1),
    ]
    total(lines)
    ledger.execute("call stocksync.sync()")
    ledger.execute("select stocksync.roll_up()")
    lines = ledger.execute(LINES).fetchall()
    assert lines == [
        ("in: purchase", Decimal("20.5"), 2),
        ("out: sale", -5, 1),
        ("ledger", Decimal("15.5"), 3),
        ("on hand", Decimal("15.5"), None),
        ("corrected by sync", Decimal("-14.5"), 1),
        ("manual update of stock", Decimal("14.5"), 1),
    ]
    total(lines)
    assert ledger.execute(
        "select first_at = '2025-01-01 00:00:00+00', last_at = '2025-01-02 00:00:00+00'"
        " from stocksync.explain('A') where line = 'in: purchase'"
    ).fetchall() == [(True, True)]


def test_reversals_deletes_and_types_of_ones_own_add_up(ledger: psycopg.Connection) -> None:
    ledger.execute("insert into transaction_types values ('loan_out', 'out', 'Lent')")
    a = product(ledger)
    move(ledger, a, 10, reverses_id=move(ledger, a, 10))
    move(ledger, a, 3, "loan_out")
    gone = move(ledger, a, 7)
    ledger.execute("delete from stock_movements where id = %s", (gone,))
    lines = ledger.execute(LINES).fetchall()
    total(lines)
    assert lines[:4] == [
        ("in: purchase", 0, 2),
        ("out: loan_out", -3, 1),
        ("ledger", -3, 3),
        ("on hand", -3, None),
    ]


def test_a_product_that_never_moved(ledger: psycopg.Connection) -> None:
    product(ledger)
    lines = ledger.execute(LINES).fetchall()
    assert lines == [("ledger", 0, 0), ("on hand", 0, None)]


def test_an_update_that_was_kept_out_is_told_too(ledger: psycopg.Connection) -> None:
    product(ledger)
    ledger.execute("update stocksync.settings set manual_updates = 'keep_out'")
    ledger.execute("update products set quantity_on_hand = 3")
    assert ledger.execute(LINES).fetchall()[-1] == ("manual update of stock kept out", 3, 1)


def test_an_unknown_sku_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", 'unknown sku "A"'):
        ledger.execute(LINES)


def test_a_type_that_is_gone_adds_up_all_the_same(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute("set session_replication_role = replica")
    ledger.execute("delete from transaction_types")
    total(ledger.execute(LINES).fetchall())


def test_what_is_archived_is_told_apart(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10 12:00+00")
    move(ledger, a, 10, occurred_at="2024-01-12 12:00+00")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    move(ledger, a, 3, "sale")
    ledger.execute("select stocksync.roll_up()")
    assert ledger.execute(LINES).fetchall() == [
        ("archived: purchase", 20, 2),
        ("out: sale", -3, 1),
        ("ledger", 17, 3),
        ("on hand", 17, None),
    ]
    assert ledger.execute(
        "select first_at, last_at from stocksync.explain('A') where line like 'archived%'"
    ).fetchall() == [(at("2024-01-10"), at("2024-01-12"))]


def test_what_remains_of_each_batch_is_said(ledger: psycopg.Connection) -> None:
    ledger.execute("insert into locations (name) values ('Paris')")
    p = product(ledger, "A", tracks_batches=True)
    for cost in (1, 2):
        move(ledger, p, 5, batch_number="L-1", expiry_date="2030-01-01", unit_cost=cost)
    move(ledger, p, 3, batch_number="L-2", location_id=1)
    move(ledger, p, 1, batch_number="gone")
    move(ledger, p, 1, "sale", batch_number="gone")
    lines = ledger.execute(LINES).fetchall()
    assert lines[-2:] == [
        ("remains of batch L-1, expires 2030-01-01", 10, None),
        ("remains of batch L-2, at Paris", 3, None),
    ]
    total(lines)
