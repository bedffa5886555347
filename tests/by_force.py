"""The reports, by force: added up in Python from the movements themselves, nothing kept.

Nothing of the roll-up is asked, nor PostgreSQL what day it is somewhere.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg

VIEWS = ("movement_trends", "slow_and_fast_movers", "stock_summary")
Rows = list[tuple[Any, ...]]


class Movement(NamedTuple):
    """A movement on its day in the shop."""

    product: int
    location: int | None
    type: str
    quantity: Fraction
    day: date


class Shop:
    """What the reports are made of."""

    def __init__(self, db: psycopg.Connection) -> None:
        [(now, zone, self.report_days)] = db.execute(
            "select now(), time_zone, report_days from stocksync.settings"
        ).fetchall()
        self.today = now.astimezone(ZoneInfo(zone)).date()
        self.types = {
            name: (direction, counts_as)
            for name, direction, counts_as in db.execute(
                "select name, movement_type, counts_as from transaction_types"
            )
        }
        self.costs = dict(db.execute("select id, unit_cost from products order by id"))
        self.movements = [
            Movement(
                product,
                location,
                kind,
                Fraction(quantity) * (1 if direction == "in" else -1),
                at.astimezone(ZoneInfo(zone)).date(),
            )
            for product, location, kind, direction, quantity, at in db.execute(
                "select product_id, location_id, transaction_type, movement_type, quantity,"
                " occurred_at from stock_movements"
            )
        ]

    def of(self, product: int) -> list[Movement]:
        return [m for m in self.movements if m.product == product]

    def is_sale(self, m: Movement) -> bool:
        return self.types[m.type][1] == "sale"

    def sold(self, movements: Iterable[Movement], first: date, last: date) -> Fraction:
        return -total(m for m in movements if self.is_sale(m) and first <= m.day <= last)

    def stock_summary(self) -> Rows:
        rows: Rows = []
        for product in self.costs:
            movements = self.of(product)
            days = sorted(m.day for m in movements)
            counts = [m.day for m in movements if self.types[m.type][1] == "count"]
            came = total(m for m in movements if self.types[m.type][0] == "in")
            on_hand = total(movements)
            age = max(1, (self.today - days[0]).days) if days else 90
            yesterday = self.today - timedelta(1)
            sold = {
                n: self.sold(movements, self.today - timedelta(n), yesterday) for n in (7, 30, 90)
            }
            cover = None
            if sold[30] > 0:
                cover = rounded(max(on_hand, Fraction(0)) * min(30, age) / sold[30], 1)
            rows.append(
                (
                    product,
                    exact(came),
                    exact(came - on_hand),
                    exact(on_hand),
                    len(movements),
                    days[0] if days else None,
                    days[-1] if days else None,
                    max(counts, default=None),
                    *(rounded(sold[n] / min(n, age)) for n in (7, 30, 90)),
                    cover,
                )
            )
        return rows

    def movement_trends(self) -> Rows:
        first = (self.today - timedelta(self.report_days - 1)).replace(day=1)
        found: dict[tuple[str, date, str], list[Fraction]] = defaultdict(list)
        for m in self.movements:
            week = m.day - timedelta(m.day.weekday())
            for period, starts_on in (
                ("day", m.day),
                ("week", week),
                ("month", m.day.replace(day=1)),
            ):
                is_inside = week + timedelta(6) >= first if period == "week" else m.day >= first
                if is_inside and m.day <= self.today:
                    found[period, starts_on, m.type].append(m.quantity)
        rows: Rows = []
        for (period, starts_on, kind), quantities in found.items():
            direction = self.types[kind][0]
            quantity = sum(quantities, Fraction(0)) * (1 if direction == "in" else -1)
            ends_on = {
                "day": starts_on,
                "week": starts_on + timedelta(6),
                "month": (starts_on + timedelta(31)).replace(day=1) - timedelta(1),
            }[period]
            rows.append(
                (
                    period,
                    starts_on,
                    kind,
                    direction,
                    exact(quantity),
                    len(quantities),
                    ends_on < self.today,
                )
            )
        return sorted(rows)

    def slow_and_fast_movers(self) -> Rows:
        first = self.today - timedelta(self.report_days - 1)
        window = [first + timedelta(n) for n in range(self.report_days)]
        sold = {p: self.sold(self.of(p), first, self.today) for p in self.costs}
        value = {p: sold[p] * worth(cost) for p, cost in self.costs.items()}
        ranking = sorted((p for p in sold if sold[p] > 0), key=lambda p: (-value[p], p))
        of_all = sum((value[p] for p in ranking), Fraction(0))
        steps = [Fraction(0)]
        for p in ranking:
            steps.append(steps[-1] + value[p])
        classes = {}
        for p, before in zip(ranking, steps, strict=False):
            classes[p] = (
                "A" if before < of_all * Fraction(8, 10)
                else "B" if before < of_all * Fraction(95, 100)
                else "C"
            )  # fmt: skip
        rows: Rows = []
        for p in self.costs:
            movements = self.of(p)
            on_hand = total(movements)
            first_on = min((m.day for m in movements), default=None)
            days = [d for d in window if first_on is not None and d >= first_on]
            stock = [total(m for m in movements if m.day <= d) for d in days]
            average = sum(stock, Fraction(0)) / len(stock) if stock else Fraction(0)
            sales = self.days_of_sale(movements, first)
            idle = None
            if first_on is not None:
                since = max(sales, default=min(first_on, self.today))
                idle = (self.today - max(since, first)).days
            rows.append(
                (
                    p,
                    exact(sold[p]),
                    exact(value[p]),
                    classes.get(p),
                    exact(on_hand),
                    rounded(average),
                    rounded(sold[p] / average) if average > 0 else None,
                    max(sales, default=None),
                    idle,
                    on_hand > 0 and sold[p] <= 0 and first_on is not None and first_on < first,
                )
            )
        return rows

    def days_of_sale(self, movements: list[Movement], first: date) -> list[date]:
        """Days on which a type of sale, at a location, moved more than was taken back."""
        net: dict[tuple[str, int | None, date], Fraction] = defaultdict(Fraction)
        for m in movements:
            if self.types[m.type] == ("out", "sale") and first <= m.day <= self.today:
                net[m.type, m.location, m.day] += m.quantity
        return [day for (_, _, day), quantity in net.items() if quantity < 0]


def total(movements: Iterable[Movement]) -> Fraction:
    return sum((m.quantity for m in movements), Fraction(0))


def worth(cost: Decimal | None) -> Fraction:
    return Fraction(cost) if cost is not None and cost.is_finite() and cost >= 0 else Fraction(1)


def rounded(number: Fraction, places: int = 6) -> Decimal:
    sign, scaled = (-1 if number < 0 else 1), abs(number) * 10**places
    whole = (Decimal((scaled * 2).__floor__()) / 2).to_integral_value(ROUND_HALF_UP)
    return sign * whole / 10**places


def exact(number: Fraction) -> Decimal:
    assert (number * 10**12).denominator == 1
    return Decimal((number * 10**12).numerator) / 10**12


def refresh(db: psycopg.Connection) -> None:
    """Refresh the views in the middle of a transaction, as stocksync.refresh() does."""
    db.execute("set constraints all immediate")
    db.execute("select stocksync.roll_up()")
    db.execute("select stocksync._refresh_views()")


def stored(db: psycopg.Connection, view: str) -> Rows:
    """Return what a view says; the order is that of the model."""
    rows = db.execute(f"select * from stocksync.{view}").fetchall()
    return sorted(rows, key=lambda row: row[:3])
