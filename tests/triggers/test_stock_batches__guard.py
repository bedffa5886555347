"""Nobody writes batches by hand, not even the owner; settle and the functions do."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql

BY_HAND = [
    "update stock_batches set quantity_remaining = 1",
    "update stock_batches set status = 'active'",
    "update stock_batches set expiry_date = null",
    "update stock_batches set batch_number = 'X' where false",
    "delete from stock_batches",
    "truncate stock_batches",
    "insert into stock_batches (product_id, batch_number, received_at) values (1, 'X', now())",
]


@pytest.fixture
def dairy(ledger: psycopg.Connection) -> psycopg.Connection:
    move(ledger, product(ledger, tracks_batches=True), 10, batch_number="L-1")
    move(ledger, 1, 3, "sale")
    return ledger


@pytest.mark.parametrize("statement", BY_HAND)
def test_the_owner_is_refused(dairy: psycopg.Connection, statement: str) -> None:
    with raises_sql(
        "SS003",
        "batches are derived from the movements",
        message_hint="Insert a movement; or use stocksync.correct_batch() for a wrong number, date"
        " or cost, stocksync.quarantine_batch() to keep a batch from being sold.",
        table_name="stock_batches",
    ):
        dairy.execute(statement)
    assert only(dairy, "select quantity_remaining from stock_batches") == 7


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_auditor", "stocksync_operator"])
@pytest.mark.parametrize("statement", BY_HAND)
def test_the_roles_may_not_even_try(dairy: psycopg.Connection, role: str, statement: str) -> None:
    with (
        acting_as(dairy, role),
        raises_sql("42501", "permission denied for table stock_batches"),
    ):
        dairy.execute(statement)


def test_the_movements_go_on(dairy: psycopg.Connection) -> None:
    move(dairy, 1, 7, "sale")
    dairy.execute("update stock_movements set quantity = 9 where id = 1 and false")
    dairy.execute("select stocksync.reverse_movement(2, 'x')")
    assert only(dairy, "select quantity_remaining from stock_batches") == 3
    assert differences(dairy) == []


def test_a_trigger_of_an_application_does_not_pass(dairy: psycopg.Connection) -> None:
    """It runs inside a trigger, but not as a role that may write the journal."""
    dairy.execute("""
        create schema shop;
        grant usage on schema shop to stocksync_app;
        create table shop.wishes (n int);
        create function shop.wish() returns trigger language plpgsql as $$
        begin
            update public.stock_batches set status = 'quarantined';
            return null;
        end $$;
        create trigger wish after insert on shop.wishes for each row execute function shop.wish();
        grant insert on shop.wishes to stocksync_app;
        grant update on stock_batches to stocksync_app;
    """)
    try:
        with (
            acting_as(dairy, "stocksync_app"),
            raises_sql("SS003", "batches are derived from the movements"),
        ):
            dairy.execute("insert into shop.wishes values (1)")
    finally:
        dairy.execute("revoke update on stock_batches from stocksync_app")
