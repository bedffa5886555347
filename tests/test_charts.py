"""The stock as a curve: characters that fit, and files that are what their names say."""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from stocksync import charts
from stocksync.charts import Point, draw, plot
from stocksync.errors import StocksyncError


def points(*quantities: object) -> list[Point]:
    begin = datetime(2026, 10, 1, tzinfo=UTC)
    return [
        Point(begin + timedelta(days=n), Decimal(str(quantity)))
        for n, quantity in enumerate(quantities)
    ]


def test_a_curve_goes_up_and_down_in_steps() -> None:
    assert list(draw(points(0, 2, 2, -1), 20, 4)) == [
        " 2 ┤    ╭───────╮",
        "   ┤    │       │",
        " 0 ┤────╯┄┄┄┄┄┄┄│┄┄┄",
        "-1 ┤            ╰───",
        "    2026-10-01 00:00 2026-10-04 00:00",
    ]


def test_a_stock_that_stays_is_a_line() -> None:
    assert list(draw(points(5, 5), 43, 9)) == [
        "5 ┤" + "─" * 40,
        "   2026-10-01 00:00        2026-10-02 00:00",
    ]
    assert next(draw(points("1.50"), 8, 9)) == "1.5 ┤───"


def test_more_points_than_columns_lose_no_extreme() -> None:
    quantities = [0] * 500 + [90] + [0] * 300 + [-10] + [0] * 198
    lines = list(draw(points(*quantities), 60, 11))
    assert lines[0].startswith(" 90 ┤")
    assert lines[0].count("│") == 1
    assert lines[10].startswith("-10 ┤")
    assert lines[10].count("│") == 1
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize("width", [1, 40, 79, 200])
@pytest.mark.parametrize("height", [3, 12])
def test_it_fits_where_there_is_room_for_two_dates(width: int, height: int) -> None:
    lines = list(draw(points(*(n * n % 37 - 9 for n in range(100))), width, height))
    assert len(lines) == height + 1
    assert max(map(len, lines)) <= max(width, 40)


def test_what_stdout_cannot_print_is_drawn_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "can_print", lambda _: False)
    drawn = "\n".join(draw(points(0, 2, -1), 40, 6))
    assert drawn.isascii()
    assert "+" in drawn


@pytest.mark.parametrize("suffix", ["png", "svg", "PNG"])
def test_a_file_is_what_its_name_says(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"curve.{suffix}"
    charts.check(str(file))
    plot(points(1, -2, 3), 'A: $x^2$ & "más" <b>', str(file))
    if suffix == "svg":
        assert ElementTree.parse(file).getroot().tag.endswith("svg")
    else:
        assert file.read_bytes().startswith(b"\x89PNG")


def test_a_name_in_any_script_is_no_reason_to_fail(tmp_path: Path) -> None:
    plot(points(1, 2), "茶: 你好", str(tmp_path / "curve.png"))
    plot(points(1, 2), "茶: 你好", str(tmp_path / "curve.svg"))
    assert "茶: 你好" in (tmp_path / "curve.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["curve", "curve.pdf", "curve.png.txt", ""])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(StocksyncError, match="cannot plot to") as caught:
        charts.check(name)
    assert caught.value.hint == "Give a name that ends in .svg or .png."


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(StocksyncError, match="matplotlib is not installed") as caught:
        charts.check("curve.svg")
    assert "pip install 'stocksync[plot]'" in (caught.value.hint or "")


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StocksyncError, match=r"cannot write .* No such file or directory"):
        plot(points(1), "A", str(tmp_path / "no" / "curve.png"))
