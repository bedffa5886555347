"""Random histories of the queue against a model: a dictionary of jobs and a few lines of rules.

Workers take, fail, finish, give back, fall silent and are reaped; people enqueue, retry and cancel;
another session may have an open transaction in which it has enqueued something. After every step
the table is what the model says, and at the end everything that anybody asked for has been done by
a job that began after it was asked and was as wide as it was asked, unless somebody cancelled it.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from helpers import product, session
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

ATTEMPTS = 3
SUBJECTS = ("refresh", "sync", "sync product 1")
SINCE = (None, "2024-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00")
MAY_PASS = (None, "40001", "08006")
MAY_NOT = ("57014", "P0002")
HELD = "55P03"


@dataclass(frozen=True)
class Request:
    """What somebody asked for."""

    number: int
    since: str | None = None
    force: bool = False


@dataclass
class Job:
    """A row of stocksync.jobs, and the requests it has to satisfy."""

    subject: str
    since: str | None
    force: bool
    is_due: bool
    requests: frozenset[Request]
    state: str = "queued"
    attempts: int = 0
    failures: int = 0
    is_cancelled: bool = False
    is_silent: bool = False
    merged_into: int | None = None

    def arguments(self) -> dict[str, Any]:
        _, _, number = self.subject.partition(" product ")
        given = {"product_id": int(number) if number else None, "since": self.since}
        return {k: v for k, v in given.items() if v} | ({"force": True} if self.force else {})


def widest(one: str | None, other: str | None) -> str | None:
    return None if one is None or other is None else min(one, other)


@dataclass
class World:
    """What the table should hold, and what is to become of every request."""

    jobs: dict[int, Job] = field(default_factory=dict)
    requests: int = 0
    open: set[Request] = field(default_factory=set)
    cancelled: set[Request] = field(default_factory=set)

    def only(self, subject: str, state: str) -> tuple[int, Job] | None:
        found = [(n, j) for n, j in self.jobs.items() if (j.subject, j.state) == (subject, state)]
        assert len(found) <= 1
        return found[0] if found else None

    def eligible(self) -> list[int]:
        return [
            number
            for number, j in self.jobs.items()
            if j.state == "queued" and j.is_due and not self.only(j.subject, "running")
        ]

    def request(self, since: str | None, force: bool) -> Request:
        self.requests += 1
        return Request(self.requests, since, force)

    def requeue(self, number: int, *, is_due: bool) -> str:
        """Put a job back into the queue, or into the one that is queued for the same."""
        job = self.jobs[number]
        if queued := self.only(job.subject, "queued"):
            into, other = queued
            other.since = widest(other.since, job.since)
            other.force |= job.force
            other.is_due |= is_due
            other.failures = max(other.failures, job.failures)
            other.requests |= job.requests
            job.requests = frozenset()
            job.state, job.merged_into = "merged", into
        else:
            job.state, job.is_due = "queued", is_due
        return job.state

    def fail(self, number: int, may_pass: bool) -> str:
        job = self.jobs[number]
        job.failures += 1
        if job.is_cancelled:
            job.state = "cancelled"
        elif may_pass and job.failures < ATTEMPTS:
            self.requeue(number, is_due=False)
        else:
            job.state = "failed"
        return job.state


class Queue(RuleBasedStateMachine):
    """The queue and its model, step by step."""

    def __init__(self, db: psycopg.Connection, other: psycopg.Connection) -> None:
        super().__init__()
        self.db, self.other = db, other
        self.world = World()
        self.held: tuple[str, Request] | None = None
        db.execute("delete from stocksync.jobs")

    # How it is asked --------------------------------------------------------------------------

    def ask(self, query: str, *parameters: Any, subjects: tuple[str, ...] = ()) -> Any:
        """Return the rows; None if the other session holds what this is about, as it must."""
        must_wait = self.held is not None and self.held[0] in subjects
        try:
            rows = self.db.execute(query, parameters).fetchall()
        except psycopg.errors.LockNotAvailable:
            assert must_wait, query
            return None
        assert not must_wait, query
        return rows

    def enqueue(self, db: psycopg.Connection, subject: str, request: Request) -> Any:
        task, _, number = subject.partition(" product ")
        query = "select stocksync.enqueue(%s, %s, %s, %s)"
        parameters = (task, int(number) if number else None, request.since, request.force)
        if db is self.other:
            return db.execute(query, parameters).fetchall()
        return self.ask(query, *parameters, subjects=(subject,))

    def enqueued(self, number: int, subject: str, request: Request) -> None:
        """Let the model know what was committed."""
        self.world.open.add(request)
        if queued := self.world.only(subject, "queued"):
            assert queued[0] == number
            job = queued[1]
            job.since = widest(job.since, request.since)
            job.force |= request.force
            job.is_due = True
            job.requests |= {request}
        else:
            assert number not in self.world.jobs
            self.world.jobs[number] = Job(
                subject, request.since, request.force, True, frozenset({request})
            )

    def check(self) -> None:
        found = {
            number: tuple(rest)
            for number, *rest in self.db.execute(
                "select id, subject, state, arguments, attempts, failures, is_cancelled,"
                " merged_into, run_at <= now(), finished_at is not null from stocksync.jobs"
            )
        }
        expected = {
            number: (
                j.subject, j.state, j.arguments(), j.attempts, j.failures, j.is_cancelled,
                j.merged_into, found[number][7] if j.state != "queued" else j.is_due,
                j.state not in ("queued", "running"),
            )
            for number, j in self.world.jobs.items()
        }  # fmt: skip
        assert found == expected

    def pick(self, data: st.DataObject, *states: str) -> int:
        return data.draw(
            st.sampled_from([n for n, j in self.world.jobs.items() if j.state in states])
        )

    def any_in(*states: str) -> Any:
        return precondition(lambda self: any(j.state in states for j in self.world.jobs.values()))

    # What people do ---------------------------------------------------------------------------

    @rule(subject=st.sampled_from(SUBJECTS), since=st.sampled_from(SINCE), force=st.booleans())
    def somebody_enqueues(self, subject: str, since: str | None, force: bool) -> None:
        if not subject.startswith("sync"):
            since, force = None, False
        request = self.world.request(since, force)
        if rows := self.enqueue(self.db, subject, request):
            self.enqueued(rows[0][0], subject, request)
        self.check()

    @precondition(lambda self: self.held is None)
    @rule(subject=st.sampled_from(SUBJECTS))
    def another_session_enqueues_and_waits(self, subject: str) -> None:
        request = self.world.request(None, False)
        self.other.execute("begin")
        [(self.number,)] = self.enqueue(self.other, subject, request)
        self.held = subject, request
        self.check()

    @precondition(lambda self: self.held is not None)
    @rule(commits=st.booleans())
    def the_other_session_ends(self, commits: bool) -> None:
        self.other.execute("commit" if commits else "rollback")
        if commits:
            self.enqueued(self.number, *self.held)
        self.held = None
        self.check()

    @any_in("queued", "failed", "cancelled", "merged", "done", "running")
    @rule(data=st.data())
    def somebody_retries(self, data: st.DataObject) -> None:
        number = self.pick(data, "queued", "failed", "cancelled", "merged", "done", "running")
        job = self.world.jobs[number]
        if job.state in ("merged", "done", "running"):
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                self.db.execute("select stocksync.retry_job(%s)", (number,))
        elif rows := self.ask("select stocksync.retry_job(%s)", number, subjects=(job.subject,)):
            self.retried(number)
            assert rows == [(job.merged_into or number,)]
        self.check()

    def retried(self, number: int) -> None:
        job = self.world.jobs[number]
        job.failures, job.is_cancelled = 0, False
        self.world.cancelled -= job.requests
        if job.state == "queued":
            job.is_due = True
        else:
            self.world.requeue(number, is_due=True)

    @rule()
    def somebody_retries_all(self) -> None:
        failed = [n for n, j in self.world.jobs.items() if j.state == "failed"]
        failed.sort(key=lambda n: (self.world.jobs[n].subject, n))
        subjects = tuple(self.world.jobs[n].subject for n in failed)
        if (
            rows := self.ask("select stocksync.retry_failed_jobs()", subjects=subjects)
        ) is not None:
            for number in failed:
                self.retried(number)
            assert {n for (n,) in rows} == {self.world.jobs[n].merged_into or n for n in failed}
        self.check()

    @any_in("queued", "failed", "running", "done")
    @rule(data=st.data())
    def somebody_cancels(self, data: st.DataObject) -> None:
        number = self.pick(data, "queued", "failed", "running", "done")
        job = self.world.jobs[number]
        # Only a queued one is something that another session may hold.
        held = (job.subject,) if job.state == "queued" else ()
        if self.held and job.state == "queued" and self.held[0] == job.subject:
            assert self.ask("select stocksync.cancel_job(%s)", number, subjects=held) is None
        elif job.state == "done":
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                self.db.execute("select stocksync.cancel_job(%s)", (number,))
        else:
            # its statement has ended: here every step is one of its own
            assert self.ask("select stocksync.cancel_job(%s)", number) == [("cancelled",)]
            job.state, job.is_cancelled = "cancelled", True
            self.world.cancelled |= job.requests
        self.check()

    @rule()
    def time_passes(self) -> None:
        self.db.execute("update stocksync.jobs set run_at = least(run_at, now())"
                        " where state = 'queued' and subject is distinct from %s",
                        (self.held and self.held[0],))  # fmt: skip
        for job in self.world.jobs.values():
            if job.state == "queued" and not (self.held and self.held[0] == job.subject):
                job.is_due = True
        self.check()

    # What workers do --------------------------------------------------------------------------

    @rule()
    def a_worker_takes_a_job(self) -> None:
        rows = self.db.execute("select id, attempts from stocksync._take_job('w')").fetchall()
        eligible = [
            n
            for n in self.world.eligible()
            if not (self.held and self.held[0] == self.world.jobs[n].subject)
        ]
        assert bool(rows) == bool(eligible)
        for number, attempt in rows:
            assert number in eligible
            longest = self.db.execute(
                "select id from stocksync.jobs where id = any (%s) or id = %s"
                " order by run_at, id limit 1", (eligible, number),
            ).fetchone()  # fmt: skip
            assert longest == (number,)
            job = self.world.jobs[number]
            job.state, job.attempts, job.is_silent = "running", job.attempts + 1, False
            assert job.attempts == attempt
        self.check()

    @any_in("running")
    @rule(data=st.data(), sqlstate=st.sampled_from(MAY_PASS + MAY_NOT))
    def a_worker_fails(self, data: st.DataObject, sqlstate: str | None) -> None:
        number = self.pick(data, "running")
        job = self.world.jobs[number]
        final = sqlstate in MAY_NOT or job.failures + 1 >= ATTEMPTS
        rows = self.ask(
            "select stocksync.fail_job(%s, %s, %s, 'why')", number, job.attempts, sqlstate,
            subjects=() if final else (job.subject,),
        )  # fmt: skip
        if rows:
            assert rows == [(self.world.fail(number, sqlstate in MAY_PASS),)]
        self.check()

    @any_in("running")
    @rule(data=st.data())
    def a_worker_finishes(self, data: st.DataObject) -> None:
        number = self.pick(data, "running")
        job = self.world.jobs[number]
        assert self.ask("select stocksync._finish_job(%s, %s, null)", number, job.attempts) == [
            (True,)
        ]
        job.state = "done"
        for request in job.requests:
            assert job.since is None or (request.since or "") >= job.since
            assert job.force or not request.force
        self.world.open -= job.requests
        self.check()

    @any_in("running")
    @rule(data=st.data())
    def a_worker_gives_its_job_back(self, data: st.DataObject) -> None:
        number = self.pick(data, "running")
        job = self.world.jobs[number]
        rows = self.ask(
            "select stocksync.release_job(%s, %s)", number, job.attempts, subjects=(job.subject,)
        )
        if rows:
            assert rows == [(self.world.requeue(number, is_due=True),)]
        self.check()

    @precondition(lambda self: self.world.jobs)
    @rule(data=st.data(), late=st.integers(-2, 0))
    def a_late_report_counts_for_nothing(self, data: st.DataObject, late: int) -> None:
        number = data.draw(st.sampled_from(list(self.world.jobs)))
        job = self.world.jobs[number]
        if job.state == "running" and late == 0:
            late = -1
        attempt = job.attempts + late
        assert self.ask("select stocksync.fail_job(%s, %s, '40001', '')", number, attempt) == [
            (None,)
        ]
        assert self.ask("select stocksync._finish_job(%s, %s, null)", number, attempt) == [(False,)]
        assert self.ask("select stocksync.release_job(%s, %s)", number, attempt) == [(None,)]
        self.check()

    @any_in("running")
    @rule(data=st.data())
    def a_worker_falls_silent(self, data: st.DataObject) -> None:
        number = self.pick(data, "running")
        self.db.execute(
            "update stocksync.jobs set seen_at = seen_at - interval '31 s' where id = %s", (number,)
        )
        self.world.jobs[number].is_silent = True

    @rule(by_tick=st.booleans())
    def somebody_reaps(self, by_tick: bool) -> None:
        reaped = 0
        for number, job in sorted(self.world.jobs.items()):
            if job.state != "running" or not job.is_silent:
                continue
            final = job.failures + 1 >= ATTEMPTS
            if self.held and self.held[0] == job.subject and not final:
                continue  # the next time
            self.world.fail(number, may_pass=True)
            reaped += 1
        if by_tick:
            [(_, _, _, is_due)] = self.ask("select * from stocksync.tick('nobody')")
            assert is_due == bool(self.world.eligible())
        else:
            assert self.ask("select stocksync.reap_jobs()") == [(reaped,)]
        self.check()

    # In the end -------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Let everything be done: nothing that was asked for is missing."""
        if self.held:
            self.the_other_session_ends(True)
        for _ in range(len(self.world.jobs) + 1):
            self.somebody_retries_all()
            self.time_passes()
            while running := [n for n, j in self.world.jobs.items() if j.state == "running"]:
                job = self.world.jobs[running[0]]
                self.db.execute(
                    "select stocksync._finish_job(%s, %s, null)", (running[0], job.attempts)
                )
                job.state = "done"
                self.world.open -= job.requests
            self.a_worker_takes_a_job()
        assert {j.state for j in self.world.jobs.values()} <= {"done", "cancelled", "merged"}
        assert self.world.open <= self.world.cancelled


@pytest.mark.parametrize(
    ("examples", "steps"),
    [(60, 60), pytest.param(400, 150, marks=pytest.mark.long)],
    ids=["short", "long"],
)
def test_nothing_that_was_asked_for_is_lost_in_any_history(
    ledger: psycopg.Connection, ledger_url: str, examples: int, steps: int
) -> None:
    for sku in "AB":
        product(ledger, sku)
    with ExitStack() as stack:
        db, other = (stack.enter_context(session(ledger_url)) for _ in range(2))
        # Only one of the sessions can act at a time: waiting would be in vain.
        db.execute("set lock_timeout = '10ms'")
        db.execute("set timezone = 'UTC'")
        other.execute("set timezone = 'UTC'")

        def machine() -> Queue:
            other.rollback()
            return Queue(db, other)

        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                derandomize=False,  # nor in CI
                print_blob=True,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
            ),
        )
