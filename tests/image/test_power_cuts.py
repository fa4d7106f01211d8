"""Power cuts at any write of a box's first hour, replayed from one log of the card's writes."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from crash_points_run import run
from guest_presses import record
from logged_card import OFFSET

POINTS = 500
PRESSES = 200
SEED = 7


def test_no_acknowledged_press_is_lost_at_any_of_500_power_cuts(
    image: Path, folder: Path, figures: dict[str, Any]
) -> None:
    card, acks, took = record(image, folder / "logged", PRESSES)
    assert len(acks) >= PRESSES
    report = run(card.log, card.base, acks, POINTS, SEED, offset=OFFSET)
    figures["power_cuts"] = {**took, **asdict(report)}
    assert report.points >= POINTS
    assert report.problems == []
