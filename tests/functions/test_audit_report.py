"""The report is one document, which its schema describes."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from audit_helpers import record_audit, stock
from helpers import acting_as, move, only, product, raises_sql
from jsonschema import Draft202012Validator, ValidationError

import stocksync

SCHEMA = json.loads(
    (Path(stocksync.__file__).parent / "audit-report.schema.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
REPORT = "select stocksync.audit_report(%s)"


@pytest.fixture
def found(ledger: psycopg.Connection) -> int:
    """A run that found something of every kind: of products 1 to 3, and of what is no product."""
    for sku in "ABC":
        product(ledger, sku)
    return record_audit(
        ledger,
        stock(1, quantity_on_hand="12.500000", classes=["on_hand_vs_ledger"]),
        stock(
            2, 100, batches=95, api_id="b-2", api=90, api_status="active",
            classes=["on_hand_vs_batches", "on_hand_vs_api"],
        ),
        stock(3, 7, classes=["missing_from_api"]),
        {"product_id": 77, "ledger": 4, "rolled_up": 4, "by_location": 4,
         "classes": ["orphan_movement"]},
        {"product_id": None, "api_id": "ghost", "api": 12, "movements": 0,
         "classes": ["unknown_to_shop"]},
        {"product_id": None, "api_id": "late", "api": 300, "movements": 0, "classes": ["lag"]},
        reading=1,
    )  # fmt: skip


def described(schema: Any, place: str = "") -> list[str]:
    """Return which properties a schema does not describe."""
    missing = []
    for name, part in schema.get("properties", {}).items():
        if "description" not in part:
            missing.append(f"{place}/{name}")
        missing += described(part, f"{place}/{name}")
    if "items" in schema:
        missing += described(schema["items"], f"{place}[]")
    return missing


def test_the_schema_is_one_and_describes_every_property() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert described(SCHEMA) == []


def test_a_report_is_what_the_schema_says(ledger: psycopg.Connection, found: int) -> None:
    VALIDATOR.validate(only(ledger, REPORT, (found,)))


def test_a_report_of_a_real_audit_is_what_the_schema_says(ledger: psycopg.Connection) -> None:
    a, b = product(ledger, "A", tracks_batches=True), product(ledger, "B", allow_negative=True)
    move(ledger, a, "10.5")
    move(ledger, b, 3, "sale")
    ledger.execute("update products set quantity_on_hand = 12, total_stock = 9")
    ledger.execute("update stocksync.stock_total set quantity = 1")
    report = only(ledger, REPORT, (only(ledger, "call stocksync.audit()"),))
    assert {finding["sku"] for finding in report["findings"]} == {"A", "B"}
    VALIDATOR.validate(report)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "stocksync-audit-2"},
        {"findings": None},
        {"sources": ["shelf"]},
        {"started_at": None},
        {"summary": {"products": 1}},
        {"findings": [{"product_id": 1}]},
    ],
)
def test_the_schema_refuses_what_is_no_report(
    ledger: psycopg.Connection, found: int, change: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        VALIDATOR.validate(only(ledger, REPORT, (found,)) | change)


@pytest.mark.parametrize("name", SCHEMA["properties"]["findings"]["items"]["properties"])
def test_a_finding_that_lacks_a_property_or_has_one_more_is_refused(
    ledger: psycopg.Connection, found: int, name: str
) -> None:
    report = only(ledger, REPORT, (found,))
    value = report["findings"][0].pop(name)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(report)
    report["findings"][0] |= {name: value, f"{name}_too": value}
    with pytest.raises(ValidationError):
        VALIDATOR.validate(report)


def test_the_schema_knows_every_class_that_belongs_to_a_source(
    ledger: psycopg.Connection,
) -> None:
    """And the comment of the column names them all, too."""
    finding = SCHEMA["properties"]["findings"]["items"]["properties"]
    known = finding["classes"]["items"]["enum"]
    comment = only(
        ledger, "select col_description('stocksync.findings'::regclass, attnum) from pg_attribute"
        " where attrelid = 'stocksync.findings'::regclass and attname = 'classes'"
    )  # fmt: skip
    assert sorted(comment.split(": ")[1].rstrip(".").split(", ")) == sorted(known)
    sources = {only(ledger, "select stocksync._class_source(%s)", (name,)) for name in known}
    assert sources == set(finding["stock"]["properties"])


def test_the_summary_counts_what_was_found(ledger: psycopg.Connection, found: int) -> None:
    report = only(ledger, REPORT, (found,))
    assert report["summary"] == {
        "products": 5,
        "mismatches": 5,
        "lag": 1,
        "once_negative": 0,
        "by_class": {
            "on_hand_vs_ledger": 1, "on_hand_vs_batches": 1, "on_hand_vs_api": 1,
            "missing_from_api": 1, "orphan_movement": 1, "unknown_to_shop": 1, "lag": 1,
        },
        "by_cause": {"unknown": 6},
    }  # fmt: skip
    assert report["sources"][-1] == "api"
    assert (report["database"], report["run"]) == (ledger.info.dbname, found)


def test_the_furthest_apart_come_first_and_what_lagged_last(
    ledger: psycopg.Connection, found: int
) -> None:
    findings = only(ledger, REPORT, (found,))["findings"]
    assert [(f["sku"] or f["product_id"] or f["api_id"], f["spread"]) for f in findings] == [
        ("ghost", 12), ("B", 10), ("C", 7), (77, 4), ("A", 2.5), ("late", 300)
    ]  # fmt: skip


def test_quantities_are_numbers_with_all_their_digits(ledger: psycopg.Connection) -> None:
    product(ledger, "A")
    run = record_audit(
        ledger, stock(1, "123456789012345.123456", total_stock="10.000000", classes=["negative"])
    )
    text = only(ledger, "select stocksync.audit_report(%s)::text", (run,))
    assert '"ledger": 123456789012345.123456' in text
    assert '"total_stock": 10,' in text


def test_only_what_is_wrong_with_the_sources_that_are_asked_for(
    ledger: psycopg.Connection, found: int
) -> None:
    query = "select stocksync.audit_report(%s, %s)"
    report = only(ledger, query, (found, ["batches", "quantity_on_hand", "batches"]))
    assert report["sources"] == ["quantity_on_hand", "batches"]
    assert [(f["sku"], f["classes"], len(f["reasons"])) for f in report["findings"]] == [
        ("B", ["on_hand_vs_batches"], 1),
        ("A", ["on_hand_vs_ledger"], 1),
    ]
    assert report["summary"]["mismatches"] == 2
    VALIDATOR.validate(report)
    assert only(ledger, query, (found, ["total_stock"]))["findings"] == []


def test_an_api_that_was_not_read_is_no_source(ledger: psycopg.Connection) -> None:
    run = record_audit(ledger)
    assert "api" not in only(ledger, REPORT, (run,))["sources"]
    asked = "select stocksync.audit_report(%s, '{api,ledger}')"
    assert only(ledger, asked, (run,))["sources"] == ["ledger"]


@pytest.mark.parametrize(
    ("sources", "message"),
    [(["shelf"], 'unknown source "shelf"'), ([None], 'unknown source "null"')],
)
def test_a_source_that_there_is_not_is_refused(
    ledger: psycopg.Connection, found: int, sources: list[str], message: str
) -> None:
    with raises_sql("22023", message):
        ledger.execute("select stocksync.audit_report(%s, %s)", (found, sources))


def test_a_report_that_is_cut_says_so_and_counts_all(
    ledger: psycopg.Connection, found: int
) -> None:
    report = only(ledger, "select stocksync.audit_report(%s, p_limit => 2)", (found,))
    assert (len(report["findings"]), report["omitted"]) == (2, 4)
    assert report["summary"] == only(ledger, REPORT, (found,))["summary"]
    VALIDATOR.validate(report)


def test_what_is_no_finished_audit_has_no_report(ledger: psycopg.Connection, found: int) -> None:
    sync = only(ledger, "call stocksync.sync()")
    ledger.execute("update stocksync.runs set finished_at = null where id = %s", (found,))
    for run in (sync, found, 4711, None):
        assert only(ledger, "select stocksync.audit_report(%s::bigint)", (run,)) is None


def test_an_auditor_reads_reports_and_an_application_does_not(
    ledger: psycopg.Connection, found: int
) -> None:
    with acting_as(ledger, "stocksync_auditor"):
        assert only(ledger, REPORT, (found,))["run"] == found
    with (
        acting_as(ledger, "stocksync_app"),
        raises_sql("42501", "permission denied for function audit_report"),
    ):
        ledger.execute(REPORT, (found,))
