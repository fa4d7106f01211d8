"""hostapd's configuration: one network, stations kept apart, no promise that the radio cannot keep."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.hotspot.policy.plan import Plan

LAST_2_4_GHZ: Final = 14


def hostapd_conf(plan: Plan, control: Path) -> str:
    """Return the configuration.

    Args:
        plan: what is wanted; one with a radio of the box.
        control: directory for the control socket.
    """
    return "\n".join((*_lines(plan, control), ""))


def _lines(plan: Plan, control: Path) -> Iterator[str]:
    is_fast = plan.channel > LAST_2_4_GHZ
    yield f"interface={plan.guest}"
    yield "driver=nl80211"
    yield f"ctrl_interface={control}"
    # It would write down every device that comes and goes.
    yield "logger_syslog=0"
    # Hex, because a name may hold quotes, spaces and letters with marks.
    yield f"ssid2={plan.ssid.encode().hex()}"
    yield "utf8_ssid=1"
    yield f"country_code={plan.country}"
    yield "ieee80211d=1"
    yield f"hw_mode={'a' if is_fast else 'g'}"
    yield f"channel={plan.channel}"
    yield "wmm_enabled=1"
    yield "ieee80211n=1"
    if is_fast:
        yield "ieee80211ac=1"
    # One more is refused by hostapd, cleanly; the firmware would take it and then drop others.
    yield f"max_num_sta={min(plan.max_stations, 2007)}"
    yield "ap_isolate=1"
    yield "disassoc_low_ack=0"
    yield "auth_algs=1"
    match plan.security:
        case "open":
            yield "wpa=0"
        case "owe":
            yield "wpa=2"
            yield "wpa_key_mgmt=OWE"
            yield "rsn_pairwise=CCMP"
            yield "ieee80211w=2"
        case "psk":
            yield "wpa=2"
            yield "rsn_pairwise=CCMP"
            yield f"wpa_passphrase={plan.passphrase}"
            # On the Pi's own radio protected management frames drop clients: raspberrypi/linux issue 3619.
            yield f"wpa_key_mgmt=WPA-PSK{' SAE' if plan.abilities.sae else ''}"
            yield f"ieee80211w={1 if plan.abilities.sae else 0}"
