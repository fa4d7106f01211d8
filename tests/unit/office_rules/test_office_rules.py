import pytest

from appliance.config import example, loads
from appliance.config.hall import Hall, Ratings
from appliance.config.keys import Setting, tables
from appliance.feedback.rules import RatingRules
from appliance.office.rules import board_problems, hall_rules, rating_rules
from appliance.queueing.rules import HallRules
from hardware.boards.loader import load_board

# The least an office needs, so that everything else has its default.
PLAIN = """
office = { name = "Xã Mẫu", device = "mau-01", site = "mau" }
services = [{ id = "ho-tich", name = "Hộ tịch", prefix = "A" }]
counters = [{ id = "quay-1", name = "Quầy 1", services = ["ho-tich"] }]
[uplink]
center = "https://center.example.vn"
center_id = "tinh-mau"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
"""
PI4 = [f"rating.{counter}.{level}" for counter in (1, 2) for level in (1, 2, 3)]
PI4 += [f"issue.{number}" for number in (1, 2, 3, 4)]


def test_the_example_becomes_rules_of_the_hall() -> None:
    rules = hall_rules(loads(example()))

    assert [service.series for service in rules.services] == ["A", "B", "C", "D", "E"]
    assert rules.services[3].daily_limit == 80
    assert rules.counters[1].services == ("dat-dai", "tra-ket-qua")
    assert rules.has_priority("elderly")
    assert (rules.ratio, rules.ageing_ms, rules.min_service_ms) == (2, 30 * 60_000, 45_000)
    assert (rules.late_tolerance_ms, rules.late_position, rules.max_waiting) == (15 * 60_000, 3, 300)


def test_hours_and_days_off_become_minutes_and_dates() -> None:
    hours = hall_rules(loads(example())).hours

    assert hours.spans("2026-11-23") == ((450, 690), (810, 1020))
    assert hours.spans("2026-11-22") == ()
    assert hours.spans("2027-09-02") == ()


def test_a_day_worked_in_exchange_follows_mondays_hours() -> None:
    hours = hall_rules(
        loads(example().replace("# extra_days = [2027-01-09]", "extra_days = [2027-01-10]"))
    ).hours

    assert hours.spans("2027-01-10") == ((450, 690), (810, 1020))


def test_a_late_person_returns_to_the_front_the_back_or_behind_some() -> None:
    text = example().replace("late_places = 3 ", "# ")

    places = [
        hall_rules(
            loads(text.replace('late_position = "after_n"', f'late_position = "{where}"'))
        ).late_position
        for where in ("front", "back", "after_n")
    ]

    assert places == [0, None, 3]


def test_a_service_without_an_english_name_shows_its_vietnamese_one() -> None:
    rules = hall_rules(loads(example().replace('name_en = "Land and construction"\n', "")))

    assert rules.services[1].name_en == "Đất đai – Xây dựng"


def test_the_example_becomes_rules_of_the_ratings() -> None:
    rules = rating_rules(loads(example()))

    assert rules.counters == frozenset({"quay-1", "quay-2", "quay-3"})
    assert rules.reasons == ("cho-lau", "thai-do", "huong-dan")
    assert (rules.levels, rules.window_ms, rules.debounce_ms) == (3, 120_000, 50)


def test_both_sides_have_the_same_defaults() -> None:
    settings = loads(PLAIN)
    assert settings.hall == Hall()
    assert settings.ratings == Ratings()
    hall, ratings = hall_rules(settings), rating_rules(settings)

    theirs = HallRules(services=hall.services, counters=hall.counters)
    for name in ("ratio", "ageing_ms", "min_service_ms", "late_tolerance_ms", "late_position"):
        assert getattr(hall, name) == getattr(theirs, name), name
    for name in RatingRules.__slots__:
        if name not in {"counters", "reasons"}:
            assert getattr(ratings, name) == getattr(RatingRules(), name), name


RANGES = [
    setting
    for table in tables()
    if table.header in {"[hall]", "[ratings]"}
    for setting in table.settings
    if setting.accepts.startswith("whole number ")
]


@pytest.mark.parametrize("setting", RANGES, ids=[each.key for each in RANGES])
def test_the_rules_take_both_ends_of_every_range(setting: Setting) -> None:
    table, _, key = setting.key.partition(".")
    for value in setting.accepts.removeprefix("whole number ").split("–"):
        settings = loads(f"{PLAIN}[{table}]\n{key} = {value}\n")

        assert hall_rules(settings)
        assert rating_rules(settings)


def test_the_example_fits_its_board() -> None:
    assert board_problems(loads(example()), load_board("pi4").buttons) == []


def test_buttons_that_the_board_lacks_are_reported() -> None:
    settings = loads(example().replace("rating_buttons = 2", "rating_buttons = 3"))

    found = [each.line("office.toml") for each in board_problems(settings, PI4[:6])]

    assert found[0] == (
        'office.toml: hardware.issue_buttons."issue.1": board pi4 has no button issue.1; it has: rating.1.1, '
        "rating.1.2, rating.1.3, rating.2.1, rating.2.2, rating.2.3"
    )
    assert found[-1].startswith(
        "office.toml: counters[1].rating_buttons = 3: board pi4 has no button rating.3.3; it has: "
    )
    assert len(found) == 4 + 3
