"""pg_cron for real, on servers of Debian's packages postgresql-15 and postgresql-15-cron.

One has the extension in the database of stocksync and runs its jobs in background workers; the
other has it in another database and connects for each job, as is the default.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from helpers import differences, move, only, product

from stocksync.db import to_url
from stocksync.embedded import DATABASE, Embedded
from stocksync.migrate import migrate

pytestmark = pytest.mark.pg_cron

PROGRAM = [sys.executable, "-m", "stocksync"]
TIMEOUT = 150.0  # a minute begins, and a slow machine ends it


@dataclass
class Server:
    """A server, the database that pg_cron is in, and an operator who may schedule."""

    url: str
    cron_database: str
    operator: str = "ann"

    @property
    def is_here(self) -> bool:
        return self.cron_database == DATABASE

    def schedule(self, *arguments: str, user: str = "") -> subprocess.CompletedProcess[str]:
        url = to_url(self.url, user=user or self.operator)
        return subprocess.run(
            [*PROGRAM, "--database-url", url, "schedule", *arguments],
            env={k: v for k, v in os.environ.items() if not k.startswith("PG")},
            capture_output=True,
            text=True,
            check=False,
        )

    def install(self) -> list[str]:
        done = self.schedule("install", "--with", "pg_cron")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        return done.stderr.splitlines()[1:]

    def shown(self, user: str = "") -> list[tuple[object, ...]]:
        rows = json.loads(self.schedule("show", "--json", user=user).stdout)
        return [(row["task"], row["installed_with"], row["is_current"]) for row in rows]

    def jobs(self) -> list[tuple[object, ...]]:
        with psycopg.connect(to_url(self.url, dbname=self.cron_database)) as there:
            return there.execute(
                "select jobid, jobname, schedule, command, database, username from cron.job"
                " order by jobname"
            ).fetchall()


@pytest.fixture(scope="module", params=["here", "elsewhere"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    directory = Path(tempfile.mkdtemp(prefix="stocksync-cron-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    embedded = Embedded(directory / "pg", fsync=False)
    database = DATABASE if request.param == "here" else "postgres"
    embedded.options = {
        "shared_preload_libraries": "pg_cron",
        "cron.database_name": database,
        **(
            {"cron.use_background_workers": "on", "max_worker_processes": "20"}
            if request.param == "here"
            else {"cron.host": str(embedded.socket_dir)}
        ),
    }
    with pytest.MonkeyPatch.context() as environment:
        [library, *_] = Path("/usr/lib/postgresql").glob("*/lib/pg_cron.so")
        environment.setenv("STOCKSYNC_PG_BIN", str(library.parent.parent / "bin"))
        try:
            with embedded:
                migrate(embedded.url())
                server = Server(embedded.url(), database)
                with psycopg.connect(embedded.url(database), autocommit=True) as there:
                    there.execute("create extension pg_cron")
                    there.execute(f"create role {server.operator} login in role stocksync_operator")
                    there.execute(f"grant usage on schema cron to {server.operator}")
                    there.execute(
                        f"grant execute on function cron.schedule_in_database to {server.operator}"
                    )
                    if not server.is_here:
                        there.execute(f"grant pg_read_all_settings to {server.operator}")
                yield server
        finally:
            shutil.rmtree(directory)


@pytest.fixture
def db(server: Server) -> Iterator[psycopg.Connection]:
    """A connection as superuser, with the schedule as it was at first and no jobs."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        yield connection
        connection.execute("update stocksync.schedules set is_enabled = true")
        connection.execute(
            "update stocksync.schedules set cron = case task when 'audit' then '0 2 * * *'"
            " else '0 * * * *' end"
        )
        connection.execute("update stocksync.settings set time_zone = 'UTC'")
    with psycopg.connect(to_url(server.url, dbname=server.cron_database)) as there:
        there.execute("create extension if not exists pg_cron")
        there.execute("select cron.unschedule(jobid) from cron.job")


def test_it_runs_by_itself(server: Server, db: psycopg.Connection) -> None:
    """A bare call, in which the procedure commits."""
    move(db, product(db), 5)
    db.execute("update products set quantity_on_hand = 7")
    db.execute("update stocksync.schedules set cron = '* * * * *' where task = 'refresh'")
    server.install()

    deadline = time.monotonic() + TIMEOUT
    with psycopg.connect(to_url(server.url, dbname=server.cron_database), autocommit=True) as there:
        details = "select status, command, username, database from cron.job_run_details"
        while not there.execute(f"{details} where status in ('succeeded', 'failed')").fetchall():
            assert time.monotonic() < deadline, there.execute(details).fetchall()
            time.sleep(0.2)
        [row, *_] = there.execute(f"{details} order by runid").fetchall()
    assert row == ("succeeded", "call stocksync.refresh()", server.operator, DATABASE)
    [run, *_] = db.execute(
        "select command, actor, finished_at is not null, products_corrected from stocksync.runs"
    ).fetchall()
    assert run == ("refresh", server.operator, True, 1)
    assert only(db, "select count(*) from stocksync._journal") == 0
    assert differences(db) == []
    [_, refresh] = json.loads(server.schedule("show", "--json").stdout)
    assert refresh["installed_with"] == "pg_cron"
    assert refresh["last_run_at"] is not None


def test_installed_twice_is_installed_once(server: Server, db: psycopg.Connection) -> None:
    with psycopg.connect(to_url(server.url, dbname=server.cron_database)) as there:
        there.execute("select cron.schedule('theirs', '1 1 * * *', 'select 1')")
    server.install()
    jobs = server.jobs()
    assert [job[1:] for job in jobs] == [
        (f"stocksync {task} of {DATABASE}", cron, f"call stocksync.{call}", DATABASE, "ann")
        for task, cron, call in (
            ("audit", "0 2 * * *", "audit(p_deep => true)"),
            ("refresh", "0 * * * *", "refresh()"),
        )
    ] + [
        ("theirs", "1 1 * * *", "select 1", server.cron_database, "postgres"),
    ]  # fmt: skip
    server.install()
    assert server.jobs() == jobs
    assert server.shown() == [("audit", "pg_cron", True), ("refresh", "pg_cron", True)]
    assert server.shown(user="postgres") == server.shown()

    db.execute("update stocksync.schedules set cron = '5 * * * *' where task = 'refresh'")
    db.execute("update stocksync.schedules set is_enabled = false where task = 'audit'")
    assert server.shown() == [("audit", "pg_cron", False), ("refresh", "pg_cron", False)]
    server.install()
    assert [job[:3] for job in server.jobs()] == [
        (jobs[1][0], f"stocksync refresh of {DATABASE}", "5 * * * *"),
        jobs[2][:3],
    ]
    assert server.shown() == [("audit", None, None), ("refresh", "pg_cron", True)]

    assert server.schedule("remove", "--with", "pg_cron").stderr == "removed\n"
    assert server.schedule("remove", "--with", "pg_cron").stderr == "was not installed\n"
    assert server.jobs() == jobs[2:]


def test_what_is_printed_can_be_run_by_psql(server: Server, db: psycopg.Connection) -> None:
    printed = server.schedule("install", "--with", "pg_cron", "--print").stdout
    assert server.jobs() == []
    assert printed.startswith(f"-- in database {server.cron_database}\n")
    for text, count in (
        (printed, 2),
        (server.schedule("remove", "--with", "pg_cron", "--print").stdout, 0),
    ):
        url = to_url(server.url, dbname=server.cron_database, user=server.operator)
        psql = [Embedded.tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url]
        subprocess.run(psql, input=text, check=True, text=True, stdout=subprocess.DEVNULL)
        assert len(server.jobs()) == count


@pytest.mark.parametrize(
    ("zone", "cron", "is_noted"),
    [
        ("UTC", "0 2 * * *", False),
        ("Africa/Abidjan", "0 2 * * *", False),  # GMT all year
        ("Europe/London", "0 2 * * *", True),
        ("Europe/Paris", "0 2 * * *", True),
        ("Europe/Paris", "30 * * * *", False),
        ("Asia/Kolkata", "30 * * * *", True),
    ],
)
def test_times_that_are_not_the_shops_are_told(
    server: Server, db: psycopg.Connection, zone: str, cron: str, is_noted: bool
) -> None:
    db.execute("update stocksync.settings set time_zone = %s", (zone,))
    db.execute("update stocksync.schedules set cron = %s", (cron,))
    assert server.install() == ([f"pg_cron counts in GMT, not in {zone}."] if is_noted else [])
    [audit, _] = json.loads(server.schedule("show", "--json").stdout)
    next_at = datetime.fromisoformat(audit["next_at"]).astimezone(UTC)
    assert f"{next_at.minute} {next_at.hour}".startswith(" ".join(cron.split()[:2]).rstrip("* "))


def test_a_schedule_of_which_pg_cron_would_read_a_part_cannot_be_written(db) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="schedules_cron_has_five_fields"):
        db.execute("update stocksync.schedules set cron = '0 0 1 1 1 1' where task = 'audit'")


def test_the_extension_is_missing(server: Server, db: psycopg.Connection) -> None:
    with psycopg.connect(to_url(server.url, dbname=server.cron_database)) as there:
        there.execute("drop extension pg_cron")
    done = server.schedule("install", "--with", "pg_cron", user="postgres")
    assert done.returncode == 1
    assert done.stderr.startswith('error: extension "pg_cron" is not in ')
    assert 'hint: Run "create extension pg_cron"' in done.stderr
    assert server.shown() == [("audit", None, None), ("refresh", None, None)]
    with psycopg.connect(to_url(server.url, dbname=server.cron_database)) as there:
        there.execute("create extension pg_cron")
        there.execute(f"grant usage on schema cron to {server.operator}")
        there.execute(f"grant execute on function cron.schedule_in_database to {server.operator}")


def test_a_role_that_may_not_is_told_what_it_needs(server: Server, db: psycopg.Connection) -> None:
    db.execute("create role bob login in role stocksync_operator, pg_read_all_settings")
    try:
        done = server.schedule("install", "--with", "pg_cron", user="bob")
        assert done.returncode == 1
        assert done.stderr.startswith("error: permission denied for schema cron\ndetail: To sched")
        done = server.schedule("show", user="bob")
        assert done.returncode == 0
        assert "pg_cron could not be asked: permission denied for schema cron" in done.stderr
    finally:
        db.execute("drop role bob")
