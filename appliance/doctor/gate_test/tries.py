"""What a guest that nobody knows tries, and what must come of it, for both families."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Final

from appliance.hotspot.policy.plan import ROUTER, Plan
from appliance.sockets.probes import PROBES

WEB: Final = ("1.1.1.1", "2606:4700:4700::1111")
"""Somebody on the Internet whom everybody knows; a gate that stands lets nothing through to him."""
RESOLVERS: Final = ("9.9.9.9", "2620:fe::fe")
STRANGE_NAME: Final = "gate-test.motcua.example"
UDP_PORT: Final = 443
REFUSED_PORTS: Final = (443, 853)
PAGE: Final = PROBES[0].hosts[0], PROBES[0].paths[0]
A, TXT, AAAA = 1, 16, 28
SHARED: Final = "all_"
_ACCEPT: Final = '"accept"'
_REFUSED: Final = 5
_NXDOMAIN: Final = 3

Guest = Callable[..., Any]
"""``do`` of :class:`appliance.doctor.gate_test.path.OurGuest`."""


@dataclass(frozen=True, slots=True)
class Ours:
    """The box's addresses towards guests, one for each family there is."""

    plan: Plan

    @property
    def gateways(self) -> tuple[str, ...]:
        """They."""
        plan = self.plan
        return (str(plan.gateway4),) if plan.gateway6 is None else (str(plan.gateway4), str(plan.gateway6))

    @property
    def speakers(self) -> frozenset[str]:
        """From whom a refusal is the gate's."""
        return frozenset((*self.gateways, str(ROUTER)))

    def of(self, both: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of an IPv4 and an IPv6 address whose family guests have."""
        return both[: len(self.gateways)]


def not_refused(
    guest: Guest, hosts: Iterable[str], ports: Iterable[int], speakers: frozenset[str]
) -> list[str]:
    """Return what the gate did not refuse by itself: ``host port: what happened`` each.

    Connections must be reset. That a host may do as well, if it is reached; so one packet must be answered
    with "prohibited", by the gate.
    """
    wrong = []
    for host in hosts:
        found = guest("udp", host=host, port=UDP_PORT)
        if found["said"] != "prohibited" or found["who"] not in {*speakers, host}:
            wrong.append(f"{host} udp: {found['said']}")
        for port in ports:
            said = guest("tcp", host=host, port=port)
            if said != "reset":
                wrong.append(f"{host} {port}: {said}")
    return wrong


def has_no_way(guest: Guest, host: str, speakers: frozenset[str]) -> bool:
    """Whether the box itself has no way to a host: then no rule is asked, and nothing is proven."""
    found = guest("udp", host=host, port=UDP_PORT)
    return found["said"] == "no way" and found["who"] in speakers


def wrong_pages(guest: Guest, ours: Ours) -> list[str]:
    """Return where the portal does not answer: at its own address, or instead of others."""
    name, path = PAGE
    wrong = []
    for gateway, web in zip(ours.gateways, ours.of(WEB), strict=True):
        own = guest("page", host=gateway, name=name, path=path)
        if own is None or own["status"] >= 500:  # noqa: PLR2004 - HTTP
            wrong.append(f"{gateway} 80")
        elif guest("page", host=web, name=name, path=path) != own:
            wrong.append(f"{web} 80")
    return wrong


def wrong_names(guest: Guest, ours: Ours) -> list[str]:
    """Return questions about names that were answered as they must not be."""
    return [
        f"{resolver} {wrong}"
        # At the box, and at others who are asked instead of it.
        for resolver in (*ours.gateways, *ours.of(RESOLVERS))
        for wrong in _wrong_at(guest, ours, resolver)
    ]


def _wrong_at(guest: Guest, ours: Ours, resolver: str) -> Iterator[str]:
    probe = PAGE[0]
    for name in (ours.plan.portal_name, probe):
        for kind, gateway in zip((A, AAAA), ours.gateways, strict=False):
            found = guest("names", host=resolver, name=name, kind=kind)
            if found["addresses"] != [gateway]:
                yield name
            if found["code"] is None:  # nobody answers there: the rest would only take long
                return
    for name, kind in ((STRANGE_NAME, A), (STRANGE_NAME, TXT), (probe, TXT)):
        found = guest("names", host=resolver, name=name, kind=kind)
        if found["records"] or (name != probe and found["code"] not in {_REFUSED, _NXDOMAIN}):
            yield f"{name} {'TXT' if kind == TXT else 'A'}"


def office_hosts(networks: Iterable[str], own: frozenset[str]) -> Iterator[str]:
    """Yield one address in each network that is not the box's own; the first is mostly the router's."""
    for text in networks:
        network = ip_network(text)
        for number in range(1, min(4, network.num_addresses - 1)):
            host = str(network[number])
            if host not in own:
                yield host
                break


def own_hosts(networks: Iterable[str], own: Iterable[str]) -> list[str]:
    """Return the box's own addresses in networks, sorted."""
    known = [ip_network(each) for each in networks]
    return sorted(each for each in own if any(ip_address(each) in network for network in known))


def differences(wanted: dict[str, list[str]], found: dict[str, list[str]]) -> list[str]:
    """Return the chains that are not as they must be.

    Those named :data:`SHARED` say how fast all guests together may be, not whether anybody may pass; a gate
    may change them while it stands. Of them it must be true that they let nobody in.
    """
    return sorted(
        name for name in wanted.keys() | found.keys() if _differs(name, wanted.get(name), found.get(name))
    )


def _differs(name: str, wanted: list[str] | None, found: list[str] | None) -> bool:
    if name.startswith(SHARED) and wanted is not None and found is not None:
        return any(_ACCEPT in rule for rule in found)
    return wanted != found
