"""A movement that can be retried."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock
from time_helpers import archive, at, close, unarchive

CALL = (
    "select id from stocksync.record_movement(1, 'purchase', 2, 'k', p_location_id => 1,"
    " p_occurred_at => '2025-01-01 00:00:00+00', p_unit_cost => 3, p_reference => 'r',"
    " p_user_id => 'u', p_notes => 'n', p_metadata => '{\"a\": 1}', p_batch_id => 7,"
    " p_batch_number => 'L-1', p_expiry_date => '2030-12-07')"
)


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """A ledger with products 1 and 2, locations 1 and 2, and movement 1 with key "k"."""
    product(ledger, "A"), product(ledger, "B")
    ledger.execute("insert into locations (name) values ('shelf'), ('yard')")
    ledger.execute(CALL)
    return ledger


def test_the_same_key_with_the_same_content_is_the_same_movement(
    filled: psycopg.Connection,
) -> None:
    assert only(filled, CALL) == 1
    with filled.transaction():
        assert only(filled, CALL.replace("2, 'k'", "2.0, 'k'")) == 1
        assert only(filled, CALL) == 1
    assert stock(filled, 1) == 2
    assert differences(filled) == []


def test_who_sends_it_again_need_not_know_when_it_was_first_booked(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger)
    call = "select id from stocksync.record_movement(1, 'purchase', 2, 'k')"
    assert only(ledger, call) == only(ledger, call) == 1
    assert stock(ledger, a) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(1, 'purchase', 2", "(2, 'purchase', 2"),
        ("'purchase'", "'opening_stock'"),
        ("'purchase', 2", "'purchase', 3"),
        ("location_id => 1", "location_id => 2"),
        ("location_id => 1", "location_id => null"),
        ("2025-01-01 00", "2025-01-01 01"),
        ("unit_cost => 3", "unit_cost => 4"),
        ("unit_cost => 3", "unit_cost => null"),
        ("reference => 'r'", "reference => 's'"),
        ("user_id => 'u'", "user_id => null"),
        ("notes => 'n'", "notes => 'm'"),
        ('{"a": 1}', '{"a": 2}'),
        ("'{\"a\": 1}'", "null"),
        ("batch_id => 7", "batch_id => 8"),
        ("'L-1'", "null"),
        ("'2030-12-07'", "'2030-12-08'"),
        ("'2030-12-07'", "null"),
    ],
)
def test_the_same_key_with_another_content_is_refused(
    filled: psycopg.Connection, old: str, new: str
) -> None:
    assert old in CALL
    with raises_sql(
        "SS002",
        'idempotency key "k" belongs to another movement',
        message_detail="Movement 1 has this key and another content.",
        message_hint="Use a new key for a new movement; send the same content to retry.",
        table_name="stock_movements",
        column_name="idempotency_key",
    ):
        filled.execute(CALL.replace(old, new))
    assert stock(filled, 1) == 2


def test_the_key_of_a_reversal_is_not_that_of_a_movement(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity, reverses_id,"
        " idempotency_key) values (1, 'sale', 2, null, 'j'), (1, 'sale', 2, 1, 'k')"
    )
    with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
        ledger.execute("select stocksync.record_movement(%s, 'sale', 2, 'k')", (a,))


def test_without_a_key_each_call_is_a_movement(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    for _ in range(2):
        ledger.execute("select stocksync.record_movement(1, 'sale', 2)")
    assert stock(ledger, a) == -4


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "message"),
    [
        ("1, 'nonsense', 1", "23503", 'unknown transaction type "nonsense"'),
        (
            "1, 'sale', 'NaN'",
            "23514",
            'new row for relation "stock_movements" violates check constraint'
            ' "stock_movements_quantity_bounded"',
        ),
        (
            "999, 'sale', 1",
            "23503",
            "product 999 does not exist",
        ),
    ],
)
def test_it_raises_what_an_insert_raises(
    ledger: psycopg.Connection, arguments: str, sqlstate: str, message: str
) -> None:
    product(ledger)
    with raises_sql(sqlstate, message):
        ledger.execute(f"select stocksync.record_movement({arguments})")


def test_it_raises_at_commit_where_stock_lacks(ledger: psycopg.Connection) -> None:
    product(ledger, allow_negative=False)
    with raises_sql("SS001", 'insufficient stock of "A"'):
        ledger.execute("select stocksync.record_movement(1, 'sale', 1, 'k')")
    assert only(ledger, "select count(*) from stock_movements") == 0


def test_an_application_may_call_it(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_app"):
        assert only(filled, CALL) == 1
        assert only(filled, CALL.replace("'k'", "'l'")) > 1


def test_many_sessions_that_send_the_same_book_it_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)

    def send(_: int) -> list[int]:
        with session(ledger_url) as other:
            return [
                only(other, f"select id from stocksync.record_movement(1, 'sale', 1, 'k{n}')")
                for n in range(10)
            ]

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(send, range(4)))
    assert ids == [ids[0]] * 4
    assert stock(ledger, a) == -10
    assert differences(ledger) == []


@pytest.mark.parametrize("is_archived", [False, True])
def test_a_late_movement_can_be_retried_with_the_date_that_was_given(
    ledger: psycopg.Connection, is_archived: bool
) -> None:
    a = product(ledger)
    close(ledger, "2024-01-31")
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    call = (
        "select id, occurred_at from stocksync.record_movement(%s, 'purchase', 5, 'k',"
        " p_occurred_at => %s)"
    )
    with acting_as(ledger, "stocksync_app"):
        ledger.execute(call, (a, "2024-01-10"))
    if is_archived:
        close(ledger, "2024-02-29")
        archive(ledger, "2024-02-29")
    with acting_as(ledger, "stocksync_app"):
        for given in ("2024-01-10", None):
            assert ledger.execute(call, (a, given)).fetchall() == [(1, at("2024-02-01"))]
        with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
            ledger.execute(call, (a, "2024-01-11"))
    assert stock(ledger, a) == 5
    assert differences(ledger) == []


@pytest.mark.parametrize("is_archived", [False, True])
def test_the_key_of_a_reversal_is_taken(ledger: psycopg.Connection, is_archived: bool) -> None:
    a = product(ledger)
    move(ledger, a, 5, reverses_id=move(ledger, a, 5, occurred_at="2024-01-10"),
         occurred_at="2024-01-11", idempotency_key="k")  # fmt: skip
    if is_archived:
        close(ledger, "2024-01-31")
        archive(ledger, "2024-01-31")
    with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
        ledger.execute("select stocksync.record_movement(%s, 'purchase', 5, 'k')", (a,))


@pytest.mark.parametrize("style", ["ISO, MDY", "German", "SQL, DMY"])
def test_a_retry_of_what_is_archived_does_not_depend_on_how_dates_are_written(
    ledger: psycopg.Connection, style: str
) -> None:
    product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    ledger.execute(CALL)
    close(ledger, "2025-01-31")
    archive(ledger, "2025-01-31")
    with ledger.transaction():
        ledger.execute(f"set local datestyle = '{style}'")
        assert only(ledger, CALL) == 1


def test_what_was_archived_before_movements_could_name_batches_is_still_recognised(
    ledger: psycopg.Connection,
) -> None:
    """The value of version 0.3.0, which archives have kept."""
    assert only(
        ledger,
        "select stocksync._content_md5(1, 2, 'sale', 3.50, null, 'r', 'u', 'n', '{\"a\": 1}')",
    ) == only(
        ledger,
        "select md5(row(1::bigint, 2::bigint, 'sale'::text, 3.5, null::numeric, 'r'::text,"
        " 'u'::text, 'n'::text, '{\"a\": 1}'::jsonb)::text)",
    )


def test_a_retry_of_what_is_archived_is_the_same_row(ledger: psycopg.Connection) -> None:
    product(ledger)
    ledger.execute("insert into locations (name) values ('shelf')")
    row = CALL.replace("select id from", "select r::text from") + " as r"
    first = only(ledger, row)
    close(ledger, "2025-01-31")
    archive(ledger, "2025-01-31")
    with acting_as(ledger, "stocksync_app"):
        assert only(ledger, row) == first
        for changed in (
            "'r'",
            "'u'",
            "'n'",
            '"a": 1',
            "unit_cost => 3",
            "'purchase'",
            "2025-01-01",
            "batch_id => 7",
            "'L-1'",
            "'2030-12-07'",
        ):
            other = {"unit_cost => 3": "unit_cost => 4", '"a": 1': '"a": 2', "'r'": "null",
                     "'purchase'": "'sale_return'", "2025-01-01": "2025-01-02",
                     "batch_id => 7": "batch_id => 8", "'2030-12-07'": "null"}  # fmt: skip
            with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
                ledger.execute(CALL.replace(changed, other.get(changed, "''")))
    assert stock(ledger, 1) == 2


def test_a_number_that_was_late_once_and_is_used_again(ledger: psycopg.Connection) -> None:
    """An application may give the numbers itself."""
    a = product(ledger)
    close(ledger, "2024-01-31")
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    for given in ("2024-01-10", "2024-01-11", "2024-02-05"):
        ledger.execute("delete from stock_movements")
        move(ledger, a, 5, id=7, occurred_at=given, idempotency_key="k")
        call = (
            "select id from stocksync.record_movement(%s, 'purchase', 5, 'k', p_occurred_at => %s)"
        )
        assert only(ledger, call, (a, given)) == 7
    close(ledger, "2024-02-29")
    content = archive(ledger, "2024-02-29")
    assert only(ledger, call, (a, "2024-02-05")) == 7
    with raises_sql("SS002", 'idempotency key "k" belongs to another movement'):
        ledger.execute(call, (a, "2024-01-10"))
    unarchive(ledger, content)
    assert differences(ledger) == []


def test_it_returns_a_late_movement_as_it_was_booked(ledger: psycopg.Connection) -> None:
    product(ledger)
    ledger.execute("call stocksync.close_period('2026-01-31')")
    ledger.execute("update stocksync.settings set late_movements = 'first_open_day'")
    assert only(
        ledger,
        "select occurred_at::date from stocksync.record_movement(1, 'purchase', 5,"
        " p_occurred_at => '2026-01-15')",
    ).isoformat() == "2026-02-01"  # fmt: skip
