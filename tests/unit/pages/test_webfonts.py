import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from appliance.pages.assets import STATIC
from provisioning import webfonts
from provisioning.catalogs import Tree

FONTS = sorted((STATIC / "fonts").glob("*.woff2"))
BREAKS = set("\n\t")


@pytest.fixture(scope="module")
def cut_again(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fonts")
    webfonts.write(folder)
    return folder


def test_the_same_fonts_give_the_same_bytes(cut_again):
    assert [path.name for path in FONTS] == [path.name for path in sorted(cut_again.glob("*.woff2"))]
    for path in (*FONTS, STATIC / "fonts" / webfonts.LICENSE):
        assert path.read_bytes() == (cut_again / path.name).read_bytes()


def test_the_license_goes_with_the_fonts():
    assert "SIL Open Font License" in (STATIC / "fonts" / webfonts.LICENSE).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)
def test_a_font_is_small_and_writes_everything_that_is_said(path):
    assert path.stat().st_size <= 20_000
    with TTFont(path) as font:
        drawn = {chr(code) for code in font.getBestCmap()}
    assert set(webfonts.characters()) <= drawn
    assert spoken() - drawn - BREAKS == set()


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)
def test_figures_of_one_width_can_be_asked_for(path):
    with TTFont(path) as font:
        table, metrics = font["GSUB"].table, font["hmtx"]
        features = [each.Feature for each in table.FeatureList.FeatureRecord if each.FeatureTag == "tnum"]
        lookup = table.LookupList.Lookup[features[0].LookupListIndex[0]]
        mapping = lookup.SubTable[0].mapping
        digits = [font.getBestCmap()[ord(digit)] for digit in "0123456789"]
        assert len({metrics[mapping[digit]][0] for digit in digits}) == 1
        assert len({metrics[digit][0] for digit in digits}) > 1


def spoken():
    """Every character of every template, and of both sides of every catalog."""
    tree = Tree()
    told = {char for path in (tree.pages / "templates").rglob("*.html") for char in path.read_text("utf-8")}
    for path in tree.pages.glob("locales/*/*.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                sides = (message.id, message.string)
                told |= {
                    char
                    for side in sides
                    for text in (side if isinstance(side, tuple) else (side,))
                    for char in text
                }
    return told
