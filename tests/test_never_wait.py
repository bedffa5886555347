"""never_wait: whoever writes a busy product leaves the change beside it, and nothing is lost.

That nobody waits is not measured: the writer would be told of any lock it does not get at once.
"""

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import count

import psycopg
import pytest
from helpers import (
    TIMEOUT,
    Actor,
    differences,
    move,
    on_hand,
    only,
    product,
    raises_sql,
    session,
    stock,
    wait_until,
    wait_until_blocked,
)
from psycopg.errors import SerializationFailure
from test_concurrency import random_transactions, together

INSERT = "insert into stock_movements (product_id, transaction_type, quantity) values (%s, %s, %s)"
LEVELS = ["read committed", "repeatable read", "serializable"]

NewActor = Callable[[str], Actor]

pytestmark = pytest.mark.usefixtures("nothing_stays_prepared")


def hot(ledger: psycopg.Connection, sku: str = "A", **columns: object) -> int:
    return product(ledger, sku, **{"contention": "never_wait", **columns})


def left(db: psycopg.Connection, product_id: int) -> list[Decimal]:
    """Return what waits for the product."""
    return [
        quantity
        for (quantity,) in db.execute(
            "select quantity from stocksync._pending where product_id = %s order by 1",
            (product_id,),
        )
    ]


def due(ledger: psycopg.Connection) -> None:
    """Let the time of every busy product come."""
    ledger.execute("update stocksync._hot set fold_at = '-infinity'")


def busy_for_long(ledger: psycopg.Connection, product_id: int) -> None:
    """Let everybody know the product as busy."""
    ledger.execute(
        "insert into stocksync._hot (product_id, fold_at) values (%s, 'infinity')"
        " on conflict (product_id) do update set fold_at = excluded.fold_at",
        (product_id,),
    )


def is_folded(ledger: psycopg.Connection, product_id: int, quantity: object) -> None:
    """Fold: then the row of the product alone says all."""
    due(ledger)
    ledger.execute("select stocksync.fold()")
    assert left(ledger, product_id) == []
    assert stock(ledger, product_id) == quantity
    assert differences(ledger) == []


def hold(actor: NewActor, how: str, product_id: int, name: str = "holder") -> Actor:
    """Let another session hold the product; what it writes itself is 100 units."""
    holder = actor(name)
    holder("begin")
    match how:
        case "a movement":
            holder(INSERT, [product_id, "purchase", 100])
            holder("set constraints all immediate")
        case "a new name":
            holder("update products set name = 'renamed' where id = %s", [product_id])
        case "for update":
            holder("select from products where id = %s for update", [product_id])
        case "lock_products":
            holder("select stocksync.lock_products(array[%s::bigint])", [product_id])
        case "a prepared movement":
            holder(INSERT, [product_id, "purchase", 100])
            holder("prepare transaction 'holder'")
    return holder


def append(
    actor: NewActor,
    product_id: int,
    quantity: int = 5,
    name: str = "writer",
    level: str = "repeatable read",
) -> Actor:
    """Let another session leave a change beside the product, and not end."""
    writer = actor(name)
    if level == "read committed":
        busy_for_long(writer.connection, product_id)
    writer(f"begin isolation level {level}")
    writer(INSERT, [product_id, "purchase", quantity])
    writer("set constraints all immediate")
    assert left(writer.connection, product_id) == [quantity]
    return writer


# Nobody waits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize(
    "how", ["a movement", "a new name", "for update", "lock_products", "a prepared movement"]
)
def test_a_writer_does_not_wait_for_a_busy_product(
    ledger: psycopg.Connection, actor: NewActor, how: str, lines: int, level: str
) -> None:
    a = hot(ledger)
    move(ledger, a, 10)
    holder = hold(actor, how, a)
    writer = actor("writer")
    writer("set lock_timeout = '50ms'")
    writer(f"begin isolation level {level}")
    for _ in range(lines):
        writer(INSERT, [a, "sale", 2])
    writer("commit")
    assert (stock(ledger, a), left(ledger, a)) == (10, [-2 * lines])
    assert on_hand(ledger, a) == 10 - 2 * lines
    assert differences(ledger) == []
    holder("commit prepared 'holder'" if how == "a prepared movement" else "commit")
    assert differences(ledger) == []
    is_folded(ledger, a, (110 if "movement" in how else 10) - 2 * lines)


@pytest.mark.parametrize("held", [True, False])
def test_a_free_product_is_changed_itself(
    ledger: psycopg.Connection, actor: NewActor, held: bool
) -> None:
    """By READ COMMITTED, that is: with what was left beside it."""
    a = hot(ledger)
    if held:
        holder = hold(actor, "a new name", a)
        move(ledger, a, 3)
        holder("rollback")
        due(ledger)
    move(ledger, a, 10)
    assert (stock(ledger, a), left(ledger, a)) == (13 if held else 10, [])
    assert differences(ledger) == []


CHANGES = [
    "update stock_movements set quantity = 11 where product_id = 1",
    "update stock_movements set product_id = 2 where product_id = 1",
    "delete from stock_movements where product_id = 1",
]


@pytest.mark.parametrize("change", CHANGES)
def test_changes_and_deletions_of_movements_do_not_wait_either(
    ledger: psycopg.Connection, actor: NewActor, change: str
) -> None:
    a, b = hot(ledger, "A"), hot(ledger, "B")
    move(ledger, a, 10)
    for level in LEVELS:
        holder = hold(actor, "a new name", a, level)
        ledger.execute("set lock_timeout = '50ms'")
        ledger.execute(f"begin isolation level {level}")
        ledger.execute(change)
        ledger.execute("commit")
        assert (stock(ledger, a), differences(ledger)) == (10, [])
        holder("commit")
    expected = {CHANGES[0]: (11, 0), CHANGES[1]: (0, 10), CHANGES[2]: (0, 0)}[change]
    assert (on_hand(ledger, a), on_hand(ledger, b)) == expected
    is_folded(ledger, a, expected[0])


def test_a_writer_that_is_rolled_back_leaves_nothing(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = hot(ledger)
    hold(actor, "a new name", a)
    with ledger.transaction(force_rollback=True):
        move(ledger, a, 1)
        ledger.execute("set constraints all immediate")
        assert (on_hand(ledger, a), left(ledger, a)) == (1, [1])
    assert (on_hand(ledger, a), left(ledger, a)) == (0, [])
    assert differences(ledger) == []


@pytest.mark.parametrize("is_busy", [True, False])
def test_savepoints_that_are_rolled_back_leave_nothing(
    ledger: psycopg.Connection, actor: NewActor, is_busy: bool
) -> None:
    a = hot(ledger)
    if is_busy:
        hold(actor, "a new name", a)
    with ledger.transaction():
        move(ledger, a, 1)
        ledger.execute("savepoint one")
        move(ledger, a, 10)
        ledger.execute("set constraints all immediate")
        assert on_hand(ledger, a) == 11
        ledger.execute("rollback to one")
        assert on_hand(ledger, a) == 0
        move(ledger, a, 100)
        ledger.execute("savepoint two")
        move(ledger, a, 1000)
        ledger.execute("release two")
    assert on_hand(ledger, a) == 1101
    assert bool(left(ledger, a)) == is_busy
    assert differences(ledger) == []


def test_set_constraints_in_the_middle_shows_the_new_stock(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = hot(ledger)
    holder = hold(actor, "a new name", a)
    with ledger.transaction():
        move(ledger, a, 1)
        ledger.execute("set constraints all immediate")
        assert on_hand(ledger, a) == 1
        move(ledger, a, 2)
        assert on_hand(ledger, a) == 3
        ledger.execute("set constraints all deferred")
        move(ledger, a, 4)
        assert on_hand(ledger, a) == 3
    assert (on_hand(ledger, a), stock(ledger, a)) == (7, 0)
    holder("commit")
    is_folded(ledger, a, 7)


def test_whoever_holds_the_product_itself_changes_it(ledger: psycopg.Connection) -> None:
    a = hot(ledger)
    with ledger.transaction():
        ledger.execute("update products set name = 'mine'")
        move(ledger, a, 1)
        move(ledger, a, 2)
    assert (stock(ledger, a), left(ledger, a)) == (3, [])
    assert differences(ledger) == []


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("level", LEVELS)
def test_what_is_left_beside_a_product_may_be_prepared(
    ledger: psycopg.Connection, actor: NewActor, level: str, end: str
) -> None:
    a = hot(ledger)
    holder = hold(actor, "a new name", a)
    ledger.execute(f"begin isolation level {level}")
    move(ledger, a, 5)
    ledger.execute("prepare transaction 'left'")
    assert on_hand(ledger, a) == 0
    holder("commit")
    assert only(ledger, "select stocksync.fold()") == 0
    ledger.execute(f"{end} prepared 'left'")
    is_folded(ledger, a, 5 if end == "commit" else 0)


def test_products_of_all_modes_in_one_transaction(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    ids = {
        "wait": product(ledger, "W", contention="wait"),
        "free": hot(ledger, "F"),
        "busy": hot(ledger, "B"),
        "escrow": product(ledger, "E", contention="escrow", allow_negative=False),
        "refusing": hot(ledger, "R", allow_negative=False),
        "batches": hot(ledger, "T", tracks_batches=True),
    }
    holder = hold(actor, "a new name", ids["busy"])
    for statements in (1, 2):
        with ledger.transaction():
            for _ in range(statements):
                ledger.execute(
                    "insert into stock_movements (product_id, transaction_type, quantity)"
                    " select p, t.type, t.quantity from unnest(%s::bigint[]) as p,"
                    " (values ('purchase', 5), ('sale', 2)) as t (type, quantity)",
                    (list(reversed(ids.values())),),
                )
    assert {name: on_hand(ledger, i) for name, i in ids.items()} == dict.fromkeys(ids, 9)
    assert {name: stock(ledger, i) for name, i in ids.items() if name not in ("escrow")} == {
        "wait": 9,
        "free": 9,
        "busy": 0,
        "refusing": 9,
        "batches": 9,
    }
    assert left(ledger, ids["busy"]) == [3, 6]
    assert differences(ledger) == []
    with raises_sql("SS001", 'insufficient stock of "R"'), ledger.transaction():
        move(ledger, ids["busy"], 1)
        move(ledger, ids["refusing"], 10, "sale")
    assert left(ledger, ids["busy"]) == [3, 6]
    holder("commit")
    is_folded(ledger, ids["busy"], 9)


def test_a_delta_of_zero_changes_nothing(ledger: psycopg.Connection, actor: NewActor) -> None:
    a = hot(ledger)
    move(ledger, a, 10)
    holder = hold(actor, "a new name", a)
    for level in LEVELS:
        ledger.execute(f"begin isolation level {level}")
        move(ledger, a, 5)
        move(ledger, a, 5, "sale")
        ledger.execute("commit")
    assert (on_hand(ledger, a), stock(ledger, a), differences(ledger)) == (10, 10, [])
    assert only(ledger, "select pending from stocksync.list_modes() where sku = 'A'") == 0
    holder("commit")
    is_folded(ledger, a, 10)


# Many at once -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_sixteen_writers_of_one_product(
    ledger: psycopg.Connection, ledger_url: str, level: str
) -> None:
    """Above READ COMMITTED, too, nobody fails, and nobody uses up multixact members."""
    a = hot(ledger)
    members = "select next_multi_offset::text::bigint from pg_control_checkpoint()"
    ledger.execute("checkpoint")
    before = only(ledger, members)

    def write() -> None:
        with session(ledger_url) as connection:
            connection.execute(f"set default_transaction_isolation = '{level}'")
            for n in range(10):
                move(connection, a, n + 1, "purchase" if n % 2 else "sale")
                if level == "read committed":
                    connection.execute("select stocksync.fold()")

    together(*[write] * 16)
    assert on_hand(ledger, a) == 16 * 5
    assert differences(ledger) == []
    ledger.execute("checkpoint")
    assert only(ledger, members) == before
    is_folded(ledger, a, 16 * 5)


@pytest.mark.parametrize(
    ("level", "statements", "failures"),
    [
        ("read committed", 4, set()),
        ("repeatable read", 4, set()),
        ("serializable", 1, set()),
        ("serializable", 3, {"SerializationFailure"}),
    ],
)
def test_random_inserts_of_eight_sessions_do_not_fail(
    ledger: psycopg.Connection,
    ledger_url: str,
    seed: int,
    level: str,
    statements: int,
    failures: set[str],
) -> None:
    ids = [hot(ledger, f"P{n}") for n in range(4)]
    failed: set[str] = set()

    def write(chance: random.Random) -> Counter[int]:
        written: Counter[int] = Counter()
        with session(ledger_url) as connection:
            connection.execute(f"set default_transaction_isolation = '{level}'")
            for _ in range(15):
                lines = [
                    [(i, chance.randint(1, 9)) for i in chance.sample(ids, chance.randint(1, 3))]
                    for _ in range(chance.randint(1, statements))
                ]
                try:
                    with connection.transaction():
                        for line in lines:
                            connection.execute(
                                "insert into stock_movements (product_id, transaction_type,"
                                " quantity) select p, 'purchase', q"
                                " from unnest(%s::bigint[], %s::numeric[]) as u (p, q)",
                                ([i for i, _ in line], [q for _, q in line]),
                            )
                except psycopg.Error as error:
                    failed.add(type(error).__name__)
                else:
                    for line in lines:
                        written.update(dict(line))
        return written

    written = together(*(lambda n=n: write(random.Random(seed + n)) for n in range(8)))
    assert failed <= failures
    due(ledger)
    ledger.execute("select stocksync.fold()")
    total = sum(written, Counter())
    assert {i: on_hand(ledger, i) for i in ids} == {i: total[i] for i in ids}
    assert differences(ledger) == []


def test_random_transactions_of_eight_sessions_neither_deadlock_nor_fail(
    ledger: psycopg.Connection, ledger_url: str, seed: int
) -> None:
    ids = [hot(ledger, f"P{n}") for n in range(4)]
    found = together(
        *(lambda n=n: random_transactions(ledger_url, ids, seed + n, 15) for n in range(8))
    )
    assert sum(found, Counter()) == {}
    assert differences(ledger) == []


@pytest.mark.parametrize("level", LEVELS[1:])
def test_an_insert_above_read_committed_never_fails_because_others_commit(
    ledger: psycopg.Connection, actor: NewActor, level: str
) -> None:
    a, b = hot(ledger, "A"), hot(ledger, "B")
    writer = actor("writer")
    writer(f"begin isolation level {level}")
    writer("select from products")
    move(ledger, a, 1)
    append(actor, a, name="other")("commit")
    due(ledger)
    ledger.execute("select stocksync.fold()")
    ledger.execute("update products set name = 'renamed'")
    writer(INSERT, [a, "sale", 2])
    writer(INSERT, [b, "sale", 3])
    writer("commit")
    assert (on_hand(ledger, a), on_hand(ledger, b)) == (4, -3)
    assert differences(ledger) == []


def test_a_snapshot_is_exact_while_what_waits_is_folded(
    ledger: psycopg.Connection, ledger_url: str, actor: NewActor
) -> None:
    a = hot(ledger)
    move(ledger, a, 10)
    append(actor, a)("commit")
    with session(ledger_url) as reader:
        reader.execute("begin isolation level repeatable read")
        for n in range(3):
            assert on_hand(reader, a) == 15
            assert differences(reader) == []
            due(ledger)
            ledger.execute("select stocksync.fold()")
            move(ledger, a, 1)
            append(actor, a, 1, f"writer {n}")("commit")
        reader.execute("commit")
    is_folded(ledger, a, 21)


# Busy products ------------------------------------------------------------------------------------


def test_a_busy_product_is_left_alone_until_it_is_time(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = hot(ledger)
    holder = hold(actor, "a new name", a)
    move(ledger, a, 1)
    holder("commit")
    assert only(ledger, "select product_id from stocksync._hot") == a
    busy_for_long(ledger, a)
    move(ledger, a, 2)
    with ledger.transaction():
        move(ledger, a, 4)
        move(ledger, a, 8)
    assert only(ledger, "select stocksync.fold(p_only_due => true)") == 0
    assert (stock(ledger, a), left(ledger, a)) == (0, [1, 2, 12])

    due(ledger)
    move(ledger, a, 16)
    assert (stock(ledger, a), left(ledger, a)) == (31, [])
    assert only(ledger, "select fold_at > clock_timestamp() - interval '1 minute'"
                        " from stocksync._hot")  # fmt: skip

    due(ledger)
    move(ledger, a, 32)
    assert (stock(ledger, a), left(ledger, a)) == (63, [])
    assert only(ledger, "select count(*) from stocksync._hot") == 0  # all is quiet
    assert differences(ledger) == []


def test_a_quiet_product_is_no_longer_busy_after_a_fold(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = hot(ledger)
    holder = hold(actor, "a new name", a)
    move(ledger, a, 1)
    holder("commit")
    for folded in (1, 0):
        due(ledger)
        assert only(ledger, "select stocksync.fold()") == folded
    assert only(ledger, "select count(*) from stocksync._hot") == 0
    is_folded(ledger, a, 1)


def test_what_was_said_to_be_busy_may_be_lost(ledger: psycopg.Connection, actor: NewActor) -> None:
    """As after a crash."""
    a, b = hot(ledger, "A"), hot(ledger, "B")
    holders = [hold(actor, "a new name", i, f"holder {i}") for i in (a, b)]
    move(ledger, a, 1)
    move(ledger, b, 2)
    for holder in holders:
        holder("commit")
    ledger.execute("truncate stocksync._hot")
    move(ledger, a, 4)
    assert (stock(ledger, a), left(ledger, a), left(ledger, b)) == (5, [], [2])
    is_folded(ledger, b, 2)


def test_two_who_find_a_product_busy_at_once_do_not_wait_for_each_other(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = hot(ledger)
    hold(actor, "a new name", a)
    writers = [actor(name) for name in ("one", "two")]
    for writer in writers:
        writer("set lock_timeout = '50ms'")
        writer("begin")
        writer(INSERT, [a, "purchase", 1])
        writer("set constraints all immediate")
    for writer in writers:
        writer("commit")
    assert (on_hand(ledger, a), left(ledger, a)) == (2, [1, 1])
    assert only(ledger, "select count(*) from stocksync._hot") == 1
    assert differences(ledger) == []


# Counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [1, 2])
def test_a_late_movement_before_a_count_waits_and_corrects_it(
    ledger: psycopg.Connection, actor: NewActor, lines: int
) -> None:
    a = hot(ledger)
    move(ledger, a, 10, occurred_at="2024-01-01")
    ledger.execute("select stocksync.record_count(%s, 7)", (a,))
    holder = hold(actor, "a movement", a)
    writer = actor("writer")
    writer("begin")
    for _ in range(lines):
        writer(
            "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
            " values (%s, 'sale', 1, '2024-02-01')",
            [a],
        )
    end = writer.start("commit")
    wait_until_blocked(ledger, "writer")
    holder("commit")
    end.result(TIMEOUT)
    assert on_hand(ledger, a) == 107
    assert only(ledger, "select balance from stocksync.counts") == 7
    assert differences(ledger) == []


@pytest.mark.parametrize("end", ["commit", "rollback", "commit prepared", "rollback prepared"])
@pytest.mark.parametrize("level", LEVELS)
def test_a_count_waits_for_what_is_left_beside_the_product(
    ledger: psycopg.Connection, actor: NewActor, level: str, end: str
) -> None:
    a = hot(ledger)
    move(ledger, a, 10)
    hold(actor, "a new name", a)("set lock_timeout = 0")
    writer, counter = actor("writer"), actor("counter")
    writer(f"begin isolation level {level}")
    writer(INSERT, [a, "sale", 2])
    writer("prepare transaction 'left'" if "prepared" in end else "set constraints all immediate")
    ledger.execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                   " where application_name = 'holder'")  # fmt: skip
    counting = counter.start("select expected, difference from stocksync.record_count(%s, 9)", [a])
    wait_until_blocked(ledger, "counter")
    writer(f"{end} 'left'" if "prepared" in end else end)
    expected = 8 if end.startswith("commit") else 10
    assert counting.result(TIMEOUT) == [(expected, 9 - expected)]
    is_folded(ledger, a, 9)


def test_a_writer_waits_for_a_count_and_is_looked_at_after_it(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = hot(ledger)
    move(ledger, a, 10, occurred_at="2024-01-01")
    counter, writer = actor("counter"), actor("writer")
    counter("begin")
    counter("select stocksync.record_count(%s, 7)", [a])
    writing = writer.start(
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        " values (%s, 'sale', 1, '2024-02-01')",
        [a],
    )
    wait_until_blocked(ledger, "writer")
    counter("commit")
    writing.result(TIMEOUT)
    is_folded(ledger, a, 7)


def test_a_count_gives_way_to_a_transaction_that_settled_in_the_middle(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a, b = hot(ledger, "A"), hot(ledger, "B")
    holder = hold(actor, "a new name", b)
    writer, counter = actor("writer"), actor("counter")
    writer("begin")
    writer(INSERT, [a, "purchase", 1])  # it is free: no group is shared
    writer("set constraints all immediate")
    writer("set constraints all deferred")
    counting = counter.start("select stocksync.record_count(%s, 0), stocksync.record_count(%s, 0)",
                             [b, a])  # fmt: skip
    wait_until_blocked(ledger, "counter")
    writer(INSERT, [b, "purchase", 1])
    ending = writer.start("commit")
    ending.result(TIMEOUT)
    holder("commit")
    counting.result(TIMEOUT)
    assert (on_hand(ledger, a), on_hand(ledger, b)) == (0, 0)
    assert differences(ledger) == []


# Switches -----------------------------------------------------------------------------------------

SWITCHES = [
    "update products set contention = 'wait'",
    "update products set allow_negative = false",
    "update products set tracks_batches = true",
    "update products set allow_negative = false, contention = 'escrow'",
    "update stocksync.settings set contention = 'wait'",
    "update stocksync.settings set allow_negative = false",
    "select stocksync.use_mode('wait', array[1])",
    "select stocksync.use_mode('wait')",
]


@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_waits_for_what_is_left_beside_a_product_or_gives_way(
    ledger: psycopg.Connection, actor: NewActor, switch: str, end: str
) -> None:
    of_all = "settings" in switch or "('wait')" in switch
    if of_all:
        ledger.execute("select stocksync.use_mode('never_wait')")
    a = hot(ledger, contention=None if of_all else "never_wait")
    move(ledger, a, 10)
    writer, operator = append(actor, a, level="read committed"), actor("operator")
    switching = operator.start(switch)
    if "use_mode" in switch:
        wait_until_blocked(ledger, "operator")
        writer(end)
        switching.result(TIMEOUT)
    else:
        whose = "products" if of_all else f"product {a}"
        with raises_sql("55P03", f"movements of {whose} are being written"):
            switching.result(TIMEOUT)
        assert differences(ledger) == []
        writer(end)
        operator(switch)
    expected = 15 if end == "commit" else 10
    assert (stock(ledger, a), left(ledger, a)) == (expected, [])
    assert differences(ledger) == []
    with ledger.transaction():
        move(ledger, a, 1)
        move(ledger, a, 1)
    assert on_hand(ledger, a) == expected + 2
    assert differences(ledger) == []


@pytest.mark.parametrize(
    "between",
    [*SWITCHES, "select stocksync.record_count(1, 10)", "select stocksync.record_count(1, 7)"],
)
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("level", LEVELS[1:])
def test_an_older_snapshot_is_told_of_a_switch_and_of_a_count(
    ledger: psycopg.Connection, actor: NewActor, level: str, lines: int, between: str
) -> None:
    ledger.execute("select stocksync.use_mode('never_wait')")
    a = hot(ledger, contention=None if "settings" in between else "never_wait")
    move(ledger, a, 10)
    writer = actor("writer")
    writer(f"begin isolation level {level}")
    writer("select from products")
    ledger.execute(between)
    before = on_hand(ledger, a)
    with pytest.raises(SerializationFailure):
        for _ in range(lines):
            writer(INSERT, [a, "sale", 1])
        writer("commit")
    writer("rollback")
    assert (on_hand(ledger, a), left(ledger, a)) == (before, [])
    assert differences(ledger) == []


@pytest.mark.parametrize("level", LEVELS[1:])
@pytest.mark.parametrize(
    "what", [*SWITCHES, "select stocksync.record_count(1, 10)", "delete from products"]
)
def test_what_others_leave_can_only_be_waited_for_at_read_committed(
    ledger: psycopg.Connection, what: str, level: str
) -> None:
    of_all = "settings" in what or "('wait')" in what
    if of_all:
        ledger.execute("select stocksync.use_mode('never_wait')")
    a = hot(ledger, contention=None if of_all else "never_wait")
    ledger.execute(f"begin isolation level {level}")
    with raises_sql(
        "55000",
        f"what others leave beside {'products' if of_all else f'product {a}'} can only be waited"
        " for at READ COMMITTED",
    ):
        ledger.execute(what)
    ledger.execute("rollback")
    assert differences(ledger) == []


def test_a_writer_that_captured_before_a_switch_settles_as_the_product_does_then(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    modes = ["wait", "never_wait", "escrow"]
    ids = iter(count(1))
    for before in modes:
        for after in modes:
            for lines in (1, 2):
                a = product(ledger, f"P{next(ids)}", contention=before, allow_negative=False)
                ledger.execute(
                    "update products set allow_negative = %s where id = %s",
                    (before == "never_wait", a),
                )
                move(ledger, a, 10)
                writer = actor(f"writer {a}")
                writer("begin")
                for _ in range(lines):
                    writer(INSERT, [a, "sale", 5])
                ledger.execute(
                    "update products set contention = %s, allow_negative = %s where id = %s",
                    (after, after == "never_wait", a),
                )
                writer("commit")
                assert on_hand(ledger, a) == 10 - 5 * lines
    assert differences(ledger) == []


@pytest.mark.parametrize("patient", [False, True])
def test_a_switch_of_all_gives_way_to_a_transaction_that_settled_in_the_middle(
    ledger: psycopg.Connection, actor: NewActor, patient: bool
) -> None:
    a, b = hot(ledger, "A", id=1), hot(ledger, "B", id=64)
    for each in (a, b):
        busy_for_long(ledger, each)
    writer, operator = actor("writer"), actor("operator")
    writer("begin")
    writer(INSERT, [a, "purchase", 1])
    writer("set constraints all immediate")
    writer("set constraints all deferred")
    switching = operator.start("select stocksync.use_mode('never_wait')")
    wait_until_blocked(ledger, "operator")
    if patient:  # longer than the server's own patience
        wait_until(
            ledger,
            "select clock_timestamp() - query_start > interval '1.2 seconds'"
            " from pg_stat_activity where application_name = 'operator'",
        )
    writer(INSERT, [b, "purchase", 1])
    writer("commit")
    switching.result(TIMEOUT)
    assert (on_hand(ledger, a), on_hand(ledger, b)) == (1, 1)
    assert differences(ledger) == []


def test_a_switch_of_all_gives_way_to_whoever_holds_a_product(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    ledger.execute("select stocksync.use_mode('never_wait')")
    a, b = product(ledger, "A"), product(ledger, "B")
    busy_for_long(ledger, b)
    writer, operator = actor("writer"), actor("operator")
    writer("begin")
    writer(INSERT, [a, "purchase", 1])  # it is free: no group is shared
    writer("set constraints all immediate")
    writer("set constraints all deferred")
    append(actor, a, name="other")("commit")
    switching = operator.start("select stocksync.use_mode('wait')")
    wait_until_blocked(ledger, "operator")
    writer(INSERT, [b, "purchase", 1])
    writer("commit")
    switching.result(TIMEOUT)
    assert (stock(ledger, a), stock(ledger, b)) == (6, 1)
    assert differences(ledger) == []


LATE = (
    "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
    " values (%s, 'sale', 1, now() - interval '1 hour')"
)


@pytest.mark.parametrize("switch", ["contention = 'never_wait'", "allow_negative = true"])
def test_a_switch_of_all_does_not_pass_by_a_count_under_way(
    ledger: psycopg.Connection, actor: NewActor, switch: str
) -> None:
    ledger.execute(
        "update stocksync.settings set contention = 'never_wait', allow_negative = false"
        if "negative" in switch
        else "update stocksync.settings set contention = 'wait'"
    )
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-01")
    counter, operator, writer = actor("counter"), actor("operator"), actor("writer")
    counter("begin")
    counter("select stocksync.record_count(%s, 7)", [a])
    switching = operator.start(f"update stocksync.settings set {switch}")
    writing = writer.start(LATE, [a])
    wait_until(
        ledger,
        "select count(*) = 0 from pg_stat_activity where application_name in ('operator', 'writer')"
        " and state = 'active' and wait_event_type is distinct from 'Lock'",
    )
    counter("commit")
    writing.result(TIMEOUT)
    assert switching.exception(TIMEOUT) is None or switching.exception().sqlstate == "55P03"
    assert on_hand(ledger, a) == 7
    assert differences(ledger) == []


def test_a_count_above_read_committed_is_told_of_a_switch_of_all(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-01")
    counter = actor("counter")
    counter("begin isolation level repeatable read")
    counter("select from products")
    ledger.execute("select stocksync.use_mode('never_wait')")
    ledger.execute("begin isolation level repeatable read")
    move(ledger, a, 1, "sale")
    ledger.execute("commit")
    with pytest.raises(SerializationFailure):
        counter("select stocksync.record_count(%s, 10)", [a])
    counter("rollback")
    assert differences(ledger) == []
