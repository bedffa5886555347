"""Derived columns stay derived: who writes them by hand, how, and in which mode."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock

LOG = (
    "select message, product_id, context ->> 'old_stock', context ->> 'new_stock',"
    " context ->> 'old_total', context ->> 'new_total' from stocksync.log order by id"
)
UPDATE = "update products set quantity_on_hand = 27 where id = 1"


def set_mode(db: psycopg.Connection, mode: str) -> None:
    db.execute("update stocksync.settings set manual_updates = %s", (mode,))


@contextmanager
def login(url: str, role: str) -> Iterator[psycopg.Connection]:
    """Open a session of a user who is a member of ``role``."""
    from stocksync.db import to_url

    with psycopg.connect(url, autocommit=True) as owner:
        name = f"{role}_{owner.info.backend_pid}"
        owner.execute(f"create role {name} login in role {role}")
        try:
            password = owner.info.password or None
            with session(to_url(owner.info.dsn, user=name, password=password)) as user:
                yield user
        finally:
            owner.execute(f"drop owned by {name}; drop role {name}")


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """A ledger with 15 of product 1."""
    move(ledger, product(ledger), 15)
    return ledger


# The owner: as the settings say -------------------------------------------------------------------


def test_a_manual_update_goes_through_with_a_warning_by_default(filled: psycopg.Connection) -> None:
    filled.execute(UPDATE)
    assert stock(filled, 1) == 27
    assert filled.execute(LOG).fetchall() == [("manual update of stock", 1, "15", "27", "15", "15")]
    assert filled.execute("select level, actor = session_user from stocksync.log").fetchall() == [
        ("warning", True)
    ]
    filled.execute("call stocksync.sync()")
    assert stock(filled, 1) == 15
    assert differences(filled) == []


@pytest.mark.parametrize("column", ["quantity_on_hand", "total_stock"])
def test_a_manual_update_is_kept_out(filled: psycopg.Connection, column: str) -> None:
    set_mode(filled, "keep_out")
    filled.execute(f"update products set {column} = 27, name = 'new' where id = 1")
    assert only(filled, "select name from products") == "new"
    assert filled.execute("select message from stocksync.log").fetchall() == [
        ("manual update of stock kept out",)
    ]
    assert differences(filled) == []


@pytest.mark.parametrize("column", ["quantity_on_hand", "total_stock"])
def test_a_manual_update_is_refused(filled: psycopg.Connection, column: str) -> None:
    set_mode(filled, "refuse")
    with raises_sql(
        "SS003",
        'the stock of "A" is derived from its movements',
        table_name="products",
        column_name="quantity_on_hand",
        message_hint="Insert a movement, for example of type stock_count_correction.",
    ):
        filled.execute(f"update products set {column} = 27, name = 'new' where id = 1")
    assert only(filled, "select name from products") == "A"
    assert only(filled, "select count(*) from stocksync.log") == 0
    assert differences(filled) == []


@pytest.mark.parametrize("mode", ["warn", "keep_out", "refuse"])
def test_what_changes_no_stock_is_nobodys_business(filled: psycopg.Connection, mode: str) -> None:
    set_mode(filled, mode)
    filled.execute("update products set quantity_on_hand = 15.000, total_stock = 15, name = 'new'")
    assert only(filled, "select count(*) from stocksync.log") == 0


@pytest.mark.parametrize("mode", ["warn", "keep_out", "refuse"])
def test_the_ledger_itself_is_never_kept_out(filled: psycopg.Connection, mode: str) -> None:
    set_mode(filled, mode)
    move(filled, 1, 5)
    with filled.transaction():
        move(filled, 1, 1, "sale")
        move(filled, 1, 1, "sale")
    filled.execute("update stock_movements set quantity = 4 where quantity = 5")
    with acting_as(filled, "stocksync_app"):
        move(filled, 1, 10)
    assert stock(filled, 1) == 27
    assert only(filled, "select count(*) from stocksync.log where message like 'manual%'") == 0
    assert differences(filled) == []


@pytest.mark.parametrize("mode", ["warn", "keep_out", "refuse"])
def test_a_correction_is_never_kept_out(filled: psycopg.Connection, mode: str) -> None:
    filled.execute(UPDATE)
    set_mode(filled, mode)
    filled.execute("call stocksync.sync()")
    assert stock(filled, 1) == 15
    assert differences(filled) == []


def test_other_modes_are_not_known(ledger: psycopg.Connection) -> None:
    with raises_sql(
        "23514",
        'new row for relation "settings" violates check constraint "settings_manual_updates_known"',
    ):
        set_mode(ledger, "ignore")


# Products that are inserted with stock ------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "role", "expected"),
    [("warn", "none", 5), ("keep_out", "none", 0), ("warn", "stocksync_app", 0),
     ("refuse", "stocksync_app", 0)],
)  # fmt: skip
def test_a_product_inserted_with_stock(
    ledger: psycopg.Connection, mode: str, role: str, expected: int
) -> None:
    set_mode(ledger, mode)
    with acting_as(ledger, role):
        a = product(ledger, quantity_on_hand=5, total_stock=6)
    assert stock(ledger, a) == expected
    assert only(ledger, "select total_stock from products") == (6 if expected else 0)
    message = "manual update of stock" + ("" if expected else " kept out")
    assert ledger.execute(LOG).fetchall() == [(message, 1, "0", "5", "0", "6")]


def test_a_product_inserted_with_stock_is_refused(ledger: psycopg.Connection) -> None:
    set_mode(ledger, "refuse")
    with raises_sql("SS003", 'the stock of "A" is derived from its movements'):
        product(ledger, total_stock=5)
    assert only(ledger, "select count(*) from products") == 0
    product(ledger, quantity_on_hand=0)


# No number at all ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("column", ["quantity_on_hand", "total_stock"])
def test_what_no_correction_could_heal_is_refused_in_every_mode(
    filled: psycopg.Connection, column: str, value: str
) -> None:
    for mode in ("warn", "keep_out", "refuse"):
        set_mode(filled, mode)
        for role in ("none", "stocksync_app"):
            for statement in (
                f"update products set {column} = '{value}'",
                f"insert into products (sku, name, {column}) values ('B', 'B', '{value}')",
            ):
                sku = "A" if statement.startswith("update") else "B"
                with (
                    raises_sql(
                        "23514",
                        f'the stock of "{sku}" must be a finite number',
                        constraint_name="products_stock_finite",
                    ),
                    acting_as(filled, role),
                ):
                    filled.execute(statement)
    assert differences(filled) == []


# The application ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["warn", "keep_out", "refuse"])
def test_an_orm_that_saves_all_columns_does_not_fail(filled: psycopg.Connection, mode: str) -> None:
    set_mode(filled, mode)
    with acting_as(filled, "stocksync_app"):
        filled.execute(
            "update products set sku = 'B', name = 'new', quantity_on_hand = 27, total_stock = 28,"
            " status = 'sold out', is_deleted = true, reorder_point = 3 where id = 1"
        )
    assert filled.execute(
        "select name, quantity_on_hand, total_stock from products"
    ).fetchall() == [("new", 15, 15)]
    assert filled.execute(LOG).fetchall() == [
        ("manual update of stock kept out", 1, "15", "27", "15", "28")
    ]
    assert differences(filled) == []


@pytest.mark.parametrize("role", ["stocksync_app", "stocksync_operator"])
def test_whoever_logs_in_as_a_member_is_kept_out(
    filled: psycopg.Connection, ledger_url: str, role: str
) -> None:
    with login(ledger_url, role) as user:
        user.execute(UPDATE)
        name = user.info.user
    assert stock(filled, 1) == 15
    assert only(filled, "select actor from stocksync.log") == name


@pytest.mark.parametrize("by", ["set role", "login"])
def test_a_definer_function_is_no_way_round(
    filled: psycopg.Connection, ledger_url: str, by: str
) -> None:
    filled.execute(
        "create schema shop; grant usage on schema shop to stocksync_app;"
        "create function shop.recount() returns void language sql security definer"
        f" as '{UPDATE}'"
    )
    if by == "login":
        with login(ledger_url, "stocksync_app") as user:
            user.execute("select shop.recount()")
    else:
        with acting_as(filled, "stocksync_app"):
            filled.execute("select shop.recount()")
    assert stock(filled, 1) == 15
    assert only(filled, "select message from stocksync.log") == "manual update of stock kept out"


@pytest.mark.parametrize("value", ["27", "NaN"])
def test_an_applications_own_trigger_is_no_way_round(
    filled: psycopg.Connection, ledger_url: str, value: str
) -> None:
    with login(ledger_url, "stocksync_app") as user, suppress(psycopg.errors.CheckViolation):
        user.execute(
            "create temporary table t (n numeric);"
            "create function pg_temp.recount() returns trigger language plpgsql as"
            " $$begin update products set quantity_on_hand = new.n; return new; end$$;"
            "create trigger recount before insert on t"
            " for each row execute function pg_temp.recount();"
            f"insert into t values ('{value}')"
        )
    assert stock(filled, 1) == 15
    assert differences(filled) == []


def test_an_upsert_is_no_way_round(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_app"):
        filled.execute(
            "insert into products (sku, name, quantity_on_hand) values ('A', 'new', 27)"
            " on conflict (sku) do update set name = excluded.name,"
            " quantity_on_hand = excluded.quantity_on_hand"
        )
    assert stock(filled, 1) == 15


def test_a_manual_update_and_a_movement_in_one_transaction(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_app"), filled.transaction():
        filled.execute(UPDATE)
        move(filled, 1, 5)
        filled.execute(UPDATE)
    assert stock(filled, 1) == 20
    assert differences(filled) == []
