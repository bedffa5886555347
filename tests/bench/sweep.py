"""Transactions a second over all times of a commit and numbers of clients, for the plot."""

from __future__ import annotations

from collections.abc import Generator

from tests.bench.figure import Figure, Shown, loads
from tests.bench.harness import COMMITS, SLOW, Bench, named

LOADS = {"spread over 1,000 products": 1000, "one hot product": 1}
CLIENTS: tuple[int, ...] = (1, 4, 16, 64)
OURS: tuple[str, ...] = ("bare", "wait", "never_wait")
BY_HAND = ("recompute", "row", "ordered")  # at two of the commits: the others say no more


def sweep(bench: Bench) -> Generator[Figure, None, None]:
    """One-row inserts by 1 to 64 clients, with commits of 0 to 5 ms; once each."""
    commits, clients, seconds = list(COMMITS), CLIENTS, 1
    if not bench.size.thorough:
        commits, clients, seconds = [SLOW], (1, 16), 0
    for load, products in LOADS.items():
        for commit in commits:
            sides = OURS
            if bench.size.thorough and commit in (0.0, SLOW):
                sides += BY_HAND
            for count in clients:
                yield Figure(
                    f"{load}, {named(commit)}, {count} clients",
                    "tx/s",
                    loads(
                        bench,
                        sides,
                        "one_row",
                        products,
                        commit=commit,
                        seconds=seconds,
                        clients=count,
                    ),
                    [
                        Shown(
                            side,
                            None,
                            place={
                                "plot": "throughput",
                                "load": load,
                                "commit": commit,
                                "clients": count,
                            },
                        )
                        for side in sides
                    ],
                    1,
                )
