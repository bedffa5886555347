"""When a product was last counted follows what counts as a count."""

import psycopg
from helpers import differences, move, only, product, session


def test_another_type_becomes_a_count_and_ceases_to_be_one(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into transaction_types (name, movement_type) values ('count_by_scanner', 'in')"
    )
    a = product(ledger)
    move(ledger, a, 5, occurred_at="2026-01-05 12:00Z")
    move(ledger, a, 5, "count_by_scanner", occurred_at="2026-01-07 12:00Z")
    ledger.execute("select stocksync.roll_up()")
    last = "select last_count_on::text from stocksync.stock_total"
    assert only(ledger, last) is None
    change = "update transaction_types set counts_as = %s where name = 'count_by_scanner'"
    ledger.execute(change, ("count",))
    assert only(ledger, last) == "2026-01-07"
    assert differences(ledger) == []
    ledger.execute(change, (None,))
    assert only(ledger, last) is None
    assert differences(ledger) == []


def test_what_is_no_count_before_or_after_is_not_looked_for(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with session(ledger_url) as other, other.transaction(), ledger.transaction():
        # whoever looks waits for this
        other.execute("select pg_advisory_xact_lock(stocksync._lock_key('roll_up'))")
        ledger.execute("set local lock_timeout = '1s'")
        ledger.execute(
            "update transaction_types set counts_as = case counts_as when 'sale' then null"
            " when 'transfer' then 'sale' else 'transfer' end"
            " where counts_as is distinct from 'count'"
        )
