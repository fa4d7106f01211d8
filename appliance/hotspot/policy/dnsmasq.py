"""dnsmasq twice: one gives addresses and, to who agreed, names; the other knows the way to the portal only.

The second answers for the portal, for the names by which phones look for a portal and for the walled garden,
with a TTL of at most one second. Every other name is refused, and nothing is sent anywhere for it: there is
no tunnel through names.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from appliance.hotspot.policy.plan import DNS_PORT, LEASE_S, PORTAL_DNS_PORT, Plan
from appliance.hotspot.policy.ruleset import TABLE
from appliance.sockets.probes import names

FILTERED: Final = (
    *("ANY", "CAA", "DS", "DNSKEY", "HINFO", "MX", "NAPTR", "NS"),
    *("PTR", "SOA", "SPF", "SRV", "SSHFP", "TLSA", "TXT", "URI"),
)
"""Types that carry more than a way to a host; the walled garden's names are asked for without them."""


def guests_conf(plan: Plan, leases: Path) -> str:
    """Return the configuration of the instance that gives addresses, and names after login.

    Args:
        plan: what is wanted.
        leases: file in which it keeps the leases; the gate reads it.
    """
    return "\n".join((*_common(plan, DNS_PORT), *_guests(plan, leases), ""))


def portal_conf(plan: Plan) -> str:
    """Return the configuration of the instance for who has not agreed yet."""
    return "\n".join((*_common(plan, PORTAL_DNS_PORT), *_portal(plan), ""))


def _common(plan: Plan, port: int) -> Iterator[str]:
    yield f"port={port}"
    yield f"interface={plan.guest}"
    yield "except-interface=lo"
    yield "bind-dynamic"
    yield "no-hosts"
    yield "log-facility=-"
    yield f"host-record={plan.portal_name},{_gateways(plan)}"


def _guests(plan: Plan, leases: Path) -> Iterator[str]:
    first, last = plan.pool
    # Names on the lines of the office and the province are theirs.
    yield f"resolv-file={plan.surroundings.resolv_file}"
    yield "stop-dns-rebind"
    yield "domain-needed"
    yield "bogus-priv"
    yield "cache-size=1000"
    yield "edns-packet-max=1232"
    # Neither names of devices nor hardware addresses: not kept, not logged.
    yield "quiet-dhcp"
    yield "quiet-dhcp6"
    yield "quiet-ra"
    yield "dhcp-ignore-names"
    yield "dhcp-authoritative"
    yield f"dhcp-leasefile={leases}"
    yield f"dhcp-lease-max={plan.subnet.num_addresses}"
    yield f"dhcp-range={first},{last},{plan.subnet.netmask},{LEASE_S}"
    yield f"dhcp-option=option:router,{plan.gateway4}"
    yield f"dhcp-option=option:dns-server,{plan.gateway4}"
    if plan.api_url is not None:
        yield f"dhcp-option=114,{plan.api_url}"
        if plan.prefix6 is not None:
            # Only questions about options are answered: addresses are the phones' own choice.
            yield f"dhcp-range={plan.prefix6.network_address},static,64,{LEASE_S}"
            yield f"dhcp-option=option6:103,{plan.api_url}"
            yield f"dhcp-option=option6:dns-server,[{plan.gateway6}]"


def _portal(plan: Plan) -> Iterator[str]:
    # Nobody to ask: what is not named here is refused, whatever its type.
    yield "no-resolv"
    yield "cache-size=200"
    yield "dns-forward-max=60"
    yield "edns-packet-max=1232"
    yield "local-ttl=1"
    yield "max-ttl=1"
    yield "stop-dns-rebind"
    yield f"filter-rr={','.join(FILTERED)}"
    for name in names():
        # An address alone would leave the other types to a resolver, and a tunnel to whoever has the name.
        yield f"local=/{name}/"
        for gateway in _gateways(plan).split(","):
            yield f"address=/{name}/{gateway}"
    for name in plan.walled_garden:
        yield from (f"server=/{name}/{each}" for each in plan.surroundings.resolvers)
        sets = [f"4#inet#{TABLE}#walled4"] + ([f"6#inet#{TABLE}#walled6"] if plan.prefix6 else [])
        yield f"nftset=/{name}/{','.join(sets)}"


def _gateways(plan: Plan) -> str:
    return f"{plan.gateway4}" if plan.gateway6 is None else f"{plan.gateway4},{plan.gateway6}"
