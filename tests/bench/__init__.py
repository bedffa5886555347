"""What keeping stock costs, as ratios to the same tables without it. See ``python -m tests.bench -h``.

``load/`` holds the transactions that pgbench runs, ``designs/`` other ways to keep stock.
"""
