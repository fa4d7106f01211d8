"""The versions of office.toml: kept whole, in order, bounded, and their ids never forgotten."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.config.history import History

AT = "20261125T011502Z"


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@pytest.fixture
def subject(tmp_path: Path) -> History:
    return History(tmp_path / "config", write, most=3)


def test_a_version_has_its_text_byte_for_byte_and_who_wanted_it(subject: History):
    text = '# ghi chú\r\nname = "Xã"\n'
    version = subject.keep(text, AT, "lan")
    assert subject.text(version) == text
    assert version.name.startswith("00000001-20261125T011502Z-")
    assert version.name.endswith("-lan.toml")
    assert subject.versions() == (version,)


def test_the_newest_is_not_kept_twice_but_an_earlier_one_is(subject: History):
    for text in ("a = 1", "a = 1", "a = 2", "a = 1"):
        subject.keep(text, AT, None)
    assert [subject.text(each) for each in subject.versions()] == ["a = 1", "a = 2", "a = 1"]


def test_the_order_is_that_of_the_changes_whatever_the_clock_says(subject: History):
    subject.keep("a = 1", "20261125T011502Z", "lan")
    subject.keep("a = 2", "19700101T000000Z", "lan")
    assert subject.text(subject.versions()[0]) == "a = 2"


def test_an_officer_that_is_no_id_is_not_written_into_a_name(subject: History):
    assert subject.keep("a = 1", AT, "../x").officer is None


def test_old_versions_go_and_their_ids_stay_used(subject: History):
    for number in range(6):
        subject.keep(f'[[services]]\nid = "s{number}"\n[[ratings.reasons]]\nkey = "r{number}"\n', AT, "lan")
    assert len(subject.versions()) == 3
    assert subject.used_ids("services") == {f"s{number}" for number in range(6)}
    assert subject.used_ids("reasons") == {f"r{number}" for number in range(6)}
    assert subject.used_ids("counters") == set()


def test_other_files_are_passed_over(subject: History, tmp_path: Path):
    subject.keep("a = 1", AT, None)
    for name in ("00000009-x.toml", "00000001-20261125T011502Z-1a2b3c4d-lan.toml.new", "notes"):
        (tmp_path / "config" / name).write_text("[[", encoding="utf-8")
    assert len(subject.versions()) == 1


def test_without_a_folder_there_is_no_history(tmp_path: Path):
    assert History(tmp_path / "none", write).versions() == ()


@given(st.lists(st.sampled_from(["a = 1", "a = 2", "[x"]), min_size=1, max_size=12))
def test_any_sequence_is_kept_in_order(tmp_path_factory: pytest.TempPathFactory, texts):
    history = History(tmp_path_factory.mktemp("history") / "config", write)
    for text in texts:
        history.keep(text, AT, "lan")
    wanted = [text for index, text in enumerate(texts) if not index or texts[index - 1] != text]
    assert [history.text(each) for each in reversed(history.versions())] == wanted
