"""Two reports show what was resolved, what is new, and what is still there."""

from typing import Any

import psycopg
import pytest
from audit_helpers import record_audit, stock
from helpers import acting_as, only, product, raises_sql
from psycopg.types.json import Jsonb

COMPARE = "select * from stocksync.compare_reports(%s, %s)"
HINT = (
    'Give what "stocksync audit --export FILE.json" or stocksync.audit_report() wrote, as it was.'
)


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    for sku in "ABCDE":
        product(ledger, sku)
    return ledger


def report(db: psycopg.Connection, *findings: dict[str, Any], **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = only(
        db, "select stocksync.audit_report(%s)", (record_audit(db, *findings, **options),)
    )
    return found


def states(db: psycopg.Connection, before: Any, after: Any) -> list[tuple[str, str]]:
    rows = db.execute(
        "select coalesce(sku, product_id::text, api_id), state"
        " from stocksync.compare_reports(%s, %s)",
        (Jsonb(before), Jsonb(after)),
    )
    return rows.fetchall()  # type: ignore[return-value]


def on_hand(product_id: int, quantity: Any) -> dict[str, Any]:
    return stock(product_id, quantity_on_hand=quantity, classes=["on_hand_vs_ledger"])


def test_resolved_new_changed_and_the_same(shop: psycopg.Connection) -> None:
    before = report(shop, on_hand(1, 12), on_hand(2, 12), on_hand(3, 12))
    after = report(shop, on_hand(2, 13), on_hand(3, 12), on_hand(4, 9))
    with acting_as(shop, "stocksync_auditor"):
        rows = shop.execute(COMPARE, (Jsonb(before), Jsonb(after))).fetchall()
    wrong = ["on_hand_vs_ledger"]
    assert rows == [
        (4, None, "D", "D", "new", None, wrong, None, -1),
        (2, None, "B", "B", "changed", wrong, wrong, 2, 3),
        (3, None, "C", "C", "same", wrong, wrong, 2, 2),
        (1, None, "A", "A", "resolved", wrong, None, 2, None),
    ]
    assert {state for _, state in states(shop, after, after)} == {"same"}


def test_what_is_as_much_apart_after_a_sale_is_the_same(shop: psycopg.Connection) -> None:
    before = report(shop, stock(1, 10, total_stock=12, classes=["stock_vs_total_stock"]))
    after = report(shop, stock(1, 7, total_stock=9, classes=["stock_vs_total_stock"]))
    assert states(shop, before, after) == [("A", "same")]


def test_another_class_is_a_change(shop: psycopg.Connection) -> None:
    before = report(shop, stock(1, total_stock=12, classes=["stock_vs_total_stock"]))
    after = report(shop, stock(1, total_stock=12, classes=["stock_vs_total_stock", "negative"]))
    assert states(shop, before, after) == [("A", "changed")]


def test_what_only_lagged_is_neither_new_nor_still_there(shop: psycopg.Connection) -> None:
    lag = stock(1, api=3, api_id="a", classes=["lag"])
    wrong = stock(1, api=3, api_id="a", classes=["on_hand_vs_api"])
    assert states(shop, report(shop, reading=1), report(shop, lag, reading=2)) == []
    assert states(shop, report(shop, wrong, reading=1), report(shop, lag, reading=2)) == [
        ("A", "resolved")
    ]


def test_what_one_of_them_did_not_look_at_is_not_called_resolved_or_new(
    shop: psycopg.Connection,
) -> None:
    with_api = report(
        shop, stock(1, classes=["missing_from_api"]), on_hand(2, 12), on_hand(3, 12), reading=1
    )
    one_product = report(shop, products=1, product_id=3)
    assert states(shop, with_api, one_product) == [
        ("A", "not_compared"), ("B", "not_compared"), ("C", "resolved")
    ]  # fmt: skip
    without_api = report(shop)
    assert states(shop, with_api, without_api) == [
        ("A", "not_compared"), ("B", "resolved"), ("C", "resolved")
    ]  # fmt: skip
    again = report(shop, stock(1, classes=["missing_from_api"]), reading=2)
    assert states(shop, without_api, again) == [("A", "not_compared")]


def test_what_only_a_deep_look_finds_is_not_called_resolved_by_another(
    shop: psycopg.Connection,
) -> None:
    wrong = stock(1, classes=["roll_up_vs_ledger"])
    assert states(shop, report(shop, wrong, deep=True), report(shop)) == [("A", "not_compared")]
    assert states(shop, report(shop, wrong), report(shop)) == [("A", "resolved")]
    assert states(shop, report(shop, wrong), report(shop, deep=True)) == [("A", "resolved")]


def test_what_an_audit_of_several_products_did_not_find_is_not_called_resolved(
    shop: psycopg.Connection,
) -> None:
    """A report does not say which products they were."""
    before = report(shop, on_hand(1, 12))
    assert states(shop, before, report(shop, products=2)) == [("A", "not_compared")]


def test_the_quantity_of_a_source_that_only_one_has_is_no_change(shop: psycopg.Connection) -> None:
    before = report(shop, on_hand(1, 12))
    after = report(shop, on_hand(1, 12) | {"api": 10, "api_id": "a"}, reading=1)
    assert states(shop, before, after) == [("A", "same")]


def test_what_only_the_api_knows_is_compared_by_its_id(shop: psycopg.Connection) -> None:
    def ghost(api_id: str, quantity: int) -> dict[str, Any]:
        return {"product_id": None, "api_id": api_id, "api": quantity, "movements": 0,
                "classes": ["unknown_to_shop"]}  # fmt: skip

    before = report(shop, ghost("x", 1), ghost("y", 1), ghost("y", 2), reading=1)
    after = report(shop, ghost("x", 1), ghost("y", 2), reading=2)
    assert sorted(states(shop, before, after)) == [
        ("x", "same"), ("y", "resolved"), ("y", "same")
    ]  # fmt: skip


def test_a_product_whose_row_is_gone(shop: psycopg.Connection) -> None:
    orphan = {"product_id": 77, "ledger": 4, "rolled_up": 4, "classes": ["orphan_movement"]}
    assert states(shop, report(shop, orphan), report(shop, orphan)) == [("77", "same")]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ([], "It is no object of JSON."),
        ("x", "It is no object of JSON."),
        ({"schema": None}, 'Its "schema" is null.'),
        ({"schema": "stocksync-audit-9"}, 'Its "schema" is "stocksync-audit-9".'),
        ({"findings": None}, '"findings" is missing.'),
        ({"findings": {}}, '"findings" is missing.'),
        ({"run": "x"}, '"run" is missing.'),
        ({"database": 5}, '"database" is missing.'),
        ({"sources": None}, '"sources" is missing.'),
        ({"scope": None}, '"scope" is missing.'),
        ({"scope": {"products": 3}}, '"scope" does not say what was compared.'),
        ({"findings": [1]}, "Its finding number 1 is broken."),
        ({"findings": [{}]}, "Its finding number 1 is broken."),
        ({"product_id": "abc"}, "Its finding number 2 is broken."),
        ({"product_id": 1.5}, "Its finding number 2 is broken."),
        ({"product_id": 10**30}, "Its finding number 2 is broken."),
        ({"product_id": None}, "Its finding number 2 is broken."),
        ({"classes": "negative"}, "Its finding number 2 is broken."),
        ({"difference": "two"}, "Its finding number 2 is broken."),
        ({"stock": {"ledger": "ten"}}, "Its finding number 2 is broken."),
        ({"stock": None}, "Its finding number 2 is broken."),
    ],
)
def test_what_is_no_report_is_refused_with_what_is_wrong_about_it(
    shop: psycopg.Connection, change: Any, detail: str
) -> None:
    good = report(shop, on_hand(1, 15), on_hand(2, 12))
    if not isinstance(change, dict):
        bad = change
    elif change.keys() <= good.keys():
        bad = good | change
    else:
        bad = good | {"findings": [good["findings"][0], good["findings"][1] | change]}
    with raises_sql(
        "22023", "the report after is none of an audit", message_detail=detail, message_hint=HINT
    ):
        states(shop, good, bad)
    with raises_sql("22023", "the report before is none of an audit"):
        states(shop, bad, good)


def test_reports_that_do_not_go_together_are_refused(shop: psycopg.Connection) -> None:
    first, second = report(shop, on_hand(1, 12)), report(shop)
    with raises_sql("22023", "the report before is of a later audit than the report after"):
        states(shop, second, first)
    name = shop.info.dbname
    with raises_sql("22023", f'the reports are of different databases: "{name}" and "other"'):
        states(shop, first, second | {"database": "other"})
    with raises_sql("22023", "the report before leaves out 3 findings"):
        states(shop, first | {"omitted": 3}, second)
    with raises_sql("22023", "the report after leaves out 1 findings"):
        states(shop, first, second | {"omitted": 1})
