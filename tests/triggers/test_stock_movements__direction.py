"""Three columns are enough: the direction follows from the type."""

import psycopg
import pytest
from helpers import differences, move, only, product, raises_sql, stock

IN = [
    "purchase",
    "sale_return",
    "opening_stock",
    "transfer_in",
    "stock_count_correction",
    "recovery_found",
    "manufacturing_in",
]
OUT = [
    "sale",
    "purchase_return",
    "damage",
    "lost_missing",
    "theft",
    "expired",
    "transfer_out",
    "stock_count_correction_minus",
    "quality_control",
    "manufacturing_out",
    "promotional",
]


def test_these_eighteen_are_the_types(ledger: psycopg.Connection) -> None:
    types = ledger.execute("select name, movement_type from transaction_types").fetchall()
    assert sorted(types) == sorted([(t, "in") for t in IN] + [(t, "out") for t in OUT])


@pytest.mark.parametrize("given", [False, True], ids=["left out", "given"])
def test_product_type_and_quantity_are_enough_for_every_type(
    ledger: psycopg.Connection, given: bool
) -> None:
    a = product(ledger)
    expected = 0
    for name in IN + OUT:
        direction = "in" if name in IN else "out"
        number = move(ledger, a, 3, name, **({"movement_type": direction} if given else {}))
        expected += 3 if name in IN else -3
        assert stock(ledger, a) == expected, name
        stored = "select movement_type from stock_movements where id = %s"
        assert only(ledger, stored, (number,)) == direction
    assert differences(ledger) == []


def test_one_statement_may_mix_directions_given_and_left_out(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, movement_type)"
        " values (1, 'purchase', 10, null), (1, 'sale', 2, 'out'), (1, 'sale', 3, null)"
    )
    assert stock(ledger, a) == 5


def test_a_type_of_ones_own_gives_its_direction(ledger: psycopg.Connection) -> None:
    ledger.execute("insert into transaction_types values ('loan_out', 'out', 'Lent')")
    a = product(ledger)
    move(ledger, a, 4, "loan_out")
    assert stock(ledger, a) == -4


def test_a_reversal_gets_the_opposite_direction(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    original = move(ledger, a, 4, "sale")
    reversal = move(ledger, a, 4, "sale", reverses_id=original)
    direction = "select movement_type from stock_movements where id = %s"
    assert only(ledger, direction, (reversal,)) == "in"
    assert stock(ledger, a) == 0


@pytest.mark.parametrize("name", ["nonsense", "Sale", " sale", ""])
def test_an_unknown_type_is_refused(ledger: psycopg.Connection, name: str) -> None:
    a = product(ledger)
    with raises_sql(
        "23503",
        f'unknown transaction type "{name}"',
        constraint_name="stock_movements_transaction_type_known",
        message_hint="Use a name of transaction_types, or add this one to it.",
    ):
        move(ledger, a, 1, name)
    assert only(ledger, "select count(*) from stock_movements") == 0


def test_a_type_that_is_null_is_refused(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with raises_sql("23503", 'unknown transaction type "<NULL>"'):
        ledger.execute("insert into stock_movements (product_id, quantity) values (%s, 1)", (a,))
