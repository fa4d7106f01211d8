"""docs/api.md is what the office's API says of itself, and every verb is there."""

from pathlib import Path

import pytest

from appliance.web.bodies import COUNTER_VERBS, DAY_VERBS, TICKET_VERBS
from provisioning.docs import api_page, stale

ROOT = Path(__file__).parents[3]
ROUTES = (
    "POST /v1/tickets",
    "POST /v1/ratings",
    "POST /v1/ratings/reason",
    "POST /v1/clock",
    "POST /v1/uplink/deliver",
    "GET /v1/hall",
    "GET /v1/health",
    "GET /v1/events",
    *(f"POST /v1/counters/{{counter}}/{verb}" for verb in COUNTER_VERBS),
    *(f"POST /v1/tickets/{verb}" for verb in TICKET_VERBS),
    *(f"POST /v1/day/{verb}" for verb in DAY_VERBS),
)


def test_the_page_is_what_the_api_says():
    assert "docs/api.md" not in stale(ROOT)


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_has_one_row_that_says_what_it_does(route):
    rows = [line for line in api_page().splitlines() if line.startswith(f"| `{route}` |")]
    assert len(rows) == 1
    assert rows[0].split("|")[2].strip().endswith(".")


def test_every_body_that_a_route_takes_is_described():
    page = api_page()
    bodies = {body.__name__ for body, _ in COUNTER_VERBS.values()} | {
        "Issue",
        "Rate",
        "Reason",
        "ConfirmTime",
    }
    for body in bodies:
        assert f"\n### {body}\n" in page
    assert "| `level` | integer from 1 to 5 | required | 1 is worst |" in page
    assert "| `stage` | `receive`, `return`, or null | – |" in page
