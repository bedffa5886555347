"""Every known fault is planted, found and cured; and the trial itself can tell when one is not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from helpers import TIMEOUT, wait_until
from psycopg import sql

from stocksync import inject
from stocksync.cli import cli
from stocksync.db import to_url
from stocksync.errors import StocksyncError

FAULTS = inject.read_faults()
# One of each sort: `make test` has no time for all.
QUICK = (
    "load_and_by_hand",
    "guard_disabled",
    "truncated",
    "product_deleted",
    "restored_twice_in_batches",
    "closed_batches_deleted",
    "below_zero_refused",
    "api_without_inactive",
)


@pytest.fixture(scope="module")
def server_url(pg_server) -> str:
    return to_url(
        host=pg_server.host,
        port=pg_server.port,
        user=pg_server.user,
        dbname=pg_server.maintenance_dbname,
        password=pg_server.password,
    )


@pytest.fixture
def server(server_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def laboratory(server_url: str) -> Iterator[inject.Laboratory]:
    with inject.Laboratory.open(server_url) as opened:
        yield opened


@pytest.fixture
def fault(tmp_path: Path) -> Callable[[str], inject.Fault]:
    def read(text: str) -> inject.Fault:
        (tmp_path / "01_planted.sql").write_text(text)
        [one] = inject.read_faults(tmp_path)
        return one

    return read


def scratch(server: psycopg.Connection) -> set[str]:
    rows = server.execute("select datname from pg_database where datname ~ '^stocksync_scratch_'")
    return {name for (name,) in rows}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(one, id=one.name, marks=() if one.name in QUICK else pytest.mark.long)
        for one in FAULTS
    ],
)
def test_a_fault_is_found_and_cured_and_nothing_else_changes(
    laboratory: inject.Laboratory, fault: inject.Fault
) -> None:
    outcome = laboratory.try_out(fault)
    assert (outcome.complaints, outcome.found, outcome.cured) == ((), True, True)


def test_there_are_as_many_kinds_as_are_known() -> None:
    assert len(FAULTS) == len({one.name for one in FAULTS}) > 70
    assert {one.name for one in FAULTS} >= set(QUICK)
    # as scratch databases they must have names of their own
    assert len({one.name[:30] for one in FAULTS}) == len(FAULTS)


# It can fail -------------------------------------------------------------------------------------


BY_HAND = "update products set quantity_on_hand = 5, total_stock = 5 where sku = 'CUP';\n"


def test_a_fault_of_another_cause_than_expected_is_not_found(laboratory, fault) -> None:
    outcome = laboratory.try_out(
        fault(f"-- By hand.\n-- expect: CUP on_hand_vs_ledger unknown\n-- fix: fields\n\n{BY_HAND}")
    )
    assert (outcome.found, outcome.cured) == (False, True)
    assert outcome.complaints == ("the audit found CUP on_hand_vs_ledger manual_update",)
    assert (outcome.classes, outcome.causes) == (["on_hand_vs_ledger"], ["manual_update"])


def test_a_fault_that_shows_at_one_more_product_is_not_found(laboratory, fault) -> None:
    outcome = laboratory.try_out(
        fault(
            "-- By hand.\n-- expect: CUP on_hand_vs_ledger manual_update\n-- fix: fields\n\n"
            f"{BY_HAND}update products set total_stock = 1 where sku = 'NEW';"
        )
    )
    assert not outcome.found


def test_what_nobody_finds_is_not_found(laboratory, fault) -> None:
    outcome = laboratory.try_out(
        fault(
            "-- Nothing.\n-- expect: CUP on_hand_vs_ledger manual_update\n-- fix: fields\n\nselect;"
        )
    )
    assert (outcome.found, outcome.complaints) == (False, ("the audit found nothing",))


@pytest.mark.parametrize(
    ("title", "spoil", "complaint"),
    [
        (
            "The shop has a trigger that suppresses the fix.",
            "create schema shop;\n"
            "create function shop.no() returns trigger language plpgsql as"
            " $$begin return null; end$$;\n"
            "create trigger no before update on products"
            " for each row execute function shop.no();\n",
            "after the cure the audit finds CUP on_hand_vs_ledger manual_update",
        ),
        (
            "The shop has a trigger that changes another product when one is fixed.",
            "create schema shop;\n"
            "create function shop.other() returns trigger language plpgsql as"
            " $$begin update public.products set name = 'X' where sku = 'NEW';"
            " return null; end$$;\n"
            "create trigger other after insert on stocksync.incidents"
            " for each row execute function shop.other();\n"
            "select stocksync._accept_drift();\n",
            "the cure changed public.products of NEW",
        ),
    ],
)
def test_a_fix_that_does_nothing_or_too_much_is_no_cure(
    laboratory, fault, title: str, spoil: str, complaint: str
) -> None:
    outcome = laboratory.try_out(
        fault(
            f"-- {title}\n-- expect: CUP on_hand_vs_ledger manual_update\n-- fix: fields\n\n"
            f"{BY_HAND}{spoil}"
        )
    )
    assert (outcome.found, outcome.cured) == (True, False)
    assert complaint in outcome.complaints[0]


def test_a_fix_that_changes_the_movements_is_no_cure(laboratory, fault) -> None:
    outcome = laboratory.try_out(
        fault(
            "-- Worse.\n-- expect: CUP on_hand_vs_ledger manual_update\n-- fix: fields\n\n"
            f"{BY_HAND}create schema shop;\n"
            "create function shop.other() returns trigger language plpgsql as"
            " $$begin update public.stock_movements set notes = 'X' where product_id = 2;"
            " return null; end$$;\n"
            "create trigger other after insert on stocksync.incidents"
            " for each row execute function shop.other();\n"
            "select stocksync._accept_drift();\n"
        )
    )
    assert outcome.complaints == ("the cure changed public.stock_movements of CUP",)


def test_what_doctor_does_not_name_is_no_cure(laboratory, fault) -> None:
    outcome = laboratory.try_out(
        fault(
            "-- By hand.\n-- expect: CUP on_hand_vs_ledger manual_update\n"
            f"-- cure: {inject.MIGRATE}\n-- fix: fields\n\n{BY_HAND}"
        )
    )
    assert (outcome.found, outcome.cured) == (True, False)
    assert outcome.complaints == (f"doctor does not name `{inject.MIGRATE}`",)


def test_a_trigger_that_stays_off_is_no_cure(laboratory, fault) -> None:
    outcome = laboratory.try_out(
        fault(
            "-- Off.\n-- expect: CUP on_hand_vs_ledger trigger_disabled\n-- fix: fields\n\n"
            f"alter table products disable trigger _500_guard_update;\n{BY_HAND}"
        )
    )
    assert (outcome.found, outcome.cured) == (True, False)
    assert "doctor says of triggers" in outcome.complaints[0]


def test_a_fault_that_cannot_be_planted_is_told(laboratory, fault) -> None:
    outcome = laboratory.try_out(
        fault("-- Bad.\n-- expect: CUP on_hand_vs_ledger unknown\n-- fix: fields\n\nselect 1 / 0;")
    )
    assert (outcome.found, outcome.cured) == (False, False)
    assert outcome.complaints == ("the audit found nothing", "division by zero")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("select;\n", "the first line does not say what it is"),
        ("-- expect: A b c\n-- fix: fields\n\nselect;\n", "the first line does not say what it is"),
        ("-- A.\n-- expects: A b c\n\nselect;\n", '"-- expects: A b c" is none of'),
        ("-- A.\n-- expect: A b\n-- fix: fields\n\nselect;\n", "expect must be a product"),
        ("-- A.\n-- fix: fields\n\nselect;\n", "expect must be there, and fix or cure"),
        ("-- A.\n-- expect: A b c\n\nselect;\n", "expect must be there, and fix or cure"),
        ("-- A.\n-- expect: A b c\n-- fix: all\n\nselect;\n", "fix must be some of"),
        ("-- A.\n-- expect: A b c\n-- fix: fields\n-- fix: fields\n\nselect;\n", "once at most"),
        ("-- A.\n-- expect: A b c\n-- cure: pray\n\nselect;\n", "cure must be"),
        ("-- A.\n-- expect: A b c\n-- fix: fields\n\n", "nothing is planted"),
    ],
)
def test_a_file_that_is_not_understood_is_refused(fault, text: str, complaint: str) -> None:
    with pytest.raises(StocksyncError, match=r"^01_planted\.sql: ") as caught:
        fault(text)
    assert complaint in caught.value.message


# The command -------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [one for one in FAULTS if one.name in ("both_by_hand", "api_stale")]
    monkeypatch.setattr(inject, "read_faults", lambda: some)


def run(server_url: str, *arguments: str):
    from click.testing import CliRunner

    return CliRunner().invoke(cli, ["--database-url", server_url, "doctor", "--inject", *arguments])


def test_the_command_lists_what_was_found_and_cured(few, server, server_url: str) -> None:
    before = scratch(server)
    done = run(server_url, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == [
        {
            "fault": "both_by_hand",
            "found": True,
            "class": "on_hand_vs_ledger",
            "cause": "manual_update",
            "cured": True,
            "detail": None,
        },
        {
            "fault": "api_stale",
            "found": True,
            "class": "on_hand_vs_api",
            "cause": "api_cache",
            "cured": True,
            "detail": None,
        },
    ]
    assert done.stderr == "2 faults: 2 found and cured, 0 not.\n"
    assert scratch(server) == before


def test_the_command_fails_if_one_is_not_found(
    server_url: str, fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = fault(f"-- By hand.\n-- expect: CUP negative unknown\n-- fix: fields\n\n{BY_HAND}")
    monkeypatch.setattr(inject, "read_faults", lambda: [wrong])
    done = run(server_url)
    assert done.exit_code == 3
    assert "1 faults: 0 found and cured, 1 not." in done.stderr


def test_a_role_that_may_not_create_databases_is_told_what_to_do(few, server, server_url) -> None:
    server.execute("create role inject_nobody login")
    try:
        done = run(to_url(server_url, user="inject_nobody"))
    finally:
        server.execute("drop role inject_nobody")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: this role may not create databases")
    assert "stocksync db start" in done.stderr


def test_what_an_interrupted_run_made_is_dropped_and_the_next_drops_what_a_killed_one_left(
    server, server_url: str
) -> None:
    before = scratch(server)

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "stocksync",
                "--database-url",
                server_url,
                "doctor",
                "--inject",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(inject.__file__).parent.parent)},
        )
        deadline = time.monotonic() + TIMEOUT
        # the shop is a template, and the first faults are tried out
        while len(scratch(server) - before) < 2:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            server.execute("select pg_sleep(0.01)")
        return process

    interrupted = start()
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.wait(TIMEOUT) == 130
    assert "Traceback" not in interrupted.communicate()[1]
    assert scratch(server) == before

    killed = start()
    killed.kill()
    killed.communicate()
    left = scratch(server) - before
    assert left
    wait_until(
        server,
        "select not exists (select from pg_stat_activity where datname = any (%s)"
        " or pid::text = split_part(%s, '_', 3))",
        list(left),
        min(left),
    )
    with inject.Laboratory.open(server_url):
        assert not left & scratch(server)
    assert scratch(server) == before


def test_what_another_run_works_with_is_left_alone(server, server_url: str) -> None:
    with inject.Laboratory.open(server_url):
        others = scratch(server)
        with inject.Laboratory.open(server_url):
            pass
        assert scratch(server) == others


def test_a_database_that_is_only_called_alike_is_left_alone(server, server_url: str) -> None:
    name = "stocksync_scratch_of_mine"
    server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        with inject.Laboratory.open(server_url):
            pass
        assert name in scratch(server)
    finally:
        server.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
