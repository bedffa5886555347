"""The stock at many times: each is what stock_as_of() says for it, and what adding up says."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql

NULLS = "product, from, to and step must not be null"
MANY = "a curve has less than 100000 points"


def history(db: psycopg.Connection, *arguments: Any) -> list[tuple[datetime, Decimal]]:
    marks = ", ".join(["%s"] * len(arguments))
    return db.execute(f"select * from stocksync.stock_history({marks})", arguments).fetchall()


def wrong(db: psycopg.Connection, curve: list[tuple[datetime, Decimal]], *of: Any) -> list[Any]:
    """Return the points that are not what the movements add up to, in Python and as of then."""
    product_id, location = of
    rows = db.execute(
        "select occurred_at, case movement_type when 'in' then quantity else -quantity end"
        " from stock_movements where product_id = %s and (%s::bigint is null or location_id = %s)",
        (product_id, location, location),
    ).fetchall()
    return [
        (at, quantity)
        for at, quantity in curve
        if quantity != sum((q for t, q in rows if t <= at), Decimal(0))
        or quantity != only(db, "select quantity from stocksync.stock_as_of(%s, %s, %s)", (at, *of))
    ]


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """300 movements over forty days around the end of summer time, some at ends of days."""
    chance = random.Random(4)
    product(ledger, "A"), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('Paris'), ('Rome')")
    ledger.execute("update stocksync.settings set time_zone = 'Europe/Berlin'")
    begin = datetime(2025, 10, 1, tzinfo=UTC)
    for n in range(300):
        at = begin + timedelta(seconds=chance.randrange(40 * 86400))
        if n % 5 == 0:
            at = at.replace(hour=22, minute=0, second=0) - timedelta(microseconds=n % 3)
        move(
            ledger,
            chance.choice([1, 1, 2]),
            Decimal(chance.randint(1, 999)) / 8,
            chance.choice(["purchase", "sale"]),
            occurred_at=at,
            location_id=chance.choice([None, 1, 2]),
        )
        if n == 200:
            ledger.execute("select stocksync.roll_up()")
    return ledger


@pytest.mark.parametrize("step", ["1 day", "1 week 3 hours", "7 hours", "97 minutes", "1 month"])
@pytest.mark.parametrize("location", [None, 1])
@pytest.mark.parametrize("begin", ["2025-09-20", "2025-10-14 11:23:45.678901"])
def test_every_point_is_the_stock_as_of_then(
    shop: psycopg.Connection, step: str, location: int | None, begin: str
) -> None:
    shop.execute("select stocksync.use_shop_time()")
    curve = history(shop, 1, begin, "2025-11-12 17:30", step, location)
    assert len(curve) >= 2
    assert wrong(shop, curve, 1, location) == []


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "America/St_Johns", "Pacific/Apia"])
def test_days_that_clocks_have_torn_are_exact(ledger: psycopg.Connection, zone: str) -> None:
    """Midnight that never was, a day that came again for an hour, a day that was left out."""
    year, month = {"America/Sao_Paulo": (2018, 2), "America/St_Johns": (2006, 10)}.get(
        zone, (2011, 12)
    )
    a = product(ledger)
    ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
    begin = datetime(year, month, 14 if month == 2 else 26, tzinfo=UTC)
    for n in range(200):
        move(ledger, a, n + 1, occurred_at=begin + timedelta(minutes=n * 47))
    for step in ("1 day", "20 minutes"):
        curve = history(ledger, a, begin, begin + timedelta(days=7), step)
        assert wrong(ledger, curve, a, None) == []


def test_steps_of_days_follow_the_clocks_of_the_shop_and_leave_the_session_alone(
    shop: psycopg.Connection,
) -> None:
    shop.execute("set timezone = 'Asia/Kolkata'")
    curve = history(shop, 1, "2025-10-25 12:00+02", "2025-10-27 12:00+01")
    assert [at.astimezone(UTC).hour for at, _ in curve] == [10, 11, 11]
    assert only(shop, "show timezone") == "Asia/Kolkata"


def test_the_last_point_is_the_end_and_a_curve_may_be_one_point(shop: psycopg.Connection) -> None:
    ends = [at.isoformat() for at, _ in history(shop, 1, "2025-10-01Z", "2025-10-02T13:00Z")]
    assert [end[:16] for end in ends] == [
        "2025-10-01T00:00",
        "2025-10-02T00:00",
        "2025-10-02T13:00",
    ]
    for step in ("1 day", "178000000 years"):
        assert len(history(shop, 1, "2025-10-05Z", "2025-10-05Z", step)) == 1
        assert len(history(shop, 1, "2025-10-05Z", "2025-10-06Z", step)) == 2


@pytest.mark.parametrize(
    ("begin", "days"),
    [
        ("stocksync.beginning('2026-01-01')", ["12-31", "01-31", "02-28", "03-31", "04-30"]),
        ("'2025-12-31 12:00Z'::timestamptz", ["12-31", "01-31", "02-28", "03-31", "04-30"]),
    ],
)
def test_months_end_when_they_end(ledger: psycopg.Connection, begin: str, days: list[str]) -> None:
    product(ledger)
    points = ledger.execute(
        f"select to_char(at, 'MM-DD') from stocksync.stock_history(1, {begin}, {begin}"
        " + interval '4 months 1 day', '1 month')"
    ).fetchall()
    assert [day for (day,) in points][:5] == days


def test_a_curve_through_closed_periods_is_exact(shop: psycopg.Connection) -> None:
    shop.execute("call stocksync.close_period('2025-10-10')")
    shop.execute("call stocksync.close_period('2025-10-26')")
    for step in ("1 day", "5 hours"):
        curve = history(shop, 1, "2025-10-08 12:00Z", "2025-11-05Z", step)
        assert wrong(shop, curve, 1, None) == []


def test_what_a_transaction_wrote_is_in_it_once_settled(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with ledger.transaction():
        move(ledger, a, 5, occurred_at="2025-10-03")
        ledger.execute("set constraints all immediate")
        curve = history(ledger, a, "2025-10-01", "2025-10-05")
    assert [quantity for _, quantity in curve] == [0, 0, 5, 5, 5]


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "message"),
    [
        ((9, "2025-01-01Z", "2025-01-02Z"), "P0002", "product 9 does not exist"),
        ((1, None, "2025-01-02Z"), "22004", NULLS),
        ((None, "2025-01-01Z", "2025-01-02Z"), "22004", NULLS),
        ((1, "2025-01-01Z", "2025-01-02Z", None), "22004", NULLS),
        ((1, "-infinity", "2025-01-02Z"), "22023", "a curve needs a beginning and an end"),
        ((1, "2025-01-01Z", "infinity"), "22023", "a curve needs a beginning and an end"),
        ((1, "2025-01-01Z", "2025-01-02Z", "0"), "22023", "the step must be longer than zero"),
        ((1, "2025-01-01Z", "2025-01-02Z", "-1 day"), "22023", "the step must be longer than zero"),
        ((1, "2025-01-01Z", "2025-01-04Z", "1 second"), "54000", MANY),
        ((1, "2025-01-01Z", "2040-01-04Z", "1 hour"), "54000", MANY),
        (
            (1, "2025-01-01Z", "2125-01-04Z", "1 month -29 days"),
            "22023",
            "the step must be longer than zero",
        ),
    ],
)
def test_what_is_no_curve_is_refused(
    ledger: psycopg.Connection, arguments: tuple[Any, ...], sqlstate: str, message: str
) -> None:
    product(ledger)
    with raises_sql(sqlstate, message):
        history(ledger, *arguments)


def test_times_in_the_wrong_order_are_refused(ledger: psycopg.Connection) -> None:
    product(ledger)
    ledger.execute("set timezone = 'UTC'")
    with raises_sql("22023", "2025-01-02 00:00:00+00 is after 2025-01-01 00:00:00+00"):
        history(ledger, 1, "2025-01-02Z", "2025-01-01Z")


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_auditor", "stocksync_operator"])
def test_whoever_reads_may_call_it(ledger: psycopg.Connection, role: str) -> None:
    a = product(ledger)
    move(ledger, a, 5, occurred_at="2025-10-03")
    with acting_as(ledger, role):
        assert history(ledger, a, "2025-10-04Z", "2025-10-04Z")[0][1] == 5
