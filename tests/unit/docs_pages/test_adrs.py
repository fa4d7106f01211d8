"""docs/adr: five headings each, all of them listed, and the numbers that code refers to exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ["Date", "Status", "Context", "Decision", "Consequences"]

by_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)


def section(record, heading):
    after = record.read_text("utf-8").partition(f"\n## {heading}\n")[2]
    return after.partition("\n## ")[0].strip()


@by_record
def test_a_record_has_its_five_headings_in_order_and_none_is_empty(record):
    assert re.findall(r"^## (.+)$", record.read_text("utf-8"), re.MULTILINE) == HEADINGS
    assert all(section(record, heading) for heading in HEADINGS)


@by_record
def test_a_record_has_its_number_in_its_title_and_a_date(record):
    assert re.fullmatch(r"\d{4}(-[a-z0-9]+)+\.md", record.name)
    assert record.read_text("utf-8").startswith(f"# {record.name[:4]}. ")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", section(record, "Date"))
    assert section(record, "Status").startswith(("Accepted", "Replaced by "))


def test_numbers_are_gapless_and_all_are_listed_with_their_titles():
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
    index = (FOLDER / "README.md").read_text("utf-8")
    for record in RECORDS:
        title = record.read_text("utf-8").partition("\n")[0].partition(". ")[2]
        assert f"| [{record.name[:4]}]({record.name}) | {title} |" in index


def test_every_record_that_code_refers_to_exists():
    folders = ("appliance", "hardware", "center", "provisioning", "tests", "bench", "systemd")
    texts = [
        path.read_text("utf-8")
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".service", ".sh", ".toml"}
    ]
    named = {name for text in texts for name in re.findall(r"docs/adr/(\d{4}-[\w-]+\.md)", text)}
    assert {"0006-sqlite-on-cards.md", "0007-clock-without-rtc.md"} <= named
    assert named <= {record.name for record in RECORDS}
