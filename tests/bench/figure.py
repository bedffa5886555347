"""A figure as data: sides that are measured in turn, and the rows that are shown of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from tests.bench.harness import BY_HAND, COMMITS, SIDES, SLOW, Bench, Sample, values
from tests.bench.report import Row, Target, Unit

Measure = Callable[[], Sample]


@dataclass(frozen=True)
class Shown:
    """One row: a side, and the one beside which it is put."""

    side: str
    beside: str | None = "bare"
    target: Target | None = None
    title: str | None = None  # the figure's, if it is not said
    unit: Unit | None = None  # likewise
    part: str = "value"  # of the samples
    notes: tuple[str, ...] = ()
    place: Mapping[str, str | float] = field(default_factory=dict)  # in a plot


@dataclass(frozen=True)
class Figure:
    """What is measured in one go: the sides in turn, A B C, A B C, so often.

    A unit says whether smaller or larger is better. Rounds are alternated so that what changes on
    the machine meets every side, and a ratio is one of two neighbours in time.
    """

    title: str
    unit: Unit
    sides: Mapping[str, Measure]
    shown: Sequence[Shown]
    repetitions: int | None = None  # those of the size, if it is not said


# The figures of one word of the command line. A generator, as databases may be shared by figures:
# what comes after a figure's yield comes after its measurement.
Figures = Callable[[Bench], Generator[Figure, None, None]]


def run(bench: Bench, figures: Figures) -> Iterator[list[Row]]:
    """Measure, and yield the rows of each figure."""
    with closing(figures(bench)) as generator:
        for figure in generator:
            yield measure(figure, figure.repetitions or bench.size.repetitions, bench.tell)


def measure(figure: Figure, repetitions: int, tell: Callable[[str], None]) -> list[Row]:
    """Measure the sides in turn; tell of each measurement."""
    samples: dict[str, list[Sample]] = {name: [] for name in figure.sides}
    for repetition in range(repetitions):
        for name, side in figure.sides.items():
            sample = side()
            samples[name].append(sample)
            tell(f"{figure.title} [{repetition + 1}] {name}: {sample.value:,.4g}")
    return [_row(figure, shown, samples) for shown in figure.shown]


def _row(figure: Figure, shown: Shown, samples: Mapping[str, Sequence[Sample]]) -> Row:
    taken = samples[shown.side]
    notes = list(shown.notes)
    if shown.part != "failed" and (failed := max(sample.failed for sample in taken)):
        notes.append(f"{failed * 100:.2g} % failed")
    if wrong := max(sample.wrong for sample in taken):
        notes.append(f"stock wrong of {wrong} product" + "s" * (wrong > 1))
    notes += dict.fromkeys(sample.note for sample in taken if sample.note)
    return Row(
        shown.title or figure.title,
        shown.side,
        shown.unit or figure.unit,
        values(taken, shown.part),
        shown.beside or "",
        values(samples[shown.beside], shown.part) if shown.beside else [],
        shown.target,
        notes,
        dict(shown.place),
    )


def commits(bench: Bench) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Yield the commits that are measured with repetitions, and the sides at each."""
    if not bench.size.thorough:
        yield SLOW, SIDES
        return
    yield SLOW, SIDES + BY_HAND
    yield 0.0, SIDES  # nothing but the processors
    yield max(COMMITS), SIDES  # these are idle in between


def loads(
    bench: Bench,
    sides: Sequence[str],
    script: str,
    products: int,
    *,
    commit: float,
    settings: Mapping[str, str] | None = None,
    seconds: int | None = None,
    clients: int | None = None,
) -> dict[str, Measure]:
    """Return sides that run a script of pgbench, each on a fresh database."""

    def side(name: str) -> Measure:
        return lambda: bench.transactions(
            name,
            script,
            products,
            {**COMMITS[commit], **(settings or {})},
            seconds=seconds,
            clients=clients,
        )

    return {name: side(name) for name in sides}


def throughput(title: str, sides: Mapping[str, Measure], targets: Mapping[str, Target]) -> Figure:
    """Return a figure of transactions a second, each side beside bare."""
    shown = [Shown(name, target=targets.get(name)) for name in sides if name != "bare"]
    return Figure(title, "tx/s", sides, shown)
