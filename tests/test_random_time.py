"""Random histories in both times against a model: what occurred when, and what was known when.

One session does at random all that can be done to movements, closings, counts, snapshots and
archives, and takes some of it back; the model keeps every version of every movement with the
moments that the database gave it, and adds up by force. It is asked for random moments of both
times, near the edges of days, closings and clock changes. What is booked for a count is not
foretold: it is taken over, and then the stock of that moment must be what was counted.

A failure shows its seed and every step.
"""

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from helpers import differences, only

MICROSECOND = timedelta(microseconds=1)
BEGINNING = datetime.min.replace(tzinfo=UTC)
DIRECTIONS = {"purchase": 1, "sale": -1, "damage": -1, "sale_return": 1}
ZONES = ("Europe/Berlin", "UTC", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe")
PRODUCTS = (1, 2, 3)  # 3 may not fall below zero
LOCATIONS = (None, 1, 2)

# Around the clock changes of spring and autumn, long ago; and lately, so that the way to the answer
# is at times shorter from now.
OLD = [datetime(2024, 3, 29, tzinfo=UTC), datetime(2024, 10, 25, tzinfo=UTC)]
Draw = Callable[[random.Random], Any]


def old_moment(rng: random.Random) -> datetime:
    step = rng.choice([timedelta(0), -MICROSECOND, MICROSECOND, timedelta(minutes=17)])
    return rng.choice(OLD) + timedelta(hours=rng.randrange(24 * 14)) + step


def age(rng: random.Random) -> timedelta:
    return timedelta(seconds=rng.uniform(300, 4 * 86400))


def none(_: random.Random) -> None:
    return None


def one_of(*draws: Draw) -> Draw:
    return lambda rng: rng.choice(draws)(rng)


def among(*values: Any) -> Draw:
    return lambda rng: rng.choice(values)


def up_to(n: int) -> Draw:
    return lambda rng: rng.randrange(n)


def row(rng: random.Random) -> tuple[Any, ...]:
    return (
        rng.choice([*PRODUCTS, 3]),
        rng.choice(LOCATIONS),
        rng.choice(sorted(DIRECTIONS)),
        Decimal(rng.randint(1, 160)) / 4,
        one_of(none, age, old_moment)(rng),
    )


def batch_of_rows(rng: random.Random) -> list[tuple[Any, ...]]:
    return [row(rng) for _ in range(rng.randint(1, 4))]


def step(weight: int = 1, **draws: Draw) -> Callable[[Any], Any]:
    """Make a method one of the steps of a history, with arguments drawn at random."""

    def mark(method: Any) -> Any:
        STEPS.extend([(method.__name__, draws)] * weight)
        return method

    return mark


STEPS: list[tuple[str, dict[str, Draw]]] = []


@dataclass(frozen=True)
class Version:
    """A movement as it was from one moment to another."""

    id: int
    product: int
    location: int | None
    type: str
    sign: int
    quantity: Decimal
    occurred_at: datetime
    recorded_at: datetime
    replaced_at: datetime | None = None
    reverses: int | None = None

    @property
    def signed(self) -> Decimal:
        return self.sign * self.quantity


class History:
    """What is done, and what a few lines of Python say of it."""

    def __init__(self, db: psycopg.Connection) -> None:
        self.db = db
        self.versions: list[Version] = []
        self.live: dict[int, Version] = {}
        self.zone = "UTC"
        self.closings: list[tuple[date, datetime]] = []
        self.archives: list[tuple[bytes, datetime, set[int]]] = []
        self.late_movements = "refuse"
        self.balances: dict[int, Decimal] = {}  # of the counts that stand
        self.keeps_counts = True
        self.tags = count()

        db.execute(
            "insert into products (sku, name, allow_negative) values ('A', 'A', null),"
            " ('B', 'B', null), ('C', 'C', false)"
        )
        db.execute("insert into locations (name) values ('north'), ('south')")

    def compare_all(self) -> None:
        assert differences(self.db) == []
        moments = self.moments()
        for n in range(0, len(moments), max(1, len(moments) // 12)):
            self.compare(moments[n], None, None, None)
            self.compare(moments[n], moments[-n - 1], None, None)
            self.compare(None, moments[n], None, None)
        self.compare_negative()

    # The model ------------------------------------------------------------------------------------

    @property
    def closed_before(self) -> datetime:
        return self.closings[-1][1] if self.closings else BEGINNING

    @property
    def archived(self) -> set[int]:
        return set().union(*(ids for _, _, ids in self.archives))

    def moments(self) -> list[datetime]:
        """Return every moment at which something changed, and those just before."""
        found = {self.closed_before} if self.closings else set()
        for v in self.versions:
            found |= {v.occurred_at, v.recorded_at, v.replaced_at or v.recorded_at}
        return sorted(found | {at - MICROSECOND for at in found})

    def stock(
        self, at: datetime | None, known_at: datetime | None, location: int | None = None
    ) -> dict[int, Decimal]:
        total = dict.fromkeys(PRODUCTS, Decimal(0))
        for v in self.versions:
            is_known = (
                v.replaced_at is None
                if known_at is None
                else v.recorded_at <= known_at < (v.replaced_at or datetime.max.replace(tzinfo=UTC))
            )
            is_there = location is None or v.location == location
            if is_known and is_there and (at is None or v.occurred_at <= at):
                total[v.product] += v.signed
        return total

    def curve(self, product: int, versions: list[Version]) -> list[tuple[datetime, Decimal]]:
        """Return the stock after each moment at which it changed."""
        total = Decimal(0)
        points: dict[datetime, Decimal] = {}
        for v in sorted(versions, key=lambda v: v.occurred_at):
            if v.product == product:
                total += v.signed
                points[v.occurred_at] = total
        return list(points.items())

    def is_refused(self, gone: list[Version], come: list[Version], *, dated_back: bool) -> bool:
        """Tell whether product 3 would fall below zero now or, if it may have, before."""
        ids = {v.id for v in gone}
        before = [v for v in self.live.values() if v.product == 3]
        after = [v for v in before if v.id not in ids] + [v for v in come if v.product == 3]
        was, becomes = (sum((v.signed for v in vs), Decimal(0)) for vs in (before, after))
        if becomes < was and becomes < 0:
            return True
        if not dated_back:
            return False
        old = self.curve(3, before)
        starts = [at for at, _ in old]
        changed = [v.occurred_at for v in gone + come if v.product == 3]
        if not changed:
            return False
        for at, quantity in self.curve(3, after) + [
            (at, sum((v.signed for v in after if v.occurred_at <= at), Decimal(0)))
            for at in changed
        ]:
            n = bisect_left(starts, at + MICROSECOND)
            previous = old[n - 1][1] if n else Decimal(0)
            if at >= min(changed) and quantity < 0 <= previous:
                return True
        return False

    @contextmanager
    def expect(self, *sqlstates: str) -> Iterator[None]:
        """Expect one of these errors; success is none of them."""
        assert sqlstates
        with pytest.raises(psycopg.Error) as caught:
            yield
        assert caught.value.sqlstate in sqlstates, str(caught.value)

    def keep(self, new: Version) -> None:
        self.versions.append(new)
        self.live[new.id] = new

    def replace(self, old: Version) -> None:
        [(replaced_at,)] = self.db.execute(
            "select replaced_at from stocksync.movement_history where movement_id = %s"
            " and operation <> 'late' order by id desc limit 1",
            (old.id,),
        ).fetchall()
        self.versions[self.versions.index(old)] = replace(old, replaced_at=replaced_at)
        del self.live[old.id]

    def absorb(self) -> None:
        """Take over what was booked for counts, and compare with the counts that stand."""
        known = max((v.id for v in self.versions), default=0)
        for id_, p, place, kind, direction, q, at, recorded_at in self.db.execute(
            "select id, product_id, location_id, transaction_type, movement_type, quantity,"
            " occurred_at, recorded_at from stock_movements where id > %s order by id",
            (known,),
        ).fetchall():
            assert kind.startswith("stock_count_correction"), kind
            sign = 1 if direction == "in" else -1
            self.keep(Version(id_, p, place, kind, sign, q, at, recorded_at))
        balances = {}
        for id_, p, place, at, quantity in self.db.execute(
            "select id, product_id, location_id, counted_at, balance from stocksync.counts"
            " where balance is not null"
        ).fetchall():
            there = [v for v in self.live.values() if (v.product, v.location) == (p, place)]
            assert quantity == sum((v.signed for v in there if v.occurred_at <= at), Decimal(0))
            balances[id_] = quantity
        if self.keeps_counts:
            assert {n: q for n, q in self.balances.items() if n in balances} == {
                n: q for n, q in balances.items() if n in self.balances
            }
        self.balances = balances

    def pick(self, which: int) -> Version | None:
        """Return a movement that is there, and is neither reversed nor a reversal."""
        reversed_ids = {v.reverses for v in self.live.values()}
        free = [
            v
            for v in self.live.values()
            if v.reverses is None and v.id not in reversed_ids and v.id not in self.archived
        ]
        return sorted(free, key=lambda v: v.id)[which % len(free)] if free else None

    # Movements ------------------------------------------------------------------------------------

    @step(6, batches=lambda rng: [batch_of_rows(rng) for _ in range(rng.randint(1, 2))])
    def insert(self, batches: list[list[tuple[Any, ...]]]) -> None:
        """One transaction of one or two statements."""
        now = only(self.db, "select clock_timestamp()")
        given: list[list[tuple[Any, ...]]] = [
            [
                (p, place, kind, q, now - at if isinstance(at, timedelta) else at or now)
                for p, place, kind, q, at in batch
            ]
            for batch in batches
        ]
        come = [
            Version(-n, p, place, kind, DIRECTIONS[kind], q, max(at, self.closed_before), now)
            for n, (p, place, kind, q, at) in enumerate(r for batch in given for r in batch)
        ]
        is_late = any(at < self.closed_before for batch in given for *_, at in batch)
        # A statement that dates nothing back is not looked at: its rows are of now.
        dated_back = any(at < now - timedelta(minutes=1) for batch in given for *_, at in batch)
        tag = f"t{next(self.tags)}"

        def write() -> None:
            with self.db.transaction():
                for batch in given:
                    marks = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(batch))
                    self.db.execute(
                        "insert into stock_movements (product_id, location_id, transaction_type,"
                        f" quantity, occurred_at, reference) values {marks}",
                        [value for row in batch for value in (*row, tag)],
                    )

        if is_late and self.late_movements == "refuse":
            with self.expect("SS005"):
                write()
            return
        if self.is_refused([], come, dated_back=dated_back):
            with self.expect("SS001"):
                write()
            return
        write()
        booked = self.db.execute(
            "select id, product_id, location_id, transaction_type, quantity, occurred_at,"
            " recorded_at from stock_movements where reference = %s order by id",
            (tag,),
        ).fetchall()
        for expected, (id_, p, place, kind, q, at, recorded_at) in zip(come, booked, strict=True):
            assert (p, place, kind, q, at) == (
                expected.product,
                expected.location,
                expected.type,
                expected.quantity,
                expected.occurred_at,
            )
            self.keep(replace(expected, id=id_, recorded_at=recorded_at))

    @step(
        3,
        which=up_to(1000),
        product=among(None, *PRODUCTS),
        quantity=among(None, *map(Decimal, range(1, 40))),
        at=one_of(none, age, old_moment),
    )
    def change(self, which: int, product: int | None, quantity: Decimal | None, at: Any) -> None:
        if (old := self.pick(which)) is None:
            return
        now = only(self.db, "select clock_timestamp()")
        new = replace(
            old,
            product=product or old.product,
            quantity=quantity or old.quantity,
            occurred_at=(now - at if isinstance(at, timedelta) else at) or old.occurred_at,
        )
        if new == old:
            return
        write = partial(
            self.db.execute,
            "update stock_movements set product_id = %s, quantity = %s, occurred_at = %s"
            " where id = %s",
            (new.product, new.quantity, new.occurred_at, old.id),
        )
        if min(old.occurred_at, new.occurred_at) < self.closed_before:
            with self.expect("SS005"):
                write()
        elif self.is_refused([old], [new], dated_back=True):
            with self.expect("SS001"):
                write()
        else:
            write()
            self.replace(old)
            replaced_at = next(
                v.replaced_at
                for v in reversed(self.versions)
                if v.id == old.id and v.replaced_at is not None
            )
            assert replaced_at is not None
            self.keep(replace(new, recorded_at=replaced_at))

    @step(2, which=up_to(1000))
    def delete(self, which: int) -> None:
        if (old := self.pick(which)) is None:
            return
        write = partial(self.db.execute, "delete from stock_movements where id = %s", (old.id,))
        if old.occurred_at < self.closed_before:
            with self.expect("SS005"):
                write()
        elif self.is_refused([old], [], dated_back=True):
            with self.expect("SS001"):
                write()
        else:
            write()
            self.replace(old)

    @step(2, which=up_to(1000))
    def reverse(self, which: int) -> None:
        if (old := self.pick(which)) is None:
            return
        now = only(self.db, "select clock_timestamp()")
        new = replace(old, id=-1, sign=-old.sign, occurred_at=now, reverses=old.id)
        write = partial(
            self.db.execute, "select * from stocksync.reverse_movement(%s, 'random')", (old.id,)
        )
        if self.is_refused([], [new], dated_back=False):
            with self.expect("SS001"):
                write()
            return
        write()
        [(id_, at, recorded_at)] = self.db.execute(
            "select id, occurred_at, recorded_at from stock_movements where reverses_id = %s",
            (old.id,),
        ).fetchall()
        self.keep(replace(new, id=id_, occurred_at=at, recorded_at=recorded_at))

    # Counts, losses and undoing -------------------------------------------------------------------

    @step(
        2,
        product=among(1, 2),
        location=among(*LOCATIONS),
        quantity=among(*(Decimal(n) / 2 for n in range(40))),
        at=one_of(none, age, old_moment),
    )
    def count(self, product: int, location: int | None, quantity: Decimal, at: Any) -> None:
        now = only(self.db, "select clock_timestamp()")
        at = now - at if isinstance(at, timedelta) else at
        write = partial(
            self.db.execute,
            "select counted_at, expected from stocksync.record_count(%s, %s, %s, %s)",
            (product, quantity, at, location),
        )
        if at is not None and at < self.closed_before:
            with self.expect("SS005"):
                write()
            return
        [(counted_at, expected)] = write().fetchall()
        there = [v for v in self.live.values() if (v.product, v.location) == (product, location)]
        assert expected == sum((v.signed for v in there if v.occurred_at <= counted_at), Decimal(0))
        self.absorb()
        assert quantity in self.balances.values()

    @step(keeps=among(True, True, False))
    def keep_counts(self, keeps: bool) -> None:
        self.db.execute(
            "update stocksync.settings set late_movements_before_count = %s",
            ("keep_count" if keeps else "keep_difference",),
        )
        self.keeps_counts = keeps

    @step(which=up_to(10_000), kind=among("purchase", "sale", "sale_return"))
    def undo(self, which: int, kind: str) -> None:
        """A bad batch: all of a type that was recorded since some moment."""
        moments = self.moments() or [BEGINNING]
        since = moments[which % len(moments)]
        reversed_ids = {v.reverses for v in self.live.values()}
        gone = [
            v
            for v in self.live.values()
            if v.type == kind
            and v.reverses is None
            and v.id not in reversed_ids | self.archived
            # when it was inserted: an update leaves that as it is
            and min(o.recorded_at for o in self.versions if o.id == v.id) >= since
        ]
        come = [
            replace(
                v, sign=-v.sign, occurred_at=max(v.occurred_at, self.closed_before), reverses=v.id
            )
            for v in sorted(gone, key=lambda v: v.id)
        ]
        write = partial(self.db.execute, "call stocksync.undo(p_since => %s, p_type => %s)",
                        (since, kind))  # fmt: skip
        refused = {"SS006"} if self.archives else set()
        if self.is_refused([], come, dated_back=any(v.occurred_at < v.recorded_at for v in come)):
            with self.expect("SS001", *refused):
                write()
            return
        known = max((v.id for v in self.versions), default=0)
        try:
            write()
        except psycopg.Error as error:
            assert error.sqlstate in refused, error
            return
        booked = self.db.execute(
            "select reverses_id, id, occurred_at, recorded_at from stock_movements"
            " where id > %s and reverses_id is not null",
            (known,),
        ).fetchall()
        assert {n: at for n, _, at, _ in booked} == {v.reverses: v.occurred_at for v in come}
        expected = {v.reverses: v for v in come}
        for n, id_, _, recorded_at in booked:
            self.keep(replace(expected[n], id=id_, recorded_at=recorded_at))
        self.absorb_between(known)

    def absorb_between(self, known: int) -> None:
        """Take over corrections that were booked beside what is known already."""
        for id_, p, place, kind, direction, q, at, recorded_at in self.db.execute(
            "select id, product_id, location_id, transaction_type, movement_type, quantity,"
            " occurred_at, recorded_at from stock_movements"
            " where id > %s and not id = any (%s) order by id",
            (known, list(self.live)),
        ).fetchall():
            assert kind.startswith("stock_count_correction"), kind
            sign = 1 if direction == "in" else -1
            self.keep(Version(id_, p, place, kind, sign, q, at, recorded_at))
        self.absorb()

    @step(which=up_to(1000))
    def lose_and_restore(self, which: int) -> None:
        """A row that is deleted behind the triggers, and found by a snapshot taken before."""
        lost = self.pick(which)
        if lost is None or self.balances or self.archives or lost.occurred_at > datetime.now(UTC):
            return
        if lost.occurred_at < self.closed_before:
            return  # it would be booked now, and the closing has it still: see Limits
        before = self.stock(None, None)
        number = only(self.db, "call stocksync.take_snapshot()")
        with self.db.transaction():
            self.db.execute("set local session_replication_role = replica")
            self.db.execute("delete from stock_movements where id = %s", (lost.id,))
        self.versions = [v for v in self.versions if v.id != lost.id]
        del self.live[lost.id]
        self.db.execute("delete from stocksync.movement_history where movement_id = %s", (lost.id,))
        self.db.execute("call stocksync.restore(now(), p_snapshot_id => %s)", (number,))
        [(id_, p, place, direction, q, at, recorded_at)] = self.db.execute(
            "select id, product_id, location_id, movement_type, quantity, occurred_at, recorded_at"
            " from stock_movements order by id desc limit 1"
        ).fetchall()
        sign = 1 if direction == "in" else -1
        assert (p, place, sign * q) == (lost.product, lost.location, lost.signed)
        self.keep(Version(id_, p, place, "restored", sign, q, at, recorded_at))
        assert self.stock(None, None) == before

    # Closings and archives ------------------------------------------------------------------------

    @step(base=among(*OLD), days=up_to(13))
    def close(self, base: datetime, days: int) -> None:
        through = base.date() + timedelta(days=days)
        zone = ZoneInfo(self.zone)
        before = datetime.combine(through + timedelta(days=1), datetime.min.time(), zone)
        before = before.replace(fold=0).astimezone(UTC)
        write = partial(self.db.execute, "call stocksync.close_period(%s)", (through,))
        if before in [end for _, end in self.closings]:
            write()  # nothing to do
        elif before <= self.closed_before:
            with self.expect("55000"):
                write()
        else:
            write()
            self.closings.append((through, before))

    @step()
    def reopen(self) -> None:
        write = partial(self.db.execute, "select stocksync.reopen_period()")
        if not self.closings:
            with self.expect("P0002"):
                write()
        elif any(
            before > (self.closings[-2][1] if len(self.closings) > 1 else BEGINNING)
            for _, before, _ in self.archives
        ):
            with self.expect("55000"):
                write()
        else:
            write()
            self.closings.pop()

    @step()
    def archive(self) -> None:
        if not self.closings:
            return
        through, before = self.closings[-1]
        gone = {
            v.id for v in self.live.values() if v.occurred_at < before and v.id not in self.archived
        }
        gone -= {
            v.reverses
            for v in self.live.values()
            if v.reverses is not None and v.occurred_at >= before
        }
        file = BytesIO()
        with self.db.cursor().copy(
            f"copy (select * from stocksync.archivable('{through}')) to stdout csv header"
        ) as copy:
            for chunk in copy:
                file.write(chunk)
        checksum = f"{next(self.tags):064x}"
        with self.db.transaction():
            self._stage(file.getvalue())
            self.db.execute(
                "select stocksync.archive_movements(%s, 'file', %s)", (through, checksum)
            )
        if gone:
            self.archives.append((checksum.encode() + file.getvalue(), before, gone))

    @step(which=up_to(10))
    def unarchive(self, which: int) -> None:
        if not self.archives:
            return
        file, _, _ = self.archives.pop(which % len(self.archives))
        with self.db.transaction():
            self._stage(file[64:])
            self.db.execute("select stocksync.restore_archive(%s)", (file[:64].decode(),))

    def _stage(self, content: bytes) -> None:
        statement = only(self.db, "select stocksync.stage_archive()")
        with self.db.cursor().copy(statement) as copy:
            copy.write(content)

    # The rest -------------------------------------------------------------------------------------

    @step(
        what=among(
            "select stocksync.roll_up()",
            "call stocksync.refresh()",
            "call stocksync.sync(p_force => true)",
            "call stocksync.take_snapshot()",
        )
    )
    def operate(self, what: str) -> None:
        self.db.execute(what)

    @step(zone=among(*ZONES))
    def move_shop(self, zone: str) -> None:
        self.db.execute("update stocksync.settings set time_zone = %s", (zone,))
        self.zone = zone

    @step(policy=among("refuse", "first_open_day"))
    def set_policy(self, policy: str) -> None:
        self.db.execute("update stocksync.settings set late_movements = %s", (policy,))
        self.late_movements = policy

    @step()
    def restore(self) -> None:
        """Nothing was lost, so nothing is restored."""
        try:
            self.db.execute("call stocksync.restore(now())")
        except psycopg.Error as error:
            assert error.sqlstate == "SS006", error
            assert self.archives

    # The comparison -------------------------------------------------------------------------------

    @step(
        8,
        at=one_of(none, old_moment, age, up_to(10_000)),
        known=one_of(none, none, up_to(10_000)),
        product=among(None, *PRODUCTS),
        location=among(*LOCATIONS),
    )
    def look(self, at: Any, known: int | None, product: int | None, location: int | None) -> None:
        moments = self.moments()
        if isinstance(at, timedelta):
            at = datetime.now(UTC) - at
        elif isinstance(at, int):
            at = moments[at % len(moments)] if moments else None
        known_at = moments[known % len(moments)] if moments and known is not None else None
        self.compare(at, known_at, product, location)

    @step()
    def look_for_negative(self) -> None:
        self.compare_negative()

    def compare(
        self,
        at: datetime | None,
        known_at: datetime | None,
        product: int | None,
        location: int | None,
    ) -> None:
        expected = self.stock(at, known_at, location)
        try:
            seen = self.db.execute(
                "select product_id, quantity from stocksync.stock_as_of(%s, %s, %s, %s)",
                (at, product, location, known_at),
            ).fetchall()
        except psycopg.Error as error:
            # What is archived cannot be told, and only that.
            assert error.sqlstate == "SS006", error
            last = max(before for _, before, _ in self.archives)
            assert known_at is not None or (at is not None and at < last)
            return
        assert dict(seen) == {p: q for p, q in expected.items() if product in (None, p)}

    def compare_negative(self) -> None:
        """Of what is open; what the last closing holds counts as one moment."""
        expected = {}
        for p in PRODUCTS:
            now_open = [v for v in self.live.values() if v.occurred_at >= self.closed_before]
            closed = [v for v in self.live.values() if v.occurred_at < self.closed_before]
            base = [replace(v, occurred_at=self.closed_before) for v in closed]
            points = self.curve(p, base) if self.closings else []
            total = points[-1][1] if points else Decimal(0)
            points += [(at, total + q) for at, q in self.curve(p, now_open)]
            if below := [(q, at) for at, q in points if q < 0]:
                expected[p] = (min(at for _, at in below), *min(below))
        seen = self.db.execute(
            "select product_id, first_at, lowest, lowest_at from stocksync.negative_in_past()"
        ).fetchall()
        assert {p: (first, low, at) for p, first, low, at in seen} == expected


@pytest.mark.parametrize("n", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 12))])
def test_any_moment_of_both_times_is_what_the_model_says(
    ledger: psycopg.Connection, seed: int, n: int
) -> None:
    rng = random.Random(seed)
    history = History(ledger)
    for n in range(300):
        name, draws = rng.choice(STEPS)
        arguments = {argument: draw(rng) for argument, draw in draws.items()}
        print(n, name, arguments)  # shown if it fails
        getattr(history, name)(**arguments)
        history.absorb()
    history.compare_all()
    assert len(history.versions) > 30
