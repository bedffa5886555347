"""What is alerting, rule by rule."""

from datetime import timedelta

import psycopg
import pytest
from helpers import acting_as, move, only, product, raises_sql

LATER = "clock_timestamp() + interval '1 hour'"


def now(db: psycopg.Connection, rule: str, at: str = "default") -> list[tuple[str, str, str, str]]:
    """Return subject, occurrence, level and message of what a rule says."""
    argument = "" if at == "default" else f"p_at => {at}"
    return db.execute(
        "select subject, occurrence, level, message"
        f" from stocksync.alert_conditions({argument}) where rule = %s order by subject",
        (rule,),
    ).fetchall()


def run(db: psycopg.Connection, command: str, **columns: object) -> int:
    """Record a run that has just ended, after all others."""
    row = {"command": command, "finished_at": "now", **columns}
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    return only(
        db,
        f"insert into stocksync.runs ({names}) values ({marks}) returning id",
        [psycopg.types.json.Jsonb(v) if isinstance(v, dict) else v for v in row.values()],
    )


# Stock --------------------------------------------------------------------------------------------


def test_a_stock_below_zero(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A"), "2.50", "sale")
    product(ledger, "ZERO")
    move(ledger, product(ledger, "DELETED", is_deleted=True), 1, "sale")
    assert now(ledger, "negative_stock") == [
        ("product 1", "", "warning", 'the stock of "A" is -2.5')
    ]
    assert ledger.execute(
        "select context from stocksync.alert_conditions() where rule = 'negative_stock'"
    ).fetchall() == [({"product_id": 1, "sku": "A", "name": "A", "on_hand": -2.5},)]


def test_a_stock_that_is_at_or_below_its_reorder_point(ledger: psycopg.Connection) -> None:
    for sku, quantity, point in (("ABOVE", 11, 10), ("AT", 10, 10), ("BELOW", 9, "10.0")):
        move(ledger, product(ledger, sku, reorder_point=point), quantity)
    product(ledger, "NO POINT")
    product(ledger, "NOT A NUMBER", reorder_point="NaN")
    product(ledger, "ALWAYS", reorder_point="Infinity")
    product(ledger, "DELETED", reorder_point=1, is_deleted=True)
    product(ledger, "GONE", reorder_point=1, status="discontinued")
    assert now(ledger, "below_reorder_point") == [
        ("product 2", "", "warning", 'the stock of "AT" is 10, its reorder point 10'),
        ("product 3", "", "warning", 'the stock of "BELOW" is 9, its reorder point 10'),
    ]


def test_what_is_pending_counts(ledger: psycopg.Connection) -> None:
    a = product(ledger, "A", reorder_point=5)
    b = product(ledger, "B", reorder_point=5)
    move(ledger, b, 5)
    ledger.execute(
        "insert into stocksync._pending (product_id, quantity) values (%s, 6), (%s, -6)", (a, b)
    )
    assert now(ledger, "below_reorder_point") == [
        ("product 2", "", "warning", 'the stock of "B" is -1, its reorder point 5')
    ]
    assert now(ledger, "negative_stock") == [("product 2", "", "warning", 'the stock of "B" is -1')]


# Batches ------------------------------------------------------------------------------------------


def test_batches_that_expire_or_have_expired(ledger: psycopg.Connection) -> None:
    ledger.execute("update stocksync.settings set expiring_days = 7")
    today = only(ledger, "select stocksync._shop_day()")

    def day(after: int) -> str:
        return (today + timedelta(after)).isoformat()

    a, b = product(ledger, "A", tracks_batches=True), product(ledger, "B", tracks_batches=True)
    batches = [(a, "2.50", "old", -1), (a, 3, "last day", 0), (a, 4, "week", 7), (a, 9, "later", 8),
               (b, 1, "1", -9), (b, 1, "2", -1), (b, 5, "bad", 3)]  # fmt: skip
    for p, quantity, number, after in batches:
        move(ledger, p, quantity, batch_number=number, expiry_date=day(after))
    move(ledger, b, 7, batch_number="never")
    ledger.execute("select stocksync.quarantine_batch(2, 'bad')")
    assert now(ledger, "batch_expired") == [
        ("product 1", "", "warning", 'batch "old" of "A" has expired with 2.5 left'),
        ("product 2", "", "warning", '2 batches of "B" have expired with 2 left'),
    ]
    assert now(ledger, "batch_expiring") == [
        (
            "product 1", "", "warning",
            f'2 batches of "A" expire, the first on {day(0)}, with 7 left',
        ),
    ]  # fmt: skip
    assert now(ledger, "batch_expiring", "now() + interval '8 days'")[0][3] == (
        f'batch "later" of "A" expires on {day(8)} with 9 left'
    )
    ledger.execute("call stocksync.expire()")
    assert now(ledger, "batch_expired") == []
    ledger.execute("update products set tracks_batches = false")
    assert now(ledger, "batch_expiring") == []


# Refresh, jobs, pending ---------------------------------------------------------------------------


def test_a_refresh_that_does_not_come(ledger: psycopg.Connection) -> None:
    assert now(ledger, "refresh_late") == []
    late = "clock_timestamp() + interval '2 hours'"
    never = [("refresh", "", "error", "no refresh has been completed")]
    assert now(ledger, "refresh_late", late) == never
    run(ledger, "refresh", finished_at=None)
    run(ledger, "audit")
    assert now(ledger, "refresh_late", late) == never

    ledger.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    run(ledger, "refresh", finished_at="2026-01-01 10:30+00")
    ledger.execute("set timezone = 'America/New_York'")
    assert now(ledger, "refresh_late", "'2026-01-01 12:30+00'") == []
    assert now(ledger, "refresh_late", "'2026-01-01 12:31+00'") == [
        ("refresh", "", "error", "no refresh has been completed since 2026-01-01 19:30 Asia/Tokyo")
    ]
    ledger.execute("update stocksync.settings set refresh_late_after = '3 hours'")
    assert now(ledger, "refresh_late", "'2026-01-01 12:31+00'") == []


def test_a_real_refresh_is_in_time(ledger: psycopg.Connection) -> None:
    ledger.execute("call stocksync.refresh()")
    assert now(ledger, "refresh_late", LATER) == []
    assert len(now(ledger, "refresh_late", "clock_timestamp() + interval '121 minutes'")) == 1


def test_a_job_that_has_failed_for_good(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into stocksync.jobs (task, subject, state, attempts, error) values"
        " ('sync', 'a', 'queued', 1, 'no luck'), ('sync', 'b', 'failed', 3, 'no luck'),"
        " ('audit', 'c', 'failed', 1, null), ('refresh', 'd', 'done', 1, null)"
    )
    assert now(ledger, "job_failed") == [
        ("job 2", "3", "critical", "job 2 (sync) has failed for good: no luck"),
        ("job 3", "1", "critical", "job 3 (audit) has failed for good: no reason known"),
    ]


def test_changes_that_wait_too_long(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute(
        "insert into stocksync._pending values (%s, 1, '2026-01-01 10:00+00'), (%s, 1, now())",
        (a, a),
    )
    assert now(ledger, "pending_late", "'2026-01-01 10:01:00+00'") == []
    assert now(ledger, "pending_late", "'2026-01-01 10:01:01+00'") == [
        (
            "pending",
            "",
            "error",
            "changes of stock have waited for a busy product since 2026-01-01 10:00:00 UTC",
        )
    ]


# Discrepancies ------------------------------------------------------------------------------------


def test_what_a_run_corrected_is_told_until_another_one_finds_nothing(
    ledger: psycopg.Connection,
) -> None:
    for sku in "EDCBA":
        move(ledger, product(ledger, sku), 5)
    ledger.execute("update products set quantity_on_hand = 6 where sku = 'A'")
    ledger.execute("call stocksync.refresh()")
    assert now(ledger, "discrepancies_found") == [
        ("refresh", "1", "warning", "refresh 1 corrected the stock of 1 product: A")
    ]
    ledger.execute("update products set quantity_on_hand = 6")
    ledger.execute("call stocksync.refresh()")
    assert now(ledger, "discrepancies_found") == [
        (
            "refresh",
            "2",
            "warning",
            "refresh 2 corrected the stock of 5 products: A, B, C, …",
        )
    ]
    ledger.execute("call stocksync.refresh()")
    assert now(ledger, "discrepancies_found") == []


def test_what_an_audit_found_stays_until_a_look_as_deep_finds_nothing(
    ledger: psycopg.Connection,
) -> None:
    a = product(ledger, "A")
    move(ledger, a, 5)
    ledger.execute("select stocksync.roll_up()")
    found = [("audit", "", "error", "audit 1 found 1 product not as the movements say: A")]
    # both of the tables that a refresh compares
    ledger.execute("update stocksync.stock_total set quantity = 6")
    ledger.execute("update stocksync.stock_daily set quantity = 6")
    ledger.execute("update products set quantity_on_hand = 6, total_stock = 6")
    ledger.execute("call stocksync.audit()")
    assert now(ledger, "discrepancies_found") == found
    ledger.execute("call stocksync.refresh()")
    assert now(ledger, "discrepancies_found") == found
    ledger.execute("call stocksync.sync(p_product_id => %s)", (product(ledger, "B"),))
    assert now(ledger, "discrepancies_found") == found
    ledger.execute("call stocksync.sync(p_force => true)")
    assert now(ledger, "discrepancies_found") == [
        ("sync", "4", "warning", "sync 4 corrected the stock of 1 product: A")
    ]
    ledger.execute("call stocksync.audit()")
    assert now(ledger, "discrepancies_found") == []


def test_what_could_not_be_corrected_is_one_incident_from_run_to_run(
    ledger: psycopg.Connection,
) -> None:
    for number in (1, 2):
        run(ledger, "refresh", products_failed=2)
        assert now(ledger, "discrepancies_found") == [
            ("refresh", "", "error", f"refresh {number} could not correct 2 products")
        ]
    run(ledger, "refresh", products_corrected=3, products_failed=1)
    assert now(ledger, "discrepancies_found") == [
        (
            "refresh",
            "3",
            "error",
            "refresh 3 corrected the stock of 3 products and could not correct 1 product",
        )
    ]


def test_a_run_that_has_not_ended_or_looked_at_little_says_nothing_of_the_rest(
    ledger: psycopg.Connection,
) -> None:
    run(ledger, "sync", products_corrected=1)
    run(ledger, "sync", finished_at=None)
    run(ledger, "sync", options={"since": "2026-01-01"})
    run(ledger, "refresh")
    [(_, occurrence, _, _)] = now(ledger, "discrepancies_found")
    assert occurrence == "1"
    run(ledger, "sync", options={"product_id": 7}, products_corrected=2)
    [(_, occurrence, _, _)] = now(ledger, "discrepancies_found")
    assert occurrence == "5"
    run(ledger, "sync", options={"force": False})
    assert now(ledger, "discrepancies_found") == []


def test_a_plain_sync_does_not_look_as_deep_as_an_audit(ledger: psycopg.Connection) -> None:
    run(ledger, "audit", products_found=1)
    run(ledger, "sync")
    assert len(now(ledger, "discrepancies_found")) == 1
    run(ledger, "sync", options={"force": True})
    assert now(ledger, "discrepancies_found") == []


# Settings -----------------------------------------------------------------------------------------


def test_only_the_rules_that_are_on(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger, "A", reorder_point=5), 1, "sale")
    run(ledger, "refresh", products_failed=2)
    rules = (
        "select array_agg(distinct rule order by rule) from stocksync.alert_conditions("
        " now() + interval '1 day')"
    )
    assert only(ledger, rules) == [
        "below_reorder_point",
        "discrepancies_found",
        "negative_stock",
        "refresh_late",
    ]
    ledger.execute("update stocksync.settings set alert_rules = '{negative_stock,refresh_late}'")
    assert only(ledger, rules) == ["negative_stock", "refresh_late"]
    ledger.execute("update stocksync.settings set alert_rules = '{}'")
    assert only(ledger, rules) is None


@pytest.mark.parametrize("rules", ["{negative}", "{negative_stock,x}", None])
def test_a_rule_that_is_none_is_refused(ledger: psycopg.Connection, rules: str | None) -> None:
    with pytest.raises(psycopg.errors.IntegrityError):
        ledger.execute("update stocksync.settings set alert_rules = %s", (rules,))


def test_one_row_per_rule_and_subject(ledger: psycopg.Connection) -> None:
    for number in range(50):
        move(ledger, product(ledger, f"P{number}", reorder_point=5), 1, "sale")
    for command in ("refresh", "sync", "audit"):
        for _ in range(2):
            run(ledger, command, products_found=1, products_failed=1, products_corrected=1)
    assert (
        ledger.execute(
            "select rule, subject from stocksync.alert_conditions() group by 1, 2"
            " having count(*) > 1"
        ).fetchall()
        == []
    )


def test_an_auditor_may_ask_and_an_application_may_not(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 1, "sale")
    with acting_as(ledger, "stocksync_auditor"):
        assert len(now(ledger, "negative_stock")) == 1
    with (
        raises_sql("42501", "permission denied for function alert_conditions"),
        acting_as(ledger, "stocksync_app"),
    ):
        now(ledger, "negative_stock")
