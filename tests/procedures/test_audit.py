"""The audit compares everything and corrects nothing."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql


def test_a_right_ledger_has_no_findings(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10)
    run = only(ledger, "call stocksync.audit()")
    assert ledger.execute(
        "select command, products_found, products_corrected, finished_at is not null"
        " from stocksync.runs where id = %s",
        (run,),
    ).fetchall() == [("audit", 0, 0, True)]
    assert ledger.execute("select distinct level from stocksync.log").fetchall() == [("info",)]


@pytest.mark.parametrize(
    ("statement", "classes"),
    [
        ("update products set quantity_on_hand = 11",
         ["on_hand_vs_ledger", "stock_vs_total_stock"]),
        ("update products set total_stock = 11", ["stock_vs_total_stock"]),
        ("update stocksync.stock_daily set day = day - 1", ["roll_up_vs_ledger"]),
        ("update stocksync.stock_total set quantity_in = 11", ["roll_up_vs_ledger"]),
        ("update stocksync.stock_total set first_on = first_on - 1", ["roll_up_vs_ledger"]),
        ("update stocksync.stock_total set last_on = last_on + 1", ["roll_up_vs_ledger"]),
        ("update stocksync.stock_total set last_count_on = last_on", ["roll_up_vs_ledger"]),
        ("insert into stocksync._pending (product_id, quantity) values (1, 1)",
         ["on_hand_vs_ledger"]),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_found_and_left_and_sync_cures_it(
    ledger: psycopg.Connection, statement: str, classes: list[str]
) -> None:
    move(ledger, product(ledger), 10)
    ledger.execute("select stocksync.roll_up()")
    ledger.execute(statement)
    run = only(ledger, "call stocksync.audit(p_deep => true)")
    assert only(ledger, "select classes from stocksync.findings(%s)", (run,)) == classes
    assert only(ledger, "select products_found from stocksync.runs where id = %s", (run,)) == 1
    assert differences(ledger) != []
    assert only(
        ledger, "select context -> 'products_found' from stocksync.log where level = 'warning'"
        " and message = 'stock synchronization completed'"
    ) == 1  # fmt: skip
    ledger.execute("call stocksync.sync(p_force => true)")
    assert differences(ledger) == []


def test_an_auditor_may_read_findings_and_not_make_them(ledger: psycopg.Connection) -> None:
    run = only(ledger, "call stocksync.audit()")
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute("select * from stocksync.findings(%s)", (run,)).fetchall() == []
        with raises_sql("42501", "permission denied for procedure audit"):
            ledger.execute("call stocksync.audit()")


def test_an_operator_may(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_operator"):
        assert only(ledger, "call stocksync.audit()")


def test_an_audit_of_one_product_says_nothing_of_the_others(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, b, 10)
    ledger.execute("update products set quantity_on_hand = 11")
    run = only(ledger, "call stocksync.audit(p_product_ids => array[%s])", (a,))
    assert ledger.execute("select sku from stocksync.findings(%s)", (run,)).fetchall() == [("A",)]
    assert only(ledger, "select options from stocksync.runs where id = %s", (run,)) == {
        "products": 1,
        "product_id": a,
    }
    assert only(ledger, "select cost -> 0 -> 'done' from stocksync.runs where id = %s", (run,)) == {
        "products": 1,
        "found": 1,
        "lag": 0,
    }


def test_a_product_that_is_not_there_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "product 7 does not exist"):
        ledger.execute("call stocksync.audit(p_product_ids => array[7])")
    assert ledger.execute("select from stocksync.runs").fetchall() == []
