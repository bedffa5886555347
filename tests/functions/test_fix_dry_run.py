"""What a fix would do, before it does it."""

import json
from typing import Any

import psycopg
import pytest
from helpers import acting_as, behind, move, only, product, raises_sql


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    for sku in "ABC":
        product(ledger, sku, tracks_batches=sku == "C")
    for n in (1, 2, 3):
        move(ledger, n, 10)
    ledger.execute("select stocksync.roll_up()")
    return ledger


def plan(db: psycopg.Connection, *kinds: str, **options: Any) -> list[tuple[Any, ...]]:
    return db.execute(
        "select sku, kind, class, change, before, after, skipped"
        " from stocksync.fix_dry_run(%s, %s, %s)",
        (
            list(kinds),
            options.get("ids"),
            json.dumps(options["report"]) if "report" in options else None,
        ),
    ).fetchall()


def report(db: psycopg.Connection, *ids: int, **changes: Any) -> dict[str, Any]:
    """The report of an audit, as far as a fix reads it."""
    findings = [
        {
            "product_id": row[0],
            "status": row[3],
            "is_deleted": row[4],
            "stock": dict(
                zip(
                    ("quantity_on_hand", "total_stock", "ledger", "rolled_up", "by_location",
                     "batches"),
                    (float(n) if n is not None else None for n in row[5:11]),
                    strict=True,
                )
            ),
            "classes": ["on_hand_vs_ledger"],
            "difference": None,
        }
        for row in db.execute("select * from stocksync.stock_sources(%s)", (list(ids),))
    ]  # fmt: skip
    return {
        "schema": "stocksync-audit-1",
        "database": only(db, "select current_database()"),
        "run": 1,
        "sources": [],
        "scope": {"products": None, "product_id": None, "deep": False},
        "findings": findings,
        **changes,
    }


def test_where_all_is_right_there_is_nothing_to_do(shop: psycopg.Connection) -> None:
    assert plan(shop, "fields", "batches", "ledger", "missing") == []


def test_fields_become_what_the_movements_say(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 12.50 where id = 1")
    behind(shop, "update stocksync.stock_total set quantity = 11 where product_id = 2")
    assert plan(shop, "fields") == [
        ("A", "fields", "on_hand_vs_ledger", "quantity_on_hand", "12.5", "10", None),
        ("B", "fields", "roll_up_vs_ledger", "roll_up", "11", "10", None),
    ]
    assert [row[0] for row in plan(shop, "fields", ids=[2])] == ["B"]
    assert plan(shop, "batches", "ledger", "missing") == []


def test_batches_wait_for_the_levels_they_follow(shop: psycopg.Connection) -> None:
    behind(
        shop,
        "insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
        " values (3, 'sale', 'out', 4)",
    )
    assert plan(shop, "batches") == [
        ("C", "batches", "on_hand_vs_batches", "batches", "10", "6",
         "its stock by place is not right: fix its fields first"),
    ]  # fmt: skip
    assert plan(shop, "fields", "batches")[-1] == (
        "C", "batches", "on_hand_vs_batches", "batches", "10", "6", None,
    )  # fmt: skip


def test_movements_whose_product_is_gone_get_one(shop: psycopg.Connection) -> None:
    behind(shop, "delete from products where id = 1")
    assert plan(shop, "fields") == []
    assert plan(shop, "ledger") == [
        ("restored-1", "fields", "on_hand_vs_ledger", "quantity_on_hand", "0", "10", None),
        ("restored-1", "fields", "stock_vs_total_stock", "total_stock", "0", "10", None),
        ("restored-1", "ledger", "orphan_movement", "product", "gone", "inactive, deleted", None),
    ]
    assert len(plan(shop, "ledger", ids=[1])) == 3


def test_what_is_below_zero_though_refused_is_counted(shop: psycopg.Connection) -> None:
    shop.execute("insert into locations (name) values ('shop')")
    shop.execute("update products set allow_negative = true where id = 1")
    move(shop, 1, 12, "sale", location_id=1)
    assert plan(shop, "ledger") == []
    shop.execute("update products set allow_negative = false where id = 1")
    assert plan(shop, "ledger") == [
        ("A", "ledger", "negative", "movement at shop", None, "+12", None)
    ]


def test_what_has_changed_since_the_report_is_skipped(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 12 where id < 3")
    told = report(shop, 1, 2)
    move(shop, 2, 1, "sale")
    assert [(row[0], row[-1]) for row in plan(shop, "fields", report=told)] == [
        ("A", None),
        ("B", "it has changed since the report"),
    ]
    assert [row[0] for row in plan(shop, "fields", report=told, ids=[1])] == ["A"]
    shop.execute("update products set quantity_on_hand = 13 where id = 3")
    assert [row[0] for row in plan(shop, "fields", report=told)] == ["A", "B"]


def test_the_shop_shows_what_a_report_says_is_missing(shop: psycopg.Connection) -> None:
    shop.execute("update products set status = 'draft' where id = 1")
    shop.execute("update products set is_deleted = true where id = 2")
    told = report(shop, 1, 2, 3)
    for finding in told["findings"]:
        finding["classes"] = ["missing_from_api"]
    assert plan(shop, "missing", report=told) == [
        ("A", "missing", "missing_from_api", "status", "draft", "active", None),
        ("B", "missing", "missing_from_api", "is_deleted", "true", "false", None),
    ]
    assert plan(shop, "missing") == []  # no audit has read an API


@pytest.mark.parametrize(
    ("kinds", "told", "message"),
    [
        ([], None, "nothing to fix is named"),
        (["fields", "all"], None, 'unknown kind of fix "all"'),
        (["fields", None], None, 'unknown kind of fix "<NULL>"'),
        (["fields"], {}, "the report given is none of an audit"),
        (["fields"], [], "the report given is none of an audit"),
        (["fields"], {"schema": "stocksync-audit-1"}, "the report given is none of an audit"),
        (["fields"], report, 'the report is of database "elsewhere"'),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(
    shop: psycopg.Connection, kinds: list[str], told: Any, message: str
) -> None:
    if callable(told):
        told = told(shop, 1, database="elsewhere")
    with raises_sql("22023", message):
        plan(shop, *kinds, **({} if told is None else {"report": told}))


def test_an_unknown_product_is_refused(shop: psycopg.Connection) -> None:
    with raises_sql("P0002", "product 77 does not exist"):
        plan(shop, "fields", ids=[77])


def test_auditors_may_ask(shop: psycopg.Connection) -> None:
    with acting_as(shop, "stocksync_auditor"):
        assert plan(shop, "fields") == []
