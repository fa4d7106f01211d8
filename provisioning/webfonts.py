"""Cut Be Vietnam Pro down to what the pages write: ``python -m provisioning.webfonts``.

The same fonts give the same bytes: no time, no tool version and no hinting are left in the files. The family
has no figures of one width; the cut fonts get them (``tnum``), so that a counting clock does not tremble and
columns of figures stand in line.
"""

import shutil
import unicodedata
from pathlib import Path
from typing import Any, Final

OUT: Final = Path(__file__).parents[1] / "appliance" / "pages" / "static" / "fonts"
WEIGHTS: Final = {"Regular": 400, "SemiBold": 600, "Bold": 700}
FEATURES: Final = ("kern", "mark", "mkmk", "ccmp", "locl")
LICENSE: Final = "OFL.txt"
_DIGITS: Final = "0123456789"
_NAMES: Final = (0, 1, 2, 4, 6, 13, 14)
"""Copyright, family, style, full name, PostScript name, license and its address."""


def characters() -> str:
    """Return every character the cut fonts can write."""
    latin = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100))}
    vowels = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    tones = "\u0300\u0301\u0303\u0309\u0323"
    vietnamese = {unicodedata.normalize("NFC", vowel + tone) for vowel in vowels for tone in tones}
    return "".join(
        sorted(latin | vietnamese | set(vowels) | set("đĐ") | set("–—‘’“”•…‹›€₫−×≥≤≈") | set(tones))
    )


def cut(source: Path, target: Path) -> None:
    """Write the cut of one font file as woff2."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.layout_features = list(FEATURES)
    options.hinting = False
    options.name_IDs = list(_NAMES)
    options.notdef_outline = True
    with TTFont(source, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=characters())
        subsetter.subset(font)
        _add_figures_of_one_width(font)
        font.flavor = "woff2"
        font.save(target, reorderTables=True)


def _add_figures_of_one_width(font: Any) -> None:  # noqa: ANN401 - fontTools' tables are made at run time
    from fontTools.otlLib.builder import buildLookup, buildSingleSubstSubtable
    from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
    from fontTools.ttLib.tables.otTables import Feature, FeatureRecord

    shapes, metrics = font["glyf"], font["hmtx"]
    digits = {name: f"{name}.tnum" for name in (font.getBestCmap()[ord(digit)] for digit in _DIGITS)}
    width = max(metrics[name][0] for name in digits)
    for name, alternate in digits.items():
        advance, bearing = metrics[name]
        part = GlyphComponent()
        part.glyphName, part.x, part.y, part.flags = name, (width - advance) // 2, 0, 0x4
        glyph = Glyph()
        glyph.numberOfContours, glyph.components = -1, [part]
        shapes[alternate] = glyph
        metrics[alternate] = (width, bearing + part.x)
        glyph.recalcBounds(shapes)
    table = font["GSUB"].table
    table.LookupList.Lookup.append(buildLookup([buildSingleSubstSubtable(digits)]))
    table.LookupList.LookupCount += 1
    record = FeatureRecord()
    record.FeatureTag, record.Feature = "tnum", Feature()
    record.Feature.FeatureParams = None
    record.Feature.LookupListIndex = [table.LookupList.LookupCount - 1]
    record.Feature.LookupCount = 1
    table.FeatureList.FeatureRecord.append(record)
    table.FeatureList.FeatureCount += 1
    for script in table.ScriptList.ScriptRecord:
        for system in (script.Script.DefaultLangSys, *(each.LangSys for each in script.Script.LangSysRecord)):
            if system is not None:
                system.FeatureIndex.append(table.FeatureList.FeatureCount - 1)
                system.FeatureCount = len(system.FeatureIndex)


def write(folder: Path = OUT) -> list[Path]:
    """Write every weight and the license into a folder and return the font files."""
    import fontpkg_be_vietnam_pro

    source = Path(fontpkg_be_vietnam_pro.__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, weight in WEIGHTS.items():
        target = folder / f"be-vietnam-pro-{weight}.woff2"
        cut(source / "files" / f"BeVietnamPro-{name}.ttf", target)
        written.append(target)
    shutil.copyfile(source / "LICENSE", folder / LICENSE)
    return written


if __name__ == "__main__":
    for path in write():
        print(f"{path.name}: {path.stat().st_size} bytes")  # noqa: T201 - a command
