"""The gate as the kernel knows it: one transaction, default deny for both families.

Sets and maps carry what changes, so that the cost of a packet does not depend on how many guests there are.
``sessions`` (hardware address -> mark), ``sent`` and ``live`` (marks) let through, and deleting from them
takes effect on the next packet. IPv4 is bound to the lease; an IPv6 address belongs to whoever used it first,
learned in the packet's path. What the gate lets in carries a mark, which is what the box's own rules look at.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from appliance.hotspot.policy import marks
from appliance.hotspot.policy.networks import CLOSED4, CLOSED6, OPEN6, translated
from appliance.hotspot.policy.plan import DNS_PORT, LEASE_S, PORTAL_DNS_PORT, ROUTER, Plan
from appliance.hotspot.policy.shaping import GUESTS, GUESTWARDS, UPWARDS
from appliance.hotspot.policy.together import burst, classid, own_way, together

TABLE: Final = "motcua_hotspot"
HEADROOM: Final = 2
"""Sets of sessions take so many times the clients that may be: one that ends and one that begins."""
ADDRESSES6: Final = 16
"""Addresses that a device may take at once; a phone has three to five, some for each application."""
ADDRESSES6_PER_HOUR: Final = 30
OWNED_S: Final = 600
"""An IPv6 address that was silent for so long may be anybody's again."""
NEWCOMERS_PER_S: Final = 20
NEWCOMERS_BURST: Final = 100
"""A hall may fill at once; ten thousand hardware addresses are one device that lies."""
STRANGER_S: Final = 120
NAMES_PER_S: Final = 15
"""Questions to the portal's resolver by one device; a guest who is through asks the other one more often."""
NAMES_ALL_PER_S: Final = 600
FLOWS: Final = 400
"""Connections of one device at once; a page opens a few dozen."""
FLOWS_ALL: Final = 16_000
"""Connections of all guests at once, of those that the kernel is told to remember (``links.TRACKED``)."""
BEYOND_QUOTA: Final = 262_144
"""Bytes beyond a quota at which the kernel stops a session; one packet put together has up to 65,536."""
PORTAL_FLOWS: Final = 32
"""Connections of one device to the portal at once, whatever addresses it uses; a page takes six."""
PORTAL_FLOWS_ALL: Final = 4_000
ADDRESSES_PER_MINUTE: Final = 6
"""Questions for an address by one device: joining takes two. While a lease lasts it cannot take them all."""
ADDRESSES_BURST: Final = 12

_NEWCOMERS_SIZE: Final = 8192
_SPENT_SIZE: Final = 16_384
_WALLED_SIZE: Final = 4096


def ruleset(plan: Plan, elements: Iterable[str] = ()) -> str:
    """Return the whole gate for ``nft -f``; what was there before goes in the same transaction.

    Args:
        plan: what is wanted.
        elements: lines of :mod:`appliance.hotspot.policy.elements` that fill it: sessions, leases, networks.
    """
    lines = [f"table {family} {TABLE}\ndelete table {family} {TABLE}" for family in ("inet", "arp")]
    lines += [f"table inet {TABLE} {{", *_sets(plan), *_chains(plan), "}"]
    lines += [f"table arp {TABLE} {{", *_arp(plan), "}"]
    return "\n".join((*lines, *elements, ""))


def shut(guest: str) -> str:
    """Return a gate that lets nobody through and nobody in: for when the other one cannot be had."""
    return "\n".join(
        (
            f"table inet {TABLE}",
            f"delete table inet {TABLE}",
            f"table inet {TABLE} {{",
            *_chain(
                "guard",
                "type filter hook prerouting priority raw; policy accept;",
                f'iifname "{guest}" drop',
            ),
            *_chain(
                "onward",
                "type filter hook forward priority filter - 10; policy accept;",
                f'iifname "{guest}" drop',
                f'oifname "{guest}" drop',
            ),
            "}",
            "",
        )
    )


def _sets(plan: Plan) -> Iterator[str]:
    sessions, devices = plan.max_clients * HEADROOM, plan.subnet.num_addresses
    closed4 = [*CLOSED4, *(each for each in plan.closed if ":" not in each)]
    closed6 = [*CLOSED6, *map(translated, closed4), *(each for each in plan.closed if ":" in each)]
    owned = f"size {devices * ADDRESSES6}; flags dynamic,timeout; timeout {OWNED_S}s"
    yield f"\tmap sessions {{ type ether_addr : mark; size {sessions}; flags timeout; }}"
    # The number that connections of a session carry, and its mark of now: another class holds for them, too.
    yield f"\tmap current {{ type mark : mark; size {sessions}; flags timeout; }}"
    yield f"\tset sent {{ type mark; size {sessions}; flags timeout; counter; }}"
    yield f"\tset live {{ type mark; size {sessions}; flags timeout; counter; }}"
    yield f"\tset spent {{ type mark; size {_SPENT_SIZE}; flags dynamic,timeout; timeout 1d; }}"
    yield f"\tset leases {{ type ether_addr . ipv4_addr; size {devices * 2}; flags timeout; }}"
    yield f"\tset leased {{ type ipv4_addr; size {devices * 2}; flags timeout; }}"
    # After a power cut: whose session went on and whose lease is gone, and the one address that each used.
    yield f"\tset waking {{ type ether_addr; size {sessions}; flags timeout; }}"
    woken = f"size {sessions}; flags dynamic,timeout; timeout {LEASE_S}s"
    yield f"\tset woken {{ type ether_addr . ipv4_addr; {woken}; }}"
    yield f"\tset woken_devices {{ type ether_addr; {woken}; }}"
    yield f"\tset woken_addresses {{ type ipv4_addr; {woken}; }}"
    # Raw bits instead of `ip6 saddr`: an advertisement's target must be comparable with them.
    yield f"\tset owners6 {{ typeof @nh,64,128 . ether saddr; {owned}; }}"
    yield f"\tset owned6 {{ typeof @nh,64,128; {owned}; }}"
    yield f"\tset fresh6 {{ type ether_addr; size {_NEWCOMERS_SIZE}; flags dynamic,timeout; timeout 1h; }}"
    yield (
        f"\tset strangers {{ type ether_addr; size {_NEWCOMERS_SIZE}; flags dynamic,timeout; "
        f"timeout {STRANGER_S}s; }}"
    )
    # Guests' interface, while there is no way to the Internet: then they are led as strangers are.
    yield "\tset offline { type ifname; }"
    for name in ("portal_asking", "guests_asking"):
        asking = f"size {_NEWCOMERS_SIZE}; flags dynamic,timeout; timeout 30s"
        yield f"\tset {name} {{ type ether_addr; {asking}; }}"
    asking = f"size {_NEWCOMERS_SIZE}; flags dynamic,timeout; timeout 10m"
    yield f"\tset addresses_asking {{ type ether_addr; {asking}; }}"
    # Without a time-out: the kernel forgets a count when its last connection ends.
    yield f"\tset flows {{ type ether_addr; size {sessions * 4}; flags dynamic; }}"
    yield f"\tset portal_flows {{ type ether_addr; size {_NEWCOMERS_SIZE}; flags dynamic; }}"
    for family, version in (("4", "ipv4_addr"), ("6", "ipv6_addr")):
        yield f"\tset walled{family} {{ type {version}; size {_WALLED_SIZE}; flags timeout; timeout 1h; }}"
        yield f"\tset office{family} {{ type {version}; flags interval; auto-merge; }}"
    yield f"\tset closed4 {{ type ipv4_addr; flags interval; auto-merge; elements = {_braced(closed4)}; }}"
    yield f"\tset closed6 {{ type ipv6_addr; flags interval; auto-merge; elements = {_braced(closed6)}; }}"
    for number in range(len(plan.rates)):
        for way in ("up", "down"):
            rated = f"size {sessions * 4}; flags dynamic,timeout; timeout 5m"
            yield f"\tset {way}_{number} {{ type mark; {rated}; }}"


def _chains(plan: Plan) -> Iterator[str]:
    yield from _guard(plan)
    yield from _redirection(plan)
    yield from _arriving(plan)
    yield from _onward(plan)
    yield from _limits(plan)
    for way, per_s in (("up", plan.all_up), ("down", plan.all_down)):
        yield from _chain(f"all_{way}", *together(per_s))
    if plan.line_up is not None:
        yield from _chain("own", *own_way(plan.wan))
    yield from _leaving(plan)
    yield from _chain(
        "refuse",
        "meta l4proto tcp reject with tcp reset",
        "limit rate 200/second burst 200 packets reject with icmpx admin-prohibited",
        "drop",
    )


def _guard(plan: Plan) -> Iterator[str]:
    """Before anything is tracked: whose packet it is, and whether it can be his."""
    yield from _chain(
        "guard",
        "type filter hook prerouting priority raw; policy accept;",
        f'iifname "{plan.guest}" jump guests',
    )
    yield from _chain(
        "guests",
        # Without a session the look-up ends this rule, and the mark stays zero.
        "meta mark set ether saddr map @sessions",
        "meta mark 0 jump newcomers",
        "icmpv6 type { nd-router-advert, nd-redirect } drop",
        "icmp type { redirect, router-advertisement } drop",
        "udp sport { 67, 547 } drop",
        "meta nfproto ipv4 goto guests4",
        "goto guests6" if plan.prefix6 else "drop",
    )
    yield from _chain(
        "newcomers",
        "ether saddr @strangers update @strangers { ether saddr } return",
        f"limit rate {NEWCOMERS_PER_S}/second burst {NEWCOMERS_BURST} packets "
        "add @strangers { ether saddr } return",
        "drop",
    )
    yield from _chain(
        "guests4",
        "ip saddr 0.0.0.0 udp sport 68 udp dport 67 return",
        f"ip saddr != {plan.subnet} drop",
        "ether saddr . ip saddr @leases return",
        # Between the lease and our knowing it the portal is reachable, for an address that is nobody else's.
        "ip saddr @leased drop",
        f"ip saddr {plan.gateway4} drop",
    )
    if plan.prefix6 is None:
        return
    yield from _chain(
        "guests6",
        "ip6 saddr :: icmpv6 type { nd-neighbor-solicit, mld2-listener-report } return",
        f"ip6 saddr != {{ fe80::/10, {plan.prefix6} }} drop",
        f"ip6 saddr {{ {ROUTER}, {plan.gateway6} }} drop",
        "icmpv6 type nd-neighbor-advert jump claims6",
        "@nh,64,128 . ether saddr @owners6 update @owners6 { @nh,64,128 . ether saddr } "
        "update @owned6 { @nh,64,128 } return",
        "@nh,64,128 @owned6 drop",
        f"update @fresh6 {{ ether saddr limit rate over {ADDRESSES6_PER_HOUR}/hour "
        f"burst {ADDRESSES6} packets }} drop",
        "add @owners6 { @nh,64,128 . ether saddr } add @owned6 { @nh,64,128 } return",
        "drop",
    )
    yield from _chain(
        "claims6",
        "@th,64,128 . ether saddr @owners6 return",
        "@th,64,128 @owned6 drop",
    )


def _redirection(plan: Plan) -> Iterator[str]:
    """Names and pages lead to the portal until there is a session; the portal's own address always does.

    Without a way to the Internet they do again for everybody: a page that says so, and no silence.
    """
    hosts = [f"ip daddr {plan.gateway4} tcp dport 80 dnat ip to {plan.gateway4}:{plan.portal_port}"]
    names = [f"meta nfproto ipv4 {_NAMES} dnat ip to {plan.gateway4}:{PORTAL_DNS_PORT}"]
    pages = [
        "ip daddr @walled4 return",
        f"meta nfproto ipv4 tcp dport 80 dnat ip to {plan.gateway4}:{plan.portal_port}",
    ]
    if plan.gateway6 is not None:
        hosts.append(
            f"ip6 daddr {plan.gateway6} tcp dport 80 dnat ip6 to [{plan.gateway6}]:{plan.portal_port}"
        )
        names.append(f"meta nfproto ipv6 {_NAMES} dnat ip6 to [{plan.gateway6}]:{PORTAL_DNS_PORT}")
        pages += [
            "ip6 daddr @walled6 return",
            f"meta nfproto ipv6 tcp dport 80 dnat ip6 to [{plan.gateway6}]:{plan.portal_port}",
        ]
    yield from _chain(
        "redirection",
        "type nat hook prerouting priority dstnat; policy accept;",
        f'iifname != "{plan.guest}" return',
        *hosts,
        "meta mark 0 goto strangers_way",
        "iifname @offline goto strangers_way",
    )
    yield from _chain("strangers_way", *names, *pages)


def _arriving(plan: Plan) -> Iterator[str]:
    """What guests may ask the box itself."""
    ours = [f"meta nfproto ipv4 ip daddr != {plan.gateway4} goto refuse"]
    if plan.gateway6 is not None:
        ours.append(f"meta nfproto ipv6 ip6 daddr != {{ {plan.gateway6}, {ROUTER} }} goto refuse")
    pages = sorted({plan.portal_port, *((443,) if plan.has_certificate else ())})
    yield from _chain(
        "arriving",
        "type filter hook input priority filter - 10; policy accept;",
        f'iifname "{plan.guest}" goto arriving_guests',
    )
    yield from _chain(
        "arriving_guests",
        "meta nfproto ipv4 udp sport 68 udp dport 67 goto addresses_asked",
        "meta nfproto ipv6 udp sport 546 udp dport 547 goto addresses_asked",
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } "
        "limit rate 1000/second burst 1000 packets goto let_in",
        "meta pkttype != host drop",
        *ours,
        "icmp type echo-request limit rate 100/second burst 100 packets goto let_in",
        "icmpv6 type echo-request limit rate 100/second burst 100 packets goto let_in",
        # dnsmasq pings an address before it gives it away.
        "icmp type echo-reply ct state established limit rate 100/second burst 100 packets goto let_in",
        f"tcp dport {_braced(pages)} goto portal_pages",
        # Who agreed must not go on hearing from the resolver that knows the portal only, nor the other way.
        f"meta l4proto {{ tcp, udp }} meta mark 0 th dport {PORTAL_DNS_PORT} goto portal_names",
        f"meta l4proto {{ tcp, udp }} iifname @offline th dport {PORTAL_DNS_PORT} goto portal_names",
        f"meta l4proto {{ tcp, udp }} meta mark != 0 th dport {DNS_PORT} goto guests_names",
        "goto refuse",
    )
    yield from _chain(
        "addresses_asked",
        # Not by the hardware address that the question names: one device can name as many as it likes.
        f"update @addresses_asking {{ ether saddr limit rate over {ADDRESSES_PER_MINUTE}/minute "
        f"burst {ADDRESSES_BURST} packets }} drop",
        "limit rate over 200/second burst 200 packets drop",
        "goto let_in",
    )
    yield from _chain(
        "portal_pages",
        f"ct state new add @portal_flows {{ ether saddr ct count over {PORTAL_FLOWS} }} goto refuse",
        f"ct state new ct count over {PORTAL_FLOWS_ALL} goto refuse",
        "goto let_in",
    )
    for who, per_s in (("portal", NAMES_PER_S), ("guests", NAMES_PER_S * 10)):
        yield from _chain(
            f"{who}_names",
            f"update @{who}_asking {{ ether saddr limit rate over {per_s}/second "
            f"burst {per_s * 4} packets }} drop",
            f"limit rate over {NAMES_ALL_PER_S}/second burst {NAMES_ALL_PER_S} packets drop",
            "goto let_in",
        )
    yield from _chain("let_in", f"meta mark set {marks.BASE:#010x} accept")


def _onward(plan: Plan) -> Iterator[str]:
    yield from _chain(
        "onward",
        "type filter hook forward priority filter - 10; policy accept;",
        f'iifname "{plan.guest}" goto up',
        f'oifname "{plan.guest}" goto down',
    )
    yield from _chain(
        "up",
        f'oifname != "{plan.wan}" goto refuse',
        "ip daddr @closed4 goto refuse",
        "ip daddr @office4 goto refuse",
        f"ip6 daddr != {_braced(OPEN6)} goto refuse",
        "ip6 daddr @closed6 goto refuse",
        "ip6 daddr @office6 goto refuse",
        f"meta priority set {classid(UPWARDS, GUESTS)}",
        "meta mark 0 goto walled",
        "meta nfproto ipv4 ether saddr . ip saddr != @leases jump without_lease",
        "ct state new jump fresh_flows",
        # Only what passes these is counted, and used of a quota.
        f"meta mark & {marks.CLASS_MASK:#010x} vmap {_by_class(plan, 'up')}",
        "jump all_up",
        _quota(plan),
        "ct mark set meta mark",
        "meta mark @sent accept",
        "drop",
    )
    yield from _chain(
        "without_lease",
        # A phone behind an access point does not notice that the box was off: it asks again in ten minutes.
        # An address that somebody has a lease for does not come so far.
        "ether saddr . ip saddr @woken return",
        "ether saddr != @waking goto refuse",
        "ether saddr @woken_devices goto refuse",
        "ip saddr @woken_addresses goto refuse",
        "add @woken { ether saddr . ip saddr } add @woken_devices { ether saddr } "
        "add @woken_addresses { ip saddr } return",
        "goto refuse",
    )
    yield from _chain(
        "fresh_flows",
        # The office's own connections are in the same table of the kernel: guests never fill it.
        f"add @flows {{ ether saddr ct count over {FLOWS} }} goto refuse",
        f"ct count over {FLOWS_ALL} goto refuse",
    )
    yield from _chain(
        "walled",
        "ip daddr @walled4 tcp dport { 80, 443 } goto walled_in",
        "ip6 daddr @walled6 tcp dport { 80, 443 } goto walled_in",
        "goto refuse",
    )
    yield from _chain(
        "walled_in",
        "ct state new jump fresh_flows",
        f"meta mark set {marks.WALLED:#010x}",
        "ct mark set meta mark",
        "limit rate over 1 mbytes/second burst 1 mbytes drop",
        "accept",
    )
    yield from _chain(
        "down",
        "ct state != { established, related } drop",
        f"meta priority set {classid(GUESTWARDS, GUESTS)}",
        f"ct mark {marks.WALLED:#010x} goto walled_back",
        f"meta mark set ct mark & {marks.MOST_INDEX:#010x} map @current",
        f"meta mark & {marks.CLASS_MASK:#010x} vmap {_by_class(plan, 'down')}",
        "jump all_down",
        "meta mark @live goto down_live",
        "drop",
    )
    yield from _chain(
        "walled_back",
        "meta mark set ct mark",
        "limit rate over 4 mbytes/second burst 4 mbytes drop",
        "accept",
    )
    yield from _chain(
        "down_live",
        _quota(plan),
        "accept",
    )


def _limits(plan: Plan) -> Iterator[str]:
    for number, rate in enumerate(plan.rates):
        for way, per_s in (("up", rate.up), ("down", rate.down)):
            yield from _chain(
                f"limit_{way}_{number}",
                f"update @{way}_{number} {{ meta mark limit rate over {per_s} bytes/second "
                f"burst {burst(per_s)} bytes }} drop",
            )


def _leaving(plan: Plan) -> Iterator[str]:
    rules = [f'oifname "{plan.wan}" ip saddr {plan.subnet} masquerade']
    if plan.prefix6 is not None and plan.masquerades6:
        rules.append(f'oifname "{plan.wan}" ip6 saddr {plan.prefix6} masquerade')
    yield from _chain("leaving", "type nat hook postrouting priority srcnat; policy accept;", *rules)


def _arp(plan: Plan) -> Iterator[str]:
    """Who says in ARP that a leased address is at another hardware address is not believed."""
    devices = plan.subnet.num_addresses
    yield f"\tset leases {{ type ether_addr . ipv4_addr; size {devices * 2}; flags timeout; }}"
    yield f"\tset leased {{ type ipv4_addr; size {devices * 2}; flags timeout; }}"
    yield from _chain(
        "guard",
        "type filter hook input priority 0; policy accept;",
        f'iifname "{plan.guest}" jump guests',
    )
    yield from _chain(
        "guests",
        "arp saddr ip 0.0.0.0 return",
        "arp saddr ether . arp saddr ip @leases return",
        "arp saddr ip @leased drop",
        f"arp saddr ip {plan.gateway4} drop",
        f"arp saddr ip != {plan.subnet} drop",
    )


_NAMES: Final = f"meta l4proto {{ tcp, udp }} th dport {DNS_PORT}"


def _quota(plan: Plan) -> str:
    """Return the rule that ends what a session may use, though nobody is there to count.

    What is dropped here is in no counter: a bound at the quota itself would stop a session just before the
    gate sees that it is spent, and nobody would be told.
    """
    rule = f"update @spent {{ meta mark quota over {plan.quota_bytes + BEYOND_QUOTA} bytes }} drop"
    if plan.quota_rate is None:
        return rule
    # Who has used it up already goes on in this class, for as long as his session lasts.
    return f"meta mark & {marks.CLASS_MASK:#010x} != {plan.quota_rate << 16:#010x} {rule}"


def _by_class(plan: Plan, way: str) -> str:
    return _braced(f"{number << 16:#010x} : jump limit_{way}_{number}" for number in range(len(plan.rates)))


def _braced(values: Iterable[object]) -> str:
    return f"{{ {', '.join(map(str, values))} }}"


def _chain(name: str, *rules: str) -> Iterator[str]:
    yield f"\tchain {name} {{"
    yield from (f"\t\t{rule}" for rule in rules)
    yield "\t}"
