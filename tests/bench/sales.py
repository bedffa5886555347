"""Sessions that sell one product, one unit at a time, until each of them is refused.

Programs of some threads each: a single one of Python would be slower than the server. A program
says "ready" when its sessions are connected, begins when it is told to, and prints what they did.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from threading import Event

import psycopg

from stocksync import db
from tests.bench.pgbench import BenchError

PROGRAMS = 4
REFUSED = "SS001"

SELL = (
    "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
    " values (1, 'out', 'sale', 1)"
)


@dataclass(frozen=True)
class Session:
    """What one session did, in seconds of the one clock that all programs see."""

    sales: list[float]  # when each began
    ended: float  # the last of them
    refused: float  # when it was told so


@dataclass(frozen=True)
class Outcome:
    """What all of them did."""

    sold: int
    late: int  # sales that began when somebody had been refused already
    rate: float  # sales a second


def sell(url: str, sessions: int, settings: Mapping[str, str]) -> Outcome:
    """Sell until everybody is refused."""
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    programs = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.bench.sales"),
                *(db.to_url(url, options=options), str(len(range(number, sessions, PROGRAMS)))),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(min(PROGRAMS, sessions))
    ]
    try:
        for program in programs:
            assert program.stdout
            program.stdout.readline()
        start = time.monotonic()
        for program in programs:
            assert program.stdin
            program.stdin.write("go\n")
            program.stdin.flush()
        outputs = [program.communicate()[0] for program in programs]
    finally:
        for program in programs:
            program.kill()
    if any(program.returncode for program in programs):
        raise BenchError("a session of sales failed")
    done = [Session(**session) for output in outputs for session in json.loads(output)]
    sales = [at for session in done for at in session.sales]
    refused = min(session.refused for session in done)
    ended = max(session.ended for session in done)
    return Outcome(len(sales), sum(at > refused for at in sales), len(sales) / (ended - start))


def _session(connection: psycopg.Connection, may_begin: Event) -> Session:
    sales: list[float] = []
    ended = 0.0
    may_begin.wait()
    while True:
        begun = time.monotonic()
        try:
            connection.execute(SELL, prepare=True)
        except psycopg.Error as error:
            if error.sqlstate != REFUSED:
                raise
            return Session(sales, ended, time.monotonic())
        ended = time.monotonic()
        sales.append(begun)


def _main(url: str, sessions: int) -> None:
    may_begin = Event()
    connections = [psycopg.connect(url, autocommit=True) for _ in range(sessions)]
    with ThreadPoolExecutor(sessions) as threads:
        running = [threads.submit(_session, one, may_begin) for one in connections]
        print("ready", flush=True)
        sys.stdin.readline()
        may_begin.set()
        print(json.dumps([asdict(session.result()) for session in running]))
    for connection in connections:
        connection.close()


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
