"""The figures, as Prometheus gets them: text, a file, HTTP."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from helpers import move, only, product, session
from prometheus_client.parser import text_string_to_metric_families as parse

from stocksync import metrics
from stocksync.cli import cli
from stocksync.embedded import Embedded
from stocksync.migrate import migrate

COMMAND = [sys.executable, "-m", "stocksync", "--database-url"]


def values(text: str) -> dict[str, float]:
    """Return the values by name, with what labels say behind it; the parser must read all of it."""
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def get(port: int, path: str = "/metrics", method: str = "GET") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


PLAIN_JOIN = """
select count(*) from products as p join stocksync.stock_total as t on t.product_id = p.id
"""


def many_products(db: psycopg.Connection) -> None:
    """Make 100,000 products with a total each."""
    db.execute(
        "insert into products (sku, name) select 'P' || n, 'P' from generate_series(1, 100000) n"
    )
    db.execute(
        "insert into stocksync.stock_total (product_id, quantity, movements)"
        " select id, 0, 1 from products"
    )
    db.execute("vacuum analyze products, stocksync.stock_total")


def fastest(db: psycopg.Connection, query: str) -> float:
    """Return the seconds of the fastest of five."""
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        db.execute(query)
        took.append(time.perf_counter() - begun)
    return min(took)


def test_text(ledger: psycopg.Connection, ledger_url: str) -> None:
    move(ledger, product(ledger), 5)
    done = CliRunner().invoke(cli, ["--database-url", ledger_url, "metrics"])
    assert (done.exit_code, done.stderr) == (0, "")
    found = values(done.stdout)
    assert found["stocksync_products"] == 1
    assert found["stocksync_movements"] == 1
    assert found["stocksync_jobs failed"] == 0
    names = {name for name, *_ in ledger.execute("select * from stocksync.metrics()")}
    assert {key.split()[0] for key in found} == names
    assert "# TYPE stocksync_pending_rows gauge\n" in done.stdout


def test_a_file_is_replaced_as_a_whole(
    ledger: psycopg.Connection, ledger_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "stocksync.prom"
    path.write_text("old")
    arguments = ["--database-url", ledger_url, "metrics", "--file", str(path)]
    with path.open() as before:
        assert CliRunner().invoke(cli, arguments).exit_code == 0
        assert before.read() == "old"
    assert values(path.read_text())["stocksync_products"] == 0
    assert list(tmp_path.iterdir()) == [path]

    ledger.execute("begin")
    ledger.execute("lock table products")
    ledger.execute("insert into products (sku, name) values ('A', 'A')")
    done = CliRunner().invoke(cli, ["--statement-timeout", "0.2", *arguments])
    assert done.exit_code == 1
    ledger.execute("commit")
    assert values(path.read_text())["stocksync_products"] == 0
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (("--file", "/nowhere/x.prom"), 1, "error: [Errno 2] No such file or directory"),
        (("--file", "x.prom", "--listen", "127.0.0.1:0"), 2, "exclude each other"),
        (("--listen", "9187"), 2, "'9187' is not HOST:PORT"),
        (("--listen", "127.0.0.1:http"), 2, "is not HOST:PORT"),
        (("--listen", "127.0.0.1:70000"), 2, "is not HOST:PORT"),
        (("--listen", "192.0.2.1:0"), 1, "error: [Errno 99] Cannot assign"),
        (("--listen", "no host:0"), 1, "error: [Errno"),
    ],
)
def test_bad_input_gets_one_clear_error(
    ledger: psycopg.Connection,
    ledger_url: str,
    arguments: tuple[str, ...],
    status: int,
    error: str,
) -> None:
    done = CliRunner().invoke(cli, ["--database-url", ledger_url, "metrics", *arguments])
    assert done.exit_code == status
    assert error in done.stderr
    assert "Traceback" not in done.stderr


# HTTP ---------------------------------------------------------------------------------------------


@contextmanager
def listening(url: str, host: str = "127.0.0.1") -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the program until SIGTERM; yields the process and its port."""
    process = subprocess.Popen(
        [*COMMAND, url, "metrics", "--listen", f"{host}:0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.fullmatch(rf"serving http://{re.escape(host)}:(\d+)/metrics\n", line)
        assert found, line
        yield process, int(found[1])
    finally:
        process.kill()
        process.communicate()


def test_http(ledger: psycopg.Connection, ledger_url: str) -> None:
    product(ledger)
    with listening(ledger_url) as (process, port):
        status, text = get(port)
        assert (status, values(text)["stocksync_products"]) == (200, 1)
        product(ledger, "B")
        assert values(get(port)[1])["stocksync_products"] == 2
        assert get(port, "/metrics?x=1")[0] == 200
        assert get(port, "/")[0] == 404
        assert get(port, "/metrics/..")[0] == 404
        assert get(port, method="POST")[0] == 501
        assert get(port, method="DELETE")[0] == 501
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 5
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_http_over_ipv6(ledger: psycopg.Connection, ledger_url: str) -> None:
    if not Path("/proc/net/if_inet6").exists() or not Path("/proc/net/if_inet6").read_text():
        pytest.skip("no IPv6 here")
    with listening(ledger_url, "[::1]") as (_, port):
        connection = HTTPConnection("::1", port, timeout=20)
        connection.request("GET", "/metrics")
        assert connection.getresponse().status == 200
        connection.close()


def test_http_while_the_database_restarts() -> None:
    directory = Path(tempfile.mkdtemp(prefix="stocksync-test-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    server = Embedded(directory / "pg", fsync=False)
    try:
        url = server.start().url()
        migrate(url)
        with listening(url) as (process, port):
            assert get(port)[0] == 200
            server.stop()
            status, text = get(port)
            assert status == 503
            assert "The database does not answer" in text
            assert str(directory) not in text
            server.start()
            assert get(port)[0] == 200
            assert process.poll() is None
    finally:
        server.stop()
        shutil.rmtree(directory)


def test_scrapes_do_not_pile_up(
    ledger: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_QUERY_TIMEOUT", 300)
    statuses: list[int] = []
    sessions = (
        "select count(*) from pg_stat_activity where application_name = 'stocksync'"
        " and datname = current_database() and pid <> pg_backend_pid()"
    )
    with metrics.Server("127.0.0.1", 0, ledger_url) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scrapes = [
            threading.Thread(target=lambda: statuses.append(get(server.server_port)[0]))
            for _ in range(10)
        ]
        with session(ledger_url) as other, other.transaction():
            other.execute("lock table products")
            for scrape in scrapes:
                scrape.start()
            most = 0
            while any(scrape.is_alive() for scrape in scrapes):
                most = max(most, only(ledger, sessions))
            assert statuses == 10 * [503]
            assert most <= 1
        assert get(server.server_port)[0] == 200
        server.shutdown()


def test_a_client_that_says_nothing_holds_nobody_up(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    with listening(ledger_url) as (_, port):
        silent = HTTPConnection("127.0.0.1", port, timeout=20)
        silent.connect()
        assert get(port)[0] == 200
        silent.close()


def test_it_is_cheap_enough_to_be_asked_for_every_few_seconds(db: psycopg.Connection) -> None:
    many_products(db)
    assert fastest(db, "select * from stocksync.metrics()") < 5 * fastest(db, PLAIN_JOIN)


def test_nothing_but_the_file_descriptors_it_needs(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    """Neither connections nor sockets are left over, however often it is asked."""
    with listening(ledger_url) as (process, port):
        get(port)
        descriptors = Path(f"/proc/{process.pid}/fd")
        before = len(list(descriptors.iterdir()))
        for _ in range(20):
            get(port)
        assert len(list(descriptors.iterdir())) <= before + 1
