"""Batches, rule by rule: what settle does with them, and the private functions that do it."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from helpers import Actor, acting_as, move, only, product, raises_sql, stock

REMAINING = (
    "select batch_number, quantity_remaining from stock_batches"
    " where status <> 'retired' order by id"
)


def places(db: psycopg.Connection, *names: str) -> list[int]:
    return [
        only(db, "insert into locations (name) values (%s) returning id", (name,)) for name in names
    ]


def reverse(db: psycopg.Connection, movement_id: int, **columns: Any) -> int:
    """Insert the opposite of a movement, with what may differ."""
    columns = {"occurred_at": "now", **columns}
    return only(
        db,
        "insert into stock_movements (product_id, location_id, movement_type, transaction_type,"
        " quantity, reverses_id, occurred_at)"
        " select product_id, location_id, case movement_type when 'in' then 'out' else 'in' end,"
        " transaction_type, quantity, id, %(occurred_at)s::timestamptz"
        " from stock_movements where id = %(id)s returning id",
        {"id": movement_id, **columns},
    )


def did(db: psycopg.Connection, movement_id: int) -> dict[str, Decimal]:
    """Return by how much a movement changed each batch."""
    return dict(
        db.execute(
            """
            select b.batch_number, trim_scale(sum(u.quantity))
            from (
                select movement_id, batch_id, quantity from batch_receipts
                union all
                select movement_id, batch_id, -quantity from batch_consumptions
            ) as u
            join stock_batches as b on b.id = u.batch_id
            where u.movement_id = %s
            group by 1
            """,
            (movement_id,),
        ).fetchall()
    )


def remaining(db: psycopg.Connection) -> dict[str, Decimal]:
    return dict(db.execute(REMAINING).fetchall())


# Order --------------------------------------------------------------------------------------------


def test_of_one_moment_the_batch_that_was_written_first_is_older(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True, batch_strategy="fifo")
    exact.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, batch_number)"
        " values (%(a)s, 'purchase', 5, 'L2'), (%(a)s, 'purchase', 5, 'L1')",
        {"a": a},
    )
    assert did(exact, move(exact, a, 6, "sale")) == {"L2": -5, "L1": -1}


def test_a_delivery_of_many_numbers_is_one_step(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True)
    with exact.transaction():
        exact.execute("set local track_functions = 'all'")
        exact.execute(
            "insert into stock_movements"
            " (product_id, transaction_type, quantity, batch_number, expiry_date)"
            " select %s, 'purchase', 1, 'L' || i, date '2126-01-01' + i"
            " from generate_series(1, 50) as i",
            (a,),
        )
        exact.execute("set constraints all immediate")
        assert (
            only(
                exact,
                "select calls from pg_stat_xact_user_functions"
                " where funcname = '_receive_movements'",
            )
            == 1
        )


def test_what_leaves_out_its_cost_finds_a_batch_that_was_named_by_its_row(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    places(exact, "shelf", "cellar")
    for cost in ("2.5", "2"):
        move(exact, a, 1, batch_number="L1", unit_cost=cost)
    exact.execute(
        "insert into stock_movements"
        " (product_id, transaction_type, quantity, batch_id, batch_number, location_id,"
        " occurred_at)"
        " values (%(a)s, 'purchase', 1, 1, null, 1, '2026-01-01'),"
        " (%(a)s, 'purchase', 1, null, 'L1', 2, '2026-01-02')",
        {"a": a},
    )
    assert exact.execute(
        "select location_id, cost_price from stock_batches order by id offset 2"
    ).fetchall() == [(1, Decimal("2.5")), (2, Decimal("2.5"))]


def test_a_return_joins_what_the_same_transaction_brought_before_it(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    with exact.transaction():
        move(exact, a, 5, batch_number="L1", expiry_date="2030-01-01", unit_cost=5)
        move(exact, a, 1, "sale_return", batch_number="L1", expiry_date="2030-01-01", unit_cost=3)
    assert exact.execute(REMAINING).fetchall() == [("L1", 6)]


# Reversals and changes ----------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["now", "yesterday"])
def test_a_movement_and_its_reversal_in_one_transaction_leave_nothing(
    exact: psycopg.Connection, at: str
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 5, batch_number="L1", occurred_at="2020-01-01")
    with exact.transaction():
        sale = move(exact, a, 3, "sale")
        back = reverse(exact, sale, occurred_at=at)
    assert (did(exact, sale), did(exact, back)) == ({"L1": -3}, {"L1": 3})
    with exact.transaction():
        purchase = move(exact, a, 3)
        back = reverse(exact, purchase, occurred_at=at)
    assert remaining(exact)["L1"] == 5


@pytest.mark.parametrize("there", [0, 3])
def test_what_was_never_there_cannot_be_taken_and_given_back(
    exact: psycopg.Connection, there: int
) -> None:
    a = product(exact, tracks_batches=True)
    if there:
        move(exact, a, there, batch_number="L1")
    with (
        raises_sql(
            "SS001",
            'insufficient stock of "A"',
            message_detail=f"There are {there}, and 5 were asked for.",
        ),
        exact.transaction(),
    ):
        reverse(exact, move(exact, a, 5, "sale"))
    assert stock(exact, a) == there


def test_what_came_in_by_the_date_later_can_be_taken_and_given_back(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    with exact.transaction():
        sale = move(exact, a, 5, "sale", occurred_at="2020-01-01")
        move(exact, a, 8, batch_number="L1", occurred_at="2020-01-02")
        reverse(exact, sale)
    assert remaining(exact) == {"L1": 8}


def test_a_reversal_follows_the_batch_of_what_it_reverses(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True)
    for number in ("L1", "L2"):
        move(exact, a, 5, batch_number=number)
    sale = move(exact, a, 3, "sale")
    back = reverse(exact, sale)
    exact.execute("update stock_movements set batch_number = 'L2' where id = %s", (sale,))
    assert (did(exact, sale), did(exact, back)) == ({"L2": -3}, {"L2": 3})
    assert remaining(exact) == {"L1": 5, "L2": 5}


def test_a_receipt_is_corrected_in_its_own_batch_whatever_the_product_costs_now(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True, unit_cost=2)
    purchase = move(exact, a, 10)
    move(exact, a, 6, "sale")
    exact.execute("update products set unit_cost = 3")
    exact.execute("update stock_movements set quantity = 8 where id = %s", (purchase,))
    assert exact.execute("select cost_price, quantity_remaining from stock_batches").fetchall() == [
        (2, 2)
    ]


@pytest.mark.parametrize("number", ["L1", None])
def test_the_quantity_of_a_receipt_is_corrected_in_the_batch_that_was_corrected_before(
    ledger: psycopg.Connection, number: str | None
) -> None:
    a = product(ledger, tracks_batches=True)
    purchase = move(ledger, a, 10, batch_number=number, expiry_date="2126-01-01", unit_cost=2)
    move(ledger, a, 6, "sale")
    ledger.execute("select stocksync.correct_batch(1, 'L9', '2126-06-01')")
    ledger.execute("update stock_movements set quantity = 8 where id = %s", (purchase,))
    assert remaining(ledger) == {"L9": 2}


def test_what_is_corrected_after_tracking_began_anew_is_of_both_times(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    move(exact, a, 10)
    sale = move(exact, a, 4, "sale")
    exact.execute("update products set tracks_batches = false")
    exact.execute("update products set tracks_batches = true")
    exact.execute("update stock_movements set quantity = 5 where id = %s", (sale,))
    assert remaining(exact) == {"opening": 5}


def test_a_movement_under_way_while_another_product_ceases_to_track_is_not_lost(
    exact: psycopg.Connection, actor
) -> None:
    a, b = product(exact), product(exact, "B", tracks_batches=True)
    writer: Actor = actor("writer")
    writer("begin")
    for p in (a, b):
        writer(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " values (%s, 'purchase', 4)",
            (p,),
        )
    with exact.transaction():
        exact.execute("update products set tracks_batches = not tracks_batches")
    writer("commit")
    assert remaining(exact) == {"opening": 4}


# Returns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "batches"),
    [
        # what was taken last comes back first
        ({"quantity": 3, "reference": "r1"}, {"L1": 1, "L2": 5}),
        ({"quantity": 1}, {"L1": 0, "L2": 4}),
        # the first sale, although there was another since
        ({"quantity": 2, "reference": "r0"}, {"L1": 2, "L2": 3}),
        # more than went by that reference: what went by others
        ({"quantity": 4, "reference": "r0"}, {"L1": 2, "L2": 5}),
        # of another product, or of nothing
        ({"quantity": 1, "reference": "other"}, {"L1": 0, "L2": 4}),
        ({"quantity": 1, "reference": "none"}, {"L1": 0, "L2": 4}),
        # more than was ever sold
        ({"quantity": 9}, {"L1": 5, "L2": 5, "own": 2}),
        # what it says goes before what it may come from
        ({"quantity": 1, "batch_number": "L1"}, {"L1": 1, "L2": 3}),
        ({"quantity": 1, "batch_id": 1, "reference": "none"}, {"L1": 1, "L2": 3}),
        ({"quantity": 1, "batch_number": "L9"}, {"L1": 0, "L2": 3, "L9": 1}),
        # another place: the same goods there
        (
            {"quantity": 3, "reference": "r1", "location_id": 1},
            {"L1": 0, "L2": 3, "L1*": 1, "L2*": 2},
        ),
        # it cannot come back where it was not sold
        ({"quantity": 1, "transaction_type": "recovery_found"}, {"L1": 0, "L2": 3, "own": 1}),
    ],
)  # fmt: skip
def test_a_return_goes_where_it_came_from(
    exact: psycopg.Connection, back: dict[str, Any], batches: dict[str, int]
) -> None:
    a, b = product(exact, tracks_batches=True), product(exact, "B", tracks_batches=True)
    places(exact, "shelf")
    move(exact, a, 5, batch_number="L1", unit_cost=2, expiry_date="2126-01-01")
    move(exact, a, 5, batch_number="L2", unit_cost=3, expiry_date="2126-02-01")
    move(exact, b, 5)
    move(exact, a, 2, "sale", reference="r0", occurred_at="2026-01-01")
    move(exact, a, 5, "sale", reference="r1", occurred_at="2026-01-02")
    move(exact, b, 1, "sale", reference="other")
    n = move(exact, a, **{"transaction_type": "sale_return", **back})
    found = {
        {f"#{n}": "own"}.get(number, number) + ("*" if place else ""): quantity
        for number, place, quantity in exact.execute(
            "select batch_number, location_id, quantity_remaining from stock_batches"
            " where product_id = %s",
            (a,),
        )
    }
    assert found == batches
    assert (
        exact.execute(
            "select b.batch_number from stock_batches as b"
            " join stock_batches as o on o.id = b.origin_id"
            " where (b.batch_number, b.expiry_date, b.cost_price, b.received_at)"
            " is distinct from (o.batch_number, o.expiry_date, o.cost_price, o.received_at)"
        ).fetchall()
        == []
    )


def test_what_is_moved_to_and_fro_is_the_same_batch(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True, batch_strategy="lifo")
    shelf, van = places(exact, "shelf", "van")
    move(exact, a, 5, batch_number="L1", unit_cost=2)
    for n, (there, here) in enumerate([(None, shelf), (shelf, van), (van, None)]):
        for kind, place in (("transfer_in", here), ("transfer_out", there)):
            move_together = {"reference": f"t{n}", "location_id": place}
            if kind == "transfer_in":
                exact.execute("begin")
            move(exact, a, 3, kind, **move_together)
        exact.execute("commit")
    assert exact.execute(
        "select location_id, quantity_received, quantity_remaining, origin_id from stock_batches"
        " order by id"
    ).fetchall() == [(None, 8, 5, None), (shelf, 3, 0, 1), (van, 3, 0, 1)]


# Expiry -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("last_day", ["2026-03-07", "2026-03-28", "2026-03-29", "2026-10-25"])
@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati", "Europe/Paris"]
)
def test_the_expiry_date_is_the_last_day_of_the_shop_on_which_it_is_sold(
    exact: psycopg.Connection, zone: str, last_day: str
) -> None:
    a = product(exact, tracks_batches=True)
    exact.execute("update stocksync.settings set time_zone = %s", (zone,))
    day = date.fromisoformat(last_day) + timedelta(days=1)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for session_zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        exact.execute("select set_config('timezone', %s, false)", (session_zone,))
        move(exact, a, 2, batch_number="L1", expiry_date=last_day, occurred_at="2026-01-01")
        move(exact, a, 1, "sale", occurred_at=midnight - timedelta(microseconds=1))
        with raises_sql(
            "SS001",
            'insufficient stock of "A"',
            message_detail="There are 0, and 1 were asked for."
            " Besides there are 1 that are expired.",
        ):
            move(exact, a, 1, "sale", occurred_at=midnight)
        move(exact, a, 1, "expired", occurred_at=midnight)
    exact.execute("reset timezone")


def test_what_expires_in_the_middle_of_a_history_is_not_sold_after_it(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    exact.execute(
        "insert into stock_movements"
        " (product_id, transaction_type, quantity, occurred_at, batch_number, expiry_date)"
        " values (%(a)s, 'sale', 1, '2026-01-06 12:00', null, null),"
        " (%(a)s, 'sale', 1, '2026-01-05 12:00', null, null),"
        " (%(a)s, 'purchase', 5, '2026-01-01', 'L1', '2026-01-05'),"
        " (%(a)s, 'purchase', 5, '2026-01-01', 'L2', '2026-01-09'),"
        " (%(a)s, 'expired', 4, '2026-01-06', null, null)",
        {"a": a},
    )
    assert remaining(exact) == {"L1": 0, "L2": 4}


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sale", "detail"),
    [
        (
            {"quantity": 7},
            "There are 6, and 7 were asked for. Besides there are 2 that are expired,"
            " 3 in quarantine, 4 at other places.",
        ),
        (
            {"quantity": 7, "batch_number": "good"},
            'There are 5 of batch "good", and 7 were asked for. Besides there are'
            " 2 that are expired, 3 in quarantine, 1 in other batches, 4 at other places.",
        ),
        (
            {"quantity": 3, "batch_number": "old"},
            'There are 0 of batch "old", and 3 were asked for. Besides there are'
            " 2 that are expired, 3 in quarantine, 6 in other batches, 4 at other places.",
        ),
        (
            {"quantity": 5, "location_id": 1},
            "There are 4, and 5 were asked for. Besides there are 11 at other places.",
        ),
        (
            {"quantity": 12, "transaction_type": "damage"},
            "There are 11, and 12 were asked for. Besides there are 4 at other places.",
        ),
        (
            {"quantity": 1, "batch_number": "none"},
            'There are 0 of batch "none", and 1 were asked for. Besides there are'
            " 2 that are expired, 3 in quarantine, 6 in other batches, 4 at other places.",
        ),
    ],
)
def test_a_refusal_says_what_is_there_and_may_not_be_taken(
    exact: psycopg.Connection, sale: dict[str, Any], detail: str
) -> None:
    a = product(exact, tracks_batches=True)
    places(exact, "shelf")
    move(exact, a, 5, batch_number="good", expiry_date="2126-01-01")
    move(exact, a, 1, batch_number="more")
    move(exact, a, 2, batch_number="old", expiry_date="2020-01-01")
    move(exact, a, 3, batch_number="held")
    move(exact, a, 4, batch_number="good", location_id=1)
    exact.execute("select stocksync.quarantine_batch(%s, 'held')", (a,))
    before = exact.execute("select * from stock_batches order by id").fetchall()
    with raises_sql("SS001", 'insufficient stock of "A"', message_detail=detail):
        move(exact, a, **{"transaction_type": "sale", **sale})
    assert exact.execute("select * from stock_batches order by id").fetchall() == before


def test_what_is_there_is_taken_last_when_expired_if_the_shop_says_so(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    exact.execute("update stocksync.settings set expired_batches = 'last'")
    move(exact, a, 2, batch_number="old", expiry_date="2020-01-01")
    move(exact, a, 2, batch_number="good", expiry_date="2126-01-01")
    assert did(exact, move(exact, a, 3, "sale")) == {"good": -2, "old": -1}


@pytest.mark.parametrize(
    ("columns", "sqlstate", "constraint"),
    [
        ({"batch_number": ""}, "23514", "stock_batches_number_not_empty"),
        ({"batch_number": "  "}, "23514", "stock_batches_number_not_empty"),
        ({"batch_number": "x" * 2001}, "23514", "stock_batches_number_bounded"),
        ({"expiry_date": "infinity"}, "23514", "stock_batches_expiry_date_bounded"),
        ({"expiry_date": "-infinity"}, "23514", "stock_batches_expiry_date_bounded"),
        ({"expiry_date": "0001-01-01 BC"}, "23514", "stock_batches_expiry_date_bounded"),
        ({"batch_id": 2}, "23503", "stock_movements_batch_exists"),
        ({"batch_id": 99}, "23503", "stock_movements_batch_exists"),
    ],
)
@pytest.mark.parametrize("kind", ["purchase", "sale_return"])
def test_what_no_batch_can_be_is_refused_whole(
    exact: psycopg.Connection,
    kind: str,
    columns: dict[str, Any],
    sqlstate: str,
    constraint: str,
) -> None:
    a, b = product(exact, tracks_batches=True), product(exact, "B", tracks_batches=True)
    move(exact, a, 5, batch_number="L1")
    move(exact, b, 5, batch_number="L1")
    if kind == "sale_return" and "expiry_date" in columns:
        columns = {**columns, "batch_number": "L2"}  # else it goes where it came from
    with pytest.raises(psycopg.Error) as raised:
        move(exact, a, 1, kind, **columns)
    assert (raised.value.sqlstate, raised.value.diag.constraint_name) == (sqlstate, constraint)
    assert stock(exact, a) == 5


@pytest.mark.parametrize("cost", ["NaN", "Infinity", "1e15"])
def test_a_product_may_cost_what_no_batch_can(exact: psycopg.Connection, cost: str) -> None:
    a = product(exact)
    move(exact, a, 1)
    exact.execute("update products set unit_cost = %s::numeric", (cost,))
    exact.execute("update products set tracks_batches = true")
    move(exact, a, 1)
    assert exact.execute("select cost_price from stock_batches").fetchall() == [(None,)] * 2


def test_named_batches_of_the_past(exact: psycopg.Connection) -> None:
    """A retired batch can be named: what comes in is like it, and nothing can be taken from it."""
    a = product(exact, tracks_batches=True)
    move(exact, a, 5, batch_number="L1", expiry_date="2126-01-01", unit_cost=3)
    exact.execute("update products set tracks_batches = false")
    exact.execute("update products set tracks_batches = true")
    with raises_sql("SS001", 'insufficient stock of "A"'):
        move(exact, a, 1, "sale", batch_id=1)
    move(exact, a, 2, batch_id=1)
    assert exact.execute(
        "select batch_number, expiry_date, cost_price, quantity_remaining, status"
        " from stock_batches order by id"
    ).fetchall() == [
        ("L1", date(2126, 1, 1), 3, 5, "retired"),
        ("opening", None, None, 5, "active"),
        ("L1", date(2126, 1, 1), 3, 2, "active"),
    ]


# Private functions --------------------------------------------------------------------------------


def share_out(
    db: psycopg.Connection,
    wants: list[tuple[int, int, Decimal]],
    haves: list[tuple[int, int, Decimal]],
) -> list[tuple[int, int, Decimal]]:
    def portions(of: list[tuple[int, int, Decimal]]) -> list[str]:
        return ["({},{},{})".format(*portion) for portion in of]

    return db.execute(
        "select * from stocksync._share_out("
        " %s::text[]::stocksync._portion[], %s::text[]::stocksync._portion[])",
        (portions(wants), portions(haves)),
    ).fetchall()


def shared_by_force(
    wants: list[tuple[int, int, Decimal]], haves: list[tuple[int, int, Decimal]]
) -> Counter[tuple[int, int]]:
    got: Counter[Any] = Counter()
    there = [list(have) for have in haves]
    for place, want, wanted in wants:
        for have in there:
            part = min(wanted, have[2]) if have[0] == place else 0
            if part:
                got[want, have[1]] += part
                have[2] -= part
                wanted -= part
    return got


@pytest.mark.parametrize(
    ("count", "places_", "unit"),
    [(3, 1, 1), (20, 3, 1), (60, 7, 1), (200, 20, 1_000_000), (2000, 5, 1000)],
)
def test_what_is_there_is_shared_out_as_by_force(
    ledger: psycopg.Connection, count: int, places_: int, unit: int
) -> None:
    chance = random.Random(count)
    for _ in range(20 if count < 1000 else 1):

        def portions(first: int) -> list[tuple[int, int, Decimal]]:
            found = [
                (chance.randint(1, places_), n, Decimal(chance.randint(1, 4 * unit)) / unit)
                for n in range(first, first + chance.randint(count // 2, count))
            ]
            return sorted(found, key=lambda portion: portion[0])

        wants, haves = portions(1), portions(10_000)
        got = share_out(ledger, wants, haves)
        assert {(w, h): q for w, h, q in got} == shared_by_force(wants, haves)
        assert len(got) < len(wants) + len(haves)


@pytest.mark.parametrize(
    ("wants", "haves", "expected"),
    [
        ([], [], []),
        ([(1, 1, 5)], [], []),
        ([], [(1, 1, 5)], []),
        ([(1, 1, 5)], [(2, 9, 5)], []),
        ([(1, 1, 5)], [(1, 9, 5)], [(1, 9, 5)]),
        ([(1, 1, 5), (1, 2, 5)], [(1, 8, 5), (1, 9, 5)], [(1, 8, 5), (2, 9, 5)]),
        ([(1, 1, "0.000001")], [(1, 9, "1e12")], [(1, 9, Decimal("0.000001"))]),
        # one that wants twice, as it is tried again
        ([(1, 1, 2), (1, 1, 2)], [(1, 9, 3)], [(1, 9, 2), (1, 9, 1)]),
    ],
)
def test_edges_of_sharing_out(
    ledger: psycopg.Connection, wants: Any, haves: Any, expected: Any
) -> None:
    assert share_out(ledger, wants, haves) == expected
    null = "null::stocksync._portion[]"
    assert ledger.execute(f"select * from stocksync._share_out({null}, {null})").fetchall() == []


OUTSTANDING = "select movement_id, batch_id, quantity from stocksync._outstanding(%s, %s, %s)"


def test_outstanding_is_what_has_not_come_back(exact: psycopg.Connection) -> None:
    a, b = product(exact, tracks_batches=True), product(exact, "B", tracks_batches=True)
    places(exact, "shelf")
    move(exact, a, 4, batch_number="L1")
    move(exact, a, 4, batch_number="L2")
    move(exact, b, 4)
    sale = move(exact, a, 6, "sale", reference="r1")
    move(exact, b, 1, "sale", reference="r1")
    move(exact, a, 1, "damage", reference="r1")

    def outstanding(reference: str | None = "r1") -> list[tuple[Any, ...]]:
        return sorted(exact.execute(OUTSTANDING, (a, "sale", reference)).fetchall())

    assert outstanding() == outstanding(None) == [(sale, 1, 4), (sale, 2, 2)]
    assert outstanding("r2") == []
    # what was taken last comes back first, and at another place it is the same lot
    back = move(exact, a, 1, "sale_return", reference="r1", location_id=1)
    assert outstanding() == [(sale, 1, 4), (sale, 2, 1)]
    move(exact, a, 2, "sale_return")
    assert outstanding() == [(sale, 1, 3)]
    reverse(exact, back)
    assert outstanding() == [(sale, 1, 3), (sale, 2, 1)]
    reverse(exact, sale)
    assert outstanding() == []


def test_a_reference_that_all_have_is_looked_for_among_the_last_movements(
    exact: psycopg.Connection,
) -> None:
    a, b = product(exact, tracks_batches=True), product(exact, "B", tracks_batches=True)
    for number in ("L1", "L2"):
        move(exact, a, 4, batch_number=number)
    move(exact, b, 5000)
    sold = move(exact, a, 4, "sale", reference="web")
    move(exact, a, 1, "sale", reference="r2")
    exact.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, reference)"
        " select %s, 'sale', 1, 'web' from generate_series(1, 5000)",
        (b,),
    )
    fetched = (
        "select idx_tup_fetch from pg_stat_xact_user_tables where relname = 'batch_consumptions'"
    )
    with exact.transaction():
        before = only(exact, fetched)
        assert exact.execute(OUTSTANDING, (a, "sale", "web")).fetchall() == [(sold, 1, 4)]
        assert only(exact, fetched) - before < 1200
    back = move(exact, a, 1, "sale_return", reference="web")
    assert did(exact, back) == {"L1": 1}


def test_a_reference_is_as_long_as_one_likes(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True)
    for number in ("L1", "L2"):
        move(exact, a, 1, batch_number=number)
    # not to be compressed, and alike at the beginning
    text = "".join(map(chr, random.Random(1).choices(range(0x4E00, 0x9FA5), k=20000)))
    for end in "12":
        move(exact, a, 1, "sale", reference=text + end)
    assert did(exact, move(exact, a, 1, "sale_return", reference=text + "1")) == {"L1": 1}


def test_a_reversal_is_refused_when_what_came_in_has_been_taken(
    exact: psycopg.Connection,
) -> None:
    a = product(exact, tracks_batches=True)
    purchase = move(exact, a, 5, batch_number="L1")
    move(exact, a, 5, batch_number="L2")
    move(exact, a, 2, "sale", batch_number="L1")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail='There are 3 left of batch "L1", and 5 are taken back.',
    ):
        reverse(exact, purchase)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        exact.execute("delete from stock_movements where id = %s", (purchase,))


def test_what_is_taken_back_is_given_before_it_is_taken(exact: psycopg.Connection) -> None:
    a = product(exact, tracks_batches=True)
    purchase = move(exact, a, 10, batch_number="L1")
    sale = move(exact, a, 7, "sale")
    exact.execute("update stock_movements set quantity = 7 where id = %s", (purchase,))
    exact.execute("update stock_movements set quantity = 8 where id = %s", (purchase,))
    with raises_sql("SS001", 'insufficient stock of "A"'):
        exact.execute("update stock_movements set quantity = 6 where id = %s", (purchase,))
    exact.execute("update stock_movements set quantity = quantity - 1")
    assert remaining(exact) == {"L1": 1}
    exact.execute("delete from stock_movements where id = any (%s)", ([purchase, sale],))
    assert remaining(exact) == {"L1": 0}


def test_old_movements_that_change_change_the_opening_batch(exact: psycopg.Connection) -> None:
    a = product(exact)
    purchase, sale = move(exact, a, 10), move(exact, a, 4, "sale")
    exact.execute("update products set tracks_batches = true")
    exact.execute("update stock_movements set quantity = 5 where id = %s", (sale,))
    # it is of today's batches now, what it took of old is back
    assert (remaining(exact), did(exact, sale)) == ({"opening": 5}, {"opening": -5})
    move(exact, a, 2, "sale")
    with raises_sql(
        "SS001",
        'insufficient stock of "A"',
        message_detail='There are 3 left of batch "opening", and 10 are taken back.',
    ):
        exact.execute("delete from stock_movements where id = %s", (purchase,))
    assert stock(exact, a) == 3


@contextmanager
def passing(db: psycopg.Connection) -> Iterator[None]:
    """A transaction that may change batches by hand, and is rolled back."""
    with db.transaction(force_rollback=True):
        db.execute("insert into stocksync._passes default values")
        yield


def changed(db: psycopg.Connection, *changes: tuple[int, str, str]) -> None:
    """Call _change_batches() with (batch_id, received, remaining)."""
    db.execute(
        "select stocksync._change_batches(%s::text[]::stocksync._batch_change[])",
        (["({},{},{})".format(*change) for change in changes],),
    )


def test_changes_are_summed_by_batch_before_anything_is_refused(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 5, batch_number="L1")
    move(ledger, a, 5, batch_number="L2")
    with passing(ledger):
        ledger.execute("select stocksync._change_batches(null)")
        changed(ledger)
    with passing(ledger):
        changed(ledger, (1, "0", "-7"), (2, "1", "0.5"), (1, "-3", "2.000000"))
        assert ledger.execute(
            "select quantity_received, quantity_remaining::text from stock_batches order by id"
        ).fetchall() == [(2, "0"), (6, "5.5")]
    with (
        raises_sql(
            "SS001",
            'insufficient stock of "A"',
            message_detail='There are 5 left of batch "L2", and 5.1 are taken back.',
            constraint_name="stock_batches_remaining_not_negative",
        ),
        passing(ledger),
    ):
        changed(ledger, (1, "0", "3"), (2, "0", "-5.10"))
    assert remaining(ledger) == {"L1": 5, "L2": 5}


def test_what_is_taken_back_is_said_and_left_to_the_caller(ledger: psycopg.Connection) -> None:
    a = product(ledger, tracks_batches=True)
    purchase = move(ledger, a, 5, batch_number="L1")
    sale = move(ledger, a, 3, "sale")
    with passing(ledger):
        assert ledger.execute(
            "select c.batch_id, c.received, c.remaining"
            " from unnest(stocksync._take_back(%s)) as c order by c.remaining",
            ([purchase, sale, 99],),
        ).fetchall() == [(1, -5, -5), (1, 0, 3)]
        assert only(ledger, "select count(*) from batch_receipts") == 0
        assert only(ledger, "select count(*) from batch_consumptions") == 0
        assert remaining(ledger) == {"L1": 2}
        for nothing in ([], [99], None):
            assert only(ledger, "select stocksync._take_back(%s)", (nothing,)) is None


def test_what_cannot_be_had_is_returned_in_its_order(ledger: psycopg.Connection) -> None:
    a = product(ledger, tracks_batches=True)
    move(ledger, a, 5, batch_number="L1")
    wants = (
        "array(select row(n, q, %s, null, null, null, false, '2026-01-01', '2026-01-01', 'sale',"
        " null)::stocksync._want from (values (7, 2), (3, 4), (5, 1)) as w (n, q))"
    )
    with passing(ledger):
        assert ledger.execute(
            "select w.movement_id, w.quantity, w.transaction_type"
            f" from unnest(stocksync._consume({wants})) as w",
            (a,),
        ).fetchall() == [(3, 1, "sale"), (5, 1, "sale")]
        assert remaining(ledger) == {"L1": 0}
        move(ledger, a, 9, batch_number="L2")
        ledger.execute("set constraints all immediate")
        assert only(ledger, f"select stocksync._consume({wants})", (a,)) is None


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_operator"])
def test_an_application_only_inserts(exact: psycopg.Connection, role: str) -> None:
    a = product(exact, tracks_batches=True)
    columns = "product_id, transaction_type, quantity, batch_number, expiry_date, reference"
    with acting_as(exact, role):
        for kind, quantity, number in (("purchase", 5, "L1"), ("sale", 3, None)):
            exact.execute(
                f"insert into stock_movements ({columns})"
                " values (%s, %s, %s, %s, '2126-01-01', 'r1')",
                (a, kind, quantity, number),
            )
        exact.execute("select stocksync.reverse_movement(2, 'x')")
        assert remaining(exact) == {"L1": 5}
        for table in ("stock_batches", "batch_receipts", "batch_consumptions"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                exact.execute(f"delete from {table}")
