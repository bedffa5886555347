"""What sells and what lies: classes, turnover, dead stock."""

from typing import Any

import psycopg
import pytest
from by_force import refresh
from helpers import move, only, product


def movers(db: psycopg.Connection, columns: str) -> list[tuple[Any, ...]]:
    """Return columns of the view, and the shares that the report adds."""
    refresh(db)
    return db.execute(
        f"select {columns} from stocksync.report_movers() order by product_id"
    ).fetchall()


def ago(db: psycopg.Connection, days: int) -> Any:
    return only(db, "select now() - make_interval(days => %s)", (days,))


def sell(db: psycopg.Connection, *quantities: Any, **columns: Any) -> None:
    """Sell so much each of new products."""
    for n, quantity in enumerate(quantities):
        move(db, product(db, f"{quantity}/{n}", **columns), quantity, "sale")


CLASSES = "sold, share::text, cumulative_share::text, abc_class"


def test_classes_by_share_of_value(today: psycopg.Connection) -> None:
    sell(today, 5, 15, 80)
    assert movers(today, CLASSES) == [
        (5, "0.05", "1", "C"),
        (15, "0.15", "0.95", "B"),
        (80, "0.8", "0.8", "A"),
    ]


def test_a_product_on_the_line_belongs_to_the_better_class(today: psycopg.Connection) -> None:
    sell(today, 79, 15, 5, 1)
    assert [row[-1] for row in movers(today, CLASSES)] == ["A", "A", "B", "C"]


def test_the_best_seller_is_an_a_even_alone(today: psycopg.Connection) -> None:
    sell(today, 3)
    assert movers(today, CLASSES) == [(3, "1", "1", "A")]


def test_of_equals_the_older_product_comes_first(today: psycopg.Connection) -> None:
    sell(today, 1, 1, 1)
    assert movers(today, CLASSES) == [
        (1, "0.333333", "0.333333", "A"),
        (1, "0.333333", "0.666667", "A"),
        (1, "0.333333", "1", "A"),
    ]


def test_value_is_what_was_sold_times_its_cost(today: psycopg.Connection) -> None:
    sell(today, 10, unit_cost="0.5")
    sell(today, 2, unit_cost=40)
    sell(today, 15)
    sell(today, 7, unit_cost=0)
    assert movers(today, "sold_value::text, share::text, abc_class") == [
        ("5", "0.05", "C"),
        ("80", "0.8", "A"),
        ("15", "0.15", "B"),
        ("0", "0", "C"),
    ]


@pytest.mark.parametrize("cost", ["NaN", "Infinity", "-1"])
def test_a_cost_that_is_none_spoils_nothing(today: psycopg.Connection, cost: str) -> None:
    sell(today, 80, unit_cost=cost)
    sell(today, 20)
    assert movers(today, "sold_value::text, abc_class") == [("80", "A"), ("20", "B")]


def test_what_is_worth_nothing_has_no_share(today: psycopg.Connection) -> None:
    sell(today, 8, unit_cost=0)
    assert movers(today, CLASSES) == [(8, None, None, "C")]


def test_nothing_sold_is_no_class(today: psycopg.Connection) -> None:
    never, returned, back, sold = (product(today, sku) for sku in "NRBS")
    move(today, returned, 3, "sale")
    move(today, returned, 3, "sale_return")
    move(today, back, 5, "sale", occurred_at=ago(today, 200))
    move(today, back, 5, "sale_return")
    move(today, sold, 1, "sale")
    assert movers(today, f"product_id, {CLASSES}") == [
        (never, 0, None, None, None),
        (returned, 0, None, None, None),
        (back, -5, None, None, None),
        (sold, 1, "1", "1", "A"),
    ]


def test_the_window_is_the_last_days_with_today(today: psycopg.Connection) -> None:
    today.execute("update stocksync.settings set report_days = 10")
    a = product(today)
    for days, quantity in [(-1, 1000), (0, 1), (9, 10), (10, 100)]:
        move(today, a, quantity, "sale", occurred_at=ago(today, days))
    assert movers(today, "sold, on_hand") == [(11, -1111)]


def test_turnover_is_by_the_mean_of_all_days(today: psycopg.Connection) -> None:
    """40 for 6 days, 10 for 3, 30 today: (240 + 30 + 30) / 10."""
    today.execute("update stocksync.settings set report_days = 10")
    a = product(today)
    move(today, a, 40, occurred_at=ago(today, 300))
    move(today, a, 30, "sale", occurred_at=ago(today, 3))
    move(today, a, 20)
    move(today, a, 99, occurred_at=ago(today, -2))  # not yet
    assert movers(today, "average_on_hand::text, turnover::text") == [("30", "1")]


def test_days_before_there_was_such_a_product_are_not_averaged(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 10, occurred_at=ago(today, 3))
    move(today, a, 4, "sale")
    b = product(today, "B")
    move(today, b, 7, occurred_at=ago(today, -3))
    assert movers(today, "average_on_hand::text, turnover::text") == [
        ("9", "0.444444"),
        ("0", None),
    ]


def test_without_stock_there_is_no_turnover(today: psycopg.Connection) -> None:
    move(today, product(today), 4, "sale", occurred_at=ago(today, 2))
    assert movers(today, "average_on_hand, turnover") == [(-4, None)]


DEAD = "last_sale_on, days_without_sale, is_dead_stock"


def test_dead_stock_was_there_before_the_window_and_is_there(today: psycopg.Connection) -> None:
    never, dead, new, gone, sold, back = (product(today, sku) for sku in "NDWGSB")
    move(today, dead, 5, occurred_at=ago(today, 90))
    move(today, new, 5, occurred_at=ago(today, 89))
    move(today, gone, 5, occurred_at=ago(today, 100))
    move(today, gone, 5, "damage", occurred_at=ago(today, 95))
    move(today, sold, 5, occurred_at=ago(today, 100))
    move(today, sold, 1, "sale", occurred_at=ago(today, 89))
    move(today, back, 5, occurred_at=ago(today, 100))
    move(today, back, 1, "sale", occurred_at=ago(today, 50))
    move(today, back, 1, "sale_return", occurred_at=ago(today, 40))
    day = {n: only(today, "select (now() at time zone 'UTC')::date - %s::int", (n,))
           for n in (50, 89)}  # fmt: skip
    assert movers(today, f"product_id, {DEAD}") == [
        (never, None, None, False),
        (dead, None, 89, True),
        (new, None, 89, False),
        (gone, None, 89, False),
        (sold, day[89], 89, False),
        (back, day[50], 50, True),
    ]


def test_a_sale_taken_back_on_its_day_was_none(today: psycopg.Connection) -> None:
    a = product(today)
    move(today, a, 5, occurred_at=ago(today, 20))
    wrong = move(today, a, 5, "sale")
    today.execute("select stocksync.reverse_movement(%s, 'wrong')", (wrong,))
    assert movers(today, DEAD) == [(None, 20, False)]
    move(today, a, 1, "sale")
    assert movers(today, "days_without_sale") == [(0,)]
