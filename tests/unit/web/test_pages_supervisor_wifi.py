"""The public WiFi of a day among the supervisor's figures."""

import html
import re
from pathlib import Path

import pytest
from sim_staff import SimStaff

from appliance.desk.commands import Record
from appliance.web.wifi import WifiLook
from appliance.wire.event import Draft


class NoGate:
    """A gate that is not there."""

    def look(self) -> WifiLook:
        return WifiLook(is_up=False, silent_s=0.0)


def told(staff: SimStaff) -> str:
    data = {
        "hour": "2026-11-23T07", "sessions": 12, "peak_clients": 7, "refused": 2,
        "bytes_down": 300 * 1_048_576, "bytes_up": 3 * 1_048_576,
    }  # fmt: skip
    staff.issue()
    staff.ask(Record(Draft("hotspot.usage", data)))
    staff.ask(Record(Draft("hotspot.usage", {"hour": "2026-11-23T06", "suppressed": True})))
    page = staff.client("supervisor").page("/supervisor?lang=en")
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(page)).split())


@pytest.mark.parametrize("days", ["", "?days=7", "?day=2026-11-23"])
def test_a_day_of_wifi_is_summed_up(tmp_path: Path, days: str) -> None:
    staff = SimStaff(tmp_path, "[hotspot]\nenabled = true\n", NoGate())  # type: ignore[arg-type]
    text = told(staff)
    if days:
        page = staff.client("supervisor").page(f"/supervisor{days}&lang=en")
        text = " ".join(re.sub(r"<[^>]+>", " ", html.unescape(page)).split())
    staff.close()
    assert "Most devices at once 7 Refused 2 Data to guests 300 MiB Data from guests 3.0 MiB" in text


def test_without_public_wifi_the_figures_say_nothing_of_it(staff: SimStaff) -> None:
    assert "WiFi" not in told(staff)
