"""Hosts that are ours, loopback, bodies that are too large."""

import asyncio
import contextlib
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
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


def in_parts(*parts: bytes) -> Any:
    yield from parts


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_without_a_length_is_refused_like_any_other(kind: str) -> None:
    async def forms(scope: Any, receive: Any, send: Any) -> None:
        await Request(scope, receive).form()
        await PlainTextResponse("read")(scope, receive, send)

    client = TestClient(Bounds(forms, most_body=1000), base_url="http://127.0.0.1")
    head = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"
    parts = (head, *([b"a" * 100] * 20)) if kind.startswith("multipart") else [b"a" * 100] * 20
    refused = client.post("/", content=in_parts(*parts), headers={"content-type": kind})
    assert (refused.status_code, refused.json()["title"]) == (413, "request.too_large")
    assert refused.headers["x-frame-options"] == "DENY"


def told_to(messages: list[dict[str, Any]], app: Any) -> list[dict[str, Any]]:
    """What an app says to a caller from whom these messages come."""
    said: list[dict[str, Any]] = []
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"host", b"127.0.0.1")]}

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(Bounds(app, most_body=1000)(scope, receive, send))
    return said


def test_who_leaves_in_the_middle_of_a_body_is_no_error() -> None:
    half = {"type": "http.request", "body": b"half", "more_body": True}
    assert told_to([half, {"type": "http.disconnect"}], reader) == []


def test_an_app_that_makes_an_answer_of_half_a_body_is_not_heard() -> None:
    async def careless(scope: Any, receive: Any, send: Any) -> None:
        with contextlib.suppress(ClientDisconnect):
            await Request(scope, receive).body()
        await PlainTextResponse("all is well")(scope, receive, send)

    much = {"type": "http.request", "body": b"x" * 1001, "more_body": True}
    assert [said.get("status") for said in told_to([much], careless)] == [413, None]
