"""Makes every stored quantity what the movements say, and records each correction."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock


def test_everything_that_differs_is_corrected_and_recorded(ledger: psycopg.Connection) -> None:
    for sku in "ABC":
        move(ledger, product(ledger, sku), 10)
    ledger.execute("update products set quantity_on_hand = 12 where sku = 'A'")
    ledger.execute("update products set total_stock = 8 where sku = 'B'")
    ledger.execute("delete from stocksync._journal")
    [(run,)] = ledger.execute("call stocksync.sync()").fetchall()
    assert differences(ledger) == []
    assert ledger.execute(
        "select product_id, class, before, after from stocksync.incidents where run_id = %s"
        " order by 1, 2",
        (run,),
    ).fetchall() == [
        (1, "quantity_on_hand", 12, 10),
        (1, "roll_up", 0, 10),
        (2, "roll_up", 0, 10),
        (2, "total_stock", 8, 10),
        (3, "roll_up", 0, 10),
    ]
    assert ledger.execute(
        "select command, options, actor = session_user, finished_at >= started_at,"
        " products_corrected, products_failed from stocksync.runs"
    ).fetchall() == [("sync", {"force": False}, True, True, 3, 0)]
    told = ledger.execute(
        "select level, message, context ->> 'old_stock', context ->> 'difference'"
        " from stocksync.log where message not like 'manual%' order by id"
    ).fetchall()
    assert told == [
        ("info", "stock synchronization started", None, None),
        ("info", "product stock updated", "12", "-2"),
        ("info", "product stock updated", "10", "0"),
        ("info", "product stock updated", "10", "0"),
        ("warning", "stock synchronization completed", None, None),
    ]


def test_a_second_run_finds_nothing(ledger: psycopg.Connection) -> None:
    product(ledger, quantity_on_hand=5)
    ledger.execute("call stocksync.sync()")
    ledger.execute("call stocksync.sync()")
    assert ledger.execute(
        "select products_corrected, options from stocksync.runs order by id"
    ).fetchall() == [(1, {"force": False}), (0, {"force": False})]
    assert only(ledger, "select level from stocksync.log order by id desc limit 1") == "info"


def test_only_the_product_or_the_time_asked_for(ledger: psycopg.Connection) -> None:
    old = product(ledger, "OLD")
    move(ledger, old, 10, occurred_at="2001-01-01", recorded_at="2001-01-01")
    new = product(ledger, "NEW")
    move(ledger, new, 4)
    damage = "update products set quantity_on_hand = 100"
    ledger.execute(damage)
    ledger.execute("call stocksync.sync(p_product_id => %s)", (old,))
    assert (stock(ledger, old), stock(ledger, new)) == (10, 100)
    ledger.execute(damage)
    ledger.execute("call stocksync.sync(p_since => '2002-01-01')")
    assert (stock(ledger, old), stock(ledger, new)) == (100, 4)
    ledger.execute("call stocksync.sync(p_since => '2000-01-01')")
    assert differences(ledger) == []


def test_days_and_types_are_corrected_when_forced(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute("select stocksync.roll_up()")
    ledger.execute("update stocksync.stock_daily set day = day - 1")
    ledger.execute("call stocksync.sync()")
    assert differences(ledger) != []
    ledger.execute("call stocksync.sync(p_force => true)")
    assert differences(ledger) == []
    ledger.execute("select stocksync.roll_up()")
    assert differences(ledger) == []


def test_more_products_than_a_chunk_holds(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into products (sku, name, quantity_on_hand)"
        " select n, n, n from generate_series(1, 1100) as n"
    )
    ledger.execute("call stocksync.sync()")
    assert only(ledger, "select products_corrected from stocksync.runs") == 1100
    assert differences(ledger) == []


def test_movements_committed_meanwhile_are_kept(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """Measured, then sold, then corrected: the difference is added, never the value set."""
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute("update products set quantity_on_hand = 15, total_stock = 15")
    with session(ledger_url) as other, other.transaction():
        other.execute("select pg_advisory_xact_lock(stocksync._lock_key('roll_up'))")
        run = only(other, "select stocksync._start_run('sync', null, null, false)")
        measured = (
            "declare c cursor for select quantity_on_hand, ledger from stocksync.discrepancies()"
        )
        other.execute(measured)
        move(ledger, a, 3, "sale")
        [(before, after)] = other.execute("fetch all from c").fetchall()
        for column in ("quantity_on_hand", "total_stock"):
            other.execute(
                "insert into stocksync.incidents (run_id, product_id, class, before, after)"
                " values (%s, %s, %s, %s, %s)",
                (run, a, column, before, after),
            )
    assert stock(ledger, a) == 7
    assert differences(ledger) == []


def test_one_product_that_cannot_be_corrected_stops_no_other(db: psycopg.Connection) -> None:
    product(db, "BAD", quantity_on_hand=5)
    product(db, "GOOD", quantity_on_hand=5)
    db.execute(
        "create function no() returns trigger language plpgsql as"
        " $$begin if new.sku = 'BAD' then raise exception 'not today'; end if; return new; end$$;"
        "create trigger no before update on products for each row execute function no()"
    )
    [(run,)] = db.execute("call stocksync.sync()").fetchall()
    assert (stock(db, 1), stock(db, 2)) == (5, 0)
    assert only(db, "select stocksync.failed_corrections(%s)", (run,)) == 1
    assert db.execute(
        "select level, product_id, context ->> 'sqlstate', context ->> 'error'"
        " from stocksync.log where message = 'product stock could not be updated'"
    ).fetchall() == [("error", 1, "P0001", "not today")]
    assert only(db, "select level from stocksync.log order by id desc limit 1") == "error"
    assert db.execute("select product_id from stocksync.incidents").fetchall() == [(2,)]


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
@pytest.mark.parametrize(
    "damage",
    [
        "update products set quantity_on_hand = %s",
        "update products set total_stock = %s",
        "update stocksync.stock_daily set quantity = %s",
        "update stocksync.stock_total set quantity = %s",
    ],
)
def test_what_is_no_number_is_healed_too(
    ledger: psycopg.Connection, damage: str, value: str
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute("select stocksync.roll_up()")
    ledger.execute("set session_replication_role = replica")
    ledger.execute(damage, (value,))
    ledger.execute("set session_replication_role = origin")
    ledger.execute("call stocksync.sync(p_force => true)")
    ledger.execute("select stocksync.roll_up()")
    assert differences(ledger) == []


def test_healing_what_is_no_number_is_one_correction_like_others(
    ledger: psycopg.Connection,
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 5, "sale")
    ledger.execute("set session_replication_role = replica")
    ledger.execute("update products set quantity_on_hand = 'NaN'")
    ledger.execute("set session_replication_role = origin")
    [(run,)] = ledger.execute("call stocksync.sync()").fetchall()
    assert ledger.execute(
        "select product_id, ledger, differs from stocksync.corrections(%s)", (run,)
    ).fetchall() == [(a, -5, ["quantity_on_hand"]), (b, 0, ["quantity_on_hand"])]
    assert only(ledger, "select products_corrected from stocksync.runs") == 2


def test_one_that_cannot_be_healed_stops_no_other_either(db: psycopg.Connection) -> None:
    product(db, "BAD")
    product(db, "GOOD", quantity_on_hand=5)
    db.execute("set session_replication_role = replica")
    db.execute("update products set quantity_on_hand = 'NaN' where sku = 'BAD'")
    db.execute("set session_replication_role = origin")
    db.execute(
        "create function no() returns trigger language plpgsql as"
        " $$begin if new.sku = 'BAD' then raise exception 'not today'; end if; return new; end$$;"
        "create trigger no before update on products for each row execute function no()"
    )
    [(run,)] = db.execute("call stocksync.sync()").fetchall()
    assert stock(db, 2) == 0
    assert only(db, "select stocksync.failed_corrections(%s)", (run,)) == 1


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
def test_whatever_the_sessions_isolation_level(ledger: psycopg.Connection, level: str) -> None:
    product(ledger, quantity_on_hand=5)
    ledger.execute(f"set default_transaction_isolation = '{level}'")
    ledger.execute("call stocksync.sync()")
    assert differences(ledger) == []


def test_what_it_is_asked_about_must_be_there(ledger: psycopg.Connection) -> None:
    with raises_sql("P0002", "product 999 does not exist"):
        ledger.execute("call stocksync.sync(p_product_id => 999)")
    ledger.execute("set time zone 'UTC'")
    with raises_sql("22023", "2999-01-01 00:00:00+00 is in the future"):
        ledger.execute("call stocksync.sync(p_since => '2999-01-01')")
    assert only(ledger, "select count(*) from stocksync.runs") == 0


def test_not_inside_a_transaction_block(ledger: psycopg.Connection) -> None:
    with raises_sql("2D000", "invalid transaction termination"), ledger.transaction():
        ledger.execute("call stocksync.sync()")


def test_an_operator_syncs_in_its_own_name(ledger: psycopg.Connection) -> None:
    product(ledger, quantity_on_hand=5)
    with acting_as(ledger, "stocksync_operator"):
        ledger.execute("call stocksync.sync()")
    assert differences(ledger) == []
