"""What a shop's API shows, from servers that misbehave and files that are no such thing."""

import gzip
import json
import os
import socket
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from stocksync import shop_api
from stocksync.errors import StocksyncError
from stocksync.shop_api import Api, Names, compile_path, public, read_file

NAMES = Names("id", "quantity")
SECRET = "s3cr3t-t0ken"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_api, "_BACKOFF", 0)
    for name in list(os.environ):
        if name.startswith("STOCKSYNC_API_"):
            monkeypatch.delenv(name)


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("STOCKSYNC_API_TOKEN", SECRET)
    return SECRET


def items(first: int, last: int) -> list[dict[str, int]]:
    return [{"id": number, "quantity": number * 2} for number in range(first, last + 1)]


def read(url: str, names: Names = NAMES, **options) -> list[dict]:
    api = Api(url, names, rate=10_000, **{"timeout": 5, **options})
    return [item for page in api.pages() for item in page]


def ids(found: list[dict]) -> list[int]:
    return [item["id"] for item in found]


def refused(call: Callable[[], object]) -> StocksyncError:
    with pytest.raises(StocksyncError) as caught:
        call()
    told = f"{caught.value.message} {caught.value.detail} {caught.value.hint}"
    assert SECRET not in told
    assert "secret-path=1" not in told
    assert told.isprintable()
    return caught.value


# Pages --------------------------------------------------------------------------------------------


def pages_of(total: int, size: int, name: str, first: int = 1) -> Callable[[Request], Response]:
    """Answer with the page that a request asks for; an empty one past the end."""

    def answer(request: Request) -> Response:
        number = int(request.args[name])
        start = number if name == "offset" else (number - first) * size
        return Response(json.dumps(items(start + 1, min(start + size, total))))

    return answer


def test_a_list_without_pages(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_json(items(1, 3))
    assert read(httpserver.url_for("/p")) == items(1, 3)


@pytest.mark.parametrize(
    ("query", "name", "first"),
    [("n={page}", "n", 1), ("n={page=0}", "n", 0), ("offset={offset}", "offset", 0)],
)
def test_pages_are_counted_until_one_is_empty(
    httpserver: HTTPServer, query: str, name: str, first: int
) -> None:
    httpserver.expect_request("/p").respond_with_handler(pages_of(25, 10, name, first))
    assert ids(read(httpserver.url_for("/p") + f"?{query}&size=10")) == list(range(1, 26))
    assert len(httpserver.log) == 4


def test_the_last_page_may_say_so(httpserver: HTTPServer) -> None:
    for page, more in ((1, True), (2, False)):
        httpserver.expect_request("/p", query_string=f"page={page}").respond_with_json(
            {"rows": items(page * 10, page * 10 + 1), "has_more": more}
        )
    url = httpserver.url_for("/p") + "?page={page}"
    assert ids(read(url, items_path="rows", next_path="has_more")) == [10, 11, 20, 21]


def test_cursors_are_followed_also_through_an_empty_page(httpserver: HTTPServer) -> None:
    for cursor, following, rows in (("", "a b&c", [1]), ("a b&c", 7, []), ("7", None, [3])):
        httpserver.expect_request("/p", query_string={"c": cursor}).respond_with_json(
            {"d": {"rows": [{"id": r, "quantity": 1} for r in rows]}, "next": following}
        )
    url = httpserver.url_for("/p") + "?c={cursor}"
    assert ids(read(url, items_path="$.d.rows", next_path="$.next")) == [1, 3]


@pytest.mark.parametrize("relative", [True, False])
def test_the_next_url_may_be_in_the_answer(httpserver: HTTPServer, relative: bool) -> None:
    following = "/p2?x=1" if relative else httpserver.url_for("/p2?x=1")
    httpserver.expect_request("/p").respond_with_json({"r": items(1, 2), "next": following})
    httpserver.expect_request("/p2").respond_with_json({"r": items(3, 4), "next": None})
    found = read(httpserver.url_for("/p"), items_path="r", next_path="next")
    assert ids(found) == [1, 2, 3, 4]


def test_link_headers_are_followed(httpserver: HTTPServer) -> None:
    link = f'<{httpserver.url_for("/p?a=1,2")}>; title="x, y"; rel="prev", </q?b=1>; rel="x next"'
    httpserver.expect_request("/p").respond_with_json(items(1, 2), headers={"Link": link})
    last = {"Link": "</p>; rel=first, </p>; rel=prev"}
    httpserver.expect_request("/q").respond_with_json(items(3, 4), headers=last)
    assert ids(read(httpserver.url_for("/p"))) == [1, 2, 3, 4]


def test_an_answer_that_is_not_all_is_no_list(httpserver: HTTPServer) -> None:
    for document in (
        {"rows": items(1, 2), "next_page": 2},
        {"rows": items(1, 2), "meta": {"hasMore": True}},
    ):
        httpserver.clear()
        httpserver.expect_request("/p").respond_with_json(document)
        error = refused(lambda: read(httpserver.url_for("/p"), items_path="rows"))
        assert error.message == "the API has more pages"


def test_a_server_that_always_sends_the_same_page(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_json(items(1, 2))
    error = refused(lambda: read(httpserver.url_for("/p") + "?page={page}"))
    assert error.message == "page 2 of the API is page 1 again"
    assert len(httpserver.log) == 2


def test_cursors_and_links_that_go_in_a_circle(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/c").respond_with_handler(
        lambda r: Response(
            json.dumps({"rows": [], "next": {"": "a", "a": "b", "b": "a"}[r.args["c"]]})
        )
    )
    url = httpserver.url_for("/c") + "?c={cursor}"
    error = refused(lambda: read(url, items_path="rows", next_path="next"))
    assert error.message == "page 4 of the API leads back to one that was read"
    httpserver.expect_request("/l").respond_with_json([], headers={"Link": "</l>; rel=next"})
    error = refused(lambda: read(httpserver.url_for("/l")))
    assert error.message == "page 2 of the API leads back to one that was read"


def test_pages_without_end(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_api, "_MOST_PAGES", 5)
    httpserver.expect_request("/p").respond_with_handler(pages_of(1000, 1, "page"))
    error = refused(lambda: read(httpserver.url_for("/p") + "?page={page}"))
    assert error.message == "the API never ends"


def test_a_next_that_is_no_address(httpserver: HTTPServer) -> None:
    for following in ("abc", {"a": 1}, True):
        httpserver.clear()
        httpserver.expect_request("/p").respond_with_json({"rows": [], "next": following})
        error = refused(lambda: read(httpserver.url_for("/p"), items_path="rows", next_path="next"))
        assert error.message.startswith("what --api-next finds is no address: ")
    error = refused(lambda: read(httpserver.url_for("/p") + "?c={cursor}"))
    assert (error.message, error.exit_status) == ("nothing says where the cursor is", 2)


# What an item is ----------------------------------------------------------------------------------


def test_values_come_as_they_are(httpserver: HTTPServer) -> None:
    text = r"""[
        {"a": {"id": 12345678901234567890}, "q": 0.1000000000000000000001, "s": "on", "r": 1.50},
        {"a": {"id": "x\u0000y"}, "q": NaN, "s": "\ud800"},
        {"a": {"id": 1.0}, "q": 1e999999999, "s": null},
        {"a": {"id": true}, "q": {"x": [1]}},
        {"a": [], "q": "12.5"},
        7
    ]"""
    httpserver.expect_request("/p").respond_with_data(text)
    found = read(httpserver.url_for("/p"), Names("$.a.id", "q", "s", "r"))
    assert found == [
        {
            "id": Decimal("12345678901234567890"),
            "quantity": Decimal("0.1000000000000000000001"),
            "status": "on",
            "reserved": Decimal("1.50"),
        },
        {"id": "x\ufffdy", "quantity": "NaN", "status": "?"},
        {"id": Decimal("1.0"), "quantity": "1e999999999", "status": None},
        {"id": True, "quantity": '{"x": [1]}'},
        {"quantity": "12.5"},
        {},
    ]


@pytest.mark.parametrize(
    ("path", "document"),
    [
        (None, [{"id": 1, "quantity": 2}]),
        ("products", {"products": [{"id": 1, "quantity": 2}]}),
        ("$.data[*]", {"data": [{"id": 1, "quantity": 2}]}),
        ("$.data.*", {"data": {"k": {"id": 1, "quantity": 2}}}),
        ("$['a b'].c", {"a b": {"c": [{"id": 1, "quantity": 2}]}}),
    ],
)
def test_the_list_is_where_the_path_says(httpserver: HTTPServer, path, document) -> None:
    httpserver.expect_request("/p").respond_with_json(document)
    assert read(httpserver.url_for("/p"), items_path=path) == [{"id": 1, "quantity": 2}]


@pytest.mark.parametrize("path", [None, "rows", "$.rows[0]"])
@pytest.mark.parametrize("document", [{"items": [], "x": 1}, 7, "rows", None, True])
def test_what_is_no_list_is_told_with_what_there_is(httpserver: HTTPServer, path, document) -> None:
    if path == "$.rows[0]" and isinstance(document, dict):
        document = {"rows": [5]}
    httpserver.expect_request("/p").respond_with_json(document)
    error = refused(lambda: read(httpserver.url_for("/p"), items_path=path))
    assert "list" in error.message


def test_a_wrong_path_is_told_and_not_taken_for_an_empty_shop(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_json([{"sku": "A", "stock": 1}])
    error = refused(lambda: read(httpserver.url_for("/p")))
    assert error.message == 'no item has "id"'
    assert error.detail == "The first one has: sku, stock."
    assert error.hint == "Say with --api-id where it is."
    error = refused(lambda: read(httpserver.url_for("/p"), Names("sku", "quantity")))
    assert error.message == 'no item has "quantity"'


def test_a_path_that_is_none() -> None:
    for path in ("$.x[", "a b", "$..", "@.x", "\x1b[31m"):
        error = refused(lambda path=path: compile_path(path))
        assert "is no JSON path" in error.message
        assert error.exit_status == 2
    assert compile_path(None) is None


# Servers that misbehave ---------------------------------------------------------------------------


def answers(httpserver: HTTPServer, *responses: Response) -> str:
    """Answer one request after another; the last answer is for ever."""
    remaining = list(responses)
    httpserver.expect_request("/p").respond_with_handler(
        lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0]
    )
    return httpserver.url_for("/p") + "?secret-path=1"


GOOD = json.dumps(items(1, 2))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(httpserver: HTTPServer, status: int) -> None:
    url = answers(httpserver, *[Response("", status)] * 4, Response(GOOD))
    assert read(url) == items(1, 2)
    assert len(httpserver.log) == 5


def test_what_does_not_pass_is_told(httpserver: HTTPServer) -> None:
    error = refused(lambda: read(answers(httpserver, Response("", 500))))
    assert error.message == f"{httpserver.url_for('/p')} fails"
    assert error.detail == "The last of 5 attempts: too many 500 error responses."
    assert len(httpserver.log) == 5


def test_an_error_in_the_middle_of_the_list_is_an_error(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p", query_string="page=1").respond_with_json(items(1, 2))
    httpserver.expect_request("/p", query_string="page=2").respond_with_data("", 500)
    error = refused(lambda: read(httpserver.url_for("/p") + "?page={page}"))
    assert error.message.endswith(" fails")


def test_retry_after_is_respected(httpserver: HTTPServer) -> None:
    url = answers(httpserver, Response("", 429, {"Retry-After": "1"}), Response(GOOD))
    began = time.monotonic()
    assert read(url) == items(1, 2)
    assert time.monotonic() - began >= 1


def test_retry_after_that_nobody_can_read_or_wait_for(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_api, "_LONGEST_RETRY_AFTER", 0.1)
    url = answers(
        httpserver,
        Response("", 503, {"Retry-After": "tomorrow"}),
        Response("", 503, {"Retry-After": "99999999"}),
        Response("", 503, {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
        Response(GOOD),
    )
    assert read(url) == items(1, 2)


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "STOCKSYNC_API_TOKEN"), (403, "STOCKSYNC_API_HEADERS"), (404, "--api-next"), (418, "")],
)
def test_what_does_not_pass_by_itself_is_not_tried_again(
    httpserver: HTTPServer, status: int, hint: str
) -> None:
    error = refused(lambda: read(answers(httpserver, Response("", status))))
    assert error.message == f"{httpserver.url_for('/p')} answers with HTTP {status}"
    assert hint in (error.hint or "")
    assert len(httpserver.log) == 1


def test_html_and_json_that_ends_in_the_middle(httpserver: HTTPServer) -> None:
    for text, detail in (
        ("<html>\n\x1b[31m<body>", r"It begins with: <html>\n\x1b[31m<body>"),
        (GOOD[:-5], f"It begins with: {GOOD[:-5][:60]}"),
        ("", "It is empty."),
        ("[" * 100_000, None),
    ):
        httpserver.clear()
        url = answers(httpserver, Response(text, content_type="text/html"))
        error = refused(lambda url=url: read(url))
        assert "is no JSON" in error.message or "nested too deeply" in error.message
        assert error.detail == detail
    httpserver.clear()
    error = refused(lambda: read(answers(httpserver, Response(b'["\xff\xfe"]'))))
    assert "is no JSON" in error.message


def test_packed_answers_are_unpacked(httpserver: HTTPServer) -> None:
    packed = Response(gzip.compress(GOOD.encode()), headers={"Content-Encoding": "gzip"})
    assert read(answers(httpserver, packed)) == items(1, 2)
    httpserver.clear()
    broken = Response(b"\x1f\x8bnothing", headers={"Content-Encoding": "gzip"})
    error = refused(lambda: read(answers(httpserver, broken)))
    assert error.message.endswith("answers with what cannot be unpacked")


def test_an_answer_that_would_fill_the_memory(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_api, "_LARGEST", 1 << 20)
    bomb = gzip.compress(b" " * (100 << 20))
    assert len(bomb) < 1 << 20
    url = answers(httpserver, Response(bomb, headers={"Content-Encoding": "gzip"}))
    error = refused(lambda: read(url))
    assert error.message == f"a page of {httpserver.url_for('/p')} is larger than 1 MB"


def test_no_more_requests_a_second_than_asked_for(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_handler(pages_of(5, 1, "page"))
    began = time.monotonic()
    list(Api(httpserver.url_for("/p") + "?page={page}", NAMES, rate=10).pages())
    assert len(httpserver.log) == 6
    assert time.monotonic() - began >= 0.5


@pytest.fixture
def raw_server() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """A server that does with each connection what the test says; returns its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    stopped = threading.Event()
    threads: list[threading.Thread] = []

    def start(behave: Callable[[socket.socket], None]) -> str:
        def serve() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    behave(connection)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/p"

    start.stopped = stopped  # type: ignore[attr-defined]
    yield start
    stopped.set()
    for thread in threads:
        thread.join()
    listener.close()


def test_a_server_that_does_not_answer(raw_server) -> None:
    url = raw_server(lambda _: raw_server.stopped.wait(0.3))
    error = refused(lambda: read(url, timeout=0.1))
    assert error.message == f"{url} does not answer within 0.1 seconds"


def test_a_server_that_breaks_off(raw_server) -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{")

    url = raw_server(behave)
    error = refused(lambda: read(url))
    assert error.message == f"{url} breaks off its answer"


def test_a_server_that_sends_a_byte_now_and_then(
    raw_server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_api, "_LONGEST_ANSWER", 0.2)

    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            if raw_server.stopped.wait(0.02):
                return
            try:
                connection.sendall(b"1\r\n[\r\n")
            except OSError:
                return

    url = raw_server(behave)
    error = refused(lambda: read(url))
    assert error.message == f"{url} did not end its answer within 0.2 seconds"


def test_no_network_at_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refused(lambda: read(f"http://127.0.0.1:{port}/p?secret-path=1"))
    assert error.message == f"cannot connect to http://127.0.0.1:{port}/p"
    error = refused(lambda: read("http://shop.invalid/p?secret-path=1"))
    assert error.message == "no such host: http://shop.invalid/p"


# Secrets ------------------------------------------------------------------------------------------


def test_the_token_and_the_headers_are_sent(
    httpserver: HTTPServer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKSYNC_API_HEADERS", '{"X-Api-Key": "k", "Accept": "text/x"}')
    read(answers(httpserver, Response(GOOD)))
    sent = httpserver.log[0][0].headers
    assert (sent["Authorization"], sent["X-Api-Key"], sent["Accept"]) == (
        f"Bearer {token}",
        "k",
        "text/x",
    )
    assert sent["User-Agent"].startswith("stocksync/")


@pytest.mark.parametrize(
    "headers", ["x", "[]", '{"a": 1}', '{"a\\n": "b"}', '{"a": "b\\r\\nc: d"}', '{"a": "\\u20ac"}']
)
def test_headers_that_are_none_are_told_without_their_values(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, headers: str
) -> None:
    monkeypatch.setenv("STOCKSYNC_API_HEADERS", headers)
    error = refused(lambda: read(answers(httpserver, Response(GOOD))))
    assert "STOCKSYNC_API_HEADERS" in error.message
    assert httpserver.log == []


def test_a_token_with_a_line_break_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKSYNC_API_TOKEN", SECRET + "\n")
    refused(lambda: read("http://127.0.0.1:9/"))


def test_a_redirect_to_the_same_host_is_followed(httpserver: HTTPServer, token: str) -> None:
    httpserver.expect_request("/old").respond_with_data("", 302, {"Location": "/new?secret-path=1"})
    httpserver.expect_request(
        "/new", headers={"Authorization": f"Bearer {token}"}
    ).respond_with_json(items(1, 2))
    assert read(httpserver.url_for("/old")) == items(1, 2)


@pytest.fixture
def stranger() -> Iterator[HTTPServer]:
    """Another host: a port of its own is one."""
    with HTTPServer(host="localhost") as server:
        server.expect_request("/p").respond_with_json(items(1, 2))
        yield server


def test_the_token_goes_to_no_other_host(
    httpserver: HTTPServer, stranger: HTTPServer, token: str
) -> None:
    elsewhere = stranger.url_for("/p")
    httpserver.expect_request("/r").respond_with_data("", 307, {"Location": elsewhere})
    httpserver.expect_request("/l").respond_with_json(
        [], headers={"Link": f"<{elsewhere}>; rel=next"}
    )
    httpserver.expect_request("/n").respond_with_json({"rows": [], "next": elsewhere})
    for path, options in (("/r", {}), ("/l", {}), ("/n", {"items_path": "rows"})):
        if path == "/n":
            options["next_path"] = "next"
        url = httpserver.url_for(path)
        error = refused(lambda url=url, options=options: read(url, **options))
        assert error.message == f"{url} leads to another host: {elsewhere}"
    assert stranger.log == []


def test_without_a_token_another_host_may_be_asked(
    httpserver: HTTPServer, stranger: HTTPServer
) -> None:
    location = {"Location": stranger.url_for("/p")}
    httpserver.expect_request("/r").respond_with_data("", 301, location)
    assert read(httpserver.url_for("/r")) == items(1, 2)


def test_redirects_in_a_circle_or_to_nowhere(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/r").respond_with_data("", 302, {"Location": "/r"})
    error = refused(lambda: read(httpserver.url_for("/r")))
    assert error.message == f"{httpserver.url_for('/r')} redirects in a circle"
    httpserver.expect_request("/f").respond_with_data("", 302, {"Location": "file:///etc/passwd"})
    error = refused(lambda: read(httpserver.url_for("/f")))
    assert error.message == "file:///etc/passwd is not like https://host/path"


@pytest.mark.parametrize("url", ["", "shop", "ftp://shop/p", "https://", "http://[", "http://h:x"])
def test_an_address_that_is_none(url: str) -> None:
    error = refused(lambda: read(url))
    assert error.message.endswith("is not like https://host/path")
    assert error.exit_status == 2


def test_a_password_in_the_address_is_refused_and_not_told() -> None:
    error = refused(lambda: read(f"https://me:{SECRET}@shop.invalid/p"))
    assert error.message == "the address of https://shop.invalid/p holds a password"
    assert public(f"https://me:{SECRET}@shop/p?key={SECRET}#x") == "https://shop/p"


# TLS ----------------------------------------------------------------------------------------------


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with HTTPServer(host="localhost", ssl_context=context) as server:
        server.expect_request("/p").respond_with_json(items(1, 2))
        yield server


def test_an_unknown_certificate_is_refused_and_taken_with_its_authority(
    tls_server: HTTPServer, authority: trustme.CA, tmp_path: Path
) -> None:
    url = tls_server.url_for("/p")
    error = refused(lambda: read(url))
    assert error.message == f"no secure connection to {url}"
    assert error.hint == "--api-ca FILE names an authority of your own."
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    assert read(url, ca_file=str(ca_file)) == items(1, 2)
    # a certificate of another name is none
    error = refused(lambda: read(url.replace("localhost", "127.0.0.1"), ca_file=str(ca_file)))
    assert error.message.startswith("no secure connection to ")


def test_no_way_leads_from_tls_to_the_clear(
    tls_server: HTTPServer, httpserver: HTTPServer, authority: trustme.CA, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    tls_server.expect_request("/r").respond_with_data(
        "", 302, {"Location": httpserver.url_for("/p")}
    )
    error = refused(lambda: read(tls_server.url_for("/r"), ca_file=str(ca_file)))
    assert "leads to an address without TLS" in error.message
    assert httpserver.log == []


def test_certificates_that_are_none(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("x")
    for file in (empty, tmp_path / "missing.pem"):
        error = refused(lambda file=file: read("https://localhost/", ca_file=str(file)))
        assert error.message == f'cannot read certificates from "{file}"'


# One product --------------------------------------------------------------------------------------


def test_one_product_is_asked_for_by_its_name(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p/A%2F1 ü").respond_with_json({"x": 1, "quantity": 5})
    httpserver.expect_request("/p/A/1 ü").respond_with_json({"x": 1, "quantity": 5})
    httpserver.expect_request("/p/B").respond_with_data("", 404)
    api = Api(httpserver.url_for("/p"), NAMES, rate=1000)
    item = httpserver.url_for("/p/") + "{id}"
    assert api.item(item, "A/1 ü") == [{"id": "A/1 ü", "quantity": 5}]
    assert httpserver.log[0][0].environ["RAW_URI"] == "/p/A%2F1%20%C3%BC"
    assert api.item(item, "B") == []
    httpserver.expect_request("/p/C").respond_with_json([{"quantity": 5}])
    httpserver.expect_request("/p/D").respond_with_json([])
    httpserver.expect_request("/p/E").respond_with_json({"product": {"quantity": 5}})
    assert api.item(item, "C") == [{"id": "C", "quantity": 5}]
    assert api.item(item, "D") == []
    error = refused(lambda: api.item(item, "E"))
    assert error.message == 'no item has "quantity"'


def test_a_traceback_does_not_tell_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(StocksyncError) as caught:
        read(f"http://127.0.0.1:{port}/p?key={SECRET}")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


# Files --------------------------------------------------------------------------------------------


def from_file(path: Path, names: Names = NAMES, **options) -> list[dict]:
    pages = read_file(str(path), names, lambda _: None, **options)
    return [item for page in pages for item in page]


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("a.json", GOOD, {}),
        ("a.json", json.dumps({"d": items(1, 2)}), {"items_path": "d"}),
        ("a", "\n " + GOOD, {}),
        ("a", json.dumps({"d": items(1, 2)}, indent=1), {"items_path": "$.d"}),
        ("a.jsonl", '{"id": 1, "quantity": 2}\n\n{"id": 2, "quantity": 4}', {}),
        ("a", '{"id": 1, "quantity": 2}\n{"id": 2, "quantity": 4}\n', {}),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_json_is_read_as_the_api_has_it(tmp_path: Path, name, text, options, packed) -> None:
    path = tmp_path / (name + ".gz" * packed)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert from_file(path, **options) == items(1, 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_by_the_names_of_its_columns(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    lines = ["name,stock level,sku", '"x\ny",5,A 1', "", "short", 'z,"1,5",B']
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).replace(",", delimiter).encode())
    found = from_file(path, Names("sku", "stock level"))
    assert found == [
        {"id": "A 1", "quantity": "5"},
        {},
        {"id": "B", "quantity": f"1{delimiter}5"},
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", b"", '"{}" is empty'),
        ("a.csv", b"sku,quantity\n", '{} has no column "id"'),
        ("a.csv", b"id,quantity,id\n", '{} has the column "id" twice'),
        ("a.csv", b"id,quantity\n1,\xff\n", '"{}" is not UTF-8 in line 2'),
        ("a.csv", b'id,quantity\n1,"' + b"x" * 200_000, "line 2 of {} is no CSV"),
        ("a.json", b"[{", "{} is no JSON"),
        ("a.json", b'{"x": []}', "{} is no list"),
        ("a.jsonl", b'{"id": 1, "quantity": 1}\n{"id":', "line 2 of {} is no JSON"),
        ("a.jsonl", b'{"id": 1}', 'no item has "quantity"'),
        ("a.csv.gz", b"\x1f\x8bx", "{} is a damaged or incomplete gzip file"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_an_error(tmp_path, name, text, message) -> None:
    path = tmp_path / name
    path.write_bytes(text)
    error = refused(lambda: from_file(path))
    assert message.replace("{}", str(path)).replace('"', "") in error.message.replace('"', "")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = refused(lambda: from_file(tmp_path / "none"))
    assert error.message.startswith("cannot read ")


def test_a_json_file_that_would_fill_the_memory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(shop_api, "_LARGEST", 10)
    path = tmp_path / "a.json"
    path.write_text(GOOD)
    error = refused(lambda: from_file(path))
    assert "larger than" in error.message
