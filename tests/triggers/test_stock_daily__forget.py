"""What is kept of the days that are over: never more than stock_daily says, and little to read."""

import psycopg
import pytest
from by_force import VIEWS, Shop, refresh, stored
from helpers import acting_as, differences, move, only, product, session

KEEP = "select stocksync._keep_days('')"
CHECK = ["_product_window", "_day_total"]


def kept(db: psycopg.Connection) -> tuple[list[int], list[int]]:
    """Return the products and the days (ago) of which something is kept."""
    products = db.execute("select product_id from stocksync._product_window order by 1").fetchall()
    days = db.execute(
        "select distinct (now() at time zone 'UTC')::date - day from stocksync._day_total"
        " order by 1"
    ).fetchall()
    return [id_ for (id_,) in products], [day for (day,) in days]


@pytest.fixture
def filled(today: psycopg.Connection) -> psycopg.Connection:
    """Products 1 and 2 that moved today, yesterday, and 40 days ago; all kept."""
    for n in (1, 2):
        today.execute("insert into products (id, sku, name) values (%s, %s, 'x')", (n, str(n)))
        for days in (0, 1, 40):
            at = only(today, "select now() - make_interval(days => %s)", (days,))
            move(today, n, 5 + days, "sale", occurred_at=at)
    refresh(today)
    assert kept(today) == ([1, 2], [1, 40])
    return today


@pytest.mark.parametrize(
    ("statement", "products", "days"),
    [
        ("insert {1, 0}", [1, 2], [1, 40]),
        ("insert {1, -1}", [1, 2], [1, 40]),
        ("insert {1, 1}", [2], [40]),
        ("insert {1, 40}", [2], [1]),
        ("insert {2, 39}", [1], [1, 40]),
        ("insert {2, 1000}", [1], [1, 40]),
        ("update stock_movements set quantity = 1 where product_id = 1", [2], []),
        ("delete from stock_movements where product_id = 1 and quantity = 45", [2], [1]),
        ("delete from stock_movements where quantity = 5", [1, 2], [1, 40]),
        ("update stocksync.settings set time_zone = 'Asia/Kolkata'", [], []),
        ("update transaction_types set counts_as = null where name = 'sale_return'", [], [1, 40]),
        ("update stocksync.stock_daily set quantity = 'NaN' where quantity = -6", [], [40]),
        ("delete from stocksync.stock_daily where quantity = -6", [], [40]),
        ("truncate stocksync.stock_daily", [], []),
    ],
)
def test_what_changes_is_forgotten_and_nothing_else(
    filled: psycopg.Connection, statement: str, products: list[int], days: list[int]
) -> None:
    if statement.startswith("insert {"):
        product_id, ago = statement.strip("insert {}").split(",")
        statement = (
            "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
            f" values ({product_id}, 'purchase', 1, now() - interval '{ago} days')"
        )
    filled.execute(statement)
    filled.execute("set constraints all immediate")
    filled.execute("select stocksync.roll_up()")
    assert kept(filled) == (products, days)


def test_only_what_is_missing_is_made_anew(filled: psycopg.Connection) -> None:
    assert only(filled, KEEP) == 0
    move(filled, 1, 1, occurred_at=only(filled, "select now() - interval '1 day'"))
    filled.execute("set constraints all immediate")
    filled.execute("select stocksync.roll_up()")
    assert only(filled, KEEP) == 3  # one product; sales and purchases of one day
    assert kept(filled) == ([1, 2], [1, 40])


def test_another_day_and_another_window_are_made_anew(filled: psycopg.Connection) -> None:
    filled.execute("update stocksync._product_window set today = today - 1")
    assert only(filled, KEEP) == 2
    filled.execute("update stocksync.settings set report_days = 30")
    assert only(filled, KEEP) == 2
    assert only(filled, KEEP) == 0


def test_nothing_is_kept_where_no_report_will_be_made(ledger: psycopg.Connection) -> None:
    product(ledger)
    ledger.execute("call stocksync.refresh()")
    ledger.execute("delete from stocksync._product_window")
    (done,) = ledger.execute("call stocksync.refresh()").fetchone() or (None,)
    assert only(
        ledger,
        "select done from stocksync.run_cost(%s) where step = 'keep_days'",
        (done,),
    ) == {"kept": 0}
    assert only(ledger, "select count(*) from stocksync._product_window") == 0


def test_a_late_movement_of_another_session_is_not_kept_out(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """A roll-up that has not committed, and the sums that do not have it, exclude each other."""
    a = product(ledger)
    move(ledger, a, 50, occurred_at="2020-01-01 12:00Z")
    ledger.execute("select stocksync.roll_up()")
    with session(ledger_url) as other:
        yesterday = only(ledger, "select now() - interval '1 day'")
        move(other, a, 3, "sale", occurred_at=yesterday)
        other.execute("begin")
        other.execute("select stocksync.roll_up()")
        assert only(ledger, KEEP) is None
        other.execute("commit")
        other.execute("begin")
        assert only(other, KEEP) > 0
        move(ledger, a, 4, "sale", occurred_at=yesterday)
        assert only(ledger, "select stocksync.roll_up()") is None
        other.execute("commit")
    ledger.execute("call stocksync.refresh()")
    assert only(ledger, "select daily_sales_7 from stocksync.stock_summary") == 1
    assert differences(ledger) == []


def test_the_views_are_exact_whatever_is_kept(filled: psycopg.Connection) -> None:
    shop = Shop(filled)
    for lost in ([], CHECK[:1], CHECK[1:], CHECK):
        for table in lost:
            filled.execute(f"delete from stocksync.{table}")
        refresh(filled, keep=False)
        for view in VIEWS:
            assert stored(filled, view) == getattr(shop, view)(), (lost, view)


def test_nobody_writes_what_is_kept(ledger: psycopg.Connection) -> None:
    for role in ("stocksync_app", "stocksync_operator"):
        for table in CHECK:
            with acting_as(ledger, role), pytest.raises(psycopg.errors.InsufficientPrivilege):
                ledger.execute(f"delete from stocksync.{table}")


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
        ledger.execute("set local session_replication_role = origin")
        ledger.execute("analyze stocksync.stock_daily, products")

        def read(statement: str) -> int:
            before = only(ledger, READ)
            ledger.execute(statement)
            return int(only(ledger, READ) - before)

        a_day = 210  # and what the planner looks up
        refreshes = [f"refresh materialized view concurrently stocksync.{v}" for v in VIEWS]
        # nothing kept: 90 days of products, and the days of the months that they begin in
        assert 90 * a_day <= read(KEEP) <= (90 + 90 + 31 + 6) * a_day
        assert sum(map(read, refreshes)) <= 2 * a_day
        # one product changed yesterday: its window, and yesterday
        ledger.execute(
            "update stocksync.stock_daily set quantity = 2 where product_id = 1"
            " and transaction_type = 'purchase' and day = (now() at time zone 'UTC')::date - 1"
        )
        assert read(KEEP) <= 90 * 2 + 2 * a_day
        assert read(KEEP) <= a_day
        # and without anything kept the views themselves
        for table in CHECK:
            ledger.execute(f"delete from stocksync.{table}")
        assert sum(map(read, refreshes)) <= (2 * 90 + 90 + 31 + 6 + 2) * a_day
