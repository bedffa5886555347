"""stocksync keeps products.quantity_on_hand equal to the sum of the stock movements."""

from importlib.metadata import version

__version__ = version("stocksync")
