"""README and docs are run: each block, in order, in one database; its output is what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import click
import psycopg
import pytest

from stocksync.cli import cli
from stocksync.cron import last_due
from stocksync.db import to_url
from stocksync.embedded import Embedded

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(group: click.Group, prefix: str = "") -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        found.append((prefix + name, command))
        if isinstance(command, click.Group):
            found += commands(command, f"{prefix}{name} ")
    return found


def matches(expected: str, actual: str) -> bool:
    """Tell whether the texts are equal; … in the README stands for anything on its line."""
    patterns = [
        re.escape(line.rstrip()).replace("…", ".*") for line in expected.rstrip().split("\n")
    ]
    lines = [line.rstrip() for line in actual.rstrip().split("\n")]
    return re.fullmatch("\n".join(patterns), "\n".join(lines)) is not None


@pytest.mark.parametrize(("name", "command"), commands(cli))
def test_every_command_has_help_with_an_example_and_is_in_the_readme(
    name: str, command: click.Command
) -> None:
    assert command.help
    if not isinstance(command, click.Group):
        assert re.search("\b\n *Example:", command.help)
    assert f"stocksync {name}" in README


@pytest.mark.parametrize("path", PAGES[1:], ids=lambda path: path.name)
def test_every_command_that_a_page_names_is_there(path: Path) -> None:
    known = dict(commands(cli))
    for line in re.findall(r"`stocksync ([^`]+)`", BLOCK.sub("", path.read_text())):
        words = line.split()
        name = words[0] if words[0] in known else ""
        name = " ".join(words[:2]) if " ".join(words[:2]) in known else name
        assert name, line
        options = {option for p in known[name].params for option in p.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= options, line


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_does_what_it_says(pg_server, tmp_path: Path, path: Path) -> None:
    server = to_url(
        host=pg_server.host,
        port=pg_server.port,
        user=pg_server.user,
        dbname=pg_server.maintenance_dbname,
        password=pg_server.password,
    )
    name = f"stocksync_page_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    # The program finds its database by libpq's variables, as on a machine that has one.
    environment = {
        variable: value
        for variable, value in os.environ.items()
        if not variable.startswith(("PG", "STOCKSYNC_")) or variable == "STOCKSYNC_PG_BIN"
    }
    environment |= {
        "PGHOST": pg_server.host,
        "PGPORT": str(pg_server.port),
        "PGUSER": pg_server.user,
        "PGDATABASE": name,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PGTZ": "UTC",
        "COLUMNS": "200",
        "LC_ALL": "C.UTF-8",
        "STOCKSYNC_BACKUP_DIR": str(tmp_path / "backups"),
        # what has just come in is not to be taken for what the API does not know yet
        "STOCKSYNC_API_GRACE": "0",
    }
    if pg_server.password:
        environment["PGPASSWORD"] = pg_server.password

    def run(command: list[str], text: str = "", check: bool = False) -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=check,
        )
        return done.stdout

    psql = [str(Embedded.tool("psql")), "-X", "-q"]
    blocks = BLOCK.findall(path.read_text())
    try:
        for (language, text), (following, expected) in pairwise([*blocks, ("", "")]):
            if language in ("sql", "python"):
                program = psql if language == "sql" else [sys.executable, "-"]
                printed = run(program, text)
                assert matches(expected if following == "text" else "", printed), printed
            elif language == "console":
                for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                    command, _, expected = step.partition("\n")
                    printed = run(["bash", "-c", command])
                    assert matches(expected, printed), f"{command}\n{printed}"
            elif language == "crontab":
                for line in text.splitlines():
                    *fields, command = line.split(None, 5)
                    assert last_due(" ".join(fields), "UTC", datetime.now(UTC)), line
                    # as cron does, for which a % ends the line where it is not escaped
                    assert "%" not in command.replace("\\%", ""), line
                    run(["sh", "-c", command.replace("\\%", "%")], check=True)
            elif language == "bat":
                # There is no Windows here: what its task runs, is run.
                for task in re.findall(r'/tr "(.*)"', text):
                    program, command = task.split(None, 1)
                    assert program == "wsl.exe", task
                    run(["sh", "-c", command], check=True)
            else:
                # text is compared above; sh is what a test cannot do within a test
                assert language in ("text", "sh", ""), language
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            for each in (f"{name}_copy", name):
                connection.execute(f"drop database if exists {each} with (force)")
