"""The options that name an API, and the reading of it: twice where something differs."""

import json
import os
import random
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path

import click
import psycopg
import pytest
from api_helpers import found
from click.testing import CliRunner, Result
from helpers import TIMEOUT, measured, move, only, product, session
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from stocksync import shop_api
from stocksync.cli import Program
from stocksync.cli.api_options import ApiOptions, api_options, read_api
from stocksync.cli.context import App, pass_app


@click.group(cls=Program)
@click.pass_context
def program(ctx: click.Context) -> None:
    ctx.obj = App(os.environ["STOCKSYNC_DATABASE_URL"])


@program.command()
@api_options
@pass_app
def compare(app: App, api: ApiOptions) -> None:
    """Print the number of the reading, and what is wrong."""
    reading = read_api(app, api)
    click.echo(reading)
    if reading is not None:
        app.show(
            "json",
            "select * from stocksync.api_discrepancies(%s) where class is not null",
            (reading,),
        )


@pytest.fixture(autouse=True)
def configured(ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_api, "_BACKOFF", 0)
    for name in list(os.environ):
        if name.startswith("STOCKSYNC_API_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STOCKSYNC_DATABASE_URL", ledger_url)
    monkeypatch.setenv("STOCKSYNC_API_RATE", "10000")
    monkeypatch.setenv("STOCKSYNC_API_GRACE", "0")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(program, ["compare", *arguments])


def findings(*arguments: str) -> list[tuple]:
    """Return product, class, cause of what is wrong."""
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout.partition("\n")[2], parse_float=Decimal)
    return [(row["product_id"], row["class"], row["reason"]["cause"]) for row in rows]


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """Three products with 10, 20 and 30 in stock."""
    for number, sku in enumerate("ABC", 1):
        move(ledger, product(ledger, sku), number * 10)
    return ledger


RIGHT = [{"id": number, "quantity": number * 10} for number in (1, 2, 3)]


def test_without_an_api_nothing_is_read(shop: psycopg.Connection) -> None:
    assert run().output == "\n"
    assert only(shop, "select count(*) from stocksync.api_readings") == 0


def test_an_api_that_is_right_is_read_once(shop, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_json(RIGHT)
    assert findings("--api-url", httpserver.url_for("/p?key=s3cret")) == []
    assert len(httpserver.log) == 1
    assert only(shop, "select source from stocksync.api_readings") == httpserver.url_for("/p")


def test_every_option_has_its_variable(
    shop, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/p", query_string="c=").respond_with_json(
        {
            "d": [{"x": {"sku": "A"}, "n": 10, "state": "on", "held": 3}],
            "more": "2",
        }
    )
    httpserver.expect_request("/p", query_string="c=2").respond_with_json(
        {"d": [{"x": {"sku": s}, "n": n, "state": "on"} for s, n in (("B", 20), ("C", 30))]}
    )
    for name, value in {
        "URL": httpserver.url_for("/p") + "?c={cursor}",
        "ITEMS": "d",
        "ID": "x.sku",
        "QUANTITY": "n",
        "STATUS": "state",
        "RESERVED": "held",
        "MATCH": "sku",
        "NEXT": "more",
    }.items():
        monkeypatch.setenv(f"STOCKSYNC_API_{name}", value)
    assert findings() == [(1, "on_hand_vs_api", "reservation")]
    assert only(shop, "select string_agg(distinct status, ',') from stocksync.api_items") == "on"


def test_what_differs_is_read_again_and_what_settles_is_a_lag(shop, httpserver) -> None:
    wrong = [{"id": 1, "quantity": 9}, {"id": 3, "quantity": 29}]
    httpserver.expect_ordered_request("/p").respond_with_json(wrong)
    httpserver.expect_ordered_request("/p").respond_with_json([*RIGHT[:2], wrong[1]])
    assert findings("--api-url", httpserver.url_for("/p")) == [
        (1, "lag", "api_lag"),
        (2, "lag", "api_lag"),
        (3, "on_hand_vs_api", "unknown"),
    ]


def test_few_that_differ_are_asked_one_by_one(shop, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p", query_string="page=1").respond_with_json(
        [{"id": 1, "quantity": 9}, RIGHT[1]]
    )
    httpserver.expect_request("/p", query_string="page=2").respond_with_json(
        [{"id": 3, "quantity": 29}]
    )
    httpserver.expect_request("/p", query_string="page=3").respond_with_json([])
    httpserver.expect_request("/one/1").respond_with_json({"id": 1, "quantity": 10})
    httpserver.expect_request("/one/3").respond_with_data("", 404)
    item = httpserver.url_for("/one/") + "{id}"
    url = httpserver.url_for("/p") + "?page={page}"
    assert findings("--api-url", url, "--api-item-url", item) == [
        (1, "lag", "api_lag"),
        (3, "missing_from_api", "filtered"),
    ]
    assert [request.path for request, _ in httpserver.log] == ["/p"] * 3 + ["/one/1", "/one/3"]


def test_what_is_missing_is_looked_for_in_the_list(shop, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_json(RIGHT[:2])
    item = httpserver.url_for("/one/") + "{id}"
    url = httpserver.url_for("/p")
    assert findings("--api-url", url, "--api-item-url", item) == [
        (3, "missing_from_api", "filtered")
    ]
    assert len(httpserver.log) == 2


def test_an_audit_finds_what_differs(shop, httpserver: HTTPServer) -> None:
    shop.execute("update products set status = 'inactive' where id = 2")
    httpserver.expect_request("/p").respond_with_json(
        [{"id": 1, "quantity": 9}, {"id": "gone", "quantity": 1}, RIGHT[2]]
    )
    reading = run("--api-url", httpserver.url_for("/p")).stdout.splitlines()[0]
    audit = only(shop, "call stocksync.audit(null, null, %s)", (reading,))
    assert shop.execute(
        "select product_id, api_id, api, classes, causes from stocksync.findings(%s)", (audit,)
    ).fetchall() == [
        (1, "1", 9, ["on_hand_vs_api"], ["unknown"]),
        (2, None, None, ["missing_from_api"], ["inactive"]),
        (None, "gone", 1, ["unknown_to_shop"], ["unknown_product"]),
    ]


def test_an_api_that_fails_in_the_middle_says_nothing(shop, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p", query_string="page=1").respond_with_json(RIGHT[:1])
    httpserver.expect_request("/p", query_string="page=2").respond_with_data("", 500)
    done = run("--api-url", httpserver.url_for("/p") + "?page={page}")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: {httpserver.url_for('/p')} fails\n"
        "detail: The last of 5 attempts: too many 500 error responses.\n"
    )
    [(reading, finished)] = shop.execute("select id, finished_at from stocksync.api_readings")
    assert finished is None
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        found(shop, reading)


def test_an_api_that_fails_at_the_second_look_says_nothing(shop, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/p").respond_with_json(RIGHT[:1])
    httpserver.expect_ordered_request("/p").respond_with_data("", 404)
    done = run("--api-url", httpserver.url_for("/p"))
    assert (done.exit_code, done.stdout) == (1, "")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        found(shop, only(shop, "select id from stocksync.api_readings"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--api-url", "u", "--api-file", "f"], "are two sources"),
        (["--api-grace", "nan"], "no number to count with"),
        (["--api-rate", "0"], "not in the range"),
        (["--api-timeout", "inf"], "no number to count with"),
        (["--api-match", "name"], "is not one of"),
        (["--api-url", "http://h/", "--api-item-url", "http://h/1"], "needs {id}"),
        (["--api-url", "shop"], "is not like https://host/path"),
        (["--api-url", "http://localhost/", "--api-items", "$["], "is no JSON path"),
        (["--api-file", "f", "--api-at", "soon"], '"soon" is not a time'),
        (["--api-file", "f", "--api-at", "2100-01-01"], "is in the future"),
    ],
)
def test_wrong_usage_is_told(ledger, tmp_path, monkeypatch, arguments, told) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f").write_text("id,quantity\n")
    done = run(*arguments)
    assert told in done.stderr
    assert done.exit_code == (1 if "--api-at" in arguments else 2)


def test_a_file_goes_before_the_url_of_every_day(shop, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("STOCKSYNC_API_URL", "http://shop.invalid/")
    file = tmp_path / "shop.csv"
    file.write_text("sku;left\nA;10\nB;20\nC;29\n")
    assert findings(
        "--api-file", str(file), "--api-id", "sku", "--api-match", "sku", "--api-quantity", "left"
    ) == [(3, "on_hand_vs_api", "unknown")]


def test_a_file_is_of_the_moment_in_which_it_was_written(shop, tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(RIGHT))
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))
    shop.execute("update stock_movements set recorded_at = recorded_at - interval '2 hours'")
    move(shop, 1, 4, "sale")
    assert findings("--api-file", str(file)) == []
    assert findings("--api-file", str(file), "--api-at", "2020-01-01") != []
    os.utime(file)
    assert findings("--api-file", str(file)) == [(1, "on_hand_vs_api", "api_cache")]


def test_standard_input_is_a_file_too(shop: psycopg.Connection) -> None:
    lines = "".join(json.dumps(item) + "\n" for item in RIGHT)
    done = CliRunner().invoke(program, ["compare", "--api-file", "-"], input=lines)
    assert done.stdout.splitlines()[1:] == ["[]"]
    assert only(shop, "select source from stocksync.api_readings") == "standard input"


def test_names_with_quotes_and_control_characters(ledger, httpserver: HTTPServer) -> None:
    names = ["it's", 'a "b"', "\x1b[31m", "%s", "$1", "é\u2028", "\\", "{id}"]
    for name in names:
        move(ledger, product(ledger, name), 1)
    httpserver.expect_request("/p").respond_with_json(
        [{"id": name, "quantity": 1} for name in names] + [{"id": "nul\0\ud800", "quantity": 1}]
    )
    assert findings("--api-url", httpserver.url_for("/p"), "--api-match", "sku") == [
        (None, "unknown_to_shop", "unknown_product")
    ]


def test_who_may_not_stage_is_told_before_the_api_is_asked(
    shop, httpserver: HTTPServer, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c role=stocksync_auditor")
    done = run("--api-url", httpserver.url_for("/p"))
    assert done.exit_code == 1
    assert done.stderr.startswith("error: permission denied for function begin_api_reading")
    assert httpserver.log == []


# Movements in flight ------------------------------------------------------------------------------


def serve_stock(
    httpserver: HTTPServer, url: str, *, cached_for: float, wrong: dict[int, int]
) -> None:
    """Answer as a shop does: from the database, ten products a page, perhaps from a cache."""
    lock = threading.Lock()
    cache: dict[int, tuple[float, list[tuple]]] = {}

    def answer(request: Request) -> Response:
        page = int(request.args["page"])
        with lock:
            asked_at, rows = cache.get(page, (0.0, []))
            if time.monotonic() - asked_at >= cached_for:
                with session(url) as connection:
                    rows = connection.execute(
                        "select product_id, quantity_on_hand::text from stock_on_hand"
                        " where quantity_on_hand > 0 order by 1 limit 10 offset %s",
                        ((page - 1) * 10,),
                    ).fetchall()
                cache[page] = (time.monotonic(), rows)
        shown = [{"id": i, "quantity": str(Decimal(q) + wrong.get(i, 0))} for i, q in rows]
        return Response(json.dumps(shown))

    httpserver.expect_request("/p").respond_with_handler(answer)


def write(url: str, seed: int, stopped: threading.Event, counter: list[int]) -> None:
    """Book movements of thirty products, in transactions of one to three lines."""
    chance = random.Random(seed)
    with session(url) as connection:
        while not stopped.is_set():
            with connection.transaction():
                for _ in range(chance.randint(1, 3)):
                    move(
                        connection,
                        chance.randint(1, 30),
                        chance.randint(1, 9),
                        chance.choice(["sale", "purchase"]),
                    )
            counter[seed] += 1


@pytest.mark.parametrize("cached_for", [0.0, 0.2])
@pytest.mark.parametrize("grace", ["0.3"])
def test_writers_cause_no_false_alarm_and_hide_no_real_one(
    exact, ledger_url: str, httpserver: HTTPServer, cached_for: float, grace: str
) -> None:
    for number in range(40):
        move(exact, product(exact, f"P{number}"), 1000)
    serve_stock(httpserver, ledger_url, cached_for=cached_for, wrong={5: 5000, 35: -1})
    stopped = threading.Event()
    booked = [0] * 16
    writers = [
        threading.Thread(target=write, args=(ledger_url, seed, stopped, booked))
        for seed in range(16)
    ]
    for writer in writers:
        writer.start()
    try:
        deadline = time.monotonic() + TIMEOUT
        while min(booked) == 0:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        for _ in range(4):
            before = sum(booked)
            told = findings(
                "--api-url", httpserver.url_for("/p") + "?page={page}", "--api-grace", grace
            )
            assert sum(booked) > before
            assert [row for row in told if row[1] != "lag"] == [
                (5, "on_hand_vs_api", "unknown"),
                (35, "on_hand_vs_api", "unknown"),
            ]
    finally:
        stopped.set()
        for writer in writers:
            writer.join()


# Size ---------------------------------------------------------------------------------------------

READ = """
import sys
sys.path.insert(0, {tests!r})
from test_cli_api import program
program(sys.argv[1:], standalone_mode=False)
"""


@pytest.mark.long
@pytest.mark.parametrize("size", [1000, 100_000])
def test_a_hundred_thousand_products(ledger, httpserver: HTTPServer, size: int) -> None:
    ledger.execute(
        "insert into products (sku, name)"
        " select 'SKU-' || i, 'Product ' || i from generate_series(1, 100000) as i"
    )
    ledger.execute(
        "insert into stock_movements (product_id, transaction_type, quantity)"
        " select i, 'purchase', i from generate_series(1, 100000) as i"
    )
    shown = [
        {"id": i, "sku": f"SKU-{i}", "name": f"Product {i}", "price": "9.99", "quantity": i}
        for i in range(1, 100_001)
    ]
    shown[49_999]["quantity"] = 7

    def answer(request: Request) -> Response:
        first = (int(request.args["page"]) - 1) * size
        return Response(json.dumps(shown[first : first + size]))

    httpserver.expect_request("/p").respond_with_handler(answer)
    done, peak = measured(
        sys.executable,
        "-c",
        READ.format(tests=str(Path(__file__).parent)),
        "compare",
        "--api-url",
        httpserver.url_for("/p") + "?page={page}",
    )
    assert done.returncode == 0, done.stderr
    _, *rows = done.stdout.splitlines()
    [row] = json.loads("".join(rows))
    assert (row["product_id"], row["class"]) == (50_000, "on_hand_vs_api")
    assert peak < 200 * 1024
