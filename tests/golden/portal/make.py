"""Writes what phones and computers are told while they look for a portal; part of ``make golden``."""

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[2]
sys.path[:0] = [str(TESTS / "integration" / "public"), str(TESTS / "unit" / "public")]

from probe_matrix import rows, table  # noqa: E402 - found by the line above
from sim_guests import SimGuests  # noqa: E402

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        guests = SimGuests(Path(folder) / "guests")
        try:
            Path(__file__).with_name("probes.txt").write_text(table(rows(guests)), encoding="utf-8")
        finally:
            guests.close()
