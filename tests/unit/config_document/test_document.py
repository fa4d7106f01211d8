"""office.toml changed in place: what is asked for, and not a byte more."""

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.config import example, loads
from appliance.config.blocks import Blocks
from appliance.config.document import DocumentError, with_rows, with_values

EXAMPLE = example()
TRICKY = '''\
# head
title = """
[not.a.header]
# not a comment"""
priorities = []
[hall] # the hall
ratio = 2 # two
holidays = [2027-01-01, # Tết
  # before the second
  2027-09-02]

# hours
[hall.hours]
mon = "07:30-11:30"

# ---- services
# all of them
[[services]]
id = "a"
name = "A"
matrix = [
  ["a"],
[1, 2],
]

# about b
[[services]]
id = "b" # b's id
name = "B"

# ---- counters
[[counters]]
id = "q1"
services = ["a"]
[counters.keypad]
bus = "x"
address = 1
[[counters]]
id = "q2"
services = ["b"]
# the end'''
TEXTS = (
    EXAMPLE,
    TRICKY,
    TRICKY.replace("\n", "\r\n").replace('"""\r\n[not', '"""\n[not'),
    '[hall]\nhours.mon = "07:30-11:30"\n[[services]]\nid = "a"\nname = "A"',
    'services = [{id = "a", name = "A"}, {id = "b", name = "B"}]\nhall = {ratio = 1, hours = {mon = ""}}\n',
    'hall.ratio = 1\nhall.hours.mon = ""\n[[services]]\nid = "a"\n[x]\ny = 1 # y\n[[services]]\nid = "b"\n',
    "\ufeff# nothing else",
    "",
)


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines that are in one of two texts and not in the other, sorted."""
    return sorted(set(before.splitlines()) ^ set(after.splitlines()))


@pytest.mark.parametrize("text", TEXTS)
def test_cutting_and_joining_gives_the_text_back(text):
    assert str(Blocks.cut(text.removeprefix("\ufeff"))) == text.removeprefix("\ufeff")


def test_a_value_changes_alone_and_keeps_its_comment():
    after = with_values(EXAMPLE, ("hall",), {"ratio": 4})

    assert loads(after).hall.ratio == 4
    assert len(changed_lines(EXAMPLE, after)) == 2
    assert "ratio = 4                       # nhiều nhất 2 lượt" in after


def test_a_key_that_was_not_there_stands_ahead_of_the_next_table_s_comment():
    after = with_values(EXAMPLE, ("hall",), {"extra_days": (date(2027, 1, 9),)})

    assert loads(after).hall.extra_days == (date(2027, 1, 9),)
    assert after.replace("extra_days = [\n  2027-01-09,\n]\n", "", 1).replace("\n\n# extra", "\n\n# extra")
    assert changed_lines(EXAMPLE, after) == ["  2027-01-09,", "extra_days = ["]


def test_nothing_changes_when_nothing_is_asked_for():
    rows = [{"id": each["id"]} for each in tomllib.loads(EXAMPLE)["services"]]
    assert with_rows(EXAMPLE, ("services",), rows) == EXAMPLE
    assert with_values(EXAMPLE, ("ratings",), {}) == EXAMPLE
    assert with_values(EXAMPLE, ("hall",), {"ratio": 2, "extra_days": None}) == EXAMPLE


def test_holidays_keep_what_is_written_behind_them():
    days = (date(2027, 1, 1), date(2027, 2, 5), date(2027, 9, 2))
    after = with_values(EXAMPLE, ("hall",), {"holidays": days})

    assert loads(after).hall.holidays == days
    assert "  2027-01-01,  # Tết Dương lịch\n  2027-02-05,\n  2027-09-02,  # Quốc khánh\n]" in after


def test_four_hundred_holidays_stay_within_the_limits_of_a_line():
    days = tuple(date.fromordinal(740_000 + each) for each in range(400))
    assert loads(with_values(EXAMPLE, ("hall",), {"holidays": days})).hall.holidays == days


def test_a_removed_row_takes_its_own_comment_and_leaves_those_of_the_list_and_of_the_next_table():
    after = with_rows(TRICKY, ("services",), [{"id": "a"}])

    assert "# about b" not in after
    assert "# ---- services\n# all of them\n[[services]]" in after
    assert "# ---- counters\n[[counters]]" in after
    only_b = with_rows(TRICKY, ("services",), [{"id": "b"}])
    assert "# ---- services\n# all of them\n# about b\n[[services]]" in only_b


def test_rows_move_with_what_is_inside_them():
    after = with_rows(
        TRICKY, ("counters",), [{"id": "q2"}, {"id": "q1", "keypad": {"bus": "y", "address": 2}}]
    )

    counters = tomllib.loads(after)["counters"]
    assert [each["id"] for each in counters] == ["q2", "q1"]
    assert counters[1]["keypad"] == {"bus": "y", "address": 2}
    assert after.endswith("# the end")
    gone = with_rows(TRICKY, ("counters",), [{"id": "q1", "keypad": None}, {"id": "q2"}])
    assert "keypad" not in gone


def test_a_list_can_be_emptied_and_filled_again():
    some = with_rows(EXAMPLE, ("priorities",), [{"id": "merit", "name": "Người có công"}])
    none = with_rows(some, ("priorities",), [])
    again = with_rows(none, ("priorities",), [{"id": "vip", "name": "Khách"}])

    assert [each.id for each in loads(some).priorities] == ["merit"]
    assert loads(none).priorities == ()
    assert [each.id for each in loads(again).priorities] == ["vip"]
    no_reasons = with_rows(EXAMPLE, ("ratings", "reasons"), [], key="key")
    assert loads(no_reasons).ratings.reasons == ()
    assert "# ---------------------------------------------------------------- Phần cứng" in no_reasons


def test_what_is_no_toml_is_refused():
    with pytest.raises(DocumentError):
        with_values("[", ("hall",), {"ratio": 1})
    with pytest.raises(DocumentError):
        with_rows("services = 3", ("services",), [{"id": "a"}])


IDS = st.lists(st.sampled_from("abcdef"), unique=True)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@given(text=st.sampled_from(TEXTS), ids=IDS, name=NAMES, ratio=st.integers(0, 20))
def test_every_way_of_writing_takes_every_change(text, ids, name, ratio):
    rows = [{"id": each, "name": name + each} for each in ids]
    hall = {"ratio": ratio, "holidays": (date(2027, 1, 1),)}
    after = with_values(with_rows(text, ("services",), rows), ("hall",), hall)
    after = with_values(after, ("hall", "hours"), {"mon": name, "sun": None})

    data = tomllib.loads(after.removeprefix("\ufeff"))
    before = tomllib.loads(text.removeprefix("\ufeff"))
    assert [(each["id"], each["name"]) for each in data["services"]] == [(each, name + each) for each in ids]
    assert (data["hall"]["ratio"], data["hall"]["hours"]["mon"]) == (ratio, name)
    others = set(before) | {"hall", "services"}
    assert set(data) == others
    assert all(data[key] == before[key] for key in set(before) - {"hall", "services"})


@given(ids=st.permutations(["ho-tich", "dat-dai", "bao-tro", "cu-tru", "tra-ket-qua"]), cut=st.integers(0, 5))
def test_no_line_outside_of_the_removed_rows_is_lost(ids, cut):
    after = with_rows(EXAMPLE, ("services",), [{"id": each} for each in ids[cut:]])

    lost = set(EXAMPLE.splitlines()) - set(after.splitlines())
    start = EXAMPLE.index("[[services]]")
    assert lost <= set(EXAMPLE[start : EXAMPLE.index("[[counters]]")].splitlines())
    assert all(line.startswith(("#", "services")) is False or "# ----" not in line for line in lost)


@given(st.lists(st.tuples(IDS, st.integers(1, 9)), max_size=6))
def test_changing_there_and_back_gives_the_same_settings(steps):
    text = EXAMPLE
    original = tomllib.loads(EXAMPLE)["services"]
    for ids, limit in steps:
        rows = [{"id": each, "name": each, "prefix": each.upper(), "daily_limit": limit} for each in ids]
        text = with_rows(text, ("services",), rows)
    text = with_rows(
        text, ("services",), [{**dict.fromkeys(("stage", "daily_limit")), **each} for each in original]
    )
    assert tomllib.loads(text) == tomllib.loads(EXAMPLE)
