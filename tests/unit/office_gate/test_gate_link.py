"""The line to the gate: settings, counts, hours recorded once, and a gate that dies, lies or is deaf."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from sim_desk import SimBox
from sim_gate import CLIENTS, SimGate, counts, office_text

from appliance.config import Settings, loads
from appliance.config.hotspot import Hotspot
from appliance.desk.commands import LeaveEpoch
from appliance.hotspot.capability_file import leave, look_at
from appliance.hotspot.running import wanted
from appliance.journal.source import sources
from appliance.office import gate_link
from appliance.office.gate_link import GateLink
from appliance.office.gate_rules import publish, rules_of
from appliance.office.usage import recorded_hours
from appliance.queueing.commands import CloseDay, IssueTicket
from appliance.sockets import abilities, gate
from appliance.web.wifi import GateAwayError, GateRefusedError

WAIT_S = 60.0
FULL = gate.Usage(
    hour="2026-11-23T07", sessions=12, peak_clients=7, refused=2, bytes_down=9_000_000, bytes_up=700_000
)
FEW = gate.Usage(hour="2026-11-23T06", suppressed=True)


class Side:
    """The office's side: settings that change, and a link over them."""

    def __init__(self, box: SimBox, far: SimGate) -> None:
        self.box, self.far = box, far
        self.settings = self.read()
        self.link: GateLink | None = None

    def read(self, *, enabled: bool = True, ssid: str = "WiFi") -> Settings:
        return loads(office_text(self.far.folder, enabled=enabled, ssid=ssid))

    def open(self) -> GateLink:
        self.link = GateLink.open(self.box.folder, self.box.desk, lambda: self.settings)
        return self.link

    def close(self) -> None:
        if self.link is not None:
            self.link.close()

    def change(self, **more: Any) -> None:
        assert self.link is not None
        self.settings = self.read(**more)
        self.link.settings_changed()

    def hours(self) -> list[dict[str, Any]]:
        """Return what the journal holds of the public WiFi, in order."""
        lines = [line for source in sources(self.box.folder) for line in source.all_lines()]
        events = [orjson.loads(line) for line in lines]
        return [event["data"] for event in events if event["kind"] == "hotspot.usage"]


@pytest.fixture
def side(box: SimBox, far: SimGate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Side]:
    for name, value in (("POLL_S", 0.05), ("FIRST_RETRY_S", 0.02), ("LAST_RETRY_S", 0.05), ("AGAIN_S", 0.05)):
        monkeypatch.setattr(gate_link, name, value)
    subject = Side(box, far)
    yield subject
    subject.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait until another thread has brought something about."""
    pause = threading.Event()
    for _ in range(int(WAIT_S / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError


def test_the_settings_come_whole_through_the_file(side: Side) -> None:
    settings = side.settings
    assert Hotspot.model_validate_json(rules_of(settings).hotspot) == settings.hotspot


def test_the_gate_reads_what_the_office_leaves(far: SimGate, tmp_path: Path) -> None:
    text = office_text(far.folder, ssid="WiFi xã") + "[portal]\nport = 8085\n"
    (tmp_path / "office.toml").write_text(text, "utf-8")
    publish(loads(text))
    left = wanted(far.folder / gate.FILE)
    assert left is not None
    assert (left.hotspot.ssid, left.portal_port) == ("WiFi xã", 8085)
    assert left == wanted(tmp_path / "office.toml")


def test_of_settings_without_public_wifi_the_gate_finds_none(side: Side, far: SimGate) -> None:
    publish(side.read())
    publish(side.read(enabled=False))
    assert wanted(far.folder / gate.FILE) is None


def test_settings_are_applied_at_the_start_and_after_each_change(side: Side, far: SimGate) -> None:
    far.open()
    side.open()
    far.until(lambda it: [each.ssid for each in it.applied] == ["WiFi"])
    side.change(ssid="WiFi xã")
    far.until(lambda it: [each.ssid for each in it.applied] == ["WiFi", "WiFi xã"])


def test_counts_are_there_for_pages_and_how_fast_the_line_is(side: Side, far: SimGate) -> None:
    far.open()
    link = side.open()
    until(lambda: link.look().counts is not None)
    assert link.look().is_up
    far.counts = counts(bytes_down=far.counts.bytes_down + 1_000_000, open=18)
    until(lambda: (link.look().down_bps or 0) > 0)
    assert link.look().counts is not None
    assert link.look().up_bps == 0


def test_a_gate_that_is_not_there_is_silent_and_found_later(side: Side, far: SimGate) -> None:
    link = side.open()
    assert not link.look().is_up
    with pytest.raises(GateAwayError):
        link.clients()
    far.open()
    until(lambda: link.look().is_up)
    far.close()
    until(lambda: not link.look().is_up)
    assert link.look().counts is None
    far.open()
    far.until(lambda it: len(it.applied) == 2)
    assert link.look().silent_s < WAIT_S


def test_who_is_there_and_blocking_by_handles(side: Side, far: SimGate) -> None:
    far.clients = [
        CLIENTS[0].model_copy(update={"handle": f"aaaaaa{first}{second}"})
        for first, second in itertools.product("bcdefghijk", "abcdefghijklmn")
    ]
    far.open()
    link = side.open()
    until(lambda: link.look().is_up)
    assert len(link.clients()) == 140
    far.clients = list(CLIENTS)
    link.block("k3fwq2ab", 30)
    far.until(lambda it: any(each.op == "block" for each in it.asked))
    assert link.clients()[0].state == "blocked"
    link.unblock("k3fwq2ab")
    assert link.clients()[0].state == "open"
    with pytest.raises(GateRefusedError, match="no device"):
        link.block("aaaaaaaa", 5)


def test_an_hour_is_recorded_and_only_then_answered(side: Side, far: SimGate) -> None:
    far.open()
    far.waiting = {FULL.hour: FULL}
    side.open()
    far.until(lambda it: it.taken == [FULL.hour])
    (data,) = side.hours()
    request = data.pop("request")
    assert request == "hotspot.usage-2026-11-23T07"
    assert data == {
        "hour": "2026-11-23T07", "sessions": 12, "peak_clients": 7, "refused": 2,
        "bytes_down": 9_000_000, "bytes_up": 700_000,
    }  # fmt: skip


def test_too_few_sessions_are_not_counted_whatever_the_gate_says(side: Side, far: SimGate) -> None:
    far.open()
    far.waiting = {
        FEW.hour: FEW,
        FULL.hour: FULL.model_copy(update={"sessions": 4}),
    }
    side.open()
    far.until(lambda it: len(it.taken) == 2)
    assert [(each["hour"], each["suppressed"], len(each)) for each in side.hours()] == [
        ("2026-11-23T06", True, 3),
        ("2026-11-23T07", True, 3),
    ]


def test_the_same_hour_again_is_one_event_within_a_life(side: Side, far: SimGate) -> None:
    far.open()
    side.open()
    far.until(lambda it: it.greetings == 1)
    far.tell(FULL)
    far.until(lambda it: len(it.taken) == 1)
    far.tell(FULL.model_copy(update={"sessions": 99}))
    far.until(lambda it: len(it.taken) == 2)
    far.close()
    far.waiting = {FULL.hour: FULL}
    far.open()
    far.until(lambda it: len(it.taken) == 3)
    assert [each["sessions"] for each in side.hours()] == [12]


def test_the_same_hour_again_is_one_event_across_a_restart_and_a_day(
    side: Side, far: SimGate, box: SimBox
) -> None:
    box.desk.ask(IssueTicket(service="ho-tich"))
    far.open()
    far.waiting = {FULL.hour: FULL}
    side.open()
    far.until(lambda it: len(it.taken) == 1)
    side.close()
    # The next day's fold begins at its opening: the desk does not remember the request any more.
    box.desk.ask(CloseDay(officer=None, source="command"))
    box.time.advance(86_400_000)
    box.desk.ask(IssueTicket(service="ho-tich"))
    assert box.desk.state.hall.day == "2026-11-24"
    box.stop()
    box.start()
    assert box.desk.state.answer_to("hotspot.usage-2026-11-23T07") is None
    far.waiting = {FULL.hour: FULL}
    side.open()
    far.until(lambda it: len(it.taken) == 2)
    assert len(side.hours()) == 1


def test_hours_of_an_epoch_that_was_set_aside_are_known(side: Side, far: SimGate, box: SimBox) -> None:
    far.open()
    far.waiting = {FULL.hour: FULL}
    side.open()
    far.until(lambda it: len(it.taken) == 1)
    first = box.desk.state.epoch
    box.ask(LeaveEpoch(box.mark(box.desk.state.seq)))
    assert box.desk.state.epoch != first
    assert recorded_hours(box.folder, date(2026, 11, 23)) == {FULL.hour}


def test_an_hour_that_cannot_be_recorded_is_not_answered_until_it_can(side: Side, far: SimGate) -> None:
    """The desk is closed when the hour comes; a gate that is not answered says it again."""
    far.open()
    link = side.open()
    until(lambda: link.look().is_up)
    side.box.stop()
    far.tell(FULL)
    asked = len(far.asked)
    far.until(lambda it: len(it.asked) > asked + 3)
    assert far.taken == []
    assert link.look().is_up
    side.close()
    side.box.start()
    side.open()
    far.until(lambda it: it.taken == [FULL.hour])
    assert len(side.hours()) == 1


def test_without_public_wifi_there_is_no_line_and_no_file(side: Side, far: SimGate) -> None:
    side.settings = side.read(enabled=False)
    link = side.open()
    far.open()
    side.change(enabled=False, ssid="x")
    pause = threading.Event()
    pause.wait(0.2)
    assert (far.greetings, link.look().is_up) == (0, False)
    assert not (far.folder / gate.FILE).exists()
    side.change(enabled=True)
    far.until(lambda it: len(it.applied) == 1)


def test_a_gate_is_told_that_it_is_over_and_then_left_alone(side: Side, far: SimGate) -> None:
    far.open()
    link = side.open()
    far.until(lambda it: len(it.applied) == 1)
    side.change(enabled=False)
    far.until(lambda it: len(it.applied) == 2 and not it.applied[1].enabled)
    until(lambda: not link.look().is_up)
    assert far.greetings == 1


@pytest.mark.parametrize("is_file_gone", [False, True], ids=["at once", "an office that died before it told"])
def test_a_gate_of_an_earlier_life_is_told_that_it_is_over(
    side: Side, far: SimGate, *, is_file_gone: bool
) -> None:
    far.open()
    side.open()
    far.until(lambda it: len(it.applied) == 1)
    side.close()
    side.settings = side.read(enabled=False)
    if is_file_gone:
        publish(side.settings)
        assert not (far.folder / gate.FILE).exists()
    side.open()
    far.until(lambda it: len(it.applied) == 2 and not it.applied[1].enabled)


def test_settings_that_the_gate_refuses_are_said(side: Side, far: SimGate) -> None:
    far.refusal = ("wlan0 cannot do owe", "wlan0 không hỗ trợ owe")
    far.open()
    link = side.open()
    until(lambda: link.look().refusal is not None)
    refusal = link.look().refusal
    assert refusal is not None
    assert (refusal.en, refusal.vi) == ("wlan0 cannot do owe", "wlan0 không hỗ trợ owe")
    far.refusal = None
    side.change(ssid="other")
    until(lambda: link.look().refusal is None)


def test_a_folder_that_cannot_be_written_is_said(side: Side, far: SimGate) -> None:
    far.folder.joinpath("file").write_text("")
    side.settings = loads(office_text(far.folder / "file" / "below"))
    link = side.open()
    refusal = link.look().refusal
    assert refusal is not None
    assert "could not be left" in refusal.en


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b'{"op":"door"}\n', b"x" * 20_000 + b"\n"], ids=["no json", "strange", "long"]
)
def test_a_gate_that_says_nonsense_is_left_and_found_again(side: Side, far: SimGate, line: bytes) -> None:
    far.open()
    link = side.open()
    far.until(lambda it: it.greetings == 1)

    class Nonsense:
        def line(self) -> bytes:
            return line

    far.say(Nonsense())  # type: ignore[arg-type]
    far.until(lambda it: it.greetings == 2)
    until(lambda: link.look().is_up)


def test_deaths_and_conflicts_are_remembered_for_an_hour(side: Side, far: SimGate) -> None:
    far.open()
    link = side.open()
    until(lambda: link.look().counts is not None)
    dying = gate.Engine(name="hostapd", standing="restarting", restarts=4)
    far.counts = counts(engines=[dying], conflicts=2)
    until(lambda: link.look().deaths == {"hostapd": 4})
    far.counts = counts(engines=[dying])
    until(lambda: link.look().counts is not None and link.look().counts.conflicts == 0)  # type: ignore[union-attr]
    assert link.look().conflicts == 2


def test_capabilities_are_what_the_gate_left(side: Side, far: SimGate) -> None:
    link = side.open()
    assert link.capabilities() is None
    found = abilities.Capabilities(
        at="2026-11-23T01:00:00.000000Z", radio="usb", interface="wlan1", driver="mt76x2u", is_there=True,
        most_clients=None, bands=("2.4", "5"), isolation=True, wpa3=True,
        has_ap=True, owe=False, shaper="cake",
        announces_portal=True, notes=(abilities.Note(en="a", vi="b"),),
    )  # fmt: skip
    path = far.folder / abilities.FILE
    leave(found, path)  # as the gate does it
    assert link.capabilities() == found
    path.write_bytes(b"{}")
    assert link.capabilities() is None


def test_what_the_gate_finds_out_about_a_box_is_what_the_office_reads(side: Side, far: SimGate) -> None:
    for wanted_ in (Hotspot(interface="wlan9"), Hotspot(interface="lo", radio="external"), Hotspot()):
        found = asyncio.run(look_at(wanted_, "2026-11-23T01:00:00.000000Z")).capabilities
        leave(found, far.folder / abilities.FILE)
        assert side.open().capabilities() == found
        side.close()


def test_closing_twice_is_closing_once(side: Side, far: SimGate) -> None:
    far.open()
    link = side.open()
    link.close()
    link.close()
    with pytest.raises(GateAwayError):
        link.clients()


def test_a_gate_that_is_gone_owes_nothing(side: Side, far: SimGate) -> None:
    far.open()
    side.open()
    far.until(lambda it: len(it.applied) == 1)
    far.close()
    side.change(enabled=False)
    pause = threading.Event()
    pause.wait(0.2)
    far.open()
    pause.wait(0.2)
    assert far.greetings == 1


def test_a_changed_policy_reaches_the_gate_without_anybody_saying_so(
    side: Side, far: SimGate, tmp_path: Path
) -> None:
    policy = tmp_path / "retention.toml"
    text = office_text(far.folder)
    side.settings = loads(f'{text}retention_file = "{policy}"\n')
    far.open()
    side.open()
    far.until(lambda it: len(it.applied) == 1)

    policy.write_text("months = 12", "utf-8")

    far.until(lambda it: len(it.applied) >= 2)
    told = gate.Retention.of((far.folder / gate.RETENTION_FILE).read_bytes())
    assert told.policy == "months = 12"
