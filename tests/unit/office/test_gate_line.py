"""The office's line to the gate: it gets its settings, an hour is recorded once, none is no trouble."""

import json
import socket
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

import pytest

from appliance.config import loads
from appliance.config.hotspot import Hotspot
from appliance.desk.commands import Record
from appliance.desk.errors import DeskBusyError
from appliance.desk.lanes import Lane
from appliance.office.gate_line import GateLine, publish
from appliance.sockets import gate
from appliance.wire.event import Draft
from appliance.wire.kinds import check_data

BASE = (Path(__file__).parents[1] / "config" / "base.toml").read_text(encoding="utf-8")
USAGE = gate.Usage(hour="2026-11-23T08", sessions=9, peak_clients=4, refused=1, bytes_down=10, bytes_up=5)
FEW = gate.Usage(hour="2026-11-23T09", suppressed=True)
WAIT_S = 20.0


class ScriptedDesk:
    """Takes commands, or is too busy for the first few."""

    def __init__(self, busy=0):
        self.busy = busy
        self.commands = []
        self.taken = threading.Event()

    def ask(self, command, lane):
        assert lane is Lane.PUBLIC
        if self.busy:
            self.busy -= 1
            raise DeskBusyError
        self.commands.append(command)
        self.taken.set()
        return Future()


class ScriptedGate:
    """Greets whoever calls and says what it is told to."""

    def __init__(self, path, *messages):
        self.heard, self.callers = [], 0
        self.messages = messages
        self._more = threading.Condition()
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as file:
                self.callers += 1
                for message in (gate.Hello(), *self.messages):
                    file.write(message.line())
                try:
                    file.flush()
                    while heard := file.readline():
                        with self._more:
                            self.heard.append(gate.asked_by_office(heard))
                            self._more.notify_all()
                except OSError:
                    pass

    def until(self, condition):
        with self._more:
            assert self._more.wait_for(lambda: condition(self.heard), WAIT_S)

    def close(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(WAIT_S)


@pytest.fixture
def settings(tmp_path):
    def made(more=""):
        table = f'[hotspot]\nlink_dir = "{tmp_path}"\nsocket = "{tmp_path}/gate.sock"\n{more}\n[hardware]'
        return loads(BASE.replace("[hardware]", table, 1))

    return made


@pytest.fixture
def stack():
    with ExitStack() as opened:
        yield opened


def test_the_gate_reads_back_what_the_office_wrote(settings, tmp_path):
    wanted = settings('enabled = true\nsecurity = "psk"\npassphrase = "hoabinh2026"\nhours = { sun = "" }')
    publish(wanted, tmp_path)

    path = tmp_path / gate.FILE
    rules = gate.Rules.of(path.read_bytes())

    assert Hotspot.model_validate_json(rules.hotspot) == wanted.hotspot
    assert rules.portal_port == wanted.portal.port
    assert path.stat().st_mode & 0o777 == 0o640
    assert set(json.loads(path.read_text())) == {"version", "hotspot", "portal_port"}


def test_nothing_is_put_up_without_wifi(settings, tmp_path):
    publish(settings(), tmp_path)
    assert list(tmp_path.iterdir()) == []
    publish(settings("enabled = true"), tmp_path)
    publish(settings(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_hour_is_recorded_under_its_own_request_and_answered(settings, tmp_path, stack):
    other_end = ScriptedGate(tmp_path / "gate.sock", USAGE, FEW)
    stack.callback(other_end.close)
    desk = ScriptedDesk()

    GateLine.open(settings("enabled = true"), desk, stack)
    other_end.until(lambda heard: len([each for each in heard if isinstance(each, gate.Taken)]) == 2)

    counts = {"sessions": 9, "peak_clients": 4, "refused": 1, "bytes_down": 10, "bytes_up": 5}
    assert desk.commands == [
        Record(Draft("hotspot.usage", {"hour": "2026-11-23T08", **counts}), "hotspot-2026-11-23T08"),
        Record(
            Draft("hotspot.usage", {"hour": "2026-11-23T09", "suppressed": True}), "hotspot-2026-11-23T09"
        ),
    ]
    for command in desk.commands:
        check_data(command.draft.kind, {**command.draft.data, "request": command.request})


def test_what_could_not_be_recorded_is_not_answered_and_comes_again(settings, tmp_path, stack):
    other_end = ScriptedGate(tmp_path / "gate.sock", USAGE)
    stack.callback(other_end.close)
    desk = ScriptedDesk(busy=1)
    line = GateLine.open(settings("enabled = true"), desk, stack)
    line.settings_changed(settings("enabled = true"))  # which calls again at once

    other_end.until(lambda heard: any(isinstance(each, gate.Taken) for each in heard))

    assert len(desk.commands) == 1
    assert other_end.callers >= 2


def test_other_settings_are_written_and_said(settings, tmp_path, stack):
    other_end = ScriptedGate(tmp_path / "gate.sock")
    stack.callback(other_end.close)
    line = GateLine.open(settings("enabled = true"), ScriptedDesk(), stack)
    other_end.until(bool)

    line.settings_changed(settings('enabled = true\nssid = "Khác"'))

    other_end.until(lambda heard: any(isinstance(each, gate.Apply) for each in heard))
    assert "Khác" in (tmp_path / gate.FILE).read_text(encoding="utf-8")


def test_without_a_gate_there_is_no_line_and_a_line_ends_though_nobody_is_there(settings, tmp_path, stack):
    lone = settings("enabled = true")
    line = GateLine.open(lone, ScriptedDesk(), stack)
    line.close()
    assert not [each for each in threading.enumerate() if each.name == "gate-line"]
    nowhere = loads(BASE.replace("[hardware]", f'[hotspot]\nlink_dir = "{tmp_path}/none"\n[hardware]', 1))
    assert GateLine.open(nowhere, ScriptedDesk(), stack) is None
