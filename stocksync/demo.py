"""A small shop, made up and always the same but for its dates, that shows the main job."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import psycopg
from psycopg import sql

from stocksync import db, migrate
from stocksync.embedded import Embedded

DATABASE = "stocksync_demo"
WRITERS = 4
ORDERS = 150  # of each writer

# The last weeks, so that the reports have something to say.
_OPENED = (datetime.now(UTC) - timedelta(days=40)).replace(
    hour=8, minute=0, second=0, microsecond=0
)
_PRODUCTS = (
    # sku, name, opening stock, units of one sale
    ("COFFEE-ESPRESSO-1KG", "Espresso beans, 1 kg", 400, "1"),
    ("COFFEE-FILTER-500G", 'Filter coffee "Morning", 500 g', 380, "1"),
    ("TEA-EARL-GREY", "Earl Grey, 50 bags", 410, "2"),
    ("TEA-GREEN-LOOSE", "Green tea, loose, per kg", 120, "0.125"),
    ("CUP-PORCELAIN", "Porcelain cup", 900, "6"),
    ("KETTLE-1L", "Kettle, 1 l", 300, "1"),
    ("GRINDER-HAND", "Hand grinder", 310, "1"),
    ("HONEY-CRÈME", "Crème honey, 250 g", 420, "1"),
)


def create_database(server: Embedded) -> str:
    """Make the demo's database anew on a running server; return its URL."""
    with db.connect(server.url("postgres")) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
        connection.execute(sql.SQL("create database {}").format(name))
    url = server.url(DATABASE)
    migrate.migrate(url)
    return url


def open_shop(url: str) -> int:
    """Insert the products and their opening stock; return how many products there are."""
    with db.connect(url) as application:
        for sku, name, opening, _ in _PRODUCTS:
            application.execute("insert into products (sku, name) values (%s, %s)", (sku, name))
            application.execute(
                "insert into stock_movements (product_id, transaction_type, quantity, occurred_at)"
                " select id, 'opening_stock', %s, %s from products where sku = %s",
                (opening, _OPENED, sku),
            )
    return len(_PRODUCTS)


def trade(url: str) -> int:
    """Sell, take back and receive from several sessions at once; return the number of movements.

    Every session writes its orders of several lines in an order of its own: what deadlocks where
    each line updates the stock.
    """
    written = [0] * WRITERS

    def write(writer: int) -> None:
        chance = random.Random(writer)  # noqa: S311 - the same shop every time, not a secret
        with db.connect(url, autocommit=False) as application:
            for order in range(ORDERS):
                at = _OPENED + timedelta(hours=6 * order, minutes=writer)
                for sku, _, _, unit in chance.sample(_PRODUCTS, chance.randint(1, 4)):
                    kind = chance.choices(("sale", "sale_return", "purchase"), (85, 5, 10))[0]
                    application.execute(
                        "insert into stock_movements"
                        " (product_id, transaction_type, quantity, occurred_at, reference)"
                        " select id, %s, %s, %s, %s from products where sku = %s",
                        (kind, Decimal(unit), at, f"ORDER-{writer}-{order:03}", sku),
                    )
                    written[writer] += 1
                application.commit()

    _at_once([partial(write, writer) for writer in range(WRITERS)])
    return sum(written)


def edit_by_hand(url: str) -> None:
    """Do what nobody should: set the stock of two products by hand."""
    with db.connect(url) as somebody:
        somebody.execute(
            "update products set quantity_on_hand = quantity_on_hand + 12 where sku = 'KETTLE-1L'"
        )
        somebody.execute(
            "update products set quantity_on_hand = 50, total_stock = 50"
            " where sku = 'TEA-GREEN-LOOSE'"
        )


def sell_honey(url: str) -> None:
    """Let a product track batches, receive two of them and sell more than the first holds."""
    honey = {"sku": "HONEY-CRÈME", "today": datetime.now(UTC).date()}
    with db.connect(url) as application:
        application.execute("update products set tracks_batches = true where sku = %(sku)s", honey)
        application.execute(
            "insert into stock_movements"
            " (product_id, transaction_type, quantity, batch_number, expiry_date, unit_cost)"
            " select p.id, 'purchase', b.quantity, b.number, b.expiry, b.cost"
            " from products as p"
            " cross join (values"
            " (60, 'H-2', %(today)s + 90, 3.20), (40, 'H-1', %(today)s + 20, 3.10)"
            " ) as b (quantity, number, expiry, cost)"
            " where p.sku = %(sku)s",
            honey,
        )
        application.execute(
            "insert into stock_movements (product_id, transaction_type, quantity)"
            " select id, 'sale', 50 from products where sku = %(sku)s",
            honey,
        )


def _at_once(tasks: Sequence[Callable[[], None]]) -> None:
    """Run tasks in threads of their own; raise the first error of any of them."""
    errors: list[psycopg.Error] = []

    def run(task: Callable[[], None]) -> None:
        try:
            task()
        except psycopg.Error as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
