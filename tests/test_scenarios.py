"""Scenarios that other systems' test suites have, as plain movements of ours."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest
from helpers import differences, move, only, product, raises_sql, session, stock

Steps = list[tuple[str, str | int, str | int]]


def place(db: psycopg.Connection, name: str) -> int:
    return only(db, "insert into locations (name) values (%s) returning id", (name,))


def at(db: psycopg.Connection, product_id: int, location_id: int) -> Decimal:
    return only(
        db,
        "select coalesce(sum(quantity), 0) from stocksync.stock_by_location"
        " where product_id = %s and location_id = %s",
        (product_id, location_id),
    )


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([("purchase", 100, 100), ("sale", 100, 0)], id="1 in and out to zero"),
        pytest.param([("sale", 100, -100), ("purchase", 100, 0)], id="1 seen from the other side"),
        pytest.param(
            [("purchase", 1, 1), ("purchase", 1, 2), ("purchase", 1, 3), ("sale", 3, 0)],
            id="2 mixed signs",
        ),
        pytest.param([("sale", 1, -1)], id="3 out of nothing"),
        pytest.param(
            [("purchase", 10, 10), ("sale", 15, -5), ("sale", 5, -10), ("purchase", 15, 5)],
            id="10 negative then refilled",
        ),
        pytest.param(
            [("purchase", 1, 1), ("sale", 2, -1), ("sale", 1, -2), ("purchase", 3, 1)],
            id="10 by ones",
        ),
        pytest.param(
            [("opening_stock", 5000, 5000), ("stock_count_correction_minus", 4745, 255),
             ("damage", 155, 100), ("stock_count_correction", 5, 105)],
            id="12 count down and up",
        ),
        pytest.param(
            [("opening_stock", 100, 100), ("stock_count_correction_minus", 100, 0)],
            id="12 counted zero",
        ),
        pytest.param([("purchase", 5, 5), ("purchase_return", 2, 3)], id="19 purchase return"),
        pytest.param(
            [("purchase", 5, 5), ("sale", 5, 0), ("sale_return", 2, 2)], id="19 sale return"
        ),
        pytest.param(
            [("purchase", 50, 50), ("sale", 20, 30), ("sale_return", 8, 38)], id="19 bundles"
        ),
        pytest.param(
            [("opening_stock", 5000, 5000), ("sale", 4990, 10), ("sale_return", 4990, 5000)],
            id="19 all back",
        ),
        pytest.param(
            [("purchase", "559.8327", "559.8327"), ("sale", "470.84", "88.9927"),
             ("purchase", "11.007", "99.9997"), ("sale", "99.9997", 0)],
            id="precision",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["each alone", "one transaction", "one statement"])
def test_the_stock_after_each_step(ledger: psycopg.Connection, steps: Steps, way: str) -> None:
    a = product(ledger)
    if way == "each alone":
        for kind, quantity, expected in steps:
            move(ledger, a, quantity, kind)
            assert stock(ledger, a) == Decimal(expected)
    elif way == "one transaction":
        with ledger.transaction():
            for kind, quantity, _ in steps:
                move(ledger, a, quantity, kind)
    else:
        ledger.cursor().execute(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " select %s, t, q from unnest(%s::text[], %s::numeric[]) as u (t, q)",
            (a, [kind for kind, _, _ in steps], [str(quantity) for _, quantity, _ in steps]),
        )
    assert stock(ledger, a) == Decimal(steps[-1][2])
    assert differences(ledger) == []


# Refusals (3, 4, 12, precision) -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "asked", "kind"),
    [
        (None, "1", "sale"),
        ("10", "30", "sale"),
        ("100", "5000", "sale"),
        ("99.9997", "100", "sale"),
        ("5000", "5001", "stock_count_correction_minus"),
    ],
)
def test_more_than_there_is_is_refused_whole_and_leaves_no_row(
    ledger: psycopg.Connection, there: str | None, asked: str, kind: str
) -> None:
    a = product(ledger, allow_negative=False)
    if there is not None:
        move(ledger, a, there)
    rows = only(ledger, "select count(*) from stock_movements")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail=f"There are {there or 0}, and {asked} were asked for.",
    ):
        move(ledger, a, asked, kind)
    assert stock(ledger, a) == Decimal(there or 0)
    assert only(ledger, "select count(*) from stock_movements") == rows
    assert differences(ledger) == []


def test_a_count_below_zero_leaves_no_history(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 255)
    with raises_sql(
        "23514",
        'new row for relation "stock_movements" violates check constraint'
        ' "stock_movements_quantity_positive"',
    ):
        move(ledger, a, -1, "stock_count_correction")
    assert only(ledger, "select count(*) from stock_movements") == 1


# 5. Two writers at once ---------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "expected"), [("purchase", 12), ("sale", 10)])
def test_a_second_session_writes_while_the_first_holds_the_product(
    ledger: psycopg.Connection, ledger_url: str, kind: str, expected: int
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with session(ledger_url) as other, ThreadPoolExecutor(1) as pool:
        with ledger.transaction():
            move(ledger, a, 1)
            ledger.execute("set constraints all immediate")
            writing = pool.submit(move, other, a, 1, kind)
            waiting = (
                "select count(*) from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
            )
            pid = other.info.backend_pid
            while not writing.done() and not only(ledger, waiting, (pid,)):
                ledger.execute("select pg_stat_clear_snapshot()")
        writing.result(timeout=30)
    assert stock(ledger, a) == expected
    assert differences(ledger) == []


def test_as_much_in_as_out_by_two_workers_is_the_start(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    move(ledger, a, 7)

    def work(kind: str) -> None:
        with session(ledger_url) as other:
            for _ in range(500):
                move(other, a, 100, kind)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ["purchase", "sale"]))
    assert stock(ledger, a) == 7
    assert only(ledger, "select count(*) from stock_movements") == 1001
    assert differences(ledger) == []


# 7. Transfers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "moved", "left"), [(100, 45, 55), (10, 6, 4), (20_000, 1_728, 18_272)]
)
def test_a_transfer_changes_the_places_and_not_the_product(
    ledger: psycopg.Connection, there: int, moved: int, left: int
) -> None:
    a = product(ledger, allow_negative=False)
    stores, finished = place(ledger, "Stores"), place(ledger, "Finished")
    move(ledger, a, there, location_id=stores)
    ledger.execute(
        "insert into stock_movements (product_id, location_id, transaction_type, quantity)"
        " values (%(a)s, %(stores)s, 'transfer_out', %(moved)s),"
        " (%(a)s, %(finished)s, 'transfer_in', %(moved)s)",
        {"a": a, "stores": stores, "finished": finished, "moved": moved},
    )
    assert (at(ledger, a, stores), at(ledger, a, finished)) == (left, moved)
    assert stock(ledger, a) == there
    with ledger.transaction():  # cancelled: both back
        for number in (2, 3):
            ledger.execute("select stocksync.reverse_movement(%s, 'cancelled')", (number,))
    assert (at(ledger, a, stores), at(ledger, a, finished)) == (there, 0)
    assert stock(ledger, a) == there
    assert differences(ledger) == []


@pytest.mark.parametrize(("quantity", "to"), [(-100, None), (100, 999)])
def test_a_transfer_of_less_than_nothing_or_to_no_place_writes_nothing(
    ledger: psycopg.Connection, quantity: int, to: int | None
) -> None:
    a, stores = product(ledger), place(ledger, "Stores")
    move(ledger, a, 100, location_id=stores)
    with pytest.raises(psycopg.IntegrityError), ledger.transaction():
        move(ledger, a, quantity, "transfer_out", location_id=stores)
        move(ledger, a, quantity, "transfer_in", location_id=to)
    assert at(ledger, a, stores) == 100
    assert only(ledger, "select count(*) from stock_movements") == 1


# 19. Returns to another place ---------------------------------------------------------------------


def test_returned_to_another_place_the_sum_is_unchanged(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    shop, back_room = place(ledger, "Shop"), place(ledger, "Back room")
    move(ledger, a, 5000, location_id=shop)
    for to in (shop, back_room):
        move(ledger, a, 4990, "sale", location_id=shop)
        assert stock(ledger, a) == 10
        move(ledger, a, 4990, "sale_return", location_id=to)
        assert stock(ledger, a) == 5000
    assert (at(ledger, a, shop), at(ledger, a, back_room)) == (10, 4990)
    assert differences(ledger) == []
