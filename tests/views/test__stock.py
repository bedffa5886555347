"""The stock of all products at once."""

import psycopg
from helpers import acting_as, move, only, product


def test_it_is_what_everybody_reads_with_what_waits_and_without(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A", reorder_point=3), "2.50")
    move(ledger, product(ledger, "B", is_deleted=True, status="old"), 1, "sale")
    product(ledger, "C")
    both = [
        f"select * from {view} order by product_id"
        for view in ("stocksync._stock", "stock_on_hand")
    ]
    columns = [[column.name for column in ledger.execute(query).description] for query in both]
    assert columns[0] == columns[1]
    for waiting, stock in (((), [2.5, -1, 0]), (((1, 4), (1, "-0.5"), (3, -2)), [6, -1, -2])):
        for row in waiting:
            ledger.execute(
                "insert into stocksync._pending (product_id, quantity) values (%s, %s)", row
            )
        kept, read = (ledger.execute(query).fetchall() for query in both)
        assert kept == read
        assert [row[3] for row in kept] == stock


def test_the_view_of_the_applications_is_not_needed_to_tell_that_it_is_gone(
    db: psycopg.Connection,
) -> None:
    """Somebody changed a column of products, dropped with "cascade", and told nobody."""
    move(db, product(db), 1, "sale")
    db.execute("drop view stock_on_hand cascade")
    found = db.execute(
        "select check_name, detail from stocksync.doctor() where status <> 'ok' order by 1"
    ).fetchall()
    assert ("objects", "view public.stock_on_hand is missing") in found
    assert ("stock", "products whose stock is below zero: 1") in found
    assert only(db, "select count(*) from stocksync.alert_conditions()") == 1
    assert only(
        db, "select value from stocksync.metrics() where name = 'stocksync_negative_products'"
    ) == 1  # fmt: skip


def test_it_is_private(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute("select * from stocksync._stock").fetchall() == []
    assert not only(
        ledger, "select has_table_privilege('stocksync_app', 'stocksync._stock', 'select')"
    )
