"""The reports after any history: what a few lines of Python add up from the movements.

All of a history happens in one transaction that is rolled back, so that today stays today.
"""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from by_force import VIEWS, Shop, refresh, stored
from helpers import only, product
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PRODUCTS = st.integers(1, 4)
ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago")
TYPES = ("sale", "sale", "sale", "sale_return", "purchase", "damage", "stock_count_correction")
# The edges of the windows, a little before and after, the future, long ago.
DAYS = st.sampled_from([-1, 0, 0, 1, 6, 7, 8, 29, 30, 31, 89, 90, 91, 400]) | st.integers(-9, 150)
QUANTITIES = st.decimals("0.000001", 30, places=6) | st.integers(1, 20)
COSTS = st.sampled_from([None, "0", "2.5", "100", "NaN", "Infinity", "-1"])


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, tuple[Any, ...]]:
    """Draw a statement."""
    row = (
        draw(st.sampled_from(TYPES)),
        draw(QUANTITIES),
        draw(DAYS),
        draw(st.integers(0, 23)),
    )
    pick = draw(st.integers(0, 50))
    which = "(select id from stock_movements order by id offset %s %% "
    which += "(select greatest(count(*), 1) from stock_movements) limit 1)"
    at = "now() - make_interval(days => %s, hours => %s)"
    insert = (
        "insert into stock_movements"
        " (product_id, transaction_type, quantity, location_id, occurred_at)"
        f" select id, %s, %s, %s, {at} from products where id = %s"
    )
    inserted = (row[0], row[1], draw(st.sampled_from([None, 1, 2])), *row[2:], draw(PRODUCTS))
    return draw(
        st.sampled_from(
            [
                *[(insert, inserted)] * 8,
                (
                    f"update stock_movements set quantity = %s, occurred_at = {at}"
                    f" where reverses_id is null and id = {which} and not exists (select from"
                    " stock_movements as r where r.reverses_id = stock_movements.id)",
                    (*row[1:], pick),
                ),
                (
                    f"delete from stock_movements where id = {which} and not exists (select from"
                    " stock_movements as r where r.reverses_id = stock_movements.id)",
                    (pick,),
                ),
                (
                    "insert into stock_movements (product_id, location_id, transaction_type,"
                    " movement_type, quantity, reverses_id, occurred_at)"
                    " select product_id, location_id, transaction_type,"
                    " case movement_type when 'in' then 'out' else 'in' end, quantity, id,"
                    f" {at} from stock_movements as m where reverses_id is null and id = {which}"
                    " and not exists (select from stock_movements as r where r.reverses_id = m.id)",
                    (*row[2:], pick),
                ),
                (
                    "update products set unit_cost = %s::numeric where id = %s",
                    (draw(COSTS), draw(PRODUCTS)),
                ),
                ("update stocksync.settings set time_zone = %s", (draw(st.sampled_from(ZONES)),)),
                (
                    "update stocksync.settings set report_days = %s",
                    (draw(st.sampled_from([1, 2, 30, 90, 91, 200])),),
                ),
                (
                    "update transaction_types set counts_as = %s where name = %s",
                    (draw(st.sampled_from([None, "sale", "count"])), draw(st.sampled_from(TYPES))),
                ),
                ("select stocksync.roll_up()", ()),
            ]
        )
    )


def check(db: psycopg.Connection) -> None:
    """Refresh, and compare with what Python adds up."""
    refresh(db)
    shop = Shop(db)
    for view in VIEWS:
        by_force: Callable[[], list[tuple[Any, ...]]] = getattr(shop, view)
        assert stored(db, view) == by_force(), view


@settings(
    max_examples=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    histories=st.lists(
        st.lists(steps(), max_size=12),
        min_size=1,
        max_size=4,
    )
)
def test_the_reports_are_what_the_movements_say_after_any_history(
    ledger: psycopg.Connection,
    histories: list[list[tuple[str, tuple[Any, ...]]]],
) -> None:
    with ledger.transaction(force_rollback=True):
        # with numbers: those of a sequence are not rolled back
        ledger.execute("insert into locations (id, name) values (1, 'shelf'), (2, 'yard')")
        ledger.execute(
            "insert into products (id, sku, name, is_deleted)"
            " select n, n, n, n = 4 from generate_series(1, 4) as n"
        )
        for history in histories:
            for statement, parameters in history:
                ledger.execute(statement, parameters)
            check(ledger)


@pytest.mark.parametrize("view", [*VIEWS, "_past_by_product", "_past_by_type"])
def test_a_report_that_a_restore_left_empty_is_filled(
    ledger: psycopg.Connection, view: str
) -> None:
    product(ledger)
    ledger.execute("call stocksync.refresh()")
    ledger.execute(f"refresh materialized view stocksync.{view} with no data")
    ledger.execute("call stocksync.refresh()")
    assert only(ledger, f"select count(*) >= 0 from stocksync.{view}")
    assert only(ledger, "select count(*) from stocksync.stock_summary") == 1


READ = (
    "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables"
    " where relid = 'stocksync.stock_daily'::regclass"
)


def test_what_is_read_follows_the_window_not_the_history(ledger: psycopg.Connection) -> None:
    """300,000 rows of stock_daily: 100 products, 1,500 days, 2 types."""
    with ledger.transaction(force_rollback=True):
        ledger.execute("set local max_parallel_workers_per_gather = 0")  # they count for themselves
        ledger.execute("set local session_replication_role = replica")
        ledger.execute(
            "insert into products (id, sku, name) select n, n, n from generate_series(1, 100) as n"
        )
        ledger.execute(
            "insert into stocksync.stock_daily"
            " (product_id, day, transaction_type, quantity, movements)"
            " select p, (now() at time zone 'UTC')::date - d, t.name,"
            " case t.movement_type when 'in' then 1 else -1 end, 1"
            " from generate_series(1499, 0, -1) as d, generate_series(1, 100) as p,"
            " transaction_types as t where t.name in ('sale', 'purchase')"
        )
        ledger.execute(
            "insert into stocksync.stock_total (product_id, quantity, movements, first_on, last_on)"
            " select product_id, sum(quantity), sum(movements), min(day), max(day)"
            " from stocksync.stock_daily group by 1"
        )
        ledger.execute("analyze stocksync.stock_daily, products")

        def read(statement: str) -> int:
            before = only(ledger, READ)
            ledger.execute(statement)
            return int(only(ledger, READ) - before)

        def change(days: int) -> None:
            """Do what a roll-up of a movement so many days ago does."""
            ledger.execute(
                "update stocksync.stock_daily set quantity = quantity + 1 where product_id = 1"
                " and transaction_type = 'purchase'"
                " and day = (now() at time zone 'UTC')::date - %s::int",
                (days,),
            )
            ledger.execute(
                "update stocksync._roll_up_version set version = version + 1,"
                " past_version = past_version + %s",
                (int(days > 0),),
            )

        refresh = "select stocksync._refresh_views()"
        a_day = 200
        windows = (90 + 90 + 31 + 6) * a_day
        read(refresh)
        change(1)
        assert 2 * 90 * a_day <= read(refresh) <= windows + 4 * a_day
        change(0)
        assert read(refresh) <= 4 * a_day
        assert read(refresh) == 0
