"""escrow: of what may not fall below zero many sell at once, never more than there is."""

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import psycopg
import pytest
from helpers import (
    TIMEOUT,
    Actor,
    acting_as,
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
from test_concurrency import at_once, together

INSERT = "insert into stock_movements (product_id, transaction_type, quantity) values (%s, %s, %s)"
SOLD_OUT = 'insufficient stock of "A"'

NewActor = Callable[[str], Actor]

pytestmark = pytest.mark.usefixtures("nothing_stays_prepared")


def scarce(ledger: psycopg.Connection, units: object = 0, sku: str = "A") -> int:
    """Insert a product in escrow, of which there are so many, dealt to slots."""
    a = product(ledger, sku, contention="escrow", allow_negative=False)
    if units:
        move(ledger, a, units)
        ledger.execute("select stocksync.fold()")
        assert stock(ledger, a) == Decimal(str(units))
    return a


def slots(db: psycopg.Connection, product_id: int) -> list[Decimal]:
    """Return what may be taken from each slot."""
    return [
        units
        for (units,) in db.execute(
            "select reserve + quantity from stocksync._pending"
            " where product_id = %s and reserve is not null order by 1",
            (product_id,),
        )
    ]


def is_right(ledger: psycopg.Connection, product_id: int, quantity: object) -> None:
    """Look, fold, look again; nothing in a slot may be missing from the product."""
    for _ in range(2):
        assert on_hand(ledger, product_id) == Decimal(str(quantity))
        assert min(slots(ledger, product_id), default=0) >= 0
        assert sum(slots(ledger, product_id)) <= max(on_hand(ledger, product_id), 0)
        assert differences(ledger) == []
        ledger.execute("select stocksync.fold()")


def seller(actor: NewActor, product_id: int, units: object = 1, name: str = "seller") -> Actor:
    """Let another session take units, and not end."""
    one = actor(name)
    one("begin")
    one(INSERT, [product_id, "sale", units])
    one("set constraints all immediate")
    one("set constraints all deferred")
    return one


# Never oversold, never refused for nothing --------------------------------------------------------


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("units", [5, 40, 100])
def test_sixteen_sessions_sell_the_last_units(
    ledger: psycopg.Connection, ledger_url: str, units: int, lines: int
) -> None:
    a, b = scarce(ledger, units), product(ledger, "B", contention="never_wait")
    over: list[int] = []

    def sell() -> int:
        sold = 0
        with session(ledger_url) as connection:
            while True:
                try:
                    with connection.transaction():
                        move(connection, a, 1, "sale")
                        if lines == 2:
                            move(connection, b, 1)
                    sold += 1
                except psycopg.errors.DatabaseError as error:
                    assert error.sqlstate == "SS001"
                    over.append(on_hand(connection, a))
                    return sold

    assert sum(together(*[sell] * 16)) == units
    assert over == [0] * 16  # nobody was refused before
    is_right(ledger, a, 0)


def test_buyers_of_random_quantities_and_suppliers(
    ledger: psycopg.Connection, ledger_url: str, seed: int
) -> None:
    ids = [scarce(ledger, 20, sku) for sku in "AB"]

    def trade(chance: random.Random) -> Counter[int]:
        done: Counter[int] = Counter()
        with session(ledger_url) as connection:
            for _ in range(25):
                lines = [
                    (i, chance.choice([-12, -3, -1, -1, 2, 6]))
                    for i in chance.sample(ids, chance.randint(1, 2))
                ]
                try:
                    with connection.transaction():
                        for i, units in lines:
                            move(connection, i, abs(units), "sale" if units < 0 else "purchase")
                except psycopg.DatabaseError as error:
                    assert error.sqlstate == "SS001", error
                else:
                    for i, units in lines:
                        done[i] += units
                if chance.random() < 0.2:
                    connection.execute("select stocksync.fold()")
                assert all(on_hand(connection, i) >= 0 for i in ids)
        return done

    total: Counter[int] = Counter()
    for done in together(*(lambda n=n: trade(random.Random(seed + n)) for n in range(8))):
        total.update(done)
    for i in ids:
        is_right(ledger, i, 20 + total[i])


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_above_read_committed_nothing_is_oversold_either(
    ledger: psycopg.Connection, ledger_url: str, level: str
) -> None:
    a = scarce(ledger, 30)

    def sell() -> int:
        sold = 0
        with session(ledger_url) as connection:
            connection.execute(f"set default_transaction_isolation = '{level}'")
            while True:
                try:
                    move(connection, a, 1, "sale")
                    sold += 1
                except SerializationFailure:
                    pass
                except psycopg.DatabaseError as error:
                    assert error.sqlstate == "SS001", error
                    return sold

    assert sum(together(*[sell] * 4)) == 30
    is_right(ledger, a, 0)


def test_eight_buyers_of_the_last_unit(ledger: psycopg.Connection, ledger_url: str) -> None:
    a = scarce(ledger, 1)
    found = at_once(ledger_url, 8, INSERT, [a, "sale", 1])
    assert Counter(getattr(error, "sqlstate", None) for error in found) == {None: 1, "SS001": 7}
    is_right(ledger, a, 0)


# Who waits, and who does not ----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["open", "prepared"])
def test_a_seller_does_not_keep_others_from_selling(
    ledger: psycopg.Connection, actor: NewActor, how: str
) -> None:
    a = scarce(ledger, 64)
    one = seller(actor, a)
    if how == "prepared":
        one("prepare transaction 'seller'")
    ledger.execute("set lock_timeout = '50ms'")
    for _ in range(20):
        move(ledger, a, 2, "sale")
    assert on_hand(ledger, a) == 24
    one("commit prepared 'seller'" if how == "prepared" else "commit")
    is_right(ledger, a, 23)


@pytest.mark.parametrize("end", ["commit", "rollback", "commit prepared", "rollback prepared"])
def test_a_seller_waits_where_no_other_slot_has_enough(
    ledger: psycopg.Connection, actor: NewActor, end: str
) -> None:
    a = scarce(ledger, 1)
    one = seller(actor, a, 1)
    if "prepared" in end:
        one("prepare transaction 'one'")
    two = actor("two")
    selling = two.start(INSERT, [a, "sale", 1])
    wait_until_blocked(ledger, "two")
    one(f"{end} 'one'" if "prepared" in end else end)
    if end.startswith("commit"):
        with raises_sql("SS001", SOLD_OUT, message_detail="There are 0, and 1 were asked for."):
            selling.result(TIMEOUT)
    else:
        selling.result(TIMEOUT)
    is_right(ledger, a, 0)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_big_sale_takes_from_all_slots_and_waits_for_who_holds_one(
    ledger: psycopg.Connection, actor: NewActor, end: str
) -> None:
    a = scarce(ledger, 100)
    one, two = seller(actor, a, 3, "one"), actor("two")
    selling = two.start(INSERT, [a, "sale", 98])
    wait_until_blocked(ledger, "two")
    one(end)
    if end == "commit":
        with raises_sql("SS001", SOLD_OUT, message_detail="There are 97, and 98 were asked for."):
            selling.result(TIMEOUT)
    else:
        selling.result(TIMEOUT)
    is_right(ledger, a, 97 if end == "commit" else 2)


def test_what_came_in_is_sold_only_once_it_is_committed(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a, supplier = scarce(ledger), actor("supplier")
    supplier("begin")
    supplier(INSERT, [a, "purchase", 5])
    supplier("set constraints all immediate")
    with raises_sql("SS001", SOLD_OUT, message_detail="There are 0, and 1 were asked for."):
        move(ledger, a, 1, "sale")
    supplier("commit")
    move(ledger, a, 5, "sale")
    is_right(ledger, a, 0)


def test_what_a_transaction_receives_it_may_sell(ledger: psycopg.Connection) -> None:
    a = scarce(ledger)
    with ledger.transaction():
        move(ledger, a, 5)
        move(ledger, a, 3, "sale")
        ledger.execute("set constraints all immediate")
        assert on_hand(ledger, a) == 2
        move(ledger, a, 2, "sale")
    with raises_sql("SS001", SOLD_OUT), ledger.transaction():
        move(ledger, a, 5)
        move(ledger, a, 6, "sale")
    is_right(ledger, a, 0)


def test_savepoints_that_are_rolled_back_take_nothing(ledger: psycopg.Connection) -> None:
    a = scarce(ledger, 40)
    with ledger.transaction():
        move(ledger, a, 1, "sale")
        for units in (1, 39):
            ledger.execute("savepoint s")
            move(ledger, a, units, "sale")
            ledger.execute("set constraints all immediate")
            assert on_hand(ledger, a) == 39 - units
            ledger.execute("rollback to s")
        ledger.execute("savepoint s")
        with raises_sql("SS001", SOLD_OUT):
            move(ledger, a, 40, "sale")
            ledger.execute("set constraints all immediate")
        ledger.execute("rollback to s")
    is_right(ledger, a, 39)


# Folding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["open", "prepared"])
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_fold_leaves_slots_that_somebody_holds(
    ledger: psycopg.Connection, actor: NewActor, end: str, how: str
) -> None:
    a = scarce(ledger, 64)
    one = seller(actor, a, 2)
    if how == "prepared":
        one("prepare transaction 'one'")
    ledger.execute("set lock_timeout = '50ms'")
    for n in range(3):
        move(ledger, a, 1, "sale")
        assert only(ledger, "select stocksync.fold()") == 1
        assert stock(ledger, a) == 63 - n
        assert sum(slots(ledger, a)) == 63 - n
        assert differences(ledger) == []
    one(f"{end} prepared 'one'" if how == "prepared" else end)
    is_right(ledger, a, 59 if end == "commit" else 61)
    ledger.execute("select stocksync.fold()")
    assert sum(slots(ledger, a)) == on_hand(ledger, a)


def test_a_snapshot_is_exact_while_slots_are_dealt_anew(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = scarce(ledger, 64)
    move(ledger, a, 1, "sale")
    with session(ledger_url) as reader:
        reader.execute("begin isolation level repeatable read")
        for _ in range(3):
            assert on_hand(reader, a) == 63
            assert differences(reader) == []
            ledger.execute("select stocksync.fold()")
            move(ledger, a, 3, "sale")
    is_right(ledger, a, 54)


# Fractions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("units", ["0.000001", "0.5", "31.999999", "33.000001", "100.123456"])
def test_fractions_are_all_sold(ledger: psycopg.Connection, units: str) -> None:
    a = scarce(ledger, units)
    assert sum(slots(ledger, a)) == Decimal(units)
    with raises_sql("SS001", SOLD_OUT):
        move(ledger, a, Decimal(units) + Decimal("0.000001"), "sale")
    move(ledger, a, units, "sale")
    is_right(ledger, a, 0)


def test_many_small_sales_use_up_everything(ledger: psycopg.Connection) -> None:
    a = scarce(ledger, 10)
    for _ in range(33):
        move(ledger, a, "0.300001", "sale")
    is_right(ledger, a, Decimal(10) - 33 * Decimal("0.300001"))
    move(ledger, a, "0.099967", "sale")
    is_right(ledger, a, 0)


# The past -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [1, 2])
def test_a_sale_dated_back_is_looked_at_in_the_past(ledger: psycopg.Connection, lines: int) -> None:
    a = scarce(ledger)
    move(ledger, a, 5, occurred_at="2024-01-01")
    move(ledger, a, 95, occurred_at="2024-03-01")
    ledger.execute("select stocksync.fold()")

    def sell(units: int) -> None:
        with ledger.transaction():
            for _ in range(lines):
                move(ledger, a, units, "sale", occurred_at="2024-02-01")

    with raises_sql("SS001", 'insufficient stock of "A" on 2024-02-01 00:00:00+00'):
        sell(6)
    sell(2)
    is_right(ledger, a, 100 - 2 * lines)


def test_a_sale_dated_back_waits_for_who_holds_a_slot(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = scarce(ledger)
    move(ledger, a, 64, occurred_at="2024-01-01")
    ledger.execute("select stocksync.fold()")
    one, two = seller(actor, a, 2, "one"), actor("two")
    selling = two.start(
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        " values (%s, 'sale', 1, '2024-02-01')",
        [a],
    )
    wait_until_blocked(ledger, "two")
    one("commit")
    selling.result(TIMEOUT)
    is_right(ledger, a, 61)


@pytest.mark.parametrize("mode", ["wait", "escrow"])
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("transaction_type", ["purchase", "transfer"])
def test_what_takes_nothing_is_not_refused_where_stock_is_negative(
    ledger: psycopg.Connection, mode: str, lines: int, transaction_type: str
) -> None:
    a = product(ledger)
    move(ledger, a, 5, "sale")
    ledger.execute("update products set allow_negative = false, contention = %s", (mode,))
    with ledger.transaction():
        for _ in range(lines):
            if transaction_type == "purchase":
                move(ledger, a, 1, occurred_at="2024-01-01")
            else:
                move(ledger, a, 1, "transfer_out", occurred_at="2024-01-01")
                move(ledger, a, 1, "transfer_in", occurred_at="2024-01-01")
    assert on_hand(ledger, a) == (lines - 5 if transaction_type == "purchase" else -5)
    assert differences(ledger) == []


@pytest.mark.parametrize("mode", ["wait", "escrow"])
@pytest.mark.parametrize("lines", [1, 2])
def test_a_late_sale_before_a_count_is_made_up_for_by_its_correction(
    ledger: psycopg.Connection, mode: str, lines: int
) -> None:
    a = product(ledger, contention=mode, allow_negative=False)
    move(ledger, a, 5, occurred_at="2024-01-01")
    ledger.execute("select stocksync.record_count(%s, 0)", (a,))
    with ledger.transaction():
        for _ in range(lines):
            move(ledger, a, 1, "sale", occurred_at="2024-02-01")
    assert on_hand(ledger, a) == 0
    assert differences(ledger) == []


def test_a_reversal_of_what_came_in_is_refused_where_it_is_sold(
    ledger: psycopg.Connection,
) -> None:
    a = scarce(ledger)
    received = move(ledger, a, 5)
    sold = move(ledger, a, 3, "sale")
    with raises_sql("SS001", SOLD_OUT):
        ledger.execute("select stocksync.reverse_movement(%s, 'mistake')", (received,))
    ledger.execute("select stocksync.reverse_movement(%s, 'mistake')", (sold,))
    ledger.execute("select stocksync.reverse_movement(%s, 'mistake')", (received,))
    is_right(ledger, a, 0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("delete from stock_movements where transaction_type = 'sale'", 40),
        ("update stock_movements set quantity = 25 where transaction_type = 'purchase'", 15),
        ("update stock_movements set quantity = 39 where transaction_type = 'sale'", 1),
        ("delete from stock_movements where transaction_type = 'purchase'", None),
        ("update stock_movements set quantity = 9 where transaction_type = 'purchase'", None),
    ],
)
def test_changes_and_deletions_of_movements(
    ledger: psycopg.Connection, change: str, expected: int | None
) -> None:
    a = scarce(ledger, 40)
    move(ledger, a, 10, "sale")
    if expected is None:
        with raises_sql("SS001", SOLD_OUT):
            ledger.execute(change)
    else:
        ledger.execute(change)
    is_right(ledger, a, 30 if expected is None else expected)


# Counts and corrections ---------------------------------------------------------------------------


@pytest.mark.parametrize("counted", [0, 62, 70])
def test_a_count_waits_for_sellers_and_has_all_slots(
    ledger: psycopg.Connection, actor: NewActor, counted: int
) -> None:
    a = scarce(ledger, 64)
    one, counter = seller(actor, a, 2), actor("counter")
    counting = counter.start("select expected from stocksync.record_count(%s, %s)", [a, counted])
    wait_until_blocked(ledger, "counter")
    one("commit")
    assert counting.result(TIMEOUT) == [(62,)]
    is_right(ledger, a, counted)
    if counted:
        move(ledger, a, counted, "sale")
    with raises_sql("SS001", SOLD_OUT):
        move(ledger, a, 1, "sale")
    is_right(ledger, a, 0)


@pytest.mark.parametrize("off", [+30, -30])
def test_a_manual_update_is_warned_of_and_corrected(ledger: psycopg.Connection, off: int) -> None:
    a = scarce(ledger, 64)
    move(ledger, a, 4, "sale")
    ledger.execute("update products set quantity_on_hand = quantity_on_hand + %s", (off,))
    assert (on_hand(ledger, a), slots(ledger, a)) == (60 + off, [])
    move(ledger, a, 1, "sale")
    assert sum(slots(ledger, a)) == 59 + off
    ledger.execute("call stocksync.sync()")
    is_right(ledger, a, 59)
    move(ledger, a, 59, "sale")
    with raises_sql("SS001", SOLD_OUT):
        move(ledger, a, 1, "sale")
    is_right(ledger, a, 0)


def test_a_correction_waits_for_a_seller(ledger: psycopg.Connection, actor: NewActor) -> None:
    a = scarce(ledger, 64)
    ledger.execute("update products set quantity_on_hand = quantity_on_hand + 10")
    move(ledger, a, 1, "sale")
    one, operator = seller(actor, a), actor("operator")
    syncing = operator.start("call stocksync.sync()")
    wait_until_blocked(ledger, "operator")
    one("commit")
    syncing.result(TIMEOUT)
    is_right(ledger, a, 62)


def test_what_an_application_writes_by_hand_is_kept_out(ledger: psycopg.Connection) -> None:
    a = scarce(ledger, 64)
    move(ledger, a, 4, "sale")
    with acting_as(ledger, "stocksync_app"):
        ledger.execute("update products set quantity_on_hand = 1000, name = 'renamed'")
    is_right(ledger, a, 60)
    with raises_sql("SS001", SOLD_OUT):
        move(ledger, a, 61, "sale")
    move(ledger, a, 60, "sale")
    is_right(ledger, a, 0)


# Switches -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["commit", "rollback", "commit prepared", "rollback prepared"])
@pytest.mark.parametrize("mode", ["wait", "never_wait", None])
def test_a_switch_waits_for_sellers_and_leaves_no_slot(
    ledger: psycopg.Connection, actor: NewActor, mode: str | None, end: str
) -> None:
    a = scarce(ledger, 64)
    one, operator = seller(actor, a, 4), actor("operator")
    if "prepared" in end:
        one("prepare transaction 'one'")
    switching = operator.start("select stocksync.use_mode(%s, array[%s::bigint])", [mode, a])
    wait_until_blocked(ledger, "operator")
    one(f"{end} 'one'" if "prepared" in end else end)
    switching.result(TIMEOUT)
    expected = 60 if end.startswith("commit") else 64
    assert (stock(ledger, a), slots(ledger, a)) == (expected, [])
    ledger.execute("select stocksync.use_mode('escrow', array[%s::bigint])", (a,))
    is_right(ledger, a, expected)
    move(ledger, a, expected, "sale")
    is_right(ledger, a, 0)


@pytest.mark.parametrize("by", ["products", "settings"])
def test_where_negative_stock_is_allowed_it_is_as_in_never_wait(
    ledger: psycopg.Connection, by: str
) -> None:
    ledger.execute("update stocksync.settings set allow_negative = false")
    a = product(ledger, contention="escrow")
    move(ledger, a, 64)
    ledger.execute("select stocksync.fold()")
    assert slots(ledger, a) != []
    table = "products" if by == "products" else "stocksync.settings"
    ledger.execute(f"update {table} set allow_negative = true")
    assert (stock(ledger, a), slots(ledger, a)) == (64, [])
    move(ledger, a, 70, "sale")
    assert on_hand(ledger, a) == -6
    ledger.execute(f"update {table} set allow_negative = false")
    assert (stock(ledger, a), slots(ledger, a)) == (-6, [])
    with raises_sql("SS001", SOLD_OUT):
        move(ledger, a, 1, "sale")
    assert differences(ledger) == []


@pytest.mark.parametrize("received", [1, 5, 6])
def test_stock_that_was_negative_at_the_switch_is_not_sold_before_there_is_any(
    ledger: psycopg.Connection, received: int
) -> None:
    a = product(ledger)
    move(ledger, a, 5, "sale")
    ledger.execute("update products set allow_negative = false, contention = 'escrow'")
    move(ledger, a, received)
    with raises_sql("SS001", SOLD_OUT):
        move(ledger, a, max(received - 5, 0) + 1, "sale")
    if received > 5:
        move(ledger, a, received - 5, "sale")
    assert on_hand(ledger, a) == min(received - 5, 0)
    assert differences(ledger) == []


def test_what_came_in_while_the_stock_was_put_below_zero_is_not_sold(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a, supplier = scarce(ledger, 10), actor("supplier")
    supplier("begin")
    supplier(INSERT, [a, "purchase", 5])
    supplier("set constraints all immediate")
    operator = actor("operator")
    updating = operator.start("update products set quantity_on_hand = quantity_on_hand - 20")
    wait_until(
        ledger,
        "select state <> 'active' or wait_event_type = 'Lock' from pg_stat_activity"
        " where application_name = 'operator'",
    )
    supplier("commit")
    updating.result(TIMEOUT)
    assert on_hand(ledger, a) == -5
    with raises_sql("SS001", SOLD_OUT, message_detail="There are -5, and 1 were asked for."):
        move(ledger, a, 1, "sale")
    move(ledger, a, 6)
    move(ledger, a, 1, "sale")
    ledger.execute("call stocksync.sync()")
    is_right(ledger, a, 20)


@pytest.mark.parametrize("lines", [1, 2])
def test_what_came_in_while_the_product_was_put_in_escrow(
    ledger: psycopg.Connection, actor: NewActor, lines: int
) -> None:
    a = product(ledger)
    move(ledger, a, 5, "sale")
    ledger.execute("update products set allow_negative = false")
    supplier = actor("supplier")
    supplier("begin")
    for _ in range(lines):
        supplier(INSERT, [a, "purchase", 1])
    ledger.execute("select stocksync.use_mode('escrow', array[%s::bigint])", (a,))
    supplier("commit")
    assert on_hand(ledger, a) == lines - 5
    assert differences(ledger) == []


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
@pytest.mark.parametrize(
    "between",
    ["select stocksync.use_mode('wait', array[1])", "select stocksync.record_count(1, 40)"],
)
def test_an_older_snapshot_is_told_of_a_switch_and_of_a_count(
    ledger: psycopg.Connection, actor: NewActor, level: str, between: str
) -> None:
    a, one = scarce(ledger, 40), actor("one")
    one(f"begin isolation level {level}")
    one("select from products")
    ledger.execute(between)
    with pytest.raises(SerializationFailure):
        one(INSERT, [a, "sale", 1])
        one("commit")
    one("rollback")
    is_right(ledger, a, 40)


def test_a_product_in_escrow_is_deleted_with_its_slots(
    ledger: psycopg.Connection, actor: NewActor
) -> None:
    a = scarce(ledger, 40)
    ledger.execute("delete from stock_movements")
    assert on_hand(ledger, a) == 0
    supplier = actor("supplier")
    supplier("begin")
    supplier(INSERT, [a, "purchase", 1])
    supplier("set constraints all immediate")
    with raises_sql("55P03", f"movements of product {a} are being written"):
        ledger.execute("delete from products")
    supplier("rollback")
    ledger.execute("delete from products")
    assert only(ledger, "select count(*) from stocksync._pending") == 0
    assert product(ledger, "A", id=a) == a
    assert differences(ledger) == []
