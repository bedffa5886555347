"""Every version ever released can be upgraded, and is then like a new installation."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from stocksync.db import to_url
from stocksync.migrate import migrate

DUMPS = sorted((Path(__file__).parent / "upgrade").glob("*.sql"))


@pytest.fixture
def restored(db: psycopg.Connection, request: pytest.FixtureRequest):
    """The URL of a database restored from a kept dump, with no trace of the present version."""
    name = f"{db.info.dbname}_restored"
    db.execute(f"create database {name} template template0")
    url = to_url(db.info.dsn, dbname=name, password=db.info.password or None)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(request.param.read_text())
    yield url
    db.execute(f"drop database {name} with (force)")


def test_this_version_has_kept_a_dump() -> None:
    from stocksync import __version__

    assert __version__ in [dump.stem for dump in DUMPS]


@pytest.mark.parametrize("restored", DUMPS, ids=lambda dump: dump.stem, indirect=True)
def test_a_kept_dump_is_upgraded_to_what_a_new_installation_is(
    db: psycopg.Connection, restored: str
) -> None:
    with psycopg.connect(restored, autocommit=True) as old:
        before = old.execute("select id, quantity_on_hand from public.products").fetchall()

    migrate(restored, force=True)

    with psycopg.connect(restored, autocommit=True) as upgraded:
        live = "select kind, identity, md5 from stocksync.live_object()"
        assert set(upgraded.execute(live)) == set(db.execute(live))
        assert upgraded.execute("select * from stocksync.drift").fetchall() == []

        # The stock is as it was, with the edit by hand that no sync has corrected yet.
        assert (
            upgraded.execute("select id, quantity_on_hand from public.products").fetchall()
            == before
        )
        assert upgraded.execute(
            "select sku, differs from stocksync.discrepancies(p_force => true)"
        ).fetchall() == [("A", ["total_stock"])]

        # And it goes on: new movements, an old key, the roll-up.
        upgraded.execute(
            "insert into public.stock_movements (product_id, transaction_type, quantity)"
            " select id, 'purchase', 1 from public.products"
        )
        upgraded.execute(
            "select stocksync.record_movement(1, 'sale', 2, p_idempotency_key => 'order-1')"
        )
        upgraded.execute("select stocksync.roll_up()")
        upgraded.execute("call stocksync.sync()")
        assert upgraded.execute(
            "select id, quantity_on_hand from public.products order by id"
        ).fetchall() == sorted((number, quantity + 1) for number, quantity in before)
        assert (
            upgraded.execute("select * from stocksync.discrepancies(p_force => true)").fetchall()
            == []
        )
        assert upgraded.execute("select * from stocksync.batch_discrepancies()").fetchall() == []

        # Batches that were there, or begin now, are sold from.
        upgraded.execute("update public.products set tracks_batches = true where id <> 2")
        upgraded.execute(
            "insert into public.stock_movements (product_id, transaction_type, quantity)"
            " select id, 'sale', 1 from public.products where tracks_batches"
        )
        assert upgraded.execute("select * from stocksync.batch_discrepancies()").fetchall() == []
        assert upgraded.execute("select * from stocksync.discrepancies()").fetchall() == []
