"""Where sql/ and migrations/ are: inside an installed wheel, beside the package in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """Return the directory ``name`` ("sql" or "migrations"); FileNotFoundError if it is missing."""
    for directory in (_PACKAGE / name, _PACKAGE.parent / name):
        if directory.is_dir():
            return directory
    raise FileNotFoundError(f"stocksync is installed without its {name}/ directory; reinstall it")
