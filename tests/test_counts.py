"""Counts that meet sessions, and counts in any history: what was counted stands to the unit.

Where an order matters it is forced, as in test_concurrency: a session is started in the background
and the test goes on when pg_stat_activity says that it waits.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg
import pytest
from helpers import differences, move, only, product, session, stock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import IsolationLevel
from psycopg.errors import SerializationFailure
from test_concurrency import TIMEOUT, Actor, at_once, together, wait_until, wait_until_blocked

SETTINGS = ("keep_count", "keep_difference")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)

SALE = (
    "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
    " values (%s, 'sale', %s, %s)"
)
COUNT = "select * from stocksync.record_count(%s, %s, %s)"


def use(db: psycopg.Connection, setting: str) -> None:
    db.execute("update stocksync.settings set late_movements_before_count = %s", (setting,))


def as_of(db: psycopg.Connection, product_id: int, at: datetime) -> Decimal:
    return only(db, "select quantity from stocksync.stock_as_of(%s, %s)", (at, product_id))


def wrong_counts(db: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Return the counts that stand and are not what the movements say of their moment."""
    return db.execute(
        """
        select c.id, c.quantity, c.balance, s.quantity
        from stocksync.counts as c
        cross join lateral (
            select coalesce(
                sum(case m.movement_type when 'in' then m.quantity else -m.quantity end), 0
            ) as quantity
            from stock_movements as m
            where m.product_id = c.product_id and m.occurred_at <= c.counted_at
                and m.location_id is not distinct from c.location_id
        ) as s
        where c.balance <> s.quantity
        """
    ).fetchall()


# Sessions that meet -------------------------------------------------------------------------------


@pytest.fixture
def actor(ledger: psycopg.Connection, ledger_url: str) -> Iterator[Callable[[str], Actor]]:
    """Open named sessions; whatever they still do at the end of the test is terminated."""
    actors: list[Actor] = []

    def make(name: str) -> Actor:
        actors.append(Actor(ledger_url, name))
        return actors[-1]

    yield make
    ledger.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    for one in actors:
        one.close()
    assert differences(ledger) == []
    assert wrong_counts(ledger) == []


@pytest.mark.parametrize(("setting", "left"), [("keep_count", 12), ("keep_difference", 10)])
def test_a_sale_under_way_before_the_count_that_commits_after_it(
    ledger: psycopg.Connection, actor, setting: str, left: int
) -> None:
    use(ledger, setting)
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    seller = actor("seller")
    seller("begin")
    seller(SALE, (p, 2, NOON - timedelta(hours=1)))
    ledger.execute(COUNT, (p, 12, NOON))  # does not wait: nothing has settled
    assert stock(ledger, p) == 12
    seller("commit")
    assert stock(ledger, p) == as_of(ledger, p, NOON) == left
    assert (
        only(ledger, "select context ->> 'setting' from stocksync.log where level = 'warning'")
        == setting
    )


def test_a_sale_of_this_moment_under_way_while_somebody_counts_now(
    ledger: psycopg.Connection, actor
) -> None:
    """What the seller has in hand was not on the shelf: by time the sale is before the count."""
    p = product(ledger)
    move(ledger, p, 15)
    seller = actor("seller")
    seller("begin")
    seller(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%s, 'sale', 2)",
        (p,),
    )
    ledger.execute("select stocksync.record_count(%s, 13)", (p,))
    seller("commit")
    assert stock(ledger, p) == 13


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("at", [NOON, None])
def test_a_sale_that_commits_while_the_count_waits_for_the_product(
    ledger: psycopg.Connection, actor, setting: str, at: datetime | None
) -> None:
    use(ledger, setting)
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    seller, counter = actor("seller"), actor("counter")
    seller("begin")
    seller(SALE, (p, 2, NOON - timedelta(hours=1)))
    seller("set constraints all immediate")  # it holds the product
    counting = counter.start(COUNT, (p, 12, at))
    wait_until_blocked(ledger, "counter")
    seller("commit")
    [(_, _, counted, expected, difference, on_hand, *_)] = counting.result(TIMEOUT)
    assert (counted, expected, difference, on_hand) == (12, 13, -1, 12)
    assert stock(ledger, p) == 12
    assert only(ledger, "select count(*) from stocksync.log where level = 'warning'") == 0


@pytest.mark.parametrize(("setting", "left"), [("keep_count", 12), ("keep_difference", 10)])
@pytest.mark.parametrize("lines", [1, 2])
def test_a_sale_that_waits_for_the_product_while_somebody_counts(
    ledger: psycopg.Connection, actor, setting: str, left: int, lines: int
) -> None:
    """Its statement began before the count was there, and must see it all the same."""
    use(ledger, setting)
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    seller, counter = actor("seller"), actor("counter")
    counter("begin")
    counter(COUNT, (p, 12, NOON))
    seller("begin")
    for _ in range(lines):
        seller(SALE, (p, Decimal(2) / lines, NOON))
    committing = seller.start("commit")
    wait_until_blocked(ledger, "seller")
    counter("commit")
    committing.result(TIMEOUT)
    assert stock(ledger, p) == left


@pytest.mark.parametrize("counted", [12, 15])
def test_a_writer_with_an_older_snapshot_than_the_count_fails_rather_than_miss_it(
    ledger: psycopg.Connection, actor, counted: int
) -> None:
    """Also where the count was equal to the stock, and nothing was booked."""
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    seller = actor("seller")
    seller("begin isolation level repeatable read")
    seller("select 1 from products")
    ledger.execute(COUNT, (p, counted, NOON))
    with pytest.raises(SerializationFailure):
        seller(SALE, (p, 2, NOON))
        seller("commit")
    assert stock(ledger, p) == counted


def test_a_count_with_an_older_snapshot_than_a_sale_fails(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    with session(ledger_url) as counter:
        counter.isolation_level = IsolationLevel.REPEATABLE_READ
        with pytest.raises(SerializationFailure), counter.transaction():
            counter.execute("select 1 from products")
            ledger.execute(SALE, (p, 2, NOON))
            counter.execute(COUNT, (p, 12, NOON))
    assert stock(ledger, p) == 13


def test_two_who_count_the_same_at_once(ledger: psycopg.Connection, actor, ledger_url: str) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    found = at_once(ledger_url, 6, COUNT, (p, 12, NOON))
    assert sorted(row[4] for row in found) == [-3, 0, 0, 0, 0, 0]
    assert stock(ledger, p) == 12
    assert only(ledger, "select count(*) from stocksync.counts where balance is not null") == 1


def test_the_second_of_two_different_counts_of_one_moment_stands(
    ledger: psycopg.Connection, actor
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    first, second = actor("first"), actor("second")
    first("begin")
    first(COUNT, (p, 12, NOON))
    counting = second.start(COUNT, (p, 14, NOON))
    wait_until_blocked(ledger, "second")
    first("commit")
    assert counting.result(TIMEOUT)[0][3:5] == (12, 2)
    ledger.execute(SALE, (p, 5, NOON - timedelta(hours=1)))
    assert stock(ledger, p) == 14
    assert ledger.execute("select balance from stocksync.counts order by id").fetchall() == [
        (None,),
        (14,),
    ]


def test_a_large_insert_and_a_stock_take_at_once(
    ledger: psycopg.Connection, actor, ledger_url: str
) -> None:
    ids = [product(ledger, f"P{n}") for n in range(40)]
    loader, counter = actor("loader"), actor("counter")
    insert = (
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        " select p, 'purchase', 3, %s from unnest(%s::bigint[]) as p"
    )
    loader("begin")
    loader(insert, (NOON - timedelta(hours=1), ids[::-1]))
    counter("begin")
    for p in ids[:20]:
        counter(COUNT, (p, 7, NOON))
    committing = loader.start("commit")
    wait_until_blocked(ledger, "loader")
    counter("commit")
    committing.result(TIMEOUT)
    assert {stock(ledger, p) for p in ids[:20]} == {7}
    assert {stock(ledger, p) for p in ids[20:]} == {3}
    # and the other way round: the loader holds the products
    loader("begin")
    loader(insert, (NOON, ids))
    loader("set constraints all immediate")
    counting = counter.start(COUNT, (ids[-1], 5, NOON))
    wait_until_blocked(ledger, "counter")
    loader("commit")
    assert counting.result(TIMEOUT)[0][3] == 6
    assert stock(ledger, ids[-1]) == 5


@pytest.mark.parametrize("statements", [1, 3])
def test_a_transaction_of_several_products_comes_late_for_some(
    ledger: psycopg.Connection, actor, statements: int
) -> None:
    a, b, c = (product(ledger, sku) for sku in "ABC")
    shelf = only(ledger, "insert into locations (name) values ('shelf') returning id")
    for p in (a, b, c):
        move(ledger, p, 10, occurred_at=NOON - timedelta(days=1))
        move(ledger, p, 10, location_id=shelf, occurred_at=NOON - timedelta(days=1))
    writer = actor("writer")
    writer("begin")
    lines = [(c, shelf, NOON), (a, None, NOON), (b, None, NOON + timedelta(seconds=1))]
    insert = (
        "insert into stock_movements"
        " (product_id, location_id, transaction_type, quantity, occurred_at)"
        " select p, l, 'sale', 1, t from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[])"
        " as u (p, l, t)"
    )
    for chunk in [[line] for line in lines] if statements == 3 else [lines]:
        writer(insert, [list(column) for column in zip(*chunk, strict=True)])
    for p in (a, b, c):
        ledger.execute(COUNT, (p, 8, NOON))
        ledger.execute(
            "select stocksync.record_count(%s, 9, %s, p_location_id => %s)", (p, NOON, shelf)
        )
    writer("commit")
    assert [stock(ledger, p) for p in (a, b, c)] == [17, 16, 17]


def test_sales_go_on_while_everything_is_counted_again_and_again(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    ids = [product(ledger, f"P{n}") for n in range(3)]

    def sell(seed: int) -> Callable[[], None]:
        def work() -> None:
            chance = random.Random(seed)
            with session(ledger_url) as connection:
                for _ in range(40):
                    with connection.transaction():
                        for _ in range(chance.randint(1, 2)):
                            connection.execute(
                                "insert into stock_movements"
                                " (product_id, transaction_type, quantity, occurred_at)"
                                " values (%s, %s, %s, now() - %s * interval '1 ms')",
                                (
                                    chance.choice(ids),
                                    chance.choice(["sale", "purchase"]),
                                    chance.randint(1, 5),
                                    chance.randint(0, 30),
                                ),
                            )

        return work

    def tally(seed: int) -> Callable[[], None]:
        def work() -> None:
            chance = random.Random(seed)
            with session(ledger_url) as connection:
                for _ in range(30):
                    connection.execute(
                        "select stocksync.record_count(%s, %s)",
                        (chance.choice(ids), chance.randint(0, 50)),
                    )

        return work

    for setting in SETTINGS:
        use(ledger, setting)
        together(*(sell(n) for n in range(4)), *(tally(n) for n in range(3)))
        assert differences(ledger) == []
        assert wrong_counts(ledger) == []
    assert only(ledger, "select count(*) from stocksync.counts") == 180


@pytest.mark.parametrize("late", ["refuse", "first_open_day"])
def test_a_late_movement_in_flight_while_its_period_is_closed_does_not_go_round_the_count(
    ledger: psycopg.Connection, actor, late: str
) -> None:
    """What would have to be booked at the count is final by then: the writer is refused, whole."""
    ledger.execute("update stocksync.settings set late_movements = %s", (late,))
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    ledger.execute(COUNT, (p, 12, NOON))
    seller, closer = actor("seller"), actor("closer")
    seller("begin")
    seller(SALE, (p, 2, NOON - timedelta(hours=1)))
    closing = closer.start("call stocksync.close_period('2026-03-31')")
    wait_until(ledger, "select before > '-infinity' from stocksync._closed")
    with pytest.raises(psycopg.Error) as caught:
        seller("commit")
    assert caught.value.sqlstate == "SS005"
    closing.result(TIMEOUT)
    assert stock(ledger, p) == as_of(ledger, p, NOON) == 12


def test_a_prepared_transaction_comes_late_when_it_is_prepared(
    ledger: psycopg.Connection, actor
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON - timedelta(days=1))
    seller, counter = actor("seller"), actor("counter")
    seller("begin")
    seller(SALE, (p, 2, NOON - timedelta(hours=1)))
    ledger.execute(COUNT, (p, 12, NOON))
    seller("prepare transaction 'late sale'")
    counting = counter.start(COUNT, (p, 13, NOON + timedelta(hours=1)))
    wait_until_blocked(ledger, "counter")
    ledger.execute("commit prepared 'late sale'")
    assert counting.result(TIMEOUT)[0][3] == 12
    assert stock(ledger, p) == 13


# Any history --------------------------------------------------------------------------------------

MOMENTS = [NOON + timedelta(hours=6 * n) for n in range(6)]  # two midnights among them
QUANTITIES = st.sampled_from([Decimal(1), Decimal("2.5"), Decimal(7)])
PLACES = st.sampled_from([None, 0, 1])
WHICH = st.integers(0, 1000)
MOMENT = st.sampled_from(MOMENTS)

insertion = st.tuples(
    st.just("insert"),
    st.lists(
        st.tuples(st.integers(0, 1), PLACES, MOMENT, QUANTITIES, st.booleans()),
        min_size=1,
        max_size=3,
    ),
)
step = st.one_of(
    insertion,
    st.tuples(st.just("count"), st.integers(0, 1), PLACES, MOMENT, st.sampled_from([0, 3, 10])),
    st.tuples(
        st.just("stock_take"),
        st.lists(
            st.tuples(st.integers(0, 1), PLACES, MOMENT, st.sampled_from([0, 3, 10])),
            min_size=1,
            max_size=4,
            unique_by=lambda c: c[:3],
        ),
    ),
    st.tuples(st.just("move_in_time"), WHICH, MOMENT),
    st.tuples(st.just("move_in_place"), WHICH, PLACES),
    st.tuples(st.just("swap_times"), WHICH, WHICH),
    st.tuples(st.just("delete"), WHICH),
    st.tuples(st.just("reverse"), WHICH),
    st.tuples(st.just("roll_up")),
    st.tuples(st.just("savepoint_rolled_back"), insertion),
)
transaction = st.tuples(
    st.sampled_from(SETTINGS), st.booleans(), st.booleans(), st.lists(step, min_size=1, max_size=4)
)
NUMBERS = count(1)

Key = tuple[int, int | None]


class Model:
    """The ledger as a dictionary of movements, the counts as a list; everything by force."""

    def __init__(self, db: psycopg.Connection) -> None:
        self.db = db
        self.products = [product(db, f"M{next(NUMBERS)}") for _ in range(2)]
        new_place = "insert into locations (name) values (%s) returning id"
        self.places = [only(db, new_place, (f"L{next(NUMBERS)}",)) for _ in range(2)]
        self.setting = "keep_count"
        self.read()

    def read(self) -> None:
        """Take over the movements as they are, with the corrections and their numbers."""
        self.movements = {
            number: (key_product, place, at, quantity)
            for number, key_product, place, at, quantity in self.db.execute(
                "select id, product_id, location_id, occurred_at,"
                " case movement_type when 'in' then quantity else -quantity end"
                " from stock_movements where product_id = any (%s) order by id",
                (self.products,),
            )
        }
        self.counts = [
            [*row]
            for row in self.db.execute(
                "select product_id, location_id, counted_at, balance from stocksync.counts"
                " where product_id = any (%s) order by id",
                (self.products,),
            )
        ]

    def at(self, key: Key, at: datetime) -> Decimal:
        return sum(
            (q for p, o, when, q in self.movements.values() if (p, o) == key and when <= at),
            Decimal(0),
        )

    def recheck(self) -> None:
        """Hold every count against the movements, the earliest first."""
        for one in sorted(self.counts, key=lambda c: c[2]):
            p, place, at, balance = one
            if balance is None or (found := self.at((p, place), at)) == balance:
                continue
            if self.setting == "keep_count":
                self.movements[-next(NUMBERS)] = (p, place, at, balance - found)
            else:
                one[3] = found

    def record(self, p: int, place: int | None, at: datetime, counted: int) -> None:
        for one in self.counts:
            if one[:3] == [p, place, at]:
                one[3] = None
        found = self.at((p, place), at)
        self.counts.append([p, place, at, Decimal(counted)])
        self.movements[-next(NUMBERS)] = (p, place, at, counted - found)
        self.recheck()

    def sums(self) -> dict[Any, Decimal]:
        found: dict[Any, Decimal] = defaultdict(Decimal)
        for p, place, at, quantity in self.movements.values():
            found[p, place, at] += quantity
        return {key: quantity for key, quantity in found.items() if quantity}

    def place(self, n: int | None) -> int | None:
        return None if n is None else self.places[n]

    def pick(self, which: int) -> int | None:
        there = sorted(n for n in self.movements if n > 0)
        return there[which % len(there)] if there else None

    def do(self, name: str, *given: Any) -> None:
        """Do a step in the database and in the model."""
        getattr(self, name)(*given)

    def insert(self, lines: list[tuple[Any, ...]]) -> None:
        rows = [
            (self.products[p], self.place(spot), at, quantity if is_in else -quantity)
            for p, spot, at, quantity, is_in in lines
        ]
        ids = self.db.execute(
            "insert into stock_movements"
            " (product_id, location_id, occurred_at, transaction_type, quantity)"
            " select p, l, t, case when q > 0 then 'purchase' else 'sale' end, abs(q) from unnest("
            " %s::bigint[], %s::bigint[], %s::timestamptz[], %s::numeric[]) as u (p, l, t, q)"
            " returning id",
            [list(column) for column in zip(*rows, strict=True)],
        ).fetchall()
        self.movements |= {number: row for (number,), row in zip(ids, rows, strict=True)}

    def count(self, p: int, spot: int | None, at: datetime, counted: int) -> None:
        self.recheck()  # it settles first what the transaction has written
        key = (self.products[p], self.place(spot))
        [(expected, difference, on_hand, since)] = self.db.execute(
            "select expected, difference, on_hand, moved_since"
            " from stocksync.record_count(%s, %s, %s, %s)",
            (key[0], counted, at, key[1]),
        ).fetchall()
        assert expected == self.at(key, at)
        assert difference == counted - expected
        self.record(*key, at, counted)
        now = self.at(key, datetime.max.replace(tzinfo=UTC))
        assert (on_hand, since) == (now, now - counted)
        self.read_again()

    def stock_take(self, lines: list[tuple[Any, ...]]) -> None:
        self.recheck()
        skus = dict(self.db.execute("select id, sku from products"))
        names = {None: None, **dict(self.db.execute("select id, name from locations"))}
        columns = ["sku", "location", "counted_at", "quantity"]
        statement = only(self.db, "select stocksync.stage_import('counts', %s)", (columns,))
        with self.db.cursor().copy(statement) as copy:
            for number, (p, spot, at, counted) in enumerate(lines, 2):
                place = names[self.place(spot)] or ""
                copy.write(
                    f"{number},,{skus[self.products[p]]},{place},{at.isoformat()},{counted}\n"
                )
        [(counted_lines, *_, problems)] = self.db.execute(
            "select * from stocksync.import_counts()"
        ).fetchall()
        assert (counted_lines, problems) == (len(lines), 0)
        for p, spot, at, counted in sorted(lines, key=lambda line: line[2]):
            self.record(self.products[p], self.place(spot), at, counted)
        self.read_again()

    def read_again(self) -> None:
        """After settling: the sums are those of the model, the rows are the database's."""
        expected, counts = self.sums(), Counter(map(tuple, self.counts))
        self.read()
        assert self.sums() == expected
        assert Counter(map(tuple, self.counts)) == counts

    def change(self, number: int | None, column: str, value: Any) -> None:
        if number is None or self.is_fixed(number):
            return
        self.db.execute(f"update stock_movements set {column} = %s where id = %s", (value, number))
        p, place, at, quantity = self.movements[number]
        self.movements[number] = (
            (p, value, at, quantity) if column == "location_id" else (p, place, value, quantity)
        )

    def is_fixed(self, number: int) -> bool:
        """A reversal and its original stay at one place, and are not deleted one by one."""
        return only(
            self.db,
            "select exists (select from stock_movements"
            " where reverses_id = %(n)s or (id = %(n)s and reverses_id is not null))",
            {"n": number},
        )

    def move_in_time(self, which: int, at: datetime) -> None:
        self.change(self.pick(which), "occurred_at", at)

    def move_in_place(self, which: int, spot: int | None) -> None:
        self.change(self.pick(which), "location_id", self.place(spot))

    def swap_times(self, which: int, other: int) -> None:
        """One statement, of which the sums of a day may not change."""
        a, b = self.pick(which), self.pick(other)
        if a is None or b is None or a == b:
            return
        self.db.execute(
            "update stock_movements as m set occurred_at = o.occurred_at"
            " from stock_movements as o"
            " where (m.id, o.id) in ((%(a)s, %(b)s), (%(b)s, %(a)s))",
            {"a": a, "b": b},
        )
        one, two = self.movements[a], self.movements[b]
        self.movements[a] = (*one[:2], two[2], one[3])
        self.movements[b] = (*two[:2], one[2], two[3])

    def delete(self, which: int) -> None:
        number = self.pick(which)
        if number is None or self.is_fixed(number):
            return
        self.db.execute("delete from stock_movements where id = %s", (number,))
        del self.movements[number]

    def reverse(self, which: int) -> None:
        number = self.pick(which)
        if number is None or self.is_fixed(number):
            return
        [(reversal, at)] = self.db.execute(
            "select id, occurred_at from stocksync.reverse_movement(%s, 'no')", (number,)
        ).fetchall()
        p, place, _, quantity = self.movements[number]
        self.movements[reversal] = (p, place, at, -quantity)

    def roll_up(self) -> None:
        self.db.execute("select stocksync.roll_up()")

    def savepoint_rolled_back(self, inner: tuple[Any, ...]) -> None:
        kept = dict(self.movements)
        with self.db.transaction(force_rollback=True):
            self.do(*inner)
        self.movements = kept


@pytest.mark.parametrize("examples", [150, pytest.param(600, marks=pytest.mark.long)])
def test_any_history_of_counts_is_what_a_few_lines_of_python_say(
    ledger: psycopg.Connection, examples: int
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
    )
    @given(history=st.lists(transaction, min_size=1, max_size=6))
    def check(history: list[tuple[Any, ...]]) -> None:
        model = Model(ledger)
        for setting, is_immediate, commits, steps in history:
            use(ledger, setting)
            model.setting = setting
            with ledger.transaction(force_rollback=not commits):
                if is_immediate:
                    ledger.execute("set constraints all immediate")
                for one in steps:
                    model.do(*one)
                    if is_immediate and one[0] != "savepoint_rolled_back":
                        model.recheck()
            if commits:
                model.recheck()
                model.read_again()
            else:
                model.read()

            for p in model.products:
                moved = [q for o, _, _, q in model.movements.values() if o == p]
                assert stock(ledger, p) == sum(moved)
                for at in (*MOMENTS, NOON - timedelta(seconds=1), NOON + timedelta(hours=13)):
                    everywhere = sum(
                        (model.at((p, place), at) for place in (None, *model.places)), Decimal(0)
                    )
                    assert as_of(ledger, p, at) == everywhere
        assert wrong_counts(ledger) == []

    try:
        check()
    finally:
        assert differences(ledger) == []
