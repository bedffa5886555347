"""The stock at a time, from whichever side it is counted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql
from time_helpers import archive, at, close, stock_at, unarchive

MICROSECOND = timedelta(microseconds=1)


def test_what_occurred_until_then_counts_to_the_microsecond(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, "10.50", occurred_at="2024-03-01 12:00:00.000001+00")
    move(ledger, a, 4, "sale", occurred_at="2024-03-02 00:00+00")
    noon = at("2024-03-01 12:00")
    assert stock_at(ledger, noon) == {"A": "0"}
    assert stock_at(ledger, noon + MICROSECOND) == {"A": "10.5"}
    assert stock_at(ledger, at("2024-03-02") - MICROSECOND) == {"A": "10.5"}
    assert stock_at(ledger, at("2024-03-02")) == {"A": "6.5"}
    assert stock_at(ledger, None) == {"A": "6.5"}


def test_times_without_end_and_a_ledger_without_movements(ledger: psycopg.Connection) -> None:
    assert stock_at(ledger, None) == {}
    a = product(ledger)
    for time in ("infinity", "-infinity", "4713-01-01 BC", "294000-01-01", None):
        assert stock_at(ledger, time) == {"A": "0"}
    move(ledger, a, 1, occurred_at="0001-01-02 00:00+00")
    move(ledger, a, 2, occurred_at="9999-12-30 00:00+00")
    assert [
        stock_at(ledger, time)["A"]
        for time in ("-infinity", "0001-01-01", "0001-01-03", "now", "infinity", None)
    ] == ["0", "0", "1", "1", "3", "3"]
    assert stock_at(ledger, "infinity", "-infinity") == {"A": "0"}
    assert stock_at(ledger, "infinity", "infinity") == {"A": "3"}


@pytest.mark.parametrize("way", ["from the beginning", "from now", "from a closing"])
@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("America/Havana", "2024-11-03"),  # 00:00 to 01:00 comes twice
        ("America/Havana", "2024-03-10"),  # there is no midnight
        ("America/St_Johns", "2010-11-07"),  # back to the day before, one minute after midnight
        ("America/St_Johns", "2010-03-14"),
        ("Asia/Beirut", "2021-10-31"),  # back to the day before, at midnight
        ("Pacific/Apia", "2011-12-30"),  # a day that never was
        ("Australia/Lord_Howe", "2024-04-07"),  # half an hour
        ("Asia/Kathmandu", "2024-04-07"),
    ],
)
def test_days_in_which_clocks_change_are_exact(
    ledger: psycopg.Connection, zone: str, around: str, way: str
) -> None:
    ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
    a = product(ledger)
    midnight = datetime.combine(date.fromisoformat(around), datetime.min.time(), ZoneInfo(zone))
    times = sorted(
        midnight.astimezone(UTC) + timedelta(minutes=30 * n) + step
        for n in range(-60, 61)
        # within the repeated minutes too
        for step in (-MICROSECOND, timedelta(0), timedelta(seconds=30))
    )
    if way == "from now":  # as the beginning is farther away
        times.insert(0, at("0001-01-02"))
    with ledger.transaction():
        ledger.cursor().executemany(
            "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
            " values (%s, 'purchase', %s, %s)",
            [(a, n, time) for n, time in enumerate(times, 1)],
        )
    if way == "from a closing":
        close(ledger, str(date.fromisoformat(around) - timedelta(days=1)))
        before = only(ledger, "select closed_before from stocksync.closings")
        assert only(ledger, "select quantity from stocksync.snapshot_balances") == sum(
            n for n, time in enumerate(times, 1) if time < before
        )
    expected = {time: n * (n + 1) // 2 for n, time in enumerate(times, 1)}
    for _ in range(2):
        seen = ledger.execute(
            "select t.at, s.quantity from unnest(%s::timestamptz[]) as t (at)"
            " cross join lateral stocksync.stock_as_of(t.at) as s",
            (times,),
        ).fetchall()
        assert {t: q for t, q in seen if q != expected[t]} == {}
        assert len(seen) == len(times)
        ledger.execute("select stocksync.roll_up()")


def test_at_one_location(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('shelf'), ('cellar')")
    move(ledger, a, 1, occurred_at="2024-01-01")
    move(ledger, a, 10, location_id=1, occurred_at="2024-01-02")
    move(ledger, a, 100, location_id=2, occurred_at="2024-01-03")
    query = "select quantity from stocksync.stock_as_of(%s, null, %s)"
    assert only(ledger, query, ("2024-01-05", None)) == 111
    assert only(ledger, query, ("2024-01-05", 2)) == 100
    assert only(ledger, query, ("2024-01-02 12:00+00", 2)) == 0


def test_one_product_or_all_and_deleted_ones_as_long_as_they_have_stock(
    ledger: psycopg.Connection,
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 3, occurred_at="2024-01-01")
    move(ledger, a, 3, "sale", occurred_at="2024-02-01")
    ledger.execute("update products set is_deleted = true")
    assert stock_at(ledger, "2024-01-15") == {"A": "3"}
    assert stock_at(ledger, "2024-02-15") == {}
    one = "select sku, quantity from stocksync.stock_as_of('2024-02-15', %s)"
    assert ledger.execute(one, (b,)).fetchall() == [("B", 0)]
    with raises_sql("P0002", "product 999 does not exist"):
        ledger.execute(one, (999,))


def test_both_times_at_once(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    moments = []

    def now() -> None:
        moments.append(only(ledger, "select clock_timestamp()"))

    now()
    late = move(ledger, a, 10, occurred_at="2024-01-31 12:00+00")
    now()
    move(ledger, a, 4, "sale", occurred_at="2024-02-02")
    ledger.execute("update stock_movements set quantity = 7 where id = %s", (late,))
    now()
    ledger.execute("delete from stock_movements where id = %s", (late,))
    now()
    april = [stock_at(ledger, "2024-01-31 23:59+00", known)["A"] for known in moments]
    assert april == ["0", "10", "7", "0"]
    assert [stock_at(ledger, None, known)["A"] for known in moments] == ["0", "10", "3", "-4"]


def test_what_the_days_do_not_tell_is_refused_and_the_ends_of_days_are_not(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10 12:00+00")
    move(ledger, a, 4, "sale", occurred_at="2024-01-20 12:00+00")
    known = only(ledger, "select clock_timestamp()")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    ledger.execute("set time zone 'UTC'")
    for parameters in [("2024-01-10 13:00+00", None), (None, "2024-06-01")]:
        with raises_sql(
            "SS006",
            "movements that tell this are archived",
            message_detail='Movements before 2024-02-01 00:00:00+00 are in "file.csv"; their days'
            " are kept, single movements are not.",
        ):
            stock_at(ledger, *parameters)
    assert stock_at(ledger, at("2024-01-11") - MICROSECOND) == {"A": "10"}
    assert stock_at(ledger, "2024-01-15 08:00+00") == {"A": "10"}
    assert stock_at(ledger, "2024-01-31 12:00+00") == {"A": "6"}
    assert stock_at(ledger, None, known) == {"A": "6"}


@pytest.mark.parametrize("days", [1, 400])
def test_the_balance_of_a_closing_is_told_in_every_time_zone(
    ledger: psycopg.Connection, days: int
) -> None:
    """Also that of yesterday, to which the way from now is as short."""
    a = product(ledger)
    day = only(ledger, "select current_date - %s", (days,))
    move(ledger, a, 10, occurred_at=day)
    close(ledger, str(day))
    archive(ledger, str(day))
    end = only(ledger, "select closed_before from stocksync.closings") - MICROSECOND
    for zone in ("UTC", "America/New_York", "Asia/Kathmandu"):
        ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
        assert stock_at(ledger, end) == {"A": "10"}
        assert stock_at(ledger, None) == {"A": "10"}


def test_what_is_archived_is_not_counted_again_on_a_later_day_of_another_time_zone(
    ledger: psycopg.Connection,
) -> None:
    """It occurred in the last hours of the closed day, which was the next day already in Apia."""
    a = product(ledger)
    move(ledger, a, 25, occurred_at="2024-10-29 13:00+00")
    close(ledger, "2024-10-29")
    move(ledger, a, 1, occurred_at="2024-11-05 12:00+00")
    ledger.execute("update stocksync.settings set time_zone = 'Pacific/Apia'")
    content = archive(ledger, "2024-10-29")
    for zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"):
        ledger.execute("update stocksync.settings set time_zone = %s", (zone,))
        assert stock_at(ledger, "2024-11-01 12:00+00") == {"A": "25"}
        assert stock_at(ledger, "2024-11-30 12:00+00") == {"A": "26"}
        assert ledger.execute("select * from stocksync.negative_in_past()").fetchall() == []
        assert differences(ledger) == []
    assert unarchive(ledger, content) == 1
    assert differences(ledger) == []
    assert stock_at(ledger, "2024-11-01 12:00+00") == {"A": "25"}


def test_an_application_may_ask_and_may_an_auditor(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-01")
    for role in ("stocksync_app", "stocksync_auditor", "stocksync_operator"):
        with acting_as(ledger, role):
            assert stock_at(ledger, "2024-02-01", "infinity") == {"A": "10"}


def test_an_unknown_location_is_an_error(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "location 9 does not exist"):
        ledger.execute("select * from stocksync.stock_as_of(now(), null, 9)")
