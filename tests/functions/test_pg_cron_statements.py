"""What to tell pg_cron, where it is not. Where it is: tests/test_pg_cron.py."""

import psycopg
import pytest
from helpers import acting_as, raises_sql


@pytest.mark.parametrize("action", ["install", "remove"])
def test_a_server_without_it_is_told_how_to_have_it(
    ledger: psycopg.Connection, action: str
) -> None:
    with raises_sql("55000", "pg_cron was not found on this server"):
        ledger.execute("select * from stocksync.pg_cron_statements(%s)", (action,))


def test_where_it_is_not_nothing_is_installed(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        show = "select * from stocksync.pg_cron_statements('show')"
        assert ledger.execute(show).fetchall() == []


@pytest.mark.parametrize("action", ["drop", None])
def test_an_unknown_action_is_refused(ledger: psycopg.Connection, action: str | None) -> None:
    shown = f'unknown action "{action}"' if action else 'unknown action "<NULL>"'
    with raises_sql("22023", shown, message_hint="Give one of install, show, remove."):
        ledger.execute("select * from stocksync.pg_cron_statements(%s)", (action,))
