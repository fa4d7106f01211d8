"""What keys do to a running office, and what the picture tells of it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioning.demo import keys
from provisioning.demo.picture import Picture
from provisioning.demo.scene import Scene
from provisioning.demo.session import Session

pytestmark = pytest.mark.integration

PATIENCE_S = 90.0


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    opened = Scene.open(tmp_path / "office")
    yield opened
    opened.close()


def until(session: Session, is_so: Callable[[Picture], bool]) -> Picture:
    """Let the session go on until its picture is so."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        session.turn(0.05)
        picture = session.picture()
        if is_so(picture):
            return picture
    pytest.fail(f"it never came: {picture}")


def test_picture_is_what_journal_and_emulators_hold(scene: Scene) -> None:
    with Session.open(scene, seed=1, script=False) as session:
        session.act(keys.TakeNumber(1))
        waiting = until(session, lambda picture: bool(picture.lines[0].labels))
        assert waiting.lines[0].labels == ("A001",)
        assert waiting.devices.beeps == 1
        session.act(keys.CallNext())
        called = until(session, lambda picture: picture.devices.panel.startswith("A001"))
        assert (called.counters[0].label, called.counters[0].ticket_state) == ("A001", "CALLED")
        settled = until(session, lambda picture: picture.record.unreceipted == 0)
        chain = scene.office.desk.chain
        assert chain is not None
        assert (settled.record.seq, settled.record.head) == (chain.seq, chain.head)
        assert settled.record.epoch == chain.epoch
        assert settled.record.receipts[0].upto == settled.record.mark == chain.seq
        assert settled.devices.panel == scene.panel.text()
        assert settled.devices.keypad_ticket == scene.keypad.ticket == "001"


def test_a_child_at_the_buttons_is_counted_once_and_flagged(scene: Scene) -> None:
    with Session.open(scene, seed=1, script=False) as session:
        for presses in range(1, 7):
            session.act(keys.Rate(2, 1 + presses % 3))
            flags = (
                until(session, lambda picture, count=presses: len(rated(picture)) == count).ratings[1].flags
            )  # type: ignore[misc]
            let_go(session, scene)
        assert flags["burst"] == 1
        assert flags["unbound"] == 6
        assert sum(session.picture().ratings[1].counts) == 6 - flags.get("corrected", 0)


def let_go(session: Session, scene: Scene) -> None:
    """Wait until the finger is off every button and the debounce is over."""
    deadline_s = time.monotonic() + 0.4
    while time.monotonic() < deadline_s:
        session.turn(0.05)
    assert all(scene.pins.state(pin) for pin in (23, 24, 25))


def rated(picture: Picture) -> list[str]:
    return [news.vi for news in picture.news if news.tone == "rating"]


def test_a_refused_key_is_told(scene: Scene) -> None:
    with Session.open(scene, seed=1, script=False) as session:
        session.act(keys.Recall())
        assert "không được xác nhận" in until(session, lambda picture: bool(picture.note)).note


def test_what_happened_before_is_counted(scene: Scene) -> None:
    with Session.open(scene, seed=1, script=False) as session:
        session.act(keys.Evaluate())
        until(session, lambda picture: sum(picture.ratings[0].counts) == 1)
    with Session.open(scene, seed=1, script=False) as session:
        assert session.picture().ratings[0].counts == (0, 0, 1)
        assert any("Biên nhận" in news.vi for news in session.unread()) or session.picture().record.mark == 0


def test_script_serves_and_rates_at_every_counter(scene: Scene) -> None:
    called: set[str] = set()

    def all_were_called_and_one_rated(picture: Picture) -> bool:
        called.update(card.name for card in picture.counters if card.label is not None)
        return len(called) == len(picture.counters) and any(sum(row.counts) for row in picture.ratings)

    with Session.open(scene, seed=5, script=True) as session:
        until(session, all_were_called_and_one_rated)
        session.act(keys.TogglePause())
        assert session.picture().is_paused
