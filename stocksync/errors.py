"""What the user is told when something fails, and with which status the program ends."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

import psycopg


class ExitStatus(IntEnum):
    """How the program ends; scripts and schedulers branch on it."""

    OK = 0
    ERROR = 1
    USAGE = 2
    CHECK_FAILED = 3
    REFUSED = 4
    INTERRUPTED = 130


class StocksyncError(Exception):
    """An error with the parts of a PostgreSQL one: what happened, why, what to do."""

    def __init__(
        self,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        exit_status: ExitStatus = ExitStatus.ERROR,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint
        self.exit_status = exit_status


class Explanation(NamedTuple):
    """An error in the user's words; ``str()`` of it is what goes to stderr."""

    message: str
    detail: str | None = None
    hint: str | None = None
    exit_status: ExitStatus = ExitStatus.ERROR

    def __str__(self) -> str:
        parts = (("error", self.message), ("detail", self.detail), ("hint", self.hint))
        lines = (f"{label}: {text}" for label, text in parts if text)
        return "\n".join(line.replace("\n", "\n        ") for line in lines)


# PostgreSQL names the constraint that refused a row; nobody but us knows what it means to a user.
CONSTRAINTS: dict[str, tuple[str, str]] = {
    "counts_quantity_not_negative": (
        "a count cannot be below zero",
        "Give what was there; the difference is booked by the database.",
    ),
    "counts_quantity_bounded": ("a count must be below 1e15", "Give what was there."),
    "counts_quantity_scale": (
        "a count has at most 6 decimals",
        "Round it to what the shop counts in.",
    ),
    "stock_batches_number_not_empty": (
        "the number of a batch cannot be empty",
        "Give what is printed on it, or leave it out.",
    ),
    "stock_batches_number_bounded": (
        "the number of a batch has at most 2000 bytes",
        "Give what is printed on it.",
    ),
    "stock_batches_cost_price_finite": (
        "a cost must be zero or more, and below 1e15",
        "Give what one unit cost, or leave it out if nobody knows.",
    ),
    "stock_batches_expiry_date_bounded": (
        "an expiry date must be between 0001-01-02 and 9999-12-30",
        "Give the last day on which it may be sold, or leave it out if there is none.",
    ),
    "stock_batches_alike_idx": (
        "there is a batch like this already",
        "Two cannot be made one: write the wrong one off, and receive it again as it is.",
    ),
}

_MIGRATE = "Run `stocksync migrate`."

_SQLSTATES = {
    "25006": "This server is a read-only replica: connect to the primary.",
    "40001": "Another transaction was in the way: run the command again.",
    "40P01": "Another transaction was in the way: run the command again.",
    "42501": "Connect as a role that may do this: the owner, or a member of stocksync_operator.",
    "53300": "Every connection of the server is taken: wait, or raise max_connections.",
    "55P03": "Another session holds the lock: run the command again.",
    "57014": "Allow more time with --statement-timeout SECONDS (0 means no limit).",
}

# A failed connection has no SQLSTATE: libpq and the server only send words.
_CONNECTION = (
    (r'database ".*" does not exist', "Create it with `createdb`, or correct --database-url."),
    (
        r"password authentication failed|no password supplied",
        "Set PGPASSWORD, or write the password to ~/.pgpass.",
    ),
    (r'role ".*" does not exist', "Correct the user in --database-url, or set PGUSER."),
    (
        r"no pg_hba.conf entry|authentication failed",
        "Ask the administrator to admit this user from this address in pg_hba.conf.",
    ),
    (
        r"translate host name|resolve host|Name or service not known",
        "Correct the host in --database-url, or set PGHOST.",
    ),
    (
        r"Connection refused|No such file or directory|timeout expired",
        "Is the server running there? Check host and port in --database-url, or PGHOST and PGPORT.",
    ),
    (r"permission denied for database", "Ask its owner to grant connect on the database."),
    (r"closed the connection|terminating connection", "The server ended it: see its log."),
)


def explain(error: BaseException) -> Explanation:
    """Return what to tell the user about ``error``.

    Knows PostgreSQL's errors and every exception with ``message``, ``detail`` and ``hint``.
    """
    if isinstance(error, psycopg.Error):
        explanation = _explain_database(error)
        # where it happened, if somebody on the way up knew
        notes = getattr(error, "__notes__", ())
        detail = "\n".join(filter(None, (explanation.detail, *notes))) or None
        return explanation._replace(detail=detail)
    message = getattr(error, "message", None)
    if message is None:
        return Explanation(str(error) or type(error).__name__)
    return Explanation(
        str(message),
        getattr(error, "detail", None),
        getattr(error, "hint", None),
        getattr(error, "exit_status", ExitStatus.ERROR),
    )


def _explain_database(error: psycopg.Error) -> Explanation:
    diag = error.diag
    if error.sqlstate is None or diag.message_primary is None:
        return _explain_connection(error)
    message, hint = diag.message_primary, diag.message_hint
    if diag.constraint_name in CONSTRAINTS:
        message, known = CONSTRAINTS[diag.constraint_name]
        hint = hint or known
    elif error.sqlstate in ("3F000", "42P01", "42883") and "stocksync" in message:
        hint = _MIGRATE
    refused = error.sqlstate.startswith("SS")
    return Explanation(
        message,
        diag.message_detail,
        hint or _SQLSTATES.get(error.sqlstate),
        ExitStatus.REFUSED if refused else ExitStatus.ERROR,
    )


def _explain_connection(error: psycopg.Error) -> Explanation:
    text = str(error)
    hint = next((hint for pattern, hint in _CONNECTION if re.search(pattern, text)), None)
    first, *rest = text.strip().splitlines() or [type(error).__name__]
    return Explanation(first, " ".join(line.strip() for line in rest) or None, hint)
