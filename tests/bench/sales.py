"""Sessions that sell one product, one unit at a time, until each of them is refused.

Processes of some threads each: one process of Python would be slower than the server.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import psycopg
from psycopg import sql

PROCESSES = 4
REFUSED = "SS001"

SELL = (
    "insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
    " values (1, 'out', 'sale', 1)"
)


@dataclass(frozen=True)
class Session:
    """What one session did: when each of its sales began, and when the last of them ended."""

    begun: list[float]
    ended: float
    refused: float  # when it was told so


@dataclass(frozen=True)
class Outcome:
    """What all of them did."""

    sold: int
    late: int  # sales that began when somebody had been refused already
    rate: float  # sales a second


def sell(url: str, sessions: int, settings: Mapping[str, str]) -> Outcome:
    """Sell until everybody is refused."""
    start = time.monotonic() + 2  # of one clock for all processes; by then all are connected
    each = [len(range(number, sessions, PROCESSES)) for number in range(PROCESSES)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as processes:
        done = [
            session
            for process in processes.map(partial(_process, url, dict(settings), start), each)
            for session in process
        ]
    refused = min(session.refused for session in done)
    begun = [at for session in done for at in session.begun]
    ended = max(session.ended for session in done)
    return Outcome(
        len(begun), sum(at > refused for at in begun), len(begun) / max(ended - start, 1e-9)
    )


def _process(url: str, settings: Mapping[str, str], start: float, sessions: int) -> list[Session]:
    with ThreadPoolExecutor(max(sessions, 1)) as threads:
        return list(threads.map(lambda _: _session(url, settings, start), range(sessions)))


def _session(url: str, settings: Mapping[str, str], start: float) -> Session:
    begun: list[float] = []
    ended = start
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in settings.items():
            connection.execute(sql.SQL("set {} = {}").format(sql.Identifier(name), value))
        time.sleep(max(0.0, start - time.monotonic()))
        while True:
            at = time.monotonic()
            try:
                connection.execute(SELL, prepare=True)
            except psycopg.Error as error:
                if error.sqlstate != REFUSED:
                    raise
                return Session(begun, ended, time.monotonic())
            ended = time.monotonic()
            begun.append(at)
