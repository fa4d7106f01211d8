"""The public WiFi of the box that is looked over: its gate, its radio and what the settings want of both."""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from appliance.config import Settings
from appliance.doctor.finding import Both
from appliance.doctor.machine import Machine
from appliance.hotspot.capabilities import Radio, radio_of
from appliance.hotspot.firmware import firmware_of
from appliance.hotspot.policy.plan import Abilities, Plan, planned
from appliance.hotspot.portal_check import portal_is_secure
from appliance.sockets import gate
from appliance.sockets.errors import BadLineError
from appliance.sockets.lines import MOST_LINE

ANSWER_S: Final = 5.0
MOST_LINES: Final = 1_000
"""Before the answer; the gate first tells every hour that was not recorded yet."""
OFF: Final = Both("the settings want no public WiFi", "cài đặt không bật WiFi công cộng")
SILENT: Final = Both("the gate does not answer", "bộ phận WiFi không trả lời")


def office_networks(plan: Plan) -> tuple[str, ...]:
    """Return the networks on the office's own links.

    Raises:
        OSError: the kernel does not say.
    """
    from appliance.hotspot import links

    return links.office_networks(plan)


def is_secure(plan: Plan) -> bool:
    """Return whether the portal's https is what phones accept; blocks for a few seconds at most."""
    return asyncio.run(portal_is_secure(plan))


@dataclass(frozen=True, slots=True)
class AroundWifi:
    """What a doctor asks of the public WiFi's surroundings; tests bring their own.

    Args:
        office_networks: tells the networks on the office's links.
        is_secure: asks the portal as a phone does.
        firmware: tells what an interface's driver calls its firmware.
    """

    office_networks: Callable[[Plan], tuple[str, ...]] = field(default=office_networks)
    is_secure: Callable[[Plan], bool] = field(default=is_secure)
    firmware: Callable[[str], str | None] = field(default=firmware_of)


@dataclass(frozen=True)
class PublicWifi:
    """A public WiFi that the settings want.

    Args:
        settings: that want it.
        machine: what the kernel shows.
        may_ask: whether the gate answers whoever asks now.
        around: the rest.
    """

    settings: Settings
    machine: Machine
    may_ask: bool
    around: AroundWifi

    @property
    def socket(self) -> Path:
        """Where the gate answers."""
        return self.settings.hotspot.socket

    @property
    def plan(self) -> Plan:
        """What shall be; of the radio the best is supposed, other checks look at it."""
        return planned(self.settings.hotspot, self.settings.portal.port, Abilities(owe=True))

    @cached_property
    def counts(self) -> gate.Counts | None:
        """What the gate counts now; None when it does not answer.

        Raises:
            PermissionError: it is there and answers others only.
        """
        if not self.may_ask and self.socket.exists():
            raise PermissionError(13, "Permission denied", str(self.socket))
        return counts(self.socket)

    @cached_property
    def phy(self) -> str | None:
        """What ``iw`` says of the radio; None where it says nothing."""
        name = self.machine.text(f"/sys/class/net/{self.settings.hotspot.interface}/phy80211/name")
        return None if name is None else self.machine.programs.run("iw", "phy", name.strip(), "info")

    @property
    def radio(self) -> Radio | None:
        """The radio as it describes itself; None where it does not."""
        if self.phy is None:
            return None
        interface = self.settings.hotspot.interface
        driver = self.machine.at(f"/sys/class/net/{interface}/device/driver").resolve().name
        return radio_of(interface, driver, self.phy, self.around.firmware(interface))


def counts(path: Path) -> gate.Counts | None:
    """Ask a gate what it counts now; None when it does not say, or not within seconds."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_S)
            line.connect(str(path))
            line.sendall(gate.Hello().line() + gate.CountsNow(id=1).line())
            with line.makefile("rb") as answers:
                beats = 0
                for _ in range(MOST_LINES):
                    match gate.told(answers.readline(MOST_LINE + 1)):
                        case gate.Counts() as found:
                            return found
                        case gate.Refused():
                            return None
                        case gate.Beat():
                            beats += 1
                        case _:
                            pass
                    if beats > 1:  # it is there, and does not come to answering
                        return None
    except (OSError, BadLineError):
        return None
    return None


def may_ask(office_uid: int) -> bool:
    """Whether a gate answers this process: it must be root's or the office's."""
    return os.geteuid() in {0, office_uid}
