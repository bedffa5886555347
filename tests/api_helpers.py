"""Readings of an API as a test says them, without an API."""

from typing import Any

import psycopg
from helpers import only
from psycopg.types.json import Jsonb

from stocksync.output import to_json


def begin(
    db: psycopg.Connection, match_by: str = "id", grace: str = "0", shown_at: str | None = None
) -> int:
    """Begin a reading; without a time of grace, unless the test says one."""
    return only(
        db,
        "select stocksync.begin_api_reading('test', %s, %s, %s)",
        (match_by, grace, shown_at),
    )


def stage(db: psycopg.Connection, reading: int, items: list[Any]) -> int:
    """Let the API answer with these items."""
    return only(
        db, "select stocksync.stage_api_items(%s, %s)", (reading, Jsonb(items, dumps=to_json))
    )


def end(db: psycopg.Connection, reading: int) -> None:
    """Let that be all."""
    db.execute("select stocksync.end_api_reading(%s)", (reading,))


def read(db: psycopg.Connection, shown: dict[Any, Any], **options: Any) -> int:
    """Read an API that shows these quantities, by id; return the reading."""
    reading = begin(db, **options)
    stage(db, reading, [{"id": name, "quantity": quantity} for name, quantity in shown.items()])
    end(db, reading)
    return reading


def reread(db: psycopg.Connection, reading: int, shown: dict[Any, Any]) -> int:
    """Read it again; return how much there was to be read again."""
    suspects = db.execute(
        "select api_id from stocksync.begin_api_rereading(%s)", (reading,)
    ).fetchall()
    if suspects:
        stage(db, reading, [{"id": name, "quantity": q} for name, q in shown.items()])
        end(db, reading)
    return len(suspects)


def found(db: psycopg.Connection, reading: int, ids: list[int] | None = None) -> list[tuple]:
    """Return product, quantity shown, class and cause of what is not right."""
    return db.execute(
        "select product_id, api, class, reason ->> 'cause'"
        " from stocksync.api_discrepancies(%s, %s) where class is not null order by 1, 3",
        (reading, ids),
    ).fetchall()


def texts(db: psycopg.Connection, reading: int) -> list[str]:
    """Return the sentences."""
    return [
        text
        for (text,) in db.execute(
            "select reason ->> 'text' from stocksync.api_discrepancies(%s)"
            " where class is not null order by product_id, class",
            (reading,),
        )
    ]
