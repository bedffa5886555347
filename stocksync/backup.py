"""Backups of a whole database: written by pg_dump, read back by pg_restore, each in one file.

A file has its name only once it was read back whole. A restore is one transaction.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import quote

import platformdirs
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from stocksync.archive import sync_directory
from stocksync.db import Connection
from stocksync.embedded import bin_dirs
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.objects import value
from stocksync.output import printable

_SUFFIX = ".dump"
_PARTIAL = ".partial"
_LOCK_TIMEOUT = 60  # seconds that a table is waited for, as behind a migration
_CHUNK = 1 << 18  # bytes
_POLL = 0.1  # seconds
_PROGRAMS = ("pg_dump", "pg_restore", "psql")
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# Without these a file cannot bring the ledger back.
_MUST_HOLD = (
    "public.products",
    "public.stock_movements",
    "public.transaction_types",
    "stocksync._journal",
    "stocksync.settings",
    "stocksync.stock_daily",
    "stocksync.stock_total",
)

# The only SQL of its own: what is restored may not have stocksync yet. What belongs to an extension
# comes and goes with it.
_SCHEMAS = """
    select n.nspname
    from pg_catalog.pg_namespace as n
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (
            select from pg_catalog.pg_depend as d
            where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                and d.objid = n.oid and d.deptype = 'e'
        )
"""
_HOLDS_SOMETHING = f"""
    select exists (
        select from pg_catalog.pg_class as c
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ({_SCHEMAS})
            and not exists (
                select from pg_catalog.pg_depend as d
                where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    and d.objid = c.oid and d.deptype = 'e'
            )
    )
"""  # noqa: S608

Advance = Callable[[float], None]
# Called with what is done and how many bytes there are of it, None if nobody knows.
Bar = Callable[[str, float | None], AbstractContextManager[Advance]]


class Backup(NamedTuple):
    """A file, and what its head says; nothing of one that cannot be read."""

    file: str
    size: int
    state: str  # "readable", "unchecked" (its head can be read), "unreadable", "incomplete"
    taken_at: datetime | None = None
    database: str | None = None
    server: str | None = None
    detail: str | None = None  # why it cannot be read


class ProgramError(StocksyncError):
    """A program of PostgreSQL's failed; ``detail`` is what it said."""


class _Head(NamedTuple):
    taken_at: datetime | None
    database: str | None
    server: str | None
    tables: frozenset[str]


def directory() -> Path:
    """Return where backups are kept: STOCKSYNC_BACKUP_DIR, or a place in the user's data."""
    if chosen := os.environ.get("STOCKSYNC_BACKUP_DIR"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/stocksync/backups")
    return platformdirs.user_data_path("stocksync") / "backups"


def no_bar(_doing: str, _total: float | None = None) -> AbstractContextManager[Advance]:
    """Show nobody how it goes."""
    return nullcontext(lambda _amount: None)


# Create -------------------------------------------------------------------------------------------


def create(connection: Connection, file: Path | None = None, *, bar: Bar = no_bar) -> Backup:
    """Back up the database of ``connection`` to a new file, safely on disk, and read it back.

    Without ``file`` it is one in `directory`, named by database and time. Raises StocksyncError,
    and then leaves nothing behind.
    """
    programs = _programs(connection)
    path = file or _place(connection)
    try:
        with _new_file(path, numbered=file is None) as (raw, final):
            with bar("writing", None):
                _run(
                    [
                        programs / "pg_dump",
                        "--format=custom",
                        "--no-password",
                        f"--lock-wait-timeout={_LOCK_TIMEOUT * 1000}",
                        # By its name: in what it writes to stdout it cannot go back, to note where
                        # what is, and damage near the end could not be told.
                        f"--file={raw.name}",
                        f"--dbname={_conninfo(connection)}",
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    password=connection.info.password,
                )
            os.fsync(raw.fileno())
            size = os.fstat(raw.fileno()).st_size
            head = _head(programs, raw)
            if missing := _lacks(head):
                raise StocksyncError(
                    "the backup would not bring the ledger back",
                    detail=f"It lacks {missing}.",
                    hint="Is stocksync installed in this database? See `stocksync doctor`.",
                )
            with bar("reading back", size) as advance:
                _read(programs, raw, advance)
    except ProgramError as error:
        if error.detail and any(os.strerror(code) in error.detail for code in _NO_ROOM):
            raise _no_room(path, error.detail) from error
        raise
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(path, str(error)) from error
        raise _cannot("write", path, error) from error
    return Backup(str(final), size, "readable", head.taken_at, head.database, head.server)


def _place(connection: Connection) -> Path:
    """Return the path of the backup that is taken now; its directory is there."""
    name = quote(connection.info.dbname, safe=" ")[:150].lstrip(".")
    try:
        directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot("make", directory(), error) from error
    return directory() / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{_SUFFIX}"


@contextmanager
def _new_file(path: Path, *, numbered: bool) -> Iterator[tuple[IO[bytes], Path]]:
    """Yield a file open for reading and writing, and the path it gets if all goes well.

    Where that is taken, it is refused, or ``numbered``.
    """
    for number in count(2):
        partial = path.with_name(path.name + _PARTIAL)
        if not path.exists():
            with suppress(FileExistsError):
                raw = open(partial, "x+b", buffering=0, opener=_private)  # noqa: SIM115 - a with closes it below
                break
        if not numbered:
            raise StocksyncError(
                f'"{path if path.exists() else partial}" is there already',
                hint="Give the backup a name of its own.",
            )
        stem = path.name.removesuffix(_SUFFIX)
        path = path.with_name(re.sub(r"(Z)(-\d+)?$", rf"\g<1>-{number}", stem) + _SUFFIX)
    try:
        with raw:
            yield raw, path
        partial.rename(path)
    except BaseException:
        partial.unlink()
        raise
    sync_directory(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


# Read ---------------------------------------------------------------------------------------------


def listed(*, check: bool, bar: Bar = no_bar) -> list[Backup]:
    """Return the backups in `directory`, the newest last; with ``check`` each is read whole."""
    try:
        paths = [p for p in directory().iterdir() if p.name.endswith((_SUFFIX, _SUFFIX + _PARTIAL))]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _cannot("read", directory(), error) from error
    found = (_look_at(path, check, bar) for path in paths)
    unknown = datetime.max.replace(tzinfo=UTC)
    # without what they end in: of one second, "-2" comes after the first
    return sorted(found, key=lambda backup: (backup.taken_at or unknown, Path(backup.file).stem))


def _look_at(path: Path, check: bool, bar: Bar) -> Backup:
    try:
        size = path.stat().st_size
        if path.name.endswith(_PARTIAL):
            return Backup(str(path), size, "incomplete")
        programs = _programs()
        with path.open("rb", buffering=0) as raw:
            head = _head(programs, raw)
            if check:
                with bar(f"reading {printable(path.name)}", size) as advance:
                    _read(programs, raw, advance)
    except ProgramError as error:
        return Backup(str(path), size, "unreadable", detail=error.detail)
    except OSError as error:
        return Backup(str(path), 0, "unreadable", detail=error.strerror)
    state = "readable" if check else "unchecked"
    return Backup(str(path), size, state, head.taken_at, head.database, head.server)


def _head(programs: Path, raw: IO[bytes]) -> _Head:
    """Return what a backup says of itself, without reading all of it."""
    raw.seek(0)
    with tempfile.TemporaryFile() as out:
        _run([programs / "pg_restore", "--list"], stdin=raw, stdout=out)
        out.seek(0)
        text = out.read().decode(errors="replace")

    def said(pattern: str) -> str | None:
        found = re.search(rf"^; +{pattern}$", text, re.MULTILINE)
        return found[1] if found else None

    taken_at = said(r"?Archive created at (\S+ \S+) UTC")
    return _Head(
        datetime.fromisoformat(taken_at).replace(tzinfo=UTC) if taken_at else None,
        said("dbname: (.*)"),
        said(r"Dumped from database version: (\S+).*"),
        frozenset(
            f"{schema}.{table}"
            for schema, table in re.findall(
                r"^\d+; \d+ \d+ TABLE DATA (\S+) (\S+) ", text, re.MULTILINE
            )
        ),
    )


def _lacks(head: _Head) -> str:
    return ", ".join(name for name in _MUST_HOLD if name not in head.tables)


def _read(programs: Path, raw: IO[bytes], advance: Advance) -> None:
    """Read a backup whole, telling how many bytes of it."""
    raw.seek(0)
    with _running(
        [programs / "pg_restore", f"--file={os.devnull}"],
        stdin=raw,
        stdout=subprocess.DEVNULL,
    ) as process:
        follow = _Position(raw, advance)
        while True:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL)
                break
            follow()


class _Position:
    """Tells how far another process has read a file that it got open from us."""

    def __init__(self, raw: IO[bytes], advance: Advance) -> None:
        self._raw = raw
        self._advance = advance
        self._told = 0

    def __call__(self) -> None:
        position = os.lseek(self._raw.fileno(), 0, os.SEEK_CUR)
        self._advance(position - self._told)
        self._told = position


# Restore ------------------------------------------------------------------------------------------


def make_database(connection: Connection, name: str) -> bool:
    """Create an empty database beside that of ``connection``; False if there is one already."""
    try:
        # not template1, which may hold what the backup brings
        connection.execute(
            sql.SQL("create database {} template template0").format(sql.Identifier(name))
        )
    except psycopg.errors.DuplicateDatabase:
        return False
    return True


def drop_database(connection: Connection, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def restore(
    connection: Connection,
    file: Path,
    *,
    replace: bool = False,
    owner: bool = True,
    bar: Bar = no_bar,
) -> None:
    """Restore a backup in the empty database of ``connection``, whole or not at all.

    With ``replace`` all that the database holds goes, in the same transaction. Without ``owner``
    everything belongs to the user of ``connection``, and stocksync's own grants are given again.
    Raises StocksyncError.
    """
    programs = _programs(connection)
    prelude = ""
    if value(connection, _HOLDS_SOMETHING):
        if not replace:
            raise _refusal(connection)
        schemas = [name for (name,) in connection.execute(_SCHEMAS)]
        prelude = _dropping(schemas).as_string(connection)
    try:
        with file.open("rb", buffering=0) as raw:
            size = os.fstat(raw.fileno()).st_size
            if missing := _lacks(_head(programs, raw)):
                raise StocksyncError(
                    f'"{file}" is no backup of a ledger', detail=f"It lacks {missing}."
                )
            # First, so that nothing of a damaged file gets to the server.
            with bar("reading", size) as advance:
                _read(programs, raw, advance)
            with bar("restoring", size) as advance:
                _restore(programs, connection, raw, prelude, owner, advance)
    except OSError as error:
        raise _cannot("read", file, error) from error
    # what the server knows of how much is where does not come with a dump
    connection.execute("analyze")
    if not owner:
        connection.execute("select stocksync.grant_roles()")


def _restore(
    programs: Path,
    connection: Connection,
    raw: IO[bytes],
    prelude: str,
    owner: bool,
    advance: Advance,
) -> None:
    raw.seek(0)
    unpack: list[str | Path] = [programs / "pg_restore", "--file=-"]
    if not owner:
        unpack += ["--no-owner", "--no-privileges"]
    load: list[str | Path] = [
        programs / "psql",
        *("--no-psqlrc", "--quiet", "--no-password", "--single-transaction"),
        *("--set=ON_ERROR_STOP=1", "--file=-"),
        f"--dbname={_conninfo(connection)}",
    ]
    try:
        with _running(
            load,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            password=connection.info.password,
        ) as psql:
            assert psql.stdin  # noqa: S101 - it is a pipe
            # Where psql has given up, its own words say why, not those of a pipe.
            with suppress(BrokenPipeError):
                # A failure here ends psql before it commits.
                with _running(unpack, stdin=raw, stdout=subprocess.PIPE) as process:
                    assert process.stdout  # noqa: S101
                    psql.stdin.write(prelude.encode())
                    _pump(process.stdout, psql.stdin, connection, _Position(raw, advance))
                psql.stdin.close()
    except ProgramError as error:
        if error.detail and re.search(r'role ".*" does not exist', error.detail):
            error.hint = (
                "Create the roles that the backup names, or restore with --no-owner: then all of"
                " it is yours, and stocksync's own roles are granted what they may do."
            )
        raise


def _pump(source: IO[bytes], sink: IO[bytes], connection: Connection, follow: _Position) -> None:
    """Hand a script on, without the setting that servers before 17 do not know."""
    for line in source:
        if line != b"SET transaction_timeout = 0;\n" or connection.info.server_version >= 170000:
            sink.write(line)
        if line.startswith(b"SET row_security"):  # the last of them
            break
    while chunk := source.read(_CHUNK):
        sink.write(chunk)
        follow()


def _dropping(schemas: Sequence[str]) -> sql.Composed:
    """Return the statements that make a database one like a new one."""
    return sql.SQL(
        "set client_min_messages = warning;\n"
        "set lock_timeout = {};\n"
        "drop schema {} cascade;\n"
        "create schema public authorization pg_database_owner;\n"
        "comment on schema public is 'standard public schema';\n"
        "grant usage on schema public to public;\n"
    ).format(sql.Literal(f"{_LOCK_TIMEOUT}s"), sql.SQL(", ").join(map(sql.Identifier, schemas)))


def _refusal(connection: Connection) -> StocksyncError:
    movements: object = 0
    if value(connection, "select to_regclass('public.stock_movements') is not null"):
        movements = value(connection, "select count(*) from public.stock_movements")
    return StocksyncError(
        f'database "{connection.info.dbname}" is not empty',
        detail=f"It holds {movements:,} movements." if movements else None,
        hint="Restore in a new one with --database NAME; --replace drops all that is in this one.",
        exit_status=ExitStatus.REFUSED,
    )


# Programs -----------------------------------------------------------------------------------------


def _programs(connection: Connection | None = None) -> Path:
    """Return the directory of pg_dump, pg_restore and psql: the newest.

    It must not be older than the server of ``connection``, and know TLS where that is in use.
    """
    needed = connection.info.server_version // 10000 if connection else 0
    is_encrypted = connection is not None and connection.pgconn.ssl_in_use
    found = {directory: _major(directory) for directory in _places()}
    if chosen := os.environ.get("STOCKSYNC_PG_BIN"):
        own = Path(chosen).absolute()
        found = {own: found[own]} if found.get(own, -1) >= needed else found
    newest = sorted(found, key=lambda directory: found[directory], reverse=True)
    for program in newest:
        if found[program] >= needed and (not is_encrypted or _knows_tls(program)):
            return program
    hint = (
        "Install the PostgreSQL client of the server's version, or set STOCKSYNC_PG_BIN to the"
        " directory of its programs."
    )
    if not newest or not found[newest[0]]:
        raise StocksyncError("pg_dump, pg_restore and psql are not installed", hint=hint)
    if found[newest[0]] < needed:
        raise StocksyncError(
            f"pg_dump is older than the server: {found[newest[0]]}, and {needed} is needed",
            detail=f'The newest is in "{newest[0]}".',
            hint=hint,
        )
    raise StocksyncError(
        "the connection is encrypted, and no pg_dump that is new enough knows TLS", hint=hint
    )


def _places() -> Iterator[Path]:
    """Yield the directories that have all the programs."""
    on_path = shutil.which("pg_dump")
    for directory in (*bin_dirs(), *([Path(on_path).parent] if on_path else [])):
        if all(os.access(directory / name, os.X_OK) for name in _PROGRAMS):
            yield directory


def _major(directory: Path) -> int:
    """Return the major version of the programs in a directory; 0 if they cannot be run."""
    with suppress(OSError):
        said = _output(directory / "pg_dump", "--version")
        if found := re.match(r"pg_dump \(PostgreSQL\) (\d+)", said):
            return int(found[1])
    return 0


def _knows_tls(directory: Path) -> bool:
    nowhere = "host=/nonexistent sslmode=require"
    return "not compiled in" not in _output(directory / "pg_dump", f"--dbname={nowhere}")


def _output(*command: str | Path) -> str:
    """Return what a program prints on its standard output and error."""
    done = subprocess.run(  # noqa: S603
        command,
        env=_environment(None),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
        check=False,
    )
    return done.stdout


def _conninfo(connection: Connection) -> str:
    """Return how to reach the server that ``connection`` has reached, without a password.

    The program's libpq may look for sockets elsewhere: it is told where the server is.
    """
    info = connection.info
    known = info.get_parameters()
    known.pop("client_encoding", None)  # what a dump is in is pg_dump's to choose
    if known.get("sslcertmode") == "allow":
        del known[
            "sslcertmode"
        ]  # nobody's choice: libpq says so itself, and before 16 knows it not
    if "hostaddr" in known:
        known["hostaddr"] = info.hostaddr
    known |= {"host": info.host, "port": str(info.port), "user": info.user, "dbname": info.dbname}
    return make_conninfo("", **known)


def _environment(password: str | None) -> dict[str, str]:
    # so that their words and times are the same everywhere
    same = {"LC_ALL": "C", "TZ": "UTC"}
    return os.environ | same | ({"PGPASSWORD": password} if password else {})


def _run(
    command: Sequence[str | Path],
    *,
    stdin: int | IO[bytes],
    stdout: int | IO[bytes],
    password: str | None = None,
) -> None:
    with _running(command, stdin=stdin, stdout=stdout, password=password):
        pass


@contextmanager
def _running(
    command: Sequence[str | Path],
    *,
    stdin: int | IO[bytes],
    stdout: int | IO[bytes],
    password: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, wait for its end, and raise ProgramError if it failed.

    If anything else fails meanwhile, or somebody interrupts, it is ended first.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603
            command, env=_environment(password), stdin=stdin, stdout=stdout, stderr=said
        )
        try:
            yield process
            status = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            for pipe in filter(None, (process.stdin, process.stdout)):
                with suppress(BrokenPipeError):
                    pipe.close()
        if status:
            raise _failure(Path(command[0]).name, status, said)


def _failure(program: str, status: int, said: IO[bytes]) -> ProgramError:
    said.seek(0)
    lines = said.read(1 << 16).decode(errors="replace").splitlines()
    told = [printable(re.sub(r"^\w+(:<stdin>:\d+)?: (error: )?", "", line)) for line in lines]
    if status < 0:
        told.append(f"It was ended by signal {-status}.")
    hint = None
    if any("permission denied" in line for line in told):
        hint = "Connect as the owner: a backup reads and a restore writes everything."
    return ProgramError(f"{program} failed", detail="\n".join(told[-5:]) or None, hint=hint)


def _no_room(path: Path, detail: str) -> StocksyncError:
    return StocksyncError(
        f'there is no room left in "{path.parent}"',
        detail=detail,
        hint="Make room, or name another place: FILE, or STOCKSYNC_BACKUP_DIR.",
    )


def _cannot(what: str, path: Path, error: OSError) -> StocksyncError:
    return StocksyncError(f'cannot {what} "{path}": {error.strerror or error}')
