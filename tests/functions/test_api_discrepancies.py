"""Is what the API shows any stock that the product had, and if not, why?"""

import psycopg
import pytest
from api_helpers import begin, end, found, read, reread, stage, texts
from helpers import move, only, product, raises_sql


def test_what_is_right_has_no_class_and_says_what_the_api_shows(
    ledger: psycopg.Connection,
) -> None:
    for sku, quantity in (("A", 5), ("B", 2.5)):
        move(ledger, product(ledger, sku), quantity)
    product(ledger, "NONE")
    reading = begin(ledger)
    stage(
        ledger,
        reading,
        [{"id": 1, "quantity": 5, "status": "on sale"}, {"id": "2", "quantity": "2.50"}],
    )
    end(ledger, reading)
    assert ledger.execute(
        "select * from stocksync.api_discrepancies(%s)", (reading,)
    ).fetchall() == [
        (1, "1", 5, "on sale", None, None),
        (2, "2", 2.5, None, None, None),
    ]


def test_one_of_each(ledger: psycopg.Connection) -> None:
    for sku in "ABCDEFG":
        move(ledger, product(ledger, sku), 5)
    ledger.execute("update products set is_deleted = true, status = 'gone' where id = 4")
    ledger.execute("update products set status = 'it''s %s' where id = 5")
    reading = begin(ledger)
    stage(
        ledger,
        reading,
        [
            {"id": 1, "quantity": 5},
            {"id": 2, "quantity": -3},
            {"id": 3, "quantity": 5},
            {"id": 3, "quantity": 6},
            {"id": 7, "quantity": "?"},
            {"id": "x%s", "quantity": 6},
            {"quantity": 6},
        ],
    )
    end(ledger, reading)
    assert found(ledger, reading) == [
        (2, -3, "on_hand_vs_api", "unknown"),
        (3, 5, "duplicate_in_api", "duplicate_id"),
        (4, None, "missing_from_api", "deleted"),
        (5, None, "missing_from_api", "inactive"),
        (6, None, "missing_from_api", "filtered"),
        (7, None, "unreadable_in_api", "unreadable"),
        (None, 6, "unknown_to_shop", "unknown_product"),
        (None, None, "unreadable_in_api", "unreadable"),
    ]
    assert texts(ledger, reading) == [
        "The API shows -3, on hand were 5.",
        'The API shows "3" 2 times.',
        "The API does not show it, though 5 are in stock: the product is marked as deleted.",
        'The API does not show it, though 5 are in stock: the status of the product is "it\'s %s".',
        "The API does not show it, though 5 are in stock: the product is active, so that the API"
        " itself leaves it out.",
        'What the API shows of "7" cannot be compared: its quantity is no number: ?.',
        'The API shows "x%s", and there is no product with this id.',
        "The API shows items without an id: 1.",
    ]
    assert only(
        ledger,
        "select bool_and(reason ->> 'class' = class) from stocksync.api_discrepancies(%s)",
        (reading,),
    )


def test_of_some_products(ledger: psycopg.Connection) -> None:
    for sku in "ABC":
        move(ledger, product(ledger, sku), 5)
    reading = read(ledger, {1: 4, 77: 1})
    assert found(ledger, reading, [1, 3]) == [
        (1, 4, "on_hand_vs_api", "unknown"),
        (3, None, "missing_from_api", "filtered"),
    ]
    assert found(ledger, reading, []) == []


def test_inactive_and_deleted_products_that_are_shown_are_compared(
    ledger: psycopg.Connection,
) -> None:
    for sku in "AB":
        move(ledger, product(ledger, sku, status="inactive", is_deleted=True), 5)
    reading = read(ledger, {1: 5, 2: 4})
    assert found(ledger, reading) == [(2, 4, "on_hand_vs_api", "unknown")]


def test_a_product_that_was_deleted_since_is_unknown(ledger: psycopg.Connection) -> None:
    product(ledger, "A")
    reading = read(ledger, {1: 0})
    ledger.execute("delete from products")
    assert found(ledger, reading) == [(None, 0, "unknown_to_shop", "unknown_product")]


def test_what_waits_for_a_busy_product_counts(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 5)
    ledger.execute("insert into stocksync._pending (product_id, quantity) values (1, 3)")
    reading = read(ledger, {1: 8})
    assert found(ledger, reading) == []


# In flight ----------------------------------------------------------------------------------------


def test_a_movement_within_the_time_of_grace_may_be_in_it_or_not(
    ledger: psycopg.Connection,
) -> None:
    for sku in "ABCDE":
        move(ledger, product(ledger, sku), 100)
    ledger.execute("update stock_movements set recorded_at = recorded_at - interval '1 hour'")
    for product_id in range(1, 6):
        move(ledger, product_id, 10, "sale")
        move(ledger, product_id, 3)
    shown = {1: 100, 2: 90, 3: 103, 4: 93, 5: 95}
    assert [row[0] for row in found(ledger, read(ledger, shown, grace="1 minute"))] == [5]
    # without any grace only what is there now is right
    assert [row[0] for row in found(ledger, read(ledger, shown))] == [1, 2, 3, 5]


def test_a_movement_that_comes_after_the_reading_is_right_too(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 100)
    reading = read(ledger, {1: 90}, grace="1 minute")
    assert len(found(ledger, reading)) == 1
    move(ledger, 1, 10, "sale")
    assert found(ledger, reading) == []
    # and what was right stays so
    reading = read(ledger, {1: 90}, grace="0")
    move(ledger, 1, 10, "sale")
    assert found(ledger, reading) == []


def test_of_a_product_that_moves_fast_any_stock_between_is_right(
    ledger: psycopg.Connection,
) -> None:
    for sku in "AB":
        move(ledger, product(ledger, sku), 100)
    ledger.execute("update stock_movements set recorded_at = recorded_at - interval '1 hour'")
    for _ in range(9):
        move(ledger, 1, 2, "sale")
        move(ledger, 2, 2, "sale")
    reading = read(ledger, {1: 91, 2: 81}, grace="1 minute")
    assert [row[0] for row in found(ledger, reading)] == [2]


def test_what_came_in_or_sold_out_while_the_api_was_read_need_not_be_shown(
    ledger: psycopg.Connection,
) -> None:
    for sku in "ABC":
        product(ledger, sku)
    reading = begin(ledger, grace="1 minute")
    stage(ledger, reading, [])
    move(ledger, 1, 5)
    move(ledger, 2, 5)
    move(ledger, 2, 5, "sale")
    move(ledger, 3, 5, recorded_at="2026-01-01Z")
    end(ledger, reading)
    assert [row[0] for row in found(ledger, reading)] == [3]


def test_a_movement_that_was_recorded_long_before_it_was_committed(ledger, actor) -> None:
    """The API was read in between, and did not know it; or knew it, and we did not."""
    move(ledger, product(ledger, "A"), 100)
    ledger.execute("update stock_movements set recorded_at = recorded_at - interval '1 hour'")
    slow = actor("slow")
    slow("begin")
    slow(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'sale', 10)"
    )
    before = read(ledger, {1: 100})
    early = read(ledger, {1: 90}, grace="1 minute")
    slow("commit")
    after = read(ledger, {1: 90})
    assert [found(ledger, reading) for reading in (before, early, after)] == [[], [], []]


def test_a_file_is_compared_with_the_stock_of_its_moment(ledger: psycopg.Connection) -> None:
    a = product(ledger, "A")
    move(ledger, a, 100, recorded_at="2026-01-01Z")
    move(ledger, a, 10, "sale", recorded_at="2026-01-03Z")
    move(ledger, a, 1, "sale", recorded_at="2026-01-05Z")
    right = {"2026-01-02Z": 100, "2026-01-04Z": 90, "2026-01-06Z": 89}
    for moment, quantity in right.items():
        for shown in (100, 90, 89):
            reading = read(ledger, {a: shown}, shown_at=moment)
            assert (found(ledger, reading) == []) == (shown == quantity), (moment, shown)


# Causes -------------------------------------------------------------------------------------------


def test_what_is_reserved_is_taken_off(ledger: psycopg.Connection) -> None:
    for sku in "ABCD":
        move(ledger, product(ledger, sku), 100)
    reading = begin(ledger)
    stage(
        ledger,
        reading,
        [
            {"id": 1, "quantity": 95, "reserved": 5},
            {"id": 2, "quantity": 100, "reserved": 4},
            {"id": 3, "quantity": 95, "reserved": 4},
            {"id": 4, "quantity": 95, "reserved": "many"},
        ],
    )
    end(ledger, reading)
    assert [(row[0], row[3]) for row in found(ledger, reading)] == [
        (2, "reservation"),
        (3, "unknown"),
        (4, "unknown"),
    ]
    assert texts(ledger, reading)[0] == (
        "The API shows 100, on hand were 100,"
        " and the 4 that it says are reserved are not taken off."
    )


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (9, "2 expired and 4 quarantined"),
        (13, "2 expired"),
        (11, "4 quarantined"),
        (12, None),
    ],
)
def test_what_cannot_be_sold_is_the_cause_where_it_explains_the_difference(
    ledger: psycopg.Connection, shown: int, words: str | None
) -> None:
    a = product(ledger, "A", tracks_batches=True)
    move(ledger, a, 2, batch_number="old", expiry_date="2026-01-01")
    move(ledger, a, 4, batch_number="bad")
    move(ledger, a, 9, batch_number="good")
    ledger.execute("update stock_movements set recorded_at = recorded_at - interval '40 days'")
    ledger.execute("select stocksync.quarantine_batch(%s, 'bad')", (a,))
    reading = read(ledger, {a: shown})
    assert [row[3] for row in found(ledger, reading)] == ["not_sellable" if words else "unknown"]
    assert texts(ledger, reading) == [
        f"The API shows {shown}, on hand were 15" + (f": without {words}." if words else ".")
    ]


def test_a_cache_shows_the_stock_of_an_earlier_time(ledger: psycopg.Connection) -> None:
    for sku in "ABCD":
        move(ledger, product(ledger, sku), 100, recorded_at="2020-01-01Z")
    for product_id in (1, 2, 3):
        move(ledger, product_id, 10, "sale")
        move(ledger, product_id, 5, "sale")
    move(ledger, 4, 1, "sale", recorded_at="2020-01-02Z")
    since = only(
        ledger,
        "select to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')"
        " from stock_movements where id = 5",
    )
    reading = read(ledger, {1: 100, 2: 90, 3: 95, 4: 100})
    assert found(ledger, reading) == [
        (1, 100, "on_hand_vs_api", "api_cache"),
        (2, 90, "on_hand_vs_api", "api_cache"),
        (3, 95, "on_hand_vs_api", "unknown"),
        # so long ago is no cache
        (4, 100, "on_hand_vs_api", "unknown"),
    ]
    reasons = [
        reason
        for (reason,) in ledger.execute(
            "select reason from stocksync.api_discrepancies(%s)", (reading,)
        )
    ]
    assert [reason.get("movement_id") for reason in reasons] == [5, 8, None, None]
    assert (reasons[0]["stored"], reasons[0]["derived"]) == (100, 85)
    assert only(
        ledger,
        "select %s::timestamptz = (select recorded_at from stock_movements where id = 5)",
        (reasons[0]["since"],),
    )
    ledger.execute("set time zone 'Asia/Tokyo'")
    assert texts(ledger, reading)[0] == (
        f"The API shows 100, on hand were 85: the stock as it was until {since}, before the last"
        " 2 movements."
    )


def test_a_product_that_went_negative_is_compared_as_it_is(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 3, "sale")
    move(ledger, product(ledger, "B"), 3, "sale")
    assert found(ledger, read(ledger, {1: -3, 2: 0})) != []
    assert [r[0] for r in found(ledger, read(ledger, {1: -3, 2: 0.5}))] == [2]


def test_the_lag_says_what_was_first(ledger: psycopg.Connection) -> None:
    for sku in "AB":
        move(ledger, product(ledger, sku), 5)
    reading = read(ledger, {1: 4})
    reread(ledger, reading, {1: 5, 2: 5})
    assert texts(ledger, reading) == [
        "The API showed 4 at first, and was right a little later.",
        "The API did not show it at first, and was right a little later.",
    ]


def test_no_reading_and_an_unknown_one(ledger: psycopg.Connection) -> None:
    assert ledger.execute("select * from stocksync.api_discrepancies(null)").fetchall() == []
    with raises_sql("P0002", "reading 77 does not exist"):
        found(ledger, 77)
