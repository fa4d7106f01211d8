"""The import rules and the ban on clocks and chance bite: each planted violation is seen, by its own rule."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("appliance", "hardware", "center", "provisioning")
PLANT = "planted_here"
RULES = (ROOT / ".importlinter").read_text(encoding="utf-8")
CONTRACTS = dict(re.findall(r"^\[importlinter:contract:(\w+)\]\nname = (.+)$", RULES, re.MULTILINE))
VIOLATIONS = {
    "layers": ("appliance.queueing", "appliance.feedback.rules"),
    "leaves": ("appliance.config", "appliance.journal.errors"),
    "pages": ("appliance.pages", "appliance.figures"),
    "figures": ("appliance.figures", "appliance.config.hours"),
    "httpd": ("appliance.httpd", "appliance.pages.texts"),
    "sockets": ("appliance.sockets", "appliance.config.hours"),
    "public": ("appliance.public", "appliance.queueing.tokens"),
    "hotspot": ("appliance.hotspot", "appliance.journal.errors"),
    "hardware": ("hardware.codecs", "appliance.errors"),
    "drivers": ("appliance.web", "hardware.drivers.lamps"),
    "center": ("center", "appliance.journal.errors"),
    "box": ("appliance.office", "center.clock"),
    "pure": ("appliance.wire", "time"),
    "sqlite": ("appliance.web", "sqlite3"),
}
"""By contract: the package in which a module is planted, and what that module imports."""
OF_ACCOUNTS = {
    "layers": ("appliance.accounts", "appliance.journal.errors"),
    "leaves": ("appliance.config", "appliance.accounts.errors"),
    "drivers": ("appliance.accounts", "hardware.drivers.lamps"),
    "center": ("center", "appliance.accounts.errors"),
}
"""The same about the accounts, which are beside the journal."""
OF_PAGES = {
    "leaves": ("appliance.config", "appliance.pages.texts"),
    "pages": ("appliance.pages", "appliance.accounts.errors"),
    "center": ("center", "appliance.public.errors"),
    "sqlite": ("appliance.httpd", "sqlite3"),
}
"""The same about what the pages brought."""
OF_HOTSPOT = {
    "public": ("appliance.public", "appliance.hotspot.errors"),
    "sockets": ("appliance.sockets", "appliance.hotspot.errors"),
    "pure": ("appliance.hotspot.policy", "subprocess"),
}
"""The same about the gate of the public WiFi."""
PLANTS = (VIOLATIONS, OF_ACCOUNTS, OF_PAGES, OF_HOTSPOT)
PLANTED = [(contract, *plant) for plants in PLANTS for contract, plant in plants.items()]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the sources and of the rules."""
    tree = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            target = tree / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copyfile(ROOT / ".importlinter", tree / ".importlinter")
    return tree


def lint(tree):
    """What lint-imports says of a tree: its exit status, the verdict and the details of each contract."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)$", done.stdout, re.MULTILINE))
    details = dict(re.findall(r"^(.+)\n-+\n\n((?:(?!.+\n-+\n)[\s\S])*)", done.stdout, re.MULTILINE))
    return done.returncode, verdicts, details


def test_the_tree_as_it_is_keeps_every_contract(copy):
    status, verdicts, _ = lint(copy)
    assert verdicts == dict.fromkeys(CONTRACTS.values(), "KEPT")
    assert status == 0


def test_every_contract_has_a_violation_here():
    assert set(VIOLATIONS) == set(CONTRACTS)


@pytest.mark.parametrize(("contract", "package", "imported"), PLANTED)
def test_a_planted_import_breaks_exactly_its_contract(copy, contract, package, imported):
    planted = copy / package.replace(".", "/") / f"{PLANT}.py"
    planted.write_text(f"import {imported}\n", encoding="utf-8")
    try:
        status, verdicts, details = lint(copy)
    finally:
        planted.unlink()
    assert status == 1
    assert verdicts[CONTRACTS[contract]] == "BROKEN"
    blamed = {title for title, text in details.items() if f"{package}.{PLANT} ->" in text}
    assert blamed == {CONTRACTS[contract]}


def ruff_codes(place, source):
    """The codes that ruff reports for a source as if it stood in a place."""
    options = ["--no-cache", "--output-format", "json", "--stdin-filename", place]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, "-"],
        cwd=ROOT,
        input=source,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return {finding["code"] for finding in json.loads(done.stdout)}


PEEKS = {
    "datetime.now": "import datetime\n\nprint(datetime.datetime.now(tz=datetime.UTC))\n",
    "datetime.now by name": "from datetime import UTC, datetime\n\nprint(datetime.now(UTC))\n",
    "date.today": "import datetime\n\nprint(datetime.date.today())\n",
    "time.time": "import time\n\nprint(time.time())\n",
    "time.monotonic": "from time import monotonic\n\nprint(monotonic())\n",
    "time.sleep": "import time\n\ntime.sleep(1)\n",
    "random": "import random\n\nprint(random.random())\n",
    "random by name": "from random import choice\n\nprint(choice([1]))\n",
}


@pytest.mark.parametrize(
    "place", ["appliance/desk/planted.py", "hardware/drivers/planted.py", "center/planted.py"]
)
@pytest.mark.parametrize("peek", PEEKS)
def test_reading_a_clock_or_rolling_dice_is_banned(place, peek):
    assert "TID251" in ruff_codes(place, PEEKS[peek])


@pytest.mark.parametrize("place", ["appliance/clock.py", "hardware/clock.py", "center/clock.py"])
def test_the_clocks_themselves_may_look(place):
    assert "TID251" not in ruff_codes(place, PEEKS["time.monotonic"])
