"""Output: rows as people and programs read them, exactly, and of any number."""

import csv
import datetime
import io
import json
import os
import pty
import re
import subprocess
import sys
import tracemalloc
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from stocksync.output import (
    bar,
    emit,
    output_options,
    plain_number,
    progress,
    sparkline,
    to_json,
)

COLUMNS = ("sku", "quantity", "at", "flag")
AT = datetime.datetime(2026, 5, 3, 14, 5, 9, 123456, tzinfo=datetime.UTC)
ROWS = [
    ("TEA", Decimal("15.000000"), AT, True),
    ("[red]茶\x1b[31m\n", Decimal("-0.50"), None, None),
]


@click.command()
@output_options
def show(output: str | None) -> None:
    emit(output, COLUMNS, iter(ROWS))


def printed(*arguments: str) -> Result:
    return CliRunner().invoke(show, arguments)


def test_a_table_is_aligned_and_harmless() -> None:
    assert printed().stdout.splitlines() == [
        "sku                quantity  at                         flag",
        "-----------------  --------  -------------------------  ----",
        "TEA                      15  2026-05-03 14:05:09+00:00  true",
        "[red]茶\\x1b[31m\\n      -0.5",
    ]


def test_csv_is_read_back_as_it_was() -> None:
    assert list(csv.reader(io.StringIO(printed("--csv").stdout, newline=""))) == [
        list(COLUMNS),
        ["TEA", "15", "2026-05-03T14:05:09.123456+00:00", "true"],
        ["[red]茶\x1b[31m\n", "-0.5", "", ""],
    ]


def test_json_is_an_array_of_objects() -> None:
    assert json.loads(printed("--json").stdout) == [
        {"sku": "TEA", "quantity": 15, "at": AT.isoformat(), "flag": True},
        {"sku": "[red]茶\x1b[31m\n", "quantity": -0.5, "at": None, "flag": None},
    ]


def test_no_rows() -> None:
    def of(output: str | None) -> str:
        command = click.Command("none", callback=lambda: emit(output, ("sku", "quantity"), []))
        return CliRunner().invoke(command).stdout

    assert of("json") == "[]\n"
    assert of("csv") == "sku,quantity\n"
    assert of(None) == "sku  quantity\n---  --------\n"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("15.000000", "15"),
        ("1500", "1500"),
        ("1.5E+3", "1500"),
        ("1E-7", "0.0000001"),
        ("-0.0", "0"),
        ("0.10", "0.1"),
        ("123456789012345678901234567890.123456", "123456789012345678901234567890.123456"),
    ],
)
def test_numbers_are_written_as_people_write_them(number, text) -> None:
    assert plain_number(Decimal(number)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_number_is_lost(number) -> None:
    assert Decimal(plain_number(number)) == number
    assert json.loads(to_json(number), parse_float=Decimal, parse_int=Decimal) == number


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_within_json_survives(value) -> None:
    assert json.loads(to_json(value)) == value


def test_what_json_has_no_word_for_is_a_string() -> None:
    assert to_json(Decimal("NaN")) == '"NaN"'
    assert to_json({"at": datetime.date(2026, 5, 3), "raw": b"\x01"}) == (
        '{"at": "2026-05-03", "raw": "\\\\x01"}'
    )
    assert to_json(datetime.timedelta(hours=1)) == '"1:00:00"'


@pytest.mark.parametrize("output", ["csv", "json"])
def test_memory_does_not_grow_with_the_rows(output, monkeypatch) -> None:
    def peak(number: int) -> int:
        with Path(os.devnull).open("w") as sink:
            monkeypatch.setattr(sys, "stdout", sink)
            tracemalloc.start()
            emit(output, ("id", "quantity"), ((i, Decimal(i)) for i in range(number)))
            _, result = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return result

    peak(10)  # what is allocated once
    assert peak(20_000) < peak(2_000) + 100_000


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([0, 0], "▁▁"),
        ([-3, 0, 7], "▁▁█"),
        ([1, 2, 3, 4, 5, 6, 7], "▂▃▄▅▆▇█"),
        (["0.000001", "1e15"], "▂█"),  # little is not nothing
        ([-5, -1], "▁▁"),
    ],
)
def test_a_sparkline_rises_with_the_values(values, drawn) -> None:
    assert sparkline([Decimal(value) for value in values]) == drawn


@pytest.mark.parametrize(
    ("value", "most", "drawn"),
    [(0, 0, ""), (-1, 5, ""), (5, 5, "████"), ("2.5", 5, "██"), ("0.001", 5, "▏"), (1, 3, "█▍")],
)
def test_a_bar_is_as_long_as_its_value(value, most, drawn) -> None:
    assert bar(Decimal(value), Decimal(most), 4) == drawn


def test_what_stdout_cannot_print_is_drawn_in_ascii(monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert sparkline([Decimal(0), Decimal(1), Decimal(7)]) == "_.#"
    assert bar(Decimal(1), Decimal(3), 4) == "##"


def on_a_terminal(code: str, **environment: str) -> str:
    """Run Python code with a terminal 40 columns wide as its stdout and stderr."""
    parent, child = pty.openpty()
    variables = {"TERM": "xterm-256color", "COLUMNS": "40", "PATH": os.environ["PATH"],
                 "PYTHONPATH": str(Path(__file__).parent.parent)}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=child,
        stderr=child,
        stdin=child,
        env={**variables, **environment},
    )
    os.close(child)
    written = b""
    while True:
        try:
            part = os.read(parent, 4096)
        except OSError:  # Linux says EIO where the other end is closed
            break
        if not part:
            break
        written += part
    os.close(parent)
    assert process.wait() == 0, written
    return written.decode()


WIDE = """
from decimal import Decimal
from stocksync.output import emit
emit(None, ("check_name", "status", "quantity"),
     [("a name that is much longer than the terminal is wide [red]", "failure", Decimal("1.50"))])
"""


def test_a_table_fits_the_terminal() -> None:
    text = on_a_terminal(WIDE)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(map(len, lines)) <= 40
    assert "[red]" in "".join(line.strip() for line in lines)
    assert "1.5" in text


DRAWN = """
from stocksync.output import Drawing, emit
emit(None, ("name", "drawn"), [("a name that is long and can be broken", Drawing("█" * 20))])
"""


def test_a_drawing_is_never_broken() -> None:
    lines = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(DRAWN)).splitlines()
    assert sum("█" * 20 in line for line in lines) == 1
    assert max(map(len, lines)) <= 40


def test_colours_are_for_terminals_that_want_them() -> None:
    assert "\x1b[31m" in on_a_terminal(WIDE)
    assert "\x1b[3" not in on_a_terminal(WIDE, NO_COLOR="1")
    assert "\x1b" not in printed().stdout


PROGRESS = """
from stocksync.output import progress
with progress("refreshing", 3, quiet={}) as advance:
    advance(3)
"""


def test_progress_is_for_terminals_and_not_for_the_quiet(capfd) -> None:
    assert "refreshing" in on_a_terminal(PROGRESS.format(False))
    assert on_a_terminal(PROGRESS.format(True)) == ""
    with progress("refreshing", 3) as advance:
        advance(1)
    assert capfd.readouterr() == ("", "")
