"""What a comparison is asked about must be there."""

import psycopg
import pytest
from helpers import product, raises_sql


def test_what_is_there_passes(ledger: psycopg.Connection) -> None:
    a = product(ledger)
    for product_id, since in ((None, None), (a, None), (None, "2001-01-01"), (a, "-infinity")):
        ledger.execute("select stocksync.check_scope(%s, %s)", (product_id, since))


def test_an_unknown_product_is_refused(ledger: psycopg.Connection) -> None:
    with raises_sql(
        "P0002",
        "product 999 does not exist",
        message_hint='List the products with "stocksync stock".',
    ):
        ledger.execute("select stocksync.check_scope(999, null)")


@pytest.mark.parametrize("since", ["2999-01-01 00:00:00+00", "infinity"])
def test_a_time_in_the_future_is_refused(ledger: psycopg.Connection, since: str) -> None:
    ledger.execute("set time zone 'UTC'")
    with raises_sql(
        "22023",
        f"{since} is in the future",
        message_hint="Give the date from which movements may be wrong.",
    ):
        ledger.execute("select stocksync.check_scope(null, %s)", (since,))
