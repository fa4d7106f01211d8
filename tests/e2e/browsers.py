"""Real Chromium, driven: contexts as people have them, and what axe says of a page."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from house import PASSWORD, House
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
MOST_MS = 30_000
"""For what a page must do; a machine that does much else is slow, and no fault of the page."""
WIDTHS = (360, 768, 1024, 1920)
HEIGHTS = {360: 740, 768: 1024, 1024: 768, 1920: 1080}
THEMES = ("light", "dark", "contrast")
LANGS = ("vi", "en")
OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
"""Whether a page has to be moved sideways."""

expect.set_options(timeout=MOST_MS)


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at a page."""

    width: int = 1024
    theme: str = "light"
    lang: str = "vi"
    scripts: bool = True


LOOKS = tuple(Look(width, theme, lang) for width in WIDTHS for theme in THEMES for lang in LANGS)
"""Every combination: for screenshots that people look at."""
FEW_LOOKS = (Look(360, "light", "vi"), Look(1024, "contrast", "vi"), Look(1920, "dark", "en"))
"""Each width class, theme and language at least once: for every test run."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as playwright:
        # No sandbox: the tests run as root in a container that has no user namespaces.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def open_context(browser: Browser, base: str, look: Look = Look(), **more: Any) -> BrowserContext:
    """Return a person's browser: its own cookies, size, colors and language."""
    context = browser.new_context(
        base_url=base,
        viewport={"width": look.width, "height": HEIGHTS[look.width]},
        locale="vi-VN" if look.lang == "vi" else "en-US",
        # What a device asks for by itself: the phone's page has no switch of its own.
        color_scheme="dark" if look.theme == "dark" else "light",
        contrast="more" if look.theme == "contrast" else "no-preference",
        ignore_https_errors=True,  # the box's own certificate: people compare its fingerprint
        java_script_enabled=look.scripts,
        **more,
    )
    host = base.split("/")[2].partition(":")[0]
    context.add_cookies(
        [
            {"name": name, "value": value, "domain": host, "path": "/"}
            for name, value in (("theme", look.theme), ("lang", look.lang))
        ]
    )
    context.set_default_timeout(MOST_MS)
    return context


def sign_in(context: BrowserContext, officer: str) -> Page:
    """Sign in as a person does; return the page that comes after."""
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=officer]", officer)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form[action='/sign-in'] button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def watch(page: Page) -> list[str]:
    """Collect what a page complains of: script errors, refused resources, console errors."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on(
        "console",
        lambda message: complaints.append(f"console: {message.text}") if message.type == "error" else None,
    )
    return complaints


def violations(page: Page) -> list[str]:
    """Return what axe finds, one line each."""
    # Rules of WCAG 2.2 AA and best practices; none is switched off.
    found: Mapping[str, Any] = Axe().run(page).response
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def hands_over(house: House) -> str:
    """Return a line for a report."""
    return json.dumps({"own": house.own, "lan": house.lan, "public": house.public})
