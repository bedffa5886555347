"""A product's number stands for one stock."""

from collections.abc import Callable

import psycopg
import pytest
from helpers import (
    TIMEOUT,
    Actor,
    acting_as,
    differences,
    move,
    only,
    product,
    raises_sql,
    stock,
    wait_until,
    wait_until_blocked,
)
from time_helpers import archive, close


@pytest.mark.parametrize("role", [None, "stocksync_app"])
def test_the_number_of_a_product_cannot_change(
    ledger: psycopg.Connection, role: str | None
) -> None:
    product(ledger)
    with (
        raises_sql(
            "23001",
            "the number of product 1 cannot change",
            constraint_name="products_id_is_fixed",
            message_hint="Insert a new product; change the sku to rename one.",
        ),
        acting_as(ledger, role or "none"),
    ):
        ledger.execute("update products set id = 100")
    ledger.execute("update products set id = id, sku = 'B', name = 'renamed'")
    assert only(ledger, "select sku from products where id = 1") == "B"


def test_a_product_with_movements_is_not_deleted(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with raises_sql(
        "23503",
        f"product {a} has movements",
        constraint_name="stock_movements_product_exists",
        message_hint="Keep the product, and set is_deleted instead.",
    ):
        ledger.execute("delete from products")
    assert stock(ledger, a) == 10


def test_the_application_deletes_a_product_that_has_none(ledger: psycopg.Connection) -> None:
    product(ledger)
    with acting_as(ledger, "stocksync_app"):
        ledger.execute("delete from products")
    assert only(ledger, "select count(*) from products") == 0


def test_a_delete_settles_what_the_transaction_has_written_of_others(
    ledger: psycopg.Connection,
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    with ledger.transaction():
        move(ledger, a, 10)
        move(ledger, a, 1)
        ledger.execute("delete from products where id = %s", (b,))
        assert stock(ledger, a) == 11
        move(ledger, a, 5)
        assert stock(ledger, a) == 11
    assert stock(ledger, a) == 16
    assert differences(ledger) == []


def test_a_product_with_archived_movements_stays(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 1, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as caught:
        ledger.execute("delete from products where id = %s", (a,))
    assert caught.value.diag.constraint_name == "products_archived_is_kept"


# Sessions -----------------------------------------------------------------------------------------

INSERT = "insert into stock_movements (product_id, transaction_type, quantity) values (%s, %s, %s)"
MODES = {
    "wait": {},
    "never_wait": {"contention": "never_wait"},
    "escrow": {"contention": "escrow", "allow_negative": False},
    "batches": {"tracks_batches": True},
}
LEVELS = ["read committed", "repeatable read", "serializable"]
# What tells one of the two that the other was first.
TOLD = {"23503", "40001", "55P03", "55000"}


def orphans(db: psycopg.Connection) -> list[int]:
    """Return the numbers of products that are gone and yet have something."""
    return [
        number
        for (number,) in db.execute(
            "select product_id from stock_movements"
            " union select product_id from stocksync._pending"
            " except select id from products"
        )
    ]


def outcome(job: Callable[[], object]) -> str | None:
    """Do it; return the SQLSTATE if it fails."""
    try:
        job()
    except psycopg.Error as error:
        return error.sqlstate
    return None


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_a_deletion_against_a_movement_that_is_not_committed(
    ledger: psycopg.Connection,
    actor: Callable[[str], Actor],
    mode: str,
    settled: bool,
    end: str,
    level: str,
) -> None:
    a = product(ledger, **MODES[mode])
    writer, other = actor("writer"), actor("other")
    for who in (writer, other):
        who(f"begin isolation level {level}")
        who("select from products")
    writer(INSERT, [a, "purchase", 5])
    if settled:
        writer("set constraints all immediate")
    deleting = other.start("delete from products where id = %s", [a])
    # Otherwise the change is left beside the product.
    if settled and (mode in ("wait", "batches") or (mode == "never_wait" and level == LEVELS[0])):
        wait_until_blocked(ledger, "other")
        written = outcome(lambda: writer(end))
        deleted = outcome(lambda: deleting.result(TIMEOUT)) or outcome(lambda: other("commit"))
    else:
        deleted = outcome(lambda: deleting.result(TIMEOUT)) or outcome(lambda: other("commit"))
        written = outcome(lambda: writer(end))
    assert {written, deleted} <= {None, *TOLD}
    assert only(ledger, "select count(*) from products") == (1 if deleted else 0)
    assert only(ledger, "select count(*) from stock_movements") == (
        1 if end == "commit" and not written else 0
    )
    assert orphans(ledger) == []
    assert differences(ledger) == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("mode", MODES)
def test_a_movement_against_a_deletion_that_is_not_committed(
    ledger: psycopg.Connection,
    actor: Callable[[str], Actor],
    mode: str,
    end: str,
    lines: int,
    level: str,
) -> None:
    a = product(ledger, **MODES[mode])
    other, writer = actor("other"), actor("writer")
    writer(f"begin isolation level {level}")
    writer("select from products")
    other("begin")
    other("delete from products where id = %s", [a])
    for _ in range(lines):
        writer(INSERT, [a, "purchase", 5])
    writing = writer.start("commit")
    wait_until_blocked(ledger, "writer")
    other(end)
    written = outcome(lambda: writing.result(TIMEOUT))
    # Whoever has left a change beside it is told by the group, whatever became of the deletion.
    assert written in ({"23503", "40001"} if end == "commit" else {None})
    assert only(ledger, "select count(*) from stock_movements") == (0 if written else lines)
    assert orphans(ledger) == []
    assert differences(ledger) == []


def test_a_deletion_is_not_passed_by_where_the_settings_change_meanwhile(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a = product(ledger)
    other, operator, writer = actor("other"), actor("operator"), actor("writer")
    other("begin")
    other("delete from products")
    switching = operator.start("update stocksync.settings set contention = 'never_wait'")
    # It waits or gives way; or else the writer waits.
    wait_until(
        ledger,
        "select state <> 'active' or wait_event_type = 'Lock' from pg_stat_activity"
        " where application_name = 'operator'",
    )
    writing = writer.start(INSERT, [a, "purchase", 5])
    wait_until(
        ledger,
        "select state <> 'active' or wait_event_type = 'Lock' from pg_stat_activity"
        " where application_name = 'writer'",
    )
    other("commit")
    outcome(lambda: switching.result(TIMEOUT))
    assert outcome(lambda: writing.result(TIMEOUT)) == "23503"
    assert orphans(ledger) == []
    assert differences(ledger) == []


def test_a_deletion_from_an_older_snapshot_than_the_settings(
    ledger: psycopg.Connection, actor: Callable[[str], Actor]
) -> None:
    a = product(ledger)
    other, writer = actor("other"), actor("writer")
    other("begin isolation level repeatable read")
    other("select from products")
    ledger.execute("select stocksync.use_mode('never_wait')")
    writer("begin isolation level repeatable read")
    writer(INSERT, [a, "purchase", 5])
    writer("commit")
    assert (outcome(lambda: other("delete from products")) or outcome(lambda: other("commit"))) in (
        "40001",
        "55000",
    )
    other("rollback")
    assert orphans(ledger) == []
    assert differences(ledger) == []


# TRUNCATE -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_products_without_movements_are_truncated_with_what_waits_for_them(
    ledger: psycopg.Connection, mode: str
) -> None:
    a = product(ledger, **MODES[mode])
    move(ledger, a, 5)
    ledger.execute("delete from stock_movements")
    ledger.execute("truncate products cascade")
    assert orphans(ledger) == []
    assert product(ledger, id=a) == a
    assert (stock(ledger, a), differences(ledger)) == (0, [])


@pytest.mark.parametrize("mode", MODES)
def test_products_with_movements_are_not_truncated(ledger: psycopg.Connection, mode: str) -> None:
    a = product(ledger, **MODES[mode])
    move(ledger, a, 5)
    with raises_sql(
        "23503", f"product {a} has movements", constraint_name="stock_movements_product_exists"
    ):
        ledger.execute("truncate products cascade")
    assert differences(ledger) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_truncation_waits_for_a_movement_that_is_not_committed(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], mode: str
) -> None:
    a = product(ledger, **MODES[mode])
    writer, other = actor("writer"), actor("other")
    writer("begin")
    writer(INSERT, [a, "purchase", 5])
    truncating = other.start("truncate products cascade")
    wait_until_blocked(ledger, "other")
    writer("commit")
    with raises_sql("23503", f"product {a} has movements"):
        truncating.result(TIMEOUT)
    assert orphans(ledger) == []
    assert differences(ledger) == []


@pytest.mark.parametrize("level", LEVELS[1:])
def test_products_are_truncated_at_read_committed_only(
    ledger: psycopg.Connection, level: str
) -> None:
    product(ledger)
    ledger.execute(f"begin isolation level {level}")
    with raises_sql("55000", "products can only be truncated at READ COMMITTED"):
        ledger.execute("truncate products cascade")
    ledger.execute("rollback")


@pytest.mark.parametrize("level", LEVELS[1:])
def test_an_older_snapshot_finds_no_product_that_was_truncated(
    ledger: psycopg.Connection, actor: Callable[[str], Actor], level: str
) -> None:
    a, writer = product(ledger), actor("writer")
    writer(f"begin isolation level {level}")
    writer("select 1")
    writer("select from stocksync.settings")
    ledger.execute("truncate products cascade")
    with raises_sql("23503", f"product {a} does not exist"):
        writer(INSERT, [a, "purchase", 5])
    writer("rollback")
    assert orphans(ledger) == []
