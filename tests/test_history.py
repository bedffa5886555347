"""Whatever happens to movements and products, the stored stock is what the movements say."""

from contextlib import suppress

import psycopg
import pytest
from helpers import differences, move, product, session, stock

# Products that come, go and change their number ---------------------------------------------------


def test_a_product_deleted_and_inserted_again_in_one_transaction_starts_from_zero(
    db: psycopg.Connection,
) -> None:
    a = product(db)
    move(db, a, 10)
    with db.transaction():
        db.execute("delete from stock_movements where product_id = %s", (a,))
        db.execute("delete from products where id = %s", (a,))
        product(db, id=a)
        move(db, a, 3)
    assert stock(db, a) == 3
    assert differences(db) == []


def test_products_and_movements_truncated_and_seeded_again_in_one_transaction(
    db: psycopg.Connection,
) -> None:
    a = product(db)
    move(db, a, 10)
    with db.transaction():
        db.execute("set local stocksync.allow_truncate = on")
        db.execute("truncate products, stock_movements restart identity cascade")
        assert product(db) == a
        move(db, a, 3)
    assert stock(db, a) == 3
    assert differences(db) == []


@pytest.mark.parametrize(
    "take_movements_away",
    [
        "delete from stock_movements where product_id = %(a)s",
        "update stock_movements set product_id = %(b)s where product_id = %(a)s",
    ],
)
def test_a_product_that_changes_its_number_takes_no_stock_along(
    db: psycopg.Connection, take_movements_away: str
) -> None:
    a, b = product(db, "A"), product(db, "B")
    move(db, a, 10)
    # Refusing is as good as following.
    with suppress(psycopg.IntegrityError), db.transaction():
        db.execute(take_movements_away, {"a": a, "b": b})
        db.execute("update products set id = 100 where id = %s", (a,))
    assert differences(db) == []


def test_a_shop_trigger_that_suppresses_the_update_of_a_product_is_an_error_for_deletes_too(
    db: psycopg.Connection,
) -> None:
    a = product(db)
    move(db, a, 10)
    db.execute(
        "create function suppress() returns trigger language plpgsql"
        " as 'begin return null; end';"
        "create trigger suppress before update on products"
        " for each row execute function suppress()"
    )
    with pytest.raises(psycopg.Error):
        db.execute("delete from stock_movements")
    assert differences(db) == []


# The settings row, the time zone, isolation levels ------------------------------------------------


def test_movements_are_never_left_uncaptured_because_the_settings_are_missing(
    db: psycopg.Connection,
) -> None:
    a = product(db)
    with suppress(psycopg.Error), db.transaction():
        db.execute("delete from stocksync.settings")
        move(db, a, 10)
        db.execute("insert into stocksync.settings default values")
    assert differences(db) == []


def test_the_time_zone_changes_in_a_transaction_that_has_written_movements(
    db: psycopg.Connection,
) -> None:
    a, b = product(db, "A"), product(db, "B")
    with db.transaction():
        move(db, a, 3)
        move(db, b, 4)
        db.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    assert differences(db) == []


def test_the_time_zone_changes_while_a_correction_commits(
    db: psycopg.Connection, db_url: str
) -> None:
    a = product(db)
    move(db, a, 10)
    db.execute("select stocksync.roll_up()")
    db.execute("update stocksync.stock_daily set quantity = quantity + 5")
    db.execute("update stocksync.stock_total set quantity = quantity + 5")
    with session(db_url) as sync, sync.transaction():  # what sync() does in one chunk
        sync.execute("select pg_advisory_xact_lock(stocksync._lock_key('roll_up'))")
        sync.execute(
            "select stocksync._correct("
            "stocksync._start_run('sync', null, null, true), array[%s]::bigint[], null, true)",
            (a,),
        )
        db.execute("set lock_timeout = '500ms'")
        with suppress(psycopg.errors.LockNotAvailable):  # waiting is as good as refusing
            db.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    assert differences(db) == []


def test_the_time_zone_changes_under_a_writer_at_repeatable_read(
    db: psycopg.Connection, db_url: str
) -> None:
    a = product(db)
    failure = suppress(psycopg.errors.SerializationFailure)
    with session(db_url) as writer, failure, writer.transaction():
        writer.execute("set transaction isolation level repeatable read")
        writer.execute("select from products")
        db.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
        move(writer, a, 7, occurred_at="2025-01-01 20:00+00")
    assert differences(db) == []


def test_a_type_deleted_under_a_writer_at_repeatable_read_gets_no_movement(
    db: psycopg.Connection, db_url: str
) -> None:
    a = product(db)
    db.execute("insert into transaction_types (name, movement_type) values ('gift', 'in')")
    with session(db_url) as writer, suppress(psycopg.Error), writer.transaction():
        writer.execute("set transaction isolation level repeatable read")
        writer.execute("select from products")
        db.execute("delete from transaction_types where name = 'gift'")
        move(writer, a, 7, "gift")
    unknown = db.execute(
        "select from stock_movements as m where not exists ("
        " select from transaction_types as t where t.name = m.transaction_type)"
    ).fetchall()
    assert unknown == []


def test_truncate_at_repeatable_read_removes_nothing_it_does_not_see(
    db: psycopg.Connection, db_url: str
) -> None:
    a = product(db)
    with session(db_url) as other, suppress(psycopg.Error), other.transaction():
        other.execute("set transaction isolation level repeatable read")
        other.execute("set local stocksync.allow_truncate = on")
        other.execute("select from products")
        move(db, a, 7)
        other.execute("truncate stock_movements")
    assert differences(db) == []


# What sync must heal ------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["stock_daily", "stock_total"])
def test_sync_heals_either_table_of_the_roll_up(db: psycopg.Connection, table: str) -> None:
    a = product(db)
    move(db, a, 10)
    db.execute("select stocksync.roll_up()")
    db.execute(f"update stocksync.{table} set quantity = quantity + 5")
    db.execute("call stocksync.sync(p_force => true)")
    assert differences(db) == []
    db.execute("select stocksync.roll_up()")
    assert differences(db) == []


def test_a_forced_comparison_sees_totals_that_are_wrong_by_location_only(
    db: psycopg.Connection,
) -> None:
    a = product(db)
    shelf = db.execute("insert into locations (name) values ('shelf') returning id").fetchone()
    assert shelf is not None
    move(db, a, 10)
    move(db, a, 10, location_id=shelf[0])
    db.execute("select stocksync.roll_up()")
    db.execute(
        "update stocksync.stock_total"
        " set quantity = quantity + case when location_id is null then 5 else -5 end"
    )
    found = db.execute("select differs from stocksync.discrepancies(p_force => true)").fetchall()
    assert found == [(["roll_up"],)]
    db.execute("call stocksync.sync(p_force => true)")
    assert differences(db) == []


# Reversals ----------------------------------------------------------------------------------------


def test_a_movement_that_is_being_reversed_cannot_change_meanwhile(
    db: psycopg.Connection, db_url: str
) -> None:
    a = product(db)
    original = move(db, a, 10)
    with session(db_url) as other, other.transaction():
        other.execute("select stocksync.reverse_movement(%s, 'mistake')", (original,))
        db.execute("set lock_timeout = '500ms'")
        with suppress(psycopg.errors.LockNotAvailable):
            db.execute("update stock_movements set quantity = 7 where id = %s", (original,))
    quantities = db.execute("select distinct quantity from stock_movements").fetchall()
    assert quantities == [(10,)]


# What was said of batches -------------------------------------------------------------------------


def test_the_history_keeps_what_a_movement_said_of_its_batch(db: psycopg.Connection) -> None:
    a = product(db)
    said = {"batch_id": 7, "batch_number": "L1", "expiry_date": "2030-01-31"}
    number = move(db, a, 10, **said)
    db.execute("update stock_movements set batch_number = 'L2' where id = %s", (number,))
    db.execute("delete from stock_movements where id = %s", (number,))
    assert db.execute(
        "select operation, batch_id, batch_number, expiry_date::text"
        " from stocksync.movement_history order by replaced_at"
    ).fetchall() == [("update", 7, "L1", "2030-01-31"), ("delete", 7, "L2", "2030-01-31")]
