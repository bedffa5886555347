"""When a schedule was last due, in the time of the shop."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError


class ScheduleError(Exception):
    """A schedule that cannot be kept; the message says why."""


def last_due(cron: str, time_zone: str, now: datetime) -> datetime | None:
    """Return the last time up to ``now`` for which ``cron`` is due, None if there never was one.

    As Debian's cron does it when the clock changes: what runs every hour or minute goes by the time
    that passes; what runs at a time of day runs once a day, after a gap if the time falls into it.
    Raises ScheduleError if the text or the time zone means nothing here.
    """
    try:
        # with a fraction of a second, the second of "now" itself is looked at
        start = now.astimezone(ZoneInfo(time_zone)).replace(microsecond=1)
        found = next(CronSim(cron, start, reverse=True), None)
    except CronSimError as error:
        raise ScheduleError(str(error)) from error
    except ZoneInfoNotFoundError as error:
        raise ScheduleError(f'Python knows no time zone "{time_zone}": install tzdata') from error
    return found and found.astimezone(UTC)
