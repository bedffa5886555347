"""What ``stocksync audit`` prints, writes and ends with."""

from __future__ import annotations

import csv
import io
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from audit_helpers import record_audit, stock
from click.testing import CliRunner, Result
from functions.test_audit_report import VALIDATOR
from helpers import behind, measured, move, only, product

from stocksync.cli import cli

Run = Callable[..., Result]


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """Tea is right, milk has 12 on hand of 10, rice 3 in total_stock of 5."""
    for sku, quantity in (("TEA", 7), ("MILK", 10), ("RICE", 5)):
        move(ledger, product(ledger, sku, name=f"{sku.lower()} [red]"), quantity)
    ledger.execute("update products set quantity_on_hand = 12 where sku = 'MILK'")
    ledger.execute("update products set total_stock = 3 where sku = 'RICE'")
    return ledger


@pytest.fixture
def audit(ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program as an operator who is no superuser."""
    monkeypatch.setenv("PGOPTIONS", "-c role=stocksync_operator")

    def audit(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--database-url", ledger_url, "audit", *arguments])

    return audit


def mend(db: psycopg.Connection) -> None:
    db.execute("call stocksync.sync(p_force => true)")


# For people ---------------------------------------------------------------------------------------


def test_the_stock_of_each_source_side_by_side_and_why(
    shop: psycopg.Connection, audit: Run
) -> None:
    done = audit()
    assert done.exit_code == 3
    first, second = done.stdout.split("\n\n")
    assert first.splitlines()[:2] == [
        "Stock mismatches",
        "Product  On hand  Total  Ledger  Rolled up  Locations",
    ]
    assert [line.split() for line in first.splitlines()[3:]] == [
        ["MILK", "12", "10", "10", "10", "10"],
        ["RICE", "5", "3", "5", "5", "5"],
    ]
    assert second.startswith("Types and causes\nProduct  Name")
    assert "RICE     rice [red]  stock_vs_total_stock  " in second
    assert "milk [red]  on_hand_vs_ledger, stock_vs_total_stock  " in second
    assert "Products compared: 3\nProducts with discrepancies: 2\n" in done.stderr
    assert "  by type: stock_vs_total_stock 2, on_hand_vs_ledger 1\n" in done.stderr


def test_nothing_wrong_is_nothing_on_stdout_and_status_0(
    shop: psycopg.Connection, audit: Run
) -> None:
    mend(shop)
    done = audit()
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Products with discrepancies: 0" in done.stderr


def test_products_that_the_api_does_not_show_have_a_section_of_their_own(
    ledger: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    from stocksync.audits import Report
    from stocksync.cli.audit import _print

    product(ledger, "A", name="x\x1b[2J", status="inactive")
    product(ledger, "B", name="B")
    run = record_audit(
        ledger,
        stock(1, status="inactive", classes=["missing_from_api"],
              reasons=[{"class": "missing_from_api", "cause": "inactive", "text": "Inactive."}]),
        stock(2, 10, is_deleted=True, total_stock=9,
              classes=["stock_vs_total_stock", "missing_from_api"]),
        {"product_id": 9, "ledger": 2, "classes": ["orphan_movement"]},
        {"product_id": None, "api_id": "ghost", "api": 2, "classes": ["unknown_to_shop"]},
        reading=1,
    )  # fmt: skip
    report = Report(ledger, run, None)
    _print(report, report.head["summary"]["by_class"])
    first, second, third = capsys.readouterr().out.split("\n\n")
    assert [line.split("  ")[0] for line in first.splitlines()[3:]] == [
        "A", "B", "product 9", "API: ghost"
    ]  # fmt: skip
    assert "Inactive." not in second
    assert third.splitlines()[0] == "In stock, but the API does not show it"
    assert [line.split() for line in third.splitlines()[3:]] == [
        ["A", r"x\x1b[2J", "10", "inactive", "Inactive."],
        ["B", "B", "10", "deleted", "Wrong:", "missing_from_api."],
    ]


# For programs -------------------------------------------------------------------------------------


def test_json_is_the_report(shop: psycopg.Connection, audit: Run) -> None:
    done = audit("--json")
    report = json.loads(done.stdout)
    in_sql = only(shop, "select stocksync.audit_report(%s)", (report["run"],))
    times = ("started_at", "finished_at")  # each session writes them in its own time zone
    assert {k: v for k, v in report.items() if k not in times} == {
        k: v for k, v in in_sql.items() if k not in times
    }
    assert next(iter(report)) == "schema"
    assert done.exit_code == 3


def test_json_of_nothing_is_a_report_too(shop: psycopg.Connection, audit: Run) -> None:
    mend(shop)
    assert json.loads(audit("--json").stdout)["findings"] == []


def test_csv_has_a_line_for_each_finding(shop: psycopg.Connection, audit: Run) -> None:
    done = audit("--csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(r["sku"], r["quantity_on_hand"], r["total_stock"], r["spread"]) for r in rows] == [
        ("MILK", "12", "10", "2"), ("RICE", "5", "3", "2")
    ]  # fmt: skip
    assert rows[0]["classes"] == "on_hand_vs_ledger, stock_vs_total_stock"


def test_every_digit_of_a_quantity_gets_through(
    ledger: psycopg.Connection, audit: Run, tmp_path: Path
) -> None:
    move(ledger, product(ledger, "A"), "123456789012345.123456")
    ledger.execute("update products set total_stock = 123456789012345.123457")
    audit("--export", f"{tmp_path}/r.json")
    text = (tmp_path / "r.json").read_text()
    assert '"total_stock": 123456789012345.123457' in text
    [finding] = json.loads(text, parse_float=Decimal)["findings"]
    assert finding["spread"] == Decimal("0.000001")


# Which --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [("--sku", "MILK"), ("--product-id", "2")])
def test_one_product(shop: psycopg.Connection, audit: Run, which: tuple[str, str]) -> None:
    report = json.loads(audit(*which, "--json").stdout)
    assert [finding["sku"] for finding in report["findings"]] == ["MILK"]
    assert audit("--sku", "TEA").exit_code == 0


def test_one_product_at_most_and_one_that_there_is(shop: psycopg.Connection, audit: Run) -> None:
    assert audit("--sku", "TEA", "--product-id", "1").exit_code == 2
    done = audit("--sku", "NO")
    assert done.exit_code == 1
    assert 'error: unknown sku "NO"' in done.stderr


def test_only_some_sources(shop: psycopg.Connection, audit: Run) -> None:
    done = audit("--source", "quantity_on_hand", "--json")
    report = json.loads(done.stdout)
    assert (report["sources"], report["summary"]["mismatches"]) == (["quantity_on_hand"], 1)
    assert audit("--source", "batches").exit_code == 0
    assert audit("--source", "shelf").exit_code == 2
    done = audit("--source", "api")
    assert (done.exit_code, "--api-url" in done.stderr) == (2, True)


def test_an_api_from_a_file_beside_the_others(
    shop: psycopg.Connection, audit: Run, tmp_path: Path
) -> None:
    mend(shop)
    shop.execute("update products set status = 'inactive' where sku = 'RICE'")
    # within the time of grace an empty shop would be right, too
    shop.execute("set session_replication_role = replica")
    shop.execute("update stock_movements set recorded_at = recorded_at - interval '1 hour'")
    shop.execute("reset session_replication_role")
    shown = tmp_path / "shown.json"
    shown.write_text('[{"id": "TEA", "quantity": 7}, {"id": "MILK", "quantity": 6}]')
    api = ("--api-file", str(shown), "--api-match", "sku")
    done = audit(*api, "--export", f"{tmp_path}/r.json", "--export", f"{tmp_path}/r.html")
    assert done.exit_code == 3
    first, _, third = done.stdout.split("\n\n")
    assert "API" in first.splitlines()[1]
    assert third.splitlines()[3].split()[:5] == ["RICE", "rice", "[red]", "5", "inactive"]
    report = json.loads((tmp_path / "r.json").read_text())
    VALIDATOR.validate(report)
    assert {f["sku"]: f["stock"]["api"] for f in report["findings"]} == {"RICE": None, "MILK": 6}
    assert "not shown" in (tmp_path / "r.html").read_text()
    report = json.loads(audit(*api, "--source", "api", "--sku", "RICE", "--json").stdout)
    assert (report["sources"], report["summary"]["by_class"]) == (["api"], {"missing_from_api": 1})


# How it ends --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "status"), [((), 3), (("--exit-code", "0"), 0),
                                               (("--exit-code", "17"), 17)])  # fmt: skip
def test_the_exit_status_can_be_chosen(
    shop: psycopg.Connection, audit: Run, given: tuple[str, ...], status: int
) -> None:
    assert audit(*given).exit_code == status
    mend(shop)
    assert audit(*given).exit_code == 0


# Files --------------------------------------------------------------------------------------------


def test_reports_are_written_by_their_suffix(
    shop: psycopg.Connection, audit: Run, tmp_path: Path
) -> None:
    names = ["r.json", "r.csv", "r.HTML", "it's a second.json"]
    (tmp_path / "r.csv").write_text("of yesterday")
    done = audit(*(part for name in names for part in ("--export", str(tmp_path / name))))
    assert done.exit_code == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    first, second = (json.loads((tmp_path / name).read_text()) for name in (names[0], names[3]))
    assert first == second
    assert first["summary"]["mismatches"] == 2
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 3
    assert (tmp_path / "r.HTML").read_text().startswith("<!doctype html>")
    assert stat.S_IMODE((tmp_path / "r.json").stat().st_mode) & 0o044
    assert "Stock mismatches" in done.stdout


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("r.xml", "its suffix says no format"),
        ("r", "its suffix says no format"),
        ("gone/r.json", "there is no directory"),
        ("directory.json", "it is a directory"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_the_audit(
    shop: psycopg.Connection, audit: Run, tmp_path: Path, name: str, error: str
) -> None:
    (tmp_path / "directory.json").mkdir()
    done = audit("--export", str(tmp_path / "good.json"), "--export", str(tmp_path / name))
    assert done.exit_code == 1
    assert done.stderr.startswith(f'error: cannot export to "{tmp_path / name}": {error}')
    assert only(shop, "select count(*) from stocksync.runs where command = 'audit'") == 0
    assert not (tmp_path / "good.json").exists()


def test_a_file_is_written_whole_or_not_at_all(
    shop: psycopg.Connection, ledger_url: str, tmp_path: Path
) -> None:
    """Of a disk that is full, the limit of the process plays the part."""
    old = tmp_path / "r.html"
    old.write_text("of yesterday")
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "_", sys.executable, "-B", "-m",
         "stocksync", "--database-url", ledger_url, "audit", "--export", str(old)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f'error: cannot write "{old}": File too large'
    assert "select stocksync.audit_report(" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    assert old.read_text() == "of yesterday"


# Two reports --------------------------------------------------------------------------------------


@pytest.fixture
def reports(shop: psycopg.Connection, audit: Run, tmp_path: Path) -> tuple[str, str]:
    """Before and after milk was mended, rice made worse, and tea made wrong."""
    before, after = str(tmp_path / "before.json"), str(tmp_path / "after.json")
    audit("--export", before)
    mend(shop)
    shop.execute("update products set total_stock = 2 where sku = 'RICE'")
    shop.execute("update products set total_stock = 2 where sku = 'TEA'")
    audit("--export", after)
    return before, after


def test_what_became_of_the_mismatches(audit: Run, reports: tuple[str, str]) -> None:
    done = audit("--compare", *reports)
    assert done.exit_code == 3
    assert [line.split()[:2] for line in done.stdout.splitlines()[2:]] == [
        ["New", "TEA"], ["Still", "there,"], ["Resolved", "MILK"]
    ]  # fmt: skip
    assert "New: 1\nStill there, changed: 1\nStill there: 0\n" in done.stderr
    rows = json.loads(audit("--compare", *reports, "--json").stdout)
    assert [(row["sku"], row["state"]) for row in rows] == [
        ("TEA", "new"), ("RICE", "changed"), ("MILK", "resolved")
    ]  # fmt: skip
    assert audit("--compare", *reports, "--exit-code", "0").exit_code == 0


def test_all_resolved_is_status_0(
    shop: psycopg.Connection, audit: Run, reports: tuple[str, str], tmp_path: Path
) -> None:
    mend(shop)
    last = str(tmp_path / "last.json")
    audit("--export", last)
    assert audit("--compare", reports[0], last).exit_code == 0
    assert audit("--compare", last, last).exit_code == 0


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "is no JSON"),
        (b'{"schema": "stocksync-audit-1", "findings": [', "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"{}", "the report after is none of an audit"),
        (b"null", "the report after is none of an audit"),
        (b'{"schema": NaN}', "invalid input syntax for type json"),
        (rb'"\u0000"', "unsupported Unicode escape sequence"),
        (b"1" * 5000, "is no JSON"),
    ],
)
def test_a_file_that_is_broken_is_refused(
    audit: Run, reports: tuple[str, str], tmp_path: Path, content: bytes, error: str
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(content)
    done = audit("--compare", reports[0], str(broken))
    assert done.exit_code == 1
    assert error in done.stderr.splitlines()[0]
    assert done.stdout == ""


def test_files_that_are_not_there_or_in_the_wrong_order(
    audit: Run, reports: tuple[str, str], tmp_path: Path
) -> None:
    before, after = reports
    done = audit("--compare", before, str(tmp_path))
    assert f'error: cannot read "{tmp_path}": Is a directory' in done.stderr
    assert audit("--compare", "/nowhere.json", after).exit_code == 1
    done = audit("--compare", after, before)
    assert "error: the report before is of a later audit than the report after" in done.stderr


def test_a_file_that_an_editor_of_windows_has_saved(audit: Run, reports: tuple[str, str]) -> None:
    path = Path(reports[0])
    path.write_text("\ufeff" + path.read_text().replace("\n", "\r\n"))
    assert audit("--compare", *reports).exit_code == 3


@pytest.mark.parametrize("more", [("--sku", "TEA"), ("--source", "api"), ("--export", "x.json")])
def test_a_comparison_is_of_two_files_and_nothing_else(audit: Run, more: tuple[str, ...]) -> None:
    assert audit("--compare", "a.json", "b.json", *more).exit_code == 2


# Many ---------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_hundred_thousand_findings_need_little_memory(
    ledger: psycopg.Connection, ledger_url: str, tmp_path: Path
) -> None:
    ledger.execute(
        "insert into products (sku, name) select 'S' || i, 'Product number ' || i"
        " from generate_series(1, 100000) as i"
    )
    ledger.execute("set session_replication_role = replica")
    ledger.execute("update products set total_stock = 1")
    ledger.execute("reset session_replication_role")
    done, peak = measured(
        *(sys.executable, "-m", "stocksync", "-q", "--database-url", ledger_url, "audit"),
        *("--export", f"{tmp_path}/r.json", "--export", f"{tmp_path}/r.csv"),
        *("--export", f"{tmp_path}/r.html"),
    )
    assert done.returncode == 3
    assert peak < 200 * 1024
    assert (tmp_path / "r.csv").read_text().count("\n") == 100_001


def test_what_is_no_number_is_told_drawn_and_fixed_from_the_report(
    shop: psycopg.Connection, audit: Run, tmp_path: Path
) -> None:
    """A page that failed for one product would keep the alert about all of them from being sent."""
    mend(shop)
    behind(
        shop,
        "update products set quantity_on_hand = 'NaN' where sku = 'TEA'",
        "update products set total_stock = '-Infinity' where sku = 'RICE'",
    )
    exports = [tmp_path / f"report.{kind}" for kind in ("json", "csv", "html")]
    assert audit(*(f"--export={path}" for path in exports)).exit_code == 3
    report = json.loads(exports[0].read_text(), parse_float=Decimal)
    VALIDATOR.validate(report)
    stocks = {f["sku"]: f["stock"] for f in report["findings"]}
    assert stocks["TEA"]["quantity_on_hand"] == "NaN"
    assert stocks["RICE"]["total_stock"] == "-Infinity"
    assert ">NaN<" in exports[2].read_text()
    compared = audit("--compare", str(exports[0]), str(exports[0]))
    assert "Still there: 2" in compared.stderr
    rows = shop.execute(
        "select sku, change, before, after, skipped"
        " from stocksync.fix_dry_run('{fields}', null, %s::jsonb)", (exports[0].read_text(),)
    ).fetchall()  # fmt: skip
    assert rows == [
        ("TEA", "quantity_on_hand", "NaN", "7", None),
        ("RICE", "total_stock", "-Infinity", "5", None),
    ]


def test_what_the_api_shows_without_an_id_does_not_spoil_the_report(
    shop: psycopg.Connection, audit: Run, tmp_path: Path
) -> None:
    (tmp_path / "api.json").write_text('[{"id": 1, "quantity": 7}, {"quantity": 3}]')
    paths = [tmp_path / "report.json", tmp_path / "report.html"]
    done = audit(f"--api-file={tmp_path / 'api.json'}", *(f"--export={path}" for path in paths))
    assert "API: no id" in done.stdout
    assert "shows it without an id" in paths[1].read_text()
    assert "Still there: 3" in audit("--compare", str(paths[0]), str(paths[0])).stderr
    plan = "select sku from stocksync.fix_dry_run('{fields}', null, %s::jsonb)"
    assert {sku for (sku,) in shop.execute(plan, (paths[0].read_text(),))} == {"MILK", "RICE"}
