"""The doctor as a page asks him: the same findings, and what may not be seen is not known."""

import io
import tarfile
from pathlib import Path

from planted import Planted

from appliance.doctor.examination import examine
from appliance.doctor.finding import Level
from appliance.doctor.for_pages import OfficeExaminer


def subject_of(planted: Planted) -> OfficeExaminer:
    box = planted.box()
    return OfficeExaminer(box.config, box.around, measure_s=0.5)


def test_the_page_has_a_finding_for_every_condition_of_the_command(planted: Planted) -> None:
    look = subject_of(planted).examine()
    findings = examine(planted.box())
    assert [each.key for each in look.found] == [each.key for each in findings]
    assert all(set(each.title) and all(each.said) for each in look.found)
    assert {each.key for each in look.first} == {each.key for each in findings if each.todo is not None}


def test_what_the_office_may_not_see_is_not_known_and_says_why(planted: Planted) -> None:
    del planted.programs.answers["systemctl show"]
    box = planted.box()
    units = next(each for each in examine(box) if each.key == "units")
    assert units.level is Level.UNSEEN
    look = next(each for each in subject_of(planted).examine().found if each.key == "units")
    assert look.level == "unknown"
    assert "trang này không được phép xem" in look.said[1]
    assert look.todo is None


def test_the_next_look_sees_what_changed(planted: Planted) -> None:
    subject = subject_of(planted)

    def card_errors() -> str:
        return next(each.level for each in subject.examine().found if each.key == "card_errors")

    assert card_errors() == "well"
    planted.programs.answers["journalctl -k"] = "I/O error, dev mmcblk0, sector 1\n"
    assert card_errors() == "broken"


def test_the_bundle_is_that_of_the_command(planted: Planted) -> None:
    packed = subject_of(planted).bundle()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        names = set(archive.getnames())
    assert {"motcua-support/doctor.json", "motcua-support/README.txt"} <= names


def test_the_card_is_measured_and_nothing_is_left(planted: Planted, tmp_path: Path) -> None:
    before = sorted(planted.data.iterdir())
    look = subject_of(planted).measure_card()
    assert look.verdict in {"good", "slow", "change", "no_card"}
    assert look.count >= 20
    assert look.p50_ms <= look.p99_ms <= look.worst_ms
    assert sorted(planted.data.iterdir()) == before
