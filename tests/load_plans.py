"""The transactions of ``tests.crash_load``: what each does, and what is there once it is committed.

Products are locked when stock is settled, in the order of their numbers. What settles before its
end (SET CONSTRAINTS, a count) therefore goes through its products in this order, or locks them
first, as README says: else it could deadlock with transactions that only insert, and one of these
be the one that is ended. None of them may ever be.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

READ_COMMITTED = "read committed"
ISOLATIONS = (READ_COMMITTED, "repeatable read", "serializable")

MODES = ("wait", "never_wait", "escrow", None)
# Contention, allow_negative, tracks_batches, stock at the beginning: one row for each product.
PRODUCTS = (
    *[("wait", None, False, 300)] * 3,
    *[("never_wait", None, False, 300)] * 4,
    *[("never_wait", True, False, 0)] * 2,
    *[(None, None, False, 300)] * 2,
    *[("wait", False, False, 25)] * 3,
    *[(None, False, False, 25)] * 1,
    *[("never_wait", False, False, 25)] * 2,
    *[("escrow", False, False, 25)] * 4,
    *[("escrow", False, False, 400)] * 4,
    *[("wait", False, True, 150)] * 1,
    *[("never_wait", None, True, 150)] * 2,
    *[("escrow", False, True, 150)] * 1,
    *[(None, None, True, 150)] * 1,
)
IDS = range(1, len(PRODUCTS) + 1)
# A few of each kind are asked for far more often than the others.
WEIGHTS = [8 if n % 3 == 0 else 1 for n in range(len(PRODUCTS))]
LOCATIONS = (1, 2)

INSERT = (
    "insert into stock_movements (product_id, transaction_type, quantity, location_id,"
    " occurred_at, batch_number, idempotency_key) values "
)
LINE = "(%s, %s, %s, %s, now() - %s * interval '1 s', %s, %s)"

# What the database must hold, by what it is: ("movement", key), ("count", name),
# ("product", id, column), ("settings", column). As a change, None is: no more.
Facts = dict[tuple[Any, ...], Any]


@dataclass
class Step:
    """A statement, and the facts that it makes."""

    query: str
    parameters: Sequence[Any] = ()
    changes: Facts = field(default_factory=dict)
    is_tried: bool = False  # in a savepoint and settled at once; refused, the rest goes on
    is_condition: bool = False  # unless it says true, the transaction is rolled back


@dataclass
class Transaction:
    """What a session does between BEGIN and the end; alone is what has no BEGIN."""

    name: str
    kind: str
    isolation: str
    steps: list[Step]
    end: str = "commit"  # or rollback, or prepare transaction
    finish: str = "commit prepared"  # or rollback prepared
    is_alone: bool = False
    pause: float = 0.0  # seconds before the end
    phase: str = "open"
    changes: Facts = field(default_factory=dict)  # of the steps that were done

    def __str__(self) -> str:
        steps = "; ".join(f"{step.query} {list(step.parameters)}" for step in self.steps)
        return f"{self.name} ({self.kind}, {self.isolation}, {self.end}, {self.phase}): {steps}"

    @property
    def is_strict(self) -> bool:
        """Whether nothing but a refusal may make it fail."""
        return self.kind in ONLY_INSERTS and self.isolation == READ_COMMITTED

    @property
    def may_deadlock(self) -> bool:
        return self.kind in ("delete", "count", "product", "switch")


class Planner:
    """Draws the transactions of one session; what it changes is the session's alone."""

    def __init__(self, name: str, number: int, sessions: int, chance: random.Random) -> None:
        self.name = name
        self.chance = chance
        self.owned = [n for n in IDS if n % sessions == number]
        self.owns_settings = number == 0
        self.count = 0
        self.lines = 0
        self.facts: Facts = {}

    def plan(self, facts: Facts) -> Transaction:
        """Return the next transaction of a session of which these are the facts."""
        self.count += 1
        self.lines = 0
        self.facts = facts
        kinds = [*ONLY_INSERTS, *OTHERS]
        weights = [weight for _, weight in (ONLY_INSERTS | OTHERS).values()]
        kind = self.chance.choices(kinds, weights)[0]
        make, _ = (ONLY_INSERTS | OTHERS)[kind]
        transaction = Transaction(
            f"{self.name}:{self.count}",
            kind,
            self.chance.choices(ISOLATIONS, (60, 25, 15))[0],
            make(self),
        )
        if kind == "switch":
            transaction.isolation = READ_COMMITTED  # above it is refused
        if kind == "upkeep":
            transaction.isolation = READ_COMMITTED
            transaction.is_alone = True  # procedures commit
        else:
            transaction.end = self.chance.choices(
                ("commit", "rollback", "prepare transaction"), (88, 4, 8)
            )[0]
        if self.chance.random() < 0.3:
            transaction.finish = "rollback prepared"
        if transaction.end == "prepare transaction" or self.chance.random() < 0.1:
            transaction.pause = self.chance.uniform(0.0, 0.03)
        return transaction

    # Lines --------------------------------------------------------------------------------------

    def products(self, least: int, most: int) -> list[int]:
        """Draw so many different products, in random order."""
        wanted = self.chance.randint(least, most)
        drawn: dict[int, None] = {}
        while len(drawn) < wanted:
            drawn[self.chance.choices(IDS, WEIGHTS)[0]] = None
        return list(drawn)

    def line(self, product: int) -> tuple[list[Any], Facts]:
        key = f"{self.name}:{self.count}.{self.lines}"
        self.lines += 1
        kind = self.chance.choices(("purchase", "sale_return", "sale", "damage"), (42, 6, 46, 6))[0]
        quantity: Any = self.chance.randint(1, 9)
        _, allow_negative, _, stock = PRODUCTS[product - 1]
        match self.chance.randrange(40):
            case 0 if kind == "sale" and allow_negative is False:
                quantity = 3 * stock  # more than there is, as a rule
            case 1 | 2:
                quantity = Decimal(quantity) / 4
        # Seldom more than there is at a place, or no product could begin to track batches.
        location = None
        if self.chance.random() < (0.15 if kind == "purchase" else 0.02):
            location = self.chance.choice(LOCATIONS)
        batch = self.chance.choice(("L1", "L2")) if self.chance.random() < 0.1 else None
        ago = self.chance.choices((0, 5, 3 * 3600, 20 * 86400), (85, 7, 5, 3))[0]
        return (
            [product, kind, quantity, location, ago, batch, key],
            {("movement", key): (product, kind, quantity, location)},
        )

    def insert(self, products: list[int]) -> Step:
        step = Step(INSERT + ", ".join([LINE] * len(products)), [])
        for product in products:
            values, fact = self.line(product)
            step.parameters = [*step.parameters, *values]
            step.changes |= fact
        return step

    # Transactions that only insert --------------------------------------------------------------

    def one_line(self) -> list[Step]:
        return [self.insert(self.products(1, 1))]

    def lines_of_one_statement(self) -> list[Step]:
        return [self.insert(self.products(2, 5))]

    def statements(self) -> list[Step]:
        steps = []
        for _ in range(self.chance.randint(2, 4)):
            step = self.insert(self.products(1, 3))
            match self.chance.randrange(5):
                case 0:
                    step.changes = {}
                    steps += [Step("savepoint s"), step, Step("rollback to s")]
                case 1:
                    steps += [Step("savepoint s"), step, Step("release s")]
                case _:
                    steps.append(step)
        return steps

    def settled_in_the_middle(self) -> list[Step]:
        products = sorted(self.products(2, 6))
        cut = self.chance.randrange(1, len(products))
        steps = [self.insert(products[:cut]), Step("set constraints all immediate")]
        if self.chance.random() < 0.3:
            steps.append(Step("set constraints all deferred"))
        return steps + [self.insert([product]) for product in products[cut:]]

    def locked_first(self) -> list[Step]:
        products = self.products(2, 4)
        steps = [Step("select stocksync.lock_products(%s)", [products])]
        for product in products:
            steps += [self.insert([product]), Step("set constraints all immediate")]
        return steps

    def tried(self) -> list[Step]:
        steps = []
        for product in sorted(self.products(2, 4)):
            step = self.insert([product])
            step.is_tried = self.chance.random() < 0.7
            steps.append(step)
        return steps

    def transfer(self) -> list[Step]:
        [product] = self.products(1, 1)
        here, there = None, self.chance.choice(LOCATIONS)
        if self.chance.random() < 0.1:
            here, there = there, here
        quantity = self.chance.randint(1, 3)
        key = f"{self.name}:{self.count} transfer"
        return [
            Step(
                "select stocksync.transfer_stock(%s, %s, %s, %s, p_idempotency_key => %s)",
                [product, quantity, here, there, key],
                {
                    ("movement", f"{key} out"): (product, "transfer_out", quantity, here),
                    ("movement", f"{key} in"): (product, "transfer_in", quantity, there),
                },
            )
        ]

    # Others -------------------------------------------------------------------------------------

    def update(self) -> list[Step]:
        return self.edit(is_delete=False)

    def delete(self) -> list[Step]:
        return self.edit(is_delete=True)

    def edit(self, *, is_delete: bool) -> list[Step]:
        """Change or delete movements of this session's own, as the owner may."""
        own = [key for key in self.facts if key[0] == "movement" and "transfer" not in key[1]]
        steps = []
        for fact in self.chance.sample(own, min(len(own), self.chance.randint(1, 2))):
            product, kind, quantity, location = self.facts[fact]
            if is_delete:
                steps.append(
                    Step(
                        "delete from stock_movements where idempotency_key = %s",
                        [fact[1]],
                        {fact: None},
                    )
                )
                continue
            match self.chance.randrange(3):
                case 0:
                    quantity = self.chance.randint(1, 12)
                case 1:
                    [product] = self.products(1, 1)
            steps.append(
                Step(
                    "update stock_movements set product_id = %s, quantity = %s,"
                    " occurred_at = occurred_at - %s * interval '1 s' where idempotency_key = %s",
                    [product, quantity, self.chance.choice((0, 0, 1, 86400)), fact[1]],
                    {fact: (product, kind, quantity, location)},
                )
            )
        if not steps or self.chance.random() < 0.5:
            steps.append(self.insert(self.products(1, 2)))
        return steps

    def counted(self) -> list[Step]:
        [product] = self.products(1, 1)
        name = f"{self.name}:{self.count}"
        stock = PRODUCTS[product - 1][3]
        steps = [
            Step(
                "select stocksync.record_count(%s, %s, clock_timestamp() - %s * interval '1 s',"
                " p_user_id => %s)",
                [
                    product,
                    max(0, stock + self.chance.randint(-20, 20)),
                    # null is now
                    self.chance.choice((None, None, None, 1, 60)),
                    name,
                ],
                {("count", name): product},
            )
        ]
        if self.chance.random() < 0.3:
            steps.append(self.insert([product]))
        return steps

    def product(self) -> list[Step]:
        """Update a product and then insert: with the locks first, as README says."""
        own = self.chance.choice(self.owned)
        products = [n for n in self.products(1, 3) if n != own]
        point = self.chance.randint(0, 50)
        return [
            Step("select stocksync.lock_products(%s)", [[own, *products]]),
            Step(
                "update products set reorder_point = %s where id = %s",
                [point, own],
                {("product", own, "reorder_point"): point},
            ),
            self.insert([own, *products]),
        ]

    def switch(self) -> list[Step]:
        chosen = self.chance.sample(self.owned, self.chance.randint(1, min(2, len(self.owned))))
        own = chosen[0]
        mode = self.chance.choice(MODES)
        steps = [Step("set local lock_timeout = '2s'")]
        match self.chance.randrange(9):
            case 0 | 1 | 2:
                steps.append(
                    Step(
                        "select stocksync.use_mode(%s, %s::bigint[])",
                        [mode, chosen],
                        {("product", n, "contention"): mode for n in chosen},
                    )
                )
            case 3 if self.owns_settings:
                mode = self.chance.choice(("wait", "never_wait"))
                steps.append(
                    Step(
                        "select stocksync.use_mode(%s)", [mode], {("settings", "contention"): mode}
                    )
                )
            case 3 | 4:
                steps.append(self.set_column(own, "contention", mode))
            case 5 | 6:
                allows = self.chance.choice((True, False, False, None))
                steps.append(self.set_column(own, "allow_negative", allows))
                if allows is False:
                    # What is below zero already may stay there, and nobody could tell it from
                    # what has fallen there since.
                    steps.append(
                        Step(
                            "select quantity_on_hand >= 0 from stock_on_hand where product_id = %s",
                            [own],
                            is_condition=True,
                        )
                    )
            case _:
                tracks = not self.facts["product", own, "tracks_batches"]
                steps.append(self.set_column(own, "tracks_batches", tracks))
        if self.chance.random() < 0.2:
            steps.append(self.insert([own]))
        return steps

    def set_column(self, product: int, column: str, value: Any) -> Step:
        return Step(
            f"update products set {column} = %s where id = %s",
            [value, product],
            {("product", product, column): value},
        )

    def upkeep(self) -> list[Step]:
        return [
            Step(
                self.chance.choices(
                    (
                        "select stocksync.fold()",
                        "call stocksync.refresh()",
                        "call stocksync.sync()",
                    ),
                    (6, 2, 1),
                )[0]
            )
        ]


# How they are made, and how often they are drawn.
Kinds = dict[str, tuple[Callable[[Planner], list[Step]], int]]
ONLY_INSERTS: Kinds = {
    "one line": (Planner.one_line, 300),
    "lines": (Planner.lines_of_one_statement, 180),
    "statements": (Planner.statements, 200),
    "settled in the middle": (Planner.settled_in_the_middle, 60),
    "locked first": (Planner.locked_first, 20),
    "tried": (Planner.tried, 60),
    "transfer": (Planner.transfer, 30),
}
OTHERS: Kinds = {
    "update": (Planner.update, 50),
    "delete": (Planner.delete, 30),
    "count": (Planner.counted, 25),
    "product": (Planner.product, 15),
    "switch": (Planner.switch, 30),
    "upkeep": (Planner.upkeep, 10),
}
