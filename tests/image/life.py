"""A box in the tests: a card, its lives in a machine, and what was acknowledged in all of them."""

import random
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cards
import house
import machine
from machine import Machine, Wires
from province import Province
from staff import Staff

READY_S = 240.0
until = partial(house.until, wait_s=READY_S, pause_s=0.25)
"""Wait for what a machine in emulation, or the province, comes to show."""


@dataclass(slots=True)
class Box:
    """See the module.

    Args:
        device: its id.
        card: the card that is in it.
        folder: for the files of its lives.
        acknowledged: every event that was seen outside, over all lives, as (epoch, seq) -> (kind, data).
        guest: the life that it is in.
        port: of loopback, where the staff app is found.
        lives: how many there were.
        code: of its label, for the first account.
    """

    device: str
    card: Path
    folder: Path
    acknowledged: dict[tuple[str, int], tuple[str, Any]] = field(default_factory=dict)
    guest: Machine | None = None
    port: int = 0
    lives: int = 0
    code: str = ""

    @classmethod
    def insert(cls, device: str, image: Path, folder: Path) -> "Box":
        """Put a card into a new box."""
        return cls(device, machine.insert(image, folder / "card"), folder)

    def switch_on(self, *, has_network: bool = True, **wires: Any) -> Machine:
        """Begin a life, with what is connected as :class:`Wires` names it; another one ends."""
        self.pull_the_plug()
        self.lives += 1
        self.port = house.free_port() if has_network else 0
        connected = Wires(staff_port=self.port or None, has_network=has_network, **wires)
        self.guest = Machine.start(self.card, self.folder / f"life-{self.lives}", connected)
        return self.guest

    def running(self) -> Machine:
        """Return the life that it is in."""
        assert self.guest is not None, "it is switched off"
        return self.guest

    def pull_the_plug(self) -> None:
        """End the life at once; what was acknowledged in it is remembered."""
        guest, self.guest = self.guest, None
        if guest is None:
            return
        guest.pull_the_plug()
        for event in guest.events():
            epoch, _, seq = event["id"].partition(":")
            self.acknowledged[epoch, int(seq)] = (event["kind"], event["data"])

    def staff(self, officer: str = "tuan") -> Staff:
        """Return somebody on the office LAN."""
        return Staff(self.port, officer)

    def missing_at(self, province: Province) -> list[tuple[str, int]]:
        """Return what was acknowledged and is not at the center, or is there otherwise."""
        stored = {
            (event["epoch"], event["seq"]): (event["kind"], event["data"])
            for events in province.stored(self.device).values()
            for event in events
        }
        return [key for key, what in self.acknowledged.items() if stored.get(key) != what]


def new_box(province: Province, image: Path, folder: Path, office: str | None = None) -> Box:
    """Return a box with a card of its own, as the technician's command leaves it.

    Args:
        province: where a claim is made for it.
        image: the card's image.
        folder: made.
        office: an office.toml that the technician brought, instead of the preset.
    """
    table = cards.make(province, image, folder / "table", cards.COMMUNES[:1])
    [device] = table.devices
    if office is not None:
        text = table.text(device).replace('preset = "small"', 'file = "office.toml"')
        table.put(device, "motcua.toml", text)
        table.put(device, "office.toml", office)
    box = Box.insert(device, table.image(device), folder / "box")
    box.code = table.code(device)
    return box


class Finger:
    """Somebody who presses one button after the other until told to stop.

    Args:
        guest: whose buttons.
        seed: of the choice and the pauses.
    """

    def __init__(self, guest: Machine, seed: int) -> None:
        self._guest, self._dice, self._told = guest, random.Random(seed), threading.Event()
        self._thread = threading.Thread(target=self._press, daemon=True)
        self.presses = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def go_on(self, for_s: float) -> None:
        """Let it press for so many seconds more."""
        self._thread.join(for_s)

    def stop(self) -> None:
        """Stop pressing, at once."""
        self._told.set()
        self._thread.join(10)

    def _press(self) -> None:
        with suppress(OSError, machine.NotSeenError):
            while not self._told.wait(self._dice.uniform(0.05, 0.5)):
                self._guest.press(self._dice.choice(list(machine.PINS)), 0.06)
                self.presses += 1


def health_with(staff: Staff, issue: str) -> dict[str, Any] | None:
    """Return what the box says of its health, if this is among it."""
    health: dict[str, Any] = staff.get("health")
    keys = [each["key"] for each in health["issues"]] + [each[0] for each in health["faults"]]
    return health if issue in keys else None
