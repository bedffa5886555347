"""What it takes to kill a server under load: who writes to it, and how all of it is killed."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from stocksync.embedded import Embedded

PATIENCE = 60.0  # seconds for whatever must happen in the end

Connection = psycopg.Connection[tuple[Any, ...]]


class CrashError(Exception):
    """Something was lost, or done twice."""


def must(condition: bool, *what: object) -> None:
    if not condition:
        raise CrashError(" ".join(map(str, what)))


def connect(url: str) -> Connection:
    return psycopg.connect(url, autocommit=True, connect_timeout=5)


class Actor(threading.Thread):
    """A session that does one thing after the other, and connects again when it is cut off."""

    pause = 0.01

    def __init__(self, url: str, seed: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.random = random.Random(seed)
        self.is_over = threading.Event()
        self.acknowledged = 0
        self.unknown = 0
        self.unexpected: Exception | None = None
        self.prepare()

    def prepare(self) -> None:
        """Begin with nothing."""

    def act(self, connection: Connection) -> None:
        """Do one thing, in one transaction."""
        raise NotImplementedError

    def run(self) -> None:
        connection: Connection | None = None
        while not self.is_over.wait(self.pause):
            try:
                connection = connection or connect(self.url)
                self.act(connection)
                self.acknowledged += 1
            except psycopg.Error as error:
                if isinstance(error, psycopg.OperationalError) and (
                    connection is None or connection.closed
                ):
                    connection = None
                    self.unknown += 1
                    continue
                self.unexpected = error
                return
            except CrashError as error:
                self.unexpected = error
                return
        if connection is not None:
            connection.close()

    def end(self) -> None:
        self.is_over.set()
        self.join(PATIENCE)


def kill(pid: int) -> None:
    """Kill a process, and return when it is no more."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with suppress(OSError):
        while " Z " not in (Path("/proc") / str(pid) / "stat").read_text():
            time.sleep(0.001)


def kill_server(server: Embedded) -> None:
    """Kill the server and all of its processes, so that none of them sees another one die."""
    postmaster = server.status().pid
    must(postmaster is not None, "the server is down")
    assert postmaster
    os.kill(postmaster, signal.SIGSTOP)  # it starts no more
    for pid in (*children(postmaster), postmaster):
        kill(pid)


def children(parent: int) -> list[int]:
    """Return the processes that this one has started."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                stat = (directory / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(int(directory.name))
    return found
