"""Tells people what stocksync has raised alerts for: by mail, by webhook, by a program of theirs.

What is to be told, when again, and what was told is decided in the database. Where the channels
lead to is configured by environment variables of the machine that sends: whoever may write to the
database must not be able to make this machine run a program or reach a server.
"""

from __future__ import annotations

import json
import os
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from stocksync import audits, hooks
from stocksync.db import Connection
from stocksync.output import printable, to_json

# Below the two minutes after which a message that is not reported sent is handed to somebody else.
_SMTP_TIMEOUT = 10  # seconds, of each step

_ATTACHED = (1000, 100, 10)  # findings of a report, the first that is not too large
_LARGEST_ATTACHED = 4_000_000  # bytes of a report, which in a mail become a third more
_TOO_LARGE = 552  # what a server says of a message that it does not want to take whole

_SECRETS = ("STOCKSYNC_SMTP_PASSWORD", "STOCKSYNC_ALERT_WEBHOOK", "STOCKSYNC_ALERT_WEBHOOK_TOKEN")

_SECTIONS = {"raised": "New", "reminder": "Still open", "resolved": "Resolved"}

Message = dict[str, Any]


class Outcome(NamedTuple):
    """What became of a message on a channel; ``error`` is None if it was sent."""

    channel: str
    error: str | None
    retry_after: timedelta | None = None


def configured() -> list[str]:
    """Return the names of the channels whose environment variable is set."""
    return [channel for channel, (variable, _) in _CHANNELS.items() if os.environ.get(variable)]


def deliver(connection: Connection) -> list[Outcome]:
    """Raise what is alerting, then send each channel what it is to be told; return how that went.

    ``connection`` is in autocommit. Any number of processes may do this at once: each message is
    handed to one of them, and again to another one if that does not report it as sent.
    """
    connection.execute("select stocksync.raise_alerts()")
    outcomes = []
    for channel in configured():
        row = connection.execute("select stocksync.take_alerts(%s)::text", (channel,)).fetchone()
        if row is None or row[0] is None:
            continue
        message = json.loads(row[0], parse_float=Decimal)
        if channel == "mail":
            message["attachments"] = _attachments(connection, message)
        outcome = _send(channel, message)
        connection.execute(
            "select stocksync.alerts_sent(%s, %s, %s, %s)",
            (channel, message["delivery"], outcome.error, outcome.retry_after),
        )
        outcomes.append(outcome)
    return outcomes


def send_test() -> list[Outcome]:
    """Send a message that says it is a test on every configured channel; return how that went."""
    now = datetime.now().astimezone().isoformat()
    alert = {
        "id": 0,
        "event": "raised",
        "rule": "test",
        "subject": "test",
        "level": "warning",
        "message": "this is a test: alerts of stocksync will arrive like this",
        "context": {},
        "raised_at": now,
        "resolved_at": None,
    }
    counts = [{"event": "raised", "rule": "test", "count": 1}]
    message = {"delivery": 0, "database": None, "counts": counts, "alerts": [alert], "audits": []}
    return [_send(channel, {"channel": channel, **message}) for channel in configured()]


def render(message: Message) -> tuple[str, str]:
    """Return a message for people: its subject, and its text."""
    alerts = message["alerts"]
    total = {
        event: sum(c["count"] for c in message["counts"] if c["event"] == event)
        for event in _SECTIONS
    }
    if sum(total.values()) == 1:
        prefix = "" if alerts[0]["event"] == "raised" else f"{_SECTIONS[alerts[0]['event']]}: "
        summary = prefix + alerts[0]["message"]
    else:
        summary = ", ".join(f"{n} {_SECTIONS[event].lower()}" for event, n in total.items() if n)
    name = f"stocksync {message['database']}" if message["database"] else "stocksync"

    lines = []
    for event, title in _SECTIONS.items():
        if not total[event]:
            continue
        lines.append(f"{title} ({total[event]})")
        listed = [alert for alert in alerts if alert["event"] == event]
        lines += [_line(alert) for alert in listed]
        for count in message["counts"]:
            more = count["count"] - sum(alert["rule"] == count["rule"] for alert in listed)
            if count["event"] == event and more:
                lines.append(f"  … and {more} more of {count['rule']}")
        lines.append("")
    for audit in message["audits"]:
        lines += [*_summary(audit), ""]
    lines.append("All that are open: stocksync alerts list")
    return printable(f"{name}: {summary}"), "\n".join(lines) + "\n"


def _summary(audit: dict[str, Any]) -> list[str]:
    summary = audit["summary"]
    lines = [f"Audit {audit['run']}: {summary['products']} products compared"]
    for name in ("class", "cause"):
        counts = sorted(summary[f"by_{name}"].items(), key=lambda item: (-item[1], item[0]))
        lines.append(f"  by {name}: " + ", ".join(f"{key} {count}" for key, count in counts))
    return lines


def _line(alert: dict[str, Any]) -> str:
    times = [] if alert["event"] == "raised" else [f"since {_minute(alert['raised_at'])}"]
    if alert["resolved_at"]:
        times.append(f"until {_minute(alert['resolved_at'])}")
    suffix = f" ({' '.join(times)})" if times else ""
    return f"  {alert['level']}: {printable(alert['message'])}{suffix}"


def _minute(time: str) -> str:
    return datetime.fromisoformat(time).isoformat(" ", "minutes")


def _send(channel: str, message: Message) -> Outcome:
    try:
        _CHANNELS[channel][1](message)
    # Whatever goes wrong on one channel, the others are to be told.
    except Exception as error:
        retry_after = error.retry_after if isinstance(error, hooks.DeliveryError) else None
        return Outcome(channel, _reason(error), retry_after)
    return Outcome(channel, None)


def _reason(error: Exception) -> str:
    """Return why a message was not sent: one line, without what must not get into a log."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            refusals = error.recipients.items()
            text = "; ".join(f"{who}: {_reply(code, said)}" for who, (code, said) in refusals)
        case smtplib.SMTPResponseException():
            text = _reply(error.smtp_code, error.smtp_error)
        case _:
            text = hooks.reason(error)
    return hooks.without_secrets(text, _SECRETS)


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"


# Mail ---------------------------------------------------------------------------------------------


class Attachment(NamedTuple):
    """A file that goes with a mail."""

    name: str
    subtype: str
    text: str


def _attachments(connection: Connection, message: Message) -> list[Attachment]:
    """Return the reports of the audits that a message tells of, for programs and for people.

    As many findings as a mail can hold, of each those that are furthest apart.
    """
    files = []
    for audit in message["audits"]:
        for limit in _ATTACHED:
            report = audits.Report(connection, audit["run"], None).document(limit)
            name = f"stock-audit-{audit['run']}"
            pair = [
                Attachment(f"{name}.json", "json", to_json(report) + "\n"),
                Attachment(f"{name}.html", "html", audits.page(connection, report)),
            ]
            if sum(len(file.text.encode()) for file in pair) <= _LARGEST_ATTACHED:
                files += pair
                break
    return files


def _mail(message: Message) -> None:
    try:
        _mail_with(message, message.get("attachments", []))
    except smtplib.SMTPResponseException as error:
        if error.smtp_code != _TOO_LARGE or not message.get("attachments"):
            raise
        _mail_with(message, [])


def _mail_with(message: Message, attachments: list[Attachment]) -> None:
    subject, text = render(message)
    recipients = os.environ["STOCKSYNC_ALERT_MAIL"]
    sender = os.environ.get("STOCKSYNC_ALERT_FROM") or f"stocksync@{socket.getfqdn()}"
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = recipients
    mail["Subject"] = subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=getaddresses([sender])[0][1].rpartition("@")[2])
    # so that no answering machine answers
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    for file in attachments:
        mail.add_attachment(
            file.text.encode(),
            maintype="text" if file.subtype == "html" else "application",
            subtype=file.subtype,
            filename=file.name,
        )

    server = _smtp()
    try:
        refused = server.send_message(mail)
        # It is sent: how the server says good-bye must not make us send it again.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()
    # The others have got it, and sending again would tell them again: only a test says it.
    if refused and message["delivery"] == 0:
        raise smtplib.SMTPRecipientsRefused(refused)


def _smtp() -> smtplib.SMTP:
    """Connect to the mail server and log in; never in the clear with a password."""
    url = urlsplit(os.environ.get("STOCKSYNC_SMTP_URL") or "smtp://localhost:25")
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    if url.scheme not in ports or not url.hostname or url.password is not None:
        raise hooks.DeliveryError(
            "STOCKSYNC_SMTP_URL is not like smtp://host:25, smtp+starttls://user@host:587 or"
            " smtps://user@host:465; the password goes into STOCKSYNC_SMTP_PASSWORD"
        )
    if url.username and url.scheme == "smtp":
        raise hooks.DeliveryError(
            "a password would be sent in the clear: use smtp+starttls:// or smtps://"
        )
    port = url.port or ports[url.scheme]
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            url.hostname, port, timeout=_SMTP_TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(url.hostname, port, timeout=_SMTP_TIMEOUT)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), os.environ.get("STOCKSYNC_SMTP_PASSWORD", ""))
    except BaseException:
        server.close()
        raise
    return server


# Webhook and command ------------------------------------------------------------------------------


def _webhook(message: Message) -> None:
    hooks.post("STOCKSYNC_ALERT_WEBHOOK", _payload(message))


def _command(message: Message) -> None:
    hooks.run("STOCKSYNC_ALERT_COMMAND", _payload(message))


def _payload(message: Message) -> bytes:
    """Return a message as JSON, with the ``text`` that chat programs show."""
    subject, text = render(message)
    return to_json({"text": f"{subject}\n\n{text}", **message}).encode()


_CHANNELS: dict[str, tuple[str, Callable[[Message], None]]] = {
    "mail": ("STOCKSYNC_ALERT_MAIL", _mail),
    "webhook": ("STOCKSYNC_ALERT_WEBHOOK", _webhook),
    "command": ("STOCKSYNC_ALERT_COMMAND", _command),
}
