"""The number of the batch on which something is printed."""

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql

ASK = "select stocksync.batch_id(%s, %s, %s)"
NASTY = 'it\'s "L\x01\x1b[31m1"'


def ids(db: psycopg.Connection) -> list[int]:
    return [row[0] for row in db.execute("select id from stock_batches order by id")]


def test_a_batch_is_of_a_product_at_a_place(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, tracks_batches=True), product(ledger, "B", tracks_batches=True)
    ledger.execute("insert into locations (name) values ('shelf')")
    for number, place, name in ((a, None, NASTY), (a, 1, NASTY), (b, None, NASTY), (a, None, "2")):
        move(ledger, number, 1, location_id=place, batch_number=name)
    asked = [(a, NASTY, None), (a, NASTY, 1), (b, NASTY, None), (a, "2", None)]
    assert [only(ledger, ASK, one) for one in asked] == ids(ledger)
    assert only(ledger, ASK, (a, None, None)) is None
    assert only(ledger, ASK, (None, "2", None)) is None
    for one in ((b, "2", None), (a, "2", 1), (a, "3", None), (a, "", None)):
        with raises_sql(
            "P0002",
            f'there is no batch "{one[1]}" of "{"A" if one[0] == a else "B"}" at this place',
        ):
            ledger.execute(ASK, one)
    with raises_sql("P0002", 'there is no batch "2" of "99" at this place'):
        ledger.execute(ASK, (99, "2", None))


def test_what_is_left_of_goes_before_what_is_exhausted(ledger: psycopg.Connection) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 1, batch_number="L", unit_cost=1)
    move(ledger, a, 1, batch_number="L", unit_cost=2, expiry_date="2030-01-31")
    old, new = ids(ledger)
    with raises_sql(
        "21000",
        'there are several batches "L" of "A" at this place',
        message_detail=f"They are number {old} with 1 left, at a cost of 1; "
        f"number {new} with 1 left, at a cost of 2, expiring 2030-01-31.",
    ):
        ledger.execute(ASK, (a, "L", None))
    move(ledger, a, 1, "sale", batch_id=old)
    assert only(ledger, ASK, (a, "L", None)) == new
    move(ledger, a, 1, "sale", batch_id=new)
    with raises_sql("21000", 'there are several batches "L" of "A" at this place'):
        ledger.execute(ASK, (a, "L", None))


def test_retired_ones_are_none(ledger: psycopg.Connection) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 1, batch_number="L")
    ledger.execute("update products set tracks_batches = false")
    with raises_sql("P0002", 'there is no batch "L" of "A" at this place'):
        ledger.execute(ASK, (a, "L", None))


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_operator"])
def test_an_application_may_ask(ledger: psycopg.Connection, role: str) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 1, batch_number="L")
    with acting_as(ledger, role):
        assert [only(ledger, ASK, (a, "L", None))] == ids(ledger)
