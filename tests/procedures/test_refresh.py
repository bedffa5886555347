"""The hourly refresh: exact under writers, one at a time, nothing lost wherever it is killed."""

import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from functions.test_fold import hold_back
from helpers import acting_as, differences, move, only, product, raises_sql, session, stock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stocksync.embedded import Embedded

RUN = "call stocksync.refresh()"


def done(db: psycopg.Connection, run: int) -> dict[str, dict[str, object]]:
    """Return what each step of a run did."""
    rows = db.execute("select step, done from stocksync.run_cost(%s)", (run,)).fetchall()
    return dict(rows)


def wait_for(db: psycopg.Connection, condition: str) -> None:
    """Wait until a condition holds, for 10 seconds at most."""
    db.execute("set statement_timeout = '10s'")
    db.execute(
        f"do $$ begin while not ({condition}) loop perform pg_sleep(0.005); end loop; end $$"
    )
    db.execute("reset statement_timeout")


class Refresh(threading.Thread):
    """A refresh in a session of its own."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.db = psycopg.connect(url, autocommit=True)
        self.pid = self.db.info.backend_pid
        self.result: object = None
        self.start()

    def run(self) -> None:
        try:
            self.result = only(self.db, RUN)
        except psycopg.Error as error:
            self.result = error
        finally:
            self.db.close()


@contextmanager
def held_up(db: psycopg.Connection, url: str) -> Iterator[Refresh]:
    """A refresh that stands in the middle, at the roll-up, because a correction has its lock."""
    with session(url) as correction:
        correction.execute("begin")
        correction.execute("select pg_advisory_xact_lock(stocksync._lock_key('roll_up'))")
        refresh = Refresh(url)
        wait_for(
            db,
            "exists (select from stocksync.runs"
            f' where pid = {refresh.pid} and cost @> \'[{{"step": "fold"}}]\')',
        )
        yield refresh
        correction.execute("rollback")
        refresh.join(10)
        assert not refresh.is_alive()


def test_it_rolls_up_and_finds_nothing_wrong(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    move(ledger, a, 3, "sale")
    run = only(ledger, RUN)
    assert done(ledger, run)["roll_up"] == {"journal": 2}
    assert done(ledger, run)["compare"] == {"suspects": 0}
    assert only(ledger, "select count(*) from stocksync._journal") == 0
    assert only(ledger, "select quantity from stocksync.stock_total") == 7
    assert differences(ledger) == []


def test_an_empty_ledger(ledger: psycopg.Connection) -> None:
    assert done(ledger, only(ledger, RUN))["compare"] == {"suspects": 0}


def test_it_folds_what_waits(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    hold_back(ledger, a, 4)
    assert done(ledger, only(ledger, RUN))["fold"] == {"pending": 1}
    assert (stock(ledger, a), differences(ledger)) == (10, [])


@pytest.mark.parametrize("column", ["quantity_on_hand", "total_stock"])
@pytest.mark.parametrize("wrong", ["12", "-1", "'NaN'", "'Infinity'"])
def test_it_corrects_from_the_movements(
    ledger: psycopg.Connection, column: str, wrong: str
) -> None:
    a, b = product(ledger, "A"), product(ledger, "B")
    move(ledger, a, 10)
    move(ledger, b, 5)
    ledger.execute(RUN)
    with ledger.transaction():  # around the guard, which would refuse NaN
        ledger.execute("set local session_replication_role = replica")
        ledger.execute(f"update products set {column} = {wrong} where id = %s", (a,))
    run = only(ledger, RUN)
    assert done(ledger, run)["compare"] == {"suspects": 1}
    assert ledger.execute(
        "select product_id, class, before::text, after from stocksync.incidents where run_id = %s",
        (run,),
    ).fetchall() == [(a, column, wrong.strip("'"), 10)]
    assert ledger.execute(
        "select products_found, products_corrected, products_failed from stocksync.runs"
        " where id = %s",
        (run,),
    ).fetchall() == [(1, 1, 0)]
    assert differences(ledger) == []


def test_a_wrong_roll_up_does_not_make_the_stock_wrong(ledger: psycopg.Connection) -> None:
    """It is the movements that say which of the two is right."""
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute(RUN)
    ledger.execute("update stocksync.stock_total set quantity = 11")
    run = only(ledger, RUN)
    assert only(ledger, "select class from stocksync.incidents where run_id = %s", (run,)) == (
        "roll_up"
    )
    assert (stock(ledger, a), differences(ledger)) == (10, [])


def test_locations_are_summed(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    ledger.execute("insert into locations (name) values ('Shop'), ('Store')")
    for location in (None, 1, 2):
        move(ledger, a, 10, location_id=location)
    ledger.execute(RUN)
    assert done(ledger, only(ledger, RUN))["compare"] == {"suspects": 0}
    ledger.execute("update stocksync.stock_total set quantity = 11 where location_id = 2")
    assert done(ledger, only(ledger, RUN))["compare"] == {"suspects": 1}
    assert differences(ledger) == []


def test_old_movements_that_change_are_followed(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    old = move(ledger, a, 10, occurred_at="2020-01-01Z")
    move(ledger, a, 5, "stock_count_correction", occurred_at="2021-01-01Z")
    last = move(ledger, a, 2, occurred_at="2022-01-01Z")
    ledger.execute(RUN)
    ledger.execute("update stock_movements set occurred_at = '2019-06-01Z' where id = %s", (old,))
    ledger.execute("delete from stock_movements where id = %s", (last,))
    ledger.execute(RUN)
    assert ledger.execute(
        "select quantity, quantity_in, movements, first_on::text, last_on::text,"
        " last_count_on::text from stocksync.stock_total"
    ).fetchall() == [(15, 15, 2, "2019-06-01", "2021-01-01", "2021-01-01")]
    assert differences(ledger) == []


def test_a_transaction_from_before_to_after_is_counted_once(
    ledger: psycopg.Connection, ledger_url: str
) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    with session(ledger_url) as writer:
        writer.execute("begin")
        move(writer, a, 5)
        ledger.execute(RUN)
        assert differences(ledger) == []
        move(writer, a, 1)
        writer.execute("commit")
    assert differences(ledger) == []
    assert done(ledger, only(ledger, RUN))["roll_up"] == {"journal": 2}
    assert (stock(ledger, a), differences(ledger)) == (16, [])


def test_of_two_at_once_one_says_that_the_other_runs(db: psycopg.Connection, db_url: str) -> None:
    with held_up(db, db_url) as first:
        assert only(db, RUN) is None
        assert only(
            db, "select count(*) from stocksync.log where message ~ 'a refresh is running'"
        ) == 1  # fmt: skip
    assert isinstance(first.result, int)
    assert only(db, RUN) is not None


def test_eight_at_once_are_one(db: psycopg.Connection, db_url: str) -> None:
    move(db, product(db), 10)
    with held_up(db, db_url) as first:
        others = [Refresh(db_url) for _ in range(7)]
        for other in others:
            other.join(10)
        assert [other.result for other in others] == [None] * 7
    assert isinstance(first.result, int)
    assert only(db, "select count(*) from stocksync.runs") == 1


@pytest.mark.parametrize(
    ("pid", "seen", "runs"),
    [
        ("other", "1 second", False),  # it is between two steps
        ("other", "1 minute", True),  # another process has its number now
        ("own", "1 second", True),  # it was ended in this very session
        ("none", "1 second", True),  # it was killed
    ],
)
def test_between_two_steps_only_the_record_tells_that_a_refresh_lives(
    db: psycopg.Connection, db_url: str, pid: str, seen: str, runs: bool
) -> None:
    with session(db_url) as other:
        number = {"other": other.info.backend_pid, "own": db.info.backend_pid, "none": 2**31 - 1}
        db.execute(
            "insert into stocksync.runs (command, pid, seen_at)"
            " values ('refresh', %s, clock_timestamp() - %s::interval)",
            (number[pid], seen),
        )
        assert (only(db, RUN) is not None) is runs


def test_one_that_was_taken_for_dead_stops(ledger: psycopg.Connection) -> None:
    frozen = only(ledger, RUN)
    ledger.execute(RUN)
    with raises_sql("55006", f"refresh {frozen} was overtaken by another one"):
        ledger.execute("select stocksync._continue_run(%s)", (frozen,))


def test_the_next_one_goes_on_where_one_was_killed(db: psycopg.Connection, db_url: str) -> None:
    a = product(db)
    move(db, a, 10)
    hold_back(db, a, 3)
    with held_up(db, db_url) as refresh:
        db.execute("select pg_terminate_backend(%s)", (refresh.pid,))
        refresh.join(10)
        assert isinstance(refresh.result, psycopg.OperationalError)
    assert only(db, "select finished_at from stocksync.runs") is None
    assert differences(db) == []
    run = only(db, RUN)
    assert done(db, run)["roll_up"] == {"journal": 1}
    assert (stock(db, a), differences(db)) == (10, [])


def test_an_interrupted_one_can_be_repeated_in_the_same_session(
    db: psycopg.Connection, db_url: str
) -> None:
    with held_up(db, db_url) as refresh:
        db.execute("select pg_cancel_backend(%s)", (refresh.pid,))
        refresh.join(10)
        assert isinstance(refresh.result, psycopg.errors.QueryCanceled)
        assert only(
            db, "select count(*) from pg_locks where locktype = 'advisory' and pid = %s",
            (refresh.pid,),
        ) == 0  # fmt: skip


def test_writers_do_not_wait_for_it(db: psycopg.Connection, db_url: str) -> None:
    a = product(db)
    with held_up(db, db_url), session(db_url) as writer:
        writer.execute("set lock_timeout = '10ms'")
        for _ in range(20):
            move(writer, a, 1)
    assert (stock(db, a), differences(db)) == (20, [])


@pytest.fixture
def view(db: psycopg.Connection) -> str:
    """A materialized view of the test's own in schema stocksync."""
    db.execute(
        "create materialized view stocksync.probe as"
        " select t.product_id, t.quantity from stocksync.stock_total as t"
    )
    db.execute("create unique index on stocksync.probe (product_id)")
    return "probe"


def test_a_view_is_refreshed_when_its_input_changed_and_only_then(
    db: psycopg.Connection, view: str
) -> None:
    a = product(db)

    when = f"select refreshed_at from stocksync.view_refreshes where view_name = '{view}'"

    def refreshed() -> bool:
        before = db.execute(when).fetchall()
        db.execute(RUN)
        return db.execute(when).fetchall() != before

    assert refreshed() is True
    assert refreshed() is False
    for statement in (
        "insert into stock_movements (product_id, transaction_type, quantity)"
        f" values ({a}, 'purchase', 5)",
        "update products set unit_cost = 2",
        "update stocksync.settings set report_days = 30",
        "insert into products (sku, name) values ('B', 'B')",
        "delete from products where sku = 'B'",
        "update transaction_types set counts_as = 'sale' where name = 'damage'",
        "update stocksync.settings set time_zone = 'Pacific/Kiritimati'",
        "update stocksync.stock_total set quantity = quantity + 1",  # and is corrected
        "update stocksync.view_refreshes set input = 'that of yesterday'",
    ):
        db.execute(statement)
        assert (statement, refreshed()) == (statement, True)
        assert (statement, refreshed()) == (statement, False)
    for statement in (
        "update products set name = 'Another'",
        "update products set reorder_point = 3",
        "insert into locations (name) values ('Shop')",
    ):
        db.execute(statement)
        assert (statement, refreshed()) == (statement, False)
    assert db.execute("select * from stocksync.probe").fetchall() == [(a, 5)]


def test_what_reads_the_past_only_is_left_alone_by_movements_of_today(
    db: psycopg.Connection,
) -> None:
    a = product(db)
    db.execute(RUN)

    def refreshed() -> set[str]:
        query = "select view_name, refreshed_at from stocksync.view_refreshes"
        before = set(db.execute(query))
        db.execute(RUN)
        return {name for name, _ in set(db.execute(query)) - before}

    present = {"movement_trends", "slow_and_fast_movers", "stock_summary"}
    past = {"_past_by_product", "_past_by_type"}
    move(db, a, 5)
    assert refreshed() == present
    move(db, a, 5, occurred_at="2020-01-01Z")
    assert refreshed() == present | past
    db.execute("update products set unit_cost = 2")
    assert refreshed() == present
    db.execute("update stocksync.settings set report_days = 30")
    assert refreshed() == present | past
    db.execute("update transaction_types set counts_as = 'sale' where name = 'damage'")
    assert refreshed() == present | past
    assert refreshed() == set()


def test_a_view_can_be_read_while_it_is_refreshed(
    db: psycopg.Connection, db_url: str, view: str
) -> None:
    move(db, product(db), 5)
    db.execute(RUN)
    move(db, 1, 5)
    with session(db_url) as reader:
        reader.execute("begin")
        assert only(reader, f"select quantity from stocksync.{view}") == 5
        db.execute("set statement_timeout = '5s'")  # it would wait for ever
        db.execute(RUN)
        assert only(db, f"select quantity from stocksync.{view}") == 10


def test_what_is_older_than_the_settings_want_goes(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    move(ledger, a, 10)
    ledger.execute("update products set quantity_on_hand = 1")
    corrected = only(ledger, "call stocksync.sync()")
    idle = only(ledger, "call stocksync.sync()")
    ledger.execute("update stocksync.runs set started_at = started_at - interval '91 days'")
    ledger.execute("update stocksync.log set logged_at = logged_at - interval '91 days'")
    ledger.execute("update stocksync.log set logged_at = now() where id = 1")
    ledger.execute(
        "insert into stocksync.jobs (task, subject, state, finished_at) values"
        " ('sync', 'old', 'done', now() - interval '31 days'),"
        " ('sync', 'young', 'failed', now() - interval '29 days'),"
        " ('sync', 'queued', 'queued', null)"
    )
    ledger.execute(
        "insert into stocksync.alerts (rule, subject, level, message, raised_at, resolved_at)"
        " values ('negative_stock', 'A', 'warning', 'x', '2020-01-01', '2020-01-02'),"
        " ('negative_stock', 'B', 'warning', 'x', '2020-01-01', null)"
    )
    ledger.execute(
        "insert into stocksync.api_readings (source, match_by, grace, started_at) values"
        " ('x', 'id', '0', now() - interval '8 days'), ('x', 'id', '0', now())"
    )
    entries = only(ledger, "select count(*) from stocksync.log")
    run = only(ledger, RUN)
    assert done(ledger, run)["tidy"] == {
        "log": entries - 1,
        "runs": 1,
        "jobs": 1,
        "alerts": 1,
        "readings": 1,
    }
    kept = ledger.execute("select id from stocksync.runs order by id").fetchall()
    assert kept == [(corrected,), (run,)] and idle not in kept
    assert ledger.execute("select subject from stocksync.jobs order by id").fetchall() == [
        ("young",), ("queued",)
    ]  # fmt: skip
    assert only(ledger, "select count(*) from stocksync.incidents") == 1


def test_not_inside_a_transaction(ledger: psycopg.Connection) -> None:
    with raises_sql("2D000", "invalid transaction termination"), ledger.transaction():
        ledger.execute(RUN)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_whatever_the_default_isolation(ledger: psycopg.Connection, level: str) -> None:
    move(ledger, product(ledger), 10)
    ledger.execute("update products set quantity_on_hand = 1")
    ledger.execute(f"set default_transaction_isolation = '{level}'")
    assert done(ledger, only(ledger, RUN))["compare"] == {"suspects": 1}
    assert differences(ledger) == []


def test_an_operator_may_and_an_auditor_may_not(ledger: psycopg.Connection) -> None:
    move(ledger, product(ledger), 10)
    with acting_as(ledger, "stocksync_operator"):
        assert only(ledger, RUN)
    with (
        acting_as(ledger, "stocksync_auditor"),
        raises_sql("42501", "permission denied for procedure refresh"),
    ):
        ledger.execute(RUN)


MOVES = st.tuples(
    st.integers(1, 3),
    st.sampled_from(["purchase", "sale", "stock_count_correction", "damage"]),
    st.integers(1, 9),
    st.integers(0, 400),
    st.sampled_from([None, 1, 2]),
)
STEPS = st.one_of(
    st.tuples(st.just("move"), MOVES),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("shift"), st.integers(0, 30)),
    st.tuples(st.just("spoil"), st.integers(1, 3)),
    st.tuples(st.just("hold"), st.integers(1, 3)),
    st.tuples(st.just("refresh"), st.none()),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(STEPS, max_size=25))
def test_after_any_history_a_refresh_leaves_everything_right(
    ledger: psycopg.Connection, steps: list[tuple[str, object]]
) -> None:
    for table in ("stock_movements", "products", "locations"):
        ledger.execute(f"delete from {table}")
    ledger.execute("insert into locations (id, name) values (1, 'Shop'), (2, 'Store')")
    ledger.execute(
        "insert into products (id, sku, name) select n, n, n from generate_series(1, 3) n"
    )
    nth = "(select id from stock_movements order by id offset %s limit 1)"
    for name, argument in steps:
        match name:
            case "move":
                n, kind, quantity, days, place = argument
                ledger.execute(
                    "insert into stock_movements (product_id, transaction_type, quantity,"
                    " occurred_at, location_id)"
                    " values (%s, %s, %s, now() - %s * interval '1 day', %s)",
                    (n, kind, quantity, days, place),
                )
            case "delete":
                ledger.execute(f"delete from stock_movements where id = {nth}", (argument,))
            case "shift":
                ledger.execute(
                    "update stock_movements set occurred_at = occurred_at - interval '40 days',"
                    f" quantity = quantity + 1 where id = {nth}",
                    (argument,),
                )
            case "spoil":
                ledger.execute(
                    "update products set quantity_on_hand = quantity_on_hand + 3 where id = %s",
                    (argument,),
                )
            case "hold":
                hold_back(ledger, argument, 2)
            case "refresh":
                ledger.execute(RUN)
                assert differences(ledger) == []
    ledger.execute(RUN)
    assert differences(ledger) == []


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that other users can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="stocksync-test-") as directory:
        yield Path(directory)


def test_it_goes_on_in_another_cluster_where_a_dump_was_restored(
    db: psycopg.Connection, db_url: str, place: Path
) -> None:
    a = product(db)
    move(db, a, 10)
    db.execute(RUN)
    move(db, a, 4, "sale")
    with held_up(db, db_url):  # the dump has a refresh that has begun
        hold_back(db, a, 3)
        dump = subprocess.run(
            [Embedded.tool("pg_dump"), f"--dbname={db_url}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    place.chmod(0o755)  # as root the server runs as another user, who must get in
    with Embedded(place / "pg", fsync=False) as other:
        with session(other.url()) as restored:
            for role in ("app", "auditor", "operator"):
                restored.execute(f"create role stocksync_{role}")
        subprocess.run(
            [Embedded.tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", other.url()],
            # a newer pg_dump says it to every server
            input=dump.replace("SET transaction_timeout = 0;\n", ""),
            check=True,
            capture_output=True,
            text=True,
        )
        with session(other.url()) as restored:
            assert differences(restored) == []
            run = only(restored, RUN)
            assert done(restored, run)["fold"] == {"pending": 1}
            assert done(restored, run)["roll_up"] == {"journal": 1}
            assert (stock(restored, a), differences(restored)) == (6, [])
            assert only(restored, "select count(*) from stocksync.incidents") == 0


def test_a_run_that_booked_movements_is_kept_for_ever(ledger: psycopg.Connection) -> None:
    ledger.execute(
        "insert into stocksync.runs (command, started_at, finished_at, movement_ids)"
        " select 'restore', now() - interval '20 years', now(), m"
        " from unnest(array['{}', '{[1,3)}']::int8multirange[]) as m"
    )
    ledger.execute("call stocksync.refresh()")
    assert ledger.execute(
        "select movement_ids::text from stocksync.runs where command = 'restore'"
    ).fetchall() == [("{[1,3)}",)]
