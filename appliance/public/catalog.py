"""The catalog of procedures as strangers look things up in it."""

import unicodedata
from pathlib import Path
from typing import Final

from appliance.public.published import Published
from appliance.sockets.procedures import FILE, MOST_BYTES, Procedure
from appliance.sockets.procedures import Catalog as Put

MOST_WORDS: Final = 8
MOST_ASKED: Final = 80
"""Characters of a question; the rest is not looked for."""
_D: Final = str.maketrans({"đ": "d", "Đ": "d"})


class Catalog:
    """What the office has put up, ready to be searched.

    Args:
        folder: the link directory.
    """

    def __init__(self, folder: Path) -> None:
        self._file = Published(folder / FILE, MOST_BYTES, _indexed)

    @property
    def is_there(self) -> bool:
        """Whether there is anything to look up."""
        return bool(self._entries())

    def get(self, code: str) -> Procedure | None:
        """Return the procedure of a code, in capitals or not; None if there is none."""
        wanted = code.casefold()
        return next((each for each, _, _ in self._entries() if each.code.casefold() == wanted), None)

    def search(self, asked: str) -> tuple[Procedure, ...]:
        """Return what fits a question, with or without marks: all of its words, those in the name first.

        Args:
            asked: words; none of them for the whole catalog.
        """
        words = folded(asked[:MOST_ASKED]).split()[:MOST_WORDS]
        found = [entry for entry in self._entries() if all(word in entry[2] for word in words)]
        found.sort(key=lambda entry: sum(word not in entry[1] for word in words))
        return tuple(each for each, _, _ in found)

    def _entries(self) -> tuple[tuple[Procedure, str, str], ...]:
        return self._file.last() or ()


def folded(text: str) -> str:
    """Return a text as it is compared: without marks and capitals, ``Đất đai`` as ``dat dai``."""
    plain = unicodedata.normalize("NFD", text.translate(_D).casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def _indexed(content: bytes) -> tuple[tuple[Procedure, str, str], ...]:
    """Return each procedure, its folded name, and all of its folded words."""
    entries = []
    for each in Put.of_file(content).procedures:
        name = folded(f"{each.code} {each.name}")
        entries.append((each, name, folded("\n".join((name, *each.documents)))))
    return tuple(entries)
