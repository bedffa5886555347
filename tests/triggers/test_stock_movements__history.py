"""What was known before somebody changed history is kept."""

import psycopg
import pytest
from helpers import move, only, product, raises_sql
from time_helpers import archive, close, unarchive

COLUMNS = (
    "product_id, location_id, movement_type, transaction_type, quantity, occurred_at, recorded_at,"
    " unit_cost, reference, idempotency_key, reverses_id, user_id, notes, metadata"
)


@pytest.mark.parametrize(
    ("statements", "operation"),
    [
        (["update stock_movements set quantity = 3, notes = 'new'"], "update"),
        (["delete from stock_movements"], "delete"),
        (
            ["set local stocksync.allow_truncate = on", "truncate stock_movements"],
            "truncate",
        ),
    ],
)
def test_the_old_version_is_kept_whole(
    ledger: psycopg.Connection, statements: list[str], operation: str
) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    move(
        ledger, a, "1.5", location_id=1, occurred_at="2020-02-02", unit_cost=3, reference="INV-1",
        idempotency_key="k", user_id="ann", notes="old", metadata='{"a": 1}',
    )  # fmt: skip
    before = ledger.execute(f"select id, {COLUMNS} from stock_movements").fetchall()
    with ledger.transaction():
        for statement in statements:
            ledger.execute(statement)
    kept = ledger.execute(f"select movement_id, {COLUMNS} from stocksync.movement_history")
    assert kept.fetchall() == before
    assert ledger.execute(
        "select operation, replaced_by = session_user, replaced_at <= clock_timestamp()"
        " from stocksync.movement_history"
    ).fetchall() == [(operation, True, True)]


def test_every_version_of_a_movement_is_kept_in_order(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1)
    ledger.execute("update stock_movements set quantity = 2")
    ledger.execute("update stock_movements set quantity = 3")
    ledger.execute("delete from stock_movements")
    assert ledger.execute(
        "select operation, quantity from stocksync.movement_history order by id"
    ).fetchall() == [("update", 1), ("update", 2), ("delete", 3)]


def test_the_number_of_a_movement_cannot_change(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1)
    with raises_sql(
        "23514",
        "the number of movement 1 cannot change",
        constraint_name="stock_movements_id_is_fixed",
        message_hint="Reverse the movement and insert a new one.",
    ):
        ledger.execute("update stock_movements set id = 7")
    assert only(ledger, "select id from stock_movements") == 1


def test_the_inserted_are_not_history(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1)
    assert only(ledger, "select count(*) from stocksync.movement_history") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "update stock_movements set notes = 'x'",
        "delete from stock_movements",
        "set stocksync.allow_truncate = on; truncate stock_movements",
    ],
)
def test_a_column_of_the_shops_own_is_in_nobodys_way(
    db: psycopg.Connection, statement: str
) -> None:
    a = product(db)
    move(db, a, 1)
    db.execute("alter table stock_movements add column shelf text")
    db.execute(statement)


def test_what_stocksync_moves_itself_was_never_changed(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    unarchive(ledger, archive(ledger, "2024-01-31"))
    assert only(ledger, "select count(*) from stocksync.movement_history") == 0
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    late = move(ledger, a, 1, occurred_at="2024-01-11")
    ledger.execute("delete from stock_movements where id = %s", (late,))
    assert ledger.execute(
        "select operation, occurred_at::date::text from stocksync.movement_history order by id"
    ).fetchall() == [("late", "2024-01-11"), ("delete", "2024-02-01")]
