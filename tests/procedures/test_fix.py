"""A fix does what its dry run says, records what was there, and looks at what it has touched."""

import json
from collections.abc import Callable

import psycopg
import pytest
from helpers import (
    Actor,
    acting_as,
    behind,
    differences,
    move,
    only,
    product,
    raises_sql,
    stock,
    wait_until,
    wait_until_blocked,
)

ALL = ["fields", "batches", "ledger", "missing"]


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    for sku in "ABC":
        product(ledger, sku, tracks_batches=sku == "C")
    for n in (1, 2, 3):
        move(ledger, n, 10)
    return ledger


def fix(db: psycopg.Connection, *kinds: str, **options: object) -> tuple[int, int | None]:
    row = db.execute(
        "call stocksync.fix(%s, p_product_ids => %s, p_report => %s)",
        (list(kinds or ALL), options.get("ids"), options.get("report")),
    ).fetchone()
    assert row is not None
    return row


def test_it_ends_with_an_audit_of_what_it_touched(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 12 where id = 1")
    run, audit = fix(shop)
    assert differences(shop) == []
    assert shop.execute(
        "select command, options, products_found, products_corrected, products_failed"
        " from stocksync.runs order by id"
    ).fetchall() == [
        ("fix", {"kinds": ALL}, 1, 1, 0),
        ("audit", {"fix": run, "deep": True, "products": 1, "product_id": 1}, 0, 0, 0),
    ]
    assert audit == run + 1


def test_where_nothing_is_wrong_nothing_is_audited(shop: psycopg.Connection) -> None:
    assert fix(shop)[1] is None
    assert shop.execute("select command from stocksync.runs").fetchall() == [("fix",)]


def test_only_what_is_asked_for_is_fixed(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 12 where id < 3")
    fix(shop, "batches", "ledger", "missing")
    assert stock(shop, 1) == 12
    fix(shop, "fields", ids=[2])
    assert (stock(shop, 1), stock(shop, 2)) == (12, 10)


def test_batches_follow_the_movements_again(shop: psycopg.Connection) -> None:
    move(shop, 3, 5, batch_number="L", expiry_date="2030-01-01")
    behind(
        shop,
        "insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
        " values (3, 'sale', 'out', 4)",
        "update stock_batches set quantity_received = 77",
    )
    fix(shop)
    assert differences(shop) == []
    # first what expires first
    assert shop.execute(
        "select batch_number like '#%', quantity_remaining from stock_batches order by id"
    ).fetchall() == [(True, 10), (False, 1)]
    images = only(shop, "select images from stocksync.incidents where class = 'batches'")
    assert [(b["received"], b["remaining"]) for b in images["before"]] == [(77, 10), (77, 5)]
    assert [(b["received"], b["remaining"]) for b in images["after"]] == [(10, 10), (5, 1)]


def test_a_batch_that_nobody_knows_of_any_more_is_in_the_opening_batch(
    shop: psycopg.Connection,
) -> None:
    behind(shop, "delete from stock_batches", "delete from batch_receipts")
    fix(shop, "batches")
    assert differences(shop) == []
    assert shop.execute(
        "select batch_number, quantity_remaining from stock_batches"
    ).fetchall() in ([("opening", 10)], [("#3", 10)])


def test_what_cannot_be_fixed_is_named_and_the_others_are(shop: psycopg.Connection) -> None:
    move(shop, 3, 4, "sale")
    # nothing came in, and something was taken
    behind(shop, "delete from stock_movements where product_id = 3 and movement_type = 'in'")
    shop.execute("update products set quantity_on_hand = 12 where id = 1")
    run, audit = fix(shop)
    assert stock(shop, 1) == 10
    assert shop.execute(
        "select products_corrected, products_failed from stocksync.runs where id = %s", (run,)
    ).fetchall() == [(2, 1)]
    [(skipped,)] = shop.execute(
        "select skipped from stocksync.fixed(%s) where skipped is not null", (run,)
    ).fetchall()
    assert "stock_batches_remaining_not_negative" in skipped or "insufficient" in skipped
    assert only(shop, "select products_found from stocksync.runs where id = %s", (audit,)) == 1


def test_undo_puts_back_what_was_there(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 12 where id = 1")
    shop.execute("update products set total_stock = 3 where id = 2")
    run, _ = fix(shop)
    move(shop, 1, 1, "sale")
    shop.execute("call stocksync.undo(%s)", (run,))
    assert shop.execute(
        "select quantity_on_hand, total_stock from products where id < 3 order by id"
    ).fetchall() == [(11, 9), (10, 3)]
    assert shop.execute(
        "select classes, causes from stocksync.mismatches(array[1])"
    ).fetchall() == [(["on_hand_vs_ledger", "stock_vs_total_stock"], ["correction_undone"])]


def test_undo_reverses_what_was_booked(shop: psycopg.Connection) -> None:
    shop.execute("update products set allow_negative = true where id = 1")
    move(shop, 1, 12, "sale")
    shop.execute("update stocksync.settings set allow_negative = false")
    shop.execute("update products set allow_negative = null where id = 1")
    run, audit = fix(shop, "ledger")
    assert stock(shop, 1) == 0
    assert only(shop, "select products_found from stocksync.runs where id = %s", (audit,)) == 0
    with raises_sql("SS001", 'insufficient stock of "A"'):
        shop.execute("call stocksync.undo(%s)", (run,))
    shop.execute("update products set allow_negative = true where id = 1")
    shop.execute("call stocksync.undo(%s)", (run,))
    assert stock(shop, 1) == -2


def told(db: psycopg.Connection, *ids: int) -> str:
    """A report that says these are not shown."""
    findings = only(
        db,
        "select jsonb_agg(jsonb_build_object('product_id', product_id, 'status', status,"
        " 'is_deleted', is_deleted, 'classes', array['missing_from_api'], 'difference', null,"
        " 'stock', jsonb_build_object('quantity_on_hand', quantity_on_hand, 'total_stock',"
        " total_stock, 'ledger', ledger, 'rolled_up', rolled_up, 'by_location', by_location,"
        " 'batches', batches))) from stocksync.stock_sources(%s) as s",
        (list(ids),),
    )
    return json.dumps(
        {
            "schema": "stocksync-audit-1",
            "database": only(db, "select current_database()"),
            "run": 1,
            "sources": [],
            "scope": {"products": None, "product_id": None, "deep": False},
            "findings": findings,
        }
    )


def test_what_the_shop_does_not_show_is_shown_again_and_undo_hides_it(
    shop: psycopg.Connection,
) -> None:
    shop.execute("update products set status = 'draft', is_deleted = true where id = 1")
    shop.execute("update products set status = 'draft' where id = 2")
    run, _ = fix(shop, "missing", report=told(shop, 1, 2))
    statuses = "select status, is_deleted from products where id < 3 order by id"
    assert shop.execute(statuses).fetchall() == [("active", False), ("active", False)]
    shop.execute("update products set status = 'sold out' where id = 2")
    shop.execute("call stocksync.undo(%s)", (run,))
    assert shop.execute(statuses).fetchall() == [("draft", True), ("sold out", False)]


def test_what_has_changed_since_the_report_is_left_as_it_is(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 12 where id < 3")
    report = told(shop, 1, 2)
    move(shop, 2, 1, "sale")
    run, _ = fix(shop, "fields", report=report)
    assert (stock(shop, 1), stock(shop, 2)) == (10, 11)
    assert shop.execute(
        "select sku, skipped from stocksync.fixed(%s) order by sku, change", (run,)
    ).fetchall() == [
        ("A", None),
        ("B", "it has changed since the report"),
    ]


@pytest.mark.parametrize("number", [2, "02"])
def test_each_finding_of_a_product_counts_in_the_fix_as_in_the_plan(
    shop: psycopg.Connection, number: int | str
) -> None:
    shop.execute("update products set quantity_on_hand = 12 where id = 2")
    old = json.loads(told(shop, 2))
    move(shop, 2, 1, "sale")
    report = json.loads(told(shop, 2))
    report["findings"] = [{**old["findings"][0], "product_id": number}, *report["findings"]]
    text = json.dumps(report)
    planned = shop.execute(
        "select * from stocksync.fix_dry_run('{fields}', p_report => %s)", (text,)
    ).fetchall()
    assert [row[-1] for row in planned] == ["it has changed since the report"]
    run, _ = fix(shop, "fields", report=text)
    assert shop.execute("select * from stocksync.fixed(%s)", (run,)).fetchall() == planned


def test_a_closing_is_made_good(shop: psycopg.Connection) -> None:
    move(shop, 1, 7, occurred_at="2024-01-10")
    shop.execute("call stocksync.close_period('2024-01-31')")
    behind(shop, "delete from stock_movements where occurred_at < '2024-02-01'")
    run, audit = fix(shop)
    assert stock(shop, 1) == 17
    assert only(shop, "select products_found from stocksync.runs where id = %s", (audit,)) == 0
    assert only(shop, "select options -> 'snapshot' from stocksync.runs where id = %s", (run,))
    assert shop.execute("select from stocksync.mismatches(p_deep => true)").fetchall() == []
    shop.execute("call stocksync.undo(%s)", (run,))
    assert only(shop, "select classes from stocksync.mismatches(array[1])") is not None


def test_an_operator_may_and_an_auditor_may_not(shop: psycopg.Connection) -> None:
    shop.execute("update products set quantity_on_hand = 12 where id = 1")
    with (
        acting_as(shop, "stocksync_auditor"),
        raises_sql("42501", "permission denied for procedure fix"),
    ):
        fix(shop)
    with acting_as(shop, "stocksync_operator"):
        fix(shop)
    assert differences(shop) == []


def test_not_inside_a_transaction(shop: psycopg.Connection) -> None:
    with shop.transaction(), raises_sql("2D000", "invalid transaction termination"):
        fix(shop)


def test_a_product_that_goes_meanwhile_is_no_matter(
    shop: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    product(shop, "D", quantity_on_hand=7)
    shop.execute("update products set quantity_on_hand = 12 where id = 1")
    watcher = actor("watcher")
    with shop.transaction():
        shop.execute("select pg_advisory_xact_lock(stocksync._lock_key('roll_up'))")
        fixer = actor("fixer")
        waiting = fixer.start("call stocksync.fix('{fields}')")
        wait_until(
            watcher.connection,
            "select exists (select from pg_stat_activity"
            " where application_name = 'fixer' and wait_event = 'PgSleep')",
        )
        shop.execute("delete from products where sku = 'D'")
    waiting.result()
    assert differences(shop) == []


def test_it_says_after_each_chunk_how_far_it_is(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into products (sku, name, quantity_on_hand)"
        " select n, n, 1 from generate_series(1, 250) as n"
    )
    said: list[str | None] = []
    ledger.add_notice_handler(lambda diagnostic: said.append(diagnostic.message_primary))
    fix(ledger, "fields")
    assert said == [f"fixed {n} of 250 products" for n in (100, 200, 250)]


def test_what_comes_in_meanwhile_is_not_counted_away(
    shop: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    shop.execute("update products set allow_negative = true where id = 1")
    move(shop, 1, 12, "sale")
    shop.execute("update stocksync.settings set allow_negative = false")
    shop.execute("update products set allow_negative = null where id = 1")
    writer = actor("writer")
    writer("begin")
    move(writer.connection, 1, 5)
    writer("set constraints all immediate")
    waiting = actor("fixer").start("call stocksync.fix('{ledger}')")
    wait_until_blocked(shop, "fixer")
    writer("commit")
    waiting.result()
    assert stock(shop, 1) == 3


def test_a_busy_product_is_named_and_the_others_are_shown_again(
    shop: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    shop.execute("update products set status = 'draft' where id < 3")
    report = told(shop, 1, 2)
    other = actor("other")
    other("begin")
    other("select from products where id = 1 for update")
    run, _ = fix(shop, "missing", report=report)
    other("rollback")
    assert shop.execute("select status from products where id < 3 order by id").fetchall() == [
        ("draft",),
        ("active",),
    ]
    assert shop.execute(
        "select sku, kind, class, skipped from stocksync.fixed(%s) order by sku", (run,)
    ).fetchall() == [
        ("A", "missing", "missing_from_api", "canceling statement due to lock timeout"),
        ("B", "missing", "missing_from_api", None),
    ]


def test_a_product_that_cannot_be_given_back_is_named_and_the_others_are(
    shop: psycopg.Connection,
) -> None:
    behind(shop, "delete from products where id < 3")
    product(shop, "restored-1")
    run, _ = fix(shop, "ledger")
    assert (stock(shop, 2), only(shop, "select count(*) from products where id = 1")) == (10, 0)
    [(skipped,)] = shop.execute(
        "select skipped from stocksync.fixed(%s) where skipped is not null", (run,)
    ).fetchall()
    assert "products_sku_key" in skipped
    assert shop.execute(
        "select products_corrected, products_failed from stocksync.runs where id = %s", (run,)
    ).fetchall() == [(1, 1)]


def test_what_was_hidden_since_the_audit_stays_hidden(shop: psycopg.Connection) -> None:
    shop.execute("update products set status = 'draft' where id = 1")
    rows = [("draft", False, 1), ("active", False, 2)]
    run = only(
        shop,
        "insert into stocksync.runs (command, finished_at, options)"
        """ values ('audit', now(), '{"reading": 1}') returning id""",
    )
    for status, is_deleted, id_ in rows:
        shop.execute(
            "insert into stocksync.findings (run_id, product_id, status, is_deleted, movements,"
            " classes) values (%s, %s, %s, %s, 1, '{missing_from_api}')",
            (run, id_, status, is_deleted),
        )
    shop.execute("update products set is_deleted = true where id = 2")
    fix(shop, "missing")
    assert shop.execute(
        "select status, is_deleted from products where id < 3 order by id"
    ).fetchall() == [("active", False), ("active", True)]


@pytest.mark.parametrize("is_rolled_up", [True, False])
def test_what_the_roll_up_says_of_a_product_that_left_nothing_goes(
    shop: psycopg.Connection, is_rolled_up: bool
) -> None:
    if is_rolled_up:
        shop.execute("select stocksync.roll_up()")
    behind(
        shop,
        "delete from stock_movements where product_id = 1",
        "delete from products where id = 1",
    )
    assert shop.execute(
        "select product_id, sku, classes, by_location from stocksync.mismatches(p_deep => true)"
    ).fetchall() == [(1, None, ["location_vs_ledger", "roll_up_vs_ledger"], 10)]
    planned = shop.execute("select * from stocksync.fix_dry_run('{fields}')").fetchall()
    assert planned == [
        (1, None, None, "fields", "roll_up_vs_ledger", "roll_up", "10", "0", None),
    ]
    run, audit = fix(shop, "fields")
    assert shop.execute("select * from stocksync.fixed(%s)", (run,)).fetchall() == planned
    assert only(shop, "select products_found from stocksync.runs where id = %s", (audit,)) == 0
    assert shop.execute("select from stocksync.mismatches(p_deep => true)").fetchall() == []
    assert differences(shop) == []
