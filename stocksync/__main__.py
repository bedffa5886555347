"""``python -m stocksync``."""

from stocksync.cli import main

main()
