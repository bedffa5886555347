"""Keep a small database of this version: ``python -m tests.upgrade.dump``, part of every release.

It is made on the oldest supported server and as plain inserts, so that every later one restores it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from stocksync import __version__
from stocksync.embedded import Embedded
from stocksync.migrate import migrate
from tests.matrix import fetch

# What every kept dump holds: a bit of everything that a later version must bring along.
CONTENT = """
insert into products (sku, name, allow_negative) values
    ('A', 'Apple', null), ('B', 'Banana "ripe"', true), ('C', 'Crème', false);
insert into locations (name) values ('shop'), ('store');
insert into transaction_types (name, movement_type) values ('loan_out', 'out');
insert into stock_movements (product_id, transaction_type, quantity, occurred_at)
values (3, 'opening_stock', 100, '2026-01-01 00:00+00');
insert into stock_movements (product_id, location_id, transaction_type, quantity, occurred_at)
select 1 + n % 3, nullif(n % 3, 0), case when n % 4 = 0 then 'sale' else 'purchase' end,
    n + 0.25, timestamptz '2026-01-31 20:00+00' + n * interval '3 hours'
from generate_series(1, 60) as n;
update stocksync.settings set time_zone = 'Asia/Tokyo';
select stocksync.roll_up();
insert into stock_movements (product_id, transaction_type, quantity) values (2, 'loan_out', 5);
select stocksync.record_movement(1, 'sale', 2, p_idempotency_key => 'order-1');
select stocksync.reverse_movement(10, 'taken back');
update stock_movements set quantity = 99 where id = 11;
delete from stock_movements where id = 12;
update products set quantity_on_hand = 7 where sku = 'B';
call stocksync.sync();
call stocksync.refresh();
call stocksync.audit();
select stocksync.enqueue('sync', 1);
select stocksync.raise_alerts();
insert into stock_movements (product_id, transaction_type, quantity) values (3, 'purchase', 5);
update products set total_stock = 8 where sku = 'A';
call stocksync.close_period('2026-02-03');
update stocksync.settings set late_movements = 'first_open_day';
insert into stock_movements (product_id, transaction_type, quantity, occurred_at)
values (1, 'purchase', 3, '2026-02-01Z');
call stocksync.take_snapshot('2026-02-20Z', 'kept');
select stocksync.record_count(1, 12, '2026-02-25Z', 1);
insert into stock_movements (product_id, location_id, transaction_type, quantity, occurred_at)
values (1, 1, 'sale', 2, '2026-02-24Z');
call stocksync.undo(p_since => '2026-01-01', p_type => 'loan_out');
begin;
select stocksync.stage_archive();
insert into pg_temp.stocksync_archive select * from stocksync.archivable('2026-02-03');
select stocksync.archive_movements('2026-02-03', 'kept.csv.gz', repeat('0', 64));
commit;
insert into products (sku, name, tracks_batches) values ('D', 'Dates', true);
select stocksync.receive_batch(4, 10, 'L1', '2030-01-31', 2.5);
select stocksync.receive_batch(4, 5, 'L2', '2029-12-31', 3);
insert into stock_movements (product_id, transaction_type, quantity, reference)
values (4, 'sale', 7, 'order-2');
insert into stock_movements (product_id, transaction_type, quantity, reference)
values (4, 'sale_return', 1, 'order-2');
select stocksync.quarantine_batch(4, 'L2', p_reason => 'recall');
select stocksync.transfer_stock(4, 2, null, 1);
update products set tracks_batches = true where sku = 'C';
update products set quantity_on_hand = 99, status = 'draft' where sku = 'C';
call stocksync.fix('{fields}', p_product_ids => array[3]);
select stocksync.begin_api_reading('kept', p_match_by => 'sku');
select stocksync.stage_api_items(1, '[
    {"id": "A", "quantity": 1}, {"id": "E", "quantity": "many"}
]');
select stocksync.end_api_reading(1);
call stocksync.audit(p_reading_id => 1);
call stocksync.fix('{missing}', p_product_ids => array[3]);
"""


def main() -> None:
    """Write VERSION.sql beside this file."""
    os.environ["STOCKSYNC_PG_BIN"] = str(fetch(15))
    directory = Path(tempfile.mkdtemp(prefix="stocksync-upgrade-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    try:
        with Embedded(directory / "pg", fsync=False) as server:
            url = server.url()
            migrate(url)
            with psycopg.connect(url, autocommit=True) as connection:
                for statement in CONTENT.split(";\n"):
                    connection.execute(statement)  # type: ignore[arg-type]
            dump = subprocess.run(
                [Embedded.tool("pg_dump"), "--inserts", "--no-owner", "--dbname", url],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout
    finally:
        shutil.rmtree(directory)
    # \\restrict is psql's, and older servers do not know the newer one's settings.
    kept = [
        line
        for line in dump.splitlines()
        if not line.startswith(("\\", "--", "SET transaction_timeout")) and line
    ]
    Path(__file__).with_name(f"{__version__}.sql").write_text("\n".join(kept) + "\n")


if __name__ == "__main__":
    main()
