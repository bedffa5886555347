"""Batches by force: the rules movement by movement, with lists and sums and nothing clever.

It knows nothing of steps, running sums and sets: each movement looks through all batches in its
turn. What is refused raises nothing in the middle of a rule but ``Refused``.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

ZERO = Decimal(0)
DIRECTIONS = {
    "purchase": "in",
    "opening_stock": "in",
    "sale_return": "in",
    "transfer_in": "in",
    "recovery_found": "in",
    "sale": "out",
    "promotional": "out",
    "damage": "out",
    "expired": "out",
    "transfer_out": "out",
    "lost_missing": "out",
}
TAKES_UNFIT = {"damage": "last", "expired": "first", "transfer_out": "last", "lost_missing": "last"}
BRINGS_BACK = {
    "sale_return": "sale",
    "transfer_in": "transfer_out",
    "recovery_found": "lost_missing",
}


class Refused(Exception):  # noqa: N818 - as the database says it
    """What the database has to say no to, with the SQLSTATE."""


@dataclass(frozen=True)
class Product:
    tracks: bool
    strategy: str
    cost: Decimal | None


@dataclass(frozen=True)
class Movement:
    id: int
    product: int
    type: str
    direction: str
    quantity: Decimal
    occurred_at: datetime
    location: int | None = None
    batch: int | None = None  # as the database numbers it
    number: str | None = None
    expiry: date | None = None
    cost: Decimal | None = None
    reference: str | None = None
    reverses: int | None = None

    def __repr__(self) -> str:
        said = (self.location, self.batch, self.number, self.expiry, self.cost, self.reference)
        names = ("location", "batch", "number", "expiry", "cost", "reference")
        rest = "".join(
            f" {name}={value}" for name, value in zip(names, said, strict=True) if value is not None
        )
        at = f"{self.occurred_at:%d %T.%f}"
        kind = self.type if self.reverses is None else f"reversal of {self.reverses}"
        return f"{self.id}: {kind} {self.signed:+} P{self.product} {at}{rest}"

    @property
    def signed(self) -> Decimal:
        return self.quantity if self.direction == "in" else -self.quantity

    @property
    def brings_back(self) -> str | None:
        return BRINGS_BACK.get(self.type)

    @property
    def takes_unfit(self) -> str:
        return "last" if self.reverses is not None else TAKES_UNFIT.get(self.type, "never")


@dataclass(frozen=True)
class Batch:
    seq: int  # in the order in which they are made
    product: int
    location: int | None
    number: str
    expiry: date | None
    cost: Decimal | None
    received_at: datetime
    origin: int | None = None  # seq
    status: str = "active"
    id: int | None = None  # as the database numbers it

    @property
    def lot(self) -> int:
        return self.seq if self.origin is None else self.origin


@dataclass(frozen=True)
class Row:
    """What a movement did in a batch: brought in (receipt) or took out (consumption)."""

    movement: int | None
    batch: int  # seq
    quantity: Decimal
    of: int | None = None
    type: str | None = None
    reference: str | None = None
    occurred_at: datetime | None = None


Unmet = list[tuple[Movement, Decimal]]


class Model:
    """Products, movements, batches, and what each movement did in which batch."""

    def __init__(self) -> None:
        self.products: dict[int, Product] = {}
        self.movements: dict[int, Movement] = {}
        self.batches: dict[int, Batch] = {}
        self.receipts: list[Row] = []
        self.consumptions: list[Row] = []
        self.zone = "UTC"
        self.expired_batches = "never"
        # of the transaction
        self.booked: set[int] = set()
        self.chosen: set[int] = set()  # of these, those that find their batch anew
        self.kept: dict[int, int] = {}  # the batch that the others had come into
        self.unbooked: dict[int, Movement] = {}  # as they were when settled last
        self.inserted: set[int] = set()
        self.held: dict[int, Decimal] = {}
        self.now = datetime.now(UTC)

    def copy(self) -> "Model":
        other = copy(self)
        for name in ("products", "movements", "batches", "receipts", "consumptions"):
            setattr(other, name, copy(getattr(self, name)))
        other.booked, other.unbooked = set(self.booked), dict(self.unbooked)
        other.inserted, other.chosen = set(self.inserted), set(self.chosen)
        return other

    # What is there --------------------------------------------------------------------------------

    def received(self, seq: int) -> Decimal:
        return sum((r.quantity for r in self.receipts if r.batch == seq), ZERO)

    def remaining(self, seq: int) -> Decimal:
        return self.received(seq) - sum(
            (c.quantity for c in self.consumptions if c.batch == seq), ZERO
        )

    def stock(self, product: int) -> dict[int | None, Decimal]:
        stock: dict[int | None, Decimal] = {}
        for m in self.movements.values():
            if m.product == product:
                stock[m.location] = stock.get(m.location, ZERO) + m.signed
        return stock

    def live(self, product: int) -> list[Batch]:
        return [b for b in self.batches.values() if b.product == product and b.status != "retired"]

    def is_live(self, row: Row) -> bool:
        return self.batches[row.batch].status != "retired"

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    # What is written ------------------------------------------------------------------------------

    def insert(self, movement: Movement) -> None:
        self.movements[movement.id] = movement
        self.inserted.add(movement.id)
        if self.products[movement.product].tracks:
            self.booked.add(movement.id)
            self.chosen.add(movement.id)

    def update(self, changed: Iterable[Movement]) -> None:
        pairs = [(self.movements[new.id], new) for new in changed]
        before = dict(self.movements)
        for old, new in pairs:
            self.movements[new.id] = new
            self.rows_as(new)
            if any(self.products[p].tracks for p in (old.product, new.product)) and (
                (old.product, old.location, old.direction, old.type, old.quantity)
                != (new.product, new.location, new.direction, new.type, new.quantity)
                or (old.reverses, old.batch, old.number) != (new.reverses, new.batch, new.number)
            ):
                # and what reverses it, which is the opposite of what it does now
                for m in before.values():
                    if new.id in (m.id, m.reverses):
                        self.unbook(m)
                        self.booked.add(m.id)
                if (
                    (old.product, old.location, old.direction, old.type)
                    != (new.product, new.location, new.direction, new.type)
                ) or (
                    (old.reverses, old.batch, old.number) != (new.reverses, new.batch, new.number)
                ):
                    self.chosen.add(new.id)

    def unbook(self, old: Movement) -> None:
        if old.id not in self.inserted:
            self.unbooked.setdefault(old.id, old)

    def rows_as(self, m: Movement) -> None:
        self.receipts = [
            replace(r, occurred_at=m.occurred_at) if r.movement == m.id else r
            for r in self.receipts
        ]
        self.consumptions = [
            replace(c, occurred_at=m.occurred_at, reference=m.reference)
            if c.movement == m.id
            else c
            for c in self.consumptions
        ]

    def delete(self, ids: Iterable[int]) -> None:
        for n in ids:
            old = self.movements.pop(n)
            if self.products[old.product].tracks:
                self.unbook(old)

    def track(self, product: int, on: bool) -> None:
        if self.products[product].tracks == on:
            return
        self.settle()
        self.products[product] = replace(self.products[product], tracks=on)
        if on:
            for location, quantity in by_place(self.stock(product)):
                self.adjust_opening(product, location, quantity)
        else:
            for b in self.live(product):
                self.batches[b.seq] = replace(b, status="retired")

    # Settle ---------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Do in batches what was written; raise Refused with every code that may come."""
        booked, unbooked = self.booked, self.unbooked
        self.kept = {}
        for n in set(unbooked) - self.chosen:
            had = [r.batch for r in self.receipts
                   if r.movement == n and r.of is None and self.is_live(r)]  # fmt: skip
            if len(had) == 1:
                self.kept[n] = had[0]
        self.booked, self.unbooked, self.inserted = set(), {}, set()
        self.chosen = set()
        refused: set[str] = set()
        for p in sorted(self.products):
            try:
                self.settle_product(
                    p,
                    [m for n in booked if (m := self.movements.get(n)) and m.product == p],
                    unbooked,
                    booked,
                )
            except Refused as error:
                refused |= set(error.args)
        if refused:
            raise Refused(*refused)

    def settle_product(
        self, p: int, booked: list[Movement], unbooked: dict[int, Movement], all_booked: set[int]
    ) -> None:
        # 1. What was changed or deleted: what it took is back, what it brought goes last.
        gone: dict[int, Decimal] = {}
        had_rows = set()
        for rows, sign in ((self.receipts, -1), (self.consumptions, 1)):
            for row in list(rows):
                b = self.batches[row.batch]
                if row.movement in unbooked and b.product == p and b.status != "retired":
                    had_rows.add(row.movement)
                    rows.remove(row)
                    change = sign * row.quantity
                    if change < 0:  # not yet
                        gone[b.seq] = gone.get(b.seq, ZERO) - change
        self.held = gone

        if not self.products[p].tracks:
            return

        # 2. What is of a time before the batches.
        opening: dict[int | None, Decimal] = {}
        for n, old in unbooked.items():
            if old.product == p and n not in had_rows:
                opening[old.location] = opening.get(old.location, ZERO) - old.signed
        for location, quantity in by_place(opening):
            self.adjust_opening(p, location, quantity)

        # 3. In the order in which they occurred.
        unmet: Unmet = []
        step_of = {m.id: self.step(m, all_booked) for m in booked}

        def turn(m: Movement) -> tuple[datetime, int, int]:
            step, at = step_of[m.id], m.occurred_at
            if step == "reverse":
                original = self.movements[m.reverses or 0]
                # never before what it reverses
                if original.id in all_booked and original.occurred_at >= at:
                    return original.occurred_at, 4, m.id
            first = {"receive": 1, "consume": 3 if m.takes_unfit == "never" else 2}
            return at, first.get(step, 3), m.id

        ordered = sorted(booked, key=turn)
        for step, group in groupby(ordered, key=lambda m: step_of[m.id]):
            movements = list(group)
            if step == "bring back":
                self.bring_back(movements)
            elif step == "reverse":
                unmet = self.reverse(movements, unmet)
            else:
                for m in movements:
                    if step == "receive":
                        self.receive(m, m.quantity)
                    elif left := self.consume(m, m.quantity):
                        unmet.append((m, left))

        # 4. What is not there any more.
        self.held = {}
        if any(self.remaining(b) < 0 for b in gone):
            raise Refused("SS001")

        # 5. What was not there in its turn.
        for m, left in unmet:
            if self.consume(m, left):
                raise Refused("SS001")

    def there(self, seq: int) -> Decimal:
        """What can be had while what is taken back has not gone."""
        return self.remaining(seq) + self.held.get(seq, ZERO)

    def step(self, m: Movement, all_booked: set[int]) -> str:
        if m.reverses is not None and (
            m.reverses in all_booked
            or any(
                row.movement == m.reverses and self.is_live(row)
                for row in (*self.receipts, *self.consumptions)
            )
        ):
            return "reverse"
        if m.direction == "out":
            return "consume"
        if m.brings_back and m.reverses is None and m.batch is None and m.number is None:
            return "bring back"
        return "receive"

    # Out ------------------------------------------------------------------------------------------

    def order(self, m: Movement) -> Callable[[Batch], tuple[object, ...]]:
        strategy = self.products[m.product].strategy

        def key(b: Batch) -> tuple[object, ...]:
            expired = b.expiry is not None and b.expiry < self.day(m.occurred_at)
            at = b.received_at.timestamp()
            chosen: tuple[object, ...] = {
                "fefo": (b.expiry or date.max, b.received_at, b.seq),
                "fifo": (b.received_at, b.seq),
                "lifo": (-at, -b.seq),
            }[strategy]
            unfit = expired or b.status == "quarantined"
            return (unfit == (m.takes_unfit != "first"), b.status != "active", *chosen)

        return key

    def consume(self, m: Movement, quantity: Decimal) -> Decimal:
        """Take what there is and return what is still wanted."""
        day = self.day(m.occurred_at)
        for b in sorted(self.live(m.product), key=self.order(m)):
            expired = b.expiry is not None and b.expiry < day
            if (
                b.location != m.location
                or (m.batch is not None and b.id != m.batch)
                or (m.number is not None and b.number != m.number)
                or (m.takes_unfit == "never" and b.status == "quarantined")
                or (m.takes_unfit == "never" and expired and self.expired_batches == "never")
            ):
                continue
            taken = min(quantity, self.there(b.seq))
            if taken > 0:
                self.take(m, b.seq, taken)
                quantity -= taken
        return quantity

    def take(self, m: Movement, seq: int, quantity: Decimal, of: int | None = None) -> None:
        self.consumptions.append(Row(m.id, seq, quantity, of, m.type, m.reference, m.occurred_at))

    # In -------------------------------------------------------------------------------------------

    def bring(
        self,
        m: Movement | None,
        quantity: Decimal,
        like: Batch,
        of: int | None = None,
    ) -> None:
        """Bring into the batch that is like this one, or make it so."""
        found = [
            b
            for b in self.live(like.product)
            if (b.location, b.number, b.expiry, b.cost)
            == (like.location, like.number, like.expiry, like.cost)
        ]
        if found:
            (b,) = found
        else:
            numbered = [b for b in self.live(like.product) if b.number == like.number]
            held = any(b.status == "quarantined" for b in numbered)
            status = "quarantined" if held else "active"
            b = replace(like, seq=len(self.batches) + 1, id=None, status=status)
            self.batches[b.seq] = b
        self.receipts.append(
            Row(m and m.id, b.seq, quantity, of, occurred_at=m.occurred_at if m else None)
        )

    def receive(self, m: Movement, quantity: Decimal) -> None:
        p = self.products[m.product]
        here = Batch(0, m.product, m.location, "", None, None, m.occurred_at)
        if m.batch is not None:
            named = [b for b in self.batches.values() if b.id == m.batch and b.product == m.product]
            if not named:
                raise Refused("23503")
            self.bring(m, quantity, replace(named[0], location=m.location, origin=named[0].lot))
            return
        if m.id in self.kept:
            self.bring(m, quantity, self.batches[self.kept[m.id]])
            return
        alike = [b for b in self.live(m.product) if b.number == (m.number or f"#{m.id}")]
        same = [
            b
            for b in alike
            if b.location == m.location
            and m.expiry in (None, b.expiry)
            and (m.brings_back or m.cost in (None, b.cost))
        ]
        if same:
            self.bring(m, quantity, same[-1])
            return
        here = replace(here, number=m.number or f"#{m.id}", expiry=m.expiry, cost=m.cost)
        if alike:
            newest = alike[-1]
            here = replace(here, expiry=m.expiry or newest.expiry)
            if m.brings_back:
                here = replace(
                    here, cost=newest.cost, origin=newest.lot, received_at=newest.received_at
                )
            elif m.cost is None:
                here = replace(here, cost=newest.cost)
        if here.cost is None and not (alike and m.brings_back):
            here = replace(here, cost=p.cost)
        self.bring(m, quantity, here)

    def outstanding(
        self, product: int, type_: str, reference: str | None
    ) -> list[tuple[int, int, Decimal]]:
        """Return (movement, batch, quantity) of what was taken, the last first."""
        taken = [
            c
            for c in self.consumptions
            if c.of is None and self.batches[c.batch].product == product
        ]
        if reference is not None:
            taken = [c for c in taken if (c.reference, c.type) == (reference, type_)]
        else:
            last = sorted(
                (m for m in self.movements.values() if m.product == product),
                key=lambda m: m.occurred_at,
                reverse=True,
            )[:1000]
            last = sorted(
                (m for m in last if m.type == type_),
                key=lambda m: (m.occurred_at, m.id),
                reverse=True,
            )[:100]
            taken = [c for c in taken if c.movement in {m.id for m in last}]
        found = []
        for n, lot in {(c.movement, self.batches[c.batch].lot) for c in taken}:
            assert n is not None
            of_it = [c for c in taken if c.movement == n and self.batches[c.batch].lot == lot]
            back = [c.quantity for c in self.consumptions
                    if c.of == n and self.batches[c.batch].lot == lot]  # fmt: skip
            moved = [r.quantity for r in self.receipts
                     if r.of == n and self.batches[r.batch].lot == lot]  # fmt: skip
            left = sum((c.quantity for c in of_it), ZERO) + sum(back, ZERO) - sum(moved, ZERO)
            if left > 0:
                at = min(c.occurred_at for c in of_it if c.occurred_at)
                found.append((at, n, min(c.batch for c in of_it), left))
        return [(n, b, q) for _, n, b, q in sorted(found, reverse=True)]

    def bring_back(self, movements: list[Movement]) -> None:
        """First all that have a reference, then what is left, then as something new."""
        left = {m.id: m.quantity for m in movements}
        for by_reference in (True, False):
            keys = sorted({self.source(m, by_reference) for m in movements}, key=str)
            pieces = [
                (movements.index(m), m, source)
                for key in keys
                if not by_reference or key[1] is not None
                for m, source in shared(
                    [m for m in movements if self.source(m, by_reference) == key],
                    left,
                    self.outstanding(movements[0].product, *key),
                )
            ]
            for _, m, (n, seq, quantity) in sorted(
                pieces, key=lambda piece: (piece[0], self.batches[piece[2][1]].lot)
            ):
                b = self.batches[seq]
                if b.location == m.location and b.status != "retired":
                    self.take(m, seq, -quantity, n)
                else:
                    self.bring(m, quantity, replace(b, location=m.location, origin=b.lot), n)
        for m in movements:
            if left[m.id]:
                self.receive(m, left[m.id])

    @staticmethod
    def source(m: Movement, by_reference: bool) -> tuple[str, str | None]:
        assert m.brings_back is not None
        return m.brings_back, m.reference if by_reference else None

    # Both -----------------------------------------------------------------------------------------

    def reverse(self, movements: list[Movement], unmet: Unmet) -> Unmet:
        # What is taken back must have been had.
        reversed_ids = {v.reverses for v in movements}
        for m, left in unmet:
            if m.id in reversed_ids and self.consume(m, left):
                raise Refused("SS001")
        for v in movements:
            for row in [r for r in self.receipts if r.movement == v.reverses and self.is_live(r)]:
                self.receipts.append(
                    Row(v.id, row.batch, -row.quantity, row.of or v.reverses,
                        occurred_at=v.occurred_at)
                )  # fmt: skip
            for row in [
                c for c in self.consumptions if c.movement == v.reverses and self.is_live(c)
            ]:
                self.take(v, row.batch, -row.quantity, row.of or v.reverses)
        if any(self.there(b.seq) < 0 for b in self.live(movements[0].product)):
            raise Refused("SS001")
        return [(m, left) for m, left in unmet if m.id not in reversed_ids]

    def adjust_opening(self, product: int, location: int | None, quantity: Decimal) -> None:
        if not quantity:
            return
        openings = [
            b
            for b in self.live(product)
            if b.location == location
            and any(r.batch == b.seq and r.movement is None for r in self.receipts)
        ]
        if openings:
            seq = openings[0].seq
            self.receipts.append(Row(None, seq, quantity))
        else:
            like = Batch(
                0, product, location, "opening", None, self.products[product].cost, self.now
            )
            self.bring(None, quantity, like)
            seq = self.receipts[-1].batch
            b = self.batches[seq]
            self.batches[seq] = replace(b, received_at=min(b.received_at, self.now))
        if self.there(seq) < 0:
            raise Refused("SS001")


def by_place(stock: dict[int | None, Decimal]) -> list[tuple[int | None, Decimal]]:
    return sorted(stock.items(), key=lambda item: (item[0] is not None, item[0] or 0))


def shared(
    movements: list[Movement], left: dict[int, Decimal], sources: list[tuple[int, int, Decimal]]
) -> Iterator[tuple[Movement, tuple[int, int, Decimal]]]:
    """Yield who gets how much from which source, both in their order, and count ``left`` down."""
    there = [list(source) for source in sources]
    for m in movements:
        for source in there:
            n, b, quantity = source
            part = min(left[m.id], Decimal(quantity))
            if part > 0:
                source[2] = Decimal(quantity) - part
                left[m.id] -= part
                yield m, (int(n), int(b), part)
