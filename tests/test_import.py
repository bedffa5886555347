"""``stocksync import``: a file comes in whole, or not at all and every bad line is named."""

import csv
import gzip
import io
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from helpers import differences, measured, product, session

from stocksync.cli import cli

PROGRAM = [sys.executable, "-m", "stocksync"]
BOM = b"\xef\xbb\xbf"

Import = Callable[..., Result]


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


@pytest.fixture
def db(ledger: psycopg.Connection) -> psycopg.Connection:
    """An import changes rows only: the tests share a database, emptied for each."""
    return ledger


@pytest.fixture
def db_url(ledger_url: str) -> str:
    """The URL of the same database."""
    return ledger_url


@pytest.fixture
def import_(db_url: str, tmp_path: Path) -> Import:
    """Import a text or bytes, as a file of this name or from standard input."""

    def run(kind: str, content: str | bytes, *options: str, name: str = "file.csv") -> Result:
        data = content.encode() if isinstance(content, str) else content
        if name != "-":
            (tmp_path / name).write_bytes(data)
        return CliRunner().invoke(
            cli,
            [
                "--database-url",
                db_url,
                "import",
                kind,
                name if name == "-" else str(tmp_path / name),
                *options,
            ],
            input=data if name == "-" else None,
        )

    return run


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """Products A and B, location Cellar."""
    product(db, "A")
    product(db, "B")
    db.execute("insert into locations (name) values ('Cellar')")
    return db


def rows(db: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return db.execute(query).fetchall()


def count(db: psycopg.Connection, table: str = "stock_movements") -> int:
    return int(rows(db, f"select count(*) from {table}")[0][0])


def problems(result: Result) -> list[tuple[int, str | None, str | None, str]]:
    """Return what ``--json`` printed."""
    assert result.exit_code == 1, result.output
    return [tuple(row.values()) for row in json.loads(result.stdout)]


# What comes in


def test_movements_come_in_whatever_the_order_of_columns(shop, import_) -> None:
    result = import_(
        "movements",
        "notes,quantity,metadata,location,occurred_at,sku,movement_type,transaction_type,unit_cost,"
        "reference,idempotency_key,user_id\n"
        '"two, ""quoted""\nlines",2.500000,"{""a"": [1, 2.50]}",Cellar,2026-01-31T10:00:00.5+02:00,'
        "A,in,purchase,1.25,PO-1,k1,ana\n",
    )
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 inserted, 0 were there already\n"
    assert rows(
        shop,
        "select product_id, location_id, movement_type, transaction_type, quantity::text,"
        " occurred_at = '2026-01-31 08:00:00.5Z', unit_cost, reference, idempotency_key, user_id,"
        " notes, metadata::text from stock_movements",
    ) == [
        (
            1,
            1,
            "in",
            "purchase",
            "2.500000",
            True,
            Decimal("1.25"),
            "PO-1",
            "k1",
            "ana",
            'two, "quoted"\nlines',
            '{"a": [1, 2.50]}',
        )
    ]
    assert not differences(shop)


def test_ids_stand_in_for_names(shop, import_) -> None:
    result = import_(
        "movements",
        "product_id,transaction_type,quantity,location_id\n2,purchase,3,1\n2,sale,1,\n",
    )
    assert result.exit_code == 0
    assert rows(shop, "select product_id, location_id from stock_movements order by id") == [
        (2, 1),
        (2, None),
    ]


def test_empty_cells_are_defaults(shop, import_) -> None:
    text = 'sku,transaction_type,quantity,occurred_at,notes\nA,purchase,1,,\nA,sale,1,"",""\n'
    assert import_("movements", text).exit_code == 0
    assert rows(
        shop,
        "select movement_type, occurred_at > now() - interval '1 minute', notes"
        " from stock_movements order by id",
    ) == [("in", True, None), ("out", True, None)]


@pytest.mark.parametrize("number", ["1", "+1", "1.", "01", "1e0", "0.000001", ".5", "999999999999"])
def test_numbers_are_read_exactly(shop, import_, number: str) -> None:
    text = f"sku,transaction_type,quantity\nA,purchase,{number}\n"
    assert import_("movements", text).exit_code == 0
    assert rows(shop, "select quantity from stock_movements") == [(Decimal(number),)]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-01", "2026-06-30 22:00"),
        ("2026-07-01 12:00", "2026-07-01 10:00"),
        ("2026-07-01T12:00:00", "2026-07-01 10:00"),
        ("2026-07-01T12:00:00Z", "2026-07-01 12:00"),
        ("2026-07-01 12:00:00.123456+05:30", "2026-07-01 06:30:00.123456"),
        ("2026-07-01 12:00 -0300", "2026-07-01 15:00"),
        ("2024-02-29", "2024-02-28 23:00"),
    ],
)
def test_a_time_without_offset_is_of_the_shop_not_of_the_session(
    shop, import_, monkeypatch, text: str, utc: str
) -> None:
    shop.execute("update stocksync.settings set time_zone = 'Europe/Madrid'")
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    monkeypatch.setenv("PGDATESTYLE", "German, DMY")
    result = import_(
        "movements", f"sku,transaction_type,quantity,occurred_at\nA,purchase,1,{text}\n"
    )
    assert result.exit_code == 0, result.output
    assert rows(shop, f"select occurred_at = '{utc}Z' from stock_movements") == [(True,)]


PLAIN = "sku,transaction_type,quantity,reference\nA,purchase,5,Ñandú\nB,purchase,7,茶\n"
JSON = (
    '{"sku": "A", "transaction_type": "purchase", "quantity": 5, "reference": "Ñandú"}\n'
    '{"quantity": "7", "sku": "B", "transaction_type": "purchase", "reference": "\\u8336"}\n'
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", PLAIN.encode()),
        ("no-last-newline.csv", PLAIN.encode().rstrip()),
        ("bom.csv", BOM + PLAIN.encode()),
        ("crlf.csv", PLAIN.replace("\n", "\r\n").encode()),
        ("blank-lines.csv", PLAIN.replace("\n", "\n\n").encode()),
        ("spaced-header.csv", PLAIN.replace(",", ", ", 3).encode()),
        ("packed.csv.gz", packed(PLAIN.encode())),
        ("packed-bom-crlf.csv", packed(BOM + PLAIN.replace("\n", "\r\n").encode())),
        ("-", PLAIN.encode()),
        ("-", packed(PLAIN.encode())),
        ("-", JSON.encode()),
        ("lines.jsonl", JSON.encode()),
        ("lines.ndjson", BOM + JSON.replace("\n", "\r\n\r\n").encode()),
        ("lines.jsonl.gz", packed(JSON.encode())),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_come_in_many_forms(shop, import_, name: str, content: bytes) -> None:
    result = import_("movements", content, name=name)
    assert result.exit_code == 0, result.output
    assert rows(shop, "select sku, quantity_on_hand from products order by sku") == [
        ("A", 5),
        ("B", 7),
    ]
    assert rows(shop, "select reference from stock_movements order by id") == [("Ñandú",), ("茶",)]


def test_json_keeps_every_digit_and_every_text(shop, import_) -> None:
    result = import_(
        "movements",
        '{"sku": "A", "transaction_type": "purchase", "quantity": 123456789012.123456,'
        ' "notes": "say \\"12\\" pipe\\",\\nand \\u00e9", "user_id": 7,'
        ' "metadata": {"n": 0.1000000000000000000001, "t": true, "z": null, "s": "a\\nb"}}\n'
        '{"sku": "A", "transaction_type": "purchase", "quantity": 1, "metadata": null}\n'
        '{"sku": "A", "transaction_type": "purchase", "quantity": 1, "metadata": "text"}\n',
        name="x.jsonl",
    )
    assert result.exit_code == 0, result.output
    assert rows(
        shop, "select quantity, notes, user_id, metadata::text from stock_movements order by id"
    ) == [
        (
            Decimal("123456789012.123456"),
            'say "12" pipe",\nand é',
            "7",
            '{"n": 0.1000000000000000000001, "s": "a\\nb", "t": true, "z": null}',
        ),
        (1, None, None, None),
        (1, None, None, '"text"'),
    ]


def test_skus_are_told_apart_as_written(db, import_) -> None:
    hostile = "Robert'); drop table"
    text = (
        "sku,transaction_type,quantity\na,purchase,1\nA,purchase,2\n"
        f"{hostile},purchase,3\n\\.,purchase,4\n ,purchase,5\n"
    )
    problems_ = problems(import_("movements", text, "--create-products", "--json"))
    assert problems_ == [(6, "sku", " ", "is empty")]
    result = import_("movements", text.replace(" ,purchase,5\n", ""), "--create-products")
    assert result.stderr == "4 inserted, 0 were there already, 4 products created\n"
    assert rows(
        db, 'select sku, name, quantity_on_hand from products order by sku collate "C"'
    ) == [
        ("A", "A", 2),
        (hostile, hostile, 3),
        ("\\.", "\\.", 4),
        ("a", "a", 1),
    ]


def test_a_line_that_copy_takes_for_the_end_of_data_is_not(shop, import_) -> None:
    text = 'sku,transaction_type,quantity,notes\nA,purchase,1,"x\n\\.\ny"\nA,purchase,2,z\n'
    assert import_("movements", text).exit_code == 0
    assert rows(shop, "select quantity, notes from stock_movements order by id") == [
        (1, "x\n\\.\ny"),
        (2, "z"),
    ]


def test_created_products_can_be_named_in_the_file_many_times(shop, import_) -> None:
    text = "sku,transaction_type,quantity,idempotency_key\n"
    text += "".join(f"N{i % 3},purchase,1,k{i}\n" for i in range(30)) + "N0,purchase,1,k0\n"
    result = import_("movements", text, "--create-products")
    assert result.stderr == "30 inserted, 1 were there already, 3 products created\n"
    assert not differences(shop)


def test_an_import_is_in_runs_and_log(shop, import_, tmp_path) -> None:
    import_("movements", PLAIN)
    file = str(tmp_path / "file.csv")
    assert rows(shop, "select command, options, finished_at >= started_at from stocksync.runs") == [
        ("import movements", {"file": file}, True)
    ]
    assert rows(shop, "select level, message, context from stocksync.log") == [
        (
            "info",
            "movements imported",
            {"run": 1, "file": file, "inserted": 2, "already": 0, "products_created": 0},
        )
    ]


def test_quiet_says_nothing(shop, db_url, tmp_path) -> None:
    (tmp_path / "x.csv").write_text(PLAIN)
    arguments = ["-q", "--database-url", db_url, "import", "movements", str(tmp_path / "x.csv")]
    assert CliRunner().invoke(cli, arguments).output == ""


# Bad lines

HEADER = (
    "sku,product_id,location,location_id,movement_type,transaction_type,quantity,occurred_at,"
    "unit_cost,idempotency_key,metadata\n"
)
GOOD = {"sku": "A", "transaction_type": "purchase", "quantity": "1"}


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("sku", "X", "unknown sku"),
        ("sku", "", "is missing"),
        ("sku", "   ", "is empty"),
        ("sku", "x" * 2001, "is longer than 2000 bytes"),
        ("product_id", "2", "is not the product of this sku"),
        ("product_id", "two", "is not the product of this sku"),
        ("location", "Attic", "unknown location"),
        ("location_id", "99", "unknown location"),
        ("location_id", "one", "unknown location"),
        ("movement_type", "out", 'contradicts "purchase", which is "in"'),
        ("movement_type", "sideways", 'is neither "in" nor "out"'),
        ("transaction_type", "", "is missing"),
        ("transaction_type", "gift", "unknown transaction type"),
        ("quantity", "", "is missing"),
        *(
            ("quantity", text, "is not a number")
            for text in ("abc", "NaN", "Infinity", "-Infinity", "1,5", "0x1F", "1_000", "٣", "1e")
        ),
        ("quantity", "1" * 101, "is not a number"),
        ("quantity", "1e9999", "is not a number"),
        ("quantity", "0", "is not above zero"),
        ("quantity", "-1", "is not above zero"),
        ("quantity", "1e30", "is not below 1e15"),
        ("quantity", "1e999", "is not below 1e15"),
        ("quantity", "0.1234567", "has more than 6 decimals"),
        *(
            ("occurred_at", text, "is not a time like 2010-12-01 08:26:00+00")
            for text in (
                *("infinity", "-infinity", "today", "now", "epoch", "yesterday noon", "12:00"),
                *("2026-02-30", "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10"),
                *("0000-01-01", "2026-1-1", "01/02/2026", "20260101", "2026-01-01 24:00"),
                *(
                    "2026-01-01 10:60",
                    "2026-01-01 10:00:60",
                    "2026-01-01 10",
                    "2026-01-01 10:00+99",
                ),
                *("2026-01-01 BC", "2026-01-01 10:00 America/New_York", "٢٠٢٦-01-01"),
            )
        ),
        ("unit_cost", "-1", "is below zero"),
        ("unit_cost", "NaN", "is not a number"),
        ("unit_cost", "1e15", "is not below 1e15"),
        ("idempotency_key", "k" * 2001, "is longer than 2000 bytes"),
        ("metadata", "{", "is not JSON"),
        ("metadata", '{"a": "\\u0000"}', "is not JSON"),
        ("metadata", "[" * 100_000, "is not JSON"),
        ("metadata", "1e999999", "is not JSON"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_value_is_named(shop, import_, column: str, value: str, problem: str) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, HEADER.strip().split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerow(GOOD)
    writer.writerow(GOOD | {column: value})
    result = import_("movements", buffer.getvalue(), "--json")
    assert problems(result) == [(3, column, value or None, problem)]
    assert count(shop) == count(shop, "stocksync.log") == 0


def test_one_of_two_ways_to_name_a_product_must_be_right(shop, import_) -> None:
    text = "product_id,transaction_type,quantity\n9,purchase,1\n01,purchase,1\nA,purchase,1\n"
    assert [row[1:] for row in problems(import_("movements", text, "--json"))] == [
        ("product_id", "9", "unknown product"),
        ("product_id", "01", "unknown product"),
        ("product_id", "A", "unknown product"),
    ]


def test_every_bad_line_is_named_by_its_line_in_the_file(shop, import_) -> None:
    text = (
        "sku,transaction_type,quantity,notes\r\n"  # 1
        "A,purchase,1,ok\r\n"  # 2
        'A,purchase,1,"three\r\n'  # 3
        "lines\r\n"  # 4
        'long"\r\n'  # 5
        "\r\n"  # 6
        "A,purchase\r\n"  # 7
        "A,purchase,1,2,3\r\n"  # 8
        'X,gift,0,"a, ""b"""\r\n'  # 9
        'A,purchase,1,"two\r\n'  # 10
        'lines",too many\r\n'  # 11
        "A,purchase,zero,\r\n"  # 12
        "\\.\r\n"  # 13
        "A,purc\rhase,1,\r\n"  # 14
        'A,purchase,1,"open\r\n'  # 15
        "to the end\r\n"
    )
    expected = [
        (7, None, None, "2 values for 4 columns"),
        (8, None, None, "5 values for 4 columns"),
        (9, "quantity", "0", "is not above zero"),
        (9, "sku", "X", "unknown sku"),
        (9, "transaction_type", "gift", "unknown transaction type"),
        (10, None, None, "5 values for 4 columns"),
        (12, "quantity", "zero", "is not a number"),
        (13, None, None, "1 value for 4 columns"),
        (14, None, None, "a carriage return outside quotation marks"),
        (15, None, None, "a quotation mark is not closed"),
    ]
    for options in ([], ["--create-products"]):
        result = import_("movements", text, "--json", *options)
        assert sorted(problems(result), key=str) == sorted(
            (row for row in expected if not (options and row[1] == "sku")), key=str
        )
    human = import_("movements", text)
    assert human.exit_code == 1
    assert human.stdout == ""
    lines = human.stderr.splitlines()
    assert lines[0] == "line 7: 2 values for 4 columns"
    assert "line 9: quantity '0' is not above zero" in lines
    assert lines[-1].startswith("error: nothing imported: 10 problems in ")
    assert count(shop) == 0


def test_all_problems_are_printed_for_programs_and_some_for_people(shop, import_) -> None:
    text = "sku,transaction_type,quantity\n" + "A,purchase,0\n" * 10_000
    human = import_("movements", text).stderr.splitlines()
    assert len(human) == 52
    assert human[50] == "… and 9950 more: --json and --csv list all"
    printed = list(csv.DictReader(io.StringIO(import_("movements", text, "--csv").stdout)))
    assert [int(row["line"]) for row in printed] == list(range(2, 10_002))


def test_a_reader_that_goes_away_does_not_hang_the_import(shop, db_url, tmp_path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("sku,transaction_type,quantity\n" + "A,purchase,0\n" * 50_000)
    with subprocess.Popen(
        [*PROGRAM, "--database-url", db_url, "import", "movements", str(file), "--csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=30) != 0
    assert count(shop) == 0


def test_a_value_in_a_message_cannot_command_the_terminal(shop, import_) -> None:
    text = "sku,transaction_type,quantity\nA\x1b[31m\x9b,purchase,1\n" + "x" * 1000 + ",sale,1\n"
    assert import_("movements", text).stderr.splitlines()[:2] == [
        r"line 2: sku 'A\x1b[31m\x9b' unknown sku",
        f"line 3: sku '{'x' * 60}…' unknown sku",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("oops", "not JSON: Expecting value at column 1"),
        ('{"sku": "A"', "not JSON: Expecting ',' delimiter at column 12"),
        ("[1, 2]", "not an object"),
        ("5", "not an object"),
        ('{"sku": "A", "sku": "B"}', "a name is there twice"),
        ('{"sku": {"a": 1}}', "sku is no single value"),
        ('{"quantity": [1]}', "quantity is no single value"),
        ('{"quantity": NaN}', "NaN is not a number"),
        ('{"quantity": -Infinity}', "-Infinity is not a number"),
        ('{"metadata": {"n": 1e999999999}}', "number out of range: 1e999999999"),
        ('{"metadata": ' + "[" * 100_000 + "}", "not JSON: nested too deeply"),
        ('{"notes": "\\u0000"}', "notes holds a null character"),
        ('{"notes": "\\ud800"}', "not JSON: half of a surrogate pair"),
        ('{"id": 1}', 'column "id" cannot be imported. The database numbers movements: '),
        ('{"qty": 1}', "unknown column 'qty', known are sku, product_id, "),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_json_line_is_named(shop, import_, line: str, problem: str) -> None:
    good = json.dumps(GOOD)
    [(number, column, value, found)] = problems(
        import_("movements", f"{good}\n\n{line}\n{good}\n", "--json", name="x.jsonl")
    )
    assert (number, column, value) == (3, None, None)
    assert found.startswith(problem)
    assert count(shop) == 0


def test_values_of_json_lines_are_checked_like_those_of_csv(shop, import_) -> None:
    text = (
        '{"sku": "A", "transaction_type": "purchase", "quantity": true}\n'
        '{"sku": "A", "transaction_type": "purchase", "quantity": 1e30}\n'
        '{"sku": "A", "transaction_type": "purchase"}\n'
        '{"sku": "", "transaction_type": "purchase", "quantity": 1}\n'
    )
    assert problems(import_("movements", text, "--json", name="x.jsonl")) == [
        (1, "quantity", "true", "is not a number"),
        (2, "quantity", "1E+30", "is not below 1e15"),
        (3, "quantity", None, "is missing"),
        (4, "sku", None, "is missing"),
    ]


# Whole files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (BOM, "is empty"),
        (packed(b""), "is empty"),
        (b"\n\n", "there is no column "),
        (b"sku,quantity\n", "there is no column transaction_type"),
        (b"transaction_type,quantity\n", "there is no column sku or product_id"),
        (b"sku,transaction_type,quantity,qty,x y\n", 'unknown column "qty", "x y"'),
        (b"sku;transaction_type;quantity\n", 'unknown column "sku;transaction_type;quantity"'),
        (b"A,purchase,1\n", 'unknown column "A", "purchase", "1"'),
        (b"sku,transaction_type,quantity,sku\n", 'column "sku" is there twice'),
        (b"sku,transaction_type,quantity,id\n", 'column "id" cannot be imported'),
        (b"sku,transaction_type,quantity,reverses_id\n", 'column "reverses_id" cannot be imported'),
        (PLAIN.encode("utf-16"), "is not UTF-8 in line 1"),
        (PLAIN.encode() + "B,sale,1,Ñ\n".encode("latin-1"), "is not UTF-8 in line 4"),
        (PLAIN.encode() + "B,sale,1,Ñ".encode()[:-1], "is not UTF-8 in line 4"),
        (PLAIN.encode() + b"B,sale,1,\0\n", "holds a null byte in line 4"),
        (packed(PLAIN.encode())[:-9], "is a damaged or incomplete gzip file"),
        (packed(PLAIN.encode())[:30] + b"xxxxxxxx", "is a damaged or incomplete gzip file"),
        (PLAIN.encode() + b'A,"' + b"x\n" * 9_000_000, "line 4 of"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_such_file_is_said_in_a_sentence(shop, import_, content, message) -> None:
    result = import_("movements", content)
    assert result.exit_code == 1
    assert message in result.stderr.splitlines()[0]
    assert result.stderr.startswith("error: ")
    assert count(shop) == 0


def test_a_header_without_lines_imports_nothing(shop, import_) -> None:
    result = import_("movements", "sku,transaction_type,quantity\n", "--json")
    assert (result.exit_code, result.stdout) == (0, "[]\n")
    assert result.stderr == "0 inserted, 0 were there already\n"


def test_a_file_that_is_not_there_is_an_error(db_url, tmp_path) -> None:
    for name in ("none.csv", "."):
        result = CliRunner().invoke(
            cli, ["--database-url", db_url, "import", "movements", str(tmp_path / name)]
        )
        assert result.exit_code == 1
        assert result.stderr.startswith(f'error: cannot read "{tmp_path / name}": ')


def test_a_refused_column_comes_with_what_to_do_instead(db, import_) -> None:
    for column in ("quantity_on_hand", "total_stock"):
        result = import_("products", f"sku,name,{column}\nA,Tea,5\n")
        assert result.exit_code == 1
        assert result.stderr.startswith(f'error: column "{column}" cannot be imported\n')
        assert "opening_stock" in result.stderr
        line = json.dumps({"sku": "A", "name": "Tea", column: 5})
        [(_, _, _, problem)] = problems(import_("products", line, "--json", name="x.jsonl"))
        assert "opening_stock" in problem


def test_an_unknown_column_comes_with_the_known_ones(db, import_) -> None:
    result = import_("products", "sku,name,colour\nA,Tea,red\n")
    assert result.stderr.splitlines() == [
        'error: unknown column "colour"',
        "hint: The first line of a file names its columns; those of products are sku, name, status,"
        " is_deleted, allow_negative, reorder_point, unit_cost, tracks_batches, batch_strategy.",
    ]


# Once and only once

KEYED = "sku,transaction_type,quantity,idempotency_key,notes\n"


def test_a_file_can_be_sent_again(shop, import_) -> None:
    text = KEYED + "A,purchase,5,k1,\nB,purchase,7.50,k2,x\n"
    assert import_("movements", text).stderr == "2 inserted, 0 were there already\n"
    again = text.replace("7.50", "7.5") + "A,sale,1,k3,\nA,sale,1,,\n"
    assert import_("movements", again).stderr == "2 inserted, 2 were there already\n"
    assert count(shop) == 4
    assert not differences(shop)


def test_a_repeated_key_is_a_retry_only_with_the_same_content(shop, import_) -> None:
    import_("movements", KEYED + "A,purchase,5,k1,\n")
    text = KEYED + (
        "A,purchase,5,k1,\n"  # 2: booked
        "A,purchase,6,k1,\n"  # 3: booked otherwise
        "B,purchase,1,k2,\n"  # 4
        "B,purchase,1.0,k2,\n"  # 5: the same
        "B,purchase,1,k2,other\n"  # 6
        "A,purchase,1,k2,\n"  # 7
        "A,purchase,0,k2,\n"  # 8: bad anyway
    )
    found = problems(import_("movements", text, "--json"))
    assert {row[0] for row in found} == {3, 6, 7, 8}
    assert (3, "idempotency_key", "k1", "belongs to movement 1, which has another content") in found
    assert (6, "idempotency_key", "k2", "belongs to line 4, which has another content") in found
    assert (8, "quantity", "0", "is not above zero") in found
    assert count(shop) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sku", "B"),
        ("location", "Cellar"),
        ("transaction_type", "recovery_found"),
        ("quantity", "2"),
        ("occurred_at", "2026-01-02"),
        ("unit_cost", "1"),
        ("reference", "r"),
        ("user_id", "u"),
        ("notes", "n"),
        ("metadata", "{}"),
    ],
)
def test_any_difference_makes_another_content(shop, import_, column: str, value: str) -> None:
    base = GOOD | {"occurred_at": "2026-01-01", "idempotency_key": "k"}
    changed = base | {column: value}
    both = "\n".join(map(json.dumps, (base, changed)))
    at_once = problems(import_("movements", both, "--json", name="x.jsonl"))
    assert [row[3] for row in at_once] == ["belongs to line 1, which has another content"]
    assert import_("movements", json.dumps(base), name="x.jsonl").exit_code == 0
    later = problems(import_("movements", json.dumps(changed), "--json", name="x.jsonl"))
    assert [row[3] for row in later] == ["belongs to movement 1, which has another content"]


def test_a_key_can_be_sent_again_without_its_time(shop, import_) -> None:
    text = "sku,transaction_type,quantity,idempotency_key\nA,purchase,1,k\n"
    import_("movements", text)
    assert import_("movements", text).stderr == "0 inserted, 1 were there already\n"


def test_a_product_that_is_created_twice_over_in_one_file_keeps_keys_apart(db, import_) -> None:
    text = "sku,transaction_type,quantity,idempotency_key\nN1,purchase,1,k\nN2,purchase,1,k\n"
    found = problems(import_("movements", text, "--json", "--create-products"))
    assert found == [(3, "idempotency_key", "k", "belongs to line 2, which has another content")]
    assert count(db, "products") == 0


def test_stock_that_may_not_fall_below_zero_refuses_the_whole_file(shop, import_) -> None:
    shop.execute("update products set allow_negative = false")
    text = "sku,transaction_type,quantity\nB,purchase,1\nA,sale,1\n"
    result = import_("movements", text)
    assert result.exit_code == 4
    assert result.stderr.startswith('error: insufficient stock of "A"')
    assert count(shop) == count(shop, "stocksync.runs") == 0


# Products


def test_products_come_in(db, import_) -> None:
    result = import_(
        "products",
        "unit_cost,name,sku,allow_negative,is_deleted,status,reorder_point\n"
        '1.50,"Tea, ""Earl""",T,NO,f,,3\n,Ñandú,t,,,old,\n',
    )
    assert result.stderr == "2 inserted, 0 updated, 0 were there already\n"
    assert rows(
        db,
        "select sku, name, status, is_deleted, allow_negative, reorder_point, unit_cost"
        " from products order by id",
    ) == [
        ("T", 'Tea, "Earl"', "active", False, False, Decimal(3), Decimal("1.5")),
        ("t", "Ñandú", "old", False, None, None, None),
    ]


def test_products_that_are_there_are_updated_only_on_demand(db, import_) -> None:
    text = "sku,name,status,unit_cost\nA,Tea,,1.5\nB,Coffee,old,\n"
    import_("products", text)
    assert import_("products", text).stderr == "0 inserted, 0 updated, 2 were there already\n"
    changed = text.replace("Tea,,1.5", "Green tea,,1.50").replace("old", "") + "C,Cocoa,,\n"
    assert import_("products", changed).stderr == (
        "1 inserted, 0 updated, 1 were there already, 1 with other values (see --update)\n"
    )
    assert import_("products", changed, "--update").stderr == (
        "0 inserted, 1 updated, 2 were there already\n"
    )
    assert rows(db, "select sku, name, status, unit_cost from products order by sku") == [
        ("A", "Green tea", "active", Decimal("1.5")),
        ("B", "Coffee", "old", None),
        ("C", "Cocoa", "active", None),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A,again,,,,,", ("sku", "A", "is in line 2 already")),
        (",Tea,,,,,", ("sku", None, "is missing")),
        ('"",Tea,,,,,', ("sku", None, "is missing")),
        (" ,Tea,,,,,", ("sku", " ", "is empty")),
        ("B,,,,,,", ("name", None, "is missing")),
        ("B,Tea,,maybe,,,", ("is_deleted", "maybe", "is neither true nor false")),
        ("B,Tea,,,2,,", ("allow_negative", "2", "is neither true nor false")),
        ("B,Tea,,,,many,", ("reorder_point", "many", "is not a number")),
        ("B,Tea,,,,,NaN", ("unit_cost", "NaN", "is not a number")),
        ("B,Tea,,,,,-1", ("unit_cost", "-1", "is below zero")),
        ("B,Tea", (None, None, "2 values for 7 columns")),
    ],
)
def test_a_bad_product_is_named(db, import_, line: str, expected: tuple[str, str, str]) -> None:
    header = "sku,name,status,is_deleted,allow_negative,reorder_point,unit_cost\nA,Tea,,,,,\n"
    assert problems(import_("products", header + line + "\n", "--json")) == [(3, *expected)]
    assert count(db, "products") == 0


# For the database administrator


def test_an_import_needs_nothing_but_sql(shop) -> None:
    with shop.transaction():
        shop.execute(
            "select stocksync.stage_import('movements', '{quantity,sku,transaction_type}')"
        )
        with shop.cursor().copy(
            "copy stocksync_import (sku, quantity, transaction_type) from stdin csv header"
        ) as copy:
            copy.write("sku,quantity,transaction_type\nA,5,purchase\nA,x,sale\n")
        assert rows(shop, "select * from stocksync.import_movements()") == [(0, 0, 0, 1)]
        assert rows(shop, "select * from stocksync.import_problems('movements')") == [
            (3, "quantity", "x", "is not a number")
        ]
        shop.execute("delete from stocksync_import where line = 3")
        assert rows(shop, "select * from stocksync.import_movements()") == [(1, 0, 0, 0)]
        # and another file in the same transaction
        shop.execute("select stocksync.stage_import('products', '{sku,name}')")
        shop.execute("insert into stocksync_import (sku, name) values ('C', 'Cocoa')")
        assert rows(shop, "select * from stocksync.import_products()") == [(1, 0, 0, 0, 0)]
    assert rows(shop, "select quantity_on_hand from products where sku = 'A'") == [(5,)]


def test_an_unknown_kind_is_refused(db) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match='no import of "cats"'):
        db.execute("select stocksync.stage_import('cats', '{sku}')")


@pytest.mark.parametrize(("role", "may"), [("stocksync_operator", True), ("stocksync_app", False)])
def test_an_operator_may_import(shop, import_, monkeypatch, role: str, may: bool) -> None:
    monkeypatch.setenv("PGOPTIONS", f"-c role={role}")
    result = import_("movements", PLAIN.replace("B,", "C,"), "--create-products")
    assert (result.exit_code == 0) == may, result.output
    assert count(shop) == (2 if may else 0)


# Several at once, and killed


def command(db_url: str, file: Path) -> list[str]:
    return [*PROGRAM, "--database-url", db_url, "import", "movements", str(file)]


def start(db_url: str, file: Path, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(command(db_url, file), stderr=subprocess.PIPE, text=True, **options)


def waiting(db: psycopg.Connection, condition: str) -> None:
    """Wait until another session of the test's database is in this state."""
    deadline = time.monotonic() + 30
    while not rows(
        db,
        "select from pg_stat_activity where datname = current_database()"
        f" and pid <> pg_backend_pid() and {condition}",
    ):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_same_file_twice_at_once_is_booked_once(shop, db_url, tmp_path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(KEYED + "".join(f"A,purchase,1,k{i},\n" for i in range(5000)))
    processes = [start(db_url, file) for _ in range(4)]
    said = sorted(process.communicate(timeout=60)[1] for process in processes)
    assert said == ["0 inserted, 5000 were there already\n"] * 3 + [
        "5000 inserted, 0 were there already\n"
    ]
    assert count(shop) == 5000
    assert not differences(shop)


def test_a_key_that_an_application_is_using_is_waited_for(shop, db_url, tmp_path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(KEYED + "A,purchase,1,k1,\nA,purchase,1,k2,\n")
    for quantity, expected in (
        (1, "1 inserted, 1 were there already\n"),
        (2, "error: an idempotency key of the file was used by another session meanwhile\n"),
    ):
        with session(db_url) as application:
            with application.transaction():
                application.execute(
                    "insert into stock_movements"
                    " (product_id, transaction_type, quantity, idempotency_key)"
                    " values (1, 'purchase', %s, %s)",
                    (quantity, f"k{quantity}"),
                )
                process = start(db_url, file)
                waiting(shop, "wait_event_type = 'Lock'")
            assert process.communicate(timeout=30)[1].startswith(expected)
        shop.execute("delete from stock_movements")
    assert not differences(shop)


def test_a_killed_import_leaves_nothing(shop, db_url) -> None:
    for wait_for in ("state = 'active' and query like 'copy%'", "wait_event_type = 'Lock'"):
        with session(db_url) as blocker, blocker.transaction():
            blocker.execute("lock table stock_movements in exclusive mode")
            process = start(db_url, Path("-"), stdin=subprocess.PIPE)
            assert process.stdin is not None
            process.stdin.write("sku,transaction_type,quantity\n" + "A,purchase,1\n" * 200_000)
            process.stdin.flush()
            if "Lock" in wait_for:
                process.stdin.close()
            waiting(shop, wait_for)
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdin.close()
            process.stderr.close()  # type: ignore[union-attr]
        deadline = time.monotonic() + 30
        while rows(shop, "select from pg_stat_activity where application_name = 'stocksync'"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert count(shop) == count(shop, "stocksync.runs") == 0
    assert not differences(shop)


# Many lines


def sales(lines: int) -> Iterator[tuple[str, str, int, str]]:
    """Yield a shop's year, the same in every run: sku, type, quantity, time."""
    generator = random.Random(20101201)
    for line in range(lines):
        kind = generator.choice(["purchase", "sale", "sale", "sale_return", "damage"])
        day = f"2010-{1 + line * 12 // lines:02}-{generator.randint(1, 28):02}"
        sku = f"{generator.randint(1, 300)}{generator.choice(['', 'a', 'A'])}"
        yield sku, kind, generator.randint(1, 99), f"{day} {line % 24:02}:{line % 60:02}:00+00"


def test_a_year_of_a_shop_is_booked_exactly(db, import_) -> None:
    expected: Counter[str] = Counter()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("sku", "transaction_type", "quantity", "occurred_at", "idempotency_key"))
    for line, (sku, kind, quantity, at) in enumerate(sales(20_000)):
        expected[sku] += quantity if kind in ("purchase", "sale_return") else -quantity
        writer.writerow((sku, kind, quantity, at, f"line-{line}"))
    content = packed(text.getvalue().encode())
    result = import_("movements", content, "--create-products", name="year.csv.gz")
    assert result.exit_code == 0, result.output
    assert dict(rows(db, "select sku, quantity_on_hand from products")) == expected
    assert not differences(db)
    again = import_("movements", content, name="year.csv.gz")
    assert again.stderr == "0 inserted, 20000 were there already\n"


def test_memory_does_not_grow_with_the_file(db_url, tmp_path) -> None:
    def peak(lines: int) -> int:
        file = tmp_path / f"{lines}.csv.gz"
        with gzip.open(file, "wt", compresslevel=1) as out:
            out.write("sku,transaction_type,quantity,notes\n")
            for _ in range(lines):
                out.write(f"X,sale,1,{'n' * 100}\n")
        done, peak = measured(*command(db_url, file))
        assert done.returncode == 1
        return peak

    assert peak(300_000) < peak(1000) + 10_000  # kB, of 30,000 kB more to read
