"""docs/glossary.md: every word with its Vietnamese, once."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "glossary.md"
WORDS = """
ticket, label, service, counter, hall, issue, call, recall, start, complete, no-show, return, hold, resume,
transfer, cancel, press, rating, evaluation, session, lease, walled garden, portal, seal, batch, receipt,
mark, epoch, fork, board, device, site
"""
"""The words that are fixed for the whole product."""


def rows():
    lines = PAGE.read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "word"]


def defined():
    return [word.strip() for row in rows() for word in row[0].split(",")]


@pytest.mark.parametrize("word", [word.strip() for word in WORDS.split(",")])
def test_every_fixed_word_is_defined(word):
    assert word in defined()


def test_every_verb_of_a_ticket_is_defined():
    from appliance.queueing.states import Verb

    assert {verb.value for verb in Verb if verb is not Verb.DAY_END} <= set(defined())


def test_every_row_is_whole():
    for row in rows():
        assert len(row) == 4, row
        assert all(row), row


def test_a_word_is_defined_once_except_for_those_that_say_so():
    found = defined()
    twice = {word for word in found if found.count(word) > 1}
    assert twice == {"issue", "line"}
    assert "*issue*" in PAGE.read_text("utf-8")
    assert "*line*" in PAGE.read_text("utf-8")


def test_the_vietnamese_has_its_diacritics():
    plain = [row[1] for row in rows() if re.fullmatch(r"[a-zA-Z ,]+", row[1])]
    assert plain == []
