"""The programs that a plan needs, as they are started, and where they and the gate keep their files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.hotspot.engines import Command
from appliance.hotspot.policy.dnsmasq import guests_conf, portal_conf
from appliance.hotspot.policy.hostapd import hostapd_conf
from appliance.hotspot.policy.plan import Plan
from appliance.hotspot.policy.radvd import radvd_conf

LEASES: Final = "leases"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the gate keeps its files: ``state`` outlives a reboot, ``run`` does not."""

    state: Path
    run: Path

    @property
    def leases(self) -> Path:
        """Dnsmasq's own file, alone in its folder, which is watched."""
        return self.run / "dhcp" / LEASES

    @property
    def hostapd(self) -> Path:
        """Folder of hostapd's control sockets, each named after its interface."""
        return self.run / "hostapd"


def commands(plan: Plan, places: Places) -> list[Command]:
    """Return the engines that a plan needs."""
    run = places.run
    found = [
        Command(
            "dnsmasq-guests",
            "dnsmasq",
            ("--keep-in-foreground", "--pid-file", f"--conf-file={run / 'guests.conf'}"),
            run / "guests.conf",
            guests_conf(plan, places.leases),
        ),
        Command(
            "dnsmasq-portal",
            "dnsmasq",
            ("--keep-in-foreground", "--pid-file", f"--conf-file={run / 'portal.conf'}"),
            run / "portal.conf",
            portal_conf(plan),
        ),
    ]
    if plan.prefix6 is not None:
        config, pid = run / "radvd.conf", run / "radvd.pid"
        arguments = ("--nodaemon", f"--config={config}", f"--pidfile={pid}", "--logmethod=stderr")
        found.append(Command("radvd", "radvd", arguments, config, radvd_conf(plan)))
    if plan.radio != "external":
        config = run / "hostapd.conf"
        found.append(
            Command("hostapd", "hostapd", (str(config),), config, hostapd_conf(plan, places.hostapd))
        )
    return found
