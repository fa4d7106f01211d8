"""The life of one box made from the image: switched on, pressed, unplugged, watched for a day, copied.

One story in the order of this file; the box and its card go from test to test.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cards
import pytest
from guest_presses import HALL
from life import Box, Finger, health_with, until
from machine import Machine, duplicate, read_fat
from province import Province, audit

from appliance.firstboot.steps import TAKEN_NAME
from center.store.records import DeviceState
from hardware.emulators.line import PtyLine
from hardware.emulators.panel import ModbusPanelEmulator
from provisioning.image import layout

PULLS = 5
MEMORY_MIB = 200  # of all units of ours and those that they need, idle
VISITS = 20
DAY_VISITS = 300
IDLE_S = 90  # three visits of the uplink
SETTLED_S = 10
DAY_MIB = 1024  # a 16 GiB card of a hundred cycles bears four years of it
SEED = 7
PANEL = 'rating_buttons = 1\npanel = { bus = "bang-led", unit = 1, digits = 4 }\n'
LINE = '\n[[hardware.buses]]\nid = "bang-led"\nport = "/dev/ttyS0"\nkind = "modbus"\n'
OWN_OFFICE = HALL.replace("rating_buttons = 1\n", PANEL) + LINE


@pytest.fixture(scope="module")
def table(image: Path, folder: Path, province: Province) -> cards.Cards:
    """One card, as the technician's command left it."""
    return cards.make(province, image, folder / "table", cards.COMMUNES[:1])


@pytest.fixture(scope="module")
def office(table: cards.Cards, folder: Path) -> Iterator[Box]:
    """A box whose technician brought an office.toml for the panel on its serial line."""
    (device,) = table.devices
    text = re.sub(r"\[office\]\npreset = .*\n", '[office]\nfile = "office.toml"\n', table.text(device))
    table.put(device, "motcua.toml", text)
    table.put(device, "office.toml", OWN_OFFICE)
    box = Box.insert(device, table.image(device), folder / "office")
    yield box
    box.pull_the_plug()


@pytest.fixture(scope="module")
def copy(office: Box, folder: Path) -> Iterator[Box]:
    """A box for a copy of the office's card, which is made on the way."""
    box = Box(office.device, folder / "copy" / office.card.name, folder / "restored")
    yield box
    box.pull_the_plug()


def test_a_press_becomes_a_receipt(
    office: Box, table: cards.Cards, province: Province, figures: dict[str, Any], folder: Path
) -> None:
    with PtyLine.open(folder / "panel") as line:
        panel = ModbusPanelEmulator.open(line, unit=1, digits=4)
        guest = office.switch_on(serial=line.path)
        guest.wait_for(r"Started .*motcua-office\.service")
        figures["power_to_office_s"] = round(guest.age_s(), 1)
        guest.said("snapshot")
        guest.press("issue.1")
        _, issued = guest.event("ticket.issued")
        figures["power_to_first_ticket_s"] = round(guest.age_s(), 1)
        assert issued["data"]["source"] == "button"
        guest.wait_for(r"Reached target .*multi-user\.target")

        staff = office.staff()
        staff.set_up(table.code(office.device))
        staff.add_officer("lan")
        lan = office.staff("lan")
        lan.sign_in()
        lan.do("counters/quay-1/open")
        lan.do("counters/quay-1/call-next")
        label = issued["data"]["label"]
        shown = until(lambda: panel.text().strip(), "a number on the panel")
        assert shown.endswith(label[1:].lstrip("0")) or shown == label, (shown, label)
        lan.do("counters/quay-1/start")
        for level in (1, 2, 3):
            seen = len(guest.events())
            guest.press(f"rating.1.{level}")
            _, rating = guest.event("rating.given", after=seen, level=level, source="gpio")
            assert rating["data"]["ticket"] == issued["data"]["ticket"]
        seq = int(rating["id"].partition(":")[2])
        health = until(lambda: _receipted(staff.get("health"), seq), "a receipt for the rating")
        assert not health["faults"], health
        events = [event for epoch in province.stored(office.device).values() for event in epoch]
        assert rating["data"] in [event["data"] for event in events if event["kind"] == "rating.given"]
        figures["times_ms"] = guest.said("times")
        figures["memory_bytes"] = guest.said("memory")
        assert sum(figures["memory_bytes"].values()) < MEMORY_MIB << 20
        figures["exposure"] = guest.said("exposure")
        figures["meminfo_kib"] = guest.said("meminfo")
        assert guest.said("failed") == []
        assert guest.said("root_read_only") is True
        assert guest.said("phones") == 200
        assert guest.said("data") > 10 * (layout.DATA.size_mib << 20)
        staff.close()
        lan.close()
        office.pull_the_plug()
    result = read_fat(office.card, "KETQUA.txt")
    assert "KẾT QUẢ: ĐÃ THIẾT LẬP" in result, result
    left = read_fat(office.card, TAKEN_NAME)
    assert "claim" not in left
    assert "code_hash" not in left
    assert read_fat(office.card, "motcua.toml") == ""


def test_a_pulled_plug_loses_no_press(
    office: Box, copy: Box, province: Province, figures: dict[str, Any]
) -> None:
    dice = random.Random(SEED)
    presses = []
    ready = []
    for life in range(PULLS):
        guest = office.switch_on()
        guest.said("snapshot")
        ready.append(round(guest.age_s(), 1))
        finger = Finger(guest, SEED + life)
        finger.start()
        guest.event("rating.given")
        finger.go_on(dice.uniform(2, 15))
        office.pull_the_plug()
        finger.stop()
        presses.append(finger.presses)
    figures["power_to_office_again_s"] = ready
    figures["plug_pulls"] = {"pulls": PULLS, "presses": presses, "acknowledged": len(office.acknowledged)}
    # The copy of an older card, for later.
    copied = duplicate(office.card, copy.card.parent)
    assert copied == copy.card
    guest = office.switch_on()
    guest.said("snapshot")
    guest.press("rating.1.2")
    guest.event("rating.given")
    until(lambda: not office.missing_at(province), "the acknowledged events at the center")
    assert len(province.stored(office.device)) == 1, "a pulled plug is no reason for a new epoch"
    for events in province.stored(office.device).values():
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_a_day_is_little_for_a_card(office: Box, figures: dict[str, Any]) -> None:
    """What an idle hour and a visit write, put together to a day of many visits."""
    guest = office.running()
    lan = office.staff("lan")
    lan.sign_in()
    lan.do("counters/quay-1/open")
    guest.said("memory")  # the start is over
    begun = _written(guest, guest.said("written")["up_s"] + 1)
    idle = _written(guest, begun["up_s"] + IDLE_S)
    seen = len(guest.events())
    for _ in range(VISITS):
        guest.press("issue.1")
        seen, _ = guest.event("ticket.issued", after=seen)
        for step in ("call-next", "start"):
            lan.do(f"counters/quay-1/{step}")
        guest.press("rating.1.2")
        guest.event("rating.given", after=seen)
        lan.do("counters/quay-1/complete", stage=None)
    done = _written(guest, guest.said("written")["up_s"] + SETTLED_S)
    lan.close()
    idle_rate = (idle["bytes"] - begun["bytes"]) / (idle["up_s"] - begun["up_s"])
    visits = done["bytes"] - idle["bytes"] - idle_rate * (done["up_s"] - idle["up_s"])
    day = idle_rate * 86_400 + max(0.0, visits) / VISITS * DAY_VISITS
    figures["written"] = {
        "idle_kib_an_hour": round(idle_rate * 3600 / 1024),
        "kib_a_visit": round(visits / VISITS / 1024, 1),
        "visits_a_day": DAY_VISITS,
        "mib_a_day": round(day / 2**20, 1),
    }
    assert day < DAY_MIB << 20, figures["written"]


def test_a_restored_card_opens_a_new_epoch_and_a_cloned_one_is_quarantined(
    office: Box, copy: Box, province: Province
) -> None:
    (first,) = province.stored(office.device)
    # The original went on after it was copied, and the center knows.
    guest = office.running()
    last = int(guest.events()[-1]["id"].partition(":")[2])
    until(lambda: last <= len(province.stored(office.device)[first]), "all its events")
    office.pull_the_plug()
    try:
        guest = copy.switch_on()
        guest.said("snapshot")
        guest.press("rating.1.1")
        guest.event("rating.given")
        until(lambda: len(province.stored(office.device)) == 2, "a new epoch of the restored card")
        (second,) = set(province.stored(office.device)) - {first}
        begun = until(lambda: province.stored(office.device)[second], "its first events")
        assert (begun[0]["kind"], begun[0]["data"]["source"]) == ("day.opened", "epoch")
        until(
            lambda: [
                each
                for each in province.stored(office.device)[second]
                if each["kind"] == "device.fault" and each["data"]["issue"] == "rolled_back"
            ],
            "the fault",
        )
        assert len(province.center.store.evidence(office.device)) == 1

        # The original comes back while the copy runs: two boxes with one key.
        copy.pull_the_plug()
        guest = office.switch_on()
        guest.said("snapshot")
        guest.press("rating.1.3")
        guest.event("rating.given")
        until(
            lambda: province.center.store.device(office.device).state is DeviceState.QUARANTINED,
            "the quarantine",
        )
        staff = office.staff()
        staff.sign_in()
        until(lambda: health_with(staff, "key_refused"), "the refused key in health")
        seen = len(guest.events())
        guest.press("rating.1.2")
        guest.event("rating.given", after=seen)
        staff.close()
        assert "quarantine" in audit(province, office.device)
    finally:
        office.pull_the_plug()
        copy.pull_the_plug()


def _written(guest: Machine, since_s: float) -> dict[str, float]:
    """Return what had been written to the data partition at the first look after an uptime, in seconds."""
    return until(
        lambda: next(
            (each for name, each in guest.lines() if name == "written" and each["up_s"] >= since_s), None
        ),
        "a look at what was written",
    )


def _receipted(health: dict[str, Any], seq: int) -> dict[str, Any] | None:
    return health if any(mark["upto"] >= seq for mark in health["uplink"]["marks"]) else None
