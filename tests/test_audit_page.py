"""The page of an audit, as a browser shows it and a shop manager reads it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from audit_helpers import record_audit, stock
from helpers import only, product

from stocksync.audits import Report

NAMES = {
    "A": 'Tea "Earl Grey" & <b>milk</b>',
    "B": "<script>document.title = 'taken'</script>",
    "C": "شاي أخضر \u202e evil",
    "D": "{{ 7 * 7 }} {% raw %}",
    "E": "</script><img src=http://127.0.0.1:9/x onerror=alert(1)>",
}


@pytest.fixture
def run(ledger: psycopg.Connection) -> int:
    """The last of three audits: it found each of the products wrong, and what is no product."""
    for sku, name in NAMES.items():
        product(ledger, sku, name=name)
    for day in (1, 2):
        record_audit(ledger, stock(1, classes=["negative"]), started_at=f"2026-05-0{day} 02:00Z")
    ledger.execute("set timezone = 'UTC'")
    by_hand = {"class": "on_hand_vs_ledger", "cause": "manual_update", "text": 'Set by "ann".'}
    hidden = {"class": "missing_from_api", "cause": "inactive", "text": "It is <i>inactive</i>."}
    return record_audit(
        ledger,
        stock(1, quantity_on_hand=17, classes=["on_hand_vs_ledger"], reasons=[by_hand]),
        stock(2, 30, api=-20, api_id="b", classes=["on_hand_vs_api"]),
        stock(3, 8, status="inactive", classes=["missing_from_api"], reasons=[hidden]),
        stock(4, "0.000001", quantity_on_hand=0, classes=["on_hand_vs_ledger"], reasons=[by_hand]),
        stock(5, batches=4, classes=["on_hand_vs_batches"]),
        {"product_id": 77, "ledger": 4, "classes": ["orphan_movement"]},
        {"product_id": None, "api_id": "<ghost>", "api": 12, "classes": ["unknown_to_shop"]},
        reading=1,
    )


def html(db: psycopg.Connection, run: int, sources: list[str] | None = None) -> str:
    out = StringIO()
    with redirect_stdout(out):
        Report(db, run, sources).write_html()
    return out.getvalue()


def test_nothing_of_a_name_becomes_part_of_the_page(ledger: psycopg.Connection, run: int) -> None:
    page = html(ledger, run)
    assert page.count("<script>") == 1
    assert not re.search("<img|<b>milk|<i>inactive|<ghost|http:(?!//127.0.0.1:9/x)|https:", page)
    assert "{{ 7 * 7 }}" in page


def test_an_audit_that_found_nothing_says_so(ledger: psycopg.Connection) -> None:
    page = html(ledger, record_audit(ledger))
    assert "Everything agrees" in page
    assert "<table" not in page


def test_a_page_of_many_findings_is_cut_and_says_so(ledger: psycopg.Connection) -> None:
    run = record_audit(ledger)
    ledger.execute(
        "insert into stocksync.findings (run_id, api_id, api, movements, classes)"
        " select %s, 'x' || i, i, 0, '{unknown_to_shop}' from generate_series(1, 2345) as i",
        (run,),
    )
    page = html(ledger, run)
    assert "345 more are not listed" in page
    assert page.count('<bdi class="sku">x') >= 2000
    assert ">2345</dd>" in page


# In a browser -------------------------------------------------------------------------------------

PAGE_WIDTHS = {"desk": 1200, "telephone": 390}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("STOCKSYNC_BROWSER") or shutil.which("chromium")
    assert program, "install Debian's package chromium, or name another one in STOCKSYNC_BROWSER"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program)
        yield chromium
        chromium.close()


class Shown:
    """A page in a browser, with what it complained of and what it asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def cells(self, column: int) -> list[str]:
        """Return what is visible in a column of the table of all findings."""
        rows = self.page.locator("#findings tbody tr:visible")
        return [row.locator("th, td").nth(column).inner_text() for row in rows.all()]


@pytest.mark.browser
@pytest.mark.parametrize("width", PAGE_WIDTHS.values(), ids=PAGE_WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_manager_sees_charts_and_the_numbers_of_the_report(
    ledger: psycopg.Connection, run: int, browser: Any, tmp_path: Path, scheme: str, width: int
) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(ledger, run), encoding="utf-8")
    report = only(ledger, "select stocksync.audit_report(%s)", (run,))
    shown = Shown(browser, path, color_scheme=scheme, viewport={"width": width, "height": 800})
    page = shown.page

    for name in ("products", "mismatches"):
        assert page.locator(f"#{name}").inner_text() == str(report["summary"][name])
    assert page.locator("#hidden").inner_text() == "1"
    # each finding, the furthest apart first, with its names as they are
    assert [cell.split(" ")[0] for cell in shown.cells(0)] == [
        "B", "<ghost>", "C", "A", "E", "product", "D"
    ]  # fmt: skip
    assert all(any(name in cell for cell in shown.cells(0)) for name in list(NAMES.values())[:2])
    on_hand = [finding["stock"]["quantity_on_hand"] for finding in report["findings"]]
    assert shown.cells(1) == ["" if value is None else str(value) for value in on_hand]
    spreads = [float(text) for text in shown.cells(8)]
    assert spreads == [finding["spread"] for finding in report["findings"]]

    # the charts are there, and as long as the numbers say
    charts = page.locator("figure.chart")
    assert charts.count() == 7 + 2 + 1
    for chart in charts.all():
        box = chart.bounding_box()
        assert box["width"] > 200
        assert box["height"] > 30
    causes = page.locator("#causes")
    assert causes.locator("dt").all_inner_texts() == ["unknown", "manual update", "inactive"]
    assert causes.locator("span").all_inner_texts() == ["4", "2", "1"]
    lengths = [bar.bounding_box()["width"] for bar in causes.locator("rect.value").all()]
    assert lengths[1] == pytest.approx(lengths[0] / 2, abs=1)
    assert page.locator("#trend span").all_inner_texts()[:3] == ["1", "1", "7"]

    # nothing sticks out of a narrow screen, nothing is asked of anybody, nothing went wrong
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.title() == f"Stock audit of {ledger.info.dbname}, 2026-05-04"
    assert shown.requests == [path.as_uri()]
    assert shown.complaints == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 27)"
    assert dark == (scheme == "dark")
    page.close()


@pytest.mark.browser
def test_the_table_is_searched_and_sorted(
    ledger: psycopg.Connection, run: int, browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(ledger, run), encoding="utf-8")
    shown = Shown(browser, path)
    search = shown.page.get_by_label("Search")
    search.fill("EARL grey")
    assert [cell[0] for cell in shown.cells(0)] == ["A"]
    assert shown.page.locator("#found").inner_text() == "1 of 7"
    search.fill("")
    assert len(shown.cells(0)) == 7

    head = shown.page.locator("#findings th").nth(8)
    spreads = []
    for direction in ("ascending", "descending"):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        spreads.append([float(text) for text in shown.cells(8)])
    assert spreads == [sorted(spreads[0]), sorted(spreads[0], reverse=True)]
    assert shown.complaints == []
    shown.page.close()


@pytest.mark.browser
def test_without_scripts_it_can_still_be_read(
    ledger: psycopg.Connection, run: int, browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(ledger, run), encoding="utf-8")
    shown = Shown(browser, path, java_script_enabled=False)
    assert len(shown.cells(0)) == 7
    assert not shown.page.locator("#search").is_visible()
    shown.page.close()
