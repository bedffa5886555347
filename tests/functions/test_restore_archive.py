"""What was archived comes back as it was, or not at all."""

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, stock
from time_helpers import archive, at, checksum, close, stage, stock_at, unarchive

# quotes, newlines, what ends a COPY, what NULL is written with, an emoji, a right-to-left mark
NASTY = 'it\'s "q", a,b\r\n\\.\n\\N\t\x01\x7f 🫖\u202e\n\n'
ROWS = "select m::text, m.metadata::text from stock_movements as m order by id"


def nasty(ledger: psycopg.Connection) -> None:
    a = product(ledger, NASTY)
    ledger.execute("insert into locations (name) values (%s)", (NASTY,))
    texts = {"reference": NASTY, "user_id": NASTY, "notes": NASTY, "idempotency_key": NASTY}
    metadata = '{"a": ["\\"\\n", null, 1.00, 1e3, true], "": {}}'
    move(ledger, a, "1.500000", location_id=1, metadata=metadata, unit_cost="0.10",
         occurred_at="2024-01-31 23:59:59.999999+00", **texts)  # fmt: skip
    move(ledger, a, 2, notes="", reference="", metadata="null", occurred_at="0001-01-02 00:00+00")
    move(ledger, a, 3, notes="\\.", reference="\\N", metadata="{}", occurred_at="2024-01-01")
    move(ledger, a, 4, notes=None, reference="NULL", metadata='""', occurred_at="2023-01-01")
    move(ledger, a, "0.000001", "sale", occurred_at="2023-01-01 00:00:00.000001+05:45")
    move(ledger, a, 1, occurred_at="2022-01-01", batch_id=7, batch_number=NASTY,
         expiry_date="9999-12-30")  # fmt: skip
    move(ledger, a, 1, occurred_at="2022-01-02", batch_number="\\N", expiry_date="0001-01-02")
    move(ledger, a, 4, occurred_at="2024-02-01 00:00+00")


@pytest.mark.parametrize(
    ("settings", "settings_later"),
    [
        ({}, {}),
        ({"datestyle": "SQL, DMY"}, {"datestyle": "SQL, MDY"}),
        ({"datestyle": "German"}, {"datestyle": "ISO, YMD"}),
        ({"timezone": "Asia/Kathmandu"}, {"timezone": "America/St_Johns"}),
        ({"intervalstyle": "sql_standard", "extra_float_digits": "-15"}, {}),
        ({"bytea_output": "escape", "standard_conforming_strings": "off"}, {}),
        ({"default_transaction_isolation": "serializable"}, {"lc_numeric": "C"}),
    ],
)
def test_every_byte_comes_back(
    ledger: psycopg.Connection, settings: dict[str, str], settings_later: dict[str, str]
) -> None:
    nasty(ledger)
    before = ledger.execute(ROWS).fetchall()
    total = stock(ledger, 1)
    close(ledger, "2024-01-31")
    for name, value in settings.items():
        ledger.execute(f"set {name} = '{value}'")
    content = archive(ledger, "2024-01-31")
    ledger.execute("reset all")
    assert only(ledger, "select count(*) from stock_movements") == 1
    assert stock(ledger, 1) == total
    assert differences(ledger) == []
    for name, value in settings_later.items():
        ledger.execute(f"set {name} = '{value}'")
    assert unarchive(ledger, content) == 7
    ledger.execute("reset all")
    assert ledger.execute(ROWS).fetchall() == before
    assert stock(ledger, 1) == total
    assert differences(ledger) == []


def test_dates_in_another_style_are_not_taken_for_others(ledger: psycopg.Connection) -> None:
    """3 April, as an English and an American session write it."""
    move(ledger, product(ledger), 10, occurred_at="2024-04-03 12:00+00")
    close(ledger, "2024-04-30")
    ledger.execute("set datestyle = 'SQL, DMY'")
    with ledger.cursor().copy(
        "copy (select * from stocksync.archivable('2024-04-30')) to stdout (format csv, header)"
    ) as copy:
        content = b"".join(bytes(chunk) for chunk in copy)
    assert b"03/04/2024" in content
    with pytest.raises(psycopg.errors.DatetimeFieldOverflow, match="03/04/2024"):
        archive(ledger, "2024-04-30", content)
    assert only(ledger, "select count(*) from stock_movements") == 1


def test_the_clients_encoding_changes_nothing(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 1, notes="café €", occurred_at="2024-01-01")
    before = ledger.execute(ROWS).fetchall()
    close(ledger, "2024-01-31")
    ledger.execute("set client_encoding = 'WIN1252'")
    content = archive(ledger, "2024-01-31")
    assert "café €".encode() in content
    unarchive(ledger, content)
    ledger.execute("set client_encoding = 'UTF8'")
    assert ledger.execute(ROWS).fetchall() == before


def test_it_comes_back_once_and_can_go_again(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-01", idempotency_key="k")
    close(ledger, "2024-01-31")
    for _ in range(2):
        content = archive(ledger, "2024-01-31")
        assert unarchive(ledger, content) == 1
        number = only(ledger, "select max(id) from stocksync.archives")
        with raises_sql("55000", f"archive {number} was restored already"):
            unarchive(ledger, content)
    assert only(ledger, "select has_archived from stocksync._closed") is False
    assert only(ledger, "select count(*) from stocksync.archived_keys") == 0
    assert stock(ledger, a) == 10
    assert differences(ledger) == []


def test_a_file_that_says_something_else_is_refused(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-01 12:00+00")
    move(ledger, a, 5, occurred_at="2024-01-02 12:00+00")
    close(ledger, "2024-01-31")
    content = archive(ledger, "2024-01-31")
    with raises_sql("P0002", "the file is no archive of this database"):
        unarchive(ledger, content + content.splitlines(True)[-1])
    known = checksum(content)
    header, first, last = content.splitlines(True)
    for changed in (
        header,
        header + first,
        header + first + first,
        header + first.replace(b",10,", b",11,") + last,
        header + first.replace(b"purchase", b"sale_return") + last,
        header + first.replace(b"2024-01-01", b"2024-01-03") + last,
        # what no sum shows: the time within the day, a cost
        header + first.replace(b"12:00:00", b"13:00:00") + last,
        header + first.replace(b"+00,,", b"+00,1.5,", 1) + last,
        header + first.replace(b"1,1,,in", b"3,1,,in") + last,
        header + first.replace(b",,,\n", b",1,,\n") + last,
        header + first.replace(b",,,\n", b",,1,\n") + last,
        header + first.replace(b",,,\n", b",,,2024-01-01\n") + last,
    ):
        assert changed != content
        with raises_sql("XX001", "the file does not hold the movements of archive 1"):
            unarchive(ledger, changed, known)
    assert only(ledger, "select count(*) from stock_movements") == 0
    assert unarchive(ledger, content) == 2


# The sum of an archive as 0.3.0 kept it, of the movements that are still in the ledger.
OLD_SUM = """
    select encode(sha256(string_agg(b.digest, '' order by b.block)), 'hex')
    from (
        select r.number / 10000 as block,
            sha256(string_agg(sha256(convert_to(r.content, 'UTF8')), '' order by r.number))
                as digest
        from (
            select row_number() over (order by a.id) as number,
                (a.id, a.product_id, a.location_id, a.movement_type, a.transaction_type,
                 a.quantity, a.occurred_at, a.recorded_at, a.unit_cost, a.reference,
                 a.idempotency_key, a.reverses_id, a.user_id, a.notes, a.metadata)::text
                    as content
            from stocksync.archivable('2024-01-31') as a
        ) as r
        group by 1
    ) as b
"""


def test_a_file_that_0_3_0_wrote_comes_back(ledger: psycopg.Connection) -> None:
    """It has 15 columns, and its archive a sum over these."""
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('x')")
    move(ledger, a, "1.50", occurred_at="2024-01-01 12:00+00", metadata='{"a": [1, null]}',
         notes=NASTY, idempotency_key="k", unit_cost="0.10", location_id=1)  # fmt: skip
    move(ledger, a, 2, "sale", occurred_at="2024-01-02 12:00+00")
    before = ledger.execute(ROWS).fetchall()
    close(ledger, "2024-01-31")
    with ledger.transaction():
        ledger.execute("set local timezone = 'UTC'")
        old_sum = only(ledger, OLD_SUM)
    columns = only(
        ledger,
        "select string_agg(attname, ',' order by attnum) from pg_attribute"
        " where attrelid = 'stock_movements'::regclass and attnum between 1 and 15",
    )
    assert columns.endswith(",metadata")
    with ledger.cursor().copy(
        f"copy (select {columns} from stocksync.archivable('2024-01-31'))"
        " to stdout (format csv, header, encoding 'UTF8')"
    ) as copy:
        content = b"".join(bytes(chunk) for chunk in copy)
    archive(ledger, "2024-01-31", content)
    assert only(ledger, "select content_sha256 from stocksync.archives") == old_sum
    assert only(ledger, "select content_md5 from stocksync.archived_keys") == only(
        ledger,
        "select md5((1::bigint, 1::bigint, 'purchase'::text, 1.5, 0.1, null::text, null::text,"
        " %s::text, '{\"a\": [1, null]}'::jsonb)::text)",
        (NASTY,),
    )
    assert unarchive(ledger, content) == 2
    assert ledger.execute(ROWS).fetchall() == before


def test_days_are_those_of_the_time_zone_of_today(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10, occurred_at="2024-01-10 23:30+00")
    close(ledger, "2024-01-31")
    content = archive(ledger, "2024-01-31")
    ledger.execute("update stocksync.settings set time_zone = 'Europe/Berlin'")
    assert differences(ledger) == []
    unarchive(ledger, content)
    assert differences(ledger) == []
    ledger.execute("select stocksync.roll_up()")
    assert only(ledger, "select day::text from stocksync.stock_daily where quantity <> 0") == (
        "2024-01-11"
    )
    assert stock_at(ledger, at("2024-01-10 23:15")) == {"A": "0"}


def test_nobody_brings_a_table_of_his_own(ledger: psycopg.Connection) -> None:
    """It would be read with the rights of the owner: its casts, defaults and rules would run."""
    move(ledger, product(ledger), 10, occurred_at="2024-01-01")
    close(ledger, "2024-01-31")
    calls = (
        "select stocksync.archive_movements('2024-01-31', 'f', repeat('0', 64))",
        "select stocksync.restore_archive(repeat('0', 64))",
    )
    mine = (
        "create temporary table stocksync_archive (like stock_movements)",
        "create temporary view stocksync_archive as select * from stock_movements",
        "create temporary table stocksync_archive as select * from stock_movements",
    )
    with acting_as(ledger, "stocksync_operator"):
        for call in calls:
            with raises_sql("55000", "no archive has been read back"):
                ledger.execute(call)
            for statement in mine:
                with raises_sql("55000", "no archive has been read back"), ledger.transaction():
                    ledger.execute(statement)
                    ledger.execute(call)


@pytest.mark.parametrize(
    "statement",
    [
        "create trigger t before insert on stocksync_archive for each row"
        " execute function suppress_redundant_updates_trigger()",
        "alter table stocksync_archive alter notes set default 'x'",
        "alter table stocksync_archive rename to other",
        "alter table stocksync_archive owner to stocksync_operator",
        "create temporary table child () inherits (stocksync_archive)",
        "create rule r as on insert to stocksync_archive do also select 1",
        "create policy p on stocksync_archive using (true)",
        "create index i on stocksync_archive (lower(notes))",
        "drop table stocksync_archive",
        "truncate stocksync_archive",
        "update stocksync_archive set notes = 'x'",
        "delete from stocksync_archive",
    ],
)
def test_the_staging_table_is_the_owners(ledger: psycopg.Connection, statement: str) -> None:
    header = only(ledger, "select string_agg(attname, ',' order by attnum) from pg_attribute"
                  " where attrelid = 'stock_movements'::regclass and attnum > 0")  # fmt: skip
    with (
        acting_as(ledger, "stocksync_operator"),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        ledger.transaction(),
    ):
        stage(ledger, f"{header}\n".encode())
        ledger.execute(statement)


def test_an_operator_may_and_an_auditor_may_not(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10, occurred_at="2024-01-01")
    with acting_as(ledger, "stocksync_operator"):
        close(ledger, "2024-01-31")
        content = archive(ledger, "2024-01-31")
        assert unarchive(ledger, content) == 1
    with (
        acting_as(ledger, "stocksync_auditor"),
        raises_sql("42501", "permission denied for function restore_archive"),
    ):
        ledger.execute("select stocksync.restore_archive('x')")
