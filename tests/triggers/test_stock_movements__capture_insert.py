"""Inserted movements: what is refused, and that everything else counts exactly once."""

import os
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock
from time_helpers import archive, at, close, unarchive


def broken(constraint: str) -> str:
    return f'new row for relation "stock_movements" violates check constraint "{constraint}"'


# Quantities ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "constraint"),
    [
        ("0", "stock_movements_quantity_positive"),
        ("-1", "stock_movements_quantity_positive"),
        ("-Infinity", "stock_movements_quantity_positive"),
        ("NaN", "stock_movements_quantity_bounded"),
        ("Infinity", "stock_movements_quantity_bounded"),
        ("1e15", "stock_movements_quantity_bounded"),
        ("1e30", "stock_movements_quantity_bounded"),
        ("0.1234567", "stock_movements_quantity_scale"),
        ("0.0000001", "stock_movements_quantity_scale"),
    ],
)
def test_a_quantity_that_is_no_quantity_is_refused(
    ledger: psycopg.Connection, quantity: str, constraint: str
) -> None:
    a = product(ledger)
    with raises_sql("23514", broken(constraint), constraint_name=constraint):
        move(ledger, a, quantity)
    assert stock(ledger, a) == 0
    assert only(ledger, "select count(*) from stock_movements") == 0


@pytest.mark.parametrize("quantity", ["0.000001", "999999999999999.999999", "1.500000000"])
def test_a_quantity_at_the_limits_counts_to_the_last_digit(
    ledger: psycopg.Connection, quantity: str
) -> None:
    a = product(ledger)
    move(ledger, a, quantity)
    assert stock(ledger, a) == Decimal(quantity)
    move(ledger, a, quantity, "sale")
    assert str(stock(ledger, a)) == "0"
    assert differences(ledger) == []


def test_a_quantity_that_is_missing_is_refused(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with raises_sql(
        "23502",
        'null value in column "quantity" of relation "stock_movements"'
        " violates not-null constraint",
        column_name="quantity",
    ):
        move(ledger, a, None)


# The other columns --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("occurred_at", "infinity", "stock_movements_occurred_at_bounded"),
        ("occurred_at", "-infinity", "stock_movements_occurred_at_bounded"),
        ("occurred_at", "0044-03-15 BC", "stock_movements_occurred_at_bounded"),
        ("occurred_at", "10000-01-01", "stock_movements_occurred_at_bounded"),
        ("unit_cost", "-0.01", "stock_movements_unit_cost_finite"),
        ("unit_cost", "NaN", "stock_movements_unit_cost_finite"),
        ("unit_cost", "Infinity", "stock_movements_unit_cost_finite"),
        ("unit_cost", "1e15", "stock_movements_unit_cost_finite"),
        ("movement_type", "sideways", "stock_movements_direction"),
    ],
)
def test_a_value_out_of_bounds_is_refused(
    ledger: psycopg.Connection, column: str, value: str, constraint: str
) -> None:
    a = product(ledger)
    with raises_sql("23514", broken(constraint), constraint_name=constraint):
        move(ledger, a, 1, **{column: value})
    assert stock(ledger, a) == 0


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("location_id", "stock_movements_location_exists"),
        ("reverses_id", "stock_movements_reversed_exists"),
    ],
)
def test_what_does_not_exist_is_refused(
    ledger: psycopg.Connection, column: str, constraint: str
) -> None:
    a = product(ledger)
    with raises_sql(
        "23503",
        'insert or update on table "stock_movements" violates foreign key constraint'
        f' "{constraint}"',
        constraint_name=constraint,
    ):
        move(ledger, a, 1, **{column: 999})
    assert stock(ledger, a) == 0


def test_an_unknown_product_is_refused(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with raises_sql(
        "23503",
        "product 999 does not exist",
        constraint_name="stock_movements_product_exists",
        table_name="stock_movements",
        message_hint="Insert the product first.",
    ):
        ledger.execute(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " values (%s, 'purchase', 1), (999, 'purchase', 1)",
            (a,),
        )
    assert (stock(ledger, a), differences(ledger)) == (0, [])


@pytest.mark.parametrize(
    ("name", "right", "wrong"), [("sale", "out", "in"), ("purchase", "in", "out")]
)
def test_a_direction_that_contradicts_the_type_is_refused(
    ledger: psycopg.Connection, name: str, right: str, wrong: str
) -> None:
    a = product(ledger)
    with raises_sql(
        "23514",
        f'transaction type "{name}" is "{right}", not "{wrong}"',
        constraint_name="stock_movements_direction_matches_type",
        message_hint="Leave movement_type out: it follows from the transaction type.",
    ):
        move(ledger, a, 1, name, movement_type=wrong)


def test_an_unknown_type_is_refused_with_a_direction_too(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with raises_sql("23503", 'unknown transaction type "nonsense"'):
        move(ledger, a, 1, "nonsense", movement_type="in")


def test_one_bad_row_refuses_its_statement_whole(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with raises_sql("23514", 'transaction type "sale" is "out", not "in"'):
        ledger.execute(
            "insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
            " values (1, 'purchase', 'in', 5), (1, 'sale', 'in', 1)"
        )
    assert stock(ledger, a) == 0


def test_an_idempotency_key_is_used_once(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1, idempotency_key="k")
    with raises_sql(
        "23505",
        'duplicate key value violates unique constraint "stock_movements_idempotency_key_idx"',
    ):
        move(ledger, a, 1, idempotency_key="k")
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, idempotency_key)"
        " values (1, 'purchase', 1, 'k'), (1, 'purchase', 1, 'l')"
        " on conflict (idempotency_key) where idempotency_key is not null do nothing"
    )
    assert stock(ledger, a) == 2


# Reversals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 9},
        {"quantity": "10.000001"},
        {"product_id": 2},
        {"transaction_type": "sale_return"},
        {"transaction_type": "sale"},
        {"location_id": 1},
        {"movement_type": "in"},
    ],
    ids=lambda change: "{}={}".format(*next(iter(change.items()))),
)
def test_a_reversal_that_does_not_match_is_refused(
    ledger: psycopg.Connection, change: dict[str, object]
) -> None:
    a, _ = product(ledger, "A"), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf')")
    original = move(ledger, a, 10, "purchase")
    row = {"product_id": a, "quantity": 10, "reverses_id": original, **change}
    with raises_sql(
        "23514",
        "movement 2 does not match movement 1, which it reverses",
        constraint_name="stock_movements_reversal_matches",
        message_detail="A reversal has the product, location, type and quantity of what it takes"
        " back, and the opposite direction.",
        message_hint="Use stocksync.reverse_movement().",
    ):
        move(ledger, **row)
    assert stock(ledger, a) == 10


def test_a_movement_is_reversed_once(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    original = move(ledger, a, 10)
    move(ledger, a, 10, reverses_id=original)
    with raises_sql(
        "23505",
        'duplicate key value violates unique constraint "stock_movements_reverses_id_idx"',
        constraint_name="stock_movements_reverses_id_idx",
    ):
        move(ledger, a, 10, reverses_id=original)
    assert stock(ledger, a) == 0


@pytest.mark.parametrize("direction", ["in", "out", None])
def test_a_reversal_cannot_be_reversed(ledger: psycopg.Connection, direction: str | None) -> None:
    a = product(ledger)
    reversal = move(ledger, a, 10, reverses_id=move(ledger, a, 10))
    with raises_sql(
        "23514",
        "movement 2 is itself a reversal",
        constraint_name="stock_movements_reversal_of_original",
        message_hint="Insert the original movement again instead.",
    ):
        move(ledger, a, 10, reverses_id=reversal, movement_type=direction)


def test_a_movement_and_its_reversal_may_come_in_one_statement(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute(
        "insert into stock_movements (id, product_id, transaction_type, quantity, reverses_id)"
        " values (10, 1, 'purchase', 5, null), (11, 1, 'purchase', 5, 10)"
    )
    assert stock(ledger, a) == 0
    assert differences(ledger) == []


# What counts --------------------------------------------------------------------------------------


def test_every_way_to_insert_counts_once(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " select 1 + n % 2, 'purchase', n from generate_series(1, 100) as n"
    )
    with ledger.cursor().copy(
        "copy stock_movements (product_id, transaction_type, quantity) from stdin"
    ) as copy:
        copy.write("1\tsale\t50\n2\tsale\t100\n")
    ledger.execute(
        "merge into stock_movements as m using (values (1, 7)) as v (product_id, quantity)"
        " on m.id = 0 when not matched then"
        " insert (product_id, transaction_type, quantity)"
        " values (v.product_id, 'purchase', v.quantity)"
    )
    ledger.execute(
        "with i as (insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'purchase', 1) returning product_id)"
        " insert into stock_movements (product_id, transaction_type, quantity)"
        " select product_id, 'purchase', 2 from i"
    )
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " select 1, 'purchase', 1 where false"
    )
    assert (stock(ledger, a), stock(ledger, b)) == (2550 - 50 + 7 + 3, 2500 - 100)
    assert differences(ledger) == []


def test_what_a_savepoint_takes_back_does_not_count(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with ledger.transaction():
        with ledger.transaction(force_rollback=True):
            move(ledger, a, 1)
        move(ledger, a, 10)
        with ledger.transaction(force_rollback=True):
            move(ledger, a, 100)
            move(ledger, a, 1000)
        move(ledger, a, 10000)
    assert stock(ledger, a) == 10010
    assert differences(ledger) == []


def test_set_constraints_immediate_settles_at_once(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    with ledger.transaction():
        move(ledger, a, 1)
        assert stock(ledger, a) == 0
        ledger.execute("set constraints all immediate")
        assert stock(ledger, a) == 1
        move(ledger, a, 10)
        assert stock(ledger, a) == 11
        ledger.execute("set constraints all deferred")
        move(ledger, a, 100)
        assert stock(ledger, a) == 11
    assert stock(ledger, a) == 111
    assert differences(ledger) == []


@pytest.mark.parametrize("value", ["one", "more", "", "nonsense"])
@pytest.mark.parametrize("scope", ["session", "local"])
def test_a_session_cannot_make_a_movement_count_otherwise(
    ledger: psycopg.Connection, value: str, scope: str
) -> None:
    a = product(ledger)
    ledger.execute(f"set {scope} stocksync.captured = '{value}'")
    move(ledger, a, 1)
    with ledger.transaction():
        move(ledger, a, 10)
        ledger.execute(f"set {scope} stocksync.captured = '{value}'")
        move(ledger, a, 100)
        move(ledger, a, 1000)
        ledger.execute(f"set {scope} stocksync.captured = '{value}'")
    assert stock(ledger, a) == 1111
    assert differences(ledger) == []


def test_roles_may_change_between_movement_and_commit(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """After SET ROLE, deferred triggers run with other rights; 18 changed which."""
    a = product(ledger)
    with ledger.transaction(), acting_as(ledger, "stocksync_app"):
        move(ledger, a, 1)
    with acting_as(ledger, "stocksync_app"), ledger.transaction():
        move(ledger, a, 10)
        move(ledger, a, 100)
    with ledger.transaction():
        move(ledger, a, 1000)
        ledger.execute("set local role stocksync_auditor")
    assert stock(ledger, a) == 1111
    assert differences(ledger) == []
    with session(ledger_url) as other:
        assert stock(other, a) == 1111


@pytest.mark.long
def test_a_transaction_of_many_statements_takes_linear_time(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1)

    def seconds(statements: int) -> float:
        start = processor_time(ledger)
        ledger.execute(
            f"do $$ begin for i in 1 .. {statements} loop"
            " insert into stock_movements (product_id, movement_type, transaction_type, quantity)"
            " values (1, 'in', 'purchase', 1); end loop; end $$"
        )
        return processor_time(ledger) - start

    short = min(seconds(10_000) for _ in range(2))
    twice = min(seconds(20_000) for _ in range(2))
    assert twice / short <= 2.8
    assert stock(ledger, a) == 60_001
    assert only(ledger, "select count(*) from stocksync._unsettled") == 0


def processor_time(db: psycopg.Connection) -> float:
    """Return the seconds the session has computed; on another machine, the time.

    A busy neighbour makes everything slow, but nothing need more of the processor.
    """
    stat = Path(f"/proc/{db.info.backend_pid}/stat")
    if not (db.info.host.startswith("/") and stat.exists()):
        return perf_counter()
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_a_late_movement_is_booked_on_the_first_open_day_if_that_is_the_setting(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    close(ledger, "2024-01-31")
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at,"
        " idempotency_key) values (%(a)s, 'purchase', 5, '2024-01-10', 'late'),"
        " (%(a)s, 'sale', 1, '2024-02-10', null), (%(a)s, 'purchase', 2, '0001-01-02', null)",
        {"a": a},
    )
    assert ledger.execute(
        "select quantity, occurred_at from stock_movements order by id"
    ).fetchall() == [(5, at("2024-02-01")), (1, at("2024-02-10")), (2, at("2024-02-01"))]
    assert ledger.execute(
        "select operation, movement_id, occurred_at, idempotency_key"
        " from stocksync.movement_history order by id"
    ).fetchall() == [
        ("late", 1, at("2024-01-10"), "late"),
        ("late", 3, at("0001-01-02"), None),
    ]
    assert stock(ledger, a) == 6
    assert differences(ledger) == []
    assert only(ledger, "select count(*) from stocksync.log where level = 'warning'") == 0


def test_a_refused_late_movement_takes_the_whole_statement_along(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    close(ledger, "2024-01-31")
    ledger.execute("set time zone 'UTC'")
    with raises_sql("SS005", "the period of 2024-01-31 00:00:00+00 is closed"):
        ledger.execute(
            "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
            " values (%(a)s, 'purchase', 5, '2024-02-10'), (%(a)s, 'purchase', 5, '2024-01-31')",
            {"a": a},
        )
    with (
        acting_as(ledger, "stocksync_app"),
        raises_sql("SS005", "the period of 2024-01-31 00:00:00+00 is closed"),
    ):
        move(ledger, a, 1, occurred_at="2024-01-31")
    assert stock(ledger, a) == 0


def test_a_late_movement_by_the_application(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    close(ledger, "2024-01-31")
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    with acting_as(ledger, "stocksync_app"):
        move(ledger, a, 5, occurred_at="2024-01-10")
    assert stock(ledger, a) == 5
    assert differences(ledger) == []


def test_the_number_of_an_archived_movement_is_taken(ledger: psycopg.Connection) -> None:
    """Or it would be counted twice, and could never come back."""
    a = product(ledger)
    move(ledger, a, 5, occurred_at="2024-01-10")
    move(ledger, a, 5, id=7, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    content = archive(ledger, "2024-01-31")
    with acting_as(ledger, "stocksync_app"):
        for number in (1, 7):
            with raises_sql(
                "23505",
                f"movement {number} is archived",
                constraint_name="stock_movements_pkey",
            ):
                move(ledger, a, 5, id=number)
        move(ledger, a, 1, id=6)
        move(ledger, a, 1, id=8)
    unarchive(ledger, content)
    assert stock(ledger, a) == 12
    assert differences(ledger) == []


@pytest.mark.parametrize("at", ["now()", "now() - interval '1 day'"])
def test_no_insert_reads_the_products(db: psycopg.Connection, at: str) -> None:
    # before anything is known of the table, as after a first import
    db.execute("alter table products set (autovacuum_enabled = off)")
    db.execute(
        "insert into products (sku, name) select 'S' || n, 'x' from generate_series(1, 5000) as n"
    )
    read = "select seq_tup_read from pg_stat_xact_user_tables where relname = 'products'"
    with db.transaction():
        move_one = (
            "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
            f" select min(id), 'purchase', 1, {at} from products"
        )
        before = only(db, read)
        db.execute(move_one)
        db.execute("set constraints all immediate")
        assert only(db, read) == before
