"""Takes back a run or a batch of movements by opposite ones: whole, once, and the past too."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from functions.test_import_movements import load
from helpers import (
    Actor,
    acting_as,
    differences,
    move,
    only,
    product,
    raises_sql,
    session,
    stock,
    wait_until_blocked,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_concurrency import at_once, together

UNDO = "call stocksync.undo(%s)"


def undo(db: psycopg.Connection, *arguments: Any) -> int | None:
    marks = ", ".join(["%s"] * len(arguments))
    return only(db, f"call stocksync.undo({marks})", arguments)


def dry(db: psycopg.Connection, *arguments: Any) -> list[tuple[Any, ...]]:
    marks = ", ".join(["%s"] * len(arguments))
    return db.execute(f"select * from stocksync.undo_dry_run({marks})", arguments).fetchall()


def told(db: psycopg.Connection) -> dict[str, Any]:
    """Return the context of the last event in the log."""
    return only(db, "select context from stocksync.log order by id desc limit 1")


def everything(db: psycopg.Connection) -> list[Any]:
    """Return all that an undo could change."""
    return [
        db.execute(f"select * from {table} order by 1").fetchall()
        for table in (
            "products", "stock_movements", "stocksync.runs", "stocksync.incidents", "stocksync.log"
        )
    ]  # fmt: skip


# A run that booked movements ----------------------------------------------------------------------


def test_an_import_is_taken_back_by_opposite_movements(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 100)
    load(ledger, "A,purchase,5,k1", "B,sale,2.5,k2", "A,sale,1,k3")
    before = everything(ledger)

    planned = dry(ledger, 1)

    half = Decimal("2.5")
    assert planned == [
        (a, "A", "A", 2, 0, 104, -4, 100),
        (b, "B", "B", 1, 0, -half, half, 0),
    ]
    assert everything(ledger) == before
    assert undo(ledger, 1) == 2
    assert (stock(ledger, a), stock(ledger, b)) == (100, 0)
    assert ledger.execute("select * from stocksync.undone(2)").fetchall() == planned
    assert differences(ledger) == []
    assert ledger.execute(
        "select o.id, r.movement_type, r.transaction_type, r.quantity,"
        " r.occurred_at = o.occurred_at, r.recorded_at > o.recorded_at, r.idempotency_key, r.notes"
        " from stock_movements as r join stock_movements as o on o.id = r.reverses_id order by o.id"
    ).fetchall() == [
        (2, "out", "purchase", 5, True, True, None, "run 1, undone by run 2"),
        (3, "in", "sale", Decimal("2.5"), True, True, None, "run 1, undone by run 2"),
        (4, "in", "sale", 1, True, True, None, "run 1, undone by run 2"),
    ]


def test_an_undo_is_a_run_and_in_the_log_as_a_warning(ledger: psycopg.Connection) -> None:
    product(ledger)
    load(ledger, "A,purchase,5,k1", "A,sale,2,k2")
    undo(ledger, 1)
    assert ledger.execute(
        "select command, options, actor = session_user, movement_ids::text,"
        " finished_at >= started_at from stocksync.runs where id = 2"
    ).fetchall() == [("undo", {"run": 1}, True, "{[3,5)}", True)]
    assert ledger.execute(
        "select level, message, context from stocksync.log order by id desc limit 1"
    ).fetchall() == [
        (
            "warning",
            "run undone",
            {
                "run": 2, "undone_run": 1, "movements": 2, "corrections": 0,
                "already_reversed": 0, "reversals": 0, "gone": 0,
            },
        )
    ]  # fmt: skip


def test_reference_cost_and_place_of_a_reversal_are_those_of_the_movement(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    place = only(ledger, "insert into locations (name) values ('Paris') returning id")
    move(ledger, a, 5, location_id=place, unit_cost=3, reference="R")
    undo(ledger, None, "2020-01-01")
    assert ledger.execute(
        "select location_id, unit_cost, reference from stock_movements where reverses_id = 1"
    ).fetchall() == [(place, 3, "R")]


def test_the_past_is_right_too(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 7, occurred_at="2025-01-01Z")
    move(ledger, a, 100, occurred_at="2025-02-01Z", reference="BAD")
    undo(ledger, None, "2020-01-01", None, "BAD")
    as_of = "select quantity from stocksync.stock_as_of('2025-02-02Z', %s)"
    assert only(ledger, as_of, (a,)) == 7


def test_where_the_period_is_closed_the_reversal_is_dated_when_it_opens(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    move(ledger, a, 7, occurred_at="2025-01-01Z")
    move(ledger, a, 8, occurred_at="2025-03-01Z")
    ledger.execute("call stocksync.close_period('2025-01-31')")
    undo(ledger, None, "2020-01-01")
    assert ledger.execute(
        "select occurred_at from stock_movements where reverses_id is not null order by id"
    ).fetchall() == [
        (datetime(2025, 2, 1, tzinfo=UTC),), (datetime(2025, 3, 1, tzinfo=UTC),)
    ]  # fmt: skip
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


def test_what_is_reversed_already_is_left_as_it_is_and_counted(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    load(ledger, "A,purchase,5,k1", "A,purchase,6,k2", "A,purchase,7,k3")
    ledger.execute("select stocksync.reverse_movement(2, 'x')")
    ledger.execute("delete from stock_movements where id = 3")
    counts = ledger.execute("select * from stocksync.undo_counts(1)").fetchall()
    assert counts == [(1, 0, 1, 0, 1)]
    assert [row[3] for row in dry(ledger, 1)] == [1]
    undo(ledger, 1)
    assert stock(ledger, a) == 0
    assert told(ledger)["gone"] == 1
    assert differences(ledger) == []


def test_the_key_of_an_import_that_was_undone_stays_used(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    load(ledger, "A,purchase,5,k1")
    undo(ledger, 1)
    assert load(ledger, "A,purchase,5,k1") == (0, 1, 0, 0)
    assert stock(ledger, a) == 0


def test_where_stock_may_not_be_negative_the_whole_undo_is_refused_at_commit(
    ledger: psycopg.Connection,
) -> None:
    product(ledger, "A"), product(ledger, "B", allow_negative=False)
    load(ledger, "A,purchase,5,k1", "B,purchase,6,k2")
    move(ledger, 2, 4, "sale")
    before = everything(ledger)
    with raises_sql(
        "SS001",
        'insufficient stock of "B"',
        message_detail="There are 2, and 6 were asked for.",
    ):
        undo(ledger, 1)
    assert everything(ledger) == before


def test_where_the_past_may_not_be_negative_either(ledger: psycopg.Connection) -> None:
    a = product(ledger, allow_negative=False)
    move(ledger, a, 5, occurred_at="2025-01-01Z", reference="BAD")
    move(ledger, a, 5, "sale", occurred_at="2025-02-01Z")
    move(ledger, a, 9, occurred_at="2025-03-01Z")
    with pytest.raises(psycopg.Error, match='insufficient stock of "A" on 2025-02-01'):
        undo(ledger, None, "2020-01-01", None, "BAD")
    assert stock(ledger, a) == 9


def test_an_import_can_be_undone_for_ever(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    load(ledger, "A,purchase,5,k1")
    ledger.execute("update stocksync.runs set started_at = '2001-01-01'")
    ledger.execute("call stocksync.refresh()")
    undo(ledger, 1)
    assert stock(ledger, a) == 0


def test_it_goes_with_the_transaction_of_the_caller(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    load(ledger, "A,purchase,5,k1")
    before = everything(ledger)
    with ledger.transaction(force_rollback=True):
        undo(ledger, 1)
        ledger.execute("set constraints all immediate")
        assert stock(ledger, a) == 0
    assert everything(ledger) == before


# A batch of movements -----------------------------------------------------------------------------


def test_a_batch_is_chosen_by_when_it_was_recorded_and_by_type_and_reference(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    move(ledger, a, 1000, recorded_at="2025-05-01Z", reference="X")
    move(ledger, a, 100, occurred_at="2024-01-01Z", recorded_at="2025-06-01Z", reference="X")
    move(ledger, a, 10, recorded_at="2025-06-02Z", reference="X's")
    move(ledger, a, 1, "sale", recorded_at="2025-06-02Z", reference="X")
    changes = {
        "since": ((None, "2025-06-01Z"), -109),
        "later": ((None, "2025-06-01 00:00:00.000001Z"), -9),
        "type": ((None, "2025-06-01Z", "purchase"), -110),
        "reference": ((None, "2025-06-01Z", None, "X's"), -10),
        "both": ((None, "2025-06-01Z", "sale", "X"), 1),
    }
    for arguments, change in changes.values():
        assert [row[6] for row in dry(ledger, *arguments)] == [change]
    assert dry(ledger, None, "2025-06-01Z", "damage") == []
    assert undo(ledger, None, "2025-06-01Z", "purchase") == 1
    assert stock(ledger, a) == 999
    counts = "select * from stocksync.undo_counts(null, '2025-06-01Z')"
    assert ledger.execute(counts).fetchall() == [(1, 0, 2, 2, 0)]
    notes = "select notes from stock_movements where reverses_id = 2"
    assert only(ledger, notes) == "undone by run 1"
    assert differences(ledger) == []


def test_where_nothing_is_left_nothing_is_done(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 5)
    assert undo(ledger, None, "2020-01-01") == 1
    before = everything(ledger)
    assert undo(ledger, None, "2020-01-01") is None
    assert dry(ledger, None, "2020-01-01") == []
    assert everything(ledger) == before


def test_a_run_whose_movements_are_all_reversed_has_nothing_left(
    ledger: psycopg.Connection,
) -> None:
    product(ledger)
    load(ledger, "A,purchase,5,k1")
    undo(ledger, None, "2020-01-01")
    assert undo(ledger, 1) is None


# A run that corrected -----------------------------------------------------------------------------


def test_the_corrections_of_a_run_are_put_back_and_the_next_sync_makes_them_again(
    ledger: psycopg.Connection,
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10), move(ledger, b, 10)
    ledger.execute(
        "update products set quantity_on_hand = 12, total_stock = 13 where id = %s", (a,)
    )
    ledger.execute("update products set total_stock = 4 where id = %s", (b,))
    run = only(ledger, "call stocksync.sync()")
    move(ledger, a, 1, "sale")
    assert dry(ledger, run) == [
        (a, "A", "A", 0, 2, 9, 2, 11), (b, "B", "B", 0, 1, 10, 0, 10)
    ]  # fmt: skip

    undone = undo(ledger, run)

    assert ledger.execute(
        "select quantity_on_hand, total_stock from products order by id"
    ).fetchall() == [(11, 12), (10, 4)]
    assert ledger.execute(
        "select run_id, product_id, class, before, after from stocksync.incidents"
        " where run_id = %s order by product_id, class",
        (undone,),
    ).fetchall() == [
        (undone, a, "quantity_on_hand", 10, 12), (undone, a, "total_stock", 10, 13),
        (undone, b, "total_stock", 10, 4),
    ]  # fmt: skip
    done = ledger.execute("select * from stocksync.undone(%s)", (undone,))
    assert [row[:5] for row in done] == [(a, "A", "A", 0, 2), (b, "B", "B", 0, 1)]
    ledger.execute("call stocksync.sync()")
    assert differences(ledger) == []


def test_what_was_no_number_and_the_roll_up_are_not_put_back(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), 10)
    ledger.execute("set session_replication_role = replica")
    ledger.execute("update products set quantity_on_hand = 'NaN'")
    ledger.execute("delete from stocksync._journal")
    ledger.execute("set session_replication_role = origin")
    run = only(ledger, "call stocksync.sync()")
    assert only(ledger, "select count(*) from stocksync.incidents") == 2
    with raises_sql("55000", f"run {run} changed no stock"):
        undo(ledger, run)
    assert differences(ledger) == []


# What cannot be undone ----------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["select * from stocksync.undo_dry_run(%s)", UNDO])
def test_a_run_is_undone_once_and_an_undo_never(ledger: psycopg.Connection, call: str) -> None:
    product(ledger)
    load(ledger, "A,purchase,5,k1")
    undo(ledger, 1)
    before = everything(ledger)
    with raises_sql("55000", "run 1 was undone by run 2"):
        ledger.execute(call, (1,))
    with raises_sql("55000", "run 2 is an undo, and a reversal cannot be reversed"):
        ledger.execute(call, (2,))
    with raises_sql("P0002", "run 99 does not exist"):
        ledger.execute(call, (99,))
    assert everything(ledger) == before


@pytest.mark.parametrize("call", ["select * from stocksync.undo_dry_run(%s)", UNDO])
def test_a_run_that_changed_no_stock_is_refused(ledger: psycopg.Connection, call: str) -> None:
    run = only(ledger, "call stocksync.sync()")
    with raises_sql(
        "55000",
        f"run {run} changed no stock",
        message_detail='It was "sync", and neither booked movements nor corrected a quantity.',
    ):
        ledger.execute(call, (run,))


def test_a_run_that_goes_on_is_refused_and_one_that_was_killed_is_not(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with session(ledger_url) as other:
        run = only(other, "select stocksync._start_run('sync', null, null, false)")
        other.execute("begin")
        with raises_sql("55006", f"run {run} has not ended"):
            undo(ledger, run)
    with raises_sql("55000", f"run {run} changed no stock"):
        undo(ledger, run)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (1, "2025-01-01Z"),
        (1, None, "sale"),
        (None, None, "sale"),
        (1, None, None, "X"),
    ],
)
def test_a_contradiction_is_refused(ledger: psycopg.Connection, arguments: tuple[Any, ...]) -> None:
    with raises_sql("22023", "either a run is undone or movements since a time"):
        undo(ledger, *arguments)
    with raises_sql("22023", "either a run is undone or movements since a time"):
        dry(ledger, *arguments)


def test_an_unknown_type_and_the_future_are_refused(ledger: psycopg.Connection) -> None:
    with raises_sql("22023", 'unknown transaction type "sael"'):
        undo(ledger, None, "2020-01-01", "sael")
    with raises_sql("22023", "infinity is in the future"):
        undo(ledger, None, "infinity")


def test_what_is_archived_is_refused(ledger: psycopg.Connection) -> None:
    product(ledger)
    load(ledger, "A,purchase,5,k1", "A,purchase,6,k2")
    ledger.execute("call stocksync.close_period('2025-01-31')")
    ledger.execute(
        "insert into stocksync.archives (closing_id, archived_before, file, sha256,"
        " content_sha256, movements, movement_ids, last_recorded_at, time_zone)"
        " values (1, '2025-02-01Z', 'old.gz', repeat('a', 64), '', 1, '{[2,3)}', '2025-01-30Z',"
        " 'UTC')"
    )
    for arguments in ((1,), (None, "2025-01-30Z")):
        with raises_sql("SS006", "movements that are to be undone are archived"):
            undo(ledger, *arguments)
        with raises_sql("SS006", "movements that are to be undone are archived"):
            dry(ledger, *arguments)
    assert len(dry(ledger, None, "2025-01-31Z")) == 1
    ledger.execute("update stocksync.archives set restored_at = now()")
    assert len(dry(ledger, 1)) == 1


def test_the_roles_that_may(ledger: psycopg.Connection) -> None:
    product(ledger)
    load(ledger, "A,purchase,5,k1")
    for role in ("stocksync_auditor", "stocksync_app"):
        with (
            acting_as(ledger, role),
            raises_sql("42501", "permission denied for procedure undo"),
        ):
            undo(ledger, 1)
    with acting_as(ledger, "stocksync_auditor"):
        assert len(dry(ledger, 1)) == 1
        ledger.execute("select * from stocksync.undo_counts(1)")
    with acting_as(ledger, "stocksync_operator"):
        assert undo(ledger, 1) == 2
        assert len(ledger.execute("select * from stocksync.undone(2)").fetchall()) == 1
    assert differences(ledger) == []


def test_an_operator_puts_back_corrections(ledger: psycopg.Connection) -> None:
    a = product(ledger, quantity_on_hand=5)
    run = only(ledger, "call stocksync.sync()")
    with acting_as(ledger, "stocksync_operator"):
        undo(ledger, run)
    assert stock(ledger, a) == 5


# Several at once ----------------------------------------------------------------------------------


def test_of_two_undos_of_one_run_one_does_it_and_the_other_is_told(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    load(ledger, *(f"A,purchase,1,k{n}" for n in range(200)))
    done = at_once(ledger_url, 4, UNDO, (1,))
    errors = [one for one in done if isinstance(one, psycopg.Error)]
    assert [str(error.diag.message_primary) for error in errors] == [
        "run 1 was undone by run 2"
    ] * 3
    assert stock(ledger, a) == 0
    assert only(ledger, "select count(*) from stock_movements") == 400
    assert differences(ledger) == []


def test_a_movement_that_somebody_else_is_reversing_is_left_to_him(
    ledger: psycopg.Connection, actor: Callable[[str], Any]
) -> None:
    a = product(ledger)
    load(ledger, "A,purchase,5,k1", "A,purchase,6,k2")
    clerk, operator = actor("clerk"), actor("operator")
    clerk("begin")
    clerk("select stocksync.reverse_movement(2, 'by hand')")
    undoing = operator.start(UNDO, (1,))
    wait_until_blocked(ledger, "operator")
    clerk("commit")
    assert undoing.result(60) == [(2,)]
    assert ledger.execute(
        "select reverses_id, notes from stock_movements where reverses_id is not null order by 1"
    ).fetchall() == [(1, "run 1, undone by run 2"), (2, "by hand")]
    assert told(ledger)["already_reversed"] == 1
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


def test_one_that_somebody_else_did_not_reverse_after_all_is_undone(
    ledger: psycopg.Connection, actor: Callable[[str], Any]
) -> None:
    a = product(ledger)
    load(ledger, "A,purchase,5,k1")
    clerk, operator = actor("clerk"), actor("operator")
    clerk("begin")
    clerk("select stocksync.reverse_movement(1, 'by hand')")
    undoing = operator.start(UNDO, (1,))
    wait_until_blocked(ledger, "operator")
    clerk("rollback")
    assert undoing.result(60) == [(2,)]
    assert stock(ledger, a) == 0


def test_an_insert_in_flight_is_neither_waited_for_nor_lost(
    ledger: psycopg.Connection, actor: Callable[[str], Any]
) -> None:
    a = product(ledger)
    load(ledger, "A,purchase,5,k1")
    shop = actor("shop")
    shop("begin")
    shop(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (%s, 'purchase', 3)",
        (a,),
    )
    assert undo(ledger, 1) == 2
    assert stock(ledger, a) == 0
    shop("commit")
    assert stock(ledger, a) == 3
    assert differences(ledger) == []


def test_what_others_booked_in_the_middle_of_an_import_is_not_undone(
    ledger: psycopg.Connection, ledger_url: str, actor: Callable[[str], Any]
) -> None:
    a = product(ledger)
    shop = actor("shop")
    shop("begin")
    shop(
        "insert into stock_movements (product_id, transaction_type, quantity, idempotency_key)"
        " values (%s, 'purchase', 5, 'k2')",
        (a,),
    )
    lines = ("A,purchase,1,k1", "A,purchase,5,k2", "A,purchase,1,k3")
    with (
        psycopg.connect(ledger_url, autocommit=True, application_name="importer") as importer,
        ThreadPoolExecutor(1) as thread,
    ):
        importing = thread.submit(load, importer, *lines)
        wait_until_blocked(ledger, "importer")
        move(ledger, a, 100)
        shop("rollback")
        assert importing.result(60) == (3, 0, 0, 0)
    assert only(ledger, "select movement_ids::text from stocksync.runs") == "{[2,4),[5,6)}"
    undo(ledger, 1)
    assert stock(ledger, a) == 100
    assert differences(ledger) == []


def test_sales_go_on_while_runs_are_undone_and_nobody_fails(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    for n in range(10):
        product(ledger, f"P{n}")
    for part in range(5):
        load(ledger, *(f"P{n % 10},purchase,{1 + n % 3},k{part}/{n}" for n in range(300)))
    ledger.execute("update products set quantity_on_hand = quantity_on_hand + 1")
    ledger.execute("call stocksync.sync()")
    over = threading.Event()
    sold = [0]

    def sell() -> None:
        with session(ledger_url) as shop:
            while not over.is_set() or sold[0] < 20:
                with shop.transaction():
                    for product_id in (3, 9, 1):
                        move(shop, product_id, 1, "sale")
                sold[0] += 1

    def take_back() -> None:
        try:
            with session(ledger_url) as operator:
                for run in (1, 2, 3, 4, 5, 6):
                    undo(operator, run)
        finally:
            over.set()

    together(sell, take_back)
    ledger.execute("call stocksync.sync()")
    assert {p: stock(ledger, p) for p in (1, 2, 3, 9)} == {
        1: -sold[0], 2: 0, 3: -sold[0], 9: -sold[0]
    }  # fmt: skip
    assert differences(ledger) == []


# Any history --------------------------------------------------------------------------------------

_DAY = datetime(2025, 3, 1, tzinfo=UTC)

_import = st.tuples(
    st.just("import"),
    st.lists(
        st.tuples(
            st.integers(1, 3),  # product
            st.sampled_from(["purchase", "purchase", "sale"]),
            st.integers(1, 3),
            st.sampled_from([0, 10, 20, 30]),  # day
            st.integers(0, 1),  # key: few, so that lines come again
        ),
        min_size=2,
        max_size=8,
    ),
)
_undo = st.tuples(st.just("undo"), st.integers(0, 8))
_undo_batch = st.tuples(
    st.just("undo batch"), st.integers(0, 30), st.sampled_from([None, None, "sale"])
)
# A history begins with movements: of nothing there is nothing to undo.
_steps = st.tuples(
    _import,
    st.lists(
        st.one_of(
            _import,
            _import,
            st.tuples(st.just("reverse"), st.integers(0, 30)),
            st.tuples(st.just("delete"), st.integers(0, 30)),
            st.tuples(st.just("close"), st.integers(0, 25)),
            st.tuples(st.just("refuse"), st.integers(1, 3)),
            _undo,
            _undo_batch,
        ),
        min_size=4,
        max_size=20,
    ),
    st.one_of(_undo, _undo_batch),
).map(lambda parts: [parts[0], *parts[1], parts[2]])


class Model:
    """The ledger as a dictionary: what is booked, by whom, and what each undo must leave."""

    def __init__(self) -> None:
        self.movements: dict[int, dict[str, Any]] = {}
        self.runs: dict[int, list[int]] = {}
        self.undone: dict[int, int | None] = {}  # undo run: the run that it undid
        self.closed = datetime.min.replace(tzinfo=UTC)
        self.refuses: set[int] = set()

    def signed(self, ids: list[int], product_id: int, until: datetime | None = None) -> int:
        return sum(
            self.movements[i]["signed"]
            for i in ids
            if self.movements[i]["product"] == product_id
            and (until is None or self.movements[i]["at"] <= until)
        )

    def lowest(self, product_id: int) -> int:
        """Return the least stock the product ever had."""
        times = {m["at"] for m in self.movements.values() if m["product"] == product_id}
        return min([0, *(self.signed(list(self.movements), product_id, at) for at in times)])

    def chosen(self, ids: list[int]) -> list[int]:
        reversed_ids = {m["reverses"] for m in self.movements.values()}
        return [
            i
            for i in ids
            if i in self.movements
            and self.movements[i]["reverses"] is None
            and i not in reversed_ids
        ]


@pytest.mark.parametrize("examples", [50, pytest.param(150, marks=pytest.mark.long)])
def test_any_history_ends_as_adding_up_says(
    ledger: psycopg.Connection, empty: Callable[[], None], examples: int
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=_steps)
    def check(steps: list[Any]) -> None:
        empty()
        model = Model()
        for sku in "ABC":
            product(ledger, sku)
        for step, *details in steps:
            _STEPS[step](ledger, model, *details)
            _compare(ledger, model)
        assert differences(ledger) == []

    check()


def _learn(db: psycopg.Connection, model: Model) -> None:
    """Take over the numbers of new movements, whose contents the model then foretells."""
    model.movements = {
        row[0]: dict(zip(("product", "signed", "at", "type", "reverses"), row[1:], strict=True))
        for row in db.execute(
            "select id, product_id,"
            " case movement_type when 'in' then quantity else -quantity end, occurred_at,"
            " transaction_type, reverses_id from stock_movements"
        )
    }


def _do_import(db: psycopg.Connection, model: Model, lines: list[Any]) -> None:
    known = set(model.movements)
    with db.transaction():
        names = "{sku,transaction_type,quantity,occurred_at,idempotency_key}"
        copying = only(db, "select stocksync.stage_import('movements', %s)", (names,))
        with db.cursor().copy(copying) as copy:
            for number, (p, kind, quantity, day, key) in enumerate(lines, 2):
                at = (_DAY + timedelta(days=day)).isoformat()
                # the content follows from the key, or it would be a problem
                copy.write(f"{number},,{'ABC'[p - 1]},{kind},{quantity},{at},"
                           f"{p}{kind}{quantity}-{day}-{key}\n")  # fmt: skip
        try:
            with db.transaction():
                if only(db, "select problems from stocksync.import_movements()"):
                    return  # a line is dated where the ledger is closed
                db.execute("set constraints all immediate")
        except psycopg.Error as error:
            assert error.sqlstate in ("SS001", "SS005")
            return
    _learn(db, model)
    run = only(db, "select max(id) from stocksync.runs")
    model.runs[run] = sorted(set(model.movements) - known)


def _reverse(db: psycopg.Connection, model: Model, which: int) -> None:
    if free := model.chosen(list(model.movements)):
        try:
            db.execute("select stocksync.reverse_movement(%s, '')", (free[which % len(free)],))
        except psycopg.Error as error:
            assert error.sqlstate == "SS001"
        _learn(db, model)


def _delete(db: psycopg.Connection, model: Model, which: int) -> None:
    free = [
        i for i in model.chosen(list(model.movements)) if model.movements[i]["at"] >= model.closed
    ]
    if free:
        try:
            db.execute("delete from stock_movements where id = %s", (free[which % len(free)],))
        except psycopg.Error as error:
            assert error.sqlstate == "SS001"
        _learn(db, model)


def _close(db: psycopg.Connection, model: Model, day: int) -> None:
    opens = _DAY + timedelta(days=day + 1)
    if opens > model.closed:
        db.execute("call stocksync.close_period(%s)", ((_DAY + timedelta(days=day)).date(),))
        model.closed = opens


def _refuse(db: psycopg.Connection, model: Model, product_id: int) -> None:
    if model.lowest(product_id) == 0:
        db.execute("update products set allow_negative = false where id = %s", (product_id,))
        model.refuses.add(product_id)


def _undo_run(db: psycopg.Connection, model: Model, which: int) -> None:
    runs = [*model.runs, *model.undone]
    if not runs:
        return
    run = runs[which % len(runs)]
    if run in model.undone or run in model.undone.values() or not model.runs[run]:
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            undo(db, run)
        return
    _do_undo(db, model, model.runs[run], run, run)


def _undo_batch(db: psycopg.Connection, model: Model, back: int, kind: str | None) -> None:
    if not model.movements:
        return
    ids = sorted(model.movements)
    since = only(
        db,
        "select recorded_at from stock_movements where id = %s",
        (ids[max(0, len(ids) - 1 - back)],),
    )
    told = [
        i
        for i, recorded_at in db.execute("select id, recorded_at from stock_movements")
        if recorded_at >= since and kind in (None, model.movements[i]["type"])
    ]
    _do_undo(db, model, told, None, None, since, kind)


def _do_undo(
    db: psycopg.Connection, model: Model, ids: list[int], of: int | None, *arguments: Any
) -> None:
    chosen = model.chosen(ids)
    expected = Model()
    expected.movements = dict(model.movements) | {
        -i: model.movements[i]
        | {
            "signed": -model.movements[i]["signed"],
            "at": max(model.movements[i]["at"], model.closed),
            "reverses": i,
        }
        for i in chosen
    }
    planned = dry(db, *arguments)
    assert {row[0]: row[3] for row in planned} == {
        p: n for p in (1, 2, 3)
        if (n := sum(model.movements[i]["product"] == p for i in chosen))
    }  # fmt: skip
    try:
        run = undo(db, *arguments)
    except psycopg.Error as error:
        assert error.sqlstate == "SS001"
        assert any(expected.lowest(p) < 0 for p in model.refuses)
        return
    assert not any(expected.lowest(p) < 0 for p in model.refuses)
    assert (run is None) == (not chosen)
    _learn(db, model)
    assert sorted(map(str, model.movements.values())) == sorted(
        map(str, expected.movements.values())
    )
    if run is not None:
        model.undone[run] = of
        assert db.execute("select * from stocksync.undone(%s)", (run,)).fetchall() == planned


def _compare(db: psycopg.Connection, model: Model) -> None:
    for p in (1, 2, 3):
        assert stock(db, p) == model.signed(list(model.movements), p)
        for day in (5, 20, 35):
            at = _DAY + timedelta(days=day)
            as_of = only(db, "select quantity from stocksync.stock_as_of(%s, %s)", (at, p))
            assert as_of == model.signed(list(model.movements), p, at)


_STEPS: dict[str, Callable[..., None]] = {
    "import": _do_import,
    "reverse": _reverse,
    "delete": _delete,
    "close": _close,
    "undo": _undo_run,
    "undo batch": _undo_batch,
    "refuse": _refuse,
}


# Counts -------------------------------------------------------------------------------------------


def stock_take(db: psycopg.Connection, quantity: str) -> int:
    """Import a count of product A and return the number of the run."""
    with db.transaction():
        db.execute("select stocksync.stage_import('counts', array['sku', 'quantity'])")
        db.execute("insert into stocksync_import (sku, quantity) values ('A', %s)", (quantity,))
        db.execute("select stocksync.import_counts('take.csv')")
    return int(only(db, "select max(id) from stocksync.runs"))


def test_a_stock_take_is_undone_with_all_that_was_booked_for_it(
    ledger: psycopg.Connection,
) -> None:
    """Its correction, and that of a late sale; else the count would book them again."""
    a = product(ledger)
    move(ledger, a, 10)
    run = stock_take(ledger, "8")
    move(ledger, a, 1, "sale", occurred_at=datetime.now(UTC) - timedelta(hours=1))
    assert stock(ledger, a) == 8
    undo(ledger, run)
    assert stock(ledger, a) == 9
    assert only(ledger, "select balance from stocksync.counts") is None
    move(ledger, a, 1, "sale", occurred_at=datetime.now(UTC) - timedelta(hours=1))
    assert stock(ledger, a) == 8
    assert differences(ledger) == []


def test_a_correction_in_a_bad_batch_takes_its_count_along(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    since = only(ledger, "select clock_timestamp()")
    ledger.execute("select stocksync.record_count(%s, 8)", (a,))
    undo(ledger, None, since, "stock_count_correction_minus")
    assert stock(ledger, a) == 10
    assert only(ledger, "select balance from stocksync.counts") is None


def test_a_count_stands_when_a_late_movement_before_it_is_undone(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute("select stocksync.record_count(%s, 8)", (a,))
    since = only(ledger, "select clock_timestamp()")
    move(ledger, a, 1, "sale", occurred_at=datetime.now(UTC) - timedelta(hours=1))
    undo(ledger, None, since, "sale")
    assert stock(ledger, a) == only(ledger, "select balance from stocksync.counts") == 8
    assert differences(ledger) == []


@pytest.mark.parametrize("setting", ["keep_count", "keep_difference"])
def test_a_late_movement_waits_for_the_undo_of_a_count_and_finds_it_gone(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], setting: str
) -> None:
    """Else it would be made good at a count that stands no longer, or the two would deadlock."""
    a = product(ledger)
    ledger.execute("update stocksync.settings set late_movements_before_count = %s", (setting,))
    days = [datetime.now(UTC) - timedelta(days=n) for n in range(4)]
    move(ledger, a, 15, occurred_at=days[3])
    ledger.execute("select stocksync.record_count(%s, 10, %s)", (a, days[1]))
    undoer, writer = actor("undoer"), actor("writer")
    undoer("begin")
    undoer("call stocksync.undo(p_since => '2000-01-01', p_type => 'stock_count_correction_minus')")
    late = writer.start(
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        " values (%s, 'sale', 1, %s)",
        (a, days[2]),
    )
    wait_until_blocked(ledger, "writer")
    undoer("commit")
    late.result(60)
    assert stock(ledger, a) == 14
    assert differences(ledger) == []
