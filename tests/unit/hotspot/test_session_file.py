"""Where the live sessions are kept: at once, again where there was no room, and nothing of what is over."""

import errno
import os

import pytest

from appliance.clock import BelievedClock, ScriptedTime
from appliance.hotspot import session_file
from appliance.hotspot.policy.sessions import Kept
from appliance.hotspot.policy.states import State
from appliance.hotspot.session_file import KEEP_MS, NAME, RETRY_MS, SessionFile

WALL_US = 1_795_000_000_000_000
A, B = (Kept(f"02:00:00:00:00:0{number}", State.OPEN, 600_000) for number in (1, 2))


class Scene:
    """A file, its time, and a disk that may be full."""

    def __init__(self, folder, monkeypatch):
        self.path, self.time = folder / NAME, ScriptedTime(WALL_US)
        self.is_full, self.tries = False, 0
        self.folder = folder
        self.subject = self.another()
        really = os.open

        def opened(path, *rest):
            self.tries += 1
            if self.is_full:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            return really(path, *rest)

        monkeypatch.setattr(session_file.os, "open", opened)

    def another(self):
        return SessionFile(self.folder, BelievedClock(self.time, floor_us=WALL_US - 1, has_rtc=False))

    def keep(self, *kept):
        self.subject.keep(kept)

    def macs(self):
        if not self.path.exists():
            return set()
        return {each.mac for each in self.another().restore()}


@pytest.fixture
def scene(tmp_path, monkeypatch):
    return Scene(tmp_path, monkeypatch)


def test_who_is_through_is_kept_at_once_and_otherwise_now_and_then(scene):
    scene.keep(A)
    scene.keep(A, B)
    assert (scene.macs(), scene.tries) == ({A.mac, B.mac}, 2)
    scene.keep(A, B)
    scene.time.advance(KEEP_MS - 1)
    scene.keep(A, B)
    assert scene.tries == 2
    scene.time.advance(1)
    scene.keep(A, B)
    assert scene.tries == 3
    scene.keep()
    assert not scene.path.exists()


def test_a_disk_without_room_is_tried_again_soon_and_not_at_every_turn(scene):
    scene.is_full = True
    scene.keep(A)
    for _ in range(5):
        scene.keep(A)
    assert (scene.macs(), scene.tries) == (set(), 1)
    scene.is_full = False
    scene.time.advance(RETRY_MS)
    scene.keep(A)
    assert scene.macs() == {A.mac}
    scene.time.advance(RETRY_MS)
    scene.keep(A)
    assert scene.tries == 2


def test_nothing_of_a_session_that_is_over_stays_on_a_disk_without_room(scene):
    scene.keep(A, B)
    scene.is_full = True
    scene.time.advance(KEEP_MS)
    scene.keep(A, B)
    assert scene.macs() == {A.mac, B.mac}, "what holds is not thrown away"
    scene.keep(A)
    assert not list(scene.folder.iterdir())


def test_what_is_over_goes_as_soon_as_the_gate_is_back(scene):
    scene.keep(A)
    scene.time.advance(A.left_ms)
    scene.subject = scene.another()
    assert scene.subject.restore() == ()
    scene.keep()
    assert not list(scene.folder.iterdir())
