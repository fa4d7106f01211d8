"""Writes what the gate renders from a few plans; part of ``make golden``."""

from pathlib import Path

from appliance.config.hotspot import Hotspot
from appliance.hotspot.policy.dnsmasq import guests_conf, portal_conf
from appliance.hotspot.policy.elements import Lease, closed, leased, office_networks, opened, owned
from appliance.hotspot.policy.hostapd import hostapd_conf
from appliance.hotspot.policy.plan import Abilities, Plan, Surroundings, planned
from appliance.hotspot.policy.radvd import radvd_conf
from appliance.hotspot.policy.ruleset import ruleset, shut
from appliance.hotspot.policy.shaping import KERNELS, PLAIN, Kernel, Queue, Tree, trees
from appliance.hotspot.policy.together import classid

HERE = Path(__file__).parent
MAC = "02:00:00:00:00:01"
RUN = Path("/run/motcua-hotspot")


def _hotspot(**settings: object) -> Hotspot:
    return Hotspot.model_validate({"enabled": True, **settings}, strict=False)


def plans() -> dict[str, Plan]:
    """Return the plans by name."""
    small = planned(_hotspot(ipv6="off", subnet="192.168.44.0/28", max_clients=8), 8081)
    town = planned(
        _hotspot(
            radio="usb",
            interface="wlan1",
            security="psk",
            passphrase="hoa binh 2026",  # noqa: S106 - nobody's
            ssid="WiFi xã Hòa Bình",
            channel=36,
            quota_class="slow",
            all_down_kbps=20_000,
            all_up_kbps=8_000,
            classes=[
                {"id": "basic", "down_kbps": 5000, "up_kbps": 2000},
                {"id": "slow", "down_kbps": 256, "up_kbps": 256},
            ],
            walled_garden=["dichvucong.gov.vn"],
            private_networks=["113.160.0.0/16", "2405:4800:1::/48"],
            portal_name="wifi.hoabinh.example.vn",
            certificate="/etc/motcua/wifi.pem",
            key="/etc/motcua/wifi.key",
        ),
        8081,
        Abilities(clients=64, owe=True, sae=True, announces_portal=True),
        Surroundings(resolvers=("203.113.131.1", "2001:ee0::53"), portal_is_secure=True),
    )
    points = planned(
        _hotspot(
            radio="external",
            interface="eth0",
            vlan=20,
            ipv6="routed",
            prefix6="2405:4800:2::/64",
            line_down_kbps=50_000,
            line_up_kbps=10_000,
            office_share_percent=60,
        ),
        80,
        surroundings=Surroundings(has_ipv6=False),
    )
    owe = planned(_hotspot(radio="usb", security="owe"), 8081, Abilities(owe=True))
    return {"small": small, "town": town, "points": points, "owe": owe}


def _queue(queue: Queue) -> str:
    options = "".join(f" {name} {value}" for name, value in queue.options)
    return f"{classid(queue.handle, 0)[:-1]} {queue.kind}{options}"


def queues(tree: Tree) -> list[str]:
    """Return a tree for people, much as tc says it; rates are bytes in a second."""
    lines = [f"{tree.interface} root {_queue(tree.root)}"]
    for share in tree.shares:
        parent, own = (classid(each, each & 0xFFFF) for each in (share.parent, share.handle))
        rates = f"rate {share.rate} ceil {share.ceil} burst {share.burst} prio {share.priority}"
        lines.append(f"  class {own} parent {parent.removesuffix(':0')} {rates}")
        if share.leaf is not None:
            lines.append(f"    leaf {_queue(share.leaf)}")
    return lines


def shaped(plan: Plan, kernels: tuple[Kernel, ...]) -> str:
    """Return what stands by what the kernel can."""
    blocks = []
    for kernel in kernels:
        blocks.append(f"# {'htb and ' if kernel.has_htb else ''}{kernel.leaf}: {kernel.shaper}")
        for tree in trees(plan, kernel):
            blocks += queues(tree)
    return "\n".join((*blocks, ""))


def rendered() -> dict[str, str]:
    """Return every file by its name."""
    files = {}
    for name, plan in plans().items():
        files[f"{name}.nft"] = ruleset(plan)
        files[f"{name}.guests.conf"] = guests_conf(plan, RUN / "dhcp" / "leases")
        files[f"{name}.portal.conf"] = portal_conf(plan)
        if plan.prefix6 is not None:
            files[f"{name}.radvd.conf"] = radvd_conf(plan)
        if plan.radio != "external":
            files[f"{name}.hostapd.conf"] = hostapd_conf(plan, RUN / "hostapd")
    lines = [
        *opened(MAC, 0x6D000001, 14_400),
        *closed(MAC, 0x6D000001),
        *leased([Lease(MAC, "10.77.0.10", 1200), Lease(MAC, "10.77.0.11", 0)]),
        *owned([(0xFE80 << 112 | 5, MAC), (0xFD77_6D63_7561 << 80 | 5, MAC)]),
        *office_networks(["192.168.1.0/24", "2a00:1:1::/64"]),
    ]
    best, *_, fifo = (kernel for kernel in KERNELS if kernel.has_htb)
    files["small.tc"] = shaped(plans()["small"], (best, fifo))
    files["town.tc"] = shaped(plans()["town"], (*KERNELS, PLAIN))
    files["points.tc"] = shaped(plans()["points"], (best,))
    return files | {"filled.nft": ruleset(plans()["town"], lines), "shut.nft": shut("wlan0")}


if __name__ == "__main__":
    for stale in HERE.glob("*.nft"), HERE.glob("*.conf"), HERE.glob("*.tc"):
        for path in stale:
            path.unlink()
    for name, text in rendered().items():
        (HERE / name).write_text(text, encoding="utf-8")
