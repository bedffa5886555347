"""The README is run: every block, in order, in one database; its output is what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import click
import pytest

from stocksync.cli import cli
from stocksync.embedded import Embedded

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
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


def test_the_readme_does_what_it_says(pg_server, tmp_path: Path) -> None:
    import psycopg

    from stocksync.db import to_url

    server = to_url(
        host=pg_server.host,
        port=pg_server.port,
        user=pg_server.user,
        dbname=pg_server.maintenance_dbname,
        password=pg_server.password,
    )
    name = f"stocksync_readme_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    url = to_url(server, dbname=name)
    environment = os.environ | {
        "STOCKSYNC_DATABASE_URL": url,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PGTZ": "UTC",
        "COLUMNS": "200",
        "LC_ALL": "C.UTF-8",
    }

    def run(command: list[str], text: str = "") -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    psql = [str(Embedded.tool("psql")), "-X", "-q", "-d", url]
    blocks = BLOCK.findall(README)
    try:
        for (language, text), (following, expected) in pairwise([*blocks, ("", "")]):
            if language == "sql":
                printed = run(psql, text)
                assert matches(expected if following == "text" else "", printed), printed
            elif language == "console":
                for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                    command, _, expected = step.partition("\n")
                    printed = run(["bash", "-c", command])
                    assert matches(expected, printed), f"{command}\n{printed}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")
