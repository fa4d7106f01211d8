"""docs/api.md: the routes of the office's API and what their bodies hold, from the API itself."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from appliance.clock import BelievedClock, ScriptedTime
from appliance.desk.desk import Desk, Files
from appliance.desk.rules import Rules
from appliance.feedback.rules import RatingRules
from appliance.queueing.rules import HallRules
from appliance.web.api import Views
from appliance.web.local import create_app
from provisioning.grid import grid

_HEAD: Final = """# The office's API

HTTP over the Unix socket `/run/motcua/office.sock` (`api.socket`), JSON in and out. `motcua ctl` speaks it
from a shell; so does

    curl --unix-socket /run/motcua/office.sock http://office/v1/hall

A change answers when it is recorded: `seq` and `kind` of its last event, and what the hall says of it right
after. `request` is the caller's idempotency id. The same id again gets the first answer and causes nothing
new: while the office runs, for the latest 5,000 at least; after a restart, for those since the last
`day.opened`. Another verb under the same id is refused.

Errors are `application/problem+json` (RFC 9457) with `title` = the stable key, `detail` in English and
`detail_vi` in Vietnamese; [errors.md](errors.md) lists them. 404: there is no such thing. 409: a rule
refuses. 422: the body is wrong. 503 with `Retry-After`: nothing was recorded, or the answer was late; repeat
with the same `request`. The OpenAPI document is at `/v1/openapi.json`.

The staff app serves the same routes under `/api/v1` on the office LAN. A program signs in as a person does
(`POST /sign-in`), keeps the cookies, and sends the form token of any page as the header `x-csrf-token` with
every change; `officer` is who signed in. [access.md](access.md) says who may do what. There the document is
at `/api/v1/openapi.json`.

`/v1/events` is a stream of server-sent events: one `snapshot`, the same as `/v1/hall`, then every event with
its kind as the name and `<epoch>:<seq>` as the id. A listener that falls behind is disconnected; it comes
back and gets a snapshot.
"""


def api_page() -> str:
    """Return the page after its first line."""
    document = _app().openapi()
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    routes = list(_routes(document["paths"]))
    rows = [(f"`{method} {path}`", what, f"[`{body}`](#{body.lower()})" if body else "–")
            for method, path, what, body in routes]  # fmt: skip
    parts = [_HEAD, "## Routes\n", grid(("route", "what it does", "body"), rows), "## Bodies\n"]
    for name in sorted({body for *_, body in routes if body}):
        parts += [f"### {name}\n", f"{schemas[name]['description']}\n", _members(schemas[name])]
    return "\n".join(parts)


def _app() -> FastAPI:
    """Return the app over a desk that is never started: constructors only store."""
    clock = BelievedClock(ScriptedTime(0), floor_us=0, has_rtc=False)
    files = Files(folder=Path(), device="", marks=lambda: (), new_epoch=str)
    rules = Rules(HallRules(services=(), counters=()), RatingRules())
    desk = Desk(files, clock, rules, lambda _state: ())
    return create_app(desk, Views(hall=lambda _state: {}, health=dict, deliver=lambda: None))


def _routes(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield method, path, summary and the name of the body or an empty text."""
    for path, methods in paths.items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            what = operation["summary"].replace("``", "`").rstrip(".")
            yield method.upper(), path, f"{what}.", reference.rpartition("/")[2]


def _members(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = (
        (f"`{name}`", _accepts(member), _default(member, is_required=name in required), _meaning(member))
        for name, member in schema["properties"].items()
    )
    return grid(("member", "accepts", "default", "meaning"), rows)


def _accepts(member: Mapping[str, Any]) -> str:
    match member:
        case {"anyOf": [one, {"type": "null"}]}:
            words = f"{_accepts(one)}, or null"
        case {"enum": allowed}:
            words = ", ".join(f"`{each}`" for each in allowed)
        case {"type": "integer", "minimum": least}:
            words = f"integer from {least:g}" + (f" to {member['maximum']:g}" if "maximum" in member else "")
        case {"type": "array", "items": item}:
            words = f"list of {_accepts(item)}"
        case {"format": "date-time"}:
            words = "RFC 3339 instant with its offset"
        case {"pattern": pattern}:
            words = f"`{pattern}`"
        case _:
            words = str(member["type"])
    return words


def _default(member: Mapping[str, Any], *, is_required: bool) -> str:
    if is_required:
        return "required"
    default = member.get("default")
    return "–" if default in (None, []) else f"`{default}`"


def _meaning(member: Mapping[str, Any]) -> str:
    parts: list[Mapping[str, Any]] = [member, *member.get("anyOf", ())]
    words = next((part["description"] for part in parts if "description" in part), "")
    return str(words).replace("<", "&lt;")
