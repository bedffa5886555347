"""Mixed random load with a kill -9 in it: ``python -m tests.crash_load --runs 24 --seconds 60``.

In each run twelve sessions write at all isolation levels to a server of its own: lines and
transactions of many lines, sales that are refused, savepoints, SET CONSTRAINTS, prepared
transactions, changes and deletions, counts, transfers, refresh, sync and fold, while products are
switched between the modes of contention and between what else they may be. Another session folds
four times a second, and one compares, again and again. At a random moment in the middle the whole
server is killed, and started again, and the load goes on. Then and at the end:

- every transaction that was acknowledged is there whole, every one that was refused not at all,
  every one that was cut off whole or not at all, whether it had been prepared or not;
- in every snapshot the stock of every product is the sum of its movements, and so is the roll-up
  with the journal; no product that refuses negative stock is ever below zero;
- transactions that only insert, at READ COMMITTED, fail for want of stock only;
- nothing was ever corrected, and after a fold the column is exact itself.

Run n of ``--seed S`` is run 1 of ``--seed S+n-1``. The order of what each session does is that of
the seed; how the sessions meet is the machine's.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click
import psycopg

from stocksync.embedded import Embedded, EmbeddedError
from stocksync.migrate import migrate
from tests.crash_helpers import Actor, Connection, CrashError, connect, kill_server, must
from tests.helpers import differences
from tests.load_actors import SESSIONS, Folder, Reader, Session, look
from tests.load_plans import PRODUCTS

OPTIONS = {
    "autovacuum_naptime": "1s",
    "max_prepared_transactions": str(2 * SESSIONS),
    "log_lock_waits": "on",  # a deadlock is found by one of those who made it
}
FOLDED_AFTER = 10.0  # seconds, with nobody else there
UNFOLDED = """
select p.id, p.quantity_on_hand, p.total_stock, coalesce(m.quantity, 0)
from products as p
left join (
    select product_id,
        sum(case movement_type when 'in' then quantity else -quantity end) as quantity
    from stock_movements
    group by product_id
) as m on m.product_id = p.id
where (p.quantity_on_hand, p.total_stock)
    is distinct from (coalesce(m.quantity, 0), coalesce(m.quantity, 0))
"""


class Run:
    """A server, everybody who writes to it, and whoever looks on."""

    def __init__(self, directory: Path, seed: int, seconds: float) -> None:
        self.random = random.Random(seed)
        self.seconds = seconds
        self.server = Embedded(directory / "pg", options=OPTIONS).start()
        self.url = self.server.url()
        migrate(self.url)
        self.sessions = [Session(self.url, str(seed), n) for n in range(SESSIONS)]
        self.reader = Reader(self.url, f"{seed} reader")
        self.actors: list[Actor] = [
            *self.sessions,
            self.reader,
            Folder(self.url, f"{seed} folder"),
        ]
        self.killed_after = self.random.uniform(0.3, 0.7) * seconds
        self.tally: Counter[str] = Counter()
        with connect(self.url) as connection:
            self.furnish(connection)
            for session in self.sessions:
                session.facts = session.read(connection)

    def furnish(self, connection: Connection) -> None:
        connection.execute("insert into locations (name) values ('shop'), ('store')")
        for n, (contention, allow_negative, tracks_batches, stock) in enumerate(PRODUCTS, start=1):
            connection.execute(
                "insert into products (sku, name, contention, allow_negative, tracks_batches)"
                " values ('P' || %s, 'P' || %s, %s, %s, %s)",
                [n, n, contention, allow_negative, tracks_batches],
            )
            if stock:
                connection.execute(
                    "insert into stock_movements (product_id, transaction_type, quantity,"
                    " occurred_at, idempotency_key)"
                    " values (%s, 'opening_stock', %s, now() - interval '30 days', 'begin ' || %s)",
                    [n, stock, n],
                )

    def go(self) -> None:
        began = time.monotonic()
        for actor in self.actors:
            actor.start()
        self.watch(began + self.killed_after)
        kill_server(self.server)
        self.tally["kills"] += 1
        self.server.start()
        self.watch(max(began + self.seconds, time.monotonic() + 1))
        for actor in self.actors:
            actor.is_over.set()
        for actor in self.actors:
            actor.end()
        self.watch_once(is_over=True)
        self.verify()

    def watch(self, until: float) -> None:
        while time.monotonic() < until:
            self.watch_once()
            time.sleep(0.05)

    def watch_once(self, *, is_over: bool = False) -> None:
        for actor in self.actors:
            if actor.unexpected:
                raise actor.unexpected
            if actor.is_alive() == is_over:
                what = getattr(actor, "doubt", None) or type(actor).__name__
                raise CrashError(f"{'never ends' if is_over else 'ended by itself'}: {what}")

    def verify(self) -> None:
        """Check what must be so when all is quiet."""
        with connect(self.url) as connection:
            for session in self.sessions:
                session.verify(connection, self.tally["kills"])
            prepared = connection.execute("select gid from pg_prepared_xacts").fetchall()
            must(not prepared, "prepared by nobody:", prepared)
            self.verify_movements(connection)
            self.verify_stock(connection)
            self.count(connection)

    def verify_movements(self, connection: Connection) -> None:
        """Check that there are no movements but those of the sessions, and what counts booked."""
        strange = connection.execute(
            "select m.id, m.idempotency_key, m.reference from stock_movements as m"
            " where coalesce(m.idempotency_key, '') !~ '^(session [0-9]+:|begin )'"
            " and not exists ("
            "select from stocksync.count_corrections as c where c.movement_id = m.id)"
        ).fetchall()
        must(not strange, "movements of nobody:", strange[:5])
        begun = connection.execute(
            "select from stock_movements where idempotency_key ~ '^begin '"
        ).rowcount
        must(begun == sum(1 for row in PRODUCTS if row[3]), "the first movements are gone")

    def verify_stock(self, connection: Connection) -> None:
        look(connection)
        wrong = differences(connection)
        must(not wrong, "not exact before a fold:", wrong[:5])
        # What was busy a moment ago is left alone for a while.
        deadline = time.monotonic() + FOLDED_AFTER
        while True:
            connection.execute("select stocksync.fold()")
            wrong = connection.execute(UNFOLDED).fetchall()
            if not wrong:
                break
            must(time.monotonic() < deadline, "quantity_on_hand is not exact:", wrong[:5])
            time.sleep(0.2)
        connection.execute("call stocksync.refresh()")
        wrong = differences(connection) or connection.execute(UNFOLDED).fetchall()
        must(not wrong, "not exact after a refresh:", wrong[:5])
        look(connection)
        healed = connection.execute("select * from stocksync.incidents").fetchall()
        must(not healed, "what was right was corrected:", healed[:5])
        logged = connection.execute(
            "select message, context from stocksync.log where level in ('error', 'critical')"
        ).fetchall()
        must(not logged, "an error was logged:", logged[:5])
        drift = connection.execute("select kind, identity, state from stocksync.drift").fetchall()
        must(not drift, "what was deployed has changed:", drift)
        ill = connection.execute(
            "select detail from stocksync.doctor() where check_name = 'triggers' and status <> 'ok'"
        ).fetchall()
        must(not ill, "doctor finds:", ill)

    def count(self, connection: Connection) -> None:
        [(movements,)] = connection.execute("select count(*) from stock_movements").fetchall()
        done = sum((session.tally for session in self.sessions), Counter[str]())
        failed = sum((session.failures for session in self.sessions), Counter[str]())
        self.tally.update(
            {
                "movements": movements,
                "transactions acknowledged": done["acknowledged"],
                "rolled back": done["rolled back"],
                "refused": failed.pop("SS001", 0) + done["refused in a savepoint"],
                "inserts at READ COMMITTED": done["strict"],
                "of these refused": done["strict and refused"],
                "prepared": done["prepared"] + done["finished after the crash"],
                "changes and deletions": done["update"] + done["delete"],
                "transfers": done["transfer"],
                "counts": done["count"],
                "switches": done["switch"],
                "folds, refreshes and syncs": done["upkeep"],
                "snapshots compared": self.reader.acknowledged,
                "cut off": done["cut off"],
                "cut off and there": done["cut off and there"],
                "cut off when prepared": done["finished after the crash"],
            }
        )
        self.tally.update({f"failed with {state}": n for state, n in failed.items()})


def tell(tally: Counter[str], *names: str) -> str:
    return ", ".join(f"{tally[name]} {name}" for name in names)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--runs", type=click.IntRange(min=1), default=24, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=5), default=60, show_default=True)
@click.option("--seed", type=int, default=None, help="Of an earlier run, to repeat its order.")
def main(runs: int, seconds: float, seed: int | None) -> None:
    """Kill the server under mixed random load; end with 1 if anything is not exact."""
    first = random.SystemRandom().randrange(10**6) if seed is None else seed
    total: Counter[str] = Counter()
    for seed in range(first, first + runs):
        directory = Path(tempfile.mkdtemp(prefix="ss-load-"))
        directory.chmod(0o755)  # as root the server runs as another user, who must get in
        run: Run | None = None
        is_fine = False
        try:
            run = Run(directory, seed, seconds)
            run.go()
            is_fine = True
        except (CrashError, EmbeddedError, psycopg.Error) as error:
            print(f"FAILED, with --seed {seed}: {error}")
        finally:
            for actor in run.actors if run else ():
                actor.is_over.set()
            Embedded(directory / "pg").stop()
            if is_fine:
                shutil.rmtree(directory)
            else:
                print(f"left for a look: {directory}", flush=True)
        if not run or not is_fine:
            sys.exit(1)
        told = tell(
            run.tally,
            *("movements", "transactions acknowledged", "refused", "counts", "switches"),
            *("snapshots compared", "cut off"),
        )
        print(
            f"run {seed - first + 1}, seed {seed}: exact; {told}; killed after"
            f" {run.killed_after:.1f} s",
            flush=True,
        )
        total.update(run.tally)
    for name, value in total.items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
