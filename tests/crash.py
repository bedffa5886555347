"""Kill -9 at any point: ``python -m tests.crash --kills 1000``.

A server and two workers run without a pause: refresh, sync and audit as jobs, the fold four times a
second. Meanwhile sessions insert, change and delete movements, hold back changes in _pending, spoil
the stock of some products by hand, and enqueue jobs. At random moments the server (postmaster and
all), one of its processes, a worker, or all of them are killed, and started again. After each kill
and at the end (every fiftieth time and at the end all of it, else what is new):

- every movement that was acknowledged is there, and every transaction whole or not at all;
- stock, roll-up and what is pending are exact, without any correction, for every product that
  nobody spoiled; of those somebody spoiled, each correction takes back what was spoiled, no more;
- every job that was acknowledged is done, by an attempt that began after it was asked for, or is
  still waiting for one; none fails; none is done again once it is done.

The order of events is that of ``--seed``, their exact timing is the machine's.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import click
import psycopg

from stocksync.embedded import Embedded
from stocksync.migrate import migrate
from stocksync.worker import Worker
from tests.crash_helpers import (
    PATIENCE,
    Actor,
    Connection,
    CrashError,
    connect,
    kill,
    kill_server,
    must,
)
from tests.helpers import differences

PRODUCTS = 20
SPOILED = 4  # of them, the last ones
WORKERS = 2

# Enough attempts for a job that is killed again and again, soon one after the other.
SETTINGS = """
update stocksync.settings set job_backoff = '{50 milliseconds}', job_attempts = 100;
update stocksync.schedules set is_enabled = false;
insert into products (sku, name) select 'P' || n, 'P' || n from generate_series(1, %s) as n;

-- Every step takes a while before it commits, so that a job is long enough to be cut anywhere.
create function take_a_while() returns trigger language plpgsql as
    $$begin perform pg_catalog.pg_sleep(pg_catalog.random() * 0.01); return null; end$$;
create constraint trigger take_a_while after update on stocksync.runs
    deferrable initially deferred for each row execute function take_a_while();
create constraint trigger take_a_while after update of state on stocksync.jobs
    deferrable initially deferred for each row execute function take_a_while();
"""

# Written here, not taken from stocksync.
WRONG_STOCK = """
select 'product', p.id, p.quantity_on_hand, q.quantity, m.quantity
from products as p
left join (
    select product_id, sum(quantity) as quantity from stocksync._pending group by product_id
) as q on q.product_id = p.id
left join (
    select product_id,
        sum(case movement_type when 'in' then quantity else -quantity end) as quantity
    from stock_movements
    group by product_id
) as m on m.product_id = p.id
where p.quantity_on_hand + coalesce(q.quantity, 0) <> coalesce(m.quantity, 0)
    or p.total_stock <> p.quantity_on_hand
"""


def work(url: str, log: Path) -> None:
    """Be a worker process; what it complains of goes to a file."""
    has_begun = threading.Event()
    with log.open("a", buffering=1) as file:

        def complain(text: str) -> None:
            file.write(f"{os.getpid()}: {text}\n")

        def say(text: str) -> None:
            if text.endswith("is ready"):
                has_begun.set()

        while True:
            try:
                sys.exit(Worker(lambda: connect(url), say, complain).run())
            except psycopg.OperationalError:
                # Without a server it does not begin, and whoever supervises it tries again. Once
                # it has begun it goes on.
                if has_begun.is_set():
                    raise
                time.sleep(0.05)


# Those who write ----------------------------------------------------------------------------------


class Writer(Actor):
    """Inserts movements: transactions of one to three lines that carry their name."""

    def prepare(self) -> None:
        self.name = f"writer {self.random.random()}"
        self.count = 0
        self.lines: dict[str, int] = {}  # planned, by name of the transaction
        self.known: set[str] = set()  # of which the commit was acknowledged

    def act(self, connection: Connection) -> None:
        self.count += 1
        reference = f"{self.name}, {self.count}"
        self.lines[reference] = self.random.randint(1, 3)
        with connection.transaction():
            for _ in range(self.lines[reference]):
                connection.execute(
                    "insert into stock_movements"
                    " (product_id, transaction_type, quantity, reference, occurred_at)"
                    " values (%s, %s, %s, %s, now() - make_interval(days => %s))",
                    (
                        self.random.randint(1, PRODUCTS),
                        self.random.choice(("purchase", "sale", "damage")),
                        self.random.randint(1, 9),
                        reference,
                        self.random.choice((0, 0, 0, 1, 40)),
                    ),
                )
        self.known.add(reference)


class Editor(Actor):
    """Changes and deletes movements of its own, as somebody privileged may."""

    pause = 0.03

    def act(self, connection: Connection) -> None:
        connection.execute(
            self.random.choice(
                (
                    "insert into stock_movements (product_id, transaction_type, quantity, notes)"
                    " values (%s, 'purchase', 5, 'editor')",
                    "update stock_movements set quantity = quantity + 1 where product_id = %s"
                    " and notes = 'editor'",
                    "delete from stock_movements where product_id = %s and notes = 'editor'",
                )
            ),
            (self.random.randint(1, PRODUCTS),),
        )


class Holder(Actor):
    """Holds back changes of stock, as a writer does that will not wait for a busy product."""

    def act(self, connection: Connection) -> None:
        product = self.random.randint(1, PRODUCTS)
        quantity = self.random.choice((-3, -1, 2, 7))
        with connection.transaction():
            connection.execute("set local session_replication_role = replica")
            connection.execute(
                "update products set quantity_on_hand = quantity_on_hand - %s,"
                " total_stock = total_stock - %s where id = %s",
                (quantity, quantity, product),
            )
            connection.execute(
                "insert into stocksync._pending (product_id, quantity) values (%s, %s)",
                (product, quantity),
            )


class Spoiler(Actor):
    """Makes stock wrong by hand: always too much, so that a correction too many would show."""

    pause = 0.05

    def act(self, connection: Connection) -> None:
        connection.execute(
            "update products set quantity_on_hand = quantity_on_hand + 1,"
            " total_stock = total_stock + 1 where id = %s",
            (self.random.randint(PRODUCTS - SPOILED + 1, PRODUCTS),),
        )


class Asker(Actor):
    """Enqueues jobs, and remembers which of them were acknowledged, and when."""

    pause = 0.005

    def prepare(self) -> None:
        self.asked: list[tuple[int, datetime]] = []

    def act(self, connection: Connection) -> None:
        task, product = self.random.choice(
            [("refresh", None)] * 4
            + [("sync", None), ("audit", None)]
            + [("sync", self.random.randint(1, PRODUCTS))] * 2
        )
        [(job, at)] = connection.execute(
            "select stocksync.enqueue(%s, %s), clock_timestamp()", (task, product)
        ).fetchall()
        self.asked.append((job, at))


# The one who kills --------------------------------------------------------------------------------


class Scene:
    """A server, its workers, everybody who writes, and what is expected of them."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.log = directory / "workers.log"
        options = {"autovacuum_naptime": "1s"}
        self.server = Embedded(directory / "pg", fsync=False, options=options).start()
        self.url = self.server.url()
        migrate(self.url)
        with connect(self.url) as connection:
            connection.execute(SETTINGS % PRODUCTS)
        # Forked from a process without threads: a worker starts in milliseconds.
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(
            ["tests.helpers", "stocksync.migrate", "stocksync.worker"]
        )
        self.workers: list[BaseProcess] = []
        self.writers = [Writer(self.url, f"{seed} writer {n}") for n in range(2)]
        self.asker = Asker(self.url, f"{seed} asker")
        self.actors: list[Actor] = [*self.writers, self.asker]
        for kind in (Editor, Holder, Spoiler):
            self.actors.append(kind(self.url, f"{seed} {kind.__name__}"))
        self.kills: Counter[str] = Counter()
        self.cut: Counter[str] = Counter()
        self.last_run = 0
        self.found: set[str] = set()  # transactions that were there
        self.done: dict[int, int] = {}  # jobs that were done, and by which attempt
        self.answered = 0  # requests, the first of all, whose jobs were done

    def begin(self) -> None:
        self.hire()
        for actor in self.actors:
            actor.start()

    def hire(self) -> None:
        """Have as many workers as there should be."""
        for worker in self.workers:
            must(worker.is_alive(), "a worker has ended by itself:", worker.exitcode)
        while len(self.workers) < WORKERS:
            worker = self.context.Process(target=work, args=(self.url, self.log))
            worker.start()
            self.workers.append(worker)

    # Kills --------------------------------------------------------------------------------------

    def kill(self) -> None:
        self.aim()
        kind, act = self.random.choices(
            [
                ("server", self.kill_server),
                ("process of the server", self.kill_backend),
                ("worker", self.kill_worker),
                ("server and workers", self.kill_all),
            ],
            weights=(40, 20, 30, 10),
        )[0]
        self.kills[kind] += 1
        act()
        self.hire()
        self.wait_for_server()

    def aim(self) -> None:
        """Wait for a random moment: of all moments, or of those in which a refresh runs."""
        time.sleep(self.random.uniform(0.0, 0.2))
        if self.random.random() < 0.3:
            return
        deadline = time.monotonic() + 0.5
        with connect(self.url) as connection:
            while (
                time.monotonic() < deadline
                and not connection.execute(
                    "select from stocksync.jobs where state = 'running' and subject = 'refresh'"
                ).rowcount
            ):
                time.sleep(0.001)
        time.sleep(self.random.uniform(0.0, 0.04))

    def kill_server(self) -> None:
        kill_server(self.server)
        self.server.start()

    def kill_backend(self) -> None:
        """One that runs a job or folds, if there is one; PostgreSQL then ends all the others."""
        with connect(self.url) as connection:
            pids = connection.execute(
                "select a.pid from pg_stat_activity as a where a.datname = current_database()"
                " and a.pid <> pg_backend_pid() order by a.state <> 'active',"
                " a.query !~ 'run_job|fold', a.pid"
            ).fetchall()
            if not pids:
                return
            kill(self.random.choice(pids[:3])[0])
            with suppress(psycopg.OperationalError):
                while True:  # until this session is ended too
                    connection.execute("select pg_sleep(0.005)")

    def kill_worker(self) -> None:
        worker = self.workers.pop(self.random.randrange(len(self.workers)))
        must(worker.pid is not None, "a worker never began")
        assert worker.pid
        kill(worker.pid)
        worker.join()

    def kill_all(self) -> None:
        while self.workers:
            self.kill_worker()
        self.kill_server()

    def wait_for_server(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                connect(self.url).close()
                return
            except psycopg.OperationalError:
                must(time.monotonic() < deadline, "the server does not come back")
                time.sleep(0.01)

    # What must be so ----------------------------------------------------------------------------

    def verify(self, *, whole: bool = False) -> None:
        """Check what must be so at every moment; what was seen to be so before, only if whole."""
        known = set().union(*(writer.known.copy() for writer in self.writers))
        asked = self.asker.asked[self.answered :]
        with connect(self.url) as connection:
            for actor in self.actors:
                if actor.unexpected:
                    raise actor.unexpected
            self.note_where_it_was_cut(connection)
            # Those killed a moment ago are found without waiting for half a minute.
            connection.execute("select stocksync.reap_jobs('0.2 seconds')")
            self.verify_movements(connection, known, whole)
            self.verify_stock(connection, whole)
            self.verify_jobs(connection, asked, whole)

    def note_where_it_was_cut(self, connection: Connection) -> None:
        """Count what was going on when it was killed, by what was committed last."""
        for run, command, step in connection.execute(
            "select id, command, cost -> -1 ->> 'step'"
            " from stocksync.runs where id > %s and finished_at is null"
            " and not exists (select from pg_stat_activity as a where a.pid = runs.pid)"
            " order by id",
            (self.last_run,),
        ):
            self.last_run = run
            self.cut[f"{command} after {step}" if step else command] += 1

    def verify_movements(self, connection: Connection, known: set[str], whole: bool) -> None:
        looked_for = known if whole else known - self.found
        found = dict(
            connection.execute(
                "select reference, count(*) from stock_movements"
                " where %s and reference is not null or reference = any (%s) group by reference",
                (whole, list(looked_for)),
            ).fetchall()
        )
        lost = looked_for - found.keys()
        must(not lost, "movements are lost:", lost)
        lines = {name: n for writer in self.writers for name, n in writer.lines.copy().items()}
        torn = {name: n for name, n in found.items() if lines[name] != n}
        must(not torn, "transactions are torn:", torn)
        self.found |= known

    def verify_stock(self, connection: Connection, whole: bool) -> None:
        wrong = differences(connection) if whole else connection.execute(WRONG_STOCK).fetchall()
        wrong = [row for row in wrong if row[1] <= PRODUCTS - SPOILED]
        must(not wrong, "stock is not exact:", wrong)
        healed = connection.execute(
            "select * from stocksync.incidents"
            " where product_id <= %s or class = 'roll_up' or before <= after",
            (PRODUCTS - SPOILED,),
        ).fetchall()
        must(not healed, "what was right was corrected:", healed)

    def verify_jobs(
        self, connection: Connection, asked: list[tuple[int, datetime]], whole: bool
    ) -> None:
        jobs = {
            number: rest
            for number, *rest in connection.execute(
                "select id, state, attempts, failures, merged_into, started_at from stocksync.jobs"
                " where %s or id >= %s",
                (whole, min((number for number, _ in asked), default=0)),
            )
        }
        for number, (state, attempts, failures, _, _) in jobs.items():
            must(state not in ("failed", "cancelled"), "job", number, "is", state)
            if number in self.done:
                again = (state, attempts) != ("done", self.done[number])
                must(not again, "job", number, "was done and is", state, "again")
            if state == "done":
                must(attempts <= failures + 1, "job", number, "began", attempts, "times")
                self.done[number] = attempts
        still_open = []
        for n, (first, at) in enumerate(asked):
            number = first
            must(number in jobs, "job", number, "is lost")
            while jobs[number][3] is not None:
                number = jobs[number][3]
            state, _, _, _, started_at = jobs[number]
            if state == "done":
                must(started_at >= at, "job", number, "began before it was asked for")
            else:
                still_open.append(n)
        # the next look begins here
        self.answered += still_open[0] if still_open else len(asked)

    def end(self) -> None:
        """Let everything come to its end, and check what must be so then."""
        for actor in self.actors:
            actor.end()
        deadline = time.monotonic() + PATIENCE
        with connect(self.url) as connection:
            while True:
                connection.execute("select stocksync.reap_jobs('0.2 seconds')")
                waiting = connection.execute(
                    "select count(*) from stocksync.jobs where state in ('queued', 'running')"
                ).fetchone()
                pending = connection.execute("select count(*) from stocksync._pending").fetchone()
                if (waiting, pending) == ((0,), (0,)):
                    break
                must(time.monotonic() < deadline, "never done:", waiting, pending)
                time.sleep(0.05)
            self.answered = 0
            self.verify(whole=True)
            connection.execute("call stocksync.refresh()")
            connection.execute("call stocksync.sync(p_force => true)")
            must(differences(connection) == [], "not even a sync makes it exact")
            self.verify_stock(connection, whole=True)
        for worker in self.workers:
            worker.terminate()
            worker.join(PATIENCE)
            must(worker.exitcode == 0, "a worker ended with", worker.exitcode)

    def tell(self, seconds: float) -> None:
        """Print what was seen."""
        with connect(self.url) as connection:
            [(movements, jobs, merged, attempts, lost, skipped, twice)] = connection.execute(
                "select (select count(*) from stock_movements), count(*),"
                " count(*) filter (where state = 'merged'), sum(attempts), sum(failures),"
                " count(*) filter (where state = 'done' and run_id is null),"
                " (select count(*) from stocksync.runs as r where r.finished_at is not null"
                " and not exists (select from stocksync.jobs as k where k.run_id = r.id))"
                " from stocksync.jobs"
            ).fetchall()
        told = {
            "kills": dict(self.kills),
            "runs that were cut": dict(sorted(self.cut.items())),
            "movements": movements,
            "transactions acknowledged": sum(len(w.known) for w in self.writers),
            "cut off": sum(actor.unknown for actor in self.actors),
            "changes held back": next(a.acknowledged for a in self.actors if isinstance(a, Holder)),
            "jobs asked for": len(self.asker.asked),
            "jobs": jobs,
            "merged": merged,
            "attempts": int(attempts),
            "attempts lost": int(lost),
            "refreshes skipped": skipped,
            "runs that ended, of attempts that did not": twice,
            "seconds": round(seconds, 1),
        }
        for name, value in told.items():
            print(f"{name}: {value}")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--kills", type=click.IntRange(min=0), default=100, show_default=True)
@click.option("--seed", type=int, default=None, help="Of an earlier run, to repeat its order.")
def main(kills: int, seed: int | None) -> None:
    """Kill server and workers at random moments; end with 1 if anything is lost or done twice."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    print(f"seed: {seed}", flush=True)
    directory = Path(tempfile.mkdtemp(prefix="ss-crash-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    scene: Scene | None = None
    is_fine = False
    began = time.monotonic()
    try:
        scene = Scene(directory, seed)
        scene.begin()
        for n in range(1, kills + 1):
            scene.kill()
            scene.verify(whole=n % 50 == 0)
            if n % 50 == 0:
                print(f"{n} kills, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        scene.end()
        scene.tell(time.monotonic() - began)
        is_fine = True
    except (CrashError, psycopg.Error) as error:
        print(f"FAILED after {sum(scene.kills.values()) if scene else 0} kills: {error}")
    finally:
        for worker in scene.workers if scene else ():
            worker.kill()
        Embedded(directory / "pg").stop()
        if is_fine:
            shutil.rmtree(directory)
        else:
            print(f"left for a look: {directory}")
    sys.exit(not is_fine)


if __name__ == "__main__":
    main()
