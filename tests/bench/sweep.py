"""Transactions a second over all times of a commit and numbers of clients, for the plot."""

from __future__ import annotations

from collections.abc import Generator

from tests.bench.figure import Figure, Shown, loads
from tests.bench.harness import BY_HAND, COMMITS, SIDES, SLOW, Bench, named

LOADS = {"spread over 1,000 products": 1000, "one hot product": 1}
CLIENTS: tuple[int, ...] = (1, 4, 16, 64)


def sweep(bench: Bench) -> Generator[Figure, None, None]:
    """One-row inserts by 1 to 64 clients, with commits of 0 to 5 ms; once each."""
    shapes, commits, clients, seconds = list(LOADS.items()), list(COMMITS), CLIENTS, 1
    if not bench.size.thorough:
        shapes, commits, clients, seconds = shapes[-1:], [SLOW], (1, 16), 0
    for load, products in shapes:
        for commit in commits:
            # By hand at one commit: what it does to a hot product shows there, to others nothing.
            sides = SIDES + BY_HAND if bench.size.thorough and commit == SLOW else SIDES
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
