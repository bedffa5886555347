"""``stocksync fix``: shows first, does it with --live, says what is left, and tells the shop."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import threading
from pathlib import Path

import psycopg
import pytest
import urllib3
from click.testing import CliRunner
from helpers import Actor, differences, move, only, product, stock, wait_until, wait_until_blocked
from pytest_httpserver import HTTPServer
from test_alerts import free_port
from test_cli import PROGRAM
from werkzeug import Request, Response

from stocksync import hooks
from stocksync.cli import cli
from stocksync.cli import fix as command


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No hook of this machine is told, and backups go to a directory of the test's own."""
    for name in os.environ:
        if name.startswith("STOCKSYNC_FIX"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STOCKSYNC_BACKUP_DIR", str(tmp_path / "backups"))


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """Three products: A changed by hand (7 instead of 10), the batches of B lack 2, C is right."""
    move(ledger, product(ledger, "A", name="Apple"), 10)
    move(ledger, product(ledger, "B", name='"B"\x1b[31m', tracks_batches=True), 5)
    move(ledger, product(ledger, "C", name="Carrot"), 1)
    ledger.execute("update products set quantity_on_hand = 7 where id = 1")
    with ledger.transaction():
        ledger.execute("set local session_replication_role = replica")
        ledger.execute("update stock_batches set quantity_remaining = 3")
    return ledger


@pytest.fixture
def run(ledger_url: str):
    """Run the command in this process; returns exit status, stdout, stderr."""

    def invoke(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(cli, ["--database-url", ledger_url, *arguments])
        return done.exit_code, done.stdout, done.stderr

    return invoke


@pytest.fixture
def report(run, tmp_path: Path):
    """Write the report of an audit made now."""

    def write(name: str = "report.json") -> Path:
        path = tmp_path / name
        assert run("audit", "--export", str(path), "--exit-code", "0")[0] == 0
        return path

    return write


# Dry and live -------------------------------------------------------------------------------------


def test_it_is_dry_and_says_how_to_apply(shop: psycopg.Connection, run) -> None:
    before = shop.execute("select * from products order by id").fetchall()
    assert run("fix", "--all") == (
        0,
        "Product ID  SKU  Name         Kind     Change            Before  After  Skipped\n"
        "----------  ---  -----------  -------  ----------------  ------  -----  -------\n"
        "         1  A    Apple        fields   quantity_on_hand  7       10\n"
        '         2  B    "B"\\x1b[31m  batches  batches           3       5\n',
        "Products to be fixed: 2\nNothing is changed yet. Run the same with --live to apply.\n",
    )
    assert shop.execute("select * from products order by id").fetchall() == before
    assert only(shop, "select count(*) from stocksync.runs") == 0


def test_an_undo_that_would_be_refused_is_not_recommended(shop: psycopg.Connection, run) -> None:
    status, _, said = run("fix", "--batches", "--live")
    assert status == 0
    assert "Fixed by run 1. Nothing to take back: batches, roll-up" in said
    assert run("undo", "1", "--live")[0] == 1


def test_live_does_what_dry_showed_audits_it_and_says_how_to_undo_it(
    shop: psycopg.Connection, run
) -> None:
    dry = json.loads(run("fix", "--all", "--json")[1])
    status, printed, said = run("fix", "--all", "--live", "--json")
    assert (status, json.loads(printed)) == (0, dry)
    assert said == (
        "Products fixed: 2\n"
        "Fixed by run 1. Take it back with `stocksync undo 1 --live`.\n"
        "Products that the audit afterwards (run 2) finds wrong: 0\n"
    )
    assert differences(shop) == []
    assert only(shop, "select count(*) from stocksync.batch_discrepancies()") == 0

    assert run("fix", "--all", "--live") [1:] == (
        "Product ID  SKU  Name  Kind  Change  Before  After  Skipped\n"
        "----------  ---  ----  ----  ------  ------  -----  -------\n",
        "Products fixed: 0\nNothing was fixed.\n",
    )  # fmt: skip
    assert run("undo", "1", "--live")[0] == 0
    assert stock(shop, 1) == 7
    # the batches are no stock of their own, and stay what the movements say
    assert json.loads(run("fix", "--all", "--json")[1]) == dry[:1]


@pytest.mark.parametrize(
    ("options", "skus"),
    [
        (["--fields"], ["A"]),
        (["--batches"], ["B"]),
        (["--fields", "--batches"], ["A", "B"]),
        (["--missing"], []),
        (["--ledger"], []),
        (["--all", "--fields"], ["A", "B"]),
        (["--all", "--sku", "B"], ["B"]),
        (["--all", "--product-id", "1"], ["A"]),
        (["--fields", "--sku", "C"], []),
    ],
)
def test_only_what_is_asked_for(
    shop: psycopg.Connection, run, options: list[str], skus: list[str]
) -> None:
    assert [row["sku"] for row in json.loads(run("fix", *options, "--json")[1])] == skus


def test_what_an_audit_still_finds_is_the_exit_status(shop: psycopg.Connection, run) -> None:
    shop.execute("update products set quantity_on_hand = 6 where id = 2")
    status, _, said = run("fix", "--fields", "--live")
    assert status == 3
    assert "Products that the audit afterwards (run 2) finds wrong: 1\n" in said
    assert "See them with `stocksync audit`.\n" in said
    assert run("fix", "--batches", "--live")[0] == 0


def test_an_operator_fixes_and_nobody_else(
    shop: psycopg.Connection, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role, dry, live in (
        ("stocksync_app", 1, 1),
        ("stocksync_auditor", 0, 1),
        ("stocksync_operator", 0, 0),
    ):
        monkeypatch.setenv("PGOPTIONS", f"-c role={role}")
        assert (run("fix", "--all")[0], run("fix", "--all", "--live")[0]) == (dry, live), role
    monkeypatch.delenv("PGOPTIONS")
    assert differences(shop) == []


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--live"],
        ["--backup"],
        ["--fields", "--sku", "A", "--product-id", "1"],
        ["--from-report", "/nowhere/report.json"],
        ["--from-report", "/"],
        ["--fields", "--product-id", "one"],
    ],
)
def test_contradictions_are_wrong_usage(shop: psycopg.Connection, run, options: list[str]) -> None:
    assert run("fix", *options)[0] == 2


def test_an_unknown_product_is_an_error(shop: psycopg.Connection, run) -> None:
    for options in (["--sku", "no 'such'"], ["--product-id", "99"]):
        for live in ([], ["--live"]):
            status, printed, said = run("fix", "--all", *options, *live)
            assert (status, printed) == (1, "")
            assert said.startswith("error: ")


def test_two_at_once_fix_each_product_once(
    shop: psycopg.Connection, ledger_url: str, actor
) -> None:
    holder: Actor = actor("holder")
    holder("begin")
    holder("select from products where id = 1 for no key update")
    fix = [*PROGRAM, "--database-url", ledger_url, "-q", "fix", "--all", "--live", "--json"]
    started = [subprocess.Popen(fix, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    wait_until_blocked(shop, "stocksync")
    holder("commit")
    rows = [row for process in started for row in json.loads(process.communicate()[0])]
    assert sorted(row["sku"] for row in rows if row["skipped"] is None) == ["A", "B"]
    assert [process.returncode for process in started] == [0, 0]
    assert differences(shop) == []


def test_killed_in_the_middle_it_is_run_again(
    shop: psycopg.Connection, ledger_url: str, run, actor
) -> None:
    holder: Actor = actor("holder")
    holder("begin")
    holder("select from products where id = 1 for no key update")
    fix = [*PROGRAM, "--database-url", ledger_url, "fix", "--all", "--live"]
    process = subprocess.Popen(fix, stderr=subprocess.PIPE, text=True)
    wait_until_blocked(shop, "stocksync")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "interrupted\n")
    holder("commit")
    wait_until(
        shop,
        "select not exists (select from pg_stat_activity where datname = current_database()"
        " and application_name = 'stocksync' and state = 'active')",
    )
    assert run("fix", "--all", "--live")[0] == 0
    assert differences(shop) == []


# Reports ------------------------------------------------------------------------------------------


def test_only_what_a_report_names_is_fixed(shop: psycopg.Connection, run, report) -> None:
    file = report()
    shop.execute("update products set quantity_on_hand = 99 where id = 3")
    for kinds, skus in (([], ["A", "B"]), (["--fields"], ["A"])):
        rows = json.loads(run("fix", "--from-report", str(file), *kinds, "--json")[1])
        assert [(row["sku"], row["skipped"]) for row in rows] == [(sku, None) for sku in skus]
    status, _, said = run("fix", "--from-report", str(file), "--live")
    assert (status, said.splitlines()[0]) == (0, "Products fixed: 2")
    assert stock(shop, 3) == 99


@pytest.mark.parametrize("live", [[], ["--live"]])
def test_what_has_changed_since_the_report_is_skipped_and_said(
    shop: psycopg.Connection, run, report, live: list[str]
) -> None:
    file = report()
    move(shop, 1, 1)
    status, printed, said = run("fix", "--from-report", str(file), *live, "--json")
    assert status == 0
    rows = {row["sku"]: row["skipped"] for row in json.loads(printed)}
    assert rows["B"] is None
    assert "changed since the report" in rows["A"]
    assert "Changes skipped, " in said
    assert stock(shop, 1) == 8


def test_a_report_that_was_saved_by_windows(shop: psycopg.Connection, run, report) -> None:
    file = report("report \u00e9.json")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert run("fix", "--from-report", str(file))[0] == 0


REPORT = (
    b'{"schema": "stocksync-audit-1", "database": "HERE", "run": 1, "sources": [], "scope":'
    b' {"products": null, "product_id": null, "deep": false}, "findings": [%s]}'
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not the report of an audit"),
        (b"not json", "is not the report of an audit"),
        (b'{"schema": "stocksync-audit-1", "find', "is not the report of an audit"),
        (b'"\\u0000"', "is not the report of an audit"),
        (b"\0", "is not the report of an audit"),
        (b"\xff\xfe{\0}\0", "is not the report of an audit"),
        (b"null", "the report given is none of an audit"),
        (b"[]", "the report given is none of an audit"),
        (b'{"findings": []}', "the report given is none of an audit"),
        (
            b'{"schema": "stocksync-audit-2", "findings": []}',
            "the report given is none of an audit",
        ),
        (REPORT.replace(b"HERE", b"x") % b"", 'the report is of database "x"'),
        (
            REPORT % b'{"product_id": "1; drop table products"}',
            "the report given is none of an audit",
        ),
    ],
)
@pytest.mark.parametrize("live", [[], ["--live"]])
def test_what_is_no_report_is_said_in_one_sentence(
    shop: psycopg.Connection, run, tmp_path: Path, content: bytes, message: str, live: list[str]
) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(content.replace(b"HERE", shop.info.dbname.encode()))
    status, printed, said = run("fix", "--from-report", str(file), *live)
    assert (status, printed) == (1, "")
    assert said.startswith("error: ")
    assert message in said.splitlines()[0]
    assert "Traceback" not in said
    assert only(shop, "select count(*) from stocksync.incidents") == 0


def test_a_report_that_is_too_big(
    shop: psycopg.Connection, run, report, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = report()
    monkeypatch.setattr(command, "_LARGEST_REPORT", 100)
    status, _, said = run("fix", "--from-report", str(file))
    assert status == 1
    assert f'error: "{file}" is too big for a report: {file.stat().st_size:,} bytes\n' in said


# Backup first -------------------------------------------------------------------------------------


def test_a_backup_is_made_first(
    shop: psycopg.Connection, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("fix", "--all", "--backup")[0] == 0  # dry: nothing is made
    assert not (tmp_path / "backups").exists()
    status, _, said = run("fix", "--all", "--live", "--backup")
    assert status == 0
    [file] = (tmp_path / "backups").iterdir()
    assert said.splitlines()[0].endswith(f'read back whole: "{file}".')
    assert said.splitlines()[1] == "Products fixed: 2"


def test_where_the_backup_fails_nothing_is_fixed(
    shop: psycopg.Connection, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKSYNC_BACKUP_DIR", "/dev/null/here")
    status, printed, said = run("fix", "--all", "--live", "--backup")
    assert (status, printed) == (1, "")
    assert said.startswith('error: cannot make "/dev/null/here"')
    assert stock(shop, 1) == 7
    assert only(shop, "select count(*) from stocksync.runs") == 0


# Hooks --------------------------------------------------------------------------------------------


@pytest.fixture
def hook(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("STOCKSYNC_FIX_WEBHOOK", httpserver.url_for("/hook/secret-path"))
    return httpserver


def run_script(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("STOCKSYNC_FIX_COMMAND", shlex.join(["sh", "-c", text]))


def test_the_shop_is_told_what_was_fixed(
    shop: psycopg.Connection,
    run,
    hook: HTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("STOCKSYNC_FIX_WEBHOOK_TOKEN", "t0ken")
    hook.expect_oneshot_request("/hook/secret-path", method="POST").respond_with_data("", 204)
    run_script(monkeypatch, f"cat > {tmp_path}/told")
    status, _, said = run("fix", "--all", "--live")
    assert status == 0
    assert said.endswith(
        "Told the webhook of STOCKSYNC_FIX_WEBHOOK.\nTold the command of STOCKSYNC_FIX_COMMAND.\n"
    )
    [(request, _)] = hook.log
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert request.get_json() == {
        "text": f"stocksync {shop.info.dbname}: fix 1 (fields, ledger, batches, missing)"
        " changed 2 products",
        "database": shop.info.dbname,
        "run": 1,
        "kinds": ["fields", "ledger", "batches", "missing"],
        "products_total": 2,
        "products_cut": False,
        "products": [{"id": 1, "sku": "A"}, {"id": 2, "sku": "B"}],
    }
    assert json.loads((tmp_path / "told").read_text()) == request.get_json()


def test_a_long_list_is_cut_and_says_so(
    shop: psycopg.Connection, run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "_TOLD", 1)
    run_script(monkeypatch, f"cat > {tmp_path}/told")
    run("fix", "--all", "--live")
    told = json.loads((tmp_path / "told").read_text())
    assert (told["products_total"], told["products_cut"], len(told["products"])) == (2, True, 1)


def test_nobody_is_told_of_a_dry_run_nor_of_nothing(
    shop: psycopg.Connection, run, hook: HTTPServer
) -> None:
    run("fix", "--all")
    run("fix", "--fields", "--sku", "C", "--live")
    assert hook.log == []


def test_a_hook_that_fails_leaves_the_fix_and_tells(
    shop: psycopg.Connection, run, hook: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hook.expect_request("/hook/secret-path").respond_with_data("", 403)
    run_script(monkeypatch, f"cat > {tmp_path}/told")
    status, printed, said = run("-q", "fix", "--all", "--live", "--json")
    assert status == 1
    assert len(json.loads(printed)) == 2
    assert said == (
        "error: the webhook of STOCKSYNC_FIX_WEBHOOK was not told: HTTP 403 FORBIDDEN\n"
        "hint: The fix stands. Clear the shop's cache by hand.\n"
    )
    assert (tmp_path / "told").exists()
    assert differences(shop) == []


@pytest.mark.parametrize(
    ("variable", "where"),
    [
        ("WEBHOOK", "http://127.0.0.1:{port}/hook/secret-path"),
        ("WEBHOOK", "ftp://127.0.0.1/hook/secret-path"),
        ("WEBHOOK", "secret-path"),
        ("COMMAND", "false"),
        ("COMMAND", "/nowhere/clear-cache"),
        ("COMMAND", "sh -c 'no end"),
        ("COMMAND", " "),
    ],
)
def test_a_hook_that_leads_nowhere(
    shop: psycopg.Connection, run, monkeypatch: pytest.MonkeyPatch, variable: str, where: str
) -> None:
    monkeypatch.setenv(f"STOCKSYNC_FIX_{variable}", where.format(port=free_port()))
    status, _, said = run("fix", "--all", "--live")
    assert status == 1
    assert f"of STOCKSYNC_FIX_{variable} was not told: " in said
    assert "secret-path" not in said
    assert "Traceback" not in said
    assert differences(shop) == []


def test_hooks_that_take_too_long(
    shop: psycopg.Connection, run, hook: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "WEBHOOK_TIMEOUT", urllib3.Timeout(connect=5, read=0.2))
    monkeypatch.setattr(hooks, "COMMAND_TIMEOUT", 0.2)
    waiting = threading.Event()

    def slow(_request: Request) -> Response:
        waiting.wait(10)
        return Response("")

    hook.expect_request("/hook/secret-path").respond_with_handler(slow)
    run_script(monkeypatch, "sleep 1000")
    try:
        status, _, said = run("fix", "--all", "--live")
    finally:
        waiting.set()
    assert status == 1
    assert "was not told: " in said
    assert "timed out" in said
    assert "did not end within 0.2 seconds" in said
    assert differences(shop) == []


def test_events_as_json(shop: psycopg.Connection, run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKSYNC_FIX_COMMAND", "false")
    status, _, said = run("--log-format", "json", "fix", "--all", "--live")
    events = [json.loads(line) for line in said.splitlines()]
    assert status == 1
    assert any("was not told" in event["message"] for event in events if event["level"] == "error")
    assert any(event.get("context", {}).get("run") == 1 for event in events)
