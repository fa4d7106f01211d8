"""Cut Be Vietnam Pro down to what the pages write: ``python -m provisioning.webfonts``.

The same fonts give the same bytes: no time, no tool version and no hinting are left in the files. Figures of one
width (``tnum``) stay, so that a counting clock does not tremble.
"""

import shutil
from pathlib import Path
from typing import Final

OUT: Final = Path(__file__).parents[1] / "appliance" / "pages" / "static" / "fonts"
WEIGHTS: Final = {"Regular": 400, "SemiBold": 600, "Bold": 700}
FEATURES: Final = ("kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum")
LICENSE: Final = "OFL.txt"


def characters() -> str:
    """Return every character the cut fonts can write."""
    ascii_ = {chr(code) for code in range(0x20, 0x7F)}
    latin = {chr(code) for code in range(0xA0, 0x100)}
    base = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    tones = "\u0300\u0301\u0303\u0309\u0323"
    vietnamese = set(base) | set("đĐ") | {_composed(letter, tone) for letter in base for tone in tones}
    marks = set("–—‘’“”•…‹›€₫−×≥≤≈") | set(tones)
    return "".join(sorted(ascii_ | latin | vietnamese | marks))


def _composed(letter: str, tone: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", letter + tone)


def cut(source: Path, target: Path) -> None:
    """Write the cut of one font file as woff2."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.layout_features = list(FEATURES)
    options.hinting = False
    options.desubroutinize = True
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    options.notdef_outline = True
    with TTFont(source, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=characters())
        subsetter.subset(font)
        font.flavor = "woff2"
        font.save(target, reorderTables=True)


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
