"""stocksync keeps products.quantity_on_hand equal to the sum of the stock movements."""

from importlib.metadata import version

__version__ = version("stocksync")

from stocksync.fixer import Fix, Mismatch, Sources, StockFixer  # which needs the version

__all__ = ["Fix", "Mismatch", "Sources", "StockFixer", "__version__"]
