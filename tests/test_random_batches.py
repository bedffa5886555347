"""Random histories of batches against a model that works by force.

One session does at random all that can be done to movements of products that track batches, and
to what decides about batches: strategy, quarantine, tracking itself, the shop's clock. After every
transaction each batch, and what each movement did in it, is what ``batch_model`` says, or the
transaction was refused, as it says too, and has left nothing.

A failure shows its seed and every step.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from batch_model import BRINGS_BACK, DIRECTIONS, Batch, Model, Movement, Product, Refused
from helpers import differences, only

MICROSECOND = timedelta(microseconds=1)
ZONES = ("UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati", "Europe/Paris")
INS = [name for name, direction in DIRECTIONS.items() if direction == "in"]
OUTS = [name for name, direction in DIRECTIONS.items() if direction == "out"]
COLUMNS = (
    "product_id, transaction_type, quantity, occurred_at, location_id, batch_id, batch_number,"
    " expiry_date, unit_cost, reference"
)


class Quit(Exception):  # noqa: N818
    """A transaction that thinks better of it."""


class History:
    """What is done, and what the model says of it."""

    def __init__(self, db: psycopg.Connection, rng: random.Random, *, is_narrow: bool) -> None:
        """Narrow is one product at one place and little time, so that movements meet more often."""
        self.db = db
        self.rng = rng
        self.products = [1] if is_narrow else [1, 2, 3, 4]
        self.locations = (None,) if is_narrow else (None, None, 1, 2)
        self.days = 1 if is_narrow else 4
        self.is_narrow = is_narrow
        self.model = Model()
        self.outcomes: Counter[str] = Counter()
        self.savepoints = count()
        db.execute("insert into locations (name) values ('one'), ('two')")
        for n, strategy in enumerate(["fefo", "fifo", "lifo", "fefo"], 1):
            tracks, cost = n != 4, rng.choice([None, Decimal("2.5")])
            db.execute(
                "insert into products (sku, name, tracks_batches, batch_strategy, unit_cost)"
                " values (%s, 'x', %s, %s, %s)",
                (f"P{n}", tracks, strategy, cost),
            )
            self.model.products[n] = Product(tracks, strategy, cost)

    # What is drawn --------------------------------------------------------------------------------

    def moment(self) -> datetime:
        """Now, or near a midnight of the shop's around now."""
        now = self.model.now
        if self.rng.random() < 0.5:
            return now
        day = self.model.day(now) + timedelta(days=self.rng.randint(-self.days, self.days))
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.model.zone))
        step = self.rng.choice([timedelta(0), -MICROSECOND, MICROSECOND, timedelta(hours=7)])
        return midnight.astimezone(UTC) + step

    def quantity(self) -> Decimal:
        if self.rng.random() < 0.1:
            return Decimal(self.rng.randint(1, 9_000_000)) / 1_000_000
        return Decimal(self.rng.randint(1, 32)) / 4

    def little(self) -> Decimal:
        return Decimal(self.rng.randint(1, 16)) / 8

    def references(self) -> list[str]:
        """A few, and not for ever."""
        return [f"r{len(self.model.movements) // 20}{n}" for n in range(2)]

    def number(self) -> str | None:
        return self.rng.choice([None, None, "L1", "L2", "opening"])

    def batch(self, product: int) -> int | None:
        known = [b for b in self.model.batches.values() if b.id and b.product == product]
        return self.rng.choice(known).id if known else None

    def row(self) -> Movement:
        rng = self.rng
        is_in = rng.random() < 0.55
        product = rng.choice(self.products)
        at, type_ = self.moment(), rng.choice(INS if is_in else OUTS)
        if is_in and rng.random() < 0.5:
            type_ = "purchase"
        quantity = self.quantity()
        if type_ == "purchase" and rng.random() < 0.5:
            quantity *= 4
        movement = Movement(
            0,
            product,
            type_,
            DIRECTIONS[type_],
            quantity,
            at,
            location=rng.choice(self.locations),
            reference=rng.choice([None, *self.references()]),
        )
        if rng.random() < (0.1 if is_in else 0.15):
            movement = replace(movement, batch=self.batch(product))
            if rng.random() < 0.02:
                movement = replace(movement, batch=self.batch(1 + product % 4))
        if type_ in BRINGS_BACK and rng.random() < 0.6:
            return movement
        if rng.random() < (0.7 if is_in else 0.15):
            movement = replace(movement, number=self.number())
        if is_in:
            expiry = self.model.day(self.model.now) + timedelta(
                days=rng.randint(-self.days, self.days)
            )
            movement = replace(
                movement,
                expiry=rng.choice([None, expiry, expiry]),
                cost=rng.choice([None, None, Decimal(2), Decimal("3.5")]),
            )
        return movement

    def pick(self) -> list[Movement]:
        """A movement, with what it reverses, or is reversed by."""
        if not self.model.movements:
            return []
        m = self.rng.choice(list(self.model.movements.values()))
        return [
            o
            for o in self.model.movements.values()
            if o.id in (m.id, m.reverses) or o.reverses == m.id
        ]

    # Statements -----------------------------------------------------------------------------------

    def insert(self, model: Model) -> None:
        rows = [self.row() for _ in range(self.rng.choice([1, 1, 1, 2, 3, 6, 12]))]
        self.insert_rows(model, rows)

    def insert_rows(self, model: Model, rows: list[Movement]) -> None:
        print("  insert", *rows, sep="\n    ")
        ids = self.db.execute(
            f"insert into stock_movements ({COLUMNS}) values "
            + ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(rows))
            + " returning id",
            [
                value
                for m in rows
                for value in (
                    m.product, m.type, m.quantity, m.occurred_at, m.location, m.batch, m.number,
                    m.expiry, m.cost, m.reference,
                )
            ],
        ).fetchall()  # fmt: skip
        for m, (n,) in zip(rows, ids, strict=True):
            model.insert(replace(m, id=n))

    def sell_much(self, model: Model) -> None:
        """A few sales of one product, as a shop has them."""
        product, at = self.rng.choice(self.products), self.moment()
        rows = [
            Movement(0, product, "sale", "out", self.little(), at)
            for _ in range(self.rng.randint(1, 8))
        ]
        self.insert_rows(model, rows)

    def transfer(self, model: Model) -> None:
        product, quantity, at = self.rng.choice(self.products), self.little(), model.now
        there, here = self.rng.sample([None, 1, 2], 2)
        reference = f"t{len(model.movements)}"
        rows = [
            Movement(0, product, "transfer_out", "out", quantity, at, there, reference=reference),
            Movement(0, product, "transfer_in", "in", quantity, at, here, reference=reference),
        ]
        self.rng.shuffle(rows)
        self.insert_rows(model, rows)

    def update(self, model: Model) -> None:
        if not (chosen := [model.movements[m.id] for m in self.pick() if m.id in model.movements]):
            return
        rng, m = self.rng, chosen[0]
        column, value = rng.choice(
            [
                ("quantity", self.quantity()),
                ("quantity", m.quantity + Decimal(rng.choice([1, -1])) / 1000),
                ("product_id", rng.choice(self.products)),
                ("location_id", rng.choice(self.locations)),
                ("transaction_type", rng.choice(INS if DIRECTIONS[m.type] == "in" else OUTS)),
                ("batch_number", self.number()),
                ("batch_id", self.batch(m.product)),
                ("occurred_at", self.moment()),
                ("reference", rng.choice([None, *self.references()])),
            ]
        )
        if column in ("batch_number", "batch_id", "occurred_at", "reference"):
            chosen = [rng.choice(chosen)]
        if column == "quantity" and value <= 0:
            return
        field = {
            "product_id": "product", "location_id": "location", "transaction_type": "type",
            "batch_number": "number", "batch_id": "batch",
        }.get(column, column)  # fmt: skip
        ids = [c.id for c in chosen]
        print("  update", ids, column, value)
        self.db.execute(
            f"update stock_movements set {column} = %s where id = any (%s)", (value, ids)
        )
        model.update([replace(c, **{field: value}) for c in chosen])

    def delete(self, model: Model) -> None:
        ids = [m.id for m in self.pick() if m.id in model.movements]
        ids = [n for n in ids if self.rng.random() < 0.7 or len(ids) == 1]
        ids += [m.id for m in model.movements.values() if m.reverses in ids and m.id not in ids]
        print("  delete", ids)
        self.db.execute("delete from stock_movements where id = any (%s)", (ids,))
        model.delete(ids)

    def reverse(self, model: Model) -> None:
        reversed_ids = {m.reverses for m in model.movements.values()}
        can = [m for m in model.movements.values() if not m.reverses and m.id not in reversed_ids]
        if not can:
            return
        for m in self.rng.sample(can, min(len(can), self.rng.choice([1, 1, 2]))):
            at = self.moment()
            print("  reverse", m, at)
            direction = "in" if m.direction == "out" else "out"
            n = only(
                self.db,
                "insert into stock_movements (product_id, location_id, movement_type,"
                " transaction_type, quantity, occurred_at, reference, reverses_id)"
                " select product_id, location_id, %s, transaction_type, quantity, %s, reference, id"
                " from stock_movements where id = %s returning id",
                (direction, at, m.id),
            )
            model.insert(
                Movement(
                    n, m.product, m.type, direction, m.quantity, at, m.location,
                    reference=m.reference, reverses=m.id,
                )
            )  # fmt: skip

    def settle(self, model: Model) -> None:
        print("  set constraints all immediate")
        self.settled(model.settle, "set constraints all immediate")
        self.db.execute("set constraints all deferred")

    def track(self, model: Model) -> None:
        product = self.rng.choice(list(model.products))
        on = not model.products[product].tracks
        if not on:  # of what has not settled it would find no batches any more
            self.settle(model)
        print("  track", product, on)
        self.settled(
            lambda: model.track(product, on),
            "update products set tracks_batches = %s where id = %s",
            on,
            product,
        )

    def settled(self, expected: Callable[[], None], query: str, *parameters: Any) -> None:
        """Do what settles at once; where the model refuses, so must the database."""
        try:
            expected()
        except Refused as refused:
            with pytest.raises(psycopg.Error) as raised:
                self.db.execute(query, parameters)
            assert raised.value.sqlstate in refused.args
            raise
        self.db.execute(query, parameters)

    def catalogue(self, model: Model) -> None:
        """What decides about batches changes, and all that follows with it."""
        rng = self.rng
        live = [b for b in model.batches.values() if b.status != "retired" and b.id]
        match rng.randrange(4):
            case 0:
                product = rng.choice(list(model.products))
                strategy = rng.choice(["fefo", "fifo", "lifo"])
                cost = rng.choice([None, Decimal(1), Decimal(4)])
                self.db.execute(
                    "update products set batch_strategy = %s, unit_cost = %s where id = %s",
                    (strategy, cost, product),
                )
                before = model.products[product]
                model.products[product] = replace(before, strategy=strategy, cost=cost)
                print("  product", product, model.products[product])
            case 1:
                model.expired_batches = rng.choice(["never", "never", "last"])
                self.db.execute(
                    "update stocksync.settings set expired_batches = %s", (model.expired_batches,)
                )
                print("  expired", model.expired_batches)
            case 2 if live:
                b = rng.choice(live)
                lifts = b.status == "quarantined"
                print("  quarantine", b.product, b.number, lifts)
                self.db.execute(
                    "select stocksync.quarantine_batch(%s, %s, %s)", (b.product, b.number, lifts)
                )
                for o in model.live(b.product):
                    if o.number == b.number:
                        status = "active" if lifts else "quarantined"
                        model.batches[o.seq] = replace(o, status=status)
            case _ if live:
                self.correct(model, rng.choice(live))

    def correct(self, model: Model, b: Batch) -> None:
        number, expiry, cost = self.rng.choice(
            [("L1", None, None), ("L3", None, None), (None, None, Decimal(3)),
             (None, model.day(model.now), None)]
        )  # fmt: skip
        print("  correct", b.id, number, expiry, cost)
        alike = [
            o
            for o in model.live(b.product)
            if (o.number, o.expiry, o.cost) == (b.number, b.expiry, b.cost)
        ]
        new = replace(
            b, number=number or b.number, expiry=expiry or b.expiry,
            cost=b.cost if cost is None else cost,
        )  # fmt: skip
        taken = {
            o.location
            for o in model.live(b.product)
            if o not in alike and (o.number, o.expiry, o.cost) == (new.number, new.expiry, new.cost)
        }
        write = partial(
            self.db.execute,
            "select stocksync.correct_batch(%s, %s, %s, %s)",
            (b.id, number, expiry, cost),
        )
        if taken & {o.location for o in alike}:
            with pytest.raises(psycopg.errors.UniqueViolation):
                write()
            raise Refused("23505")
        write()
        held = any(
            o.number == new.number and o.status == "quarantined" for o in model.live(b.product)
        )
        for o in alike:
            model.batches[o.seq] = replace(
                o, number=new.number, expiry=new.expiry, cost=new.cost,
                status="quarantined" if held else o.status,
            )  # fmt: skip

    # Transactions ---------------------------------------------------------------------------------

    STATEMENTS = (
        *[insert] * 8,
        *[sell_much] * 3,
        *[transfer] * 2,
        *[update] * 3,
        delete,
        *[reverse] * 2,
        *[catalogue] * 2,
        settle,
        track,
    )

    def draw(self) -> Callable[["History", Model], None]:
        statement = self.rng.choice(self.STATEMENTS)
        # with new batches there is nothing to meet
        return History.insert if self.is_narrow and statement is History.track else statement

    def transaction(self) -> None:
        before = self.model
        try:
            with self.db.transaction():
                # what is drawn is drawn from what this transaction sees
                self.model = before.copy()
                self.model.now = only(self.db, "select now()").astimezone(UTC)
                for _ in range(self.rng.choice([1, 1, 1, 2, 4])):
                    self.statement()
                if self.rng.random() < 0.05:
                    raise Quit
                self.settled(self.model.settle, "set constraints all immediate")
            self.outcomes["committed"] += 1
        except (Refused, Quit) as why:
            print("  ", repr(why))
            self.outcomes[repr(why)] += 1
            self.model = before

    def statement(self) -> None:
        rng, kept = self.rng, self.model
        savepoint = rng.random() < 0.2
        if not savepoint:
            self.draw()(self, self.model)
            return
        name = f"s{next(self.savepoints)}"
        print("  savepoint", name)
        self.db.execute(f"savepoint {name}")
        self.model = kept.copy()
        try:
            self.draw()(self, self.model)
        except Refused:
            self.db.execute(f"rollback to {name}")
            self.model = kept
            return
        if rng.random() < 0.5:
            print("  rolled back to", name)
            self.db.execute(f"rollback to {name}")
            self.model = kept

    def move_shop(self) -> None:
        self.model.zone = self.rng.choice(ZONES)
        self.db.execute("update stocksync.settings set time_zone = %s", (self.model.zone,))
        self.db.execute("select set_config('timezone', %s, false)", (self.rng.choice(ZONES),))
        print("zone", self.model.zone)

    # The comparison -------------------------------------------------------------------------------

    def compare(self) -> None:
        model = self.model
        stored = self.db.execute(
            "select id, product_id, location_id, batch_number, expiry_date, cost_price,"
            " received_at, status, quantity_received, quantity_remaining, origin_id"
            " from stock_batches order by product_id, id"
        ).fetchall()
        expected = sorted(model.batches.values(), key=lambda b: (b.product, b.seq))
        assert len(stored) == len(expected)
        for row, b in zip(stored, expected, strict=True):
            model.batches[b.seq] = replace(b, id=row[0])
        seen = [(*row[:6], row[6].astimezone(UTC), *row[7:]) for row in stored]
        ids = {b.seq: b.id for b in model.batches.values()}
        assert seen == [
            (
                ids[b.seq], b.product, b.location, b.number, b.expiry, b.cost, b.received_at,
                b.status, model.received(b.seq), model.remaining(b.seq),
                b.origin and ids[b.origin],
            )
            for b in expected
        ]  # fmt: skip
        for name, rows in (("receipts", model.receipts), ("consumptions", model.consumptions)):
            did: dict[Any, Decimal] = {}
            for r in rows:
                key = (r.movement, ids[r.batch], r.of)
                did[key] = did.get(key, Decimal(0)) + r.quantity
            assert {
                (m, b, of): q
                for m, b, of, q in self.db.execute(
                    "select movement_id, batch_id, of_movement_id, sum(quantity)"
                    f" from batch_{name} group by 1, 2, 3"
                )
            } == did, name
        for p, tracked in model.products.items():
            on_hand = only(self.db, "select quantity_on_hand from products where id = %s", (p,))
            assert on_hand == sum(model.stock(p).values())
            if tracked.tracks:
                assert on_hand == sum(model.remaining(b.seq) for b in model.live(p))

    def compare_all(self) -> None:
        assert differences(self.db) == []
        assert self.db.execute("select * from stocksync.batch_discrepancies()").fetchall() == []


@pytest.mark.parametrize("is_narrow", [True, False], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    "transactions",
    [200, *(pytest.param(400, marks=pytest.mark.long, id=str(n)) for n in range(12))],
)
def test_batches_are_what_the_model_says_after_any_history(
    ledger: psycopg.Connection, seed: int, transactions: int, is_narrow: bool
) -> None:
    rng = random.Random(seed)
    history = History(ledger, rng, is_narrow=is_narrow)
    for n in range(transactions):
        if rng.random() < 0.03:
            history.move_shop()
        print("transaction", n)  # shown if it fails
        history.transaction()
        history.compare()
        if n % 5 == 0:
            history.compare_all()
    history.compare_all()
    assert history.outcomes["committed"] > transactions / 4
    print(history.outcomes)
