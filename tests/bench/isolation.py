"""What fails for concurrency at each isolation level."""

from __future__ import annotations

from collections.abc import Generator

from tests.bench.figure import Figure, Shown, loads
from tests.bench.harness import SIDES, SLOW, Bench
from tests.bench.report import Target


def isolation(bench: Bench) -> Generator[Figure, None, None]:
    """Share of failed transactions at each isolation level."""
    sides: tuple[str, ...] = SIDES
    seconds = 2
    cases = [
        (script, shape, products)
        for script, shape in (("one_row", "one-row"), ("three_lines", "three-line"))
        for products in (1000, 1)
    ]
    if not bench.size.thorough:
        sides, seconds, cases = SIDES[1:], 0, cases[:1]
    for level in ("read committed", "repeatable read", "serializable"):
        for script, shape, products in cases:
            title = f"failed, {shape}, {products:,} product{'s'[: products - 1]}, {level}"
            yield Figure(
                title,
                "share",
                loads(
                    bench,
                    sides,
                    script,
                    products,
                    commit=SLOW,
                    settings={"default_transaction_isolation": level.replace(" ", r"\ ")},
                    seconds=seconds,
                ),
                [
                    Shown(side, None, _target(side, level, script, products), part="failed")
                    for side in sides
                ],
                1,
            )


def _target(side: str, level: str, script: str, products: int) -> Target | None:
    """Return the share that may fail: none where never_wait waits for nobody."""
    if level == "read committed" or (level, side) == ("repeatable read", "never_wait"):
        return Target(most=0)
    if (side, script, products) == ("never_wait", "one_row", 1000):
        return Target(most=0.01)
    return None
