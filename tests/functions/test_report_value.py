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
from helpers import acting_as, product, raises_sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

METHODS = ("batch", "fifo", "average")
DAY = datetime(2026, 3, 1, tzinfo=UTC)
REPORT = (
    "select sku, quantity, value, without_cost, in_transit, sold, cost_of_sales, written_off,"
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
    gone: list[Event] = []
    for row in (r for r in rows if r.at <= at):
        kind = KINDS[row.type]
        cost = None if row.cost is None else Fraction(row.cost)
        if row.is_receipt and kind == "in":
            key = row.movement
            if row.quantity < 0 and row.of_movement is not None:
                key = row.of_movement
            came[row.batch, cost, -1 if key is None else key].append(row)
        else:
            sign = -1 if row.is_receipt else 1
            gone.append(
                Event("other" if kind == "in" else kind, sign * Fraction(row.quantity), cost,
                      row.at, row.movement or -1, row.batch)
            )  # fmt: skip
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
    for e in sorted((e for e in found if e.kind == "in"), key=lambda e: (e.at, e.movement, e.batch)):
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
            e.at, 1 if e.kind == "in" else 2 if e.quantity > 0 else 3, e.movement, e.batch
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
        sum(
            (now.costless[kind] - then.costless[kind] for kind in ("sale", "other")), Fraction(0)
        ),
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
            is_receipt: bool, quantity: Decimal, type: str | None, of: int | None = None,
            batch: tuple[int, Decimal | None] | None = None, when: datetime | None = None,
        ) -> None:  # fmt: skip
            batch_id, cost = batch or rng.choice(batches)  # noqa: B023
            movement = next(numbers)
            rows.append(
                Row(number, batch_id, cost, is_receipt, quantity, type and movement, of,  # noqa: B023
                    when or at(), type)  # noqa: B023
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
                        book(row.is_receipt, -row.quantity, row.type,
                             row.of_movement or row.movement, (row.batch, row.cost), later)  # fmt: skip
    return rows


def store(db: psycopg.Connection, rows: list[Row]) -> None:
    for number in range(1, 4):
        product(db, f"P{number}", id=number, tracks_batches=True)
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
