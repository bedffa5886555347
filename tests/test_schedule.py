"""``stocksync schedule`` with cron and systemd. With pg_cron: tests/test_pg_cron.py.

crontab and systemctl are stand-ins that keep files in the test's own directory: those of the user
are not for tests. What they are given is read by the real rules: the command of a line is run by sh
as cron runs it, units and times are checked by systemd-analyze where it is installed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cronsim import CronSim
from helpers import only, session
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stocksync.db import to_url
from stocksync.errors import StocksyncError
from stocksync.schedule import Place, Task, address, on_calendar, parse

SCRIPT = Path(sys.executable).with_name("stocksync")

# As Debian's: -l says "no crontab" where there is none, and a file must end with a line feed.
CRONTAB = """#!/bin/sh
table=$HOME/table
echo "crontab $*" >> "$HOME/calls"
case $1 in
-V) if test -e "$HOME/cronie"; then echo "cronie 1.6.1"; else echo "crontab: invalid option" >&2; exit 1; fi;;
-l) if test -e "$HOME/denied"; then echo "You (ann) are not allowed to use this program" >&2; exit 1; fi
    if test -e "$table"; then cat "$table"; else echo "no crontab for ann" >&2; exit 1; fi;;
-r) rm "$table";;
-) cat > "$table.new"
   if test -n "$(tail -c 1 "$table.new")"; then echo "premature EOF" >&2; exit 1; fi
   mv "$table.new" "$table";;
*) exit 2;;
esac
"""  # noqa: E501
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >> "$HOME/calls"
if test -e "$HOME/denied"; then echo "Failed to connect to bus" >&2; exit 1; fi
units=${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user
wants=$units/timers.target.wants
mkdir -p "$wants"
case "$2 $3" in
"enable --now") shift 3; for unit; do test -e "$units/$unit" && ln -sf "../$unit" "$wants/$unit"; done;;
"disable --now") shift 3; for unit; do rm -f "$wants/$unit"; done;;
"daemon-reload ") ;;
*) exit 2;;
esac
"""  # noqa: E501


class Machine:
    """A home directory, the stand-ins, and the program as its user would call it."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        self.url = url
        self.table = home / "table"
        self.units = home / ".config" / "systemd" / "user"
        self.programs = home / "bin"
        self.programs.mkdir()
        for name, text in (("crontab", CRONTAB), ("systemctl", SYSTEMCTL)):
            program = self.programs / name
            program.write_text(text)
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "STOCKSYNC", "XDG"))}
        self.environment = kept | {
            "HOME": str(home),
            "PATH": f"{self.programs}:{os.environ['PATH']}",
        }

    def schedule(
        self, *arguments: str, options: tuple[str, ...] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        given = ("--database-url", self.url) if options is None else options
        return subprocess.run(
            [SCRIPT, *given, "schedule", *arguments],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def shown(self, **environment: str) -> list[tuple[object, ...]]:
        done = self.schedule("show", "--json", **environment)
        assert done.returncode == 0, done.stderr
        names = ("task", "installed_with", "is_current")
        return [tuple(row[name] for name in names) for row in json.loads(done.stdout)]

    def calls(self) -> list[str]:
        path = self.home / "calls"
        found = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    def crontab_lines(self) -> list[str]:
        return self.table.read_text().splitlines()


@pytest.fixture
def machine(ledger: psycopg.Connection, ledger_url: str, tmp_path: Path) -> Machine:
    home = tmp_path / "home"
    home.mkdir()
    return Machine(home, ledger_url)


NOBODY = [("audit", None, None), ("refresh", None, None)]


# cron ---------------------------------------------------------------------------------------------


def test_two_lines_between_two_that_name_the_database(machine, ledger) -> None:
    done = machine.schedule("install", "--with", "cron")
    assert (done.returncode, done.stdout) == (0, "")
    begin, audit, refresh, end = machine.crontab_lines()
    info = ledger.info
    place = str(Place(info.host, info.port, info.dbname))
    assert begin == f"# begin stocksync {place}, written by `stocksync schedule`"
    assert end == f"# end stocksync {place}"
    assert audit.startswith(f"0 2 * * * {SCRIPT} -q --database-url ")
    assert audit.endswith(" audit --deep >/dev/null")
    assert refresh.startswith("0 * * * * ")
    assert refresh.endswith(" refresh >/dev/null")
    assert machine.shown() == [("audit", "cron", True), ("refresh", "cron", True)]


def test_a_line_of_an_earlier_version_is_ours_and_not_as_it_should_be(machine, ledger) -> None:
    machine.schedule("install", "--with", "cron")
    lines = [line.replace(" --deep", "") for line in machine.crontab_lines()]
    machine.table.write_text("".join(f"{line}\n" for line in lines))
    assert machine.shown() == [("audit", "cron", False), ("refresh", "cron", True)]
    machine.schedule("install", "--with", "cron")
    assert machine.shown() == [("audit", "cron", True), ("refresh", "cron", True)]


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\n",
        b"MAILTO=ann@example.org\n0 5 * * * backup 100\\%\r\n# begin stocksync of what\n\n\t \n",
        b"5 5 * * * caf\xe9 \n",
    ],
)
def test_what_others_have_there_stays_as_it_was(machine, before) -> None:
    if before:
        machine.table.write_bytes(before)
    machine.schedule("install", "--with", "cron")
    once = machine.table.read_bytes()
    assert once.startswith(before)
    machine.schedule("install", "--with", "cron")
    assert machine.table.read_bytes() == once
    machine.table.write_bytes(once + b"1 1 * * * below\n")
    machine.schedule("install", "--with", "cron")
    assert machine.table.read_bytes() == once + b"1 1 * * * below\n"
    assert machine.schedule("remove", "--with", "cron").stderr == "removed\n"
    assert machine.table.read_bytes() == before + b"1 1 * * * below\n"


def test_no_crontab_is_left_where_there_was_none(machine) -> None:
    assert machine.schedule("remove", "--with", "cron").stderr == "was not installed\n"
    machine.schedule("install", "--with", "cron")
    machine.schedule("remove", "--with", "cron")
    assert not machine.table.exists()
    assert machine.shown() == NOBODY


def test_a_second_database_has_lines_of_its_own(machine, ledger) -> None:
    machine.schedule("install", "--with", "cron")
    first = machine.table.read_text()
    other = to_url(machine.url, hostaddr="", dbname=ledger.info.dbname, host=ledger.info.host + "/")
    done = machine.schedule("install", "--with", "cron", options=("--database-url", other))
    assert done.returncode == 0, done.stderr
    assert machine.table.read_text().startswith(first)
    assert len(machine.crontab_lines()) == 8
    machine.schedule("remove", "--with", "cron", options=("--database-url", other))
    assert machine.table.read_text() == first


def test_what_is_printed_is_what_would_be_written_and_nothing_is(machine) -> None:
    done = machine.schedule("install", "--with", "cron", "--print")
    assert not machine.table.exists()
    machine.schedule("install", "--with", "cron")
    assert machine.table.read_text() == done.stdout
    before = machine.table.read_bytes()
    assert machine.schedule("remove", "--with", "cron", "--print").stdout == done.stdout
    assert machine.table.read_bytes() == before


def test_cron_can_run_the_line(machine, ledger) -> None:
    """As cron does: sh, hardly a variable, and an escaped % for a %."""
    machine.schedule("install", "--with", "cron")
    [line] = [line for line in machine.crontab_lines() if line.endswith("refresh >/dev/null")]
    assert not re.search(r"(?<!\\)%", line)
    command = re.sub(r"\\%", "%", line.split(maxsplit=5)[5])
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"HOME": str(machine.home), "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert only(ledger, "select count(*) from stocksync.runs where finished_at is not null") == 1
    shown = json.loads(machine.schedule("show", "--json").stdout)
    assert [row["last_run_at"] is not None for row in shown] == [False, True]


def test_names_that_a_shell_and_cron_would_misread(machine, ledger, ledger_url, pg_server) -> None:
    name = f'o\'dd %d "$HOME" \n# {os.getpid()}'
    with session(ledger_url) as server:
        server.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
    url = to_url(ledger_url, dbname=name)
    try:
        subprocess.run([SCRIPT, "-q", "--database-url", url, "migrate"], check=True)
        done = machine.schedule("install", "--with", "cron", options=("--database-url", url))
        assert done.returncode == 0, done.stderr
        assert len(machine.crontab_lines()) == 4
        for line in machine.crontab_lines()[1:3]:
            command = re.sub(r"\\%", "%", line.split(maxsplit=5)[5])
            ran = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
            assert ran.returncode == 0, ran.stderr
        with session(url) as there:
            assert only(there, "select count(*) from stocksync.runs") == 2

        machine.schedule("install", "--with", "systemd", options=("--database-url", url))
        for unit in machine.units.glob("*.service"):
            [line] = re.findall("^ExecStart=:(.*)$", unit.read_text(), re.MULTILINE)
            words = [word.replace("%%", "%") for word in shlex.split(line)]
            ran = subprocess.run(words, capture_output=True, check=False)
            assert ran.returncode == 0, ran.stderr
        with session(url) as there:
            assert only(there, "select count(*) from stocksync.runs") == 4
    finally:
        with session(ledger_url) as server:
            server.execute(
                psycopg.sql.SQL("drop database {} with (force)").format(
                    psycopg.sql.Identifier(name)
                )
            )


def test_changed_times_are_noticed_and_installed(machine, ledger) -> None:
    machine.schedule("install", "--with", "cron")
    ledger.execute("update stocksync.schedules set cron = '30 3 * * 0' where task = 'audit'")
    assert machine.shown() == [("audit", "cron", False), ("refresh", "cron", True)]
    machine.schedule("install", "--with", "cron")
    assert machine.shown() == [("audit", "cron", True), ("refresh", "cron", True)]
    ledger.execute("update stocksync.schedules set is_enabled = false where task = 'audit'")
    assert machine.shown() == [("audit", "cron", False), ("refresh", "cron", True)]
    machine.schedule("install", "--with", "cron")
    assert machine.shown() == [("audit", None, None), ("refresh", "cron", True)]
    ledger.execute("update stocksync.schedules set is_enabled = false")
    machine.schedule("install", "--with", "cron")
    assert machine.shown() == NOBODY
    assert not machine.table.exists()


def test_half_of_our_lines_is_not_repaired_by_guessing(machine) -> None:
    machine.schedule("install", "--with", "cron")
    begin, audit, refresh, _ = machine.crontab_lines()
    text = f"{begin}\n{audit}\n{refresh}\n1 1 * * * theirs\n"
    machine.table.write_text(text)
    for action in ("install", "remove"):
        done = machine.schedule(action, "--with", "cron")
        assert done.returncode == 1
        assert done.stderr.startswith("error: the crontab was changed by hand\ndetail: It has")
        assert machine.table.read_text() == text


def test_a_crontab_that_cannot_be_read_is_not_overwritten(machine) -> None:
    machine.table.write_text("1 1 * * * theirs\n")
    (machine.home / "denied").touch()
    done = machine.schedule("install", "--with", "cron")
    assert done.returncode == 1
    assert done.stderr == (
        'error: "crontab -l" failed\ndetail: You (ann) are not allowed to use this program\n'
    )
    assert machine.table.read_text() == "1 1 * * * theirs\n"
    shown = machine.schedule("show")
    assert shown.returncode == 0
    assert 'cron could not be asked: "crontab -l" failed' in shown.stderr


def test_two_that_install_at_once_lose_nothing(machine, ledger) -> None:
    """The stand-in takes its time between reading and writing."""
    program = machine.programs / "crontab"
    program.write_text(CRONTAB.replace("-l)", "-l) sleep 0.3;"))
    machine.table.write_text("1 1 * * * theirs\n")
    other = to_url(machine.url, host=ledger.info.host + "/")
    running = [
        subprocess.Popen(
            [SCRIPT, "-q", "--database-url", url, "schedule", "install", "--with", "cron"],
            env=machine.environment,
        )
        for url in (machine.url, other)
    ]
    assert [process.wait() for process in running] == [0, 0]
    assert len(machine.crontab_lines()) == 1 + 4 + 4


def test_a_cron_that_can_be_told_the_time_zone_is(machine, ledger) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    (machine.home / "cronie").touch()
    machine.table.write_text("CRON_TZ = America/Lima\n1 1 * * * theirs\n")
    done = machine.schedule("install", "--with", "cron")
    assert "counts in" not in done.stderr
    lines = machine.crontab_lines()[2:]
    assert lines[1] == "CRON_TZ=Asia/Tokyo"
    assert lines[4] == "CRON_TZ = America/Lima"  # as it was for what is below
    next_at = json.loads(machine.schedule("show", "--json").stdout)[0]["next_at"]
    assert next_at.endswith("T02:00:00+09:00")
    machine.table.write_text("")
    machine.schedule("install", "--with", "cron")
    assert machine.crontab_lines()[-2] == "CRON_TZ=:/etc/localtime"


def test_a_cron_that_cannot_is_not_taken_for_one_that_can(machine, ledger) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Pacific/Kiritimati'")
    done = machine.schedule("install", "--with", "cron")
    assert done.stderr.splitlines() == [
        "installed with cron",
        "cron counts in the time of this machine, not in that of Pacific/Kiritimati.",
    ]
    assert not any("CRON_TZ" in line for line in machine.crontab_lines())
    [audit, _] = json.loads(machine.schedule("show", "--json").stdout)
    machine_hour = datetime.fromisoformat(audit["next_at"]).astimezone().hour
    if not os.environ.get("TZ"):
        assert machine_hour == 2


def test_a_machine_without_cron(machine) -> None:
    (machine.programs / "crontab").unlink()
    path = str(machine.programs)
    done = machine.schedule("install", "--with", "cron", PATH=path)
    assert done.returncode == 1
    assert done.stderr.startswith('error: this machine has no "crontab"\nhint: Choose another')
    assert machine.schedule("remove", "--with", "cron", PATH=path).stderr == "was not installed\n"
    assert machine.schedule("install", "--with", "cron", "--print", PATH=path).returncode == 0
    assert machine.shown(PATH=path) == NOBODY


# Which database -----------------------------------------------------------------------------------


def test_a_password_is_refused(machine) -> None:
    url = to_url(machine.url, password="secret")
    for name in ("cron", "systemd"):
        done = machine.schedule("install", "--with", name, options=("--database-url", url))
        assert done.returncode == 1
        assert done.stderr.startswith("error: a schedule cannot hold a password\n")
        assert "~/.pgpass" in done.stderr
        assert "secret" not in done.stderr
    assert not machine.table.exists()
    assert not machine.units.exists()
    # but what is there can be looked at and removed with it
    machine.schedule("install", "--with", "cron")
    done = machine.schedule("show", "--json", options=("--database-url", url))
    assert [row["is_current"] for row in json.loads(done.stdout)] == [True, True]
    machine.schedule("remove", "--with", "cron", options=("--database-url", url))
    assert not machine.table.exists()


def test_a_password_in_the_environment_is_not_passed_on(machine) -> None:
    done = machine.schedule("install", "--with", "cron", PGPASSWORD="secret")
    assert "PGPASSWORD will not be there" in done.stderr
    assert "secret" not in machine.table.read_text()


def test_variables_become_part_of_the_address(machine, ledger) -> None:
    info = ledger.info
    variables = {
        "PGHOST": info.host,
        "PGPORT": str(info.port),
        "PGUSER": info.user,
        "PGDATABASE": info.dbname,
        "PGOPTIONS": "-c work_mem=8MB",
        "PGAPPNAME": "shell",
    }
    done = machine.schedule("install", "--with", "cron", options=(), **variables)
    assert done.returncode == 0, done.stderr
    line = machine.crontab_lines()[1]
    assert "options=-c\\%20work_mem\\%3D8MB" in line
    assert "shell" not in line
    command = re.sub(r"\\%", "%", line.split(maxsplit=5)[5])
    subprocess.run(["/bin/sh", "-c", command], env={"PATH": "/usr/bin:/bin"}, check=True)
    assert only(ledger, "select count(*) from stocksync.runs") == 1


def test_what_the_url_says_goes_before_the_variables(monkeypatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGSSLMODE", "require")
    assert address("postgresql://h:2/d") == (
        "postgresql:///?dbname=d&host=h&port=2&sslmode=require"
    )
    assert "password" not in address("postgresql://u:p@h/d")


def test_the_private_server_is_started_by_whoever_needs_it(machine, tmp_path_factory) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="stocksync-schedule-") as directory:
        Path(directory).chmod(0o755)  # as root the server runs as another user, who must get in
        variables = {"STOCKSYNC_DATA_DIR": f"{directory}/p g"}
        program = {"env": machine.environment | variables, "check": True}
        try:
            subprocess.run([SCRIPT, "-q", "migrate"], **program)
            machine.schedule("install", "--with", "cron", options=(), **variables)
            machine.schedule("install", "--with", "systemd", options=(), **variables)
            subprocess.run([SCRIPT, "-q", "db", "stop"], **program)
            line = machine.crontab_lines()[2]
            assert "database-url" not in line
            subprocess.run(
                ["/bin/sh", "-c", line.split(maxsplit=5)[5]],
                env={"PATH": "/usr/bin:/bin"},
                check=True,
            )
            [service] = machine.units.glob("stocksync-refresh-*.service")
            assert "\nKillMode=process\n" in service.read_text()
            subprocess.run([SCRIPT, "-q", "db", "stop"], **program)
            [command] = re.findall("^ExecStart=:(.*)$", service.read_text(), re.MULTILINE)
            subprocess.run(shlex.split(command), env={"PATH": "/usr/bin:/bin"}, check=True)
        finally:
            subprocess.run([SCRIPT, "-q", "db", "stop"], **program)


def test_a_time_limit_that_was_given_holds_there_too(machine) -> None:
    options = ("--database-url", machine.url, "--statement-timeout", "7200")
    machine.schedule("install", "--with", "cron", options=options)
    assert " --statement-timeout 7200 audit " in machine.crontab_lines()[1]


def test_without_the_script_python_is_called(machine) -> None:
    done = subprocess.run(
        shlex.split(f"{sys.executable} -m stocksync schedule install --with cron --print"),
        env=machine.environment | {"STOCKSYNC_DATABASE_URL": machine.url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f" {sys.executable} -P -m stocksync -q --database-url " in done.stdout


# systemd ------------------------------------------------------------------------------------------


def test_a_service_and_a_timer_for_each_task(machine, ledger) -> None:
    ledger.execute("update stocksync.settings set time_zone = 'Europe/Paris'")
    done = machine.schedule("install", "--with", "systemd")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("installed with systemd\n")
    name = ledger.info.dbname
    timers = [f"stocksync-audit-{name}.timer", f"stocksync-refresh-{name}.timer"]
    assert machine.calls() == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now {' '.join(timers)}",
    ]
    assert sorted(p.name for p in machine.units.iterdir() if p.is_file()) == sorted(
        [*timers, *(timer.replace(".timer", ".service") for timer in timers)]
    )
    assert (
        "\nOnCalendar=*-*-* 02:00:00 Europe/Paris\nPersistent=true\n"
        in (machine.units / timers[0]).read_text()
    )
    assert machine.shown() == [("audit", "systemd", True), ("refresh", "systemd", True)]
    [audit, _] = json.loads(machine.schedule("show", "--json").stdout)
    assert re.search(r"T02:00:00\+0[12]:00$", audit["next_at"])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_understands_the_units(machine) -> None:
    machine.schedule("install", "--with", "systemd")
    # Short: the machine's own units have sockets there, whose paths are 107 characters at most.
    with tempfile.TemporaryDirectory() as runtime:
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", *machine.units.glob("*.timer")],
            capture_output=True,
            text=True,
            check=False,
            env=machine.environment | {"XDG_RUNTIME_DIR": runtime},
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_installed_twice_is_installed_once_and_removed_is_gone(machine) -> None:
    others = machine.units / "other.timer"
    others.parent.mkdir(parents=True)
    others.write_text("theirs")
    machine.schedule("install", "--with", "systemd")
    once = {path: path.read_text() for path in machine.units.iterdir() if path.is_file()}
    machine.schedule("install", "--with", "systemd")
    assert {path: path.read_text() for path in machine.units.iterdir() if path.is_file()} == once
    assert len(once) == 5
    machine.calls()
    assert machine.schedule("remove", "--with", "systemd").stderr == "removed\n"
    assert [call.split()[2] for call in machine.calls()] == ["disable", "daemon-reload"]
    assert [path.name for path in machine.units.iterdir() if path.is_file()] == ["other.timer"]
    assert machine.schedule("remove", "--with", "systemd").stderr == "was not installed\n"
    assert machine.calls() == []


def test_xdg_config_home_is_respected(machine, tmp_path) -> None:
    variables = {"XDG_CONFIG_HOME": str(tmp_path / "configuration")}
    machine.schedule("install", "--with", "systemd", **variables)
    assert len(list((tmp_path / "configuration/systemd/user").glob("*.timer"))) == 2
    assert not machine.units.exists()
    assert machine.shown(**variables)[0] == ("audit", "systemd", True)
    assert machine.shown() == NOBODY


def test_units_are_printed_and_not_written(machine) -> None:
    done = machine.schedule("install", "--with", "systemd", "--print")
    assert done.stdout.count("[Service]") == done.stdout.count("[Timer]") == 2
    assert not machine.units.exists()
    assert machine.calls() == []
    machine.schedule("install", "--with", "systemd")
    assert machine.schedule("remove", "--with", "systemd", "--print").stdout == done.stdout
    for path, text in re.findall(r"^# (/\S+)\n(.*?)(?=^# /|\Z)", done.stdout, re.M | re.S):
        assert Path(path).read_text().strip() == text.strip()


def test_changed_and_disabled_tasks(machine, ledger) -> None:
    machine.schedule("install", "--with", "systemd")
    ledger.execute("update stocksync.schedules set cron = '5 * * * *' where task = 'refresh'")
    ledger.execute("update stocksync.schedules set is_enabled = false where task = 'audit'")
    assert machine.shown() == [("audit", "systemd", False), ("refresh", "systemd", False)]
    machine.schedule("install", "--with", "systemd")
    assert machine.shown() == [("audit", None, None), ("refresh", "systemd", True)]


def test_a_timer_that_somebody_disabled_is_noticed(machine) -> None:
    machine.schedule("install", "--with", "systemd")
    for link in (machine.units / "timers.target.wants").glob("*audit*"):
        link.unlink()
    assert machine.shown() == [("audit", "systemd", False), ("refresh", "systemd", True)]


def test_units_of_others_are_not_overwritten(machine, ledger) -> None:
    path = machine.units / f"stocksync-audit-{ledger.info.dbname}.timer"
    path.parent.mkdir(parents=True)
    path.write_text("# postgresql://other:5432/x, written by `stocksync schedule`\n")
    done = machine.schedule("install", "--with", "systemd")
    assert done.returncode == 1
    assert done.stderr.startswith(f'error: "{path}" is there already\n')
    assert list(machine.units.glob("*")) == [path]
    assert machine.schedule("remove", "--with", "systemd").stderr == "was not installed\n"
    assert path.exists()


def test_a_session_without_systemd_is_told(machine) -> None:
    (machine.home / "denied").touch()
    done = machine.schedule("install", "--with", "systemd")
    assert done.returncode == 1
    assert done.stderr == (
        'error: "systemctl --user daemon-reload" failed\ndetail: Failed to connect to bus\n'
    )
    assert {is_current for _, _, is_current in machine.shown()} == {False}
    (machine.home / "denied").unlink()
    machine.schedule("install", "--with", "systemd")
    assert {is_current for _, _, is_current in machine.shown()} == {True}


# Times --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cron", "calendar"),
    [
        ("0 * * * *", "*-*-* *:00:00"),
        ("0 2 * * *", "*-*-* 02:00:00"),
        ("*/15 * * * *", "*-*-* *:00,15,30,45:00"),
        ("*/7 * * * *", "*-*-* *:00,07,14,21,28,35,42,49,56:00"),
        ("5-20/5 * * * *", "*-*-* *:05,10,15,20:00"),
        ("* * * * *", "*-*-* *:*:00"),
        ("0,30 8-18 * * mon-fri", "Mon..Fri *-*-* 08..18:00,30:00"),
        ("0 0 * * 0", "Sun *-*-* 00:00:00"),
        ("0 0 * * 7", "Sun *-*-* 00:00:00"),
        ("0 0 * * 5-7", "Fri..Sun *-*-* 00:00:00"),
        ("0 0 * * 0-3", "Mon..Wed,Sun *-*-* 00:00:00"),
        ("0 0 * * 0-7", "*-*-* 00:00:00"),
        ("0 0 1,2,3,15 jan,FEB *", "*-01,02-01..03,15 00:00:00"),
        (
            "0 0 */2 * 1",
            "Mon *-*-01,03,05,07,09,11,13,15,17,19,21,23,25,27,29,31 00:00:00",
        ),  # for cron too: both, as one begins with *
        ("0 0 1-31 * 1", "*-*-* 00:00:00"),
        ("0 0 1 * 0-6", "*-*-* 00:00:00"),
        ("0 0 29 2 *", "*-02-29 00:00:00"),
    ],
)
def test_times_for_systemd(cron: str, calendar: str) -> None:
    assert on_calendar(Task("refresh", cron, True), "Asia/Tokyo") == f"{calendar} Asia/Tokyo"


@pytest.mark.parametrize(
    ("cron", "message", "detail"),
    [
        ("", '"" is not a schedule', "Wrong number of fields."),
        ("0 * * *", '"0 * * *" is not a schedule', "Wrong number of fields."),
        ("61 * * * *", '"61 * * * *" is not a schedule', "Bad minute."),
        ("0 0 31 2 *", '"0 0 31 2 *" is not a schedule', "Bad day-of-month."),
        ("*/0 * * * *", '"*/0 * * * *" is not a schedule', "Bad minute."),
        ("0 0 * * fri-sun", '"0 0 * * fri-sun" is not a schedule', "Bad day-of-week."),
        ("@hourly", '"@hourly" is not a schedule', "Wrong number of fields."),
        ("0 0 * * * *", 'cron cannot express "0 0 * * * *"', "It knows five"),
        ("0 0 L * *", 'cron cannot express "0 0 L * *"', "It knows five"),
        ("0 0 * * 1#2", 'cron cannot express "0 0 * * 1#2"', "It knows five"),
        ("5/15 * * * *", 'cron cannot express "5/15 * * * *"', "It knows five"),
        ("0 * * * *\n", 'cron cannot express "0 * * * *\n"', "It knows five"),
        ("0 * * *\n*", 'cron cannot express "0 * * *\n*"', "It knows five"),
        ("\u0665 * * * *", '"\u0665 * * * *" is not a schedule', "Bad minute."),
    ],
)
def test_what_cron_would_not_understand_is_refused(cron: str, message: str, detail: str) -> None:
    with pytest.raises(StocksyncError) as caught:
        parse(Task("refresh", cron, True))
    assert caught.value.message == message
    assert str(caught.value.detail).startswith(detail)
    assert '"refresh"' in str(caught.value.hint)


def test_either_of_two_days_is_refused_for_systemd_and_not_for_cron(machine, ledger) -> None:
    ledger.execute("update stocksync.schedules set cron = '0 2 1 * mon' where task = 'audit'")
    done = machine.schedule("install", "--with", "systemd")
    assert done.returncode == 1
    assert done.stderr == (
        'error: systemd cannot express "0 2 1 * mon"\n'
        "detail: For cron it is enough if the day of month or the day of week fits; systemd wants"
        " both.\nhint: Restrict one of them, or use --with cron.\n"
    )
    assert not machine.units.exists()
    assert machine.schedule("install", "--with", "cron").returncode == 0
    assert machine.crontab_lines()[1].startswith("0 2 1 * mon ")


def test_a_schedule_that_is_none_is_refused_before_anything_is_written(machine, ledger) -> None:
    ledger.execute("update stocksync.schedules set cron = '0 0 L * *' where task = 'audit'")
    for name in ("cron", "systemd"):
        done = machine.schedule("install", "--with", name)
        assert done.returncode == 1
        assert done.stderr.startswith('error: cron cannot express "0 0 L * *"')
    assert not machine.table.exists()
    assert not machine.units.exists()
    ledger.execute("update stocksync.schedules set is_enabled = false where task = 'audit'")
    assert machine.schedule("install", "--with", "cron").returncode == 0


def elapses(calendar: str, base: datetime, count: int) -> list[datetime]:
    """Return when systemd says that a timer elapses."""
    done = subprocess.run(
        [
            "systemd-analyze",
            "calendar",
            f"--iterations={count}",
            f"--base-time={base:%F %T} UTC",
            calendar,
        ],
        env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"(?:Next elapse|Iter. #\d+): \w+ (\S+ \S+) UTC", done.stdout)
    return [datetime.fromisoformat(f"{at}+00:00") for at in found]


def fields(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    ranges = st.tuples(number, number).map(sorted).map(lambda r: f"{r[0]}-{r[1]}")
    step = st.integers(1, high)
    items = st.one_of(
        st.just("*"),
        number.map(str),
        ranges,
        st.builds("{}/{}".format, st.one_of(st.just("*"), ranges), step),
    )
    return st.one_of(st.just("*"), items, st.lists(items, min_size=1, max_size=3).map(",".join))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.tuples(
        fields(0, 59), fields(0, 23), fields(1, 31), fields(1, 12), fields(0, 7)
    ).map(" ".join)
)  # fmt: skip
@example("*/7 * * * *")
def test_a_timer_elapses_when_cron_would_run(cron: str) -> None:
    task = Task("refresh", cron, True)
    try:
        calendar = on_calendar(task, "UTC")
    except StocksyncError as error:
        assert error.message.startswith(("systemd cannot", f'"{cron}" is not'))
        return
    base = datetime(2026, 1, 30, 23, 59, tzinfo=UTC)
    times = CronSim(cron, base)
    end = base + timedelta(days=1500)
    expected = [at for at in (next(times) for _ in range(8)) if at < end]
    assert elapses(calendar, base, 8)[: len(expected)] == expected


# show ---------------------------------------------------------------------------------------------


def test_show_says_when_and_by_whom(machine, ledger) -> None:
    ledger.execute("update stocksync.schedules set last_due_at = now()")
    ledger.execute("call stocksync.refresh()")
    machine.schedule("install", "--with", "cron")
    machine.schedule("install", "--with", "systemd")
    assert machine.shown() == [
        ("audit", "cron", True),
        ("audit", "systemd", True),
        ("refresh", "cron", True),
        ("refresh", "systemd", True),
    ]
    with subprocess.Popen(
        [SCRIPT, "--database-url", machine.url, "worker"], stderr=subprocess.PIPE, text=True
    ) as worker:
        try:
            assert "is ready" in worker.stderr.readline()
            assert machine.shown().count(("refresh", "worker", True)) == 1
            assert only(ledger, "select min(workers) from stocksync.schedule_status()") == 1
        finally:
            worker.terminate()
        assert worker.wait(30) == 0
    done = machine.schedule("show")
    assert done.stdout.splitlines()[0].split() == [
        "task", "cron", "is_enabled", "installed_with", "is_current", "last_run_at", "next_at",
    ]  # fmt: skip
    [row] = [r for r in json.loads(machine.schedule("show", "--json").stdout)
             if (r["task"], r["installed_with"]) == ("refresh", "systemd")]  # fmt: skip
    now = datetime.now(UTC)
    assert now - timedelta(minutes=5) < datetime.fromisoformat(row["last_run_at"]) < now
    next_at = datetime.fromisoformat(row["next_at"])
    assert (next_at.minute, next_at.second) == (0, 0)
    assert now < next_at <= now + timedelta(hours=1, seconds=5)


def test_show_works_for_an_auditor(machine, ledger) -> None:
    name = f"reader_{os.getpid()}"
    ledger.execute(f"create role {name} login in role stocksync_auditor")
    try:
        url = to_url(machine.url, user=name)
        done = machine.schedule("show", "--csv", options=("--database-url", url))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count("\n") == 3
    finally:
        ledger.execute(f"drop role {name}")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("install",), "Missing option '--with'"),
        (("install", "--with", "windows"), "'windows' is not one of"),
        (("remove",), "Missing option '--with'"),
    ],
)
def test_wrong_usage(machine, arguments, error) -> None:
    done = machine.schedule(*arguments)
    assert done.returncode == 2
    assert error in done.stderr


def test_without_a_database(machine) -> None:
    url = to_url(machine.url, dbname="nowhere")
    for arguments in (("show",), ("install", "--with", "cron"), ("remove", "--with", "systemd")):
        done = machine.schedule(*arguments, options=("--database-url", url))
        assert done.returncode == 1
        assert 'database "nowhere" does not exist' in done.stderr
    assert not machine.table.exists()


def test_pg_cron_that_is_not_there(machine) -> None:
    for arguments in (("install", "--with", "pg_cron"), ("remove", "--with", "pg_cron", "--print")):
        done = machine.schedule(*arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("error: pg_cron was not found on this server\nhint: Add")
