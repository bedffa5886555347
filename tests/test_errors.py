"""Errors: one line each of what, why and what to do; the exit status tells the kind."""

import os
import signal
import subprocess
import sys
import time

import click
import psycopg
import pytest
from click.testing import CliRunner

from stocksync import __version__, errors
from stocksync.cli import cli
from stocksync.db import connect, to_url
from stocksync.errors import CONSTRAINTS, ExitStatus, StocksyncError, explain
from stocksync.migrate import LOCK_KEY


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stocksync", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def raised(db: psycopg.Connection, statement: str) -> errors.Explanation:
    with pytest.raises(psycopg.Error) as caught:
        db.execute(statement)
    return explain(caught.value)


def test_all_parts_are_printed_in_order() -> None:
    error = StocksyncError("no", detail="Because.", hint="Do.", exit_status=ExitStatus.REFUSED)
    assert str(explain(error)) == "error: no\ndetail: Because.\nhint: Do."
    assert explain(error).exit_status == 4
    assert (
        str(explain(StocksyncError("no", detail="One.\nTwo.")))
        == "error: no\ndetail: One.\n        Two."
    )
    assert str(explain(ValueError("wrong"))) == "error: wrong"
    assert str(explain(ValueError())) == "error: ValueError"


def test_any_exception_with_the_parts_is_understood() -> None:
    class ForeignError(Exception):
        message, detail, hint = "no server", None, "Start it."

    assert str(explain(ForeignError())) == "error: no server\nhint: Start it."


def test_a_domain_refusal_has_its_own_status(db) -> None:
    told = raised(
        db,
        "do $$begin raise exception 'not enough' using errcode = 'SS002',"
        " detail = 'There are 2.', hint = 'Buy.'; end$$",
    )
    assert told == ("not enough", "There are 2.", "Buy.", ExitStatus.REFUSED)


def test_a_named_constraint_is_told_in_words(db, monkeypatch) -> None:
    monkeypatch.setitem(CONSTRAINTS, "size_positive", ("a size is above zero", "Correct it."))
    db.execute("create temp table t (size int constraint size_positive check (size > 0))")
    told = raised(db, "insert into t values (-1)")
    assert told.message == "a size is above zero"
    assert told.hint == "Correct it."
    assert told.detail == "Failing row contains (-1)."


def test_every_known_constraint_exists(db) -> None:
    """Or is named by a statement that raises by hand."""
    known = {name for (name,) in db.execute("select conname from pg_constraint")}
    known |= {name for (name,) in db.execute("select relname from pg_class where relkind = 'i'")}
    bodies = "".join(
        text
        for (text,) in db.execute(
            "select prosrc from pg_proc where pronamespace = 'stocksync'::regnamespace"
        )
    )
    assert [name for name in CONSTRAINTS if name not in known and name not in bodies] == []


@pytest.mark.parametrize(
    "statement",
    [
        "select * from stocksync.nothing",
        "select stocksync.nothing()",
        "drop schema stocksync cascade; select * from stocksync.drift",
    ],
)
def test_what_is_missing_of_stocksync_is_a_matter_of_migrating(db, statement) -> None:
    assert raised(db, statement).hint == "Run `stocksync migrate`."


def test_what_is_missing_elsewhere_is_not(db) -> None:
    assert raised(db, "select * from nothing").hint is None


def test_no_rights(db) -> None:
    db.execute("set role stocksync_app")
    told = raised(db, "delete from stocksync.installation")
    assert told.message == "permission denied for table installation"
    assert "stocksync_operator" in str(told.hint)


def test_no_rights_to_install(db_url) -> None:
    url = to_url(db_url, options="-c role=stocksync_auditor")
    ran = run("--database-url", url, "migrate", "--force")
    assert ran.returncode == ExitStatus.ERROR
    assert ran.stderr.startswith("error: permission denied for table yoyo_lock\nhint: Connect as")


def test_a_timeout_names_its_option(db) -> None:
    db.execute("set statement_timeout = 10")
    assert "--statement-timeout" in str(raised(db, "select pg_sleep(5)").hint)


def test_where_it_happened_is_in_the_detail(db) -> None:
    with pytest.raises(psycopg.Error) as caught:
        db.execute("select 1 / 0")
    caught.value.add_note("in sql/views/drift.sql, line 3")
    assert explain(caught.value).detail == "in sql/views/drift.sql, line 3"


def test_a_database_that_is_not_there(db_url) -> None:
    ran = run("--database-url", to_url(db_url, dbname="nowhere"), "migrate")
    assert ran.returncode == ExitStatus.ERROR
    assert ran.stdout == ""
    assert ran.stderr.startswith("error: ")
    assert 'database "nowhere" does not exist' in ran.stderr
    assert "createdb" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"host": "no.such.host.invalid"}, "Correct the host"),
        ({"host": "127.0.0.1", "port": 1}, "Is the server running there?"),
        ({"host": "/no/such/directory"}, "Is the server running there?"),
        ({"user": "no_such_role"}, "Correct the user"),
    ],
)
def test_a_server_or_role_that_is_not_there(db_url, change, hint) -> None:
    ran = run("--database-url", to_url(db_url, **change), "migrate", "--list")
    assert ran.returncode == ExitStatus.ERROR
    assert f"\nhint: {hint}" in ran.stderr


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('FATAL:  password authentication failed for user "ann"', "PGPASSWORD"),
        ("fe_sendauth: no password supplied", "PGPASSWORD"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', "pg_hba.conf"),
        ('FATAL:  Peer authentication failed for user "ann"', "pg_hba.conf"),
        ("connection timeout expired", "Is the server running there?"),
        ("server closed the connection unexpectedly", "see its log"),
    ],
)
def test_other_failures_to_connect(text, hint) -> None:
    told = explain(psycopg.OperationalError(f"connection failed: {text}"))
    assert hint in str(told.hint)


def test_a_wrong_address_is_told_without_traceback() -> None:
    ran = run("--database-url", "postgresql://[nonsense", "migrate")
    assert ran.returncode == ExitStatus.ERROR
    assert ran.stderr.startswith("error: ")
    assert "Traceback" not in ran.stderr


def test_wrong_usage() -> None:
    for arguments in (["nonsense"], ["migrate", "--list", "--sql"], ["migrate", "--rollback"]):
        assert CliRunner().invoke(cli, arguments).exit_code == ExitStatus.USAGE


def test_the_traceback_is_for_those_who_ask(db_url) -> None:
    url = to_url(db_url, dbname="nowhere")
    assert "Traceback" in run("--database-url", url, "-v", "migrate").stderr


def test_help_and_version() -> None:
    assert run("-h").stdout == run("--help").stdout
    assert run("--version").stdout == f"stocksync, version {__version__}\n"


def commands(group: click.Group, *path: str) -> list[tuple[tuple[str, ...], click.Command]]:
    found = []
    for name, command in group.commands.items():
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += commands(command, *path, name)
    return found


@pytest.mark.parametrize(("path", "command"), commands(cli), ids=lambda value: str(value))
def test_every_command_says_what_it_does_and_shows_how(path, command) -> None:
    assert command.help, path
    assert command.get_short_help_str(limit=200)[0].isupper()
    assert "Example:" in command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_interrupted_by_the_keyboard(db_url) -> None:
    with connect(db_url) as other:
        other.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
        process = subprocess.Popen(
            [sys.executable, "-m", "stocksync", "--database-url", db_url, "migrate"],
            stderr=subprocess.PIPE,
            text=True,
        )
        waiting = (
            "select from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and query ~ 'pg_try_advisory_lock'"
        )
        end = time.monotonic() + 30
        while not other.execute(waiting).fetchall():
            assert time.monotonic() < end
        process.send_signal(signal.SIGINT)
        message = process.communicate(timeout=30)[1]
    assert (process.returncode, message) == (ExitStatus.INTERRUPTED, "interrupted\n")


@pytest.mark.parametrize("arguments", ["migrate --sql", "migrate --list"])
def test_a_reader_that_goes_away_is_no_news(db_url, arguments) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write) as pipe:
        ran = subprocess.run(
            [sys.executable, "-m", "stocksync", "--database-url", db_url, *arguments.split()],
            check=False,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert ran.stderr == ""
