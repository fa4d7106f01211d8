"""Hosts that are ours, loopback, bodies that are too large."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from appliance.httpd.headers import Bounds, is_loopback, is_ours


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.168.1.2", True),
        ("192.168.1.2:8443", True),
        ("[fd00::1]:8443", True),
        ("[fd00::1]", True),
        ("localhost:8080", True),
        ("LOCALHOST", True),
        ("motcua.xa.example", True),
        ("motcua.xa.example.:8443", True),
        ("evil.example", False),
        ("192.168.1.2.evil.example", False),
        ("motcua.xa.example.evil", False),
        ("", False),
        (":8443", False),
    ],
)
def test_whose_name_it_is(host: str, expected: bool) -> None:
    assert is_ours(host, {"motcua.xa.example"}) is expected


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (("127.0.0.1", 1), True),
        (("127.9.0.1", 1), True),
        (("::1", 1), True),
        (("::ffff:127.0.0.1", 1), True),
        (("192.168.1.2", 1), False),
        (("::ffff:10.0.0.1", 1), False),
        (("", 0), False),
        (None, False),
    ],
)
def test_who_sits_at_the_box(client: Any, expected: bool) -> None:
    assert is_loopback({"client": client}) is expected


async def reader(scope: Any, receive: Any, send: Any) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


def test_a_body_that_is_too_large_is_refused_by_its_length() -> None:
    client = TestClient(Bounds(reader, most_body=1000), base_url="http://127.0.0.1")
    assert client.post("/", content=b"x" * 1000).text == "1000"
    refused = client.post("/", content=b"x" * 1001)
    assert (refused.status_code, refused.json()["title"]) == (413, "request.too_large")


def test_a_page_that_says_nothing_of_caching_is_not_kept() -> None:
    client = TestClient(Bounds(reader), base_url="http://127.0.0.1")
    assert client.get("/").headers["cache-control"] == "no-store"
