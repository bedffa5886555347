"""What is removed is what was read back, and nothing is forgotten by it."""

from contextlib import suppress

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock
from time_helpers import archive, checksum, close, stage, stock_at, unarchive, written


def test_stock_days_keys_and_reversals_are_kept(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10", idempotency_key="k")
    move(ledger, a, 4, "sale", occurred_at="2024-01-11")
    reversed_ = move(ledger, a, 2, "sale", occurred_at="2024-01-12")
    ledger.execute("select stocksync.roll_up()")
    close(ledger, "2024-01-31")
    ledger.execute("select stocksync.reverse_movement(%s, 'mistake')", (reversed_,))
    archive(ledger, "2024-01-31")
    assert ledger.execute("select array_agg(id order by id) from stock_movements").fetchone() == (
        [3, 4],
    )
    assert stock(ledger, a) == 6
    assert stock_at(ledger, "2024-01-31 12:00+00") == {"A": "4"}
    assert differences(ledger) == []
    ledger.execute("call stocksync.refresh()")
    ledger.execute("call stocksync.sync(p_force => true)")
    assert stock(ledger, a) == 6
    assert differences(ledger) == []
    assert ledger.execute(
        "select movements, movement_ids::text, file, archived_by = session_user"
        " from stocksync.archives"
    ).fetchall() == [(2, "{[1,3)}", "file.csv", True)]
    assert only(ledger, "select count(*) from stocksync.movement_history") == 0
    again = "select id, occurred_at::date::text from stocksync.record_movement(%s, %s, %s, 'k')"
    assert ledger.execute(again, (a, "purchase", "10.0")).fetchall() == [(1, "2024-01-10")]
    assert stock(ledger, a) == 6
    with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
        ledger.execute(again, (a, "purchase", 11))
    with raises_sql(
        "23505",
        'idempotency key "k" belongs to an archived movement',
        constraint_name="stock_movements_idempotency_key_idx",
    ):
        move(ledger, a, 10, idempotency_key="k")
    with pytest.raises(psycopg.Error, match="archive"):
        ledger.execute("select stocksync.reverse_movement(1, 'mistake')")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b",10,", b",11,"),
        (b",10,", b",10.0,"),  # the same number, and not the same row
        (b",in,", b",out,"),
        (b"12:00:00+00", b"12:00:00.000001+00"),
        (b',"",', b",,"),  # '' is not null
        (b'""a"": 1', b'""a"": 1.0'),
        (b"caf", b"kaf"),
    ],
)
def test_any_difference_is_found(ledger: psycopg.Connection, old: bytes, new: bytes) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10 12:00+00", notes="", reference="cafe",
         metadata='{"a": 1}')  # fmt: skip
    close(ledger, "2024-01-31")
    content = written(ledger, "2024-01-31")
    assert old in content
    with raises_sql(
        "XX001",
        "the file does not hold the movements that are to be archived",
        message_detail="There are 1; the file holds 1, of which 0 are the same.",
        message_hint="Nothing was removed. Write the file again.",
    ):
        archive(ledger, "2024-01-31", content.replace(old, new))
    assert only(ledger, "select count(*) from stock_movements") == 1
    assert only(ledger, "select count(*) from stocksync.archives") == 0
    archive(ledger, "2024-01-31", content)


@pytest.mark.parametrize(("lines", "detail"), [
    ([0, 1], "There are 2; the file holds 1, of which 1 are the same."),
    ([0, 1, 1], "There are 2; the file holds 2, of which 1 are the same."),
    ([0, 1, 2, 2], "There are 2; the file holds 3, of which 2 are the same."),
    ([0], "There are 2; the file holds 0, of which 0 are the same."),
])  # fmt: skip
def test_too_few_and_too_many_are_found(
    ledger: psycopg.Connection, lines: list[int], detail: str
) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10")
    move(ledger, a, 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    all_lines = written(ledger, "2024-01-31").splitlines(True)
    with raises_sql(
        "XX001",
        "the file does not hold the movements that are to be archived",
        message_detail=detail,
    ):
        archive(ledger, "2024-01-31", b"".join(all_lines[n] for n in lines))


def test_what_was_corrected_since_it_was_written_is_found(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    content = written(ledger, "2024-01-31")
    ledger.execute("update stock_movements set notes = 'see invoice 7'")  # as one may
    with raises_sql("XX001", "the file does not hold the movements that are to be archived"):
        archive(ledger, "2024-01-31", content)


def test_nothing_to_archive_is_null(ledger: psycopg.Connection) -> None:
    close(ledger, "2024-01-31")
    content = written(ledger, "2024-01-31")
    with ledger.transaction():
        stage(ledger, content)
        assert only(
            ledger,
            "select stocksync.archive_movements('2024-01-31', 'f', %s)",
            (checksum(content),),
        ) is None  # fmt: skip
    assert only(ledger, "select count(*) from stocksync.archives") == 0


def test_only_what_is_closed(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    content = written(ledger, "2024-01-31")
    ledger.execute("select stocksync.reopen_period()")
    with raises_sql("55000", "the books are not closed through 2024-01-31"):
        archive(ledger, "2024-01-31", content)


def test_a_checksum_is_one(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10")
    close(ledger, "2024-01-31")
    content = written(ledger, "2024-01-31")
    with pytest.raises(psycopg.errors.CheckViolation), ledger.transaction():
        stage(ledger, content)
        ledger.execute("select stocksync.archive_movements('2024-01-31', 'f', 'X')")


def test_one_archive_after_another(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10")
    move(ledger, a, 3, "sale", occurred_at="2024-02-10")
    close(ledger, "2024-01-31")
    first = archive(ledger, "2024-01-31")
    close(ledger, "2024-02-29")
    second = archive(ledger, "2024-02-29")
    assert stock_at(ledger, "2024-02-29 23:00+00") == {"A": "7"}
    # in any order
    unarchive(ledger, first)
    assert differences(ledger) == []
    assert stock_at(ledger, "2024-02-15") == {"A": "7"}
    unarchive(ledger, second)
    assert differences(ledger) == []
    assert stock(ledger, a) == 7


def test_columns_of_the_shop_go_along(db: psycopg.Connection) -> None:
    db.execute("alter table stock_movements add column colour text")
    move(db, product(db), 10, occurred_at="2024-01-10", colour="red")
    close(db, "2024-01-31")
    content = archive(db, "2024-01-31")
    assert only(db, "select count(*) from stock_movements") == 0
    unarchive(db, content)
    assert only(db, "select colour from stock_movements") == "red"


def test_only_an_operator(ledger: psycopg.Connection) -> None:
    for role in ("stocksync_app", "stocksync_auditor"):
        with (
            acting_as(ledger, role),
            raises_sql("42501", "permission denied for function archive_movements"),
        ):
            ledger.execute("select stocksync.archive_movements('2024-01-31', 'f', 'x')")


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_days_are_not_those_of_a_time_zone_that_has_changed_meanwhile(
    ledger: psycopg.Connection, ledger_url: str, isolation: str
) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10 23:30+00")
    close(ledger, "2024-01-31")
    content = written(ledger, "2024-01-31")
    ledger.execute(f"set default_transaction_isolation = '{isolation}'")
    with (
        session(ledger_url) as other,
        suppress(psycopg.errors.SerializationFailure),
        ledger.transaction(),
    ):
        stage(ledger, content)
        other.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
        ledger.execute(
            "select stocksync.archive_movements('2024-01-31', 'f', %s)", (checksum(content),)
        )
    ledger.execute("reset default_transaction_isolation")
    assert differences(ledger) == []


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_it_leaves_no_lock_behind_that_every_later_insert_would_take_again(
    ledger: psycopg.Connection, isolation: str
) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-10 23:30+00")
    close(ledger, "2024-01-31")
    ledger.execute(f"set default_transaction_isolation = '{isolation}'")
    unarchive(ledger, archive(ledger, "2024-01-31"))
    for table in ("settings", "_closed"):
        assert only(ledger, f"select xmax::text from stocksync.{table}") == "0"
