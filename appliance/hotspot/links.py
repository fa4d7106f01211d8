"""Interfaces, addresses and routes, through pyroute2; what of the kernel it cannot set, through /proc/sys."""

from collections.abc import Iterator
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import Any, Final

import structlog
from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from appliance import wan
from appliance.hotspot.errors import LinkError
from appliance.hotspot.policy.plan import ROUTER, Plan

log = structlog.get_logger(__name__)

SYSCTL: Final = Path("/proc/sys/net")
TRACKED: Final = 65_536
"""Connections that the kernel remembers at least: the office's own are in the same table.

Left alone it takes 4,000 to 8,000 on a Pi of 512 MB or 1 GB, less than guests may have (``ruleset.py``).
20 MB when it is full.
"""
_MAIN_TABLE: Final = 254
_UNICAST: Final = 1
_V4, _V6 = 2, 10
_NO_DAD: Final = 2
"""``IFA_F_NODAD``: the address is usable at once, and a guest who claims it changes nothing."""


def prepare(plan: Plan) -> None:
    """Make guests' interface ready: its VLAN, addresses, and what the kernel does on it. Idempotent.

    The gate must stand already: from here on packets may be forwarded.

    Raises:
        LinkError: the interface is missing, or the kernel refuses.
    """
    try:
        with IPRoute() as netlink:
            index = _guest(netlink, plan)
            _sysctls(plan)
            _track_enough()
            wanted = [f"{plan.gateway4}/{plan.subnet.prefixlen}"]
            if plan.prefix6 is not None:
                wanted += [f"{ROUTER}/64", f"{plan.gateway6}/{plan.prefix6.prefixlen}"]
            netlink.link("set", index=index, state="up")
            for text in _addresses(netlink, index) - set(wanted):
                _address(netlink, "del", index, text)
            for text in wanted:
                _address(netlink, "replace", index, text)
    except (NetlinkError, OSError) as error:
        raise LinkError(interface=plan.guest, reason=str(error)) from None


def put_down(guest: str) -> None:
    """Take guests' interface off the air; it is no error if it is missing."""
    try:
        with IPRoute() as netlink:
            for index in netlink.link_lookup(ifname=guest):
                netlink.link("set", index=index, state="down")
    except (NetlinkError, OSError) as error:
        raise LinkError(interface=guest, reason=str(error)) from None


def office_networks(plan: Plan) -> tuple[str, ...]:
    """Return the networks on the office's own links, sorted; guests never reach them.

    Raises:
        LinkError: the kernel does not say.
    """
    try:
        with IPRoute() as netlink:
            names = {plan.wan, *plan.lan}
            indexes = {index for name in names for index in netlink.link_lookup(ifname=name)}
            return tuple(sorted({each for index in indexes for each in _on_link(netlink, index)}))
    except (NetlinkError, OSError) as error:
        raise LinkError(interface=plan.wan, reason=str(error)) from None


def has_ipv6(plan: Plan) -> bool:
    """Whether there is a way to the IPv6 Internet.

    Raises:
        LinkError: the kernel does not say.
    """
    try:
        with IPRoute() as netlink:
            indexes = set(netlink.link_lookup(ifname=plan.wan))
            return any(
                route["dst_len"] == 0 and route.get_attr("RTA_OIF") in indexes
                for route in netlink.get_routes(family=_V6, table=_MAIN_TABLE)
            )
    except (NetlinkError, OSError) as error:
        raise LinkError(interface=plan.wan, reason=str(error)) from None


def has_wan(plan: Plan) -> bool:
    """Whether there is a way to the Internet at all, as far as the box knows without asking anybody."""
    return wan.has_wan(plan.wan)


def _guest(netlink: Any, plan: Plan) -> int:  # noqa: ANN401 - untyped library
    if plan.parent is not None and not netlink.link_lookup(ifname=plan.guest):
        (parent,) = _known(netlink, plan.parent)
        netlink.link("add", ifname=plan.guest, kind="vlan", link=parent, vlan_id=plan.vlan)
        netlink.link("set", index=parent, state="up")
    (index,) = _known(netlink, plan.guest)
    return index


def _known(netlink: Any, name: str) -> tuple[int]:  # noqa: ANN401 - untyped library
    found = netlink.link_lookup(ifname=name)
    if not found:
        raise LinkError(interface=name, reason="there is no such interface")
    return (int(found[0]),)


def _addresses(netlink: Any, index: int) -> set[str]:  # noqa: ANN401 - untyped library
    return {
        f"{entry.get_attr('IFA_ADDRESS')}/{entry['prefixlen']}" for entry in netlink.get_addr(index=index)
    }


def _address(netlink: Any, verb: str, index: int, text: str) -> None:  # noqa: ANN401 - untyped library
    interface = ip_interface(text)
    flags = {"flags": _NO_DAD} if interface.version == 6 else {}  # noqa: PLR2004 - IPv6
    netlink.addr(verb, index=index, address=str(interface.ip), prefixlen=interface.network.prefixlen, **flags)


def _on_link(netlink: Any, index: int) -> Iterator[str]:  # noqa: ANN401 - untyped library
    """Yield the networks right behind an interface, and those of the box's own addresses there."""
    for family in (_V4, _V6):
        for route in netlink.get_routes(family=family, table=_MAIN_TABLE):
            gateway = route.get_attr("RTA_GATEWAY") or route.get_attr("RTA_VIA")
            if route.get_attr("RTA_OIF") != index or gateway or route["type"] != _UNICAST:
                continue
            destination = route.get_attr("RTA_DST")
            if destination is not None and not ip_network(f"{destination}/{route['dst_len']}").is_link_local:
                yield f"{destination}/{route['dst_len']}"
    for text in _addresses(netlink, index):
        interface = ip_interface(text)
        if not interface.is_link_local:
            yield str(interface.network)


def _sysctls(plan: Plan) -> None:
    guest, line = plan.guest, plan.wan
    wanted = {
        f"ipv4/conf/{guest}/forwarding": "1",
        f"ipv4/conf/{line}/forwarding": "1",
        f"ipv4/conf/{guest}/send_redirects": "0",
        f"ipv4/conf/{guest}/accept_redirects": "0",
        f"ipv4/conf/{guest}/accept_source_route": "0",
        f"ipv4/conf/{guest}/rp_filter": "1",
        f"ipv4/conf/{guest}/proxy_arp": "0",
    }
    if plan.prefix6 is not None:
        # The kernel's own word for all interfaces; what may pass is said by the rules, not by this.
        wanted |= {
            "ipv6/conf/all/forwarding": "1",
            f"ipv6/conf/{guest}/disable_ipv6": "0",
            f"ipv6/conf/{guest}/accept_ra": "0",
            f"ipv6/conf/{guest}/autoconf": "0",
            f"ipv6/conf/{guest}/accept_redirects": "0",
            f"ipv6/conf/{guest}/addr_gen_mode": "1",
        }
    else:
        wanted[f"ipv6/conf/{guest}/disable_ipv6"] = "1"
    for name, value in wanted.items():
        # A dot in an interface's name is no separator here: these are paths.
        path = SYSCTL / name
        if not path.exists() and name.startswith("ipv6"):
            continue  # a kernel without IPv6
        if path.read_text(encoding="ascii").strip() != value:
            path.write_text(value, encoding="ascii")


def _track_enough() -> None:
    """Let the kernel remember as many connections as guests and the office may have, never fewer than now."""
    path = SYSCTL / "netfilter" / "nf_conntrack_max"
    try:
        if int(path.read_text(encoding="ascii")) < TRACKED:
            path.write_text(str(TRACKED), encoding="ascii")
    except OSError as error:
        # One number for the whole machine: in a namespace of its own nobody may change it.
        log.warning("connections.not_tracked", wanted=TRACKED, reason=str(error))
