"""Who may do what: one table, one row a route. A route without a row does not start.

``tests/unit/web/test_access.py`` walks the table over every route and every kind of caller.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from appliance.web import bodies
from appliance.web.errors import UnlistedRouteError


class Who(StrEnum):
    """Who calls, as far as access goes."""

    NOBODY = "nobody"
    """Anybody on the office LAN who has not signed in."""
    SCREEN = "screen"
    """The box's own screen, or one that was paired: kiosk, rating or hall display."""
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"


_ANYBODY: Final = frozenset(Who)
_SIGNED_IN: Final = frozenset({Who.OFFICER, Who.SUPERVISOR, Who.TECHNICIAN})
_COUNTER: Final = frozenset({Who.OFFICER, Who.SUPERVISOR})
_LEADERS: Final = frozenset({Who.SUPERVISOR, Who.TECHNICIAN})
_SUPERVISOR: Final = frozenset({Who.SUPERVISOR})
_TECHNICIAN: Final = frozenset({Who.TECHNICIAN})
_SCREEN: Final = frozenset({Who.SCREEN})
_TAKES_NUMBERS: Final = frozenset({Who.SCREEN, Who.OFFICER, Who.SUPERVISOR})

Access = Mapping[tuple[str, str], frozenset[Who]]


def _rows() -> dict[tuple[str, str], frozenset[Who]]:
    rows: dict[tuple[str, str], frozenset[Who]] = {
        # The front door.
        ("GET", "/"): _ANYBODY,
        ("GET", "/static/{name:path}"): _ANYBODY,
        ("GET", "/box"): _ANYBODY,
        ("GET", "/design"): _ANYBODY,
        ("GET", "/sign-in"): _ANYBODY,
        ("POST", "/sign-in"): _ANYBODY,
        ("POST", "/sign-out"): _ANYBODY,
        ("GET", "/setup"): _ANYBODY,
        ("GET", "/setup/reset"): _ANYBODY,
        ("POST", "/setup"): _ANYBODY,
        ("POST", "/setup/reset"): _ANYBODY,
        ("GET", "/me"): _SIGNED_IN,
        ("GET", "/me/password"): _SIGNED_IN,
        ("POST", "/me/password"): _SIGNED_IN,
        ("GET", "/clock"): _SIGNED_IN,
        ("POST", "/clock"): _SIGNED_IN,
        # What the hall sees.
        ("GET", "/kiosk"): _ANYBODY,
        ("GET", "/kiosk/live"): _ANYBODY,
        ("POST", "/kiosk/tickets"): _TAKES_NUMBERS,
        ("GET", "/kiosk/tickets/{token}"): _ANYBODY,
        ("GET", "/display"): _ANYBODY,
        ("GET", "/display/live"): _ANYBODY,
        ("GET", "/rate/{counter}"): _ANYBODY,
        ("GET", "/rate/{counter}/live"): _ANYBODY,
        ("POST", "/rate/{counter}"): _SCREEN,
        ("GET", "/rate/{counter}/thanks"): _ANYBODY,
        ("POST", "/rate/{counter}/reason"): _SCREEN,
        ("GET", "/screen"): _SCREEN,
        ("GET", "/offline.js"): _ANYBODY,
        # Staff.
        ("GET", "/counters"): _COUNTER,
        ("GET", "/counters/live"): _COUNTER,
        ("GET", "/supervisor"): _SUPERVISOR,
        ("GET", "/supervisor/live"): _SUPERVISOR,
        ("GET", "/health"): _LEADERS,
        ("GET", "/health/live"): _LEADERS,
        ("GET", "/health/numbers"): _LEADERS,
        ("POST", "/health/numbers"): _LEADERS,  # it spends numbers
        ("GET", "/accounts"): _LEADERS,
        ("POST", "/accounts"): _LEADERS,
        ("GET", "/accounts/{officer}"): _LEADERS,
        ("POST", "/accounts/{officer}"): _LEADERS,
        ("GET", "/accounts/{officer}/password"): _LEADERS,
        ("POST", "/accounts/{officer}/password"): _LEADERS,
        ("GET", "/screens"): _LEADERS,
        ("POST", "/screens"): _LEADERS,
        ("POST", "/screens/{screen}/unpair"): _LEADERS,
        ("GET", "/settings"): _LEADERS,
        ("GET", "/settings/history"): _LEADERS,
        ("POST", "/settings/undo"): _LEADERS,
        ("GET", "/settings/procedures"): _LEADERS,
        ("POST", "/settings/procedures"): _LEADERS,
        ("GET", "/settings/procedures/list"): _LEADERS,
        ("GET", "/settings/{section}"): _LEADERS,
        ("POST", "/settings/{section}"): _LEADERS,
        ("POST", "/settings/{section}/apply"): _LEADERS,
        # The public WiFi; none of it is there while it is not enabled.
        ("GET", "/wifi"): _LEADERS,
        ("GET", "/wifi/live"): _LEADERS,
        ("GET", "/wifi/poster"): _LEADERS,
        ("GET", "/wifi/devices"): _TECHNICIAN,
        ("POST", "/wifi/devices"): _TECHNICIAN,
        ("GET", "/wifi/capabilities"): _TECHNICIAN,
        ("GET", "/wifi/test"): _TECHNICIAN,
        ("POST", "/wifi/test"): _TECHNICIAN,
        ("GET", "/bench"): _TECHNICIAN,
        ("GET", "/bench/live"): _TECHNICIAN,
        ("POST", "/bench/press"): _TECHNICIAN,
        ("GET", "/bench/doctor"): _TECHNICIAN,
        ("POST", "/bench/doctor"): _TECHNICIAN,
        ("POST", "/bench/doctor/bundle"): _TECHNICIAN,
        ("POST", "/bench/doctor/card"): _TECHNICIAN,
        ("GET", "/bench/handover"): _TECHNICIAN,
        ("GET", "/bench/handover/live"): _TECHNICIAN,
        ("POST", "/bench/handover"): _TECHNICIAN,
        ("GET", "/bench/handover/sheet"): _TECHNICIAN,
        # Programs, with a session.
        ("GET", "/api/v1/openapi.json"): _SIGNED_IN,
        ("GET", "/api/v1/hall"): _SIGNED_IN,
        ("GET", "/api/v1/health"): _LEADERS,
        ("GET", "/api/v1/events"): _COUNTER,
        ("POST", "/api/v1/tickets"): _TAKES_NUMBERS,
        ("POST", "/api/v1/ratings"): _SCREEN,
        ("POST", "/api/v1/ratings/reason"): _SCREEN,
        ("POST", "/api/v1/clock"): _SIGNED_IN,
        ("POST", "/api/v1/uplink/deliver"): _LEADERS,
        ("POST", "/api/v1/uplink/stick"): _LEADERS,
    }
    rows |= {("POST", f"/api/v1/tickets/{verb}"): _COUNTER for verb in bodies.TICKET_VERBS}
    rows |= {("POST", f"/api/v1/counters/{{counter}}/{verb}"): _COUNTER for verb in bodies.COUNTER_VERBS}
    rows |= {("POST", f"/api/v1/day/{verb}"): _COUNTER for verb in bodies.DAY_VERBS}
    rows["POST", "/api/v1/day/resume"] = _LEADERS  # it spends numbers
    return rows


WITH_FILE: Final[Mapping[str, int]] = MappingProxyType({"/settings/procedures": 4 << 20})
"""Paths of forms that bring a file, and how many bytes those may have."""
TABLE: Final[Access] = MappingProxyType(_rows())


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Return method and path of every route of an app."""
    own = [route for route in app.routes if isinstance(route, APIRoute)]
    # An included router is one entry that holds its routes; older releases of FastAPI copied them.
    held: list[Iterable[APIRoute]] = [
        getattr(route, "effective_route_contexts", tuple)() for route in app.routes
    ]
    every = [*own, *chain.from_iterable(held)]
    return [(method, route.path) for route in every for method in sorted(route.methods or ())]


def check(app: FastAPI, table: Access = TABLE) -> None:
    """Raise unless table and app know the same routes.

    Raises:
        UnlistedRouteError: a route without a row, or a row without a route.
    """
    differ = set(routes_of(app)) ^ set(table)
    if differ:
        raise UnlistedRouteError(routes=_listed(differ))


def _listed(routes: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{method} {path}" for method, path in sorted(routes))
