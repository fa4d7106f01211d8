"""What the real gate finds out about its radio, as its unit runs it, and as the office's user reads it."""

import os
from contextlib import closing, contextmanager

import pytest

from appliance.config import loads
from appliance.hotspot.capability_file import POINTS, UNASKED
from appliance.office.gate_link import capabilities_of
from appliance.sockets import gate as messages
from appliance.sockets.abilities import FILE

OFFICE = 54_321
"""A user who is neither root nor the gate's, as the office's is."""


@contextmanager
def as_the_office():
    os.seteuid(OFFICE)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def town(build):
    town = build()
    town.folder.chmod(0o711)
    return town


def test_the_office_reads_what_the_gate_found_at_its_start_and_after_other_settings(town):
    config = town.config.read_text()
    settings = loads(config.replace("[hotspot]", f'[hotspot]\nsocket = "{town.socket}"', 1))
    path = town.socket.with_name(FILE)
    with as_the_office():
        found = capabilities_of(settings)
    assert (found.radio, found.interface, found.is_there, found.has_ap) == ("external", "wlan0", True, None)
    assert found.notes == (POINTS,)
    assert path.stat().st_mode & 0o777 == 0o644

    # What does not concern the radio is not looked at for.
    before = path.stat().st_ino
    apply(town, config.replace("quota_mib = 10", "quota_mib = 20"))
    assert path.stat().st_ino == before

    apply(town, config.replace('radio = "external"', 'radio = "usb"'))
    with as_the_office():
        found = capabilities_of(settings)
    # It is a cable, and says nothing as a radio.
    assert (found.radio, found.is_there, found.has_ap, found.notes) == ("usb", True, None, (UNASKED,))
    apply(town, config)
    with as_the_office():
        assert capabilities_of(settings).radio == "external"


def apply(town, config):
    town.config.write_text(config)
    with closing(town.line()) as line:
        assert isinstance(line.ask(messages.Apply), messages.Done)
