"""The log, as people ask for it."""

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql
from psycopg.sql import quote

from stocksync.errors import explain


@pytest.fixture
def filled(ledger: psycopg.Connection) -> psycopg.Connection:
    """A log of four, a second apart: info about A, a movement of A, warning, error."""
    product(ledger)
    move(ledger, 1, "5.000", "sale", recorded_at="2026-03-01 10:00:01+00", user_id="ann", notes="x")
    ledger.execute(
        "insert into stocksync.log (level, message, product_id, context, logged_at)"
        " values ('info', 'one', 1, '{\"a\": 1, \"run\": 7}', '2026-03-01 10:00:00+00'),"
        " ('warning', 'two', null, '{\"run\": 7}', '2026-03-01 10:00:02+00'),"
        " ('error', 'Three of %', 999, '{\"run\": 77}', '2026-03-01 10:00:03+00')"
    )
    return ledger


ALL = ["one", "stock movement created", "two", "Three of %"]


def messages(db: psycopg.Connection, arguments: str) -> list[str]:
    return [
        m for (m,) in db.execute(f"select message from stocksync.read_log({arguments})").fetchall()
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", ALL),
        ("p_limit => 2", ALL[2:]),
        ("p_limit => 3", ALL[1:]),
        ("p_limit => null", ALL),
        ("p_limit => 0", []),
        ("'info'", ALL),
        ("'info', 1", ALL[3:]),
        ("'warning'", ALL[2:]),
        ("'error'", ALL[3:]),
        ("'critical'", []),
        ("p_since => '2026-03-01 10:00:01+00'", ALL[1:]),
        ("p_since => '2026-03-01 10:00:01.000001+00'", ALL[2:]),
        ("p_since => 'infinity'", []),
        ("p_product_id => 1", ALL[:2]),
        ("p_product_id => 1, p_limit => 1", ALL[1:2]),
        ("p_product_id => 999", ALL[3:]),
        ("'warning', p_product_id => 1", []),
        ("p_run_id => 7", [ALL[0], ALL[2]]),
        ("p_run_id => 8", []),
    ],
)
def test_the_last_events_oldest_first(
    filled: psycopg.Connection, arguments: str, expected: list[str]
) -> None:
    assert messages(filled, arguments) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TWO", ["two"]),
        ("three of %", ["Three of %"]),
        ("%", ["Three of %"]),
        ("o%e", []),
        ("t.o", []),
        ("", ALL),
        ("a=1", ["one"]),
        ("run=7", ["one", "two", "Three of %"]),
        ("Movement Created", ["stock movement created"]),
        ("created A movement_id=1", ["stock movement created"]),
        ("transaction_type=SALE", ["stock movement created"]),
        ("quantity=5 ", ["stock movement created"]),
        ("=ann", ["stock movement created"]),
        ("notes", []),
    ],
)
def test_grep_is_for_literal_text_in_upper_or_lower_case(
    filled: psycopg.Connection, text: str, expected: list[str]
) -> None:
    since = "p_since => '2026-03-01', p_grep => "
    assert messages(filled, since + quote(text)) == expected


def test_grep_finds_whatever_an_event_shows(filled: psycopg.Connection) -> None:
    shown = filled.execute(
        "select n.message, p.text from stocksync.read_log() as n,"
        " lateral (select n.message union all select n.sku where n.sku is not null"
        "  union all select key || '=' || value from jsonb_each_text(n.context)) as p (text)"
    ).fetchall()
    assert len(shown) == 4 + 2 + 4 + 6
    for message, text in shown:
        found = "p_since => '2026-03-01', p_grep => " + quote(text.swapcase())
        assert message in messages(filled, found)


def test_grep_alone_looks_through_the_movements_of_a_day(filled: psycopg.Connection) -> None:
    grep = "p_grep => 'movement created'"
    assert messages(filled, grep) == []
    assert messages(filled, f"{grep}, p_since => '2026-03-01'") == ["stock movement created"]
    assert messages(filled, f"{grep}, p_product_id => 1") == ["stock movement created"]
    move(filled, 1, 1)
    assert messages(filled, grep) == ["stock movement created"]


def test_what_it_tells(filled: psycopg.Connection) -> None:
    assert filled.execute(
        "select level, message, sku, actor = session_user, context, log_id"
        " from stocksync.read_log(p_product_id => 1)"
    ).fetchall() == [
        ("info", "one", "A", True, {"a": 1, "run": 7}, 1),
        (
            "info",
            "stock movement created",
            "A",
            None,
            {
                "movement_id": 1,
                "product_id": 1,
                "movement_type": "out",
                "transaction_type": "sale",
                "quantity": 5,
                "user_id": "ann",
            },
            None,
        ),
    ]


def test_the_seeds_question_is_answered(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 3)
    ledger.execute("update products set quantity_on_hand = 9")
    ledger.execute("call stocksync.sync()")
    assert messages(ledger, "p_level => 'info', p_grep => 'stock synchronization'") == [
        "stock synchronization started",
        "stock synchronization completed",
    ]


def test_a_run_is_told_without_the_others(ledger: psycopg.Connection) -> None:
    product(ledger)
    ledger.execute("update products set quantity_on_hand = 9")
    ledger.execute("call stocksync.sync()")
    ledger.execute("call stocksync.sync()")
    move(ledger, 1, 3)
    [first, second] = [r for (r,) in ledger.execute("select id from stocksync.runs order by id")]
    assert messages(ledger, f"p_run_id => {first}") == [
        "stock synchronization started",
        "product stock updated",
        "stock synchronization completed",
    ]
    assert len(messages(ledger, f"p_run_id => {second}")) == 2


def test_fifty_by_default(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into stocksync.log (level, message) select 'info', n from generate_series(1, 60) n"
    )
    assert only(ledger, "select count(*) from stocksync.read_log()") == 50


def test_the_last_are_the_last_by_time_whatever_the_ids(ledger: psycopg.Connection) -> None:
    """Ids and times in opposite order, and rows on disk in a third."""
    product(ledger)
    for n in (3, 1, 4, 0, 2):
        move(ledger, 1, 1, id=100 - n, recorded_at=f"2026-03-0{n + 1}", user_id=str(n))
    for limit in (1, 2, 5):
        assert ledger.execute(
            "select context ->> 'user_id' from stocksync.read_log(p_limit => %s)", (limit,)
        ).fetchall() == [(str(n),) for n in range(5 - limit, 5)]


def test_the_last_fifty_do_not_take_the_whole_ledger(db: psycopg.Connection) -> None:
    product(db)
    db.execute("set session_replication_role = replica")
    db.execute(
        "insert into stock_movements"
        " (product_id, movement_type, transaction_type, quantity, recorded_at)"
        " select 1, 'in', 'purchase', 1, now() - n * interval '1 second'"
        " from generate_series(100000, 1, -1) as n"
    )
    db.execute("set session_replication_role = origin")
    db.execute("vacuum analyze stock_movements")
    pages = only(db, "select relpages from pg_class where oid = 'stock_movements'::regclass")
    assert pages > 800

    def read(arguments: str) -> int:
        plan = only(
            db,
            f"explain (analyze, buffers, format json) select from stocksync.read_log({arguments})",
        )
        return plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]

    read("")  # what is read of the catalogues once
    assert read("") < pages / 3
    assert read("p_grep => 'created', p_since => now() - interval '1 hour'") < pages / 3
    assert read("'warning'") < 20


def test_an_unknown_level_is_refused(ledger: psycopg.Connection) -> None:
    hint = "Give one of info, warning, error, critical."
    with raises_sql("22023", 'unknown level "loud"', message_hint=hint):
        ledger.execute("select * from stocksync.read_log('loud')")
    with pytest.raises(psycopg.Error) as caught:
        ledger.execute("select * from stocksync.read_log(p_limit => -1)")
    assert explain(caught.value).message == "LIMIT must not be negative"


def test_auditors_read_it_and_applications_do_not(filled: psycopg.Connection) -> None:
    with acting_as(filled, "stocksync_auditor"):
        assert messages(filled, "") == ALL
        assert only(filled, "select stocksync.follow_log() ? 'since'")
    with acting_as(filled, "stocksync_app"), pytest.raises(psycopg.errors.InsufficientPrivilege):
        messages(filled, "")
