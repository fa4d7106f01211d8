"""The supplicant reads what a first start writes, and no boot waits for a radio."""

import configparser

import pytest

from appliance.firstboot.network import SUPPLICANT
from provisioning.image.packages import PROFILES
from provisioning.image.texts import KEPT
from provisioning.image.tree import ENABLED, MASKED

UNIT = "motcua-wifi.service"
DEVICE = "sys-subsystem-net-devices-wlan0.device"


@pytest.fixture
def unit(root) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string((root / "systemd" / UNIT).read_text("utf-8"))
    return parser


def test_it_reads_the_file_of_the_first_start_and_runs_only_where_there_is_one(unit):
    path = f"{KEPT['network']}/{SUPPLICANT}"
    assert unit["Unit"]["ConditionPathExists"] == path
    command = unit["Service"]["ExecStart"].split()
    assert command == ["/usr/sbin/wpa_supplicant", "-i", "wlan0", "-D", "nl80211", "-c", path]
    assert "motcua-firstboot.service" in unit["Unit"]["After"].split()


def test_the_radio_starts_it_and_nothing_waits_for_it(unit):
    assert dict(unit["Install"]) == {"WantedBy": DEVICE}
    assert unit["Unit"]["BindsTo"] == DEVICE
    assert not {"Before", "Requires", "Wants"} & set(unit["Unit"])
    assert all(UNIT in units for units in ENABLED.values())


def test_it_goes_on_for_ever_and_may_do_little(unit):
    assert (unit["Unit"]["StartLimitIntervalSec"], unit["Service"]["Restart"]) == ("0", "always")
    assert unit["Service"]["CapabilityBoundingSet"].split() == ["CAP_NET_ADMIN", "CAP_NET_RAW"]
    assert unit["Service"]["ProtectSystem"] == "strict"


def test_the_program_is_on_every_box_and_debian_s_own_unit_is_not_run():
    assert all("wpasupplicant" in packages for packages in PROFILES.values())
    assert "wpa_supplicant.service" in MASKED
