"""A few of the kills that ``python -m tests.crash`` makes by the thousand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.long
def test_nothing_is_lost_or_done_twice_when_server_and_workers_are_killed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.crash", "--kills", "20"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"^attempts lost: (\d+)", run.stdout, re.M)[1]) > 0, "it killed no job"
