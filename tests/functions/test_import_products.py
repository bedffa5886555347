"""Products from a file: created, and changed only when asked to."""

import psycopg
from helpers import only


def load(db: psycopg.Connection, *lines: str, update: bool = False) -> tuple[int, ...]:
    with db.transaction():
        columns = (
            "{sku,name,allow_negative,reorder_point,is_deleted,unit_cost,tracks_batches,"
            "batch_strategy}"
        )
        copy_statement = only(db, "select stocksync.stage_import('products', %s)", (columns,))
        with db.cursor().copy(copy_statement) as copy:
            for number, line in enumerate(lines, 2):
                copy.write(f"{number},,{line}{',' * (7 - line.count(','))}\n")
        [row] = db.execute(
            "select inserted, updated, already, differing, problems"
            " from stocksync.import_products('a file', %s)",
            (update,),
        ).fetchall()
    return row


def test_new_ones_the_same_and_others(ledger: psycopg.Connection) -> None:
    assert load(ledger, "A,Tea,no,5,,1.5", "B,Coffee,,,yes,") == (2, 0, 0, 0, 0)
    assert load(ledger, "A,Tea,false,5.0,no,", "C,Milk,,,,") == (1, 0, 1, 0, 0)
    assert load(ledger, "A,Green tea,,,,", "B,Coffee,,,,") == (0, 0, 1, 1, 0)
    assert load(ledger, "A,Green tea,,,,", "B,Coffee,,,,", update=True) == (0, 1, 1, 0, 0)
    assert ledger.execute(
        "select sku, name, allow_negative, reorder_point, is_deleted, unit_cost::text, status"
        " from products order by sku"
    ).fetchall() == [
        ("A", "Green tea", False, 5, False, "1.5", "active"),
        ("B", "Coffee", None, None, True, None, "active"),
        ("C", "Milk", None, None, False, None, "active"),
    ]


def test_one_bad_line_stops_all(ledger: psycopg.Connection) -> None:
    bad = ("A,Tea,,,,", "A,Tea again,,,,", ",Nothing,,,,", "D,,,,,", "E,x,maybe,,,", "F,x,,NaN,,",
           "G,x,,,,-1", "H,x,,,,,perhaps", "I,x,,,,,,FIFO")  # fmt: skip
    assert load(ledger, *bad) == (0, 0, 0, 0, 8)
    assert only(ledger, "select count(*) from products") == 0


def test_whether_a_product_tracks_batches_and_which_go_first(ledger: psycopg.Connection) -> None:
    assert load(ledger, "A,Tea,,,,,yes,lifo", "B,Milk,,,,,,fifo", "C,Salt") == (3, 0, 0, 0, 0)
    assert load(ledger, "A,Tea", "B,Milk,,,,,no,fifo", "C,Salt,,,,,false,fefo") == (0, 0, 3, 0, 0)
    assert load(ledger, "A,Tea,,,,,no", "B,Milk,,,,,,fefo") == (0, 0, 0, 2, 0)
    assert load(ledger, "A,Tea,,,,,no", "B,Milk,,,,,,fefo", update=True) == (0, 2, 0, 0, 0)
    assert ledger.execute(
        "select sku, tracks_batches, batch_strategy from products order by sku"
    ).fetchall() == [("A", False, "lifo"), ("B", False, "fefo"), ("C", False, "fefo")]
