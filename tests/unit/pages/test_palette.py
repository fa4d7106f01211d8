import re

import pytest

from appliance.pages import palette
from appliance.pages.assets import STATIC

SHEET = (STATIC / "base.css").read_text(encoding="utf-8")
DECLARATION = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")


def test_black_on_white_is_the_largest_contrast():
    assert palette.ratio("#000000", "#ffffff") == palette.ratio("#ffffff", "#000000") == pytest.approx(21)
    assert palette.ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_every_text_and_shape_can_be_told_from_what_is_behind_it(theme):
    weak = [pair for pair in palette.pairs(SHEET)[theme] if pair.ratio < pair.least]
    assert not weak
    if theme == "contrast":
        assert all(pair.ratio >= 7 for pair in palette.pairs(SHEET)[theme] if pair.least == palette.TEXT)


def test_every_theme_sets_every_color():
    names = {theme: set(colors) for theme, colors in palette.themes(SHEET).items()}
    assert names["light"] == names["dark"] == names["contrast"]
    assert {f"{state}-bg" for state in palette.STATES} <= names["light"]


@pytest.mark.parametrize(
    ("theme", "media"), [("dark", "prefers-color-scheme: dark"), ("contrast", "prefers-contrast: more")]
)
def test_what_the_device_asks_for_looks_as_what_a_person_chooses(theme, media):
    chosen = re.search(rf'^:root\[data-theme="{theme}"\] \{{([^}}]*)\}}', SHEET, re.MULTILINE)
    asked = re.search(
        rf'@media \({media}\) \{{\s*:root\[data-theme="auto"\] \{{([^}}]*)\}}', SHEET, re.MULTILINE
    )
    assert chosen[1].split() == asked[1].split()


def test_every_color_that_is_used_has_a_token():
    tokens = SHEET[: SHEET.index("/* Elements */")]
    rules = SHEET[SHEET.index("/* Elements */") :]
    assert set(re.findall(r"var\(--([a-z0-9-]+)\)", rules)) <= {
        name for name, _ in DECLARATION.findall(tokens)
    }
    outside_print = rules[: rules.index("@media print")]
    assert not re.findall(r"#[0-9a-f]{3,6}\b", outside_print)


def test_people_who_want_it_calm_or_plain_get_it():
    for wish in ("prefers-reduced-motion: reduce", "forced-colors: active", "prefers-contrast: more"):
        assert f"@media ({wish})" in SHEET
