"""The benchmark runs, checks itself, would notice wrong stock, and refuses what is noise."""

import json
import math
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.bench import pgbench, plots
from tests.bench.figure import Figure, Shown, measure
from tests.bench.harness import Database, Sample, add_products
from tests.bench.latency import percentile
from tests.bench.report import Row, Target, markdown


def bench(tmp_path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the benchmark; leave figures.json, figures.md and the plots in ``tmp_path``."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench", "--quick", *arguments, "--seconds", "1"),
            *("--json", tmp_path / "figures.json", "--markdown", tmp_path / "figures.md"),
            *("--plots", tmp_path),
        ],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_a_tiny_run_is_exact_and_says_so(tmp_path: Path) -> None:
    run = bench(tmp_path, "--only", "imports", "--only", "growth", "--rows", "2000")
    assert run.returncode == 0, run.stderr
    assert "- exact: after each of " in run.stdout
    assert run.stdout == (tmp_path / "figures.md").read_text()
    written = json.loads((tmp_path / "figures.json").read_text())
    assert {row["place"].get("axis") for row in written["figures"]} == {
        *(None, "movements", "products")
    }
    assert all(len(row["values"]) == 2 for row in written["figures"])
    assert "imports" in written["machine"]["taken in"]
    assert (tmp_path / "growth.svg").exists()


@pytest.mark.long
def test_three_lines_over_few_products_never_fail(tmp_path: Path) -> None:
    run = bench(tmp_path, "--only", "lines", "--repetitions", "1")
    assert run.returncode == 0, run.stderr
    rows = json.loads((tmp_path / "figures.json").read_text())["figures"]
    assert {row["side"] for row in rows} == {"wait", "never_wait"}
    assert {row["ratio"] for row in rows} == {None}  # one round says nothing of its spread
    assert [row["verdict"] for row in rows if row["unit"] == "share"] == ["met", "met"]


def test_a_product_that_is_wrong_and_a_movement_that_is_missing_are_noticed(
    db: psycopg.Connection, db_url: str
) -> None:
    database = Database("wait", db_url, db, 2)
    add_products(database)
    db.execute(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " values (1, 'purchase', 5), (2, 'purchase', 7)"
    )
    assert database.check(2) == 0
    with pytest.raises(pgbench.BenchError, match="wait: 2 movements, 3 were inserted"):
        database.check(3)
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("update products set quantity_on_hand = 6 where id = 1")
    assert database.check(2) > 0


@pytest.mark.parametrize(
    ("values", "base", "ratio", "verdict"),
    [
        ([90, 80, 85], [100, 100, 100], "0.85 (0.80..0.90)", "**not met**"),
        # one round says more, another less
        ([98, 110, 97], [100, 100, 100], "not told apart (0.97..1.10)", "met"),
        # all say less, but differ by more than that
        ([80, 99, 90], [100, 100, 100], "not told apart (0.80..0.99)", "**not met** by the median"),
        ([92, 95, 96], [100, 100, 100], "0.95 (0.92..0.96)", "met by the median"),
        ([7, 6, 8], [100, 100, 100], "0.07 (0.06..0.08)", "**not met**"),
        ([100, 100, 100], [100, 100, 100], "not told apart (1.00..1.00)", "met"),
        ([100, 100], [0, 0], "the base is zero", "not measured"),
        ([50], [100], "one round only", "**not met**"),
    ],
)
def test_a_ratio_is_given_only_if_it_is_larger_than_its_spread(
    values: list[float], base: list[float], ratio: str, verdict: str
) -> None:
    row = Row("figure", "ours", "tx/s", values, "bare", base, Target(least=0.93))
    assert row.ratio == ratio
    assert row.verdict.removesuffix(", within the spread") == verdict
    assert (row.as_json()["ratio"] is None) == (" (" not in ratio or not row.told_apart)


@pytest.mark.parametrize("factors", [(0.5, 0.8, 0.65), (0.9, 0.95, 0.92), (0.97, 1.1, 0.98)])
def test_the_rule_is_the_same_seen_from_the_other_side(factors: tuple[float, ...]) -> None:
    ones = [1.0] * len(factors)
    of, beside = (
        Row("f", "a", "s", [*factors], "b", ones),
        Row("f", "b", "s", ones, "a", [*factors]),
    )
    assert of.told_apart == beside.told_apart


def test_medians_and_both_spreads_are_shown_whether_told_apart_or_not() -> None:
    rows = [Row("figure", "ours", "s", [1.0, 3.0, 2.0], "bare", [2.0, 1.0, 4.0])]
    assert (
        "| figure | ours | 2 (1..3) s | bare | 2 (1..4) s | not told apart (0.50..3.00) |"
        in markdown(rows, {})
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.25, "0.25"), (42.04, "42"), (999.4, "999"), (999.9, "1,000"), (1e6, "1,000,000")],
)
def test_numbers_are_shown_as_people_write_them(value: float, shown: str) -> None:
    assert f"| figure | ours | {shown} bytes |" in markdown(
        [Row("figure", "ours", "bytes", [value])], {}
    )


def test_what_was_swept_is_one_grid() -> None:
    def row(clients: int, side: str, rate: float) -> Row:
        place = {"plot": "throughput", "load": "hot", "commit": 2.0, "clients": clients}
        return Row("", side, "tx/s", [rate], place=place)

    table = markdown([row(1, "bare", 500), row(16, "bare", 6000), row(16, "wait", 370)], {})
    assert "| hot | 2 ms | bare | 500 | 6,000 |\n| hot | 2 ms | wait |  | 370 |\n" in table


def test_sides_are_measured_in_turn_and_shown_as_they_are_said() -> None:
    order: list[str] = []

    def side(name: str, value: float) -> Sample:
        order.append(name)
        return Sample(value, failed=0.25, wrong=1, extra={"wal": value * 10}, note="so")

    figure = Figure(
        "title",
        "tx/s",
        {"bare": lambda: side("bare", 4), "ours": lambda: side("ours", 2)},
        [
            Shown("ours", target=Target(least=0.4)),
            Shown("ours", None, title="WAL", unit="bytes", part="wal"),
            Shown("ours", None, title="failed", unit="share", part="failed"),
        ],
    )
    told: list[str] = []
    rate, wal, failed = measure(figure, 3, told.append)
    assert order == ["bare", "ours"] * 3
    assert told[:2] == ["title [1] bare: 4", "title [1] ours: 2"]
    assert (rate.figure, rate.ratios, rate.verdict) == ("title", [0.5] * 3, "met")
    assert rate.notes == ["25 % failed", "stock wrong of 1 product", "so"]
    assert (wal.figure, wal.unit, wal.values, wal.base) == ("WAL", "bytes", [20] * 3, [])
    assert (failed.values, failed.notes) == ([0.25] * 3, ["stock wrong of 1 product", "so"])


def test_the_warm_up_is_in_no_rate_and_no_latency() -> None:
    load = pgbench.parse(
        "number of transactions actually processed: 1000\n"
        "number of failed transactions: 10 (0.990%)\ntps = 333.333333 (without initial connection)",
        "progress: 1.0 s, 200.0 tps, lat 1\nprogress: 2.0 s, 300.0 tps, lat 1\n"
        "progress: 3.0 s, 500.0 tps, lat 1",
        ["0 1 900 0 100 0", "0 2 failed 0 101 500000", "1 1 700 0 101 0", "1 2 800 0 102 0"],
    )
    assert math.isclose(load.rate, 400, rel_tol=1e-6)
    assert (load.rates, load.latencies) == ([200, 300, 500], [700, 800])
    assert math.isclose(load.failed_share, 10 / 1010)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 500), (0.99, 990), (0.999, 999), (1, 1000)])
def test_a_percentile_is_what_that_share_did_not_exceed(share: float, expected: int) -> None:
    assert percentile(list(range(1000, 0, -1)), share) == expected


def test_plots_are_drawn_from_the_raw_figures_and_always_the_same(tmp_path: Path) -> None:
    def row(side: str, median: float, unit: str, **place: str | float) -> dict[str, object]:
        return {"side": side, "median": median, "unit": unit, "place": place}

    rows = [
        *(
            row(side, 100.0 * clients, "tx/s", **where, clients=clients)
            for where in (
                {"plot": "throughput", "load": load, "commit": commit}
                for load in ("spread", "one hot product")
                for commit in (0.0, 2.0)
            )
            for side in ("bare", "never_wait", "ordered")
            for clients in (1, 16)
        ),
        *(
            row("wait", 3.5, "ms", plot="latency", load="spread", percentile=name)
            for name in ("p50", "p99")
        ),
        *(
            row("any", 250.0, "us", plot="growth", axis=axis, fixed="else", x=x, cost="insert")
            for axis in ("movements", "products")
            for x in (1000, 100_000)
        ),
        row("ours", 1.0, "s"),  # in no plot
    ]
    names = ["throughput.svg", "latency.svg", "growth.svg"]
    first = [path.read_bytes() for path in plots.draw(rows, tmp_path / "first")]
    again = [path.read_bytes() for path in plots.draw(rows, tmp_path / "again")]
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == sorted(names)
    assert first == again
    throughput, latency, growth = (data.decode() for data in first)
    for text in ("one hot product", "commit of 2 ms", "by hand: ordered statement trigger"):
        assert f">{text}</text>" in throughput
    assert ">3.5</text>" in latency
    assert ">100,000</text>" in growth
    assert plots.draw([rows[-1]], tmp_path / "none") == []
