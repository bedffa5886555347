"""A type in use keeps its name and its direction."""

import psycopg
import pytest
from helpers import move, only, product, raises_sql, session
from time_helpers import archive, close

CHANGES = [
    "update transaction_types set name = 'sold' where name = 'sale'",
    "update transaction_types set movement_type = 'in' where name = 'sale'",
    "delete from transaction_types where name = 'sale'",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_a_used_type_is_not_renamed_turned_round_or_deleted(
    ledger: psycopg.Connection, statement: str
) -> None:
    a = product(ledger)
    move(ledger, a, 1, "sale")
    with raises_sql(
        "23001",
        'transaction type "sale" has movements',
        constraint_name="transaction_types_used_is_fixed",
        message_hint="Add a new type instead.",
    ):
        ledger.execute(statement)
    types = "select movement_type from transaction_types where name = 'sale'"
    assert only(ledger, types) == "out"


@pytest.mark.parametrize("statement", CHANGES)
def test_an_unused_type_may_be(ledger: psycopg.Connection, statement: str) -> None:
    assert ledger.execute(statement).rowcount == 1


def test_a_used_type_may_be_described_otherwise(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1, "sale")
    ledger.execute("update transaction_types set name = name, description = 'Sold'")


def test_a_direction_is_in_or_out(ledger: psycopg.Connection) -> None:
    with raises_sql(
        "23514",
        'new row for relation "transaction_types" violates check constraint'
        ' "transaction_types_direction"',
    ):
        ledger.execute("insert into transaction_types values ('x', 'sideways')")


def test_it_waits_for_whoever_is_writing_movements(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    with session(ledger_url) as other, other.transaction():
        move(other, a, 1, "sale")
        ledger.execute("set lock_timeout = '100ms'")
        with raises_sql("55P03", "canceling statement due to lock timeout"):
            ledger.execute("delete from transaction_types where name = 'sale'")


def test_used_types_are_not_truncated(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1, "sale")
    with pytest.raises(psycopg.errors.RestrictViolation):
        ledger.execute("truncate transaction_types")


def test_an_older_snapshot_does_not_hide_movements_of_the_type(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    with session(ledger_url) as other:
        other.execute("begin isolation level repeatable read")
        other.execute("select from products")
        move(ledger, a, 1, "sale")
        with pytest.raises(psycopg.Error):
            other.execute("delete from transaction_types where name = 'sale'")


@pytest.mark.parametrize("statement", CHANGES)
def test_a_type_of_archived_movements_is_used(ledger: psycopg.Connection, statement: str) -> None:
    move(ledger, product(ledger), 1, "sale", occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    with raises_sql("23001", 'transaction type "sale" has movements'):
        ledger.execute(statement)
    with raises_sql("23001", "transaction types have movements"):
        ledger.execute("truncate transaction_types")
