"""All products that say nothing themselves settle otherwise: what was left beside any is in it."""

import psycopg
import pytest
from helpers import differences, move, only, product, raises_sql, session, stock

from triggers.test_products__contention import leave, pending

SETTINGS = "update stocksync.settings set "


@pytest.mark.parametrize("change", ["contention = 'wait'", "allow_negative = false"])
def test_what_was_left_beside_products_is_folded(ledger: psycopg.Connection, change: str) -> None:
    ledger.execute(SETTINGS + "contention = 'never_wait'")
    a, b = product(ledger, "A"), product(ledger, "B", contention="never_wait")
    leave(ledger, a, 5)
    leave(ledger, b, 7)
    ledger.execute("insert into stocksync._hot (product_id, fold_at) values (1, 'infinity')")
    ledger.execute(SETTINGS + change)
    assert (stock(ledger, a), stock(ledger, b), pending(ledger)) == (5, 7, 0)
    assert differences(ledger) == []


def test_other_settings_fold_nothing(ledger: psycopg.Connection) -> None:
    ledger.execute(SETTINGS + "contention = 'never_wait'")
    a = product(ledger)
    leave(ledger, a, 5)
    ledger.execute(
        SETTINGS + "manual_updates = 'refuse', contention = 'never_wait', allow_negative = true"
    )
    assert (stock(ledger, a), pending(ledger), differences(ledger)) == (0, 1, [])


@pytest.mark.parametrize("mode", ["escrow", "quickly"])
def test_another_mode_is_refused(ledger: psycopg.Connection, mode: str) -> None:
    with raises_sql(
        "23514",
        'new row for relation "settings" violates check constraint "settings_contention_known"',
    ):
        ledger.execute(SETTINGS + "contention = %s", (mode,))


def test_slots_are_folded_where_negative_stock_is_allowed(ledger: psycopg.Connection) -> None:
    ledger.execute(SETTINGS + "allow_negative = false")
    a, b = (product(ledger, sku, contention="escrow") for sku in "AB")
    ledger.execute("update products set allow_negative = false where id = %s", (b,))
    for each in (a, b):
        move(ledger, each, 40)
        move(ledger, each, 3, "sale")
    ledger.execute(SETTINGS + "allow_negative = true")
    assert (stock(ledger, a), stock(ledger, b), pending(ledger)) == (37, 37, 0)
    move(ledger, a, 38, "sale")
    with raises_sql("SS001", 'insufficient stock of "B"'):
        move(ledger, b, 38, "sale")
    move(ledger, b, 37, "sale")
    assert differences(ledger) == []


def test_it_gives_way_to_a_writer(ledger: psycopg.Connection, ledger_url: str) -> None:
    a = product(ledger, contention="never_wait")
    ledger.execute("insert into stocksync._hot (product_id, fold_at) values (1, 'infinity')")
    with session(ledger_url) as writer:
        writer.execute("begin")
        move(writer, a, 5)
        writer.execute("set constraints all immediate")
        with raises_sql("55P03", "movements of products are being written"):
            ledger.execute(SETTINGS + "allow_negative = false")
        writer.execute("commit")
    ledger.execute(SETTINGS + "allow_negative = false")
    assert (stock(ledger, a), pending(ledger), differences(ledger)) == (5, 0, [])


def test_it_waits_for_nobody_where_no_product_could_be_left_alone(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    with session(ledger_url) as writer:
        writer.execute("begin")
        move(writer, a, 5)
        writer.execute("set constraints all immediate")
        ledger.execute("set lock_timeout = '50ms'")
        ledger.execute(SETTINGS + "contention = 'never_wait'")
        move(ledger, a, 1)
        writer.execute("commit")
    assert only(ledger, "select quantity_on_hand from stock_on_hand") == 6
    assert differences(ledger) == []
