"""When a schedule was last due: with a clock of the test's own, also where the shop's jumps."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from stocksync.cron import ScheduleError, last_due


def at(text: str, zone: str = "UTC", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def runs(cron: str, zone: str, start: datetime, hours: int) -> Iterator[datetime]:
    """Yield what is taken by a worker that looks every 20 seconds and takes each time once."""
    taken = last_due(cron, zone, start)
    assert taken is not None
    now = start.astimezone(UTC)
    end = now + timedelta(hours=hours)
    while now < end:
        now += timedelta(seconds=20)
        due = last_due(cron, zone, now)
        assert due is not None
        assert due <= now
        if due > taken:
            taken = due
            yield due.astimezone(ZoneInfo(zone))


@pytest.mark.parametrize(
    ("cron", "now", "due"),
    [
        ("0 * * * *", "2026-11-21 10:59:59.999999", "2026-11-21 10:00"),
        ("0 * * * *", "2026-11-21 11:00:00", "2026-11-21 11:00"),
        ("0 * * * *", "2026-11-21 11:00:00.5", "2026-11-21 11:00"),
        ("0 2 * * *", "2026-11-21 01:59", "2026-11-20 02:00"),
        ("*/15 9-17 * * MON-FRI", "2026-11-21 12:00", "2026-11-20 17:45"),
        ("0 0 29 2 *", "2026-11-21 12:00", "2024-02-29 00:00"),
        ("30 4 1,15 * 5", "2026-11-21 12:00", "2026-11-20 04:30"),  # either day, as in cron
    ],
)
def test_the_last_time_up_to_now(cron: str, now: str, due: str) -> None:
    assert last_due(cron, "UTC", at(now)) == at(due)


def test_days_and_hours_are_those_of_the_shop() -> None:
    now = at("2026-11-21 12:00")
    assert last_due("0 2 * * *", "Asia/Tokyo", now) == at("2026-11-21 02:00", "Asia/Tokyo")
    assert last_due("0 2 * * *", "America/New_York", now) == at("2026-11-21 07:00")


@pytest.mark.parametrize(
    ("zone", "start", "hours_that_day"),
    [
        ("Europe/Berlin", "2026-03-29 00:00", 23),
        ("Europe/Berlin", "2026-10-25 00:00", 25),
        ("America/New_York", "2026-03-08 00:00", 23),
        ("America/New_York", "2026-11-01 00:00", 25),
        ("America/Sao_Paulo", "2019-02-16 00:00", 25),
        ("Australia/Sydney", "2026-10-04 00:00", 23),
    ],
)
def test_what_runs_every_hour_runs_every_hour_whatever_the_clock_shows(
    zone: str, start: str, hours_that_day: int
) -> None:
    times = [t.astimezone(UTC) for t in runs("0 * * * *", zone, at(start, zone), hours_that_day)]
    assert len(times) == hours_that_day
    assert {b - a for a, b in pairwise(times)} == {timedelta(hours=1)}


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 2 * * *", "15 1 * * *", "0 3 * * *"])
@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", "2026-03-27 12:00"),
        ("Europe/Berlin", "2026-10-23 12:00"),
        ("America/New_York", "2026-03-06 12:00"),
        ("America/New_York", "2026-10-30 12:00"),
    ],
)
def test_what_runs_every_day_runs_once_every_day(cron: str, zone: str, start: str) -> None:
    days = Counter(t.date() for t in runs(cron, zone, at(start, zone), 96))
    assert len(days) == 4
    assert set(days.values()) == {1}


def test_a_time_that_the_clock_leaves_out_is_made_up_for_after_the_gap() -> None:
    zone = "Europe/Berlin"
    [run] = runs("30 2 * * *", zone, at("2026-03-29 00:00", zone), 20)
    assert run == at("2026-03-29 03:00", zone)


def test_after_a_year_off_there_is_one_time_to_make_up_for() -> None:
    assert last_due("* * * * *", "Europe/Berlin", at("2026-11-21 12:00:30")) == at(
        "2026-11-21 12:00"
    )


@pytest.mark.parametrize(
    "cron", ["61 * * * *", "* 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 9", "a * * * *",
             "*/0 * * * *", "5-1 * * * *", "", "* * * *", "0 0 30 2 *", ",,, * * * *", "1/ * * * *",
             "L * * * *", "* * * * L/2", "* * L/2 * #", "* * * * 1#9", "-1 * * * *"],
)  # fmt: skip
def test_what_means_nothing_is_a_schedule_error(cron: str) -> None:
    with pytest.raises(ScheduleError):
        last_due(cron, "UTC", at("2026-11-21 12:00"))


def test_a_time_zone_that_python_does_not_know_is_a_schedule_error() -> None:
    with pytest.raises(ScheduleError, match="install tzdata"):
        last_due("0 * * * *", "Moon/Crater", at("2026-11-21 12:00"))
