"""Write schema.sql, the tables as pg_dump prints them: what a reviewer reads.

Run by ``make generate``. Always made by the wheel's server, so that it is the same everywhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from stocksync.embedded import Embedded
from stocksync.migrate import migrate

SCHEMA = Path(__file__).parent / "schema.sql"


def tables() -> str:
    """Return the tables, sequences, types and indexes of a fresh database, without comments."""
    os.environ.pop("STOCKSYNC_PG_BIN", None)
    directory = Path(tempfile.mkdtemp(prefix="stocksync-schema-"))
    directory.chmod(0o755)  # as root the server runs as another user, who must get in
    try:
        with Embedded(directory / "pg", fsync=False) as server:
            url = server.url()
            migrate(url)
            dump = subprocess.run(
                [Embedded.tool("pg_dump"), "--schema-only", "--no-owner", "--no-privileges",
                 "--no-comments", "--exclude-schema=_yoyo*", "--dbname", url],
                check=True, stdout=subprocess.PIPE, text=True,
            ).stdout  # fmt: skip
    finally:
        shutil.rmtree(directory)
    blocks = re.split(r"\n--\n-- Name: [^\n]*; Type: ([A-Z ]+);[^\n]*\n--\n", dump)
    found = list(zip(blocks[1::2], blocks[2::2], strict=True))
    views = [text.split()[3] for kind, text in found if kind == "MATERIALIZED VIEW"]
    kept = [
        text.strip()
        for kind, text in found
        if kind not in ("FUNCTION", "PROCEDURE", "VIEW", "TRIGGER")
        # nor materialized views, what is in them, and their indexes
        and not kind.startswith("MATERIALIZED VIEW")
        and not (kind == "INDEX" and any(f" ON {view} " in text for view in views))
    ]
    return (
        "\n\n".join(re.sub(r"\n--\n-- PostgreSQL.*", "", text, flags=re.S) for text in kept) + "\n"
    )


if __name__ == "__main__":
    SCHEMA.write_text(tables())
