"""Every sentence that can be said about an office.toml, said once."""

import tomllib
from pathlib import Path

import pytest

from appliance.config import ConfigError, Problem, loads
from appliance.config.problem import MAX_PROBLEMS
from appliance.config.sentences import SENTENCES

HERE = Path(__file__).parent
BASE = (HERE / "base.toml").read_text(encoding="utf-8")
MISTAKES = tomllib.loads((HERE / "mistakes.toml").read_text(encoding="utf-8"))["mistake"]
# Said in test_source.py (files that cannot be read), tests/unit/office_rules (what a board lacks), and below.
ELSEWHERE = {
    "file.missing",
    "file.not_a_file",
    "file.unreadable",
    "file.too_large",
    "file.encoding",
    "more",
    "role.services",
    "role.counters",
    "button.absent",
    "bus.none",
    "value",
    # Of another file: test_retention_policy.py.
    "retention.missing",
    "retention.not_a_file",
    "retention.too_large",
    "retention.key",
    "retention.kid",
    "retention.until",
}


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        loads(text)
    return caught.value.problems


def test_the_base_file_has_no_problem() -> None:
    settings = loads(BASE)

    assert [each.id for each in settings.counters] == ["quay-1", "quay-2"]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[each["rule"] for each in MISTAKES])
def test_a_mistake_is_reported_alone_with_key_value_and_remedy(mistake: dict[str, str]) -> None:
    assert mistake["old"] in BASE

    found = problems(BASE.replace(mistake["old"], mistake["new"], 1))

    assert [each.line("office.toml") for each in found] == [f"office.toml: {mistake['line']}"]
    assert found[0].rule == mistake["rule"]
    assert found[0].message_vi != found[0].message


def test_every_sentence_is_said_by_some_test() -> None:
    assert {each["rule"] for each in MISTAKES} | ELSEWHERE == set(SENTENCES)


@pytest.mark.parametrize("rule", SENTENCES)
def test_both_languages_name_the_same_fields(rule: str) -> None:
    english, vietnamese = SENTENCES[rule]

    assert sorted(part.partition("}")[0] for part in english.split("{")[1:]) == sorted(
        part.partition("}")[0] for part in vietnamese.split("{")[1:]
    )


def test_all_problems_are_reported_together() -> None:
    text = BASE.replace('prefix = "B"', 'prefix = "A"').replace("levels = 3", "levels = 9")
    text = text.replace('"ho-tich"]\nkeypad = { bus = "keys", address = 2 }', '"x"]\nkeypad = { bus = "q" }')

    assert [(each.key, each.rule) for each in problems(text)] == [
        ("counters[1].keypad.address", "missing"),
        ("ratings.levels", "less_than_equal"),
        ("services[1].prefix", "prefix.duplicate"),
        ("counters[1].services[1]", "service.unknown"),
        ("counters[1].keypad.bus", "bus.unknown"),
    ]


def test_an_empty_file_names_every_setting_it_needs() -> None:
    assert [(each.key, each.rule) for each in problems("")] == [
        ("office.name", "missing"),
        ("office.device", "missing"),
        ("office.site", "missing"),
        ("uplink.center", "missing"),
        ("uplink.center_id", "missing"),
        ("uplink.root_key_thumbprint", "missing"),
        ("services", "role.services"),
        ("counters", "role.counters"),
    ]


def test_a_hotspot_box_needs_no_hall() -> None:
    text = BASE.partition("[hall]")[0].replace('site = "mau"', 'site = "mau"\nrole = "hotspot"')

    assert loads(text).services == ()


def test_a_misspelled_service_is_not_also_reported_as_unserved() -> None:
    found = problems(BASE.replace('["dat-dai", "ho-tich"]', '["dat-dia"]'))

    assert [each.rule for each in found] == ["service.unknown"]


def test_an_issue_button_names_a_configured_service() -> None:
    found = problems(BASE.replace('board = "pi4"', 'issue_buttons = { "issue.1" = "thue" }'))

    assert found[0].line("office.toml") == (
        'office.toml: hardware.issue_buttons."issue.1" = "thue": no such service; '
        "use one of: ho-tich, dat-dai"
    )


def test_devices_without_any_bus_are_told_to_add_one() -> None:
    start, _, rest = BASE.partition("[[hardware.buses]]")
    found = problems(start + "[[services]]" + rest.partition("[[services]]")[2])

    assert {each.rule for each in found} == {"bus.none"}
    assert found[0].line("office.toml") == (
        'office.toml: counters[0].keypad.bus = "keys": there is no bus yet; '
        "add [[hardware.buses]] with this id"
    )


def test_an_issue_button_needs_pins() -> None:
    text = BASE.replace("rating_buttons = 1\n", "")
    text = text.replace('board = "pi4"', 'pin_factory = "none"\nissue_buttons = { "issue.1" = "ho-tich" }')

    assert [(each.key, each.rule) for each in problems(text)] == [("hardware.issue_buttons", "pins.none")]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("[hall]\nmin_servise_s = 1", "hall.min_service_s"),
        ("[hall]\nretention_days = 1", "journal.retention_days"),
        ("[ofice]\nsite = 'x'", "office.site"),
        ("[ratings]\nlevel = 2", "ratings.levels"),
        ("[hardware]\nbus = []", "hardware.buses"),
        ("service = []", "services"),
        ("[[counters]]\nkeybad = 1", "counters[].keypad"),
    ],
)
def test_an_unknown_key_suggests_the_nearest_one(wrong: str, meant: str) -> None:
    found = [each for each in problems(wrong) if each.rule == "key.misspelled"]

    assert [each.message for each in found] == [f"unknown key; did you mean {meant}?"]


def test_thousands_of_problems_are_cut_to_what_a_person_reads() -> None:
    found = problems(BASE + "".join(f"wrong_{number} = 1\n" for number in range(5000)))

    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].line("office.toml") == (
        "office.toml: 4900 more problems are not shown; correct these first"
    )


def test_every_problem_is_one_line_whatever_the_file_says() -> None:
    found = problems(BASE + '"a\\nb\\u202e" = "c\\nd\\u202e"\n')

    lines = [each.line("office.toml") for each in found] + [each.line_vi("office.toml") for each in found]
    assert all(line.isprintable() for line in lines)


def test_the_error_prints_one_line_for_each_problem_in_both_languages() -> None:
    with pytest.raises(ConfigError) as caught:
        loads(BASE.replace("levels = 3", "levels = 9").replace('prefix = "B"', 'prefix = "bb"'))

    assert str(caught.value).splitlines() == [
        'office.toml: services[1].prefix = "bb": use one capital letter A to Z',
        "office.toml: ratings.levels = 9: must be at most 5",
    ]
    assert caught.value.vi().splitlines()[1] == "office.toml: ratings.levels = 9: phải từ 5 trở xuống"
    assert isinstance(caught.value, ValueError)
