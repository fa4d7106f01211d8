"""The settings as a supervisor and a technician change them: forms, preview, apply, undo, refusals."""

import tomllib

import pytest
from sim_form import Form, fields_of, said
from sim_staff import TOML, SimStaff

from appliance.config import loads

SECTIONS = ("services", "counters", "hours", "holidays", "ratings", "priorities")


@pytest.fixture(params=["supervisor", "technician"])
def leader(request, staff: SimStaff):
    return staff.client(request.param)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("page", ["", *(f"/{each}" for each in SECTIONS), "/history"])
def test_every_page_is_there_in_both_languages(leader, page, lang):
    assert "<h1>" in leader.page(f"/settings{page}?lang={lang}")


@pytest.mark.parametrize("section", SECTIONS)
def test_a_form_that_is_sent_as_it_came_changes_nothing(staff: SimStaff, leader, section):
    form = Form(leader, section)
    form.press()
    assert "Nothing would change" in form.text
    assert staff.file.read_text(encoding="utf-8") == TOML


def test_what_changes_is_shown_in_words_then_applied_and_undone(staff: SimStaff):
    caller = staff.client("supervisor")
    form = Form(caller, "services")
    form.set("services.0.prefix", "f")
    form.set("services.1.daily_limit", "80")
    form.press()
    assert "Service Civil status: Letter before: A then: F" in said(form.text)
    assert "Service Land: Most numbers a day before: none then: 80" in said(form.text)
    assert staff.settings.services[0].prefix == "A"

    answer = form.press(path="/settings/services/apply")

    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?done=applied")
    assert [each.prefix for each in staff.settings.services] == ["F", "B", "C", "E"]
    assert loads(staff.file.read_text(encoding="utf-8")) == staff.settings
    page = caller.page("/settings?done=applied")
    assert "Minh" in page
    undo = Form.__new__(Form)
    undo.caller, undo.section, undo.pairs = caller, "", fields_of(page)
    assert undo.press(path="/settings/undo").headers["location"] == "/settings?done=undone"
    assert staff.file.read_text(encoding="utf-8") == TOML
    assert staff.settings.services[0].prefix == "A"


def test_applying_twice_is_one_change(staff: SimStaff):
    form = Form(staff.client("supervisor"), "hours")
    form.set("sat", "")
    form.press()
    pairs = form.pairs
    form.press(path="/settings/hours/apply")
    form.pairs = pairs
    assert form.press(path="/settings/hours/apply").status_code == 303
    assert len(staff.configuration.versions()) == 2


def test_a_problem_stands_beside_its_field_and_what_was_typed_is_kept(staff: SimStaff):
    form = Form(staff.client("supervisor"), "services")
    form.set("services.1.prefix", "A")
    form.set("services.2.name", "")
    form.set("services.0.name_en", "Civil <affairs>")
    form.press()

    assert form.status == 422
    assert "Another service already has this letter" in form.text
    assert "Write something here" in form.text
    assert "2 fields below need another look." in form.text
    assert form.get("services.0.name_en") == ["Civil <affairs>"]
    assert staff.file.read_text(encoding="utf-8") == TOML


def test_what_is_no_number_is_told_and_kept(leader):
    form = Form(leader, "priorities")
    form.set("ratio", "many")
    form.press()
    assert (form.status, form.get("ratio")) == (422, ["many"])
    assert "Write a whole number" in form.text
    form.set("ratio", "99")
    form.press()
    assert "Must be at most 20" in form.text


def test_rows_are_added_moved_and_removed_by_buttons(staff: SimStaff):
    form = Form(staff.client("supervisor"), "services")
    form.press("add:services")
    form.set("services.4.name", "Cư trú – Căn cước")
    form.set("services.4.counters", "q3")
    form.press("up:services:4")
    form.press("remove:services:0")
    form.apply()

    assert [each.id for each in staff.settings.services] == [
        "dat-dai",
        "bao-tro",
        "cu-tru-can-cuoc",
        "tra-ket-qua",
    ]
    assert [each.prefix for each in staff.settings.services][2] == "D"
    assert [each.services for each in staff.settings.counters] == [
        ("tra-ket-qua",),
        ("dat-dai",),
        ("bao-tro", "cu-tru-can-cuoc"),
    ]


def test_an_id_is_never_given_to_another_service(staff: SimStaff):
    caller = staff.client("supervisor")
    form = Form(caller, "services")
    form.press("remove:services:1")
    form.set("services.0.counters", "q1", "q2")
    form.apply()
    again = Form(caller, "services")
    again.press("add:services")
    again.set("services.3.name", "Đất Đai")
    again.set("services.3.counters", "q2")
    again.apply()
    assert [each.id for each in staff.settings.services][-1] == "dat-dai-2"


def test_a_forged_id_is_replaced(staff: SimStaff):
    form = Form(staff.client("supervisor"), "counters")
    form.press("add:counters")
    form.set("counters.3.id", "x y")
    form.set("counters.3.name", "Quầy số 4")
    form.set("counters.3.services", "bao-tro", "", "ho-tich")
    form.apply()
    assert (staff.settings.counters[3].id, staff.settings.counters[3].services) == (
        "quay-so-4",
        ("bao-tro", "ho-tich"),
    )


def test_a_counter_without_services_is_told_in_its_place(staff: SimStaff):
    form = Form(staff.client("supervisor"), "counters")
    form.set("counters.2.services", "")
    form.press()
    assert "Choose at least one service" in form.text
    assert "No counter serves this service" in form.text


def test_removing_a_service_that_people_wait_for_is_said_in_the_preview_and_refused(staff: SimStaff):
    staff.issue("dat-dai")
    form = Form(staff.client("supervisor"), "services")
    form.press("remove:services:1")
    form.set("services.0.counters", "q1", "q2")
    form.press()
    assert form.status == 200
    assert "This cannot be applied right now" in form.text
    form.press(path="/settings/services/apply")
    assert form.status == 422
    assert len(staff.settings.services) == 4


def test_a_staffed_counter_is_warned_about(staff: SimStaff):
    staff.open("q1")
    form = Form(staff.client("supervisor"), "counters")
    form.set("counters.0.services", "tra-ket-qua", "ho-tich")
    form.press()
    assert "Quầy 1 is staffed at the moment" in form.text
    assert "Collection" not in form.text
    assert form.press(path="/settings/counters/apply").status_code == 303


def test_a_file_that_changed_meanwhile_is_refused_and_nothing_typed_is_lost(staff: SimStaff):
    form = Form(staff.client("supervisor"), "hours")
    form.set("mon", "08:00-12:00")
    by_hand = TOML.replace('sat = "07:30-11:30"', 'sat = "" # by hand')
    staff.file.write_text(by_hand, encoding="utf-8")

    form.press()
    assert form.status == 409
    assert "somebody else changed the settings meanwhile" in form.text
    assert form.get("mon") == ["08:00-12:00"]
    form.set("sat", "")
    form.press()
    staff.file.write_text(f"{by_hand}# more\n", encoding="utf-8")
    form.press(path="/settings/hours/apply")
    assert (form.status, form.get("mon")) == (409, ["08:00-12:00"])

    assert form.apply().status_code == 303
    text = staff.file.read_text(encoding="utf-8")
    assert "# by hand" in text
    assert "# more" in text
    kept = [staff.configuration.version_text(each.number) for each in staff.configuration.versions()]
    assert f"{by_hand}# more\n" in kept


def test_a_file_that_is_broken_is_told_and_an_earlier_version_repairs_it(staff: SimStaff):
    caller = staff.client("technician")
    form = Form(caller, "hours")
    form.set("sat", "")
    form.apply()
    good = staff.file.read_text(encoding="utf-8")
    staff.file.write_text("[hall", encoding="utf-8")

    page = caller.page("/settings?lang=en")
    assert "The settings cannot be changed here at the moment" in page
    assert caller.get("/settings/hours").status_code == 200
    history = caller.page("/settings/history?lang=en")
    back = Form.__new__(Form)
    back.caller, back.section, back.pairs = caller, "", fields_of(history)
    assert back.press(path="/settings/undo").status_code == 303
    assert staff.file.read_text(encoding="utf-8") == good


def test_the_history_says_who_changed_what_and_goes_back_to_any_version(staff: SimStaff):
    caller = staff.client("supervisor")
    for hours in ("08:00-11:30", "08:15-11:30"):
        form = Form(caller, "hours")
        form.set("mon", hours)
        form.apply()

    page = said(caller.page("/settings/history?lang=en"))
    assert "Monday before: 08:00-11:30 then: 08:15-11:30" in page
    assert page.count("Minh") >= 2
    assert "found on the box" in page
    numbers = [each.number for each in staff.configuration.versions()]
    answer = caller.submit("/settings/undo", page="/settings/history", number=str(numbers[-1]))
    assert answer.status_code == 303
    assert staff.file.read_text(encoding="utf-8") == TOML
    gone = caller.submit("/settings/undo", page="/settings/history", number="999")
    assert gone.status_code == 422


def test_dates_are_days_off_or_extra_working_days_and_not_both(staff: SimStaff):
    form = Form(staff.client("supervisor"), "holidays")
    for place, (day, kind) in enumerate(
        (("2027-09-02", "off"), ("2027-01-09", "extra"), ("2027-01-01", "off"))
    ):
        form.press("add:days")
        form.set(f"days.{place}.on", day)
        form.set(f"days.{place}.kind", kind)
    form.apply()
    hall = staff.settings.hall
    assert [f"{each}" for each in hall.holidays] == ["2027-01-01", "2027-09-02"]
    assert [f"{each}" for each in hall.extra_days] == ["2027-01-09"]

    form = Form(staff.client("supervisor"), "holidays")
    form.press("add:days")
    form.set("days.3.on", "2027-01-09")
    form.press()
    assert "A date cannot be a day off and a working day at once" in form.text


def test_other_levels_bring_their_usual_words_first(staff: SimStaff):
    form = Form(staff.client("supervisor"), "ratings")
    form.set("count", "5")
    form.press()
    assert "The words and colors of the levels have been set to the usual ones" in form.text
    assert form.get("levels.4.label") == ["Rất hài lòng"]
    form.set("levels.4.label", "Tuyệt vời")
    form.press("remove:reasons:0")
    form.apply()
    ratings = staff.settings.ratings
    assert (ratings.levels, ratings.labels[4], len(ratings.reasons)) == (5, "Tuyệt vời", 1)


def test_priority_classes_and_rules(staff: SimStaff):
    form = Form(staff.client("supervisor"), "priorities")
    form.press("remove:priorities:4")
    form.set("late_position", "back")
    form.set("ratio", "3")
    form.apply()
    assert [each.id for each in staff.settings.priorities] == ["elderly", "disabled", "pregnant", "merit"]
    assert (staff.settings.hall.late_position, staff.settings.hall.ratio) == ("back", 3)


FITTED = TOML.replace('board = "none"', 'board = "pi4"').replace(
    'pin_factory = "none"', 'pin_factory = "mock"'
)


def test_a_supervisor_does_not_touch_what_is_fitted(staff: SimStaff):
    staff.file.write_text(FITTED, encoding="utf-8")
    staff.settings = loads(FITTED)
    form = Form(staff.client("supervisor"), "counters")
    assert "rating_buttons" not in form.text
    form.set("counters.0.rating_buttons", "1")
    form.press()
    assert "Nothing would change" in form.text

    technician = Form(staff.client("technician"), "counters")
    technician.set("counters.0.rating_buttons", "1")
    technician.apply()
    assert staff.settings.counters[0].rating_buttons == 1

    supervisor = staff.client("supervisor")
    removal = Form(supervisor, "counters")
    removal.press("remove:counters:0")
    removal.set("counters.1.services", "bao-tro", "ho-tich", "tra-ket-qua")
    removal.press()
    assert "only a technician changes q1" in removal.text
    refused = supervisor.submit("/settings/undo", page="/settings/history")
    assert "q1" in refused.text
    assert staff.settings.counters[0].rating_buttons == 1


def test_what_needs_a_restart_is_refused_by_name(staff: SimStaff):
    caller = staff.client("technician")
    form = Form(caller, "hours")
    staff.file.write_text(TOML.replace('device = "muong-te-01"', 'device = "other"'), encoding="utf-8")
    form = Form(caller, "hours")
    form.set("sat", "")
    form.press()
    assert "office.device cannot change while the office runs" in form.text
    form.press(path="/settings/hours/apply")
    assert form.status == 422
    assert staff.settings.office.device == "muong-te-01"


def test_a_section_that_is_none_is_not_found(leader):
    assert leader.get("/settings/office").status_code == 404


def test_the_settings_pages_need_a_leader(staff: SimStaff):
    assert staff.client("officer").get("/settings").status_code == 403
    assert staff.client("nobody").get("/settings").status_code == 303


def test_every_field_of_the_file_is_kept_that_no_form_shows(staff: SimStaff):
    form = Form(staff.client("technician"), "services")
    form.set("services.0.name_en", "Civil status and certification")
    form.apply()
    before, after = tomllib.loads(TOML), tomllib.loads(staff.file.read_text(encoding="utf-8"))
    before["services"][0]["name_en"] = "Civil status and certification"
    assert after == before


def test_another_name_of_a_service_is_no_change_of_its_counters(staff: SimStaff):
    form = Form(staff.client("supervisor"), "services")
    form.set("services.0.name_en", "Papers")
    form.press()
    assert form.text.count("change-what") == 1


def test_more_lines_for_services_are_given_on_request(staff: SimStaff):
    form = Form(staff.client("supervisor"), "counters")
    assert len(form.get("counters.2.services")) == 3
    form.set("counters.2.services", "bao-tro", "dat-dai", "ho-tich")
    form.press("more")
    assert form.get("counters.2.services") == ["bao-tro", "dat-dai", "ho-tich", ""]


WIRED = TOML.replace(
    'board = "none"\npin_factory = "none"',
    'board = "pi4"\npin_factory = "mock"\n[hardware.issue_buttons]\n"issue.1" = "ho-tich"\n'
    '"issue.2" = "dat-dai"',
)


def wired(staff: SimStaff) -> None:
    """Let the office run with buttons on the wall."""
    staff.file.write_text(WIRED, encoding="utf-8")
    staff.settings = loads(WIRED)


def test_a_service_that_goes_frees_its_button_on_the_wall(staff: SimStaff, leader):
    wired(staff)
    form = Form(leader, "services")
    form.press("remove:services:1")
    form.press()
    assert "Take-a-number button 2 before: Land then: none" in said(form.text)
    assert "Technical setting" not in form.text
    assert form.press(path="/settings/services/apply").status_code == 303
    assert dict(staff.settings.hardware.issue_buttons) == {"issue.1": "ho-tich"}


def test_more_levels_than_wired_buttons_is_said_without_names_from_the_file(staff: SimStaff):
    few = '[[counters]]\nid = "q1"\nrating_buttons = 1'
    text = WIRED.replace('[[counters]]\nid = "q1"', few)
    staff.file.write_text(text, encoding="utf-8")
    staff.settings = loads(text)
    form = Form(staff.client("technician"), "ratings")
    form.set("count", "5")
    form.press("levels")
    form.press()
    assert "too few for so many levels" in form.text
    assert "rating.1" not in form.text
    assert "Try again" not in form.text


def test_who_waits_for_a_service_is_said_by_its_name(staff: SimStaff, leader):
    staff.issue("dat-dai")
    form = Form(leader, "services")
    form.press("remove:services:1")
    form.press()
    assert "1 people wait for service Land; serve or transfer them" in said(form.text)
    assert form.press(path="/settings/services/apply").status_code != 303
    assert "wait for service Land" in said(form.text)
