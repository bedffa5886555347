"""A reading begins before the API is asked."""

import psycopg
import pytest
from helpers import acting_as, only, raises_sql


def test_it_is_recorded_with_who_and_where_from(ledger: psycopg.Connection) -> None:
    reading = only(
        ledger,
        "select stocksync.begin_api_reading('https://shop/p', 'sku', '1 minute', '2026-01-01Z')",
    )
    assert ledger.execute(
        "select source, match_by, grace::text, shown_at = '2026-01-01Z', actor = session_user,"
        " finished_at, reread_at from stocksync.api_readings where id = %s",
        (reading,),
    ).fetchall() == [("https://shop/p", "sku", "00:01:00", True, True, None, None)]


def test_what_makes_no_sense_is_refused(ledger: psycopg.Connection) -> None:
    begin = "select stocksync.begin_api_reading('x', {})"
    with raises_sql(
        "22023",
        "2100-01-01 00:00:00+00 is in the future",
        message_hint="Give the moment at which the file was written.",
    ):
        ledger.execute("set time zone 'UTC'")
        ledger.execute(begin.format("p_shown_at => '2100-01-01Z'"))
    for argument, constraint in (
        ("'name'", "api_readings_match_by_known"),
        ("p_grace => '-1 s'", "api_readings_grace_bounded"),
        ("p_grace => '25 hours'", "api_readings_grace_bounded"),
        ("p_shown_at => '-infinity'", "api_readings_shown_at_finite"),
    ):
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            ledger.execute(begin.format(argument))
        assert caught.value.diag.constraint_name == constraint


def test_operators_read_and_auditors_look(ledger: psycopg.Connection) -> None:
    calls = {
        "begin_api_reading": "begin_api_reading('x', p_grace => '0')",
        "stage_api_items": "stage_api_items(1, '[{\"id\": 1}]')",
        "end_api_reading": "end_api_reading(1)",
        "begin_api_rereading": "begin_api_rereading(1)",
        "api_suspects": "api_suspects(1)",
        "api_discrepancies": "api_discrepancies(1)",
    }
    with acting_as(ledger, "stocksync_operator"):
        for call in calls.values():
            ledger.execute(f"select * from stocksync.{call}")
    for role, allowed in (("stocksync_auditor", 2), ("stocksync_app", 0)):
        with acting_as(ledger, role):
            for position, (name, call) in enumerate(calls.items()):
                if len(calls) - position <= allowed:
                    ledger.execute(f"select * from stocksync.{call}")
                else:
                    with raises_sql("42501", f"permission denied for function {name}"):
                        ledger.execute(f"select * from stocksync.{call}")
    with (
        acting_as(ledger, "stocksync_operator"),
        raises_sql("42501", "permission denied for table api_items"),
    ):
        ledger.execute("delete from stocksync.api_items")


def test_readings_are_tidied_after_a_week(ledger: psycopg.Connection) -> None:
    for days in (8, 6, 2):
        ledger.execute("select stocksync.begin_api_reading('x')")
        ledger.execute("""select stocksync.stage_api_items(max(id), '[{"id": 1}]')
            from stocksync.api_readings""")
        ledger.execute(
            "update stocksync.api_readings set started_at = now() - make_interval(days => %s)"
            " where id = (select max(id) from stocksync.api_readings)",
            (days,),
        )
    assert only(ledger, "select stocksync._tidy() -> 'readings'") == 1
    ledger.execute("update stocksync.settings set keep_log = '3 days'")
    assert only(ledger, "select stocksync._tidy() -> 'readings'") == 1
    assert only(ledger, "select count(*) from stocksync.api_items") == 1
