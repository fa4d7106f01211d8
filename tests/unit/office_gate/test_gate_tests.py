"""A test of the gate as the office asks for it: a wish, its findings, and one that never ends."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sim_gate import office_text

from appliance.config import loads
from appliance.doctor.finding import Both, Condition
from appliance.doctor.gate_test import leaving
from appliance.doctor.gate_test.trial import GATE, not_tried
from appliance.hotspot.errors import EngineError
from appliance.hotspot.moment import believed
from appliance.office.gate_tests import MOST_S, GateTests
from appliance.sockets import gate_test
from appliance.web.wifi import TestNotAskedError

AT = "2026-11-23T01:00:00.000000Z"
WELL = [GATE.well(Both("answers", "trả lời"))]
TODO = Both("close it", "đóng lại")


@dataclass(slots=True)
class Bench:
    """A box's folders, a clock, and what systemd would do."""

    folder: Path
    now_s: float = 1_000.0

    def open(self) -> GateTests:
        settings = loads(office_text(self.folder))
        settings.hotspot.link_dir.mkdir(exist_ok=True)
        return GateTests(lambda: settings, lambda: self.now_s)

    @property
    def wish(self) -> Path:
        [found] = self.folder.rglob(gate_test.WISH)
        return found

    @property
    def has_wish(self) -> bool:
        return bool(list(self.folder.rglob(gate_test.WISH)))

    @property
    def result(self) -> Path:
        return loads(office_text(self.folder)).hotspot.socket.with_name(gate_test.FILE)

    def test(self, findings: list[object] | None = None, at: str = AT) -> None:
        """Run it, as the unit does: the wish goes first."""
        self.wish.unlink()
        leaving.leave(leaving.told(findings or WELL, at), self.result)  # type: ignore[arg-type]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_nothing_is_said_before_the_first_test(bench: Bench) -> None:
    look = bench.open().look()
    assert (look.is_running, look.is_overdue, look.last) == (False, False, None)


def test_a_test_is_asked_for_once_and_its_findings_are_shown(bench: Bench) -> None:
    tests = bench.open()
    tests.ask()
    tests.ask()
    assert tests.look().is_running
    bench.test()
    look = tests.look()
    assert not look.is_running
    assert look.last is not None
    assert look.last.verdict == ("All is well.", "Thiết bị tốt.")
    [found] = look.last.found
    assert (found.key, found.level, found.said) == ("gate", "well", ("answers", "trả lời"))
    # The next one, whose findings are other ones.
    tests.ask()
    assert bench.has_wish
    look = tests.look()
    assert look.is_running
    assert look.last is not None
    bench.test(at="2026-11-23T01:01:00.000000Z")
    assert not tests.look().is_running


def test_what_is_open_comes_first_and_what_could_not_be_tried_is_not_known(bench: Bench) -> None:
    tests = bench.open()
    tests.ask()
    conditions = [Condition(key, key, key) for key in ("a", "b", "c", "d")]
    a, b, c, d = conditions
    said = Both("seen", "đã thấy")
    bench.test([a.well(said), b.unknown(said, TODO), c.unseen("no", TODO), d.broken(said, TODO)])
    last = tests.look().last
    assert last is not None
    assert [each.level for each in last.found] == ["well", "unknown", "unknown", "broken"]
    assert [each.key for each in last.first] == ["d", "b", "c"]
    assert last.verdict[0] == "Something is broken."
    # As the command says it of a gate that cannot be tried at all.
    tests.ask()
    bench.test(not_tried(EngineError(engine="x", reason="y" * 3_000)))  # type: ignore[arg-type]
    last = tests.look().last
    assert last is not None
    assert len(last.found[0].said[0]) <= gate_test.MOST_TEXT


def test_a_wish_that_nobody_takes_is_taken_back(bench: Bench) -> None:
    tests = bench.open()
    tests.ask()
    bench.now_s += MOST_S
    assert tests.look().is_running
    bench.now_s += 1
    look = tests.look()
    assert (look.is_running, look.is_overdue) == (False, True)
    assert not bench.has_wish
    tests.ask()
    look = tests.look()
    assert (look.is_running, look.is_overdue) == (True, False)


def test_an_office_that_was_started_anew_waits_for_what_the_one_before_asked_for(bench: Bench) -> None:
    bench.open().ask()
    tests = bench.open()
    assert tests.look().is_running
    bench.test()
    assert not tests.look().is_running


def test_what_cannot_be_asked_for_is_said(bench: Bench) -> None:
    tests = bench.open()
    folder = loads(office_text(bench.folder)).hotspot.link_dir
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    with pytest.raises(TestNotAskedError):
        tests.ask()
    assert not tests.look().is_running


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"x" * (gate_test.MOST_BYTES + 10)])
def test_a_file_that_is_none_is_nothing(bench: Bench, content: bytes) -> None:
    bench.result.parent.mkdir(exist_ok=True)
    bench.result.write_bytes(content)
    assert bench.open().look().last is None


def test_findings_go_nowhere_else(bench: Bench, tmp_path: Path) -> None:
    """The folder is the gate's: what it puts there must not lead root's pen."""
    other = tmp_path / "other"
    other.write_text("kept")
    bench.result.parent.mkdir(exist_ok=True)
    bench.result.symlink_to(other)
    bench.result.with_name(f"{bench.result.name}.new").symlink_to(other)
    leaving.leave(leaving.told(WELL, AT), bench.result)
    assert other.read_text() == "kept"
    assert not bench.result.is_symlink()
    assert bench.result.stat().st_mode & 0o777 == 0o644
    assert len(list(bench.result.parent.glob(f"{bench.result.name}*"))) == 2


def test_the_moment_is_one_of_the_wire() -> None:
    assert gate_test.GateTest(
        at=believed().wire_at, verdict=gate_test.Sentence(en="", vi=""), found=()
    ).at.endswith("Z")
