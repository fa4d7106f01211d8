"""A browser that follows a page's stream: its first message."""

import asyncio
import json
from typing import Any

from sim_staff import Caller, SimStaff

WAIT_S = 30.0


def first_look(staff: SimStaff, caller: Caller, path: str) -> dict[str, Any]:
    """Open a stream as this caller, return the snapshot it begins with, hang up."""
    return asyncio.run(asyncio.wait_for(_first(staff.app, scope_of(caller, path)), WAIT_S))


def scope_of(caller: Caller, path: str) -> dict[str, Any]:
    """Return the ASGI scope of a page that this caller asks for."""
    name, _, query = path.partition("?")
    cookies = "; ".join(f"{each.name}={each.value}" for each in caller.http.cookies.jar)
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": name, "raw_path": name.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"192.168.1.2"), (b"cookie", cookies.encode())],
        "client": caller.http._transport.client, "server": ("192.168.1.2", 443),
    }  # fmt: skip


async def _first(app: Any, scope: dict[str, Any]) -> dict[str, Any]:
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not gone.is_set() and not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    asked: list[bool] = []
    serving = asyncio.create_task(app(scope, receive, told.put))
    try:
        start = await told.get()
        assert start["status"] == 200, start
        while True:
            part = (await told.get())["body"].decode()
            for line in part.split("\n"):
                if line.startswith("data: "):
                    found = json.loads(line.removeprefix("data: "))
                    assert isinstance(found, dict)
                    return found
    finally:
        gone.set()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
