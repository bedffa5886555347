"""What ``stocksync worker`` does: runs jobs, keeps the schedule, folds what waits, sends alerts.

Any number of workers share the queue, and whatever decides is a function of the database. The
main thread has the control connection, for what is short. A job has a thread and a connection of
its own: the worker stays able to answer, and should it be killed, the server goes on with the job
to its end.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from types import FrameType

import psycopg
from psycopg.errors import QueryCanceled

from stocksync import alerts
from stocksync.cron import ScheduleError, last_due
from stocksync.db import Connection
from stocksync.errors import ExitStatus, explain

Tell = Callable[[str], None]

PAUSE = 0.25  # seconds between two looks at what is to be done
SECOND = 1.0
ALERTS_EVERY = 30.0
LONGEST_WAIT = 30.0  # seconds between two attempts to connect again
CANCEL_TIMEOUT = 5.0


@dataclass
class Duty:
    """Something short that is done again and again, on the control connection."""

    name: str
    every: float  # seconds
    do: Callable[[Connection], None]
    due_at: float = 0.0


class Errand:
    """Something that may take long: done in a thread and on a connection of its own."""

    def __init__(self, connect: Callable[[], Connection], do: Callable[[Connection], None]) -> None:
        self._connect = connect
        self._do = do
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self.error: psycopg.Error | None = None

    @property
    def is_running(self) -> bool:
        """Tell whether it was begun and has not ended."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin it; its last error is forgotten."""
        self.error = None
        # a daemon, so that a server that answers no more cannot keep this process from ending
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait for its end, but not longer than so many seconds."""
        if self._thread is not None:
            self._thread.join(seconds)

    def cancel(self) -> None:
        """End the statement that runs, if one does. Raises psycopg.Error if the server is away."""
        if self._connection is not None and not self._connection.closed:
            self._connection.cancel_safe(timeout=CANCEL_TIMEOUT)

    def close(self) -> None:
        """Give the connection back, unless it is in use."""
        if self._connection is not None and not self.is_running:
            self._connection.close()

    def _run(self) -> None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            self._do(self._connection)
        except psycopg.Error as error:
            self.error = error


class Worker:
    """One worker.

    ``say`` is told what goes on, ``complain`` what goes wrong, ``done`` each job that was done.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        say: Tell,
        complain: Tell,
        *,
        done: Callable[[Connection, int], None] | None = None,
        once: bool = False,
    ) -> None:
        self._connect = connect
        self._say = say
        self._complain = complain
        self._done = done
        self._once = once
        self._name = _new_name()
        self._signals = 0
        self._control: Connection | None = None
        self._wait = 0.0  # before the next attempt to connect
        self._connect_at = 0.0
        self._is_due = True  # as far as is known
        self._has_begun = False
        self._has_failed = False
        self._complaints: dict[str, str | None] = {}  # the last one, by what it is about
        self._jobs = Errand(self._connect_for_jobs, self._run_once if once else self._run_jobs)
        # Talking to other machines may take long: it is an errand that a duty starts.
        self._alerts = Errand(connect, self._deliver_alerts)
        self._duties = [
            Duty("fold", PAUSE, self._fold),
            Duty("heartbeat", SECOND, self._tick),
            Duty("schedule", SECOND, self._keep_schedule),
        ]
        if not once:
            self._duties.append(Duty("alerts", ALERTS_EVERY, self._send_alerts))

    def run(self) -> ExitStatus:
        """Work until a signal comes, or with ``once`` until nothing is due.

        Raises psycopg.Error for what keeps it from beginning; later it goes on whatever fails.
        """
        with self._signals_handled(), self._connections_closed():
            self._control = self._connect_control()
            for duty in self._duties:
                duty.do(self._control)
            self._say(f"worker {self._name} is ready")
            while not self._has_ended():
                self._look()
            # Who ends in the middle of a message leaves it to another one to send it again.
            self._alerts.wait(SECOND / 2)
        if self._signals > 1:
            return ExitStatus.INTERRUPTED
        return ExitStatus.ERROR if self._once and self._has_failed else ExitStatus.OK

    # The loop -----------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._control is None:
            self._connect_again()
        else:
            self._do_duties(self._control)
        if self._is_due and self._control and not self._signals and not self._jobs.is_running:
            self._is_due = False
            self._has_begun = True
            self._jobs.start()
        self._pause()

    def _has_ended(self) -> bool:
        if self._jobs.is_running:
            if self._signals > 1:
                # Again and again: it may have come between two statements.
                self._cancel_job()
            return False
        if error := self._jobs.error:
            self._jobs.error = None
            self._has_failed = True
            self._complain_once("a job could not be run", explain(error).message)
        return self._signals > 0 or (self._once and self._has_begun)

    def _do_duties(self, control: Connection) -> None:
        for duty in self._duties:
            if monotonic() < duty.due_at:
                continue
            duty.due_at = monotonic() + duty.every
            try:
                duty.do(control)
            except psycopg.Error as error:
                if control.closed:
                    self._lose_connection(error)
                    return
                self._complain_once(duty.name, explain(error).message)
            else:
                self._complain_once(duty.name, None)

    def _pause(self) -> None:
        if self._control is None:
            sleep(PAUSE)
            return
        try:
            for _ in self._control.notifies(timeout=PAUSE, stop_after=1):
                self._is_due = True
        except psycopg.Error as error:
            self._lose_connection(error)

    def _complain_once(self, about: str, complaint: str | None) -> bool:
        """Say what is wrong about something, None for nothing, unless it was so before.

        Return whether it was said.
        """
        is_news = complaint is not None and self._complaints.get(about) != complaint
        self._complaints[about] = complaint
        if is_news:
            self._complain(f"{about}: {complaint}")
        return is_news

    @contextmanager
    def _signals_handled(self) -> Iterator[None]:
        def handle(_number: int, _frame: FrameType | None) -> None:
            self._signals += 1
            # Once: end after the job. Twice: end the job. Or whatever it is that does not end.
            if self._signals > (2 if self._jobs.is_running else 1):
                raise KeyboardInterrupt

        before = {
            number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    # Connections --------------------------------------------------------------------------------

    @contextmanager
    def _connections_closed(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._jobs.close()
            if self._control is not None:
                self._control.close()

    def _connect_control(self) -> Connection:
        control = self._connect()
        # Whatever it waits for, the heartbeat would wait for too.
        control.execute("set lock_timeout = '1s'")
        control.execute("listen stocksync")
        # stocksync.schedule_status() knows a worker by it
        control.execute(
            "select pg_catalog.set_config('application_name', 'stocksync worker', false)"
        )
        return control

    def _connect_for_jobs(self) -> Connection:
        connection = self._connect()
        connection.add_notice_handler(lambda diagnostic: self._say(f"{diagnostic.message_primary}"))
        return connection

    def _connect_again(self) -> None:
        if self._signals or monotonic() < self._connect_at:
            return
        try:
            self._control = self._connect_control()
        except psycopg.Error:
            self._wait = min(self._wait * 2, LONGEST_WAIT)
            self._connect_at = monotonic() + self._wait
        else:
            self._say("connected again")

    def _lose_connection(self, error: psycopg.Error) -> None:
        if self._once:
            raise error
        self._complain(f"lost the connection: {explain(error).message}; trying to connect again")
        self._control = None
        self._wait = PAUSE
        self._connect_at = monotonic() + self._wait

    # What it does -------------------------------------------------------------------------------

    def _fold(self, control: Connection) -> None:
        control.execute("select stocksync.fold(p_only_due => true)")

    def _tick(self, control: Connection) -> None:
        [(_, _, is_cancelled, is_due)] = control.execute(
            "select * from stocksync.tick(%s)", (self._name,)
        )
        self._is_due = self._is_due or is_due
        if is_cancelled:
            self._cancel_job()

    def _keep_schedule(self, control: Connection) -> None:
        schedules = control.execute("select * from stocksync.list_schedules()").fetchall()
        for task, cron, is_enabled, last_due_at, time_zone, now in schedules:
            if not is_enabled:
                continue
            try:
                due_at = last_due(cron, time_zone, now)
            except ScheduleError as error:
                if self._complain_once(f"schedule of {task}", f'"{cron}": {error}'):
                    control.execute("select stocksync._reject_schedule(%s, %s)", (task, str(error)))
                continue
            if due_at is not None and due_at > last_due_at:
                [(job_id,)] = control.execute(
                    "select stocksync.enqueue_scheduled(%s, %s)", (task, due_at)
                )
                if job_id is not None:
                    self._say(f"job {job_id}: {task} was due at {due_at:%Y-%m-%d %H:%M} UTC")

    def _send_alerts(self, _control: Connection) -> None:
        if self._alerts.is_running:
            return
        if error := self._alerts.error:
            self._complain(f"alerts: {explain(error).message}")
        self._alerts.start()

    def _deliver_alerts(self, connection: Connection) -> None:
        for channel, error, _ in alerts.deliver(connection):
            if error:
                self._complain(f"alerts could not be sent by {channel}: {error}")
            else:
                self._say(f"alerts sent by {channel}")

    def _cancel_job(self) -> None:
        try:
            self._jobs.cancel()
        except psycopg.Error as error:
            self._complain(f"the job could not be cancelled: {explain(error).message}")

    def _run_once(self, connection: Connection) -> None:
        self._run_jobs(connection)
        self._deliver_alerts(connection)

    def _run_jobs(self, connection: Connection) -> None:
        try:
            self._run_due_jobs(connection)
        except psycopg.Error:
            # A job may still be running. Under a new name this worker does not vouch for it, and
            # reap_jobs() finds out.
            self._name = _new_name()
            raise

    def _run_due_jobs(self, connection: Connection) -> None:
        """Run job after job, until none is due or a signal came."""
        while not self._signals:
            began = monotonic()
            try:
                connection.execute("select stocksync.use_job_timeout()")
                [(job_id,)] = connection.execute("call stocksync.run_job(null, %s)", (self._name,))
            except psycopg.Error as error:
                if connection.closed:
                    raise
                self._report(connection, error)
            else:
                self._complain_once("a job could not be run", None)
                if job_id is None:
                    return
                self._say(f"job {job_id} is done, in {monotonic() - began:.2f} s")
                if self._done:
                    self._done(connection, job_id)

    def _report(self, connection: Connection, error: psycopg.Error) -> None:
        """Tell the queue that the job which this worker runs has failed, or is given back."""
        message = ": ".join(filter(None, (error.diag.message_primary, error.diag.message_detail)))
        for is_last in (False, True):
            try:
                [(job_id, attempt, _, _)] = connection.execute(
                    "select * from stocksync.tick(%s)", (self._name,)
                )
                if job_id is None:  # it did not come from a job
                    raise error
                if self._signals > 1:
                    [(state,)] = connection.execute(
                        "select stocksync.release_job(%s, %s)", (job_id, attempt)
                    )
                else:
                    [(state,)] = connection.execute(
                        "select stocksync.fail_job(%s, %s, %s, %s)",
                        (job_id, attempt, error.sqlstate, message),
                    )
            except QueryCanceled:
                # What was to end the job came too late for it. It comes once more at most.
                if is_last:
                    raise
            else:
                self._has_failed = self._has_failed or state == "failed"
                self._complain(
                    f"job {job_id} has ended with an error and is now {state}: {message}"
                )
                return


def _new_name() -> str:
    """Return a name that no other worker has, wherever and whenever it runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
