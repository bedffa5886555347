"""What keeping stock costs, as ratios to the same tables without it: ``python -m tests.bench``.

``load/`` holds the transactions that pgbench runs, ``designs/`` other ways to keep stock.
"""
