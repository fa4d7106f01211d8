"""Any sequence of edits and undos through the forms ends with a file that loads; undo is byte for byte."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.config import ConfigError, example, loads
from appliance.config.history import History
from appliance.web.pages_settings_forms import Editing, FieldErrors
from appliance.web.pages_settings_sections import SECTIONS

AT = "20261125T011502Z"
FIELDS = ("name", "name_en", "label", "label_en", "prefix", "daily_limit", "on", "kind", "color")
WORDS = st.sampled_from(["", "Đất đai", "A", "Z", "7", "2027-01-09", "extra", "#112233", "x\ty", '"]', "#"])
STEPS = st.lists(
    st.one_of(
        st.just("undo"),
        st.tuples(
            st.sampled_from(sorted(SECTIONS)),
            st.sampled_from(["add", "remove", "up", "down", "set", "value"]),
            st.integers(0, 5),
            st.sampled_from(FIELDS),
            WORDS,
        ),
    ),
    max_size=8,
)


def edited(text: str, history: History, step: tuple[str, str, int, str, str]) -> str:
    """Return the text after one change in a form, as the pages make it."""
    name, verb, place, field, word = step
    section, now = SECTIONS[name], loads(text)
    filled = section.shown(now)
    for rows in section.lists:
        if verb == "set" and place < len(filled.rows[rows]):
            filled.rows[rows][place][field] = word
        filled.act(f"{verb}:{rows}:{place}", lambda each: section.row(each, now))
    if verb == "value" and filled.values:
        filled.values[sorted(filled.values)[place % len(filled.values)]] = word
    return section.text(filled, Editing(text, now, history.used_ids, is_technician=True))


@settings(max_examples=60)
@given(STEPS)
def test_every_file_that_is_applied_loads_and_undo_restores_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, steps
):
    history = History(
        tmp_path_factory.mktemp("history") / "config", lambda path, data: path.write_bytes(data) and None
    )
    text = example()
    history.keep(text, AT, None)
    before = [text]
    for step in steps:
        if step == "undo":
            text = before[-2] if len(before) > 1 else text
        else:
            with suppress(FieldErrors, ConfigError):
                wanted = edited(text, history, step)
                loads(wanted)
                text = wanted
        if text != before[-1]:
            history.keep(text, AT, "lan")
            before.append(text)
        loads(text)
    assert [history.text(each) for each in reversed(history.versions())] == before


def test_what_no_form_shows_is_never_touched(tmp_path: Path):
    history = History(tmp_path / "config", lambda path, data: path.write_bytes(data) and None)
    text = example()
    for step in (
        ("services", "set", 0, "name_en", "Civil status"),
        ("counters", "down", 0, "", ""),
        ("ratings", "remove", 1, "", ""),
        ("hours", "value", 2, "", ""),
    ):
        text = edited(text, history, step)
    comments = {line.strip() for line in example().splitlines() if line.startswith("#")}
    assert comments <= {line.strip() for line in text.splitlines()}
    assert loads(text).hardware == loads(example()).hardware
