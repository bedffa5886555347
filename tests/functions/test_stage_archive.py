"""The way in for a file that is read back."""

import psycopg
import pytest
from helpers import acting_as, only, raises_sql

OLD = (
    "id, product_id, location_id, movement_type, transaction_type, quantity, occurred_at,"
    " recorded_at, unit_cost, reference, idempotency_key, reverses_id, user_id, notes, metadata"
)
COPY = (
    "copy pg_temp.stocksync_archive ({}) from stdin"
    " with (format csv, header match, encoding 'UTF8')"
)


def test_it_returns_the_copy_that_fills_the_table(ledger: psycopg.Connection) -> None:
    with ledger.transaction():
        statement = only(ledger, "select stocksync.stage_archive()")
        assert statement == COPY.format(f"{OLD}, batch_id, batch_number, expiry_date")
        assert only(ledger, "select count(*) from stocksync_archive") == 0
        assert only(ledger, "show datestyle") == "ISO, YMD"
    assert only(ledger, "select to_regclass('stocksync_archive')") is None
    assert only(ledger, "show datestyle") == "ISO, MDY"


def test_twice_begins_anew(ledger: psycopg.Connection) -> None:
    with ledger.transaction():
        for _ in range(2):
            ledger.execute("select stocksync.stage_archive()")
            assert only(ledger, "select count(*) from stocksync_archive") == 0
            ledger.execute(
                "insert into stocksync_archive (id, product_id, movement_type, transaction_type,"
                " quantity, occurred_at, recorded_at) values (1, 1, 'in', 'x', 1, now(), now())"
            )


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_of_an_earlier_version_lacks_the_columns_of_batches(
    ledger: psycopg.Connection, end: str
) -> None:
    header = OLD.replace(" ", "") + end
    with ledger.transaction():
        assert only(ledger, "select stocksync.stage_archive(%s)", (header,)) == COPY.format(OLD)


def test_what_is_no_header_is_left_to_copy(ledger: psycopg.Connection) -> None:
    for header in ("", "id", "x'); drop table stock_movements; --", "batch_number"):
        statement = only(ledger, "select stocksync.stage_archive(%s)", (header,))
        more = ", batch_number" if header == "batch_number" else ""
        assert statement == COPY.format(OLD + more)


def test_columns_in_another_order_are_refused(ledger: psycopg.Connection) -> None:
    with (
        raises_sql(
            "22P04",
            'column name mismatch in header line field 2: got "quantity", expected "product_id"',
        ),
        ledger.transaction(),
    ):
        header = (
            "id,quantity,product_id,location_id,movement_type,transaction_type,occurred_at,"
            "recorded_at,unit_cost,reference,idempotency_key,reverses_id,user_id,notes,metadata\n"
        )
        statement = only(ledger, "select stocksync.stage_archive(%s)", (header,))
        with ledger.cursor().copy(statement) as copy:
            copy.write(header)


def test_only_an_operator(ledger: psycopg.Connection) -> None:
    for role in ("stocksync_app", "stocksync_auditor"):
        with (
            acting_as(ledger, role),
            raises_sql("42501", "permission denied for function stage_archive"),
        ):
            ledger.execute("select stocksync.stage_archive()")
