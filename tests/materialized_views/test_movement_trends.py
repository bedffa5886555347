"""What moved in each day, week and month: whole periods only."""

import psycopg
from by_force import refresh
from helpers import move, only, product

# A Wednesday: its month began on a Saturday, the week of that day on Monday 2025-10-27.
FIRST_OF_WINDOW = "2025-11-12"


def window_from(db: psycopg.Connection, day: str) -> None:
    """Make the reports look back to a day."""
    db.execute(
        "update stocksync.settings"
        " set report_days = (now() at time zone 'UTC')::date - %s::date + 1",
        (day,),
    )


def trends(db: psycopg.Connection, period: str) -> dict[tuple[str, str], tuple[str, int]]:
    refresh(db)
    return {
        (starts_on, kind): (quantity, movements)
        for starts_on, kind, quantity, movements in db.execute(
            "select starts_on::text, transaction_type, quantity::text, movements"
            " from stocksync.movement_trends where period = %s",
            (period,),
        )
    }


def test_no_period_at_the_old_edge_is_cut(today: psycopg.Connection) -> None:
    window_from(today, FIRST_OF_WINDOW)
    a = product(today)
    for day, quantity in [
        ("2025-10-26", 1), ("2025-10-27", 10), ("2025-10-31", 100), ("2025-11-01", 1000),
        ("2025-11-02", 10_000), ("2025-11-03", 100_000), ("2025-11-30", 1_000_000),
    ]:  # fmt: skip
        move(today, a, quantity, occurred_at=f"{day} 12:00Z")
    assert trends(today, "day") == {
        ("2025-11-01", "purchase"): ("1000", 1),
        ("2025-11-02", "purchase"): ("10000", 1),
        ("2025-11-03", "purchase"): ("100000", 1),
        ("2025-11-30", "purchase"): ("1000000", 1),
    }
    assert trends(today, "week") == {
        ("2025-10-27", "purchase"): ("11110", 4),
        ("2025-11-03", "purchase"): ("100000", 1),
        ("2025-11-24", "purchase"): ("1000000", 1),
    }
    assert trends(today, "month") == {("2025-11-01", "purchase"): ("1111000", 4)}


def test_quantities_count_in_the_direction_of_the_type(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 10)
    sale = move(today, a, 3, "sale")
    move(today, a, "1.50", "sale")
    today.execute("select stocksync.reverse_movement(%s, 'wrong')", (sale,))
    day = only(today, "select (now() at time zone 'UTC')::date::text")
    assert trends(today, "day") == {(day, "purchase"): ("10", 1), (day, "sale"): ("1.5", 3)}
    assert only(today, "select distinct is_complete from stocksync.movement_trends") is False


def test_the_future_is_left_out(today: psycopg.Connection) -> None:
    move(today, product(today), 10, occurred_at="2999-01-01")
    assert trends(today, "month") == {}


def test_only_the_period_of_today_is_not_complete(today: psycopg.Connection) -> None:
    a = product(today)
    today.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
        " select %s, 'sale', 1, now() - make_interval(days => n) from generate_series(0, 70) as n",
        (a,),
    )
    refresh(today)
    assert today.execute(
        "select period, count(*), max(starts_on) = date_trunc(period, now() at time zone 'UTC')"
        " from stocksync.movement_trends where not is_complete group by 1 order by 1"
    ).fetchall() == [("day", 1, True), ("month", 1, True), ("week", 1, True)]


def test_what_was_deleted_leaves_nothing(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 10, occurred_at=only(today, "select now() - interval '40 days'"))
    assert len(trends(today, "month")) == 1
    today.execute("delete from stock_movements")
    assert trends(today, "month") == trends(today, "day") == {}


def test_a_type_of_ones_own(today: psycopg.Connection) -> None:
    today.execute("insert into transaction_types (name, movement_type) values ('loan_out', 'out')")
    move(today, product(today), 10, "loan_out")
    assert [kind for _, kind in trends(today, "week")] == ["loan_out"]
