"""The figures by the word of the command line that asks for them, in the order of a run."""

from __future__ import annotations

from tests.bench.audit import audit
from tests.bench.batches import batches
from tests.bench.contention import burst, escrow, hot, pending, snapshot
from tests.bench.figure import Figures
from tests.bench.growth import growth
from tests.bench.hourly import history, idle, writers
from tests.bench.imports import imports
from tests.bench.isolation import isolation
from tests.bench.latency import latency
from tests.bench.ledger import rollup, sync
from tests.bench.past import past
from tests.bench.sweep import sweep
from tests.bench.writes import bulk, cost, lines, spread

FIGURES: dict[str, Figures] = {
    function.__name__: function
    for function in (
        *(spread, lines, hot, snapshot, burst, pending, escrow, isolation, latency, sweep),
        *(bulk, cost, imports, sync, rollup, history, idle, writers, past, batches, audit, growth),
    )
}
