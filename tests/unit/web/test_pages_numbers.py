"""Numbers that go on behind those that people hold, typed into a form."""

import pytest
from sim_staff import SimStaff

from appliance.firstboot import memory
from appliance.office import restoring
from appliance.web.pages_supervisor_numbers import ADDRESS, told_label


@pytest.mark.parametrize("who", ["technician", "supervisor"])
def test_the_next_number_follows_the_one_that_was_typed(staff: SimStaff, who: str) -> None:
    staff.issue("ho-tich")
    caller = staff.client(who)
    assert "Số tiếp theo ở đây: A002" in caller.page(ADDRESS)
    answer = caller.submit(ADDRESS, page=ADDRESS, **{"last-A": " a138 ", "last-B": "20", "last-C": ""})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ADDRESS}?done")
    page = caller.page(answer.headers["location"])
    assert "Số thứ tự đã đi tiếp" in page
    assert all(label in page for label in ("A139", "B021", "C001"))
    assert staff.issue("ho-tich").endswith("/A/139")


def test_what_is_no_number_of_the_series_is_said_at_its_field(staff: SimStaff) -> None:
    before = staff.box.desk.state.seq
    for wrong in ("B12", "A", "x", "-3", "1.5", "A1234567890", "<b>", "A٣"):
        answer = staff.client("technician").submit(ADDRESS, page=ADDRESS, **{"last-A": wrong, "last-B": "12"})
        assert answer.status_code == 422, wrong
        assert 'aria-invalid="true"' in answer.text
        assert "Hãy nhập một số thuộc dãy này, ví dụ A138" in answer.text
        assert 'value="12"' in answer.text  # what was right stays
        assert "<b>" not in answer.text
    assert staff.box.desk.state.seq == before


def test_an_empty_form_changes_nothing(staff: SimStaff) -> None:
    before = staff.box.desk.state.seq
    assert staff.client("technician").submit(ADDRESS, page=ADDRESS).status_code == 422
    assert staff.box.desk.state.seq == before


def test_numbers_never_go_back_and_never_far_ahead(staff: SimStaff) -> None:
    staff.issue("ho-tich")
    staff.issue("ho-tich")
    caller = staff.client("technician")
    back = caller.submit(ADDRESS, page=ADDRESS, **{"last-A": "A001"})
    assert back.status_code == 422
    assert "không bao giờ lùi lại" in back.text
    far = caller.submit(ADDRESS, page=ADDRESS, **{"last-A": "A5138"})
    assert far.status_code == 422
    assert "Tối đa 500 số" in far.text
    assert staff.issue("ho-tich").endswith("/A/3")


def test_a_form_that_is_sent_twice_passes_no_number_over(staff: SimStaff) -> None:
    caller = staff.client("technician")
    answers = [caller.submit(ADDRESS, page=ADDRESS, **{"last-A": "A138"}).status_code for _ in range(2)]
    assert answers == [303, 422]
    assert staff.issue("ho-tich").endswith("/A/139")


def test_a_box_that_goes_on_from_a_backup_shows_the_way(staff: SimStaff) -> None:
    staff.health["faults"] = [["restored", "E-1"]]
    page = staff.client("technician").page("/health")
    assert page.count(f'href="{ADDRESS}"') == 2
    assert "Có người cầm số lớn hơn" in page


def test_english(staff: SimStaff) -> None:
    page = staff.client("technician").page(f"{ADDRESS}?lang=en")
    assert "Next number here: A001." in page
    assert "Civil status" in page


def test_only_letters_and_digits_of_the_series() -> None:
    assert told_label("A", "A 138") == "A138"
    assert told_label("AB", "ab007") == "AB007"
    assert told_label("A", "AB1") == ""


def test_what_the_first_start_leaves_is_in_no_restores_way() -> None:
    assert memory.FILE_NAME in restoring.MAY_BE_THERE
