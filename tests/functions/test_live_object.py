"""The fingerprint of the installation. What it finds is in test_drift.py."""

import psycopg
import pytest
from helpers import acting_as, only

LIVE = "select kind, identity, md5, path from stocksync.live_object() order by 1, 2"


def test_it_is_what_was_deployed_whoever_asks(ledger: psycopg.Connection) -> None:
    deployed = ledger.execute(
        "select kind, identity, md5, path from stocksync.deployed_object order by 1, 2"
    ).fetchall()
    assert deployed == ledger.execute(LIVE).fetchall()
    ledger.execute("set search_path = stocksync, public, pg_temp")
    ledger.execute("set quote_all_identifiers = off")
    assert deployed == ledger.execute(LIVE).fetchall()
    with acting_as(ledger, "stocksync_auditor"):
        assert deployed == ledger.execute(LIVE).fetchall()


def test_every_object_is_named_once(ledger: psycopg.Connection) -> None:
    assert (
        only(
            ledger,
            "select count(*) from (select from stocksync.live_object()"
            " group by kind, identity having count(*) > 1) as twice",
        )
        == 0
    )


@pytest.mark.parametrize("kind", ["table", "column", "constraint", "index", "trigger", "view",
                                  "function", "procedure", "type"])  # fmt: skip
def test_every_kind_is_looked_at(ledger: psycopg.Connection, kind: str) -> None:
    counted = "select count(*) from stocksync.live_object() where kind = %s"
    assert only(ledger, counted, (kind,)) > 0
