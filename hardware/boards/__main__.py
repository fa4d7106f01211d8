"""``python -m hardware.boards docs/wiring.md``: write the document's wiring tables anew."""

import sys
from pathlib import Path

from hardware.boards.wiring import refreshed


def main(arguments: list[str]) -> int:
    """Refresh the document named by the one argument; return the exit status.

    Raises:
        ValueError: the document lacks the marks.
    """
    match arguments:
        case [path]:
            document = Path(path)
            document.write_text(refreshed(document.read_text(encoding="utf-8")), encoding="utf-8")
            return 0
        case _:
            sys.stderr.write("give one document, such as docs/wiring.md\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
