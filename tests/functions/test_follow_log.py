"""From when on the log must be read again. tests/test_log.py follows it with many sessions."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
from helpers import only, product, session
from psycopg.types.json import Jsonb

MARGIN = timedelta(seconds=2)
REACH = timedelta(minutes=10)


def look(db: psycopg.Connection, last: dict[str, Any] | None = None) -> dict[str, Any]:
    state = only(db, "select stocksync.follow_log(%s)", (Jsonb(last) if last else None,))
    return state | {name: datetime.fromisoformat(state[name]) for name in ("since", "oldest")}


def plain(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name in ("at", "running")}


def at(state: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(state["at"])


def test_the_first_look_reaches_back_for_what_may_be_running(ledger: psycopg.Connection) -> None:
    state = look(ledger)
    assert at(state) - state["since"] == REACH + MARGIN
    assert state["oldest"] <= at(state) - MARGIN


def test_a_transaction_that_ends_is_read_from_before_it_began(ledger, ledger_url: str) -> None:
    with session(ledger_url) as other:
        first = look(ledger)
        other.execute("begin")
        product(other)
        second = look(ledger, plain(first))
        third = look(ledger, plain(second))
        assert only(other, "select pg_current_xact_id()::text") in third["running"]
        assert third["oldest"] <= at(first) - MARGIN
        other.execute("commit")
        last = look(ledger, plain(third))
        assert last["since"] <= at(first) - MARGIN
    assert look(ledger, plain(last))["since"] >= at(first) - MARGIN


def test_the_time_zone_of_the_session_is_of_no_account(ledger: psycopg.Connection) -> None:
    ledger.execute("set time zone 'Asia/Tokyo'")
    state = look(ledger)
    ledger.execute("set time zone 'America/New_York'; set datestyle = 'German'")
    assert look(ledger, plain(state))["since"] <= at(state) - MARGIN
    ledger.execute("reset time zone; reset datestyle")
