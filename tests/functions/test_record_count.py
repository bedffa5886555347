"""One count: both readings, what is refused, what late movements do to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest
from helpers import (
    TIMEOUT,
    acting_as,
    differences,
    move,
    only,
    product,
    raises_sql,
    stock,
    wait_until_blocked,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
CORRECTIONS = (
    "select m.transaction_type, m.quantity, m.occurred_at, m.reference, m.notes"
    " from stocksync.count_corrections as k join stock_movements as m on m.id = k.movement_id"
    " where k.count_id = %s order by m.id"
)


def count(db: psycopg.Connection, product_id: int, quantity: object, *more: object):
    marks = ", ".join(["%s"] * (2 + len(more)))
    [row] = db.execute(
        "select expected, difference, on_hand, movements_since, moved_since, warning, count_id"
        f" from stocksync.record_count({marks})",
        (product_id, quantity, *more),
    ).fetchall()
    return row


@pytest.mark.parametrize(
    ("counted", "kind", "quantity"),
    [(12, "stock_count_correction_minus", 3), (17, "stock_count_correction", 2)],
)
def test_the_difference_is_booked_at_the_moment_of_the_count(
    ledger: psycopg.Connection, counted: int, kind: str, quantity: int
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    *_, warning, number = count(ledger, p, counted, NOON)
    assert warning is None
    assert ledger.execute(CORRECTIONS, (number,)).fetchall() == [
        (kind, quantity, NOON, f"count {number}", None)
    ]
    assert stock(ledger, p) == counted
    assert differences(ledger) == []


def test_a_count_equal_to_the_stock_books_nothing_and_is_remembered(
    ledger: psycopg.Connection,
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    for _ in range(2):
        assert count(ledger, p, 15, NOON)[:3] == (15, 0, 15)
    assert only(ledger, "select count(*) from stock_movements") == 1
    assert only(ledger, "select count(*) from stocksync.counts") == 2
    assert only(ledger, "select count(*) from stocksync.log where message = 'count recorded'") == 2


def test_a_retry_books_nothing_again(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    assert [count(ledger, p, 12, NOON)[1] for _ in range(3)] == [-3, 0, 0]
    assert stock(ledger, p) == 12


def test_both_readings_are_told_where_the_stock_has_moved_since(
    ledger: psycopg.Connection,
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    move(ledger, p, 3, "sale", occurred_at=AFTER)
    assert count(ledger, p, 12, NOON)[:-1] == (
        15, -3, 9, 1, -3,
        "15 were expected at that time, 12 were counted; -3 moved since, so that now there are 9."
        " If 12 are there now, count without a time.",
    )  # fmt: skip
    assert count(ledger, p, 12)[:-1] == (9, 3, 12, 0, 0, None)


def test_a_movement_of_the_same_moment_is_before_the_count(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=NOON)
    assert count(ledger, p, 12, NOON)[0] == 15
    move(ledger, p, 1, "sale", occurred_at=NOON)
    assert stock(ledger, p) == 12
    move(ledger, p, 1, "sale", occurred_at=NOON + timedelta(microseconds=1))
    assert stock(ledger, p) == 11


def test_what_the_transaction_has_written_itself_is_counted(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    with ledger.transaction():
        move(ledger, p, 15, occurred_at=BEFORE)
        move(ledger, p, 1, occurred_at=BEFORE)
        assert count(ledger, p, 12, NOON)[0] == 16
        move(ledger, p, 2, "sale", occurred_at=BEFORE)
    assert stock(ledger, p) == 12
    assert differences(ledger) == []


def test_a_count_that_is_rolled_back_leaves_nothing(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    with ledger.transaction():
        move(ledger, p, 15, occurred_at=BEFORE)
        with ledger.transaction(force_rollback=True):
            count(ledger, p, 12, NOON)
        move(ledger, p, 2, "sale", occurred_at=BEFORE)
    assert stock(ledger, p) == 13
    assert only(ledger, "select count(*) from stocksync.counts") == 0
    assert differences(ledger) == []


def test_each_place_is_counted_by_itself(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    shelf = only(ledger, "insert into locations (name) values ('shelf') returning id")
    move(ledger, p, 15, occurred_at=BEFORE)
    move(ledger, p, 4, occurred_at=BEFORE, location_id=shelf)
    assert count(ledger, p, 5, NOON, shelf)[:3] == (4, 1, 5)
    move(ledger, p, 1, occurred_at=BEFORE)  # at the other place: not late for this count
    assert stock(ledger, p) == 21
    move(ledger, p, 1, occurred_at=BEFORE, location_id=shelf)
    assert stock(ledger, p) == 21
    assert differences(ledger) == []


@pytest.mark.parametrize(
    ("setting", "late", "left"), [("keep_count", 0, 12), ("keep_difference", 2, 10)]
)
def test_late_movements_do_what_the_setting_says_and_the_log_warns(
    ledger: psycopg.Connection, setting: str, late: int, left: int
) -> None:
    ledger.execute("update stocksync.settings set late_movements_before_count = %s", (setting,))
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    number = count(ledger, p, 12, NOON)[-1]
    count(ledger, p, 12, AFTER)
    move(ledger, p, 2, "sale", occurred_at=BEFORE)
    assert stock(ledger, p) == left
    told = ledger.execute(
        "select (context ->> 'count')::bigint, (context ->> 'correction')::numeric,"
        " (context ->> 'moved')::numeric, (context ->> 'balance')::numeric from stocksync.log"
        " where message = 'late movements before a count' and level = 'warning' order by id"
    ).fetchall()
    # the later count is not moved where the earlier one stands
    assert told == (
        [(number, 2, None, 12)]
        if setting == "keep_count"
        else [(number, None, -2, 10), (number + 1, None, -2, 10)]
    )
    assert len(ledger.execute(CORRECTIONS, (number,)).fetchall()) == 2 - late // 2
    assert differences(ledger) == []


@pytest.mark.parametrize(
    "change",
    [
        "update stock_movements set quantity = 5 where id = %s",
        "delete from stock_movements where id = %s",
        # within one day: the sums of the day stay
        "update stock_movements set occurred_at = occurred_at + interval '2 hours' where id = %s",
    ],
)
def test_an_older_movement_that_is_changed_comes_late_too(
    ledger: psycopg.Connection, change: str
) -> None:
    p = product(ledger)
    number = move(ledger, p, 15, occurred_at=BEFORE)
    count(ledger, p, 12, NOON)
    ledger.execute(change, (number,))
    assert stock(ledger, p) == (27 if "interval" in change else 12)
    assert only(ledger, "select balance from stocksync.counts") == 12
    assert only(
        ledger, "select quantity from stocksync.stock_as_of(%s, %s)", (NOON, p)
    ) == 12  # fmt: skip
    assert differences(ledger) == []


def test_a_deleted_correction_is_booked_again_because_the_count_stands(
    ledger: psycopg.Connection,
) -> None:
    p = product(ledger)
    count(ledger, p, 12, NOON)
    ledger.execute("delete from stock_movements")
    assert stock(ledger, p) == 12


def test_a_reversed_correction_moves_the_stock_of_now_and_not_of_then(
    ledger: psycopg.Connection,
) -> None:
    p = product(ledger)
    count(ledger, p, 12, NOON)
    ledger.execute(
        "select stocksync.reverse_movement(movement_id, 'wrong') from stocksync.count_corrections"
    )
    assert stock(ledger, p) == 0
    assert only(ledger, "select quantity from stocksync.stock_as_of(%s, %s)", (NOON, p)) == 12


def test_a_count_before_another_one_leaves_that_one_standing(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    count(ledger, p, 12, AFTER)
    assert count(ledger, p, 9, NOON)[:3] == (15, -6, 12)
    assert stock(ledger, p) == 12
    assert only(ledger, "select quantity from stocksync.stock_as_of(%s, %s)", (NOON, p)) == 9


def test_a_changed_setting_is_for_what_comes_later(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    count(ledger, p, 12, NOON)
    change = "update stocksync.settings set late_movements_before_count = %s"
    ledger.execute(change, ("keep_difference",))
    move(ledger, p, 2, occurred_at=BEFORE)
    ledger.execute(change, ("keep_count",))
    move(ledger, p, 3, occurred_at=BEFORE)
    assert stock(ledger, p) == 14


def test_a_truncated_ledger_has_no_counts_that_stand(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    count(ledger, p, 12, NOON)
    with ledger.transaction():
        ledger.execute("set local stocksync.allow_truncate = on")
        ledger.execute("truncate stock_movements")
    assert stock(ledger, p) == 0
    move(ledger, p, 1, occurred_at=BEFORE)
    assert stock(ledger, p) == 1
    assert differences(ledger) == []


def test_a_product_that_is_gone_leaves_its_counts_on_record(ledger: psycopg.Connection) -> None:
    """The next product of that number has nothing to do with them."""
    p, other = product(ledger, "A"), product(ledger, "B")
    for number in (p, other):
        move(ledger, number, 15, occurred_at=BEFORE)
        count(ledger, number, 12, NOON)
    with ledger.transaction():
        ledger.execute("delete from stock_movements where product_id = %s", (p,))
        move(ledger, other, 1, occurred_at=BEFORE)
        ledger.execute("delete from products where id = %s", (p,))
    product(ledger, "C", id=p)
    move(ledger, p, 3, occurred_at=BEFORE)
    assert (stock(ledger, p), stock(ledger, other)) == (3, 12)
    assert ledger.execute(
        "select product_id, quantity, balance from stocksync.counts order by id"
    ).fetchall() == [(p, 12, None), (other, 12, 12)]
    assert differences(ledger) == []


def test_a_late_sale_that_is_made_good_at_the_count_is_not_short(
    ledger: psycopg.Connection,
) -> None:
    """Of 20 then 2 were left, and 2 are left: only in between nothing was short."""
    p = product(ledger, allow_negative=False)
    move(ledger, p, 20, occurred_at=BEFORE - timedelta(hours=1))
    move(ledger, p, 18, "sale", occurred_at=AFTER)
    count(ledger, p, 20, NOON)
    move(ledger, p, 5, "sale", occurred_at=BEFORE)
    assert stock(ledger, p) == 2
    with ledger.transaction():  # in a transaction of several statements too
        move(ledger, p, 5, "sale", occurred_at=BEFORE)
        move(ledger, p, 5, "sale", occurred_at=BEFORE)
    assert stock(ledger, p) == 2
    with ledger.transaction():
        ledger.execute("set constraints all immediate")
        move(ledger, p, 5, "sale", occurred_at=BEFORE)
        assert stock(ledger, p) == 2
    assert differences(ledger) == []


def test_a_correction_that_would_take_more_than_there_is_is_refused_whole(
    ledger: psycopg.Connection,
) -> None:
    p = product(ledger, allow_negative=False)
    move(ledger, p, 15, occurred_at=BEFORE)
    move(ledger, p, 14, "sale", occurred_at=AFTER)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        count(ledger, p, 12, NOON)
    assert only(ledger, "select count(*) from stocksync.counts") == 0
    assert stock(ledger, p) == 1


@pytest.mark.parametrize("counted", [15, 12])
@pytest.mark.parametrize("late", ["refuse", "first_open_day"])
def test_a_closed_period_is_not_counted_again(
    ledger: psycopg.Connection, counted: int, late: str
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    ledger.execute("call stocksync.close_period('2026-03-10')")
    ledger.execute("update stocksync.settings set late_movements = %s", (late,))
    with raises_sql("SS005", "the period of 2026-03-10 12:00:00+00 is closed"):
        count(ledger, p, counted, NOON)
    assert only(ledger, "select count(*) from stocksync.counts") == 0


def test_what_is_booked_on_the_first_open_day_is_after_the_count(
    ledger: psycopg.Connection,
) -> None:
    p = product(ledger)
    count(ledger, p, 12, NOON)
    ledger.execute("call stocksync.close_period('2026-03-10')")
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    move(ledger, p, 2, occurred_at=BEFORE)
    assert stock(ledger, p) == 14
    assert only(ledger, "select count(*) from stocksync.log where level = 'warning'"
                        " and message = 'late movements before a count'") == 0  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "sqlstate", "constraint"),
    [
        (Decimal("NaN"), "23514", "counts_quantity_bounded"),
        (Decimal("Infinity"), "23514", "counts_quantity_bounded"),
        (Decimal("1e15"), "23514", "counts_quantity_bounded"),
        (-1, "23514", "counts_quantity_not_negative"),
        (Decimal("0.0000001"), "23514", "counts_quantity_scale"),
        (None, "23502", None),
    ],
)
def test_what_is_no_quantity_is_refused(
    ledger: psycopg.Connection, quantity: object, sqlstate: str, constraint: str | None
) -> None:
    p = product(ledger)
    with pytest.raises(psycopg.Error) as caught:
        count(ledger, p, quantity)
    assert (caught.value.sqlstate, caught.value.diag.constraint_name) == (sqlstate, constraint)
    assert only(ledger, "select count(*) from stock_movements") == 0


@pytest.mark.parametrize(
    ("at", "sqlstate"),
    [
        ("9999-01-01", "22023"),
        ("infinity", "22023"),
        ("-infinity", "23514"),
        ("0001-01-01", "23514"),
    ],
)
def test_what_is_no_time_of_a_count_is_refused(
    ledger: psycopg.Connection, at: str, sqlstate: str
) -> None:
    p = product(ledger)
    with pytest.raises(psycopg.Error) as caught:
        ledger.execute("select stocksync.record_count(%s, 1, %s)", (p, at))
    assert caught.value.sqlstate == sqlstate


def test_what_is_counted_must_be_known(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "product 99 does not exist"):
        count(ledger, 99, 1)
    p = product(ledger)
    with raises_sql("P0002", "location 99 does not exist"):
        count(ledger, p, 1, None, 99)
    with raises_sql("23502", 'null value in column "product_id" of relation "counts"'
                             " violates not-null constraint"):  # fmt: skip
        ledger.execute("select stocksync.record_count(null, 1)")


def test_an_application_counts_and_reads_its_counts_but_does_not_write_them(
    ledger: psycopg.Connection,
) -> None:
    p = product(ledger)
    move(ledger, p, 15, occurred_at=BEFORE)
    with acting_as(ledger, "stocksync_app"):
        assert count(ledger, p, 12, NOON)[1] == -3
        move(ledger, p, 2, "sale", occurred_at=BEFORE)
        assert only(ledger, "select balance from stocksync.counts") == 12
        for statement in (
            "update stocksync.counts set quantity = 1",
            "delete from stocksync.counts",
            "insert into stocksync.count_corrections values (1, 1)",
            "select stocksync._recheck_counts('{1}', now())",
            "select stocksync._record_counts('{}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ledger.execute(statement)
    with acting_as(ledger, "stocksync_auditor"), pytest.raises(
        psycopg.errors.InsufficientPrivilege
    ):  # fmt: skip
        count(ledger, p, 12, NOON)
    assert stock(ledger, p) == 12


def test_counts_and_late_movements_are_no_discrepancy(ledger: psycopg.Connection) -> None:
    p = product(ledger)
    count(ledger, p, 12, NOON)
    move(ledger, p, 2, occurred_at=BEFORE)
    ledger.execute("call stocksync.refresh()")
    ledger.execute("call stocksync.audit()")
    assert only(ledger, "select count(*) from stocksync.incidents") == 0
    assert only(ledger, "select count(*) from stocksync.findings") == 0
    # the reports know when it was counted last
    assert only(ledger, "select last_count_on from stocksync.stock_summary") == NOON.date()


# One batch ----------------------------------------------------------------------------------------


def of_batch(db: psycopg.Connection, batch: int, quantity: object, at: datetime | None = None):
    [row] = db.execute(
        "select c.expected, c.difference, c.on_hand, c.movements_since, c.moved_since"
        " from stock_batches as b, stocksync.record_count("
        " b.product_id, %s, %s, p_batch_id => b.id) as c where b.id = %s",
        (quantity, at, batch),
    ).fetchall()
    return row


def remaining(db: psycopg.Connection) -> list[Decimal]:
    return [
        row[0] for row in db.execute("select quantity_remaining from stock_batches order by id")
    ]


@pytest.fixture
def batches(ledger: psycopg.Connection) -> tuple[int, int, int]:
    """A product with 10 units of "L1", which is sold first, and 20 of "L2"."""
    p = product(ledger, tracks_batches=True)
    for number, quantity, day in (("L1", 10, "2030-01-31"), ("L2", 20, "2030-12-31")):
        move(ledger, p, quantity, batch_number=number, expiry_date=day,
             occurred_at=NOON - timedelta(days=1))  # fmt: skip
    [(first,), (second,)] = ledger.execute("select id from stock_batches order by id").fetchall()
    return p, first, second


@pytest.mark.parametrize(
    ("counted", "kind"), [(17, "stock_count_correction_minus"), (25, "stock_count_correction")]
)
def test_the_difference_is_booked_to_the_batch(
    ledger: psycopg.Connection, batches: tuple[int, int, int], counted: int, kind: str
) -> None:
    p, _, second = batches
    assert of_batch(ledger, second, counted) == (20, counted - 20, counted, 0, 0)
    assert remaining(ledger) == [10, counted]
    assert ledger.execute(
        "select transaction_type, quantity, batch_id from stock_movements order by id desc limit 1"
    ).fetchall() == [(kind, abs(counted - 20), second)]
    assert ledger.execute("select batch_id, balance from stocksync.counts").fetchall() == [
        (second, None)
    ]
    assert of_batch(ledger, second, counted)[1] == 0
    assert only(ledger, "select count(*) from stocksync.count_corrections") == 1
    assert stock(ledger, p) == 10 + counted
    assert differences(ledger) == []
    assert only(
        ledger, "select context ->> 'batch' from stocksync.log order by id desc limit 1"
    ) == ("L2")


def test_a_count_of_earlier_is_of_what_remained_then(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, first, second = batches
    move(ledger, p, 12, "sale", occurred_at=BEFORE)  # 10 of the first, 2 of the second
    move(ledger, p, 3, "sale", occurred_at=AFTER)
    move(ledger, p, 5, "sale_return", batch_number="L2", occurred_at=AFTER)
    assert of_batch(ledger, second, 17, NOON) == (18, -1, 19, 2, 2)
    assert of_batch(ledger, first, 1, NOON) == (0, 1, 1, 0, 0)
    assert remaining(ledger) == [1, 19]
    assert of_batch(ledger, second, 17, NOON)[:2] == (17, 0)
    assert differences(ledger) == []


def test_the_whole_of_a_batch_can_be_gone_also_in_quarantine(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    _, first, _ = batches
    ledger.execute("set session_replication_role = replica")
    ledger.execute("update stock_batches set status = 'quarantined' where id = %s", (first,))
    ledger.execute("set session_replication_role = origin")
    assert of_batch(ledger, first, 0)[1] == -10
    assert remaining(ledger) == [0, 20]
    assert of_batch(ledger, first, 4)[1] == 4
    assert remaining(ledger) == [4, 20]
    assert only(ledger, "select count(*) from stock_batches") == 2


def test_late_movements_do_not_touch_a_count_of_a_batch(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, first, _ = batches
    of_batch(ledger, first, 8, NOON)
    move(ledger, p, 3, "sale", occurred_at=BEFORE)
    assert remaining(ledger) == [5, 20]
    assert only(ledger, "select count(*) from stocksync.count_corrections") == 1


def test_more_than_is_left_cannot_be_corrected_away(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, first, _ = batches
    move(ledger, p, 8, "sale", occurred_at=AFTER)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        of_batch(ledger, first, 5, NOON)
    assert only(ledger, "select count(*) from stocksync.counts") == 0
    assert remaining(ledger) == [2, 20]


def test_a_count_of_all_of_a_product_still_works(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, _, _ = batches
    assert count(ledger, p, 27)[1] == -3
    assert remaining(ledger) == [7, 20]
    assert count(ledger, p, 29)[1] == 2
    assert remaining(ledger) == [7, 20, 2]
    assert differences(ledger) == []


def test_a_count_of_all_of_a_product_and_one_of_a_batch_at_the_same_moment(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, first, _ = batches
    count(ledger, p, 30, NOON)
    of_batch(ledger, first, 9, NOON)
    # it was 30, says the one: then something is missing of the batch and is there besides
    assert only(ledger, "select quantity from stocksync.stock_as_of(%s, %s)", (NOON, p)) == 30
    assert remaining(ledger) == [9, 20, 1]
    assert differences(ledger) == []


def test_what_is_no_batch_there_is_refused(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, first, _ = batches
    other = product(ledger, "B", tracks_batches=True)
    ledger.execute("insert into locations (name) values ('shelf')")
    ask = "select stocksync.record_count(%s, 1, null, %s, p_batch_id => %s)"
    for parameters, sku in (
        ((p, None, 99), "A"), ((other, None, first), "B"), ((p, 1, first), "A")
    ):  # fmt: skip
        with raises_sql("P0002", f'batch {parameters[2]} is not a batch of "{sku}" at this place'):
            ledger.execute(ask, parameters)
    ledger.execute("update products set tracks_batches = false")
    with raises_sql("P0002", f'batch {first} is not a batch of "A" at this place'):
        ledger.execute(ask, (p, None, first))


def test_the_place_is_that_of_the_batch(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, _, _ = batches
    ledger.execute("insert into locations (name) values ('shelf')")
    move(ledger, p, 5, location_id=1, batch_number="L1")
    batch = only(ledger, "select id from stock_batches where location_id = 1")
    assert of_batch(ledger, batch, 4)[1] == -1
    assert only(ledger, "select location_id from stocksync.counts") == 1
    assert remaining(ledger) == [10, 20, 4]
    assert differences(ledger) == []


def test_a_count_of_a_batch_can_be_undone(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    p, first, second = batches
    of_batch(ledger, first, 7)
    of_batch(ledger, second, 22)
    ledger.execute("call stocksync.undo(p_since => '2000-01-01', p_reference => 'count 1')")
    assert remaining(ledger) == [10, 22]
    ledger.execute("call stocksync.undo(p_since => '2000-01-01', p_reference => 'count 2')")
    assert remaining(ledger) == [10, 20]
    assert stock(ledger, p) == 30
    assert differences(ledger) == []


def test_an_application_counts_batches(
    ledger: psycopg.Connection, batches: tuple[int, int, int]
) -> None:
    _, first, _ = batches
    with acting_as(ledger, "stocksync_app"):
        assert of_batch(ledger, first, 7)[1] == -3
    assert remaining(ledger) == [7, 20]


def test_a_sale_that_settles_while_a_batch_is_counted_is_in_the_count(
    ledger: psycopg.Connection, batches: tuple[int, int, int], actor
) -> None:
    p, first, _ = batches
    seller, counter = actor("seller"), actor("counter")
    seller("begin")
    seller("insert into stock_movements (product_id, transaction_type, quantity)"
           " values (%s, 'sale', 4)", (p,))  # fmt: skip
    seller("set constraints all immediate")
    counting = counter.start(
        "select expected, difference from stocksync.record_count(%s, 5, p_batch_id => %s)",
        (p, first),
    )
    wait_until_blocked(ledger, "counter")
    seller("commit")
    assert counting.result(TIMEOUT) == [(6, -1)]
    assert remaining(ledger) == [5, 20]
    assert differences(ledger) == []
