"""``make bench``: every figure beside its limit or its peer, measured in turn in one run.

Times depend on the machine and are never judged; ratios are, where an aim is set.
"""

import argparse
import importlib
import json
import logging
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import machine
import structlog
from sizes import FULL, QUICK, TINY, Sizes
from table import Figure, render

BENCHES = ("press", "group", "parts", "disk", "province", "fold", "memory", "wifi", "pages")
"""Modules beside this file; each has ``run(folder, sizes)``."""
_IN_MEMORY = ("tmpfs", "ramfs")


def main() -> int:
    """Run what was asked for and return the exit status."""
    wanted = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures: list[Figure] = []
    began_at = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=wanted.dir) as folder:
        facts = machine.facts(Path(folder))
        if facts["file_system"] in _IN_MEMORY:
            print(
                f"warning: {wanted.dir} is in memory, commits cost nothing there; give --dir", file=sys.stderr
            )
        for name in BENCHES:
            if wanted.only and name not in wanted.only:
                continue
            start = time.monotonic()
            figures += importlib.import_module(name).run(_folder(folder, name), wanted.sizes)
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(_machine_line(facts))
    print(render(figures))
    if wanted.json is not None:
        taken_at = began_at.isoformat(timespec="seconds")
        _write(wanted.json, {"taken_at": taken_at, "run": wanted.name, "machine": facts}, figures)
    is_over = any(figure.verdict == "over" for figure in figures)
    return 1 if is_over and wanted.strict else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run.py", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", const=(QUICK, "quick"), dest="size", help="under 40 s")
    size.add_argument(
        "--tiny", action="store_const", const=(TINY, "tiny"), dest="size", help="only whether it runs at all"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--only", action="append", choices=BENCHES, metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument(
        "--dir",
        type=Path,
        default=Path(),
        help="write below this directory; it decides which disk is measured",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with status 1 when a ratio is over its aim"
    )
    wanted = parser.parse_args()
    chosen: tuple[Sizes, str] = wanted.size or (FULL, "full")
    wanted.sizes, wanted.name = chosen
    return wanted


def _folder(parent: str, name: str) -> Path:
    folder = Path(parent, f"of-{name}")
    folder.mkdir()
    return folder


def _machine_line(facts: dict[str, Any]) -> str:
    return (
        f"{facts['cpu']}, {facts['cores']} cores, load {facts['load'][0]}; Linux {facts['kernel']}"
        f" {facts['architecture']}, {facts['file_system']}; Python {facts['python']},"
        f" SQLite {facts['sqlite']}; commit {facts['commit']}\n"
    )


def _write(path: Path, head: dict[str, Any], figures: list[Figure]) -> None:
    value = {**head, "figures": [figure.to_json() for figure in figures]}
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
