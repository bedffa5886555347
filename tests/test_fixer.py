"""``StockFixer``: what custom fixes in Python are made of."""

from __future__ import annotations

import textwrap
from decimal import Decimal

import psycopg
import pytest
from helpers import differences, move, only, stock, wait_until
from test_cli_fix import alone as alone
from test_cli_fix import shop as shop

from stocksync import Fix, StockFixer, fixer
from stocksync.errors import StocksyncError


def test_it_says_what_every_source_says(shop: psycopg.Connection, ledger_url: str) -> None:
    with StockFixer(ledger_url) as fixer:
        apple = fixer.product("A")
        assert apple == fixer.product(1)
        assert (apple["name"], apple["quantity_on_hand"], apple["ledger"]) == ("Apple", 7, 10)
        assert fixer.ledger_stock("A") == 10
        assert fixer.batch_stock("A") is None
        assert fixer.batch_stock("B") == 3
        assert fixer.batch_stock(2) == Decimal(3)


def test_mismatches_are_of_all_or_of_one(shop: psycopg.Connection, ledger_url: str) -> None:
    with StockFixer(ledger_url) as fixer:
        found = fixer.mismatches()
        assert [each["sku"] for each in found] == ["A", "B"]
        assert found[0]["classes"] == ["on_hand_vs_ledger", "stock_vs_total_stock"] or found[0][
            "classes"
        ] == ["on_hand_vs_ledger"]
        assert found[0]["difference"] == -3
        assert {reason["class"] for reason in found[0]["reasons"]} == set(found[0]["classes"])
        assert fixer.mismatches("B") == found[1:]
        assert fixer.mismatches(3) == []


def test_dry_it_plans_and_live_it_does_the_same(shop: psycopg.Connection, ledger_url: str) -> None:
    with StockFixer(ledger_url) as fixer:
        plan = fixer.fix("fields", "batches")
        assert plan[0] == Fix(
            1, "A", "Apple", "fields", "on_hand_vs_ledger", "quantity_on_hand", "7", "10", None
        )
        assert fixer.run_id is None
    assert stock(shop, 1) == 7
    with StockFixer(ledger_url, dry_run=False) as fixer:
        assert fixer.fix("fields", "batches") == plan
        assert fixer.run_id == 1
        assert fixer.audit_run_id == 2
        assert fixer.mismatches() == []
        assert fixer.fix("fields") == []
        assert fixer.audit_run_id is None
    assert differences(shop) == []


def test_products_are_ids_or_skus(shop: psycopg.Connection, ledger_url: str) -> None:
    with StockFixer(ledger_url) as fixer:
        assert [fix.sku for fix in fixer.fix("fields", "batches", products=["B", 3])] == ["B"]
        assert [fix.sku for fix in fixer.fix("fields", "batches", products=iter([1]))] == ["A"]
        # of no product, not of all
        assert fixer.fix("fields", products=[]) == []


def test_a_report_says_which_and_as_they_were(shop: psycopg.Connection, ledger_url: str) -> None:
    [(run,)] = shop.execute("call stocksync.audit()").fetchall()
    found = only(shop, "select stocksync.audit_report(%s)", (run,))
    move(shop, 2, "0.000001")
    with StockFixer(ledger_url, dry_run=False) as fixer:
        done = fixer.fix(report=found)
    assert [(fix.sku, fix.skipped is None) for fix in done] == [("A", True), ("B", False)]
    assert "changed since the report" in str(done[1].skipped)


def test_quantities_keep_their_digits(shop: psycopg.Connection, ledger_url: str) -> None:
    move(shop, 3, "123456789012345.123456")
    shop.execute("update products set quantity_on_hand = 0.000001 where id = 3")
    with StockFixer(ledger_url) as fixer:
        assert fixer.ledger_stock("C") == Decimal("123456789012346.123456")
        [carrot] = fixer.mismatches("C")
        assert not any(
            isinstance(part, float) for reason in carrot["reasons"] for part in reason.values()
        )


def test_what_is_not_there_is_an_error(shop: psycopg.Connection, ledger_url: str) -> None:
    with StockFixer(ledger_url) as fixer:
        with pytest.raises(StocksyncError, match="product 99 does not exist"):
            fixer.product(99)
        with pytest.raises(psycopg.errors.NoDataFound, match='unknown sku "99"'):
            fixer.ledger_stock("99")
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="unknown kind"):
            fixer.fix("everything")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="name the kinds"):
            fixer.fix()
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            fixer.fix("fields", report={"schema": "another"})


def test_closed_it_is_of_no_use_and_closing_again_does_no_harm(ledger_url: str) -> None:
    fixer = StockFixer(ledger_url)
    with fixer:
        pass
    fixer.close()
    with pytest.raises(psycopg.OperationalError, match="closed"):
        fixer.product(1)


def test_its_database_is_that_of_the_program(
    shop: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKSYNC_DATABASE_URL", ledger_url)
    with StockFixer() as fixer:
        assert fixer.dry_run
        assert fixer.product("A")["product_id"] == 1


def test_a_database_without_stocksync_is_an_error(db: psycopg.Connection, db_url: str) -> None:
    db.execute("drop schema stocksync cascade")
    with pytest.raises(psycopg.errors.InvalidSchemaName):
        StockFixer(db_url)
    wait_until(
        db,
        "select not exists (select from pg_stat_activity where datname = current_database()"
        " and application_name = 'stocksync')",
    )


def test_the_example_of_the_module_runs(
    shop: psycopg.Connection,
    ledger_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Those of README and docs are run by test_docs."""
    _, *middle, _ = str(fixer.__doc__).split("\n\n")
    example = textwrap.dedent("\n\n".join(middle))
    assert example.startswith("from stocksync import StockFixer\n")
    monkeypatch.setenv("STOCKSYNC_DATABASE_URL", ledger_url)
    exec(compile(example, "the example", "exec"), {})
    assert capsys.readouterr().out == "B batches 3 -> 5\n"
