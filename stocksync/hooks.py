"""Tells another system something: by a POST of JSON to a URL, or by a program that reads it.

Where to is configured by environment variables of the machine that tells: whoever may write to the
database must not be able to make this machine run a program or reach a server.
"""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import urllib3

from stocksync import __version__
from stocksync.output import printable

# Below the two minutes after which an alert that is not reported sent is handed to somebody else.
WEBHOOK_TIMEOUT = urllib3.Timeout(connect=5, read=15)  # seconds
COMMAND_TIMEOUT = 30

_LONGEST_RETRY_AFTER = timedelta(hours=6)  # whatever a server asks for

# Its warnings tell the path of the URL, which chat services use as the password.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class DeliveryError(Exception):
    """A message could not be sent, for a reason that people can act on."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def tell(prefix: str, body: bytes) -> Iterator[tuple[str, str | None]]:
    """Send JSON where PREFIX_WEBHOOK and PREFIX_COMMAND lead, as far as they are set.

    Yields the name of each, and why it failed; None if it did not.
    """
    for channel, send in (("webhook", post), ("command", run)):
        variable = f"{prefix}_{channel.upper()}"
        if not os.environ.get(variable):
            continue
        try:
            send(variable, body)
        # Whatever goes wrong with one, the other is to be told.
        except Exception as error:
            secrets = (f"{prefix}_WEBHOOK", f"{prefix}_WEBHOOK_TOKEN")
            yield channel, without_secrets(reason(error), secrets)
        else:
            yield channel, None


def post(variable: str, body: bytes) -> None:
    """Post JSON to the URL in an environment variable, with the token in the one named ..._TOKEN.

    Raises DeliveryError, or what urllib3 raises.
    """
    url = os.environ[variable]
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise DeliveryError(f"{variable} is not like https://host/path")
    headers = {"Content-Type": "application/json", "User-Agent": f"stocksync/{__version__}"}
    if token := os.environ.get(f"{variable}_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    # What passes in a second or two. All else is for the caller to try again: without sleeping
    # here.
    retries = urllib3.Retry(
        total=2,
        read=0,
        redirect=False,
        backoff_factor=0.5,
        allowed_methods=None,
        status_forcelist=(500, 502, 504),
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    with urllib3.PoolManager() as pool:
        response = pool.request(
            "POST",
            url,
            body=body,
            headers=headers,
            timeout=WEBHOOK_TIMEOUT,
            retries=retries,
            redirect=False,
            preload_content=False,
        )
        response.close()
    if 300 <= response.status < 400:
        raise DeliveryError(f"HTTP {response.status}: redirects are not followed")
    if response.status >= 300:
        retry_after = None
        with suppress(urllib3.exceptions.InvalidHeader):
            seconds = retries.get_retry_after(response)
            if seconds is not None:
                retry_after = min(timedelta(seconds=seconds), _LONGEST_RETRY_AFTER)
        raise DeliveryError(f"HTTP {response.status} {response.reason or ''}".rstrip(), retry_after)


def run(variable: str, body: bytes) -> None:
    """Run the program with arguments in an environment variable, without a shell.

    Raises DeliveryError, ValueError if it cannot be split in words, OSError if it cannot be run.
    """
    arguments = shlex.split(os.environ[variable])
    if not arguments:
        raise DeliveryError(f"{variable} names no program")
    # A session of its own, so that what it starts ends with it. What it says goes to our stderr:
    # stdout is for data.
    process = subprocess.Popen(  # noqa: S603
        arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.communicate(body, timeout=COMMAND_TIMEOUT)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise DeliveryError(f"did not end within {COMMAND_TIMEOUT} seconds") from error
        raise
    if process.returncode:
        raise DeliveryError(f"ended with status {process.returncode}")


def reason(error: BaseException) -> str:
    """Return why it was not told, in words that may hold a secret."""
    if isinstance(error, urllib3.exceptions.MaxRetryError) and error.reason:
        return reason(error.reason)
    return str(error) or type(error).__name__


def without_secrets(text: str, variables: Iterable[str]) -> str:
    """Return a reason as one line, without what is in these environment variables."""
    for secret in filter(None, map(os.environ.get, variables)):
        text = text.replace(secret, "…")
    return printable(text)[:500]
