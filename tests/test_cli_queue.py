"""``stocksync sync --queue`` and ``stocksync jobs``: what they print, and how they end."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from helpers import product
from job_helpers import enqueue, fail, job, states, take

from stocksync.db import to_url

ROOT = Path(__file__).parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def stocksync(ledger_url: str) -> Run:
    """Run the program on the test's database; returns the finished process."""

    def run(*arguments: str, role: str | None = None) -> subprocess.CompletedProcess[str]:
        url = to_url(ledger_url, options=f"-c role={role}") if role else ledger_url
        return subprocess.run(
            [sys.executable, "-m", "stocksync", "--database-url", url, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sync_queue_prints_the_number_of_the_job_alone(
    ledger: psycopg.Connection, stocksync: Run
) -> None:
    a = product(ledger, "A")
    done = stocksync(
        "sync", "--queue", "--sku", "A", "--from-date", "2025-01-01", "--force",
        role="stocksync_operator",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "1\n")
    assert "Queued as job 1" in done.stderr
    assert "Use queue: yes" in done.stderr
    assert job(ledger, 1).arguments == {
        "product_id": a,
        "since": "2025-01-01T00:00:00+00:00",
        "force": True,
    }
    again = stocksync("-q", "sync", "--queue", "--product-id", str(a))
    assert (again.stdout, again.stderr) == ("1\n", "")
    assert rows(stocksync("sync", "--queue", "--json")) == [{"job": job(ledger, 1).id + 2}]


def test_a_date_is_one_of_the_shop(ledger: psycopg.Connection, stocksync: Run) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    stocksync("sync", "--queue", "--from-date", "2025-01-01")
    assert job(ledger, 1).arguments == {"since": "2025-01-01T00:00:00+09:00"}


def test_sync_queue_refuses_what_it_cannot_queue(
    ledger: psycopg.Connection, stocksync: Run
) -> None:
    done = stocksync("sync", "--queue", "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    done = stocksync("sync", "--queue", "--sku", "NONE")
    assert (done.returncode, done.stdout) == (1, "")
    assert 'error: unknown sku "NONE"' in done.stderr
    done = stocksync("sync", "--queue", role="stocksync_auditor")
    assert done.returncode == 1
    assert states(ledger) == []


def test_jobs_list_puts_first_what_needs_somebody(
    ledger: psycopg.Connection, stocksync: Run
) -> None:
    failed = enqueue(ledger)
    fail(ledger, take(ledger), "XX000")
    queued = enqueue(ledger, "audit")
    done = stocksync("jobs", "list", role="stocksync_auditor")
    assert done.returncode == 0
    header, _, first, second = done.stdout.splitlines()
    assert header.split() == [
        "id", "subject", "state", "attempts", "run_at", "started_at", "finished_at", "error",
    ]  # fmt: skip
    assert first.split()[:4] == [str(failed), "refresh", "failed", "1"]
    assert first.endswith("why")
    assert second.split()[:4] == [str(queued), "audit", "queued", "0"]
    assert [r["id"] for r in rows(stocksync("jobs", "list", "--state", "queued", "--json"))] == [
        queued
    ]
    listed = stocksync("jobs", "list", "--limit", "1", "--csv").stdout
    assert [r["id"] for r in csv.DictReader(io.StringIO(listed))] == [str(failed)]
    assert stocksync("jobs", "list", "--state", "lost").returncode == 2


def test_jobs_show_prints_a_line_a_column(ledger: psycopg.Connection, stocksync: Run) -> None:
    number = enqueue(ledger)
    shown = stocksync("jobs", "show", str(number)).stdout.splitlines()
    assert shown[0].split() == ["column", "value"]
    assert ["id", str(number)] in [line.split() for line in shown]
    assert ["state", "queued"] in [line.split() for line in shown]
    assert rows(stocksync("jobs", "show", str(number), "--json"))[0]["subject"] == "refresh"
    done = stocksync("jobs", "show", "99")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        'error: job 99 does not exist\nhint: List the jobs with "stocksync jobs list".\n'
    )


def test_jobs_retry_one_or_all(ledger: psycopg.Connection, stocksync: Run) -> None:
    numbers = []
    for task in ("refresh", "audit", "sync"):
        numbers.append(enqueue(ledger, task))
        fail(ledger, take(ledger), "XX000")
    assert rows(stocksync("jobs", "retry", str(numbers[0]), "--json")) == [{"job": numbers[0]}]
    assert states(ledger) == ["queued", "failed", "failed"]
    again = rows(stocksync("jobs", "retry", "--all", "--json", role="stocksync_operator"))
    assert sorted(row["job"] for row in again) == numbers[1:]
    assert states(ledger) == ["queued"] * 3
    assert stocksync("jobs", "retry").returncode == 2
    assert stocksync("jobs", "retry", "1", "--all").returncode == 2
    assert stocksync("jobs", "retry", "99").returncode == 1
    assert stocksync("jobs", "retry", "--all", role="stocksync_auditor").returncode == 1


def test_jobs_cancel_prints_what_became_of_it(ledger: psycopg.Connection, stocksync: Run) -> None:
    number = enqueue(ledger)
    assert rows(stocksync("jobs", "cancel", str(number), "--json")) == [
        {"job": number, "state": "cancelled"}
    ]
    done = stocksync("jobs", "cancel", str(number))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: job {number} is cancelled\ndetail: It has ended.\n"


def test_what_a_terminal_obeys_is_not_printed(ledger: psycopg.Connection, stocksync: Run) -> None:
    number = enqueue(ledger)
    [(worker,)] = ledger.execute(
        "select worker from stocksync._take_job(%s)", ("\x1b[31m'\"; drop table x\n",)
    )
    ledger.execute(
        "select stocksync.fail_job(%s, 1, 'XX000', %s)", (number, '\x1b[2J\ncolumn "\'NaN"')
    )
    for arguments in (("list",), ("show", str(number))):
        printed = stocksync("jobs", *arguments).stdout
        assert "\x1b" not in printed
        assert "\\x1b[2J\\n" in printed
    assert rows(stocksync("jobs", "show", str(number), "--json"))[0]["worker"] == worker
