"""Audits of the past, written by hand: whatever they are to have found."""

from typing import Any

import psycopg
from psycopg.types.json import Jsonb


def record_audit(
    db: psycopg.Connection,
    *findings: dict[str, Any],
    started_at: str = "2026-05-04 02:00+02",
    compared: int = 5,
    **options: Any,
) -> int:
    """Insert a run of an audit with these findings, of which each says what is not as usual."""
    mismatches = sum(finding["classes"] != ["lag"] for finding in findings)
    cost = [{"step": "compare", "seconds": 1, "done": {"products": compared, "once_negative": 0}}]
    row = db.execute(
        "insert into stocksync.runs"
        " (command, started_at, finished_at, products_found, cost, options)"
        " values ('audit', %(at)s, %(at)s::timestamptz + interval '3 s', %(found)s, %(cost)s,"
        " %(options)s) returning id",
        {
            "at": started_at,
            "found": mismatches,
            "cost": Jsonb(cost),
            "options": Jsonb(options),
        },
    ).fetchone()
    assert row is not None
    for finding in findings:
        known = {
            "run_id": row[0],
            "movements": 1,
            "reasons": [
                {"class": name, "cause": "unknown", "text": f"Wrong: {name}."}
                for name in finding["classes"]
            ],
            **finding,
        }
        known["reasons"] = Jsonb(known["reasons"])
        db.execute(
            f"insert into stocksync.findings ({', '.join(known)})"
            f" values ({', '.join(['%s'] * len(known))})",
            list(known.values()),
        )
    return int(row[0])


def stock(product_id: int, quantity: Any = 10, **differs: Any) -> dict[str, Any]:
    """Return a finding about a product of which every source shows ``quantity``, but these."""
    sources = ("quantity_on_hand", "total_stock", "ledger", "rolled_up", "by_location")
    return {
        "product_id": product_id,
        "status": "active",
        "is_deleted": False,
        **dict.fromkeys(sources, quantity),
        **differs,
    }
