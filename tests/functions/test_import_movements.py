"""All of a file or nothing, and again without counting twice."""

import psycopg
import pytest
from helpers import differences, move, only, product, stock
from time_helpers import archive, close


def load(db: psycopg.Connection, *lines: str, create: bool = False) -> tuple[int, ...]:
    with db.transaction():
        columns = "{sku,transaction_type,quantity,idempotency_key,batch_number,expiry_date}"
        copy_statement = only(db, "select stocksync.stage_import('movements', %s)", (columns,))
        with db.cursor().copy(copy_statement) as copy:
            for number, line in enumerate(lines, 2):
                copy.write(f"{number},,{line}{',' * (5 - line.count(','))}\n")
        [row] = db.execute(
            "select * from stocksync.import_movements('a file', %s)", (create,)
        ).fetchall()
    return row


def test_a_file_can_be_sent_again(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    lines = ("A,purchase,5,k1", "A,sale,2,k2")
    assert load(ledger, *lines) == (2, 0, 0, 0)
    assert load(ledger, *lines, "A,purchase,1,k3") == (1, 2, 0, 0)
    assert stock(ledger, a) == 4
    assert differences(ledger) == []


def test_products_are_created_when_asked_to(ledger: psycopg.Connection) -> None:
    assert load(ledger, "NEW,purchase,5,", "NEW,sale,2,") == (0, 0, 0, 2)
    assert load(ledger, "NEW,purchase,5,", "NEW,sale,2,", create=True) == (2, 0, 1, 0)
    assert stock(ledger, 1) == 3


def test_one_bad_line_stops_all(ledger: psycopg.Connection) -> None:
    product(ledger)
    assert load(ledger, "A,purchase,5,", "A,purchase,NaN,") == (0, 0, 0, 1)
    assert only(ledger, "select count(*) from stock_movements") == 0


def test_a_key_with_another_content_is_a_problem(ledger: psycopg.Connection) -> None:
    product(ledger)
    assert load(ledger, "A,purchase,5,k") == (1, 0, 0, 0)
    assert load(ledger, "A,purchase,6,k") == (0, 0, 0, 1)
    assert load(ledger, "A,sale,1,l", "A,sale,2,l") == (0, 0, 0, 1)


def test_it_is_recorded(ledger: psycopg.Connection) -> None:
    product(ledger)
    load(ledger, "A,purchase,5,k")
    assert ledger.execute(
        "select command, options, finished_at is not null from stocksync.runs"
    ).fetchall() == [("import movements", {"file": "a file"}, True)]
    assert only(ledger, "select message from stocksync.log") == "movements imported"


def test_it_keeps_the_numbers_of_what_it_booked_and_of_nothing_else(
    ledger: psycopg.Connection,
) -> None:
    product(ledger)
    load(ledger, "A,purchase,5,k1", "A,purchase,5,k3")
    load(ledger, "A,purchase,1,k1b", "A,purchase,5,k1", "A,purchase,2,k2", "A,purchase,5,k3")
    load(ledger, "A,purchase,5,k1")
    found = ledger.execute(
        "select array(select m.id from stock_movements as m where m.id <@ any ("
        " array(select unnest(u.movement_ids))) order by m.id),"
        " (select sum(upper(i) - lower(i)) from unnest(u.movement_ids) as i)"
        " from stocksync.runs as u order by u.id"
    ).fetchall()
    keys = [
        [
            only(ledger, "select idempotency_key from stock_movements where id = %s", (i,))
            for i in ids
        ]
        for ids, _ in found
    ]
    assert keys == [["k1", "k3"], ["k1b", "k2"], []]
    assert [count for _, count in found] == [2, 2, None]


def test_what_is_archived_or_was_late_is_booked_already(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    lines = ("A,purchase,5,k1", "A,sale,2,k2")
    load(ledger, *lines)
    ledger.execute("update stock_movements set occurred_at = '2024-01-10'")
    close(ledger, "2024-01-31")
    archive(ledger, "2024-01-31")
    assert load(ledger, *lines, "A,purchase,1,k3") == (1, 2, 0, 0)
    assert load(ledger, "A,purchase,6,k1") == (0, 0, 0, 1)
    assert stock(ledger, a) == 4
    assert differences(ledger) == []


@pytest.mark.parametrize("is_archived", [False, True])
def test_the_key_of_a_reversal_is_a_problem(ledger: psycopg.Connection, is_archived: bool) -> None:
    a = product(ledger)
    move(ledger, a, 5, reverses_id=move(ledger, a, 5, occurred_at="2024-01-10"),
         occurred_at="2024-01-11", idempotency_key="k")  # fmt: skip
    if is_archived:
        close(ledger, "2024-01-31")
        archive(ledger, "2024-01-31")
    assert load(ledger, "A,purchase,5,k") == (0, 0, 0, 1)


@pytest.mark.parametrize("is_archived", [False, True])
def test_another_batch_or_expiry_date_is_another_content(
    ledger: psycopg.Connection, is_archived: bool
) -> None:
    a = product(ledger)
    assert load(ledger, "A,purchase,5,k,L1,2027-01-31", "A,purchase,5,l") == (2, 0, 0, 0)
    assert ledger.execute(
        "select batch_number, expiry_date::text from stock_movements order by id"
    ).fetchall() == [("L1", "2027-01-31"), (None, None)]
    move(ledger, a, 5, idempotency_key="m", batch_id=7)
    if is_archived:
        ledger.execute("update stock_movements set occurred_at = '2024-01-01'")
        close(ledger, "2024-01-31")
        archive(ledger, "2024-01-31")
    assert load(ledger, "A,purchase,5,k,L1,2027-01-31", "A,purchase,5,l") == (0, 2, 0, 0)
    for line in ("k,L2,2027-01-31", "k,L1,2027-02-01", "k,,2027-01-31", "k,L1", "k", "l,L1",
                 "l,,2027-01-31", "m"):  # fmt: skip
        assert load(ledger, f"A,purchase,5,{line}") == (0, 0, 0, 1)
    # within a file too
    assert load(ledger, "A,purchase,5,n,L1", "A,purchase,5,n,L2") == (0, 0, 0, 1)
    assert load(ledger, "A,purchase,5,n,L1", "A,purchase,5,n,L1") == (1, 1, 0, 0)
