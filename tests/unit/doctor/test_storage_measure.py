from pathlib import Path

import pytest

from appliance.doctor import storage
from appliance.doctor.errors import StorageNotMeasuredError
from appliance.doctor.storage import Times, Verdict, judge, measure

BARE = Times(100, 1.0, 1.0, 1.0, 1.0)


class Steps:
    """A clock that goes on by itself: every look is half a millisecond later."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.0005
        return self.now


@pytest.mark.parametrize(
    ("p50", "p99", "worst", "verdict"),
    [
        (20, 100, 2_000, Verdict.GOOD),
        (20.1, 100, 100, Verdict.SLOW),
        (5, 100.1, 101, Verdict.SLOW),
        (100, 500, 2_000, Verdict.SLOW),
        (100.1, 500, 500, Verdict.CHANGE),
        (5, 500.1, 501, Verdict.CHANGE),
        (5, 50, 2_000.1, Verdict.CHANGE),
    ],
)
def test_the_verdict_keeps_its_limits(p50: float, p99: float, worst: float, verdict: Verdict) -> None:
    assert judge(Times(1000, p50, p50, p99, worst), BARE) is verdict


def test_what_is_flushed_in_no_time_is_no_card() -> None:
    assert judge(BARE, Times(100, 0.01, 0.01, 0.01, 0.01)) is Verdict.NO_CARD


def test_percentiles_are_measured_values() -> None:
    assert Times.of([float(n) for n in range(100, 0, -1)]) == Times(100, 50.0, 95.0, 99.0, 100.0)
    assert Times.of([7.0]) == Times(1, 7.0, 7.0, 7.0, 7.0)


def test_a_measurement_writes_lines_of_a_journal_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / f"{storage.PREFIX}killed").mkdir()
    (tmp_path / "other").mkdir()
    measured = measure(tmp_path, 0.2, Steps())
    assert measured.journal.count == measured.bare.count == 199
    assert measured.journal.p50 == pytest.approx(0.5)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_the_bytes_are_bounded_whatever_the_time(tmp_path: Path) -> None:
    assert measure(tmp_path, 1e9, Steps()).bare.count == storage.MOST_WRITES


@pytest.mark.parametrize(("folder", "seconds"), [("gone", 0.2), (".", 0.001)])
def test_what_cannot_be_measured_is_said(tmp_path: Path, folder: str, seconds: float) -> None:
    with pytest.raises(StorageNotMeasuredError) as caught:
        measure(tmp_path / folder, seconds, Steps())
    assert caught.value.vi()
    assert list(tmp_path.iterdir()) == []
