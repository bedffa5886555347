"""Custom fixes in Python: look at what every source says of a product, plan, apply.

    from stocksync import StockFixer

    with StockFixer(dry_run=True) as fixer:
        for product in fixer.mismatches():
            if "on_hand_vs_batches" in product["classes"]:
                for change in fixer.fix("batches", products=[product["product_id"]]):
                    print(change.sku, change.change, change.before, "->", change.after)

All of it is done by functions of the database, which anybody can call from psql.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import Any, Literal, LiteralString, NamedTuple, Self, TypedDict, cast

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb, set_json_loads

from stocksync import db
from stocksync.errors import StocksyncError
from stocksync.objects import value
from stocksync.output import to_json

Kind = Literal["fields", "batches", "ledger", "missing"]

KINDS: tuple[Kind, ...] = ("fields", "ledger", "batches", "missing")


# A quantity keeps its digits.
_load_json = partial(json.loads, parse_float=Decimal)


class Sources(TypedDict):
    """The stock of a product in each source, side by side: a row of stocksync.stock_sources()."""

    product_id: int
    sku: str | None  # None, as what follows, where only movements of the product are left
    name: str | None
    status: str | None
    is_deleted: bool | None
    quantity_on_hand: Decimal | None
    total_stock: Decimal | None
    ledger: Decimal  # the sum of its movements
    rolled_up: Decimal | None
    by_location: Decimal | None
    batches: Decimal | None  # what remains of them; None if it tracks none
    movements: int


class Mismatch(TypedDict):
    """A product whose sources differ: a row of stocksync.mismatches()."""

    product_id: int | None  # None for what only an API shows
    sku: str | None
    name: str | None
    status: str | None
    is_deleted: bool | None
    quantity_on_hand: Decimal | None
    total_stock: Decimal | None
    ledger: Decimal | None
    rolled_up: Decimal | None
    by_location: Decimal | None
    batches: Decimal | None
    api_id: str | None
    api: Decimal | None
    api_status: str | None
    difference: Decimal | None  # on hand minus ledger
    movements: int | None
    classes: list[str]
    causes: list[str]
    reasons: list[dict[str, Any]]


class Fix(NamedTuple):
    """One change, planned or done."""

    product_id: int
    sku: str | None
    name: str | None
    kind: str
    class_: str
    change: str
    before: str | None
    after: str | None
    skipped: str | None  # why it is not, or was not done


class StockFixer:
    """A connection to look at the stock and fix it; nothing is changed with ``dry_run``.

    The database is ``database_url``, else that of the variables that the program reads. To be
    closed, or used as a context manager. Every method raises psycopg.Error if the database refuses,
    and StocksyncError.
    """

    def __init__(self, database_url: str | None = None, dry_run: bool = True) -> None:
        self.dry_run = dry_run
        #: The run of the last live fix, which `stocksync undo` takes back; None if there is none.
        self.run_id: int | None = None
        #: The audit that looked afterwards at what it touched; None if nothing was.
        self.audit_run_id: int | None = None
        self._connection = db.connect(db.database_url(database_url))
        try:
            self._connection.execute("select stocksync.use_shop_time()")
        except BaseException:
            self.close()
            raise
        set_json_loads(_load_json, self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; again does no harm."""
        self._connection.close()

    def product(self, product: int | str) -> Sources:
        """Return the stock of a product in each source; ``product`` is its id or its sku."""
        id_ = self._id(product)
        rows = self._rows("select * from stocksync.stock_sources(%s)", [id_])
        if not rows:
            raise StocksyncError(f"product {id_} does not exist")
        return cast(Sources, rows[0])

    def ledger_stock(self, product: int | str) -> Decimal:
        """Return the stock that the movements of a product say."""
        return self.product(product)["ledger"]

    def batch_stock(self, product: int | str) -> Decimal | None:
        """Return what remains of the batches of a product; None if it tracks none."""
        return self.product(product)["batches"]

    def mismatches(self, product: int | str | None = None) -> list[Mismatch]:
        """Return what an audit would find now, of one product or of all."""
        ids = None if product is None else [self._id(product)]
        return cast(list[Mismatch], self._rows("select * from stocksync.mismatches(%s)", ids))

    def fix(
        self,
        *kinds: Kind,
        products: Iterable[int | str] | None = None,
        report: Mapping[str, Any] | None = None,
    ) -> list[Fix]:
        """Return what fixing these kinds would change; without ``dry_run`` do it, and return that.

        ``products`` are ids or skus. Of a ``report``, that of an audit as read by
        ``json.load(file, parse_float=Decimal)``, only what it names is fixed, of all kinds if none
        is given; what has changed since is skipped. The hooks of `stocksync fix` are not told.
        """
        if not kinds:
            if report is None:
                raise ValueError("name the kinds to fix, or give a report")
            kinds = KINDS
        ids = None if products is None else [self._id(product) for product in products]
        if ids == []:
            return []
        parameters = (list(kinds), ids, None if report is None else Jsonb(report, dumps=to_json))
        if self.dry_run:
            rows = self._connection.execute(
                "select * from stocksync.fix_dry_run(%s, %s, %s)", parameters
            )
        else:
            [(self.run_id, self.audit_run_id)] = self._connection.execute(
                "call stocksync.fix(%s, null, null, %s, %s)", parameters
            )
            rows = self._connection.execute("select * from stocksync.fixed(%s)", (self.run_id,))
        return [Fix(*row) for row in rows]

    def _id(self, product: int | str) -> int:
        if isinstance(product, int):
            return product
        found = value(self._connection, "select stocksync.product_id(%s)", product)
        return cast(int, found)

    def _rows(self, query: LiteralString, ids: Sequence[int] | None) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, (ids,)).fetchall()
