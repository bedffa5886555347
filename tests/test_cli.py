"""The commands that read and correct: what they print, and how they end."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

PROGRAM = [str(Path(sys.executable).with_name("stocksync"))]


@pytest.fixture
def stocksync(db_url: str):
    """Run the program on the test's database; returns the finished process."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, "--database-url", db_url, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """Three products: 15, 2.5 and none in stock."""
    db.execute("""
        insert into products (sku, name) values
            ('LAPTOP', 'Laptop, 15 "inch"'), ('TEA', 'Thé vert [red]'), ('NONE', 'Nothing of it')
    """)
    db.execute("""
        insert into stock_movements (product_id, transaction_type, quantity, occurred_at) values
            (1, 'purchase', 20, '2026-01-01 10:00+00'), (1, 'sale', 5, '2026-02-01 10:00+00'),
            (2, 'purchase', 2.500, '2026-03-01 10:00+00')
    """)
    return db


def test_stock_is_printed_as_people_write_it(shop, stocksync) -> None:
    assert stocksync("stock").stdout == (
        "product_id  sku     name               quantity_on_hand  status\n"
        "----------  ------  -----------------  ----------------  ------\n"
        '         1  LAPTOP  Laptop, 15 "inch"                15  active\n'
        "         3  NONE    Nothing of it                     0  active\n"
        "         2  TEA     Thé vert [red]                  2.5  active\n"
    )


def test_stock_can_be_asked_for_one_product_and_for_little(shop, stocksync) -> None:
    rows = json.loads(stocksync("stock", "--sku", "TEA", "--json").stdout)
    assert [row["quantity_on_hand"] for row in rows] == [2.5]
    below = csv.DictReader(io.StringIO(stocksync("stock", "--below", "2.5", "--csv").stdout))
    assert [row["sku"] for row in below] == ["NONE"]


def test_movements_are_newest_first_and_signed(shop, stocksync) -> None:
    rows = json.loads(stocksync("movements", "--sku", "LAPTOP", "--json").stdout)
    assert [(row["transaction_type"], row["quantity"]) for row in rows] == [
        ("sale", -5),
        ("purchase", 20),
    ]


def test_explain_adds_up(shop, stocksync) -> None:
    shop.execute("update products set quantity_on_hand = 27 where id = 1")
    rows = json.loads(stocksync("explain", "LAPTOP", "--json").stdout)
    assert {row["line"]: row["quantity"] for row in rows} == {
        "in: purchase": 20,
        "out: sale": -5,
        "ledger": 15,
        "differs from the ledger by": 12,
        "on hand": 27,
        "not yet rolled up": 15,
        "manual update of stock": 12,
    }


def test_a_dry_run_shows_the_discrepancies_and_changes_nothing(shop, stocksync) -> None:
    shop.execute("update products set quantity_on_hand = 27 where id = 1")
    before = shop.execute("select * from products order by id").fetchall()

    done = stocksync("sync", "--dry-run")

    assert done.returncode == 0
    assert done.stdout.split("\n")[2].split("  ")[-1] == "quantity_on_hand"
    assert "+12" in done.stdout
    assert "Products with discrepancies: 1" in done.stderr
    assert shop.execute("select * from products order by id").fetchall() == before
    assert shop.execute("select count(*) from stocksync.runs").fetchone() == (0,)


def test_a_live_run_corrects_what_the_dry_run_showed(shop, stocksync) -> None:
    shop.execute("update products set quantity_on_hand = 27, total_stock = 1 where id = 1")
    shop.execute("update products set total_stock = -3 where id = 3")
    columns = ("product_id", "quantity_on_hand", "ledger", "difference", "differs")

    dry = json.loads(stocksync("sync", "--dry-run", "--json").stdout)
    live = json.loads(stocksync("sync", "--json").stdout)

    assert [[row[c] for c in columns] for row in live] == [[row[c] for c in columns] for row in dry]
    assert [row["product_id"] for row in live] == [1, 3]
    assert json.loads(stocksync("sync", "--dry-run", "--force", "--json").stdout) == []
    assert shop.execute(
        "select class, before, after from stocksync.incidents order by id"
    ).fetchall() == [("quantity_on_hand", 27, 15), ("total_stock", 1, 15), ("total_stock", -3, 0)]


def test_sync_looks_only_at_the_product_it_is_asked_about(shop, stocksync) -> None:
    shop.execute("update products set quantity_on_hand = 9")
    assert stocksync("sync", "--sku", "TEA").returncode == 0
    assert stocksync("sync", "--product-id", "3").returncode == 0
    assert shop.execute("select quantity_on_hand from products order by id").fetchall() == [
        (9,),
        (2.5,),
        (0,),
    ]


def test_from_date_chooses_the_products_but_sums_all_their_movements(shop, stocksync) -> None:
    shop.execute("update stock_movements set recorded_at = occurred_at")
    shop.execute("update products set quantity_on_hand = 9")
    done = stocksync("sync", "--from-date", "2026-02-01", "--json")
    assert [(row["product_id"], row["ledger"]) for row in json.loads(done.stdout)] == [
        (1, 15),
        (2, 2.5),
    ]


def test_a_date_is_one_of_the_shop_not_of_the_session(shop, stocksync, monkeypatch) -> None:
    monkeypatch.setenv("PGTZ", "America/New_York")
    shop.execute("update stocksync.settings set time_zone = 'Asia/Tokyo'")
    shop.execute("update stock_movements set recorded_at = occurred_at")
    shop.execute("update products set quantity_on_hand = 9")
    done = stocksync("sync", "--dry-run", "--from-date", "2026-03-01 19:00", "--json")
    assert [row["product_id"] for row in json.loads(done.stdout)] == [2]
    done = stocksync("sync", "--dry-run", "--from-date", "2026-03-01 19:00:01", "--json")
    assert json.loads(done.stdout) == []


def test_the_log_tells_of_edits_and_corrections(shop, stocksync) -> None:
    shop.execute("update products set quantity_on_hand = 27 where id = 1")
    stocksync("sync")
    events = json.loads(stocksync("log", "--json").stdout)
    assert [event["message"] for event in events[:3]] == ["stock movement created"] * 3
    events = events[3:]
    assert [(event["level"], event["message"]) for event in events] == [
        ("warning", "manual update of stock"),
        ("info", "stock synchronization started"),
        ("info", "product stock updated"),
        ("warning", "stock synchronization completed"),
    ]
    assert events[2]["context"]["old_stock"] == 27
    assert events[2]["context"]["new_stock"] == 15
    assert (
        len(json.loads(stocksync("log", "--level", "info", "--limit", "1", "--json").stdout)) == 1
    )


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (("stock", "--sku", "laptop"), 1, 'error: unknown sku "laptop"\nhint: Skus are'),
        (("explain", "x'; drop table products --"), 1, "error: unknown sku"),
        (("movements", "--sku", ""), 1, 'error: unknown sku ""'),
        (("stock", "--below", "NaN"), 2, "'NaN' is not a number"),
        (("sync", "--product-id", "77"), 1, "error: product 77 does not exist\nhint:"),
        (("sync", "--dry-run", "--product-id", "77"), 1, "error: product 77 does not exist"),
        (("sync", "--product-id", "99999999999999999999"), 1, "error: bigint out of range"),
        (("sync", "--product-id", "1", "--sku", "TEA"), 2, "name one product each"),
        (("sync", "--from-date", "2999-01-01"), 1, "is in the future\nhint:"),
        (("sync", "--dry-run", "--from-date", "soon"), 1, "error: invalid input syntax"),
        (("log", "--level", "loud"), 2, "'loud' is not one of"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_bad_input_gets_one_clear_error_and_changes_nothing(
    shop, stocksync, arguments: tuple[str, ...], status: int, error: str
) -> None:
    done = stocksync("-q", *arguments)
    assert done.returncode == status
    assert error in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert shop.execute("select count(*) from stocksync.incidents").fetchone() == (0,)


def test_a_role_without_rights_is_told_which_it_needs(shop, stocksync, db_url) -> None:
    from stocksync.db import to_url

    name = f"nobody_{shop.info.dbname}"
    shop.execute(f"create role {name} login")
    try:
        done = subprocess.run(
            [*PROGRAM, "--database-url", to_url(db_url, user=name), "sync"],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shop.execute(f"drop role {name}")
    assert done.returncode == 1
    assert "error: permission denied" in done.stderr
    assert "hint: " in done.stderr


@pytest.mark.parametrize("command", ["sync", "refresh"])
def test_a_product_that_cannot_be_corrected_does_not_stop_the_others(
    shop, stocksync, command
) -> None:
    shop.execute("update products set quantity_on_hand = 9")
    shop.execute(
        "alter table products add constraint odd check (sku <> 'TEA' or quantity_on_hand = 9)"
    )

    done = stocksync(command)

    assert done.returncode == 1
    assert "1 product could not be corrected" in done.stderr
    assert shop.execute("select quantity_on_hand from products order by id").fetchall() == [
        (15,),
        (9,),
        (0,),
    ]
    assert shop.execute(
        "select product_id, context ->> 'sqlstate' from stocksync.log where level = 'error'"
        " and product_id is not null"
    ).fetchall() == [(2, "23514")]


def test_a_command_without_a_migrated_database_says_what_to_do(db, db_url) -> None:
    from stocksync.db import to_url

    done = subprocess.run(
        [*PROGRAM, "--database-url", to_url(db_url, dbname="template1"), "stock"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "stocksync migrate" in done.stderr


def test_the_demo_shows_the_main_job(tmp_path_factory, monkeypatch) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="stocksync-demo-") as directory:
        Path(directory).chmod(0o755)  # as root the server runs as another user, who must get in
        monkeypatch.setenv("STOCKSYNC_DATA_DIR", f"{directory}/pg")
        try:
            done = subprocess.run(
                [*PROGRAM, "demo"], capture_output=True, text=True, check=False, timeout=120
            )
            again = subprocess.run(
                [*PROGRAM, "demo"], capture_output=True, text=True, check=False, timeout=120
            )
        finally:
            subprocess.run([*PROGRAM, "-q", "db", "stop"], check=True)
    assert done.returncode == again.returncode == 0
    assert "1485 movements written; no deadlock, none failed." in done.stdout
    assert "Products with discrepancies: 0" in done.stderr
    assert "Products with discrepancies: 2" in done.stderr
    assert "Green tea, loose, per kg            50           102.375  -52.375" in done.stdout
    # 40 of the batch that expires first, 10 of the next
    assert "H-2" in done.stdout and "H-1" not in done.stdout
