"""Drift: what somebody else did to our objects is found, named, refused, and healed on demand."""

import json

import psycopg
import pytest
from click.testing import CliRunner

from stocksync.cli import cli
from stocksync.errors import ExitStatus, StocksyncError
from stocksync.migrate import migrate

# name of the case: what somebody does, and the drift that is to be found
HEALED = {
    "a replaced body": (
        "create or replace function stocksync.doctor() returns table"
        " (check_name text, status text, detail text, cure text)"
        " language sql as 'select null, null, null, null'",
        [("function", "stocksync.doctor()", "changed")],
    ),
    "a lost pinned path": (
        "alter function stocksync.doctor() reset search_path",
        [("function", "stocksync.doctor()", "changed")],
    ),
    "a dropped function": (
        "drop function stocksync.doctor()",
        [("function", "stocksync.doctor()", "missing")],
    ),
    "a dropped view": (
        "drop view public.stock_on_hand cascade",
        [("view", "public.stock_on_hand", "missing")],
    ),
    "a changed view": (
        "alter view stocksync.stock_by_location set (security_barrier = true)",
        [("view", "stocksync.stock_by_location", "changed")],
    ),
    "a disabled trigger": (
        "alter table public.stock_movements disable trigger _500_capture_insert",
        [("trigger", "_500_capture_insert on public.stock_movements", "changed")],
    ),
    "a trigger for replicas only": (
        "alter table stocksync._journal enable replica trigger _500_settle",
        [("trigger", "_500_settle on stocksync._journal", "changed")],
    ),
    "a dropped trigger": (
        "drop trigger _500_capture_delete on public.stock_movements",
        [("trigger", "_500_capture_delete on public.stock_movements", "missing")],
    ),
    "a dropped trigger function": (
        "drop function stocksync.tg_transaction_types__guard() cascade",
        [
            ("function", "stocksync.tg_transaction_types__guard()", "missing"),
            ("trigger", "_100_guard_delete on public.transaction_types", "missing"),
            ("trigger", "_100_guard_truncate on public.transaction_types", "missing"),
            ("trigger", "_100_guard_update on public.transaction_types", "missing"),
        ],
    ),
}

ACCEPTED = {
    "a rogue function": (
        "create function stocksync.rogue(integer) returns integer language sql as 'select 1'",
        [("function", "stocksync.rogue(integer)", "extra")],
    ),
    "a rogue overload": (
        "create function stocksync.doctor(text) returns integer language sql as 'select 1'",
        [("function", "stocksync.doctor(text)", "extra")],
    ),
    "a rogue aggregate": (
        "create aggregate stocksync.total(numeric) (sfunc = numeric_add, stype = numeric)",
        [("function", "stocksync.total(numeric)", "extra")],
    ),
    "a rogue trigger": (
        "create trigger rogue before update on public.products"
        " for each row execute function suppress_redundant_updates_trigger()",
        [("trigger", "rogue on public.products", "extra")],
    ),
    "a rule that swallows movements": (
        "create rule swallow as on insert to public.stock_movements do instead nothing",
        [("rule", "swallow on public.stock_movements", "extra")],
    ),
    "an added column": (
        "alter table public.products add colour text",
        [("column", "public.products.colour", "extra")],
    ),
    "a dropped default": (
        "alter table public.products alter quantity_on_hand drop default",
        [("column", "public.products.quantity_on_hand", "changed")],
    ),
    "a dropped not null": (
        "alter table public.stock_movements alter transaction_type drop not null",
        [("column", "public.stock_movements.transaction_type", "changed")],
    ),
    "a dropped constraint": (
        "alter table public.stock_movements drop constraint stock_movements_quantity_positive",
        [("constraint", "stock_movements_quantity_positive on public.stock_movements", "missing")],
    ),
    "an added index": (
        "create index on public.stock_movements (recorded_at)",
        [("index", "public.stock_movements_recorded_at_idx", "extra")],
    ),
    "a table made unlogged": (
        "alter table stocksync.stock_total set unlogged",
        [("table", "stocksync.stock_total", "changed")],
    ),
}


def drift(db: psycopg.Connection) -> list[tuple[str, ...]]:
    return db.execute(
        "select kind, identity, state from stocksync.drift order by kind, identity"
    ).fetchall()


def fingerprint(db: psycopg.Connection) -> set[tuple[str, ...]]:
    return set(db.execute("select kind, identity, md5 from stocksync.live_object()"))


def doctor(db_url: str) -> tuple[int, list[dict[str, str]]]:
    ran = CliRunner().invoke(cli, ["--database-url", db_url, "doctor", "--json"])
    return ran.exit_code, json.loads(ran.stdout)


def test_a_new_installation_has_none(db, db_url) -> None:
    assert drift(db) == []
    status, findings = doctor(db_url)
    assert status == ExitStatus.OK
    # it is for the administrator to say who keeps the schedule
    assert [f["check_name"] for f in findings if f["status"] != "ok"] == ["schedule"]


@pytest.mark.parametrize(("change", "expected"), HEALED.values(), ids=HEALED)
def test_what_sql_defines_is_found_refused_and_put_back(db, db_url, change, expected) -> None:
    before = fingerprint(db)
    db.execute(change)
    assert drift(db) == expected
    with pytest.raises(StocksyncError, match="not as stocksync left it") as caught:
        migrate(db_url)
    assert caught.value.exit_status == ExitStatus.REFUSED
    assert str(caught.value.detail).splitlines() == [
        f"{kind} {identity} is {state}" for kind, identity, state in expected
    ]
    assert migrate(db_url, force=True)
    assert fingerprint(db) == before
    assert drift(db) == []
    assert migrate(db_url) == []


@pytest.mark.parametrize(("change", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_only_a_person_can_judge_is_found_refused_and_accepted(
    db, db_url, change, expected
) -> None:
    db.execute(change)
    assert drift(db) == expected
    with pytest.raises(StocksyncError, match="not as stocksync left it"):
        migrate(db_url)
    assert migrate(db_url, force=True) == []
    assert drift(db) == []
    assert migrate(db_url) == []


@pytest.mark.parametrize(
    "change",
    [
        "drop view stocksync.drift",
        "drop function stocksync.live_object() cascade",
        "drop function stocksync._accept_drift()",
        "drop function stocksync._finish_deployment(text, text[])",
    ],
)
def test_losing_what_tells_drift_is_drift(db, db_url, change) -> None:
    before = fingerprint(db)
    db.execute(change)
    with pytest.raises(StocksyncError, match="not as stocksync left it"):
        migrate(db_url)
    assert migrate(db_url, force=True)
    assert fingerprint(db) == before
    assert drift(db) == []


@pytest.mark.parametrize(
    "change",
    [
        "create table public.orders (id bigint primary key)",
        "create function public.total() returns integer language sql as 'select 1'",
        "create view public.cheap as select id from public.products",
        "comment on table public.products is 'Ours.'",
        "alter table public.stock_movements set (autovacuum_vacuum_scale_factor = 0.01)",
        "grant select on public.products to public",
        "set search_path = public, stocksync",
        "insert into public.products (sku, name) values ('A', 'A')",
    ],
)
def test_what_is_not_ours_or_changes_nothing_computed_is_not_drift(db, change) -> None:
    db.execute(change)
    assert drift(db) == []


def test_a_silenced_foreign_key_is_drift(db) -> None:
    db.execute("alter table public.stock_movements disable trigger all")
    found = {(kind, state) for kind, _, state in drift(db)}
    assert found == {("constraint", "changed"), ("trigger", "changed")}


def test_forced_healing_survives_being_killed_before_it_heals(db, db_url) -> None:
    before = fingerprint(db)
    db.execute("alter table public.stock_movements disable trigger _500_capture_insert")
    db.execute("select stocksync._accept_drift()")
    assert migrate(db_url) == ["sql/triggers/stock_movements__capture_insert.sql"]
    assert fingerprint(db) == before


def test_doctor_says_what_it_is_and_what_cures_it(db, db_url) -> None:
    db.execute("alter table public.stock_movements disable trigger _500_capture_insert")
    db.execute("create table stocksync.rogue (id bigint)")
    status, findings = doctor(db_url)
    assert status == ExitStatus.CHECK_FAILED
    bad = {f["detail"]: f["cure"] for f in findings if f["status"] == "failure"}
    assert bad == {
        "trigger _500_capture_insert on public.stock_movements is disabled": (
            "Put it back with `stocksync migrate --force`."
        ),
        "table stocksync.rogue is extra": (
            "Drop it, or accept it with `stocksync migrate --force`."
        ),
        "column stocksync.rogue.id is extra": (
            "Drop it, or accept it with `stocksync migrate --force`."
        ),
    }


def test_doctor_finds_a_deployment_that_was_killed(db, db_url) -> None:
    db.execute("delete from stocksync.installation")
    status, findings = doctor(db_url)
    assert status == ExitStatus.CHECK_FAILED
    assert findings[0]["detail"] == "a deployment has begun and not ended"
    assert migrate(db_url) == []
    assert doctor(db_url)[0] == ExitStatus.OK


def test_doctor_finds_files_and_migrations_that_wait(db, db_url) -> None:
    db.execute(
        "update stocksync.deployed_file set sha256 = repeat('0', 64) where path ~ 'views/drift'"
    )
    db.execute("delete from stocksync._yoyo_migration where migration_id ~ '^0002'")
    status, findings = doctor(db_url)
    assert status == ExitStatus.CHECK_FAILED
    waiting = {f["check_name"]: f["detail"] for f in findings if f["status"] == "failure"}
    assert waiting["files"] == "not yet deployed: views/drift.sql"
    assert waiting["migrations"].startswith("not yet deployed: 0002_")


def test_doctor_finds_an_invalid_index(db, db_url) -> None:
    db.execute("insert into public.products (sku, name) values ('A', 'x'), ('B', 'x')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute("create unique index concurrently products_name_idx on public.products (name)")
    findings = doctor(db_url)[1]
    assert "index public.products_name_idx is invalid: building it was interrupted" in [
        finding["detail"] for finding in findings
    ]


def test_doctor_of_an_empty_database_says_migrate(db, db_url) -> None:
    db.execute("drop schema stocksync cascade")
    status, findings = doctor(db_url)
    assert status == ExitStatus.CHECK_FAILED
    assert findings[0]["cure"] == "Run `stocksync migrate`."


def test_doctor_of_an_installation_with_a_table_less_says_which(db, db_url) -> None:
    db.execute("drop table stocksync.schedules")
    status, findings = doctor(db_url)
    assert status == ExitStatus.CHECK_FAILED
    assert 'relation "stocksync.schedules" does not exist' in findings[0]["detail"]


def test_an_auditor_may_ask_the_doctor(db) -> None:
    db.execute("set role stocksync_auditor")
    told = db.execute("select check_name from stocksync.doctor() where status <> 'ok'").fetchall()
    assert told == [("schedule",)]


def test_missing_roles_are_told_and_granted_once_they_are_there(db, db_url) -> None:
    """As on a managed server, where the user who deploys may not create roles."""
    db.execute(
        "create or replace function stocksync.grant_roles() returns setof text language sql"
        " as $$select 'create role stocksync_app nologin;'$$"
    )
    db.execute("select stocksync._record_objects()")
    db.execute("delete from stocksync.installation")
    told: list[str] = []
    assert migrate(db_url, progress=told.append) == []
    assert told[0] == "warning: roles are missing, and this user may not create them"
    assert "create role stocksync_app nologin;" in told[1]
    status, findings = doctor(db_url)
    assert status == ExitStatus.OK
    assert [f["check_name"] for f in findings if f["status"] == "warning"] == ["roles", "schedule"]
    db.execute(
        "create or replace function stocksync.grant_roles() returns setof text language sql"
        " as $$select null::text where false$$"
    )
    db.execute("select stocksync._record_objects()")
    told.clear()
    migrate(db_url, progress=told.append)
    assert told == []
    assert db.execute("select to_do from stocksync.installation").fetchone() == ([],)
