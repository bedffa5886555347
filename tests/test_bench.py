"""The benchmark runs, checks itself, and would notice stock that is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.report import Row, Target


@pytest.mark.long
def test_a_tiny_run_is_exact_and_says_so(tmp_path: Path) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench", "--quick", "--only", "bulk", "--only", "lines"),
            *("--rows", "2000", "--repetitions", "1", "--seconds", "1"),
            *("--json", tmp_path / "figures.json", "--markdown", tmp_path / "figures.md"),
        ],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "- exact: after each of 4 measurements" in run.stdout
    assert run.stdout == (tmp_path / "figures.md").read_text()
    figures = json.loads((tmp_path / "figures.json").read_text())["figures"]
    assert {row["side"] for row in figures} == {"ours", "ordered"}
    [failed] = [row for row in figures if row["figure"].startswith("failed")]
    assert failed["verdict"] == "met"


@pytest.mark.parametrize(
    ("values", "base", "ratio", "verdict"),
    [
        ([90, 80, 85], [100, 100, 100], "0.85 (0.80..0.90)", "**not met**"),
        ([98, 110, 97], [100, 100, 100], "not told apart (0.97..1.10)", "met"),
        (
            [92, 95, 96],
            [100, 100, 100],
            "0.95 (0.92..0.96)",
            "met by the median, within the spread",
        ),
    ],
)
def test_a_ratio_is_given_only_if_it_is_larger_than_its_spread(
    values: list[float], base: list[float], ratio: str, verdict: str
) -> None:
    row = Row("figure", "ours", "tx/s", values, base, Target(least=0.93))
    assert (row.ratio, row.verdict) == (ratio, verdict)
