"""The command ``stocksync metrics``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from stocksync import metrics as figures
from stocksync.cli.context import App, pass_app


class Address(click.ParamType[tuple[str, int]]):
    """Where to listen: HOST:PORT, [IPv6]:PORT."""

    name = "address"

    def convert(
        self,
        value: str | tuple[str, int],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, int]:
        """Return host and port; fail as click does."""
        if isinstance(value, tuple):
            return value
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


@click.command()
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write them to a file that ends in .prom, whole or not at all.",
)
@click.option("--listen", type=Address(), metavar="HOST:PORT", help="Serve them over HTTP.")
@pass_app
def metrics(app: App, path: Path | None, listen: tuple[str, int] | None) -> None:
    """Print the figures for Prometheus.

    With --file, for the textfile collector of the node exporter: run it from cron. With --listen,
    answer GET /metrics until SIGTERM, and with 503 while there is no database.

    \b
    Example:
      stocksync metrics
      stocksync metrics --file /var/lib/node_exporter/stocksync.prom
      stocksync metrics --listen 127.0.0.1:9187

    In SQL: select * from stocksync.metrics().
    """
    if path and listen:
        raise click.UsageError("--file and --listen exclude each other")
    if listen:
        _serve(app, *listen)
    elif path:
        figures.write(app.connection, path)
    else:
        click.echo(figures.text(app.connection), nl=False)


def _serve(app: App, host: str, port: int) -> None:
    with figures.Server(host, port, app.url) as server:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        shown = f"[{host}]" if ":" in host else host
        app.say(f"serving http://{shown}:{server.server_port}/metrics")
        server.serve_forever()
