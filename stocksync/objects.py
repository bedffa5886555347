"""Deploys sql/: what can be re-created from its text follows its text.

The few statements here are those that must run before any function of stocksync exists.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import psycopg

from stocksync import __version__
from stocksync.db import Connection
from stocksync.errors import StocksyncError
from stocksync.paths import data_dir

# Functions may then be created in any order, and a name that is not qualified is an error.
PREPARE = "set local check_function_bodies = off; set local search_path = pg_catalog, pg_temp;"

# Whoever is writing movements ends first, and nobody begins: a writer would hold one of the objects
# that are made anew and wait for another, while this holds that one and waits for the first.
HOLD_WRITERS = """
do $$
begin
    if to_regclass('public.stock_movements') is not null then
        lock table public.stock_movements in share row exclusive mode;
    end if;
end
$$
"""

RECORD_FILE = """
insert into stocksync.deployed_file (path, sha256) values (%s, %s)
on conflict (path) do update set sha256 = excluded.sha256, deployed_at = excluded.deployed_at
"""

FINISH = "select stocksync._finish_deployment(p_version => %s, p_paths => %s)"

_CAN_TELL_DRIFT = """
select to_regclass('stocksync.drift') is not null
    and to_regprocedure('stocksync._accept_drift()') is not null
    and to_regprocedure('stocksync._finish_deployment(text, text[])') is not null
"""


class File(NamedTuple):
    """One file under sql/."""

    path: str
    text: str
    sha256: str


def read_files() -> list[File]:
    """Return the files that sql/manifest names, in its order."""
    directory = data_dir("sql")
    files = []
    for path in (directory / "manifest").read_text(encoding="utf-8").split():
        try:
            content = (directory / path).read_bytes()
        except FileNotFoundError as error:
            raise StocksyncError(
                f"sql/{path} is in sql/manifest and not on disk", hint="Reinstall stocksync."
            ) from error
        files.append(File(path, content.decode(), hashlib.sha256(content).hexdigest()))
    return files


def sync(connection: Connection) -> list[str]:
    """Run each file that differs from what was deployed, or whose object is gone; return which.

    One transaction: all of the new code is there, or all of the old. Nothing is locked and
    nothing written if nothing differs.
    """
    files = read_files()
    executed: list[str] = []
    with connection.transaction():
        connection.execute(PREPARE)
        if not can_tell_drift(connection):
            connection.execute("delete from stocksync.deployed_file")
        deployed = _deployed(connection)
        gone: set[str] = set()
        for file in files:
            if deployed.get(file.path) == file.sha256 and file.path not in gone:
                continue
            if not executed:
                connection.execute(HOLD_WRITERS)
            _run(connection, file)
            executed.append(file.path)
            if deployed:  # "drop ... cascade" may have taken what a later, unchanged file makes
                gone = _gone(connection)
        if executed or _is_unfinished(connection):
            connection.execute(FINISH, (__version__, [file.path for file in files]))
    return executed


def outdated(connection: Connection) -> list[str]:
    """Return the files that the next `sync` would run because their text differs."""
    deployed = _deployed(connection)
    return [file.path for file in read_files() if deployed.get(file.path) != file.sha256]


def can_tell_drift(connection: Connection) -> bool:
    """Tell whether what compares the database with its record is there."""
    return bool(value(connection, _CAN_TELL_DRIFT))


def _run(connection: Connection, file: File) -> None:
    try:
        connection.execute(file.text)
    except psycopg.Error as error:
        position = error.diag.statement_position
        line = f", line {file.text.count(chr(10), 0, int(position)) + 1}" if position else ""
        error.add_note(f"in sql/{file.path}{line}")
        raise
    connection.execute(RECORD_FILE, (file.path, file.sha256))


def _deployed(connection: Connection) -> dict[str, str]:
    if not value(connection, "select to_regclass('stocksync.deployed_file') is not null"):
        return {}
    rows = connection.execute("select path, sha256 from stocksync.deployed_file")
    return dict(rows)


def _gone(connection: Connection) -> set[str]:
    rows = connection.execute("select path from stocksync.drift where state = 'missing'")
    return {path for (path,) in rows}


def _is_unfinished(connection: Connection) -> bool:
    """Tell whether the last deployment was of another version, was killed, or lacked roles."""
    query = "select version from stocksync.installation where to_do = '{}'"
    return value(connection, query) != __version__


def value(connection: Connection, query: str, *parameters: object) -> object:
    """Return the first column of the first row, None if there is none."""
    row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None
