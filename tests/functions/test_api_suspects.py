"""What is worth a second look."""

import psycopg
from api_helpers import begin, end, read, stage
from helpers import move, product, raises_sql

SUSPECTS = "select api_id, product_id, class, quantity, stock from stocksync.api_suspects(%s)"


def test_what_differs_is_and_what_nobody_could_explain_is_not(ledger: psycopg.Connection) -> None:
    for sku in ("A", "B", "C", "D", "E", "F"):
        move(ledger, product(ledger, sku), 5)
    reading = begin(ledger)
    stage(
        ledger,
        reading,
        [
            {"id": 1, "quantity": 5},
            {"id": 2, "quantity": 4},
            {"id": 3, "quantity": 5},
            {"id": 3, "quantity": 5},
            {"id": 4, "quantity": "?"},
            {"id": 77, "quantity": 5},
            {"quantity": 5},
            {"id": 6, "quantity": "5.000"},
        ],
    )
    end(ledger, reading)
    assert ledger.execute(SUSPECTS, (reading,)).fetchall() == [
        ("2", 2, "on_hand_vs_api", 4, 5),
        ("3", 3, "duplicate_in_api", 5, 5),
        ("5", 5, "missing_from_api", None, 5),
    ]


def test_of_a_shop_that_goes_by_sku_it_names_the_sku(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "it's"), 5)
    reading = read(ledger, {}, match_by="sku")
    assert [row[0] for row in ledger.execute(SUSPECTS, (reading,))] == ["it's"]


def test_only_of_a_reading_that_is_complete(ledger: psycopg.Connection) -> None:
    reading = begin(ledger)
    with raises_sql("55000", f"reading {reading} is not complete"):
        ledger.execute(SUSPECTS, (reading,))
    with raises_sql(
        "P0002",
        "reading 77 does not exist",
        message_hint="Readings are kept for a week: read the API again.",
    ):
        ledger.execute(SUSPECTS, (77,))
