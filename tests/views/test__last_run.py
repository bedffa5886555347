"""Of each command the last run that was completed."""

import psycopg
from helpers import acting_as, only

LAST = "select command, run_id from stocksync._last_run order by command"
COMMANDS = ("audit", "refresh", "sync")


def run(db: psycopg.Connection, command: str, hour: int, ended: bool = True) -> int:
    """Record a run that began in this hour of a day and took half a minute, if it ended."""
    return only(
        db,
        "insert into stocksync.runs (command, started_at, finished_at)"
        " select %s, t, case when %s then t + interval '30 seconds' end"
        " from (values (timestamptz '2026-01-01 00:00Z' + make_interval(hours => %s))) as v (t)"
        " returning id",
        (command, ended, hour),
    )


def test_none_before_there_was_one(ledger: psycopg.Connection) -> None:
    assert ledger.execute(LAST).fetchall() == []
    run(ledger, "refresh", 1, ended=False)
    assert ledger.execute(LAST).fetchall() == []


def test_the_last_to_begin_of_those_that_were_completed(ledger: psycopg.Connection) -> None:
    refresh = run(ledger, "refresh", 3)
    run(ledger, "refresh", 2)
    run(ledger, "refresh", 4, ended=False)
    audit = run(ledger, "audit", 1)
    run(ledger, "sync", 5, ended=False)
    assert ledger.execute(LAST).fetchall() == [("audit", audit), ("refresh", refresh)]
    sync = run(ledger, "sync", 0)
    assert ledger.execute(LAST).fetchall() == [
        ("audit", audit), ("refresh", refresh), ("sync", sync)
    ]  # fmt: skip


def test_what_it_tells_is_of_that_run(ledger: psycopg.Connection) -> None:
    for command in COMMANDS:
        ledger.execute(f"call stocksync.{command}()")
    assert (
        ledger.execute("select * from stocksync._last_run order by 1").fetchall()
        == ledger.execute(
            "select command, id, started_at, finished_at from stocksync.runs order by 1"
        ).fetchall()
    )


def test_it_knows_every_task_that_can_be_scheduled(ledger: psycopg.Connection) -> None:
    for command in COMMANDS:
        run(ledger, command, 1)
    tasks = only(
        ledger,
        "select array_agg(m[1] order by m[1]) from pg_constraint as c,"
        " regexp_matches(pg_get_constraintdef(c.oid), '''(\\w+)''', 'g') as m"
        " where c.conname = 'schedules_task_known'",
    )
    assert tasks == [command for command, _ in ledger.execute(LAST)]


def test_it_does_not_read_all_the_runs_that_are_kept(db: psycopg.Connection) -> None:
    db.execute(
        "insert into stocksync.runs (command, started_at, finished_at)"
        " select c, t, t from unnest(%s::text[]) as c,"
        " generate_series(now() - interval '300 days', now(), interval '1 hour') as t",
        (list(COMMANDS),),
    )
    db.execute("vacuum analyze stocksync.runs")
    explain = "explain (analyze, format json) select * from stocksync._last_run"
    for condition, probes in (("", 3), (" where command = 'refresh'", 1)):
        nodes = [only(db, explain + condition)[0]["Plan"]]
        for node in nodes:
            nodes += node.get("Plans", [])
        [of_runs] = [node for node in nodes if node.get("Relation Name") == "runs"]
        assert of_runs["Node Type"] == "Index Scan"
        assert (of_runs["Actual Rows"], of_runs["Actual Loops"]) == (1, probes)


def test_it_is_private(ledger: psycopg.Connection) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        assert ledger.execute(LAST).fetchall() == []
    assert not only(
        ledger, "select has_table_privilege('stocksync_app', 'stocksync._last_run', 'select')"
    )
