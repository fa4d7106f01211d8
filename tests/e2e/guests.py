"""The portal of the public WiFi as browsers find it: by its name, at port 80, as the gate leads them.

Chromium is told that the names are here; nothing else of it is special.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "integration" / "public"), str(TESTS / "unit" / "public")]

from browsers import CHROMIUM  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from sim_guest_gate import NAME, PORTAL, STATS, TERMS  # noqa: E402 - found by the lines above
from sim_guests import SimGuests  # noqa: E402

from appliance.clock import KernelTime  # noqa: E402
from appliance.office.portal_terms import terms_of  # noqa: E402

__all__ = ["BASE", "LOOKS_LIKE", "PROBE", "STATES", "TERMS", "SimGuests", "guest_chromium", "show"]

BASE = f"http://{NAME}"
PROBE = "captive.apple.com"
STATES = ("new", "open", "spent", "blocked", "closed", "full", "away", "offline", "consents", "asked")
"""What a page shows; ``asked`` is ``new`` with something optional, ``consents`` the page to take it back."""
OFFICE_TERMS = terms_of(
    "Trung tâm Phục vụ hành chính công xã Mường Tè", "Muong Te Commune Public Service Center"
)
LOOKS_LIKE = {"offline": "new", "consents": "open", "asked": "new"}
OPENS_S = 7 * 3_600 + 30 * 60
"""Of a day in Hanoi, which is seven hours before UTC."""


def show(guests: SimGuests, state: str) -> str:
    """Let the gate and the office be such that a state is shown; return the path of its page."""
    purposes = (STATS,) if state in {"consents", "asked"} else ()
    changes = {"has_wan": state != "offline", "purposes": purposes, "terms": OFFICE_TERMS}
    guests.put_up(PORTAL.model_copy(update=changes))
    guests.gate.inner.standings.clear()
    guests.gate.inner.otherwise = LOOKS_LIKE.get(state, state)
    passed_s = KernelTime().wall_us() // 1_000_000 + 7 * 3_600
    guests.gate.inner.opens_in_s = (OPENS_S - passed_s) % 86_400
    guests.gate.inner.anybody = (OFFICE_TERMS.version, ("khao-sat",))
    return "/wifi/consents" if state == "consents" else "/wifi"


@contextmanager
def guest_chromium(guests: SimGuests) -> Iterator[Browser]:
    """Start a browser that the gate has led here."""
    here = f"127.0.0.1:{guests.port}"
    rules = f"--host-resolver-rules=MAP {NAME}:80 {here}, MAP {PROBE}:80 {here}, MAP example.com:80 {here}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", rules])
        try:
            yield browser
        finally:
            browser.close()
