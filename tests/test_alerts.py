"""Alerts reach people: over real mail servers, a real HTTP server, a real program."""

from __future__ import annotations

import email
import json
import os
import shlex
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
import urllib3
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from click.testing import CliRunner
from helpers import move, only, product, session
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from stocksync import alerts, hooks
from stocksync.cli import cli

PROGRAM = [sys.executable, "-m", "stocksync"]


@pytest.fixture(autouse=True)
def no_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine of the tests has configured, it is not told."""
    for name in os.environ:
        if name.startswith(("STOCKSYNC_ALERT", "STOCKSYNC_SMTP")):
            monkeypatch.delenv(name)


@pytest.fixture
def shop(ledger: psycopg.Connection) -> psycopg.Connection:
    """Only negative stock is told, and without a pause between messages; there is none yet."""
    ledger.execute(
        "update stocksync.settings"
        " set alert_rules = '{negative_stock}', alert_every = '1 microsecond'"
    )
    return ledger


def oversell(db: psycopg.Connection, sku: str = "A") -> None:
    move(db, product(db, sku), 1, "sale")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Mail ---------------------------------------------------------------------------------------------


class Inbox:
    """What a mail server has received."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.tls: list[bool] = []
        self.refused: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        mail = email.message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(envelope.rcpt_tos)
        self.tls.append(session.ssl is not None)
        return "250 OK"


Start = Callable[..., Inbox]


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a mail server at a URL with this scheme and configure the channel to use it."""
    started = []

    def start(url: str = "smtp://{}", **options: Any) -> Inbox:
        inbox, port = Inbox(), free_port()
        controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        monkeypatch.setenv("STOCKSYNC_ALERT_MAIL", "stock@example.org, boss@example.org")
        monkeypatch.setenv("STOCKSYNC_ALERT_FROM", "Stock <stocksync@example.org>")
        monkeypatch.setenv("STOCKSYNC_SMTP_URL", url.format(f"localhost:{port}"))
        return inbox

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine trust the authority that signed the servers' certificate."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


def login(server: SMTP, session: Session, envelope: Envelope, how: str, who: Any) -> AuthResult:
    known = LoginPassword(b"shop@example.org", b"secret / word")
    return AuthResult(success=who == known, handled=False)


def test_a_mail(shop: psycopg.Connection, mail_server: Start) -> None:
    inbox = mail_server()
    oversell(shop, "Thé")
    assert alerts.deliver(shop) == [alerts.Outcome("mail", None)]
    assert alerts.deliver(shop) == []
    [mail] = inbox.mails
    assert mail["Subject"] == f'stocksync {shop.info.dbname}: the stock of "Thé" is -1'
    assert mail["From"] == "Stock <stocksync@example.org>"
    assert mail["To"] == "stock@example.org, boss@example.org"
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["Date"] is not None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == [
        "New (1)",
        '  warning: the stock of "Thé" is -1',
        "",
        "All that are open: stocksync alerts list",
    ]
    assert inbox.recipients == [["stock@example.org", "boss@example.org"]]
    assert inbox.tls == [False]


@pytest.mark.usefixtures("trusted")
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is implicit
@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_mail_over_tls_with_a_login(
    monkeypatch: pytest.MonkeyPatch, mail_server: Start, server_tls: ssl.SSLContext, scheme: str
) -> None:
    options: dict[str, Any] = {"authenticator": login, "auth_required": True}
    if scheme == "smtps":
        options |= {"ssl_context": server_tls, "auth_require_tls": False}
    else:
        options |= {"tls_context": server_tls, "require_starttls": True}
    inbox = mail_server(scheme + "://shop%40example.org@{}", **options)

    monkeypatch.setenv("STOCKSYNC_SMTP_PASSWORD", "wrong")
    [outcome] = alerts.send_test()
    assert outcome.error is not None
    assert outcome.error.startswith("535 5.7.8 ")
    assert inbox.mails == []

    monkeypatch.setenv("STOCKSYNC_SMTP_PASSWORD", "secret / word")
    assert alerts.send_test() == [alerts.Outcome("mail", None)]
    assert len(inbox.mails) == 1
    # where the whole connection is encrypted, the server's session does not know of it
    assert inbox.tls == [scheme == "smtp+starttls"]


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_that_is_not_trusted_is_refused(
    mail_server: Start, server_tls: ssl.SSLContext, scheme: str
) -> None:
    option = "ssl_context" if scheme == "smtps" else "tls_context"
    inbox = mail_server(scheme + "://{}", **{option: server_tls})
    [outcome] = alerts.send_test()
    assert "CERTIFICATE_VERIFY_FAILED" in str(outcome.error)
    assert inbox.mails == []


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_host_is_refused(
    authority: trustme.CA, mail_server: Start
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mail.example.org").configure_cert(context)
    inbox = mail_server("smtps://{}", ssl_context=context)
    [outcome] = alerts.send_test()
    assert "CERTIFICATE_VERIFY_FAILED" in str(outcome.error)
    assert inbox.mails == []


def test_a_server_without_starttls_gets_nothing_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch, mail_server: Start
) -> None:
    monkeypatch.setenv("STOCKSYNC_SMTP_PASSWORD", "secret")
    inbox = mail_server("smtp+starttls://shop@{}")
    [outcome] = alerts.send_test()
    assert "STARTTLS" in str(outcome.error)
    assert inbox.mails == []


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("smtp://shop@localhost", "a password would be sent in the clear"),
        ("smtps://shop:secret@localhost", "STOCKSYNC_SMTP_URL is not like"),
        ("localhost:25", "STOCKSYNC_SMTP_URL is not like"),
        ("smtp://", "STOCKSYNC_SMTP_URL is not like"),
        ("smtp://localhost:mail", "Port could not be cast"),
        ("http://localhost", "STOCKSYNC_SMTP_URL is not like"),
    ],
)
def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch, url: str, error: str) -> None:
    monkeypatch.setenv("STOCKSYNC_ALERT_MAIL", "stock@example.org")
    monkeypatch.setenv("STOCKSYNC_SMTP_URL", url)
    [outcome] = alerts.send_test()
    assert error in str(outcome.error)
    assert "secret" not in str(outcome.error)


def test_no_name_of_a_product_can_add_a_header_or_end_the_mail(
    shop: psycopg.Connection, mail_server: Start
) -> None:
    inbox = mail_server()
    oversell(shop, "A\r\nBcc: thief@example.org\r\n\r\nHello\r\n.\r\nMAIL FROM:<x>\x1b[2J\u202e")
    assert alerts.deliver(shop) == [alerts.Outcome("mail", None)]
    [mail] = inbox.mails
    assert inbox.recipients == [["stock@example.org", "boss@example.org"]]
    assert "Bcc" not in mail
    assert "\\r\\nBcc: thief@example.org" in mail["Subject"].replace("\n", "")
    assert mail.get_content().count("\n") == 4
    text = mail.get_content().replace("\r\n", "\n")
    assert not any(c in text for c in "\x1b\u202e\r")


def test_recipients_that_are_refused(shop: psycopg.Connection, mail_server: Start) -> None:
    inbox = mail_server()
    inbox.refused["boss@example.org"] = "550 5.1.1 on holiday"
    oversell(shop)
    # the other one has it, and must not get it every half minute
    assert alerts.deliver(shop) == [alerts.Outcome("mail", None)]
    assert inbox.recipients == [["stock@example.org"]]
    [outcome] = alerts.send_test()
    assert outcome.error == "boss@example.org: 550 5.1.1 on holiday"

    inbox.refused["stock@example.org"] = "450 4.2.1 not\r\n now"
    oversell(shop, "B")
    [outcome] = alerts.deliver(shop)
    assert "stock@example.org: 450 4.2.1 not" in str(outcome.error)


def test_a_server_that_is_down_and_comes_back(
    shop: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, mail_server: Start
) -> None:
    monkeypatch.setenv("STOCKSYNC_ALERT_MAIL", "stock@example.org")
    monkeypatch.setenv("STOCKSYNC_SMTP_URL", f"smtp://localhost:{free_port()}")
    oversell(shop)
    [outcome] = alerts.deliver(shop)
    assert "Connection refused" in str(outcome.error)
    assert alerts.deliver(shop) == []  # not at once
    shop.execute("update stocksync.alert_channels set retry_at = now()")
    [outcome] = alerts.deliver(shop)
    assert outcome.error
    assert shop.execute(
        "select level, message, context ->> 'channel' from stocksync.log"
        " where message like 'alerts%'"
    ).fetchall() == [("error", "alerts could not be delivered", "mail")]

    inbox = mail_server()
    shop.execute("update stocksync.alert_channels set retry_at = now()")
    assert alerts.deliver(shop) == [alerts.Outcome("mail", None)]
    assert len(inbox.mails) == 1


def test_a_server_that_accepts_and_never_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alerts, "_SMTP_TIMEOUT", 0.2)
    monkeypatch.setenv("STOCKSYNC_ALERT_MAIL", "stock@example.org")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("STOCKSYNC_SMTP_URL", f"smtp://127.0.0.1:{port}")
        [outcome] = alerts.send_test()
    assert "timed out" in str(outcome.error)


# The report of an audit ---------------------------------------------------------------------------


@pytest.fixture
def audited(ledger: psycopg.Connection) -> int:
    """The run of an audit that found tea and milk wrong; only discrepancies are told."""
    ledger.execute(
        "update stocksync.settings"
        " set alert_rules = '{discrepancies_found}', alert_every = '1 microsecond'"
    )
    for sku in ("TEA", "MILK"):
        move(ledger, product(ledger, sku), 10)
    ledger.execute("update products set total_stock = 9")
    return int(only(ledger, "call stocksync.audit()"))


def attached(mail: EmailMessage) -> dict[str, tuple[str, str]]:
    """Return type and text of what is attached, by its name."""
    return {
        str(part.get_filename()): (
            part.get_content_type(),
            bytes(part.get_payload(decode=True) or b"").decode(),  # type: ignore[arg-type]
        )
        for part in mail.iter_attachments()
    }


def test_a_mail_about_an_audit_has_its_report(
    ledger: psycopg.Connection, audited: int, mail_server: Start
) -> None:
    inbox = mail_server()
    assert alerts.deliver(ledger) == [alerts.Outcome("mail", None)]
    [mail] = inbox.mails
    files = attached(mail)
    assert list(files) == [f"stock-audit-{audited}.json", f"stock-audit-{audited}.html"]
    kind, text = files[f"stock-audit-{audited}.json"]
    assert kind == "application/json"
    assert json.loads(text)["summary"]["by_class"] == {"stock_vs_total_stock": 2}
    assert {finding["sku"] for finding in json.loads(text)["findings"]} == {"TEA", "MILK"}
    kind, text = files[f"stock-audit-{audited}.html"]
    assert kind == "text/html"
    assert text.startswith("<!doctype html>")
    body = mail.get_body()
    assert body is not None
    assert body.get_content().splitlines()[3:6] == [
        f"Audit {audited}: 2 products compared",
        "  by class: stock_vs_total_stock 2",
        "  by cause: manual_update 2",
    ]


def test_when_all_is_well_again_nothing_is_attached(
    ledger: psycopg.Connection, audited: int, mail_server: Start
) -> None:
    inbox = mail_server()
    alerts.deliver(ledger)
    ledger.execute("call stocksync.sync(p_force => true)")
    ledger.execute("call stocksync.audit()")
    ledger.execute("update stocksync.settings set alert_rules = '{discrepancies_found}'")
    alerts.deliver(ledger)
    assert "Resolved (1)" in inbox.mails[-1].as_string()
    assert [len(attached(mail)) for mail in inbox.mails] == [2, 0]


def test_a_report_of_many_findings_is_cut_and_says_so(
    ledger: psycopg.Connection, audited: int, mail_server: Start
) -> None:
    ledger.execute(
        "insert into stocksync.findings (run_id, api_id, api, movements, classes)"
        " select %s, 'x' || i, i, 0, '{unknown_to_shop}' from generate_series(1, 100000) as i",
        (audited,),
    )
    inbox = mail_server()
    assert alerts.deliver(ledger) == [alerts.Outcome("mail", None)]
    [mail] = inbox.mails
    assert len(inbox.raw[0]) < 5_000_000
    (_, text), (_, page) = attached(mail).values()
    report = json.loads(text)
    assert (len(report["findings"]), report["omitted"]) == (1000, 99_002)
    assert "99002 more are not listed" in page


def test_a_report_of_long_reasons_is_cut_until_a_mail_can_hold_it(
    ledger: psycopg.Connection, audited: int, mail_server: Start
) -> None:
    ledger.execute(
        "insert into stocksync.findings (run_id, api_id, api, movements, classes, reasons)"
        " select %s, 'x' || i, i, 0, '{unknown_to_shop}', jsonb_build_array(jsonb_build_object("
        " 'class', 'unknown_to_shop', 'cause', 'unknown', 'text', repeat('x', 20000)))"
        " from generate_series(1, 500) as i",
        (audited,),
    )
    inbox = mail_server(data_size_limit=8_000_000)
    assert alerts.deliver(ledger) == [alerts.Outcome("mail", None)]
    (_, text), _ = attached(inbox.mails[0]).values()
    assert len(json.loads(text)["findings"]) == 10


def test_a_server_that_wants_no_attachment_gets_the_alert(
    ledger: psycopg.Connection, audited: int, mail_server: Start
) -> None:
    inbox = mail_server(data_size_limit=5000)
    assert alerts.deliver(ledger) == [alerts.Outcome("mail", None)]
    [mail] = inbox.mails
    assert attached(mail) == {}
    assert f"audit {audited} found 2 products" in mail.get_content()


def test_a_webhook_gets_the_summary_of_an_audit_and_no_findings(
    ledger: psycopg.Connection, audited: int, hook: HTTPServer
) -> None:
    hook.expect_oneshot_request("/hook/secret-path", method="POST").respond_with_data("")
    assert alerts.deliver(ledger) == [alerts.Outcome("webhook", None)]
    [(request, _)] = hook.log
    message = json.loads(request.get_data())
    [audit] = message["audits"]
    assert (audit["run"], audit["summary"]["mismatches"]) == (audited, 2)
    assert "findings" not in audit
    assert "by class: stock_vs_total_stock 2" in message["text"]
    assert "attachments" not in message


def test_an_operator_may_send_reports(
    ledger: psycopg.Connection, ledger_url: str, audited: int, mail_server: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    inbox = mail_server()
    monkeypatch.setenv("PGOPTIONS", "-c role=stocksync_operator")
    assert invoke(ledger_url, "send")[0] == 0
    assert len(attached(inbox.mails[0])) == 2


@pytest.mark.long
def test_the_audit_of_every_night_tells_what_it_found(
    ledger: psycopg.Connection, ledger_url: str, audited: int, mail_server: Start
) -> None:
    """By the worker, which has nothing but the schedule."""
    ledger.execute("delete from stocksync.runs")
    ledger.execute("update stocksync.schedules set cron = '* * * * *' where task = 'audit'")
    ledger.execute("update stocksync.schedules set is_enabled = false where task <> 'audit'")
    ledger.execute("select stocksync.enqueue_scheduled('audit', now() - interval '1 s')")
    inbox = mail_server()
    worker = subprocess.Popen([*PROGRAM, "--database-url", ledger_url, "worker"])
    try:
        deadline = time.monotonic() + 60
        while not inbox.mails:
            assert time.monotonic() < deadline
            assert worker.poll() is None
            time.sleep(0.05)
    finally:
        worker.terminate()
        worker.wait(30)
    (_, text), _ = attached(inbox.mails[0]).values()
    assert json.loads(text)["summary"]["mismatches"] == 2


# Webhook ------------------------------------------------------------------------------------------


@pytest.fixture
def hook(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """A server, and the channel configured to use its /hook/secret-path."""
    monkeypatch.setenv("STOCKSYNC_ALERT_WEBHOOK", httpserver.url_for("/hook/secret-path"))
    return httpserver


def test_a_webhook(
    shop: psycopg.Connection, hook: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKSYNC_ALERT_WEBHOOK_TOKEN", "t0ken")
    hook.expect_oneshot_request("/hook/secret-path", method="POST").respond_with_data("", 204)
    move(shop, product(shop, "A"), "123456789012345.123456", "sale")
    assert alerts.deliver(shop) == [alerts.Outcome("webhook", None)]
    assert alerts.deliver(shop) == []
    [(request, _)] = hook.log
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert request.headers["User-Agent"].startswith("stocksync/")
    # a quantity keeps its digits
    assert b'"on_hand": -123456789012345.123456' in request.get_data()
    message = request.get_json()
    assert message["text"].startswith(f'stocksync {shop.info.dbname}: the stock of "A" is -1234')
    assert message["channel"] == "webhook"
    assert message["delivery"] == 1
    [alert] = message["alerts"]
    assert (alert["event"], alert["subject"]) == ("raised", "product 1")


def test_a_server_that_has_a_hiccup_is_tried_again_at_once(hook: HTTPServer) -> None:
    hook.expect_ordered_request("/hook/secret-path").respond_with_data("", 500)
    hook.expect_ordered_request("/hook/secret-path").respond_with_data("", 502)
    hook.expect_ordered_request("/hook/secret-path").respond_with_data("", 200)
    assert alerts.send_test() == [alerts.Outcome("webhook", None)]
    assert len(hook.log) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_what_the_server_does_not_want_is_not_repeated_at_once(
    hook: HTTPServer, status: int
) -> None:
    hook.expect_request("/hook/secret-path").respond_with_data("no", status)
    [outcome] = alerts.send_test()
    assert str(outcome.error).startswith(f"HTTP {status} ")
    assert len(hook.log) == 1


@pytest.mark.parametrize(
    ("headers", "status", "seconds"),
    [
        ({"Retry-After": "7200"}, 429, 7200),
        ({"Retry-After": "3600"}, 503, 3600),
        ({"Retry-After": "99999999"}, 429, 21600),
        ({"Retry-After": "soon"}, 429, 30),
        ({}, 429, 30),
        ({}, 500, 30),
    ],
)
def test_a_server_that_asks_for_patience_gets_it(
    shop: psycopg.Connection, hook: HTTPServer, headers: dict[str, str], status: int, seconds: int
) -> None:
    hook.expect_request("/hook/secret-path").respond_with_data("", status, headers=headers)
    oversell(shop)
    [outcome] = alerts.deliver(shop)
    assert str(outcome.error).startswith(f"HTTP {status} ")
    wait = only(shop, "select retry_at - now() from stocksync.alert_channels").total_seconds()
    assert seconds - 10 < wait <= seconds
    assert len(hook.log) == (3 if status == 500 else 1)
    hook.clear()
    assert alerts.deliver(shop) == []
    assert hook.log == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(hook: HTTPServer, status: int) -> None:
    elsewhere = {"Location": hook.url_for("/elsewhere")}
    hook.expect_request("/hook/secret-path").respond_with_data("", status, headers=elsewhere)
    [outcome] = alerts.send_test()
    assert outcome.error == f"HTTP {status}: redirects are not followed"
    assert len(hook.log) == 1


def test_a_server_that_takes_too_long(hook: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "WEBHOOK_TIMEOUT", urllib3.Timeout(connect=5, read=0.2))
    waiting = threading.Event()

    def slow(request: Request) -> Response:
        waiting.wait(10)
        return Response("")

    hook.expect_request("/hook/secret-path").respond_with_handler(slow)
    try:
        [outcome] = alerts.send_test()
    finally:
        waiting.set()
    assert "timed out" in str(outcome.error)


def test_neither_an_error_nor_a_log_gives_the_address_away(
    shop: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    oversell(shop)
    for url in (
        f"http://127.0.0.1:{free_port()}/hook/secret-path",
        "ftp://127.0.0.1/hook/secret-path",
        "http:///hook/secret-path",
        "https://host:port/hook/secret-path",
    ):
        monkeypatch.setenv("STOCKSYNC_ALERT_WEBHOOK", url)
        shop.execute("update stocksync.alert_channels set retry_at = now()")
        [outcome] = alerts.deliver(shop)
        assert outcome.error
        assert "secret-path" not in outcome.error
    assert "secret-path" not in caplog.text
    assert only(shop, "select error from stocksync.alert_channels") == outcome.error


@pytest.mark.usefixtures("shop")
def test_a_webhook_over_tls(
    authority: trustme.CA,
    server_tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with HTTPServer(host="localhost", port=free_port(), ssl_context=server_tls) as server:
        server.expect_request("/hook").respond_with_data("")
        monkeypatch.setenv("STOCKSYNC_ALERT_WEBHOOK", server.url_for("/hook"))
        [outcome] = alerts.send_test()
        assert "CERTIFICATE_VERIFY_FAILED" in str(outcome.error)
        assert server.log == []
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert alerts.send_test() == [alerts.Outcome("webhook", None)]


# Command ------------------------------------------------------------------------------------------


def run_script(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Configure a shell script as the command."""
    monkeypatch.setenv("STOCKSYNC_ALERT_COMMAND", shlex.join(["sh", "-c", text]))


def test_a_command_gets_json(
    shop: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "it's here"
    run_script(monkeypatch, f"cat > {shlex.quote(str(out))}")
    oversell(shop)
    assert alerts.deliver(shop) == [alerts.Outcome("command", None)]
    message = json.loads(out.read_text())
    assert message["alerts"][0]["context"]["sku"] == "A"
    assert message["channel"] == "command"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("false", "ended with status 1"),
        ("sh -c 'kill -9 $$'", "ended with status -9"),
        ("/nowhere/notify --now", "[Errno 2] No such file or directory: '/nowhere/notify'"),
        ("/", "[Errno 13] Permission denied: '/'"),
        ("sh -c 'no end", "No closing quotation"),
        ("' '", "[Errno 2] No such file or directory: ' '"),
        (" ", "STOCKSYNC_ALERT_COMMAND names no program"),
    ],
)
def test_a_command_that_fails(monkeypatch: pytest.MonkeyPatch, command: str, error: str) -> None:
    # A directory there that this user may not look into would be what the error is about.
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("STOCKSYNC_ALERT_COMMAND", command)
    assert alerts.send_test() == [alerts.Outcome("command", error)]


def test_no_shell_reads_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STOCKSYNC_ALERT_COMMAND", f"true; touch {tmp_path}/made")
    [outcome] = alerts.send_test()
    assert outcome.error
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_hangs_is_ended_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(hooks, "COMMAND_TIMEOUT", 1)
    run_script(monkeypatch, f"sleep 1000 & echo $! > {tmp_path}/pid; wait")
    assert alerts.send_test() == [alerts.Outcome("command", "did not end within 1 seconds")]
    stat = Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}/stat")
    deadline = time.monotonic() + 10
    # gone, or dead and waiting for somebody to notice
    while stat.exists() and stat.read_text().split(")")[-1].split()[0] != "Z":
        assert time.monotonic() < deadline


def test_a_command_that_prints_a_lot_and_reads_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run_script(monkeypatch, "head -c 20000000 /dev/zero; echo done >&2")
    assert alerts.send_test() == [alerts.Outcome("command", None)]
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "done\n")


# Several ------------------------------------------------------------------------------------------


def test_a_channel_that_fails_does_not_stop_the_others(
    shop: psycopg.Connection, hook: HTTPServer, mail_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = mail_server()
    monkeypatch.setenv("STOCKSYNC_SMTP_URL", "nonsense")
    hook.expect_request("/hook/secret-path").respond_with_data("", 400)
    run_script(monkeypatch, "cat > /dev/null")
    oversell(shop)
    outcomes = alerts.deliver(shop)
    assert [(o.channel, o.error is None) for o in outcomes] == [
        ("mail", False),
        ("webhook", False),
        ("command", True),
    ]
    assert inbox.mails == []


def test_of_many_senders_at_once_one_tells_each_alert(
    shop: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    # one line a message: append is atomic
    run_script(monkeypatch, f"cat | tr -d '\\n' | sed 's/$/\\n/' >> {out}")
    senders, rounds = 4, 5
    start = threading.Barrier(senders + 1)
    errors: list[BaseException] = []

    def send() -> None:
        try:
            with session(ledger_url) as db:
                for _ in range(rounds):
                    start.wait(30)
                    alerts.deliver(db)
                    alerts.deliver(db)
                    start.wait(30)
        except BaseException as error:
            errors.append(error)
            start.abort()

    threads = [threading.Thread(target=send) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for number in range(rounds):
        for part in "ab":
            oversell(shop, f"{number}{part}")
        start.wait(30)
        start.wait(30)
    for thread in threads:
        thread.join(30)
    assert errors == []
    alerts.deliver(shop)
    told = [
        (alert["event"], alert["context"]["sku"])
        for line in out.read_text().splitlines()
        for alert in json.loads(line)["alerts"]
    ]
    assert sorted(told) == [("raised", f"{n}{part}") for n in range(rounds) for part in "ab"]
    assert shop.execute("select level, message from stocksync.log").fetchall() == []


def test_a_sender_that_is_killed_after_sending_makes_it_be_sent_again(
    shop: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run_script(monkeypatch, f"cat >> {out}; echo >> {out}; kill -9 $PPID")
    oversell(shop)
    send = [*PROGRAM, "--database-url", ledger_url, "alerts", "send"]
    assert subprocess.run(send, check=False).returncode == -9
    run_script(monkeypatch, f"cat >> {out}; echo >> {out}")
    # not yet: it may be alive
    assert alerts.deliver(shop) == []
    shop.execute("update stocksync.alert_channels set claimed_at = claimed_at - interval '2 min'")
    assert alerts.deliver(shop) == [alerts.Outcome("command", None)]
    first, second = map(json.loads, out.read_text().splitlines())
    assert first["alerts"] == second["alerts"]
    assert (first["delivery"], second["delivery"]) == (1, 2)
    assert alerts.deliver(shop) == []


# Words --------------------------------------------------------------------------------------------


def test_what_people_read() -> None:
    def alert(event: str, name: str, resolved_at: str | None = None) -> dict[str, object]:
        return {
            "event": event,
            "rule": "below_reorder_point",
            "level": "warning",
            "message": f'the stock of "{name}" is 1',
            "raised_at": "2026-01-01T12:34:56.789+01:00",
            "resolved_at": resolved_at,
        }

    message: dict[str, Any] = {
        "database": "shop",
        "counts": [
            {"event": "raised", "rule": "below_reorder_point", "count": 5000},
            {"event": "reminder", "rule": "below_reorder_point", "count": 1},
            {"event": "resolved", "rule": "below_reorder_point", "count": 1},
        ],
        "alerts": [
            alert("raised", "A"),
            alert("raised", "B"),
            alert("reminder", "C"),
            alert("resolved", "D", "2026-01-02T01:00:00+01:00"),
        ],
        "audits": [],
    }
    assert alerts.render(message) == (
        "stocksync shop: 5000 new, 1 still open, 1 resolved",
        "New (5000)\n"
        '  warning: the stock of "A" is 1\n'
        '  warning: the stock of "B" is 1\n'
        "  … and 4998 more of below_reorder_point\n"
        "\n"
        "Still open (1)\n"
        '  warning: the stock of "C" is 1 (since 2026-01-01 12:34+01:00)\n'
        "\n"
        "Resolved (1)\n"
        '  warning: the stock of "D" is 1 (since 2026-01-01 12:34+01:00 until 2026-01-02'
        " 01:00+01:00)\n"
        "\n"
        "All that are open: stocksync alerts list\n",
    )
    message["counts"], message["alerts"] = message["counts"][2:], message["alerts"][3:]
    assert alerts.render(message)[0] == 'stocksync shop: Resolved: the stock of "D" is 1'


# Commands -----------------------------------------------------------------------------------------


def invoke(url: str, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["--database-url", url, "alerts", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_list_send_and_list(
    shop: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_script(monkeypatch, "cat > /dev/null")
    oversell(shop)
    assert invoke(ledger_url, "send") == (
        0, "channel  status  detail\n-------  ------  ------\ncommand  ok\n", ""
    )  # fmt: skip
    assert invoke(ledger_url, "send") == (0, "", "nothing to send\n")
    assert invoke(ledger_url, "send", "--json") == (0, "[]\n", "nothing to send\n")
    status, printed, _ = invoke(ledger_url, "list", "--json")
    [alert] = json.loads(printed)
    assert (status, alert["message"], alert["told"]) == (0, 'the stock of "A" is -1', ["command"])
    move(shop, 1, 1)
    invoke(ledger_url, "send")
    assert json.loads(invoke(ledger_url, "list", "--json")[1]) == []
    [alert] = json.loads(invoke(ledger_url, "list", "--all", "--json")[1])
    assert alert["resolved_at"] is not None


def test_a_failure_is_told_by_the_exit_status(
    shop: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKSYNC_ALERT_COMMAND", "false")
    oversell(shop)
    for command in ("send", "test"):
        status, printed, _ = invoke(ledger_url, command, "--json")
        assert status == 1
        assert json.loads(printed) == [
            {"channel": "command", "status": "failure", "detail": "ended with status 1"}
        ]


def test_without_a_channel_the_alerts_are_raised_and_the_command_says_what_to_do(
    shop: psycopg.Connection, ledger_url: str
) -> None:
    oversell(shop)
    for command in ("send", "test"):
        status, printed, error = invoke(ledger_url, command)
        assert (status, printed) == (1, "")
        assert error.startswith("error: no channel is configured\nhint: Set STOCKSYNC_ALERT_MAIL")
    assert only(shop, "select count(*) from stocksync.alerts") == 1
    assert alerts.deliver(shop) == []


def test_a_test_needs_no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run_script(monkeypatch, f"cat > {tmp_path}/out")
    assert invoke("postgresql://127.0.0.1:1/none", "test")[0] == 0
    message = json.loads((tmp_path / "out").read_text())
    assert "this is a test" in message["text"]


def test_an_operator_sends_and_an_auditor_may_not(
    shop: psycopg.Connection, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_script(monkeypatch, "cat > /dev/null")
    oversell(shop)
    monkeypatch.setenv("PGOPTIONS", "-c role=stocksync_auditor")
    status, _, error = invoke(ledger_url, "send")
    assert status == 1
    assert "permission denied for function raise_alerts" in error
    assert invoke(ledger_url, "list")[0] == 0
    monkeypatch.setenv("PGOPTIONS", "-c role=stocksync_operator")
    assert invoke(ledger_url, "send")[0] == 0
