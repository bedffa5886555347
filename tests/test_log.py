"""``stocksync log``, its --follow, and what the program writes to stderr with --log-format json."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from typing import IO

import psycopg
import pytest
from helpers import move, only, product, session

from stocksync.db import to_url
from stocksync.errors import ExitStatus

PROGRAM = [sys.executable, "-m", "stocksync"]
TIMEOUT = 30.0
NOTE = "insert into stocksync.log (level, message) values ('warning', %s) returning id"


@pytest.fixture
def stocksync(ledger_url: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the program on the test's database; returns the finished process."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, "--database-url", ledger_url, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | environment,
        )

    return run


class Follower:
    """A running ``stocksync log --follow``, and the lines that it has printed."""

    def __init__(self, process: subprocess.Popen[str], stdout: IO[str]) -> None:
        self.process = process
        self._lines: Queue[str | None] = Queue()
        self._reader = threading.Thread(target=self._read, args=(stdout,), daemon=True)
        self._reader.start()

    def _read(self, stdout: IO[str]) -> None:
        try:
            for line in stdout:
                self._lines.put(line.rstrip("\r\n"))
        except (OSError, ValueError):
            pass  # the other end of the terminal is closed, or this one by the test
        self._lines.put(None)

    def line(self) -> str:
        """Wait for the next line."""
        line = self._lines.get(timeout=TIMEOUT)
        assert line is not None, "it has ended"
        return line

    def rest(self) -> list[str]:
        """Return what has not been asked for, once the process has ended."""
        self.process.wait(TIMEOUT)
        return list(iter(lambda: self._lines.get(timeout=TIMEOUT), None))

    def end(self) -> None:
        """Kill it if it is still there."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def has_looked(self, db: psycopg.Connection, times: int = 2) -> None:
        """Wait until it has looked for what is new again: what is printed after that is late."""
        query = (
            "select query_start from pg_stat_activity where datname = current_database()"
            " and application_name = 'stocksync' and query ~ 'read_log' and state = 'idle'"
        )
        seen: set[object] = set()
        deadline = time.monotonic() + TIMEOUT
        while len(seen) <= times:
            assert time.monotonic() < deadline
            seen |= {at for (at,) in db.execute(query)}


@contextmanager
def following(url: str, *arguments: str, options: tuple[str, ...] = ()) -> Iterator[Follower]:
    command = [*PROGRAM, "--database-url", url, *options, "log", "--follow", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        follower = Follower(process, process.stdout)
        try:
            yield follower
        finally:
            follower.end()


# What it prints -----------------------------------------------------------------------------------


def test_movements_are_among_the_events(ledger, stocksync) -> None:
    move(ledger, product(ledger, "TEA"), "2.50", "purchase", user_id="ann")
    ledger.execute(NOTE, ("odd",))
    lines = stocksync("log").stdout.splitlines()
    assert re.split(" {2,}", lines[0]) == [
        "logged_at", "level", "message", "sku", "actor", "context"
    ]  # fmt: skip
    assert [re.split(" {2,}", line)[1:3] for line in lines[2:]] == [
        ["info", "stock movement created"],
        ["warning", "odd"],
    ]
    assert "TEA" in lines[2]
    assert "quantity=2.5 " in lines[2]
    assert "user_id=ann" in lines[2]
    [event, _] = json.loads(stocksync("log", "--json").stdout)
    assert event["context"]["quantity"] == 2.5


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["--level", "info"], 3),
        (["--level", "warning"], 1),
        (["--grep", "MOVEMENT"], 2),
        (["--grep", "nothing"], 0),
        (["--sku", "TEA"], 1),
        (["--product-id", "2"], 1),
        (["--product-id", "3"], 0),
        (["--limit", "2"], 2),
        (["--since", "2026-01-01"], 3),
    ],
)
def test_events_can_be_chosen(ledger, stocksync, arguments, count) -> None:
    for sku in ("TEA", "CUP"):
        move(ledger, product(ledger, sku), 1)
    ledger.execute(NOTE, ("odd",))
    assert len(json.loads(stocksync("log", *arguments, "--json").stdout)) == count


def test_since_is_a_time_of_the_shop(ledger, stocksync) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    move(ledger, product(ledger), 1, recorded_at="2026-03-01 19:00+09")
    for since, count in (("2026-03-01 19:00", 1), ("2026-03-01 19:00:01", 0)):
        done = stocksync("log", "--since", since, "--grep", "created", "--json", PGTZ="UTC")
        events = json.loads(done.stdout)
        assert len(events) == count
    done = stocksync("log", "--json", PGTZ="UTC")
    assert json.loads(done.stdout)[0]["logged_at"].startswith("2026-03-01T19:00:00+09:00")


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (["--level", "loud"], 2, "'loud' is not one of"),
        (["--sku", "A", "--product-id", "1"], 2, "name one product each"),
        (["--sku", "nothing"], 1, 'error: unknown sku "nothing"'),
        (["--since", "soon"], 1, "error: invalid input syntax"),
        (["--limit", "0"], 2, "0 is not in the range"),
        (["--follow", "--sku", "nothing"], 1, 'error: unknown sku "nothing"'),
    ],
)
def test_bad_input_is_refused(ledger, stocksync, arguments, status, error) -> None:
    done = stocksync("log", *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert error in done.stderr


def test_what_a_terminal_obeys_is_not_printed(ledger, stocksync, ledger_url) -> None:
    move(ledger, product(ledger, "A\x1b[31m\nB"), 1, user_id="\x07\r")
    assert stocksync("log").stdout.isprintable() is False  # its own line ends
    assert not re.search("[\x07\x1b\r]", stocksync("log").stdout)
    with following(ledger_url) as follower:
        line = follower.line()
    assert line.isprintable()
    assert "A\\x1b[31m\\nB" in line


# Following ----------------------------------------------------------------------------------------


def test_what_is_new_is_printed_once(ledger, ledger_url) -> None:
    for n in range(5):
        ledger.execute(NOTE, (f"old {n}",))
    with following(ledger_url, "--limit", "2") as follower:
        assert "old 3" in follower.line()
        assert "old 4" in follower.line()
        ledger.execute(NOTE, ("new",))
        assert re.fullmatch(r"\S+ \S+  warning  new  postgres", follower.line())
        move(ledger, product(ledger, "TEA"), 1)
        assert "info  stock movement created  TEA  " in follower.line()
        follower.has_looked(ledger)
        follower.process.send_signal(signal.SIGINT)
        assert follower.rest() == []


@pytest.mark.parametrize("arguments", [["--level", "error"], ["--grep", "SOME"], ["--sku", "B"]])
def test_what_is_new_can_be_chosen(ledger, ledger_url, arguments) -> None:
    product(ledger, "A")
    product(ledger, "B")
    insert = "insert into stocksync.log (level, message, product_id) values (%s, %s, %s)"
    with following(ledger_url, *arguments) as follower:
        ledger.execute(insert, ("error", "something", 2))
        assert "something" in follower.line()
        ledger.execute(insert, ("warning", "other", 1))
        move(ledger, 1, 1)
        ledger.execute(insert, ("critical", "something else", 2))
        assert "something else" in follower.line()


def test_for_programs_each_event_is_a_line(ledger, ledger_url) -> None:
    ledger.execute(NOTE, ("old",))
    with (
        following(ledger_url, "--json") as as_json,
        following(ledger_url, "--csv") as as_csv,
    ):
        assert json.loads(as_json.line())["message"] == "old"
        assert as_csv.line() == "logged_at,level,message,sku,actor,context,log_id"
        assert ",warning,old," in as_csv.line()
        ledger.execute(NOTE, ("new",))
        assert json.loads(as_json.line())["log_id"] == 2
        assert as_csv.line().endswith(",warning,new,,postgres,{},2")


def test_what_is_committed_late_is_printed(ledger, ledger_url) -> None:
    """With the number, and the time, of before what is printed already."""
    product(ledger)
    with (
        session(ledger_url) as before,
        session(ledger_url) as during,
        session(ledger_url) as nested,
        following(ledger_url) as follower,
    ):
        before.execute("begin")
        early = only(before, NOTE, ("began before",))
        ledger.execute(NOTE, ("first",))
        assert "first" in follower.line()

        during.execute("begin")
        move(during, 1, 1, notes="began while it looked")
        nested.execute("begin; insert into products (sku, name) values ('B', 'B'); savepoint a")
        only(nested, NOTE, ("in a savepoint",))
        late = only(ledger, NOTE, ("second",))
        assert early < late
        assert "second" in follower.line()
        follower.has_looked(ledger, 4)  # longer ago than any margin

        before.execute("commit")
        assert "began before" in follower.line()
        nested.execute("commit")
        assert "in a savepoint" in follower.line()
        follower.has_looked(ledger)
        during.execute("commit")
        assert "stock movement created" in follower.line()

        ledger.execute(NOTE, ("last",))
        assert "last" in follower.line()


def test_what_was_open_before_it_began_to_follow_is_printed(ledger, ledger_url) -> None:
    with session(ledger_url) as other:
        other.execute("begin")
        only(other, NOTE, ("prepared",))
        other.execute("prepare transaction 'of the log'")
        ledger.execute(NOTE, ("first",))
        with following(ledger_url) as follower:
            assert "first" in follower.line()
            follower.has_looked(ledger, 4)
            other.execute("commit prepared 'of the log'")
            assert "prepared" in follower.line()


@pytest.mark.long
def test_nothing_is_lost_or_told_twice_whatever_the_order_of_commits(ledger, ledger_url) -> None:
    product(ledger)

    def write(seed: int) -> None:
        chance = random.Random(seed)
        end = time.monotonic() + 6
        with session(ledger_url) as writer:
            while time.monotonic() < end:
                writer.execute("begin")
                for _ in range(chance.randint(1, 3)):
                    if chance.random() < 0.5:
                        writer.execute(NOTE, ("odd",))
                    else:
                        move(writer, 1, 1)
                writer.execute("select pg_sleep(%s)", (chance.choice([0, 0.1, 0.5, 3]),))
                writer.execute(chance.choice(["commit", "commit", "rollback"]))

    with following(ledger_url, "--json") as follower:
        writers = [threading.Thread(target=write, args=(seed,)) for seed in range(8)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        ledger.execute(NOTE, ("the end",))
        follower.has_looked(ledger, 3)
        follower.process.send_signal(signal.SIGINT)
        events = [json.loads(line) for line in follower.rest()]

    found = sorted((e["log_id"] or 0, e["context"].get("movement_id", 0)) for e in events)
    there = ledger.execute(
        "select id, 0 from stocksync.log union all select 0, id from stock_movements"
    ).fetchall()
    assert found == sorted(there)
    assert len(found) > 40


def test_a_role_that_only_reads_can_follow(ledger, ledger_url) -> None:
    name = f"reader_{os.getpid()}"
    ledger.execute(f"create role {name} login in role stocksync_auditor")
    try:
        with following(to_url(ledger_url, user=name)) as follower, session(ledger_url) as other:
            other.execute("begin")
            only(other, NOTE, ("late",))
            ledger.execute(NOTE, ("early",))
            assert "early" in follower.line()
            other.execute("commit")
            assert "late" in follower.line()
    finally:
        ledger.execute(f"drop role {name}")


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, ExitStatus.INTERRUPTED), (signal.SIGTERM, -signal.SIGTERM)],
)
def test_it_ends_when_it_is_told_to(ledger, ledger_url, number, status) -> None:
    ledger.execute(NOTE, ("old",))
    with following(ledger_url) as follower:
        follower.line()
        start = time.monotonic()
        follower.process.send_signal(number)
        assert follower.process.wait(TIMEOUT) == status
        assert time.monotonic() - start < 2


def test_ctrl_c_on_a_terminal_ends_it(ledger, ledger_url) -> None:
    ledger.execute(NOTE, ("old",))
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "--database-url", ledger_url, "log", "-f"],
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(child)
    with os.fdopen(parent) as terminal:
        follower = Follower(process, terminal)
        try:
            assert "old" in follower.line()
            ledger.execute(NOTE, ("new",))
            assert "new" in follower.line()
            os.write(parent, b"\x03")
            assert process.wait(TIMEOUT) == ExitStatus.INTERRUPTED
            assert follower.rest() == ["^Cinterrupted"]
        finally:
            follower.end()


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_a_reader_that_goes_away_ends_it(ledger, ledger_url) -> None:
    ledger.execute(NOTE, ("old",))
    with subprocess.Popen(
        [*PROGRAM, "--database-url", ledger_url, "log", "--follow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert "old" in process.stdout.readline()
        process.stdout.close()
        ledger.execute(NOTE, ("new",))
        process.wait(TIMEOUT)
        assert process.stderr.read() == ""


def test_a_server_that_goes_away_is_told(ledger, ledger_url) -> None:
    with following(ledger_url) as follower:
        follower.has_looked(ledger)
        ledger.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'stocksync' and datname = current_database()"
        )
        assert follower.process.wait(TIMEOUT) == ExitStatus.ERROR
        # the server's last words, or that there were none
        assert re.match(
            "error: (terminating connection|.*server closed the connection)",
            follower.process.stderr.read(),
        )


# JSON lines on stderr -----------------------------------------------------------------------------


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_run_tells_its_events_on_stderr(ledger, stocksync) -> None:
    product(ledger, "TEA")
    ledger.execute("update products set quantity_on_hand = 9")
    for command in ("sync", "refresh"):
        ledger.execute("update products set quantity_on_hand = 9")
        events = told(stocksync("--log-format", "json", command))
        assert all({"time", "level", "message"} <= event.keys() for event in events)
        [event] = [event for event in events if event["message"] == "product stock updated"]
        assert event["sku"] == "TEA"
        assert event["context"]["old_stock"] == 9
        known = ledger.execute(
            "select id, logged_at from stocksync.log where id = %s", (event["log_id"],)
        ).fetchone()
        assert known[1] == psycopg.types.datetime.datetime.fromisoformat(event["time"])
        assert [e["level"] for e in events if e["message"].startswith("Products corr")] == ["info"]


def test_a_worker_tells_the_events_of_its_jobs(ledger, stocksync) -> None:
    ledger.execute("update stocksync.schedules set is_enabled = false")  # the hour may turn
    product(ledger, "TEA")
    ledger.execute("update products set quantity_on_hand = 9")
    stocksync("sync", "--queue")
    events = told(stocksync("--log-format", "json", "worker", "--once"))
    messages = [event["message"] for event in events]
    assert messages[0].startswith("worker ")
    assert "product stock updated" in messages
    assert "stock synchronization completed" in messages
    ledger.execute("update stocksync.schedules set is_enabled = true, cron = '0 0 31 2 *'")  # never
    errors = told(stocksync("--log-format", "json", "-q", "worker", "--once"))
    assert {event["level"] for event in errors} == {"error"}


def test_the_variable_says_the_same_and_quiet_leaves_the_errors(ledger, stocksync) -> None:
    product(ledger)
    assert told(stocksync("sync", STOCKSYNC_LOG_FORMAT="json"))
    assert told(stocksync("-q", "sync", STOCKSYNC_LOG_FORMAT="json")) == []
    ledger.execute("""
        create schema shop;
        create function shop.refuse() returns trigger language plpgsql as $$
        begin raise exception 'no' using errcode = 'SS777'; end$$
    """)
    ledger.execute("update products set quantity_on_hand = 9")
    ledger.execute("create trigger refuse before update on products execute function shop.refuse()")
    try:
        done = stocksync("-q", "sync", STOCKSYNC_LOG_FORMAT="json")
    finally:
        ledger.execute("drop trigger refuse on products")
    assert done.returncode == ExitStatus.ERROR
    assert [(e["level"], e["message"]) for e in told(done)] == [
        ("error", "product stock could not be updated"),
        ("error", "stock synchronization completed"),
        ("error", "1 product could not be corrected"),
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "parts"),
    [
        (
            ["log", "--sku", "nothing"],
            1,
            {"message": 'unknown sku "nothing"', "sqlstate": "P0002"},
        ),
        (["log", "--level", "loud"], 2, {}),
        (["frobnicate"], 2, {"message": "No such command 'frobnicate'."}),
        (["log", "--sku", "A", "--product-id", "1"], 2, {}),
    ],
)
def test_errors_are_lines_of_json_too(ledger, stocksync, arguments, status, parts) -> None:
    done = stocksync("--log-format", "json", *arguments)
    assert done.returncode == status
    [error] = told(done)
    assert error["level"] == "error"
    assert parts.items() <= error.items()
    assert ("hint" in error) == (status == 1)


def test_the_traceback_is_in_the_error(ledger, stocksync) -> None:
    [error] = told(stocksync("--log-format", "json", "-v", "log", "--sku", "nothing"))
    assert "Traceback" in error["traceback"]


def test_bad_lines_of_an_import_are_lines_of_json_too(ledger, stocksync, tmp_path) -> None:
    (tmp_path / "in.csv").write_text("sku,transaction_type,quantity\nA,sale,0\n")
    done = stocksync("--log-format", "json", "import", "movements", str(tmp_path / "in.csv"))
    assert [event["level"] for event in told(done)][-1] == "error"
    assert any(event["message"].startswith("line 2: ") for event in told(done))


def test_an_interruption_is_a_line_of_json_too(ledger, ledger_url) -> None:
    with following(ledger_url, options=("--log-format", "json")) as follower:
        follower.has_looked(ledger)
        follower.process.send_signal(signal.SIGINT)
        assert follower.process.wait(TIMEOUT) == ExitStatus.INTERRUPTED
        assert json.loads(follower.process.stderr.read())["message"] == "interrupted"
