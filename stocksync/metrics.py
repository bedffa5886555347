"""Gives the figures of stocksync.metrics() to Prometheus: as text, as a file, over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
from prometheus_client import generate_latest, write_to_textfile
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from stocksync import db
from stocksync.db import Connection

_QUERY_TIMEOUT = 5000  # milliseconds; a scrape gives up after ten seconds
_CLIENT_TIMEOUT = 10  # seconds


class _Figures(Collector):
    """The rows of stocksync.metrics(), read before, as the library wants them."""

    def __init__(self, connection: Connection) -> None:
        self.rows = connection.execute("select * from stocksync.metrics()").fetchall()

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for name, kind, text, labels, value in self.rows:
            family = families.setdefault(name, Metric(name, text, kind))
            family.add_sample(name, labels, float(value))
        return families.values()


def text(connection: Connection) -> bytes:
    """Return the figures in the text format of Prometheus."""
    return generate_latest(_Figures(connection))


def write(connection: Connection, path: Path) -> None:
    """Write the figures to a file: whoever reads it sees the old ones or the new ones."""
    write_to_textfile(str(path), _Figures(connection))


class Server(ThreadingHTTPServer):
    """Answers GET /metrics with the figures of the moment, and 503 while there is no database.

    Scrapes ask the database one after the other; one that would have to wait for longer than a
    query may take is turned away.
    """

    daemon_threads = True

    def __init__(self, host: str, port: int, url: str) -> None:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self.address_family = family
        super().__init__((str(address[0]), int(address[1])), _Handler)
        self._url = url
        self._turn = threading.Lock()

    def scrape(self) -> bytes:
        """Return the figures; raise psycopg.Error or TimeoutError if there are none now."""
        if not self._turn.acquire(timeout=_QUERY_TIMEOUT / 1000):
            raise TimeoutError
        try:
            # A connection of its own: none is left over that a restart of the server has broken.
            with db.connect(self._url, statement_timeout_ms=_QUERY_TIMEOUT) as connection:
                return text(connection)
        finally:
            self._turn.release()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = _CLIENT_TIMEOUT
    server_version = "stocksync"
    sys_version = ""

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(HTTPStatus.NOT_FOUND, explain="The figures are at /metrics.")
            return
        try:
            body = self.server.scrape()
        except (psycopg.Error, TimeoutError):
            # not why: whoever scrapes need not know names of hosts and users
            explain = "The database does not answer. Try: stocksync metrics"
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, explain=explain)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing of a scrape."""
