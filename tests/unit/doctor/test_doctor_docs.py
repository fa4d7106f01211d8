"""docs/operations.md has a row for every condition of the doctor, and none that does not exist."""

from pathlib import Path

import pytest

from appliance.doctor.bundle.writing import KERNEL_LINES, LOG_LINES
from appliance.doctor.checks import card_wear, center_certificate, free_space, page_certificate, temperature
from appliance.doctor.examination import CHECKS
from appliance.doctor.storage import BAD_P99_MS, BAD_PAUSE_MS, GOOD_P50_MS, GOOD_P99_MS, MOST_WRITES

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
SECTION = PAGE.partition("\n### The doctor\n")[2].partition("\n### ")[0]


def rows():
    cells = [line.strip("|").split("|") for line in SECTION.splitlines() if line.startswith("| `")]
    return [[cell.strip(" `") for cell in row] for row in cells]


def test_the_table_is_the_sheet_in_its_order():
    assert [row[0] for row in rows()] == [check.CONDITION.key for check in CHECKS]
    assert all(len(row) == 3 and all(row) for row in rows())


@pytest.mark.parametrize(
    "words",
    [
        f"from {temperature.WARM_C} °C, broken from {temperature.HOT_C} °C",
        f"below {free_space.LEAST_MIB} MiB",
        f"{card_wear.ASSUMED_CYCLES} times the capacity",
        f"below {card_wear.LEAST_YEARS} years",
        f"for {center_certificate.SOON_DAYS} days at least",
        f"for {page_certificate.SOON_DAYS} days at least",
        f"half within {GOOD_P50_MS:.0f} ms, 99 % within {GOOD_P99_MS:.0f} ms",
        f"99 % not within {BAD_P99_MS:.0f} ms",
        f"a pause above {BAD_PAUSE_MS / 1000:.0f} s",
        f"at most {MOST_WRITES:,} of each",
        f"last {LOG_LINES} lines of log, the kernel's last {KERNEL_LINES}",
    ],
)
def test_the_limits_are_those_of_the_code(words):
    assert words in " ".join(SECTION.split())
