"""The worker, as a process: real signals, real kills, a server that goes away and comes back."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from helpers import differences, move, only, product, session, stock
from job_helpers import endless_sync, enqueue, job, make_due, states, wait_for_state

from stocksync.db import to_url
from stocksync.embedded import Embedded
from stocksync.migrate import migrate

TIMEOUT = 60.0
SOON = 3.0  # a second, and what a busy machine takes to end a process
ROOT = Path(__file__).parent.parent


@pytest.fixture
def ledger(ledger: psycopg.Connection) -> psycopg.Connection:
    """Nothing is scheduled: the hour may turn while a test runs."""
    ledger.execute("update stocksync.schedules set is_enabled = false")
    return ledger


class Process:
    """A running ``stocksync worker``; what it says is kept line by line."""

    def __init__(self, url: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stocksync", "--database-url", url, "worker", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                with self._news:
                    self.lines.append(line.rstrip("\n"))
                    self._news.notify_all()

    def wait_for(self, pattern: str, times: int = 1) -> None:
        """Return when so many lines match."""
        with self._news:
            assert self._news.wait_for(lambda: self.count(pattern) >= times, TIMEOUT), self.lines

    def count(self, pattern: str) -> int:
        return sum(bool(re.search(pattern, line)) for line in self.lines)

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, timeout: float = TIMEOUT) -> int:
        """Wait for the end; return the exit status."""
        status = self.process.wait(timeout)
        self._reader.join()
        return status


@contextmanager
def started(url: str, *arguments: str) -> Iterator[Process]:
    """Start a worker, and kill it at the end of the block if it is still there."""
    worker = Process(url, *arguments)
    try:
        if "--once" not in arguments:
            worker.wait_for("is ready")
        yield worker
    finally:
        worker.process.kill()
        worker.end()


def wait_until(question: Callable[[], Any]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Signals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_worker_ends_within_a_second(ledger_url: str, number: int) -> None:
    with started(ledger_url) as worker:
        worker.send(number)
        assert worker.end(SOON) == 0


def test_told_to_end_it_finishes_its_job_and_begins_no_other(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with started(ledger_url) as worker:
        with endless_sync(ledger, ledger_url) as number:
            wait_for_state(ledger, number, "running")
            other = enqueue(ledger)
            worker.send(signal.SIGTERM)
            seen = job(ledger, number).seen_at
            wait_until(lambda: job(ledger, number).seen_at > seen)  # it is alive, and at work
        assert worker.end() == 0
    assert (job(ledger, number).state, job(ledger, other).state) == ("done", "queued")
    assert differences(ledger) == []


def test_told_twice_it_gives_the_job_back(ledger: psycopg.Connection, ledger_url: str) -> None:
    with started(ledger_url) as worker:
        with endless_sync(ledger, ledger_url) as number:
            wait_for_state(ledger, number, "running")
            worker.send(signal.SIGINT)
            worker.send(signal.SIGTERM)
            assert worker.end(5.0) == 130
            assert (job(ledger, number).state, job(ledger, number).failures) == ("queued", 0)
        assert only(ledger, "call stocksync.run_job()") == number
    assert differences(ledger) == []


# Jobs ---------------------------------------------------------------------------------------------


def test_two_workers_share_fifty_jobs_and_each_is_run_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with started(ledger_url) as one, started(ledger_url) as other:
        with ledger.transaction():
            for n in range(1, 51):
                enqueue(ledger, "sync", product_id=product(ledger, f"P{n}", quantity_on_hand=n))
        wait_until(lambda: Counter(states(ledger)) == {"done": 50})
        for worker in (one, other):
            worker.send(signal.SIGTERM)
            assert worker.end() == 0
        done = one.count("is done") + other.count("is done")
    assert done == 50
    assert only(ledger, "select array_agg(distinct attempts) from stocksync.jobs") == [1]
    assert only(ledger, "select count(*) from stocksync.incidents") == 50
    assert only(ledger, "select count(distinct worker) from stocksync.jobs") == 2
    assert differences(ledger) == []


def test_a_job_that_fails_is_reported_and_the_next_one_is_run(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    gone = product(ledger)
    failing = enqueue(ledger, "sync", product_id=gone)
    following = enqueue(ledger)
    ledger.execute("delete from products")
    with started(ledger_url) as worker:
        wait_for_state(ledger, following, "done")
        worker.wait_for(f"job {failing} .* failed: product {gone} does not exist")
    failed = job(ledger, failing)
    assert (failed.state, failed.sqlstate) == ("failed", "P0002")
    assert only(ledger, "select message from stocksync.log where level = 'critical'")


def test_what_may_pass_is_tried_again(ledger: psycopg.Connection, ledger_url: str) -> None:
    """A lock that is not to be had in time, three times over."""
    ledger.execute("update stocksync.settings set job_backoff = '{0}'")
    number = enqueue(ledger)
    hurried = to_url(ledger_url, options="-c lock_timeout=50ms")
    with session(ledger_url) as other, other.transaction():
        other.execute("lock table stocksync.runs in exclusive mode")
        with started(hurried, "--once") as worker:
            assert worker.end() == 1
    failed = job(ledger, number)
    assert (failed.state, failed.attempts, failed.sqlstate) == ("failed", 3, "55P03")
    assert worker.count("is now queued") == 2
    assert worker.count("is now failed") == 1


def test_the_server_ends_a_job_after_its_time(ledger: psycopg.Connection, ledger_url: str) -> None:
    with started(ledger_url), endless_sync(ledger, ledger_url) as number:
        wait_for_state(ledger, number, "running")
        ledger.execute("select stocksync.cancel_job(%s)", (number,))
        wait_for_state(ledger, number, "cancelled")
        # what has changed in the settings counts for the next job
        ledger.execute("update stocksync.settings set job_timeout = '0.3 seconds'")
        late = enqueue(ledger, "sync")
        wait_for_state(ledger, late, "failed")
    assert job(ledger, late).sqlstate == "57014"


def test_a_worker_that_is_killed_leaves_its_job_to_the_server(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with started(ledger_url) as worker:
        with endless_sync(ledger, ledger_url) as number:
            wait_for_state(ledger, number, "running")
            worker.process.kill()
            worker.end()
            assert only(ledger, "select stocksync.reap_jobs('0')") == 0
        wait_for_state(ledger, number, "done")
    assert job(ledger, number).attempts == 1


def test_a_worker_whose_session_is_ended_connects_again_and_leaves_the_job_to_be_found(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with started(ledger_url) as worker:
        with endless_sync(ledger, ledger_url) as number:
            wait_for_state(ledger, number, "running")
            ledger.execute("select pg_terminate_backend(pid) from stocksync.jobs")
            worker.wait_for("a job could not be run: terminating connection")
            # not a word of it any more: nobody vouches for what nobody runs
            assert only(ledger, "select stocksync.reap_jobs('0')") == 1
        make_due(ledger)
        wait_for_state(ledger, number, "done")
    assert job(ledger, number).failures == 1


def test_a_worker_whose_control_connection_is_ended_goes_on(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with started(ledger_url) as worker:
        ledger.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        worker.wait_for("connected again")
        wait_for_state(ledger, enqueue(ledger), "done")
        assert worker.count("lost the connection") == 1


def test_once_ends_when_nothing_is_due(ledger: psycopg.Connection, ledger_url: str) -> None:
    numbers = [enqueue(ledger, task) for task in ("refresh", "audit")]
    later = enqueue(ledger, "sync", run_at="2999-01-01")
    with started(ledger_url, "--once") as worker:
        assert worker.end() == 0
    assert [job(ledger, n).state for n in (*numbers, later)] == ["done", "done", "queued"]
    with started(ledger_url, "--once") as worker:
        assert worker.end() == 0


# What else it does --------------------------------------------------------------------------------


def test_it_folds_what_waits_for_a_busy_product(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with started(ledger_url):
        with ledger.transaction():
            ledger.execute("set local session_replication_role = replica")
            ledger.execute("update products set quantity_on_hand = 7, total_stock = 7")
            ledger.execute(
                "insert into stocksync._pending (product_id, quantity) values (%s, 3)", (a,)
            )
        wait_until(lambda: stock(ledger, a) == 10)
    assert differences(ledger) == []


@pytest.mark.parametrize("arguments", [(), ("--once",)])
def test_it_sends_alerts(
    ledger: psycopg.Connection,
    ledger_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
) -> None:
    told = tmp_path / "told"
    monkeypatch.setenv("STOCKSYNC_ALERT_COMMAND", f"/bin/sh -c 'cat > {told}'")
    move(ledger, product(ledger, "EMPTY"), 3, "sale")
    with started(ledger_url, *arguments) as worker:
        worker.wait_for("alerts sent by command")
        if not arguments:
            worker.send(signal.SIGTERM)
        assert worker.end() == 0
    assert "EMPTY" in told.read_text()


def test_a_channel_that_fails_is_told_and_harms_nothing(
    ledger: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKSYNC_ALERT_COMMAND", "/bin/false")
    move(ledger, product(ledger, "EMPTY"), 3, "sale")
    number = enqueue(ledger)
    with started(ledger_url, "--once") as worker:
        worker.wait_for("alerts could not be sent by command: ended with status 1")
        assert worker.end() == 0
    assert job(ledger, number).state == "done"


def test_after_a_day_off_it_makes_up_for_what_was_due_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    ledger.execute(
        "update stocksync.schedules"
        " set is_enabled = true, last_due_at = clock_timestamp() - interval '1 day'"
    )
    with started(ledger_url) as one, started(ledger_url) as other:
        wait_until(lambda: Counter(states(ledger)) == {"done": 2})
        for worker in (one, other):
            worker.send(signal.SIGTERM)
            worker.end()
    assert one.count("was due at") + other.count("was due at") == 2
    assert sorted(ledger.execute("select subject from stocksync.jobs").fetchall()) == [
        ("audit",),
        ("refresh",),
    ]


def test_a_schedule_nobody_understands_is_logged_once_and_harms_no_other(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    ledger.execute("update stocksync.schedules set is_enabled = true")
    ledger.execute("update stocksync.schedules set cron = '61 * * * *' where task = 'audit'")
    ledger.execute(
        "update stocksync.schedules set last_due_at = '2026-01-01' where task = 'refresh'"
    )
    with started(ledger_url) as worker:
        wait_until(lambda: states(ledger) == ["done"])
        ledger.execute("update stocksync.schedules set last_due_at = '2026-01-01'")
        wait_until(lambda: states(ledger) == ["done", "done"])  # it has looked again
        ledger.execute("update stocksync.schedules set cron = '* 77 * * *' where task = 'audit'")
        worker.wait_for('schedule of audit: "\\* 77')
        assert worker.count("schedule of audit") == 2
        wait_until(
            lambda: (
                ledger.execute("select from stocksync.log where message ~ 'schedule'").rowcount == 2
            )
        )
    assert ledger.execute(
        "select level, message, context from stocksync.log where message ~ 'schedule' order by id"
    ).fetchall() == [
        (
            "error",
            "schedule not understood",
            {"task": "audit", "cron": "61 * * * *", "reason": "Bad minute"},
        ),
        (
            "error",
            "schedule not understood",
            {"task": "audit", "cron": "* 77 * * *", "reason": "Bad hour"},
        ),
    ]


def test_trouble_with_one_duty_keeps_it_from_no_other(db: psycopg.Connection, db_url: str) -> None:
    with started(db_url) as worker:
        db.execute("alter function stocksync.fold(boolean) rename to fold_away")
        worker.wait_for("fold: function stocksync.fold\\(p_only_due => boolean\\) does not exist")
        wait_for_state(db, enqueue(db, "audit"), "done")
        db.execute("alter function stocksync.fold_away(boolean) rename to fold")
        wait_for_state(db, enqueue(db, "refresh"), "done")
        worker.send(signal.SIGTERM)
        assert worker.end() == 0
        assert worker.count("fold: ") == 1


def test_whoever_holds_the_schedule_holds_up_nothing_else(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    ledger.execute("update stocksync.schedules set is_enabled = true, last_due_at = '2026-01-01'")
    with session(ledger_url) as other, other.transaction():
        other.execute("select from stocksync.schedules for update")
        with started(ledger_url, "--once") as worker:
            assert worker.end() == 1
            assert worker.count("canceling statement due to lock timeout") == 1
    with started(ledger_url) as worker:
        wait_until(lambda: states(ledger) == ["done", "done"])
        ledger.execute("update stocksync.schedules set last_due_at = '2026-01-01'")
        with session(ledger_url) as other, other.transaction():
            other.execute("select from stocksync.schedules for update")
            worker.wait_for("^schedule: canceling statement due to lock timeout")
            number = enqueue(ledger, "sync")
            wait_for_state(ledger, number, "done")
        wait_until(lambda: states(ledger) == ["done"] * 5)


def test_what_keeps_every_job_from_being_run_is_said_once(
    db: psycopg.Connection, db_url: str
) -> None:
    operator = to_url(db_url, options="-c role=stocksync_operator")
    db.execute("revoke execute on procedure stocksync.run_job from stocksync_operator")
    number = enqueue(db)
    with started(operator) as worker:
        worker.wait_for("a job could not be run: permission denied for procedure run_job")
        db.execute("update stocksync.jobs set run_at = run_at - interval '1 day'")
        enqueue(db, "audit")  # it tries again
        db.execute("grant execute on procedure stocksync.run_job to stocksync_operator")
        wait_for_state(db, number, "done")
        assert worker.count("permission denied") == 1


# Roles --------------------------------------------------------------------------------------------


def test_an_operator_may_work_and_an_auditor_may_not(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    number = enqueue(ledger)
    with started(to_url(ledger_url, options="-c role=stocksync_auditor"), "--once") as worker:
        assert worker.end() == 1
        assert worker.count("error: permission denied for function") == 1
    with started(to_url(ledger_url, options="-c role=stocksync_operator"), "--once") as worker:
        assert worker.end() == 0, worker.lines
    assert job(ledger, number).state == "done"


@pytest.mark.skipif("STOCKSYNC_TEST_URL" in os.environ, reason="needs logins without password")
def test_where_the_owner_may_not_cancel_it_the_worker_ends_the_job_itself(
    db: psycopg.Connection, db_url: str
) -> None:
    """No superuser anywhere: the owner sees nothing of the sessions of others."""
    owner, login = (f"stocksync_{kind}_{os.getpid()}" for kind in ("owner", "worker"))
    name = f"stocksync_owned_{os.getpid()}"
    db.execute(f"create role {owner} login; create role {login} login in role stocksync_operator")
    try:
        db.execute(f"create database {name} owner {owner}")
        owned = to_url(db_url, dbname=name, user=owner)
        migrate(owned)
        with session(owned) as shop, started(to_url(owned, user=login)) as worker:
            with endless_sync(shop, owned) as number:
                wait_for_state(shop, number, "running")
                assert only(shop, "select stocksync.reap_jobs('0')") == 0
                assert only(shop, "select stocksync.cancel_job(%s)", (number,)) == "running"
                wait_for_state(shop, number, "cancelled")
            worker.process.kill()
            worker.end()
            with endless_sync(shop, owned), session(to_url(owned, user=login)) as other:
                number = enqueue(shop, "sync")
                other.execute("select from stocksync._take_job(null)")
                assert only(shop, "select stocksync.reap_jobs('0')") == 0, "it might run still"
            wait_until(lambda: only(shop, "select stocksync.reap_jobs('0')") == 1)
    finally:
        db.execute(f"drop database {name} with (force)")
        db.execute(f"drop role {owner}, {login}")


def test_what_keeps_it_from_beginning_is_an_error(ledger_url: str) -> None:
    with started("postgresql://nobody@127.0.0.1:1/x", "--once") as worker:
        assert worker.end() == 1
        assert worker.count("^error: ") == 1
    with started(to_url(ledger_url, dbname="postgres"), "--once") as worker:
        assert worker.end() == 1
        assert worker.count("hint: Run `stocksync migrate`") == 1


# A server that goes away --------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A server of the test's own, with stocksync in it."""
    directory = Path(tempfile.mkdtemp(prefix="ss-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    try:
        with Embedded(directory / "pg", fsync=False) as server:
            migrate(server.url())
            yield server
    finally:
        shutil.rmtree(directory)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_it_survives_a_restart_of_the_server(server: Embedded, how: int) -> None:
    url = server.url()
    with session(url) as shop:
        shop.execute("update stocksync.settings set job_backoff = '{0}'")
        product(shop)
    with started(url) as worker:
        with (
            pytest.raises(psycopg.OperationalError),
            session(url) as shop,
            endless_sync(shop, url) as number,
        ):
            wait_for_state(shop, number, "running")
            pid = server.status().pid
            assert pid
            os.kill(pid, how)
            worker.wait_for("lost the connection")
            shop.execute("select 1")
        server.start()
        worker.wait_for("connected again")
        with session(url) as shop:
            # its process is gone for certain: no need to wait
            wait_for_state(shop, number, "done")
            # unless it got to its end before it noticed that the postmaster was gone
            done = job(shop, number)
            assert (done.attempts, done.failures) in [(2, 1), (1, 0)]
            wait_for_state(shop, enqueue(shop), "done")
            assert differences(shop) == []
        assert worker.count("lost the connection") == 1
        assert worker.count("connected again") == 1
        worker.send(signal.SIGTERM)
        assert worker.end(SOON) == 0


def test_it_ends_while_the_server_is_away(server: Embedded) -> None:
    with started(server.url()) as worker:
        server.stop()
        worker.wait_for("lost the connection")
        worker.send(signal.SIGTERM)
        assert worker.end(SOON) == 0
