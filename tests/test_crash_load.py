"""One of the runs under load that ``python -m tests.crash_load`` makes by the dozen."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.long
def test_stock_is_exact_when_the_server_is_killed_under_mixed_load() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.crash_load", "--runs", "1", "--seconds", "20"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    told = {name: int(n) for name, n in re.findall(r"^(.+): (\d+)$", run.stdout, re.M)}
    for name in ("kills", "cut off", "refused", "prepared", "counts", "switches"):
        assert told[name] > 0, (name, run.stdout)
    assert told["snapshots compared"] > 20
