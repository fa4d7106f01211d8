"""``make shots``: every page in every width, theme and language, for people to look at.

All of them go below ``--out``, by page; the few that the documents show go to ``docs/screenshots``, small.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from browsers import LOOKS, Look, chromium, open_context, sign_in, violations
from guests import BASE, STATES, SimGuests, guest_chromium, show
from house import House
from pages import PAGES, morning

from appliance.public.standings import FRESH_S

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"
KEPT = {
    "kiosk": Look(1024, "light", "vi"),
    "kiosk-ticket": Look(1024, "light", "vi"),
    "display": Look(1920, "dark", "vi"),
    "rate": Look(1024, "light", "vi"),
    "counter": Look(1024, "light", "vi"),
    "supervisor": Look(1024, "light", "vi"),
    "settings-services": Look(1024, "light", "vi"),
    "bench": Look(1024, "light", "vi"),
    "phone-waiting": Look(360, "light", "vi"),
    "phone-called": Look(360, "light", "vi"),
    "phone-rate": Look(360, "light", "vi"),
}
"""The pictures of the documents: page -> how it is looked at."""
QUALITY = 62


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/e2e/shots.py", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(".shots"))
    parser.add_argument("--only", action="append", help="page names")
    parser.add_argument("--kept", action="store_true", help="only the pictures of the documents")
    parser.add_argument("--axe", action="store_true", help="let axe look at each as well")
    wanted = parser.parse_args()
    found = 0 if wanted.kept else _look_at_portal(wanted)
    with tempfile.TemporaryDirectory(prefix="motcua-shots-") as folder:
        house = House(Path(folder) / "house")
        try:
            tokens = morning(house)
            with chromium() as browser:
                for look in LOOKS:
                    if not wanted.kept or look in KEPT.values():
                        found += _look_at(house, browser, tokens, look, wanted)
        finally:
            house.close()
    sys.stdout.write(f"{found} violations\n" if wanted.axe else "done\n")
    return 1 if found else 0


def _look_at_portal(wanted) -> int:
    """Look at the portal of the public WiFi in all its states; return how many violations there are."""
    found = 0
    with tempfile.TemporaryDirectory(prefix="motcua-shots-") as folder:
        guests = SimGuests(Path(folder) / "guests")
        try:
            with guest_chromium(guests) as browser:
                for state in STATES:
                    name = f"portal-{state}"
                    if wanted.only and name not in wanted.only:
                        continue
                    path = show(guests, state)
                    for look in LOOKS:
                        page = open_context(browser, BASE, look).new_page()
                        page.wait_for_timeout(FRESH_S * 1_100)
                        page.goto(path)
                        page.wait_for_selector("main h1")
                        if state == "asked":
                            page.click("summary")
                        target = wanted.out / name / f"{look.width}-{look.theme}-{look.lang}.png"
                        target.parent.mkdir(parents=True, exist_ok=True)
                        page.screenshot(path=target, full_page=True)
                        for line in violations(page) if wanted.axe else ():
                            sys.stdout.write(f"{name} {look}: {line}\n")
                            found += 1
                        page.context.close()
        finally:
            guests.close()
    return found


def _look_at(house, browser, tokens, look, wanted) -> int:
    opened, found = {}, 0
    for shown in PAGES:
        if wanted.only and shown.name not in wanted.only:
            continue
        if wanted.kept and KEPT.get(shown.name) != look:
            continue
        if shown.who not in opened:
            context = open_context(browser, house.public if shown.who == "phone" else house.own, look)
            opened[shown.who] = (
                context.new_page() if shown.who in {"own", "phone"} else sign_in(context, shown.who)
            )
        page = opened[shown.who]
        page.goto(shown.path.format(**tokens))
        page.wait_for_selector(shown.until)
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(300)
        target = wanted.out / shown.name / f"{look.width}-{look.theme}-{look.lang}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, full_page=shown.name not in {"display", "kiosk", "rate"})
        if KEPT.get(shown.name) == look:
            DOCS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=DOCS / f"{shown.name}.jpg", type="jpeg", quality=QUALITY)
        if wanted.axe:
            for line in violations(page):
                sys.stdout.write(f"{shown.name} {look}: {line}\n")
                found += 1
    for page in opened.values():
        page.context.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
