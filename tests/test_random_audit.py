"""Whatever is done to the tables behind the triggers, an audit finds it, and a fix cures it.

What is wrong is told here by force: from the rows themselves, none of stocksync's functions asked.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from helpers import behind, move, product
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PRODUCTS = 6

# {n} is which row, counted through; {q} a quantity, above zero or below.
FAULTS = [
    "update products set quantity_on_hand = quantity_on_hand + {q} where {row}",
    "update products set total_stock = total_stock + {q} where {row}",
    "update products set quantity_on_hand = 'NaN' where {row}",
    "update products set quantity_on_hand = quantity_on_hand + {q},"
    " total_stock = total_stock + {q} where {row}",
    "delete from products where {row}",
    "with gone as (delete from stock_movements where product_id = 1 + ({n} % 6))"
    " delete from products where id = 1 + ({n} % 6)",
    "delete from stock_movements where {row}",
    "update stock_movements set quantity = quantity + abs({q}) where {row}",
    "update stock_movements set product_id = 1 + ({n} % 6) where {row}",
    "update stock_movements set location_id = 1 + ({n} % 2) where {row}",
    "update stock_movements set occurred_at = occurred_at + interval '40 days' where {row}",
    "update stock_movements set transaction_type = case movement_type when 'in' then 'sale_return'"
    " else 'theft' end where {row}",
    "update stock_movements set movement_type = case movement_type when 'in' then 'out' else 'in'"
    " end where {row}",
    "insert into stock_movements"
    " (product_id, transaction_type, movement_type, quantity, location_id)"
    " values (1 + ({n} % 6), 'purchase', 'in', abs({q}), nullif({n} % 3, 0))",
    "insert into stock_movements (product_id, transaction_type, movement_type, quantity)"
    " values (1 + ({n} % 6), 'sale', 'out', abs({q}))",
    "update stocksync.stock_total set quantity = quantity + {q} where {row}",
    "update stocksync.stock_total set movements = movements + 1 where {row}",
    "update stocksync.stock_total set last_on = last_on + 1 where {row}",
    "delete from stocksync.stock_total where {row}",
    "update stocksync.stock_daily set quantity = quantity + {q} where {row}",
    "update stocksync.stock_daily set day = day + 400 where {row}",
    "delete from stocksync.stock_daily where {row}",
    "delete from stocksync._journal where {row}",
    "insert into stocksync._pending (product_id, quantity) values (1 + ({n} % 6), {q})",
    "update stock_batches set quantity_remaining = greatest(quantity_remaining + {q}, 0)"
    " where {row}",
    "update stock_batches set quantity_received = quantity_received + {q} where {row}",
    "update stock_batches set location_id = 1 where {row}",
    "delete from stock_batches where {row}",
    "update batch_receipts set quantity = quantity + {q} where {row}",
    "delete from batch_receipts where {row}",
    "update batch_consumptions set quantity = quantity + abs({q}) where {row}",
    "delete from batch_consumptions where {row}",
]  # fmt: skip


def statement(fault: str, n: int, q: Decimal) -> str:
    """Return a fault as a statement about the n-th row of its table, going round."""
    table = fault.split("update ")[-1].split("delete from ")[-1].split()[0]
    row = (
        f"ctid = (select t.ctid from {table} as t order by t::text offset"
        f" {n} % (select greatest(count(*), 1) from {table}) limit 1)"
    )
    return fault.format(row=row, n=n, q=q)


def wrong(db: psycopg.Connection) -> set[int]:
    """Return the products of which anything stored is not what the movements say."""
    ledger: dict[Any, Decimal] = defaultdict(Decimal)
    found = set()
    movements = db.execute(
        "select m.id, m.product_id, m.location_id, (m.occurred_at at time zone 'UTC')::date,"
        " m.transaction_type, case m.movement_type when 'in' then m.quantity else -m.quantity end"
        " from stock_movements as m"
    ).fetchall()
    days: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0), 0])
    levels: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0), 0])
    places: dict[Any, Decimal] = defaultdict(Decimal)
    signed = {}
    for n, p, place, day, kind, quantity in movements:
        ledger[p] += quantity
        places[p, place] += quantity
        signed[n] = (p, quantity)
        for of, key in ((days, (p, place, day, kind)), (levels, (p, place))):
            of[key][0] += quantity
            of[key][1] += 1

    # 1. The product.
    pending = dict(
        db.execute("select product_id, sum(quantity) from stocksync._pending group by 1").fetchall()
    )
    tracked = set()
    known = set()
    for p, on_hand, total, tracks in db.execute(
        "select id, quantity_on_hand, total_stock, tracks_batches from products"
    ):
        known.add(p)
        if tracks:
            tracked.add(p)
        waiting = pending.get(p, Decimal(0))
        # NaN is unequal to everything here
        if on_hand + waiting != ledger[p] or total + waiting != ledger[p]:
            found.add(p)
    found |= {p for _, p, *_ in movements} - known

    # 2. The roll-up: days, levels, and what levels say of days.
    journal = db.execute(
        "select l.product_id, l.location_id, l.day, l.transaction_type, l.quantity, l.movements"
        " from stocksync._journal as j, unnest(j.lines) as l"
    ).fetchall()
    daily = db.execute(
        "select product_id, location_id, day, transaction_type, quantity, movements"
        " from stocksync.stock_daily"
    ).fetchall()
    totals = db.execute(
        "select product_id, location_id, quantity, movements, quantity_in, first_on, last_on,"
        " last_count_on from stocksync.stock_total"
    ).fetchall()
    sums: dict[Any, list[Any]] = defaultdict(lambda: [Decimal(0), 0, Decimal(0), []])
    incoming = {
        name
        for (name,) in db.execute("select name from transaction_types where movement_type = 'in'")
    }
    for p, place, day, kind, quantity, count in daily + journal:
        days[p, place, day, kind][0] -= quantity
        days[p, place, day, kind][1] -= count
    for p, place, day, kind, quantity, count in daily:
        one = sums[p, place]
        one[0] += quantity
        one[1] += count
        one[2] += quantity if kind in incoming else 0
        one[3] += [day] if count > 0 else []
    for p, place, quantity, count, came_in, first, last, _ in totals:
        levels[p, place][0] -= quantity
        levels[p, place][1] -= count
        one = sums.pop((p, place), [Decimal(0), 0, Decimal(0), []])
        ends = (min(one[3], default=None), max(one[3], default=None))
        if (quantity, count, came_in, first, last) != (one[0], one[1], one[2], *ends):
            found.add(p)
    found |= {p for p, _ in sums}
    for p, place, _, _, quantity, count in journal:
        levels[p, place][0] -= quantity
        levels[p, place][1] -= count
    found |= {key[0] for of in (days, levels) for key, rest in of.items() if any(rest)}

    # 3. The batches.
    batches = {
        n: (p, place, received, remaining)
        for n, p, place, received, remaining in db.execute(
            "select id, product_id, location_id, quantity_received, quantity_remaining"
            " from stock_batches where status <> 'retired'"
        )
    }
    through: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    moved: dict[int, Decimal] = defaultdict(Decimal)
    for table, side, sign in (("batch_receipts", 0, 1), ("batch_consumptions", 1, -1)):
        for n, batch, quantity in db.execute(
            f"select movement_id, batch_id, quantity from {table}"
        ):
            through[batch][side] += quantity
            if n is not None and batch in batches:
                moved[n] += sign * quantity
    for n, (p, place, received, remaining) in batches.items():
        came, went = through[n]
        places[p, place] -= remaining if p in tracked else 0
        if (received, remaining) != (came, came - went):
            found.add(p)
    found |= {p for (p, _), rest in places.items() if p in tracked and rest}
    found |= {signed[n][0] for n, q in moved.items() if n in signed and signed[n][1] != q}
    return found


def fill(db: psycopg.Connection) -> None:
    db.execute("insert into locations (name) values ('shop'), ('store')")
    for n in range(1, PRODUCTS + 1):
        product(db, f"P{n}", tracks_batches=n > 3, allow_negative=True)
    for n in range(1, PRODUCTS + 1):
        for k in range(4):
            at = {"occurred_at": f"2024-05-{10 + k} 12:00+00"}
            place = (None, 1, 2, None)[k]
            batch = {"batch_number": f"L{k}"} if n > 3 else {}
            move(db, n, 10, location_id=place, **at, **batch)
        move(db, n, 3, "sale", occurred_at="2024-05-20 12:00+00")
        if n == 4:
            db.execute("select stocksync.roll_up()")
    move(db, 2, 5, "stock_count_correction", location_id=1)


@pytest.mark.parametrize(
    "examples",
    [60, pytest.param(600, marks=pytest.mark.long)],
    ids=["short", "long"],
)
def test_what_is_wrong_is_found_and_what_is_found_is_cured(
    ledger: psycopg.Connection, empty: Callable[[], None], examples: int
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(FAULTS),
                st.integers(0, 200),
                st.sampled_from([1, 2, -1, -3, 20]).map(Decimal),
            ),
            min_size=1,
            max_size=4,
        )
    )
    def check(faults: list[tuple[str, int, Decimal]]) -> None:
        empty()
        fill(ledger)
        assert wrong(ledger) == set()
        try:
            behind(ledger, *(statement(*fault) for fault in faults))
        except psycopg.errors.UniqueViolation:
            ledger.execute("set session_replication_role = origin")
            return  # two days, or levels, became one
        before = wrong(ledger)
        found = {
            p
            for (p,) in ledger.execute(
                "select product_id from stocksync.mismatches(p_deep => true)"
            )
        }
        assert found == before

        kinds = ["fields", "batches", "ledger"]
        columns = "product_id, kind, class, change, before, after"
        plan = ledger.execute(
            f"select {columns} from stocksync.fix_dry_run(%s)", (kinds,)
        ).fetchall()
        [(run, audit)] = ledger.execute("call stocksync.fix(%s)", (kinds,)).fetchall()
        done = ledger.execute(
            f"select {columns}, skipped from stocksync.fixed(%s)", (run,)
        ).fetchall()
        failed = {row[0] for row in done if row[-1] is not None}
        assert [row for row in done if row[0] not in failed] == [
            (*row, None) for row in plan if row[0] not in failed
        ]
        # Only what batches have given and nobody brought cannot be told from the movements.
        assert {p for p in failed if p <= 3} == set()
        after = wrong(ledger)
        assert after <= failed
        assert {
            p
            for (p,) in ledger.execute(
                "select product_id from stocksync.mismatches(p_deep => true)"
            )
        } == after
        assert audit is None or set(
            ledger.execute("select product_id from stocksync.findings(%s)", (audit,)).fetchall()
        ) <= {(p,) for p in after}

    check()
