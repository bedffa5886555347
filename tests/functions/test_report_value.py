"""What the stock is worth, equal to a count unit by unit, at any time and by each method."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from math import floor
from typing import Any, NamedTuple

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from time_helpers import archive, close

METHODS = ("batch", "fifo", "average")
DAY = datetime(2026, 3, 1, tzinfo=UTC)
REPORT = (
    "select sku, quantity, value, without_cost, in_transit, sold, cost_of_sales, other_cost,"
    " gone_without_cost from stocksync.report_value(%s, %s, %s)"
)
KINDS = {
    "sale": "sale",
    "sale_return": "sale",
    "transfer_out": "transfer",
    "transfer_in": "transfer",
    "purchase": "in",
    "recovery_found": "other",
    "damage": "other",
    "lost_missing": "other",
    None: "in",
}


class Row(NamedTuple):
    """A receipt or a consumption."""

    product: int
    batch: int
    cost: Decimal | None
    is_receipt: bool
    quantity: Decimal
    movement: int | None
    of_movement: int | None
    at: datetime
    type: str | None


class Event(NamedTuple):
    """As stocksync._value_events() has them."""

    kind: str
    quantity: Fraction
    cost: Fraction | None
    at: datetime
    movement: int
    batch: int


def events(rows: list[Row], at: datetime) -> list[Event]:
    """Return what came in and went out of one product, one thing after the other."""
    came: dict[Any, list[Row]] = defaultdict(list)
    brought: dict[Any, Event] = {}  # what one movement brings back into one batch is one thing
    gone: list[Event] = []
    for row in (r for r in rows if r.at <= at):
        kind = KINDS[row.type]
        cost = None if row.cost is None else Fraction(row.cost)
        if row.is_receipt and kind == "in":
            key = row.movement
            if row.quantity < 0 and row.of_movement is not None:
                key = row.of_movement
            came[row.batch, cost, -1 if key is None else key].append(row)
        elif row.is_receipt:
            was = brought.get((row.movement, row.batch))
            brought[row.movement, row.batch] = Event(
                kind, (was.quantity if was else Fraction(0)) - Fraction(row.quantity), cost,
                row.at, row.movement or -1, row.batch,
            )  # fmt: skip
        else:
            gone.append(
                Event("other" if kind == "in" else kind, Fraction(row.quantity), cost,
                      row.at, row.movement or -1, row.batch)
            )  # fmt: skip
    gone += brought.values()
    found = []
    for (batch, cost, key), receipts in came.items():
        quantity = sum((Fraction(r.quantity) for r in receipts), Fraction(0))
        event = Event("in", quantity, cost, min(r.at for r in receipts), key, batch)
        if quantity > 0:
            found.append(event)
        elif quantity < 0:
            gone.append(event._replace(kind="other", quantity=-quantity))
    for transfers in (False, True):
        out = Fraction(0)
        chosen = [e for e in gone if (e.kind == "transfer") == transfers]
        for e in sorted(chosen, key=lambda e: (e.at, -e.quantity, e.movement, e.batch)):
            back = max(Fraction(0), -e.quantity - out) if e.quantity < 0 else Fraction(0)
            out += e.quantity + back
            if back:
                found.append(e._replace(kind="in", quantity=back))
            if e.quantity + back:
                found.append(e._replace(quantity=e.quantity + back))
    return found


class Sums:
    """Units, cost and units without cost, by kind."""

    def __init__(self) -> None:
        self.units: dict[str, Fraction] = defaultdict(Fraction)
        self.cost: dict[str, Fraction] = defaultdict(Fraction)
        self.costless: dict[str, Fraction] = defaultdict(Fraction)

    def add(self, kind: str, units: Fraction, cost: Fraction | None) -> None:
        """Count units, each of this cost."""
        self.units[kind] += units
        if cost is None:
            self.costless[kind] += units
        else:
            self.cost[kind] += units * cost


def by_batch(found: list[Event]) -> Sums:
    sums = Sums()
    for e in found:
        sums.add(e.kind, e.quantity, e.cost)
    return sums


def by_fifo(found: list[Event]) -> Sums:
    """Lay out every half of a unit, and take from the front."""
    sums, half = Sums(), Fraction(1, 2)
    line: list[Fraction | None] = []
    for e in sorted(
        (e for e in found if e.kind == "in"), key=lambda e: (e.at, e.movement, e.batch)
    ):
        line += [e.cost] * int(e.quantity / half)
        sums.add("in", e.quantity, e.cost)
    position = 0
    for e in sorted(
        (e for e in found if e.kind != "in"),
        key=lambda e: (e.kind == "transfer", e.at, -e.quantity, e.movement, e.batch),
    ):
        sign = 1 if e.quantity > 0 else -1
        for _ in range(int(abs(e.quantity) / half)):
            place = position if sign > 0 else position - 1
            sums.add(e.kind, sign * half, line[place] if place < len(line) else None)
            position += sign
    return sums


def by_average(found: list[Event]) -> Sums:
    """Keep a heap of goods, of which all units are alike."""
    sums = Sums()
    heap = [Fraction(0)] * 3  # units, value, units without cost
    last = heap
    owed: dict[str, Fraction] = defaultdict(Fraction)

    def share(of: list[Fraction], units: Fraction) -> tuple[Fraction, Fraction]:
        def part(amount: Fraction) -> Fraction:
            return Fraction(floor(amount * units / of[0] * 10**6 + Fraction(1, 2)), 10**6)

        return part(of[1]), part(of[2])

    transfers = sum((e.quantity for e in found if e.kind == "transfer"), Fraction(0))
    ordered = sorted(
        (e for e in found if e.kind != "transfer"),
        key=lambda e: (
            e.at, 1 if e.kind == "in" else 2 if e.quantity > 0 else 3, e.movement, e.batch,
            e.quantity,
        ),
    )  # fmt: skip
    if transfers:
        ordered.append(Event("transfer", transfers, None, DAY, 0, 0))
    for e in ordered:
        sums.units[e.kind] += e.quantity
        if e.kind == "in":
            heap = [heap[0] + e.quantity, heap[1] + e.quantity * (e.cost or 0),
                    heap[2] + (e.quantity if e.cost is None else 0)]  # fmt: skip
            sums.cost["in"] += e.quantity * (e.cost or 0)
            sums.costless["in"] += e.quantity if e.cost is None else 0
        elif e.quantity > 0:
            owed[e.kind] += e.quantity
        else:
            back = -e.quantity
            forgiven = min(back, owed[e.kind])
            owed[e.kind] -= forgiven
            back -= forgiven
            if back:
                last = heap if heap[0] else last
                cost, costless = share(last, back) if last[0] else (Fraction(0), back)
                heap = [heap[0] + back, heap[1] + cost, heap[2] + costless]
                sums.cost[e.kind] -= cost
                sums.costless[e.kind] -= costless
        for kind in ("sale", "other", "transfer"):
            units = min(owed[kind], heap[0])
            if units:
                last = heap
                cost, costless = heap[1:] if units == heap[0] else share(heap, units)
                cost = min(cost, heap[1])
                heap = [heap[0] - units, heap[1] - cost, heap[2] - costless]
                owed[kind] -= units
                sums.cost[kind] += cost
                sums.costless[kind] += costless
    for kind, units in owed.items():
        sums.costless[kind] += units
    return sums


BY_FORCE: dict[str, Callable[[list[Event]], Sums]] = {
    "batch": by_batch,
    "fifo": by_fifo,
    "average": by_average,
}


def expected(
    rows: list[Row], at: datetime, method: str, since: datetime | None
) -> tuple[Fraction, ...]:
    now = BY_FORCE[method](events(rows, at))
    then = BY_FORCE[method](events(rows, since)) if since else Sums()

    def left(by_kind: dict[str, Fraction]) -> Fraction:
        return by_kind["in"] - by_kind["sale"] - by_kind["other"] - by_kind["transfer"]

    return (
        left(now.units),
        left(now.cost),
        left(now.costless),
        now.units["transfer"],
        now.units["sale"] - then.units["sale"],
        now.cost["sale"] - then.cost["sale"],
        now.cost["other"] - then.cost["other"],
        sum((now.costless[kind] - then.costless[kind] for kind in ("sale", "other")), Fraction(0)),
    )


# Any history --------------------------------------------------------------------------------------


def history(rng: random.Random) -> list[Row]:
    """Make up receipts and consumptions of three products, also such as no shop has."""
    rows: list[Row] = []
    numbers = count(1)
    costs = [None, *(Decimal(c) for c in ("0", "1", "2.5", "3.333333", "0.0000001", "7"))]
    for number in range(1, 4):
        batches = [(number * 10 + b, rng.choice(costs)) for b in range(rng.randint(1, 4))]

        def at() -> datetime:
            return DAY + timedelta(hours=rng.randint(0, 12))

        def units() -> Decimal:
            return Decimal(rng.randint(1, 12)) / 2

        def book(
            is_receipt: bool, quantity: Decimal, kind: str | None, of: int | None = None,
            batch: tuple[int, Decimal | None] | None = None, when: datetime | None = None,
        ) -> None:  # fmt: skip
            batch_id, cost = batch or rng.choice(batches)  # noqa: B023
            movement = next(numbers)
            rows.append(
                Row(number, batch_id, cost, is_receipt, quantity, kind and movement, of,  # noqa: B023
                    when or at(), kind)
            )  # fmt: skip

        for batch in batches:
            if rng.random() < 0.3:
                book(True, units(), None, batch=batch)
        for _ in range(rng.randint(0, 25)):
            mine = [r for r in rows if r.product == number]
            match rng.randint(0, 9):
                case 0 | 1 | 2:
                    book(True, units(), "purchase")
                case 3 | 4:
                    book(False, units(), rng.choice(["sale", "sale", "lost_missing", "damage"]))
                case 5:
                    book(False, units(), "transfer_out")
                case 6:
                    book(rng.random() < 0.5, units(), "transfer_in")
                    if not rows[-1].is_receipt:
                        rows[-1] = rows[-1]._replace(quantity=-rows[-1].quantity)
                case 7:
                    kind = rng.choice(["sale_return", "recovery_found"])
                    if rng.random() < 0.5:
                        book(True, units(), kind)
                    else:
                        book(False, -units(), kind, rng.randint(1, 50))
                case _ if mine:  # a reversal
                    row = rng.choice(mine)
                    if row.movement is not None:
                        later = row.at + timedelta(hours=rng.choice([0, 0, 1, 5, -1]))
                        of = row.of_movement or row.movement
                        batch = (row.batch, row.cost)
                        book(row.is_receipt, -row.quantity, row.type, of, batch, later)
    return rows


def store(db: psycopg.Connection, rows: list[Row]) -> None:
    for number in range(1, 4):
        product(db, f"P{number}", id=number, tracks_batches=True)
    # nobody writes what follows by hand
    db.execute("set session_replication_role = replica")
    for number, batch, cost in sorted({(r.product, r.batch, r.cost) for r in rows}, key=str):
        db.execute(
            "insert into stock_batches (id, product_id, batch_number, cost_price, received_at)"
            " values (%s, %s, %s, %s, %s)",
            (batch, number, f"L{batch}", cost, DAY),
        )
    with db.cursor() as cursor:
        cursor.executemany(
            "insert into batch_receipts (movement_id, batch_id, quantity, of_movement_id,"
            " occurred_at, transaction_type) values (%s, %s, %s, %s, %s, %s)",
            [(r.movement, r.batch, r.quantity, r.of_movement, r.at, r.type)
             for r in rows if r.is_receipt],
        )  # fmt: skip
        cursor.executemany(
            "insert into batch_consumptions (movement_id, batch_id, quantity, of_movement_id,"
            " occurred_at, transaction_type) values (%s, %s, %s, %s, %s, %s)",
            [(r.movement, r.batch, r.quantity, r.of_movement, r.at, r.type)
             for r in rows if not r.is_receipt],
        )  # fmt: skip
    db.execute("set session_replication_role = origin")


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_every_method_is_equal_to_a_count_unit_by_unit(
    ledger: psycopg.Connection, empty: Callable[[], None], seed: int
) -> None:
    rng = random.Random(seed)
    empty()
    rows = history(rng)
    store(ledger, rows)
    for method in METHODS:
        for _ in range(3):
            at = DAY + timedelta(hours=rng.randint(0, 14))
            since = rng.choice([None, at - timedelta(hours=rng.randint(1, 8))])
            told = {
                sku: tuple(map(Fraction, more))
                for sku, *more in ledger.execute(REPORT, (at, method, since)).fetchall()
            }
            assert told == {
                f"P{n}": expected([r for r in rows if r.product == n], at, method, since)
                for n in range(1, 4)
            }, (method, at, since)


def stored(db: psycopg.Connection) -> list[Row]:
    """Return what settle has made of movements."""
    return [
        Row(*row)
        for row in db.execute(
            """
            select b.product_id, b.id, b.cost_price, u.is_receipt, u.quantity, u.movement,
                u.of_movement, u.at, u.type
            from stock_batches as b
            join (
                select r.batch_id, true, r.quantity, r.movement_id, r.of_movement_id,
                    r.occurred_at, r.transaction_type
                from batch_receipts as r
                union all
                select c.batch_id, false, c.quantity, c.movement_id, c.of_movement_id,
                    c.occurred_at, c.transaction_type
                from batch_consumptions as c
            ) as u (batch, is_receipt, quantity, movement, of_movement, at, type)
                on u.batch = b.id
            """
        )
    ]


@settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
@example(seed=28354)  # two receipts of one return in one batch
@example(seed=1359)  # a return of three sales, each of which rounds
def test_so_are_movements_of_any_kind_and_the_units_are_those_of_the_stock(
    ledger: psycopg.Connection, empty: Callable[[], None], seed: int
) -> None:
    rng = random.Random(seed)
    empty()
    ledger.execute("insert into locations (name) values ('shelf')")
    for n in range(1, 4):
        product(ledger, f"P{n}", id=n, tracks_batches=True,
                batch_strategy=rng.choice(["fefo", "fifo", "lifo"]))  # fmt: skip
    kinds = ["purchase"] * 4 + ["sale"] * 4 + [k for k in KINDS if k]
    for _ in range(60):
        number, at = rng.randint(1, 3), DAY + timedelta(hours=rng.randint(0, 12))
        try:
            with ledger.transaction():
                if rng.random() < 0.12:
                    ledger.execute(
                        "insert into stock_movements (product_id, location_id, movement_type,"
                        " transaction_type, quantity, occurred_at, reverses_id)"
                        " select product_id, location_id,"
                        " case movement_type when 'in' then 'out' else 'in' end, transaction_type,"
                        " quantity, occurred_at + %s, id from stock_movements as m"
                        " where reverses_id is null and not exists (select from stock_movements"
                        " where reverses_id = m.id) order by md5(id::text) limit 1",
                        (timedelta(hours=rng.choice([0, 0, 2])),),
                    )
                    continue
                kind = rng.choice(kinds)
                extra: dict[str, Any] = {}
                if rng.random() < 0.4:
                    extra["batch_number"] = rng.choice(["L1", "L2"])
                if kind == "purchase":
                    extra["unit_cost"] = rng.choice([None, 1, 2, Decimal("3.3")])
                move(ledger, number, Decimal(rng.randint(1, 20)) / 2, kind, occurred_at=at,
                     location_id=rng.choice([None, None, 1]),
                     reference=rng.choice([None, "o1", "o2"]), **extra)  # fmt: skip
        except psycopg.Error as error:
            assert error.sqlstate == "SS001", error
    assert differences(ledger) == []
    rows = stored(ledger)
    for method in METHODS:
        for _ in range(3):
            at = DAY + timedelta(hours=rng.randint(0, 14))
            since = rng.choice([None, at - timedelta(hours=rng.randint(1, 8))])
            report = ledger.execute(REPORT, (at, method, since)).fetchall()
            assert {sku: tuple(map(Fraction, more)) for sku, *more in report} == {
                f"P{n}": expected([r for r in rows if r.product == n], at, method, since)
                for n in range(1, 4)
            }, (method, at, since)
            stock = dict(
                ledger.execute("select sku, quantity from stocksync.stock_as_of(%s)", (at,))
            )
            assert {row[0]: row[1] for row in report} == {
                f"P{n}": stock.get(f"P{n}", 0) for n in range(1, 4)
            }


# Movements, as they come --------------------------------------------------------------------------


def told(db: psycopg.Connection, method: str, at: datetime, since: datetime | None = None) -> Any:
    [row] = db.execute(REPORT, (at, method, since)).fetchall()
    return row[1:]


def hour(number: float) -> datetime:
    return DAY + timedelta(hours=number)


@pytest.fixture
def tea(ledger: psycopg.Connection) -> int:
    """Ten units for 1, then ten for 2, the first of which expire later."""
    number = product(ledger, tracks_batches=True)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, number, 10, unit_cost=1, batch_number="old", expiry_date="2030-12-31",
         occurred_at=hour(1))  # fmt: skip
    move(ledger, number, 10, unit_cost=2, batch_number="new", expiry_date="2030-01-31",
         occurred_at=hour(2))  # fmt: skip
    return number


# quantity, value, without cost, in transit, sold, cost of sales, written off, gone without cost
@pytest.mark.parametrize(
    ("method", "sold", "returned", "damaged"),
    [
        ("batch", (14, 18, 0, 0, 6, 12, 0, 0), (16, 22, 0, 0, 4, 8, 0, 0),
         (15, 20, 0, 0, 4, 8, 2, 0)),
        ("fifo", (14, 24, 0, 0, 6, 6, 0, 0), (16, 26, 0, 0, 4, 4, 0, 0),
         (15, 25, 0, 0, 4, 4, 1, 0)),
        ("average", (14, 21, 0, 0, 6, 9, 0, 0), (16, 24, 0, 0, 4, 6, 0, 0),
         (15, Decimal("22.5"), 0, 0, 4, 6, Decimal("1.5"), 0)),
    ],
)  # fmt: skip
def test_a_sale_a_return_and_what_is_damaged(
    ledger: psycopg.Connection, tea: int, method: str, sold: Any, returned: Any, damaged: Any
) -> None:
    move(ledger, tea, 6, "sale", reference="o1", occurred_at=hour(3))
    assert told(ledger, method, hour(3)) == sold
    move(ledger, tea, 2, "sale_return", reference="o1", occurred_at=hour(4))
    assert told(ledger, method, hour(4)) == returned
    move(ledger, tea, 1, "damage", occurred_at=hour(5))
    assert told(ledger, method, hour(5)) == damaged
    # what it said of then it says still; and of a period what is in it
    assert told(ledger, method, hour(3)) == sold
    assert told(ledger, method, hour(5), hour(3))[4:6] == tuple(
        new - old for new, old in zip(damaged[4:6], sold[4:6], strict=True)
    )
    [(unit,)] = ledger.execute(
        "select unit_value from stocksync.report_value(p_method => %s)", (method,)
    ).fetchall()
    assert unit == round(Decimal(damaged[1]) / 15, 6)


@pytest.mark.parametrize("method", METHODS)
def test_a_sale_that_was_booked_by_mistake_has_cost_nothing(
    ledger: psycopg.Connection, tea: int, method: str
) -> None:
    before = told(ledger, method, hour(9))
    sale = move(ledger, tea, 7, "sale", occurred_at=hour(3))
    assert told(ledger, method, hour(9)) != before
    move(ledger, tea, 7, "sale", movement_type="in", reverses_id=sale, occurred_at=hour(3))
    assert told(ledger, method, hour(9)) == before


@pytest.mark.parametrize("method", METHODS)
def test_a_receipt_that_was_booked_by_mistake_is_left_out_from_then_on(
    ledger: psycopg.Connection, tea: int, method: str
) -> None:
    before = told(ledger, method, hour(9))
    receipt = move(ledger, tea, 100, unit_cost=99, occurred_at=hour(1.5))
    with_it = told(ledger, method, hour(4))
    assert with_it[:2] == (120, 9930)
    move(ledger, tea, 100, movement_type="out", reverses_id=receipt, occurred_at=hour(5))
    assert told(ledger, method, hour(4)) == with_it
    assert told(ledger, method, hour(9)) == before


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("named", [None, "new"])
@pytest.mark.parametrize("place", [None, 1])
def test_a_transfer_changes_neither_value_nor_cost_of_sales(
    ledger: psycopg.Connection, tea: int, method: str, named: str | None, place: int | None
) -> None:
    move(ledger, tea, 3, "sale", occurred_at=hour(2.5))
    before = told(ledger, method, hour(9))
    move(ledger, tea, 4, "transfer_out", batch_number=named, occurred_at=hour(3))
    on_its_way = told(ledger, method, hour(3))
    assert (on_its_way[0], on_its_way[3]) == (13, 4)
    assert on_its_way[4:] == before[4:]
    # meanwhile something comes in that would change the average
    move(ledger, tea, 10, unit_cost=50, occurred_at=hour(3.5))
    move(ledger, tea, 4, "transfer_in", batch_number=named, location_id=place, occurred_at=hour(4))
    after = told(ledger, method, hour(9))
    assert after == (27, before[1] + 500, *before[2:])


@pytest.mark.parametrize("method", METHODS)
def test_units_of_unknown_cost_are_counted_and_not_valued(
    ledger: psycopg.Connection, method: str
) -> None:
    number = product(ledger, tracks_batches=True)
    move(ledger, number, 4, occurred_at=hour(1))
    move(ledger, number, 4, unit_cost=3, occurred_at=hour(2))
    assert told(ledger, method, hour(2))[:3] == (8, 12, 4)
    [(unit,)] = ledger.execute(
        "select unit_value from stocksync.report_value(p_method => %s)", (method,)
    ).fetchall()
    assert unit == 3
    move(ledger, number, 2, "sale", occurred_at=hour(3))
    assert told(ledger, method, hour(3)) == (
        (6, 9, 3, 0, 2, 3, 0, 1) if method == "average" else (6, 12, 2, 0, 2, 0, 0, 2)
    )


def test_what_is_archived_is_valued_as_before(ledger: psycopg.Connection, tea: int) -> None:
    move(ledger, tea, 6, "sale", reference="o1", occurred_at=hour(3))
    move(ledger, tea, 4, "transfer_out", occurred_at=hour(3.5))
    move(ledger, tea, 4, "transfer_in", location_id=1, batch_number="new", occurred_at=hour(3.5))
    move(ledger, tea, 2, "sale_return", batch_number="old", occurred_at=hour(4))
    before = [told(ledger, method, hour(h)) for method in METHODS for h in range(1, 6)]
    close(ledger, "2026-03-01")
    archive(ledger, "2026-03-01")
    assert [told(ledger, method, hour(h)) for method in METHODS for h in range(1, 6)] == before


def test_the_opening_batch_counts_from_its_time(ledger: psycopg.Connection) -> None:
    number = product(ledger, unit_cost=5)
    move(ledger, number, 3, occurred_at=hour(1))
    assert ledger.execute("select * from stocksync.report_value()").fetchall() == []
    ledger.execute("update products set tracks_batches = true")
    [(since,)] = ledger.execute("select occurred_at from batch_receipts").fetchall()
    for method in METHODS:
        assert told(ledger, method, since - timedelta(microseconds=1))[:2] == (0, 0)
        assert told(ledger, method, since)[:2] == (3, 15)


def test_one_product(ledger: psycopg.Connection, tea: int) -> None:
    move(ledger, product(ledger, "B", tracks_batches=True), 1, unit_cost=1)
    for method in METHODS:
        ask = "select sku from stocksync.report_value(p_method => %s, p_sku => 'B')"
        assert only(ledger, ask, (method,)) == "B"
    with raises_sql("P0002", 'unknown sku "x"'):
        ledger.execute("select stocksync.report_value(p_sku => 'x')")


def test_what_makes_no_sense_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("22023", 'unknown method "lifo"'):
        ledger.execute("select stocksync.report_value(p_method => 'lifo')")
    with raises_sql("22023", 'unknown method "<NULL>"'):
        ledger.execute("select stocksync.report_value(p_method => null)")
    with raises_sql("22023", "2026-03-01 00:00:00+00 is not before 2026-03-01 00:00:00+00"):
        ledger.execute("select stocksync.report_value(%s, p_from => %s)", (DAY, DAY))


def test_an_auditor_may_ask(ledger: psycopg.Connection, tea: int) -> None:
    for method in METHODS:
        with acting_as(ledger, "stocksync_auditor"):
            assert told(ledger, method, hour(9))[:2] == (20, 30)
        with (
            acting_as(ledger, "stocksync_app"),
            raises_sql("42501", "permission denied for function report_value"),
        ):
            told(ledger, method, hour(9))
