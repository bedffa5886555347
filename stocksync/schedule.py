"""Who runs what stocksync.schedules says: cron, systemd or pg_cron.

Each of them is asked to run this program (pg_cron: the procedure), and each does the same three
things: ``install``, ``remove``, and ``find`` what of it is there. Nothing that belongs to anybody
else, or to another database, is touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from cronsim import CronSim, CronSimError
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, class_row

from stocksync.db import Connection, connect, to_url
from stocksync.errors import StocksyncError

# What every cron reads alike. cronsim knows more (L, #, seconds), and cron would not.
_ITEM = r"(\*(/[0-9]+)?|[0-9]+(-[0-9]+(/[0-9]+)?)?|[a-z]{3}(-[a-z]{3})?)"
_FIELD = rf"{_ITEM}(,{_ITEM})*"
_PORTABLE = re.compile(rf"{_FIELD}( {_FIELD}){{4}}", re.IGNORECASE)

_POSTGRESQL_PORT = 5432
_SECRETS = {
    option.keyword.decode() for option in pq.Conninfo.get_defaults() if option.dispchar == b"*"
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Place(NamedTuple):
    """A database, among all others; as text, a URL of one line."""

    host: str
    port: int
    dbname: str

    @classmethod
    def of(cls, connection: Connection) -> Place:
        """Return the place of the database of a connection."""
        info = connection.info
        return cls(info.host, info.port, info.dbname)

    def __str__(self) -> str:
        return f"postgresql://{quote(self.host, safe='')}:{self.port}/{quote(self.dbname, safe='')}"


class Task(NamedTuple):
    """A row of stocksync.schedules."""

    name: str
    cron: str
    is_enabled: bool

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command of the program, which does what a worker would do."""
        return ("audit", "--deep") if self.name == "audit" else (self.name,)


@dataclass(frozen=True)
class Plan:
    """What is to be run, on which database, and how to call this program for it."""

    tasks: Sequence[Task]
    time_zone: str
    place: Place
    command: Sequence[str]
    is_private: bool = False  # a server of our own, which the command starts if need be

    def to_run(self) -> list[Task]:
        """Return the enabled tasks. Raises StocksyncError if cron would not understand them."""
        enabled = [task for task in self.tasks if task.is_enabled]
        for task in enabled:
            parse(task)
        return enabled


class Scheduler(Protocol):
    """What can be asked of each of them."""

    def zone(self) -> tzinfo | None:
        """Return the time zone it counts in, None where Python does not know it."""

    def notes(self) -> list[str]:
        """Return what somebody should know who installs it."""

    def find(self) -> dict[str, bool]:
        """Return the tasks it runs, with whether it is as `install` would have it."""

    def install(self) -> None:
        """Make it run the enabled tasks and no others of this database."""

    def install_text(self) -> str:
        """Return what `install` would write."""

    def remove(self) -> bool:
        """Make it run none of this database; return whether there was something to remove."""

    def remove_text(self) -> str:
        """Return what `remove` would remove."""


# Times --------------------------------------------------------------------------------------------


def parse(task: Task) -> CronSim:
    """Return the times of a task. Raises StocksyncError if cron would not understand them."""
    hint = f'Correct the row "{task.name}" of stocksync.schedules: "0 * * * *" is every hour.'
    try:
        times = CronSim(task.cron, datetime.now(UTC))
    except CronSimError as error:
        raise StocksyncError(
            f'"{task.cron}" is not a schedule', detail=f"{error}.", hint=hint
        ) from error
    if not _PORTABLE.fullmatch(task.cron):
        raise StocksyncError(
            f'cron cannot express "{task.cron}"',
            detail="It knows five fields of numbers, names, ranges, lists, * and steps of these.",
            hint=hint,
        )
    return times


def next_time(cron: str, zone: tzinfo | None) -> datetime | None:
    """Return when a schedule is due next, None if nobody can tell."""
    with contextlib.suppress(CronSimError, StopIteration):
        if zone is not None:
            return next(CronSim(cron, datetime.now(zone)))
    return None


def find_zone(name: str) -> tzinfo | None:
    """Return the time zone with this name, None if Python does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC if name.upper() in ("UTC", "GMT") else None


def machine_zone() -> tzinfo:
    """Return the time zone of this machine, whatever TZ says: cron does not have our TZ."""
    with contextlib.suppress(OSError, ValueError), Path("/etc/localtime").open("rb") as file:
        return ZoneInfo.from_file(file)
    return UTC


def _are_alike(one: tzinfo | None, other: tzinfo | None) -> bool:
    """Tell whether two zones have the same time in every month of the coming year."""
    now = datetime.now(UTC)
    months = [now + timedelta(days=30) * n for n in range(13)]
    return (
        one is not None
        and other is not None
        and all(at.astimezone(one).utcoffset() == at.astimezone(other).utcoffset() for at in months)
    )


def on_calendar(task: Task, time_zone: str) -> str:
    """Return the times of a task as systemd's OnCalendar, in the time zone of the shop.

    Raises StocksyncError for what systemd cannot express.
    """
    times = parse(task)
    days = _numbers(times.days, 1, 31)
    weekdays = _weekdays(times.weekdays)
    if not times.day_and and "*" in (days, weekdays):
        days = weekdays = "*"  # either of them is enough, and one always holds
    elif not times.day_and:
        raise StocksyncError(
            f'systemd cannot express "{task.cron}"',
            detail="For cron it is enough if the day of month or the day of week fits; systemd "
            "wants both.",
            hint="Restrict one of them, or use --with cron.",
        )
    months = _numbers(times.months, 1, 12)
    hours = _numbers(times.hours, 0, 23)
    minutes = _numbers(times.minutes, 0, 59)
    day_of_week = "" if weekdays == "*" else f"{weekdays} "
    return f"{day_of_week}*-{months}-{days} {hours}:{minutes}:00 {time_zone}"


def _numbers(values: set[int], lowest: int, highest: int) -> str:
    ordered = sorted(values)
    if len(ordered) == highest - lowest + 1:
        return "*"
    # Not as steps: coming from the last one of a day, systemd leaves out the first of the next.
    return ",".join(_runs(ordered, "{:02}".format))


def _weekdays(values: Iterable[Any]) -> str:
    ordered = sorted({(day - 1) % 7 for day in values})  # cron begins with Sunday, and ends with it
    return "*" if len(ordered) == 7 else ",".join(_runs(ordered, _WEEKDAYS.__getitem__))


def _runs(ordered: list[int], name: Callable[[int], str]) -> Iterator[str]:
    """Yield ordered numbers as single ones and ranges."""
    while ordered:
        length = 1
        while ordered[length : length + 1] == [ordered[0] + length]:
            length += 1
        if length < 3:
            length = 1
        first, last = ordered[0], ordered[length - 1]
        yield name(first) if first == last else f"{name(first)}..{name(last)}"
        ordered = ordered[length:]


# How to call this program -------------------------------------------------------------------------


def program() -> list[str]:
    """Return the words that start this program from anywhere."""
    script = Path(sys.argv[0])
    if script.name == "stocksync" and os.access(script, os.X_OK):
        return [str(script.absolute())]
    return [sys.executable, "-P", "-m", "stocksync"]


def address(url: str) -> str:
    """Return a URL that needs none of libpq's variables and holds no secret, always spelt alike."""
    given = conninfo_to_dict(url)
    # the program gives itself a name, whatever that of the caller
    variables: dict[str, str | int | None] = {
        option.keyword.decode(): os.environ.get(option.envvar.decode()) or None
        for option in pq.Conninfo.get_defaults()
        if option.envvar and option.keyword.decode() not in ("application_name", *given)
    }
    # read once more, its parts are in libpq's order
    return to_url(to_url(url, **variables), **dict.fromkeys(_SECRETS))


def secrets_in(url: str) -> list[str]:
    """Return the names of the passwords that a URL holds."""
    return sorted(conninfo_to_dict(url).keys() & _SECRETS)


class _Done(NamedTuple):
    """What a program of the system has said."""

    status: int
    output: str
    error: str


def _run(*command: str, text: str = "") -> _Done:
    """Run a program of the system, which speaks English. StocksyncError if it is not there."""
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=os.fsencode(text),
            capture_output=True,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError as error:
        raise StocksyncError(
            f'this machine has no "{command[0]}"',
            hint="Choose another one of cron, systemd and pg_cron, or run `stocksync worker`.",
        ) from error
    # Bytes become text and bytes again: somebody else's lines come back as they were.
    return _Done(done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr).strip())


def _do(*command: str, text: str = "") -> None:
    done = _run(*command, text=text)
    if done.status != 0:
        raise StocksyncError(f'"{shlex.join(command)}" failed', detail=done.error or None)


# cron ---------------------------------------------------------------------------------------------


class Cron:
    """The crontab of the user: our lines are between two that name the database."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._begin = f"# begin stocksync {plan.place}, written by `stocksync schedule`"
        self._end = f"# end stocksync {plan.place}"

    def zone(self) -> tzinfo | None:
        """Return the machine's, unless cron can be told the shop's."""
        return find_zone(self._plan.time_zone) if self._can_tell_zone else machine_zone()

    def notes(self) -> list[str]:
        """Say so if the shop's day is not cron's."""
        if _are_alike(self.zone(), find_zone(self._plan.time_zone)):
            return []
        return [f"cron counts in the time of this machine, not in that of {self._plan.time_zone}."]

    def find(self) -> dict[str, bool]:
        """Return the tasks that have a line."""
        _, ours, _ = self._read()
        return {
            task.name: task.is_enabled and self._line(task) in ours
            for task in self._plan.tasks
            # earlier versions did not look deep
            if any(re.search(rf" {task.name}( --deep)? >/dev/null$", line) for line in ours)
        }

    def install(self) -> None:
        """Write our lines in the place of those that are there, or at the end."""
        self._replace(self._lines)

    def install_text(self) -> str:
        """Return our lines."""
        before, _, _ = self._read()
        return _joined(self._lines(before))

    def remove(self) -> bool:
        """Take our lines out."""
        return self._replace(lambda _before: [])

    def remove_text(self) -> str:
        """Return the lines that are there."""
        return _joined(self._read()[1])

    @cached_property
    def _can_tell_zone(self) -> bool:
        """Whether CRON_TZ means something: to cronie, the cron of Red Hat, SUSE and Arch."""
        done = _run("crontab", "-V") if shutil.which("crontab") else None
        return done is not None and "cronie" in done.output + done.error

    def _read(self) -> tuple[list[str], list[str], list[str]]:
        """Return the lines of the crontab before ours, ours, and those after."""
        if not shutil.which("crontab"):
            return [], [], []
        done = _run("crontab", "-l")
        if done.status == 0:
            lines = done.output.removesuffix("\n").split("\n") if done.output else []
        elif re.search("no crontab for|can't open", done.error):  # the latter is busybox
            lines = []
        else:
            raise StocksyncError('"crontab -l" failed', detail=done.error or None)
        if self._begin not in lines:
            return lines, [], []
        first = lines.index(self._begin)
        if self._end not in lines[first:]:
            raise StocksyncError(
                "the crontab was changed by hand",
                detail=f'It has the line "{self._begin}" and not the one that ends it.',
                hint="Remove what is stocksync's of it with `crontab -e`, and try again.",
            )
        last = lines.index(self._end, first)
        return lines[:first], lines[first : last + 1], lines[last + 1 :]

    def _replace(self, lines: Callable[[list[str]], list[str]]) -> bool:
        """Write other lines in the place of ours; return whether there were any."""
        with _alone():
            before, ours, after = self._read()
            new = before + lines(before) + after
            if new == before + ours + after:
                pass
            elif new:
                _do("crontab", "-", text=_joined(new))
            else:
                _do("crontab", "-r")
        return bool(ours)

    def _lines(self, before: list[str]) -> list[str]:
        lines = [self._line(task) for task in self._plan.to_run()]
        if lines and self._can_tell_zone:
            # It holds for all lines that follow: what others have below must not notice.
            zones = [line for line in before if re.match(r"\s*CRON_TZ\s*=", line)]
            theirs = zones[-1] if zones else "CRON_TZ=:/etc/localtime"
            lines = [f"CRON_TZ={self._plan.time_zone}", *lines, theirs]
        return [self._begin, *lines, self._end] if lines else []

    def _line(self, task: Task) -> str:
        command = shlex.join(self._plan.command)
        if re.search(r"[\\\n]", command):
            raise StocksyncError(
                "a crontab cannot hold this command",
                detail=f"There is a backslash or a line feed in {command!r}.",
                hint="Install stocksync in a directory with another name.",
            )
        return f"{task.cron} {command}{_ending(task)}".replace("%", "\\%")


def _ending(task: Task) -> str:
    # cron mails what is printed: errors
    return f" {' '.join(task.arguments)} >/dev/null"


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep another one of us from changing the crontab between our reading and writing it."""
    try:
        home = os.open(Path.home(), os.O_RDONLY)
    except (OSError, RuntimeError):  # a user without one
        yield
        return
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(home, fcntl.LOCK_EX)
        yield
    finally:
        os.close(home)


# systemd ------------------------------------------------------------------------------------------


class Systemd:
    """A service and a timer for each task, among the units of the user."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._mark = f"# {plan.place}, written by `stocksync schedule`"
        configuration = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        self._directory = Path(configuration) / "systemd" / "user"

    def zone(self) -> tzinfo | None:
        """Return the shop's: a timer can be told."""
        return find_zone(self._plan.time_zone)

    def notes(self) -> list[str]:
        """Say so if the units of the user end with the session."""
        try:
            user = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            user = str(os.geteuid())
        if Path("/var/lib/systemd/linger", user).exists():
            return []
        return [f"They run while {user} is logged in; always, after: loginctl enable-linger {user}"]

    def find(self) -> dict[str, bool]:
        """Return the tasks that have a timer; one that is not enabled is not as it should be."""
        found = {}
        for task in self._plan.tasks:
            units = self._units(task) if task.is_enabled else {}
            timer = self._timer(task)
            if self._is_ours(timer):
                found[task.name] = (
                    all(_content(path) == text for path, text in units.items())
                    and bool(units)
                    and (self._directory / "timers.target.wants" / timer.name).exists()
                )
        return found

    def install(self) -> None:
        """Write the units and enable the timers. Raises StocksyncError for units of others."""
        enabled = self._plan.to_run()
        units = [unit for task in enabled for unit in self._units(task).items()]
        for path, _ in units:
            if path.exists() and not self._is_ours(path):
                raise StocksyncError(
                    f'"{path}" is there already',
                    detail="It was not written for this database.",
                    hint="Remove it, or place what --print shows under other names.",
                )
        self._remove([task for task in self._plan.tasks if not task.is_enabled])
        self._directory.mkdir(parents=True, exist_ok=True)
        for path, text in units:
            new = path.with_name(f".{path.name}.new")
            new.write_text(text)
            new.replace(path)
        _systemctl("daemon-reload")
        if enabled:
            _systemctl("enable", "--now", *(self._timer(task).name for task in enabled))

    def install_text(self) -> str:
        """Return the files, each after a line with its path."""
        units = [unit for task in self._plan.to_run() for unit in self._units(task).items()]
        return "\n".join(f"# {path}\n{text}" for path, text in units)

    def remove(self) -> bool:
        """Disable the timers and delete the files."""
        is_there = self._remove(self._plan.tasks)
        if is_there:
            _systemctl("daemon-reload")
        return is_there

    def remove_text(self) -> str:
        """Return the files that are there."""
        paths = [path for task in self._plan.tasks for path in self._paths(task)]
        return "\n".join(f"# {path}\n{_content(path)}" for path in paths if self._is_ours(path))

    def _remove(self, tasks: Iterable[Task]) -> bool:
        paths = [path for task in tasks for path in self._paths(task) if self._is_ours(path)]
        if timers := [path.name for path in paths if path.suffix == ".timer"]:
            _systemctl("disable", "--now", *timers)
        for path in paths:
            path.unlink(missing_ok=True)
        return bool(paths)

    def _paths(self, task: Task) -> tuple[Path, Path]:
        """Return service and timer of a task: a user may have several databases."""
        timer = self._timer(task)
        return timer.with_suffix(".service"), timer

    def _timer(self, task: Task) -> Path:
        host, port, dbname = self._plan.place
        is_here = host in ("localhost", "127.0.0.1", "::1") or host.startswith("/")
        words = [
            f"stocksync-{task.name}",
            *([] if is_here else [host]),
            *([] if port == _POSTGRESQL_PORT else [str(port)]),
            dbname,
        ]
        name = "-".join(re.sub(r"[^A-Za-z0-9_.-]", "_", word) for word in words)
        return self._directory / f"{name}.timer"

    def _units(self, task: Task) -> dict[Path, str]:
        service, timer = self._paths(task)
        # ":" keeps "$" from meaning a variable
        command = " ".join(map(_systemd_word, (*self._plan.command, *task.arguments)))
        database = quote(self._plan.place.dbname).replace("%", "%%")
        description = f"Description=stocksync {task.name} of {database}"
        return {
            service: f"{self._mark}\n[Unit]\n{description}\n\n"
            f"[Service]\nType=oneshot\nExecStart=:{command}\n"
            # the server is to go on when the service has ended
            + ("KillMode=process\n" if self._plan.is_private else ""),
            timer: f"{self._mark}\n[Unit]\n{description}\n\n"
            f"[Timer]\nOnCalendar={on_calendar(task, self._plan.time_zone)}\nPersistent=true\n\n"
            f"[Install]\nWantedBy=timers.target\n",
        }

    def _is_ours(self, path: Path) -> bool:
        return _content(path).startswith(f"{self._mark}\n")


def _content(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def _systemd_word(word: str) -> str:
    """Return a word of a command as systemd reads it."""
    if re.fullmatch(r"[A-Za-z0-9_./:=@&?+-]+", word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + re.sub("[^ -~\x80-\U0010ffff]", lambda c: f"\\x{ord(c[0]):02x}", escaped) + '"'


def _systemctl(*arguments: str) -> None:
    _do("systemctl", "--user", *arguments)


# pg_cron ------------------------------------------------------------------------------------------


class PgCron:
    """Jobs in the server itself; which, is said by stocksync.pg_cron_statements()."""

    def __init__(self, plan: Plan, url: str, connection: Connection) -> None:
        self._plan = plan
        self._url = url
        self._connection = connection

    def zone(self) -> tzinfo | None:
        """Return the server's setting, GMT where it has none."""
        return next((find_zone(row.time_zone) for row in self._rows("show")), None)

    def notes(self) -> list[str]:
        """Say so if the shop's day is not pg_cron's."""
        return sorted({row.note for row in self._rows("install") if row.note})

    def find(self) -> dict[str, bool]:
        """Return the tasks that have a job, as far as this role may see."""
        return {
            task: any(is_current for (is_current,) in found)
            for task, found in self._execute("show").items()
            if found
        }

    def install(self) -> None:
        """Make or change the jobs. Raises StocksyncError without the extension."""
        self._execute("install")

    def install_text(self) -> str:
        """Return the statements."""
        return self._text("install")

    def remove(self) -> bool:
        """Unschedule the jobs."""
        return any(self._execute("remove").values())

    def remove_text(self) -> str:
        """Return the statements."""
        return self._text("remove")

    def _rows(self, action: str) -> list[_PgCronRow]:
        if action == "install":
            self._plan.to_run()  # pg_cron would read a part of what it does not understand
        with self._connection.cursor(row_factory=class_row(_PgCronRow)) as cursor:
            query = "select * from stocksync.pg_cron_statements(%s)"
            return cursor.execute(query, (action,)).fetchall()

    def _text(self, action: str) -> str:
        rows = self._rows(action)
        place = "".join(f"-- in database {row.database_name}\n" for row in rows[:1])
        return place + "".join(f"{row.statement};\n" for row in rows)

    def _execute(self, action: str) -> dict[str, list[TupleRow]]:
        """Run the statements where pg_cron is, all or none; return what each returned."""
        rows = self._rows(action)
        if not rows:
            return {}
        database = rows[0].database_name
        with connect(to_url(self._url, dbname=database), autocommit=False) as there:
            try:
                return {row.task: there.execute(row.statement.encode()).fetchall() for row in rows}
            except (psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedTable) as error:
                raise StocksyncError(
                    f'extension "pg_cron" is not in database "{database}"',
                    hint=f'Run "create extension pg_cron" in database "{database}".',
                ) from error
            except psycopg.errors.InsufficientPrivilege as error:
                error.add_note(
                    f'To schedule in database "{database}" a role needs usage on schema cron; for '
                    "another database also execute on function cron.schedule_in_database."
                )
                raise


class _PgCronRow(NamedTuple):
    task: str
    database_name: str
    time_zone: str
    statement: str
    note: str | None
