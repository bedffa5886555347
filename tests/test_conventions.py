"""STYLE, as queries: the house rules that a machine can check."""

import re
from collections import Counter
from pathlib import Path

import psycopg
import pytest
from pglast import parse_plpgsql, parse_sql, parser
from pglast.ast import (
    CreateFunctionStmt,
    CreateTrigStmt,
    RawStmt,
)

from stocksync.objects import PREPARE
from stocksync.paths import data_dir

ROOT = Path(__file__).parent.parent
SQL = data_dir("sql")
MANIFEST = (SQL / "manifest").read_text().split()
MIGRATIONS = sorted(data_dir("migrations").glob("*.sql"))
README = (ROOT / "README.md").read_text()

# Ours: not yoyo's tables.
RELATIONS = """
    select c.oid, c.relkind, n.nspname, c.relname
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('public', 'stocksync') and c.relkind in ('r', 'v', 'm', 'c')
        and c.relname !~ '^_?yoyo_'
"""
FUNCTIONS = """
    select p.*, p.oid::regprocedure::text as identity, l.lanname
    from pg_proc as p
    join pg_language as l on l.oid = p.prolang
    where p.pronamespace in ('public'::regnamespace, 'stocksync'::regnamespace)
"""


def none(db: psycopg.Connection, query: str) -> None:
    assert db.execute(query).fetchall() == []


# Functions ----------------------------------------------------------------------------------------


def test_every_plpgsql_function_has_a_pinned_search_path(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select identity, proconfig from ({FUNCTIONS}) as f"
        " where lanname = 'plpgsql' and not coalesce("
        " 'search_path=pg_catalog, pg_temp' = any (proconfig), false)"
        # a procedure that commits cannot carry SET
        " and not (prokind = 'p' and prosrc ~ '\\mcommit( and chain)?;' and proconfig is null)",
    )


def test_every_definer_function_has_a_pinned_search_path(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select identity from ({FUNCTIONS}) as f where prosecdef"
        " and not 'search_path=pg_catalog, pg_temp' = any (coalesce(proconfig, '{}'))",
    )


def test_no_function_of_ours_is_executable_by_public(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select identity from ({FUNCTIONS}) as f"
        " where exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) as a"
        " where a.grantee = 0)",
    )


def test_a_definer_function_says_why(ledger: psycopg.Connection) -> None:
    for path in MANIFEST:
        for line in (SQL / path).read_text().splitlines():
            if line.startswith("security definer"):
                assert line.startswith("security definer -- "), path


def test_no_function_swallows_every_error_but_those_that_say_why() -> None:
    assert [p for p in MANIFEST if "when others" in (SQL / p).read_text()] == [
        "functions/_correct.sql",
        "functions/_fix.sql",
    ]


# Comments -----------------------------------------------------------------------------------------


def test_every_object_has_a_comment(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select 'function', identity from ({FUNCTIONS}) as f"
        " where obj_description(oid, 'pg_proc') is null"
        f" union all select 'relation', relname from ({RELATIONS}) as r"
        # of a composite type the comment is on the type
        " where relkind <> 'c' and obj_description(oid, 'pg_class') is null"
        f" union all select 'type', relname from ({RELATIONS}) as r"
        " join pg_type as t on t.typrelid = r.oid"
        " where relkind = 'c' and obj_description(t.oid, 'pg_type') is null"
        " union all select 'trigger', tgname from pg_trigger"
        " where not tgisinternal and obj_description(oid, 'pg_trigger') is null"
        " union all select 'schema', nspname from pg_namespace"
        " where nspname = 'stocksync' and obj_description(oid, 'pg_namespace') is null",
    )


def test_every_column_has_a_comment_unless_its_name_says_all(ledger: psycopg.Connection) -> None:
    """It does if it is a key, says when (..._at), or a column of a public table has its name.

    Of a private table the table's comment is enough.
    """
    none(
        ledger,
        f"select relname, attname from ({RELATIONS}) as r"
        " join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped"
        " where relkind <> 'c' and col_description(r.oid, a.attnum) is null"
        " and ((nspname = 'public' and relkind = 'r') or (attname !~ '^(id|.*_at)$'"
        " and relname !~ '^_' and not exists (select from pg_constraint as o"
        " where o.conrelid = r.oid and o.contype = 'f' and a.attnum = any (o.conkey))"
        f" and attname not in (select p.attname from ({RELATIONS}) as t"
        " join pg_attribute as p on p.attrelid = t.oid and p.attnum > 0"
        " where t.nspname = 'public' and t.relkind = 'r')))"
        " order by 1, 2",
    )


@pytest.mark.parametrize("path", MANIFEST)
def test_every_file_begins_with_what_it_is_for(path: str) -> None:
    assert re.match(r"-- [A-Z].*\.\n\n", (SQL / path).read_text(), re.DOTALL)


# Tables -------------------------------------------------------------------------------------------


def test_every_foreign_key_has_an_index_that_serves_it(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select conname from pg_constraint as o join ({RELATIONS}) as r on r.oid = o.conrelid"
        " where contype = 'f' and not exists (select from pg_index as i"
        " where i.indrelid = o.conrelid and i.indisvalid"
        " and (i.indkey::smallint[])[0 : cardinality(o.conkey) - 1] @> o.conkey"
        # a partial index serves where it leaves out nothing but nulls
        " and coalesce(pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', ("
        " select attname from pg_attribute where attrelid = o.conrelid and attnum = o.conkey[1])),"
        " true))",
    )


def test_types_of_columns(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select relname, attname, atttypid::regtype from ({RELATIONS}) as r"
        " join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped"
        " where atttypid in ('timestamp'::regtype, 'time'::regtype, 'timetz'::regtype,"
        " 'real'::regtype, 'float8'::regtype, 'money'::regtype, 'varchar'::regtype,"
        " 'bpchar'::regtype, 'json'::regtype)",
    )


def test_no_public_table_has_an_identity_column(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select relname, attname from ({RELATIONS}) as r"
        " join pg_attribute as a on a.attrelid = r.oid"
        " where nspname = 'public' and attidentity <> ''",
    )


def test_every_sequence_is_owned_by_its_column(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        "select s.oid::regclass from pg_class as s where s.relkind = 'S'"
        " and s.relnamespace in ('public'::regnamespace, 'stocksync'::regnamespace)"
        " and not exists (select from pg_depend as d where d.objid = s.oid"
        " and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i') and d.refobjsubid > 0)",
    )


def test_constraints_and_indexes_are_named_by_us(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        f"select conname from pg_constraint as o join ({RELATIONS}) as r on r.oid = o.conrelid"
        " where contype not in ('n', 't') and conname !~ '_(check|fkey|excl)[0-9]*$' is false"
        f" union all select conname from pg_constraint as o join ({RELATIONS}) as r"
        " on r.oid = o.conrelid where contype not in ('n', 't')"
        " and conname !~ ('^' || relname || '_')"
        f" union all select i.indexrelid::regclass::text from pg_index as i join ({RELATIONS}) as r"
        " on r.oid = i.indrelid where not exists (select from pg_constraint as o"
        " where o.conindid = i.indexrelid) and i.indexrelid::regclass::text"
        " !~ ('(^|\\.)' || relname || '_.*_idx$')",
    )


# Files --------------------------------------------------------------------------------------------


def test_the_manifest_names_every_file_once() -> None:
    on_disk = sorted(str(path.relative_to(SQL)) for path in SQL.rglob("*.sql"))
    assert sorted(MANIFEST) == on_disk
    order = ["functions", "procedures", "materialized_views", "views", "triggers"]
    found = [path.split("/")[0] for path in MANIFEST]
    assert [kind for kind, _ in Counter(found).items()] == [k for k in order if k in found]


def test_a_file_is_named_like_what_it_makes(ledger: psycopg.Connection) -> None:
    objects = ledger.execute(
        "select path, kind, identity from stocksync.live_object() where path is not null"
    ).fetchall()
    assert {path for path, _, _ in objects} == set(MANIFEST)
    for path, kind, identity in objects:
        directory, name = path.removesuffix(".sql").split("/")
        if kind == "index":
            continue
        made = {"functions": ["function"], "procedures": ["procedure"], "views": ["view"],
                "materialized_views": ["materialized view"],
                "triggers": ["trigger", "function"]}[directory]  # fmt: skip
        assert kind in made, (path, identity)
        if kind == "trigger":
            trigger, table = re.fullmatch(r"(\w+) on \w+\.(\w+)", identity).groups()
            assert name.startswith(f"{table}__"), (path, identity)
            assert re.fullmatch(r"_(100|500|900)_[a-z_]+", trigger), identity
        else:
            bare = re.match(r"\w+\.(\w+)", identity)[1]
            assert bare == (f"tg_{name}" if directory == "triggers" else name), (path, identity)


def test_a_trigger_function_is_named_after_its_table(ledger: psycopg.Connection) -> None:
    none(
        ledger,
        "select c.relname, t.tgname, p.proname from pg_trigger as t"
        " join pg_class as c on c.oid = t.tgrelid join pg_proc as p on p.oid = t.tgfoid"
        " where not t.tgisinternal and not starts_with(p.proname, 'tg_' || c.relname || '__')"
        # one function guards three tables
        " and p.oid <> 'stocksync._guard_batches()'::regprocedure",
    )
    none(
        ledger,
        f"select identity from ({FUNCTIONS}) as f where prorettype = 'trigger'::regtype"
        " and not exists (select from pg_trigger as t where t.tgfoid = f.oid)",
    )


def test_every_file_can_run_twice(ledger: psycopg.Connection) -> None:
    live = "select kind, identity, md5, path from stocksync.live_object() order by 1, 2"
    before = ledger.execute(live).fetchall()
    with ledger.transaction(force_rollback=True):
        ledger.execute(PREPARE)
        for _ in range(2):
            for path in MANIFEST:
                ledger.execute((SQL / path).read_text())
            assert ledger.execute(live).fetchall() == before
    # One alone takes nothing along but what comes later and is made again then.
    for position, path in enumerate(MANIFEST):
        if path.startswith(("views/", "materialized_views/")):
            with ledger.transaction(force_rollback=True):
                ledger.execute(PREPARE)
                ledger.execute((SQL / path).read_text())
                made = {file for _, _, _, file in ledger.execute(live)}
                for later in MANIFEST[position + 1 :]:
                    if later not in made:
                        ledger.execute((SQL / later).read_text())
                assert ledger.execute(live).fetchall() == before, path


def bodies(statements: tuple[RawStmt, ...]) -> list[tuple[str, str]]:
    """Return language and body of each function among the statements."""
    found = []
    for statement in statements:
        if isinstance(statement.stmt, CreateFunctionStmt):
            options = {option.defname: option.arg for option in statement.stmt.options}
            if "as" in options:
                found.append((options["language"].sval, options["as"][0].sval))
    return found


def queries(tree: object) -> list[str]:
    """Return every query and expression in what parse_plpgsql returns."""
    if isinstance(tree, dict):
        here = [f"{tree['query']}"] if "query" in tree and tree.get("parseMode") == 0 else []
        return here + [query for value in tree.values() for query in queries(value)]
    if isinstance(tree, list):
        return [query for value in tree for query in queries(value)]
    return []


@pytest.mark.parametrize("path", [SQL / p for p in MANIFEST] + MIGRATIONS, ids=lambda p: p.name)
def test_the_parser_reads_every_file_and_every_body(path: Path) -> None:
    text = path.read_text()
    statements = parse_sql(text)
    assert statements
    for statement in statements:
        if isinstance(statement.stmt, CreateFunctionStmt):
            start = statement.stmt_location
            source = text.encode()[start : start + statement.stmt_len].decode()
            [(language, body)] = bodies((statement,)) or [("sql", "")]
            if language == "plpgsql":
                # outside a server the parser knows no types of ours
                known = re.sub(r"(stocksync|public)\.\w+\[\]", "text[]", source)
                known = known.replace("stocksync._line", "text").replace("stocksync.", "public.")
                for query in queries(parse_plpgsql(known)):
                    parse_sql(query)
            elif body:
                parse_sql(body)


@pytest.mark.parametrize("path", [SQL / p for p in MANIFEST] + MIGRATIONS, ids=lambda p: p.name)
def test_keywords_and_types_are_in_lower_case(path: Path) -> None:
    text = path.read_text()
    for source in [text, *(body for _, body in bodies(parse_sql(text)))]:
        encoded = source.encode()
        words = [
            encoded[token.start : token.end + 1].decode()
            for token in parser.scan(source)
            if token.kind != "NO_KEYWORD" or token.name == "IDENT"
        ]
        assert [w for w in words if w != w.lower() and not w.startswith('"')] == []
    assert [line for line in text.splitlines() if line.rstrip() != line or "\t" in line] == []


def test_every_materialized_view_can_be_refreshed_while_it_is_read(
    ledger: psycopg.Connection,
) -> None:
    none(
        ledger,
        f"select relname from ({RELATIONS}) as r where relkind = 'm' and not exists ("
        " select from pg_index as i where i.indrelid = r.oid and i.indisunique and i.indisvalid"
        " and i.indpred is null and i.indexprs is null)",
    )
    none(
        ledger,
        # views of views would be dropped with what they read
        f"select r.relname, d.refobjid::regclass from ({RELATIONS}) as r"
        " join pg_rewrite as w on w.ev_class = r.oid"
        " join pg_depend as d on d.objid = w.oid and d.refclassid = 'pg_class'::regclass"
        " join pg_class as c on c.oid = d.refobjid and c.oid <> r.oid"
        # those that begin with _ come first, when they are made and when they are refreshed
        " where r.relkind = 'm' and c.relkind in ('v', 'm') and c.relname !~ '^_'",
    )


def test_a_trigger_that_can_be_replaced_is() -> None:
    for path in MANIFEST:
        for statement in parse_sql((SQL / path).read_text()):
            if isinstance(statement.stmt, CreateTrigStmt):
                assert statement.stmt.replace or statement.stmt.isconstraint, path


# README -------------------------------------------------------------------------------------------


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_codes_that_sql_raises_are_those_of_the_readme() -> None:
    raised = {code for p in MANIFEST for code in re.findall(r"'(SS\w{3})'", (SQL / p).read_text())}
    assert raised == set(re.findall(r"^\| `(SS\w+)` \|", section("Errors"), re.MULTILINE))
    assert not any(code.endswith("000") for code in raised)


def test_the_constraints_that_the_readme_names_are_there(ledger: psycopg.Connection) -> None:
    named = set(re.findall(r"`(stock_movements_\w+)`", section("Errors")))
    known = {name for (name,) in ledger.execute("select conname from pg_constraint")}
    known |= {name for (name,) in ledger.execute("select relname from pg_class")}
    sources = "".join((SQL / path).read_text() for path in MANIFEST)
    assert {name for name in named if name not in known and f"'{name}'" not in sources} == set()


def test_the_readme_names_everything_public(ledger: psycopg.Connection) -> None:
    names = ledger.execute(
        "select proname from pg_proc where pronamespace = 'stocksync'::regnamespace"
        " and prorettype <> 'trigger'::regtype union"
        " select relname from pg_class where relnamespace = 'stocksync'::regnamespace"
        " and relkind in ('v', 'm')"
    ).fetchall()
    table = section("In SQL")
    public = sorted(name for (name,) in names if not name.startswith("_"))
    assert [
        name for name in public if not re.search(rf"`(stocksync|public)\.{name}\b", table)
    ] == []


def test_every_public_object_has_its_test() -> None:
    missing = [
        path
        for path in MANIFEST
        if not path.startswith(("functions/_", "procedures/_", "materialized_views/_"))
        and not (ROOT / "tests" / path.replace("/", "/test_").replace(".sql", ".py")).exists()
    ]
    assert missing == []


# Tables, as a reviewer reads them -----------------------------------------------------------------


def test_the_expected_schema_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Always made by the wheel's server, whatever version the other tests run on."""
    from expected.generate import SCHEMA, tables

    monkeypatch.delenv("STOCKSYNC_PG_BIN", raising=False)
    assert SCHEMA.read_text() == tables(), "run make generate"
