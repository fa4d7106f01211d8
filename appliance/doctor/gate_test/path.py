"""A way for a guest of our own into the gate: as if it came over the air, and nothing of it on the air.

One end of a pair of interfaces is in the guest's namespace; what it sends is handed to guests' interface as
if received there, and what the box answers to its hardware address is taken before it reaches the radio. All
of it hangs on two processes and ends with them, however they end: the namespace and the pair with the
guest's, the kernel's detour with this one (an nftables table that its socket owns).
"""

import json
import secrets
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import IO, Any, Final, Self

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from appliance.doctor.gate_test.guest import INTERFACE
from appliance.hotspot.errors import EngineError, LinkError, RulesRefusedError
from appliance.hotspot.firewall import NftFirewall
from appliance.hotspot.policy.plan import ROUTER, Plan
from appliance.hotspot.policy.ruleset import TABLE

OUR_END: Final = "motcua-test"
DETOUR: Final = "motcua_gate_test"
END_S: Final = 5.0
_ALL: Final = 0x0003
"""``ETH_P_ALL``."""
_INGRESS: Final = 0xFFFF_0000


@dataclass(frozen=True, slots=True)
class Self4And6:
    """Who the guest is: addresses that no guest has."""

    mac: str
    address4: IPv4Address
    address6: IPv6Address | None

    @classmethod
    def drawn(cls, plan: Plan, leases: Path) -> Self:
        """Draw one by lot, an IPv4 address that is not leased."""
        number = secrets.randbits(24)
        mac = ":".join(("02", "6d", "63", *(f"{number:06x}"[place : place + 2] for place in (0, 2, 4))))
        try:
            leased = set(leases.read_text(encoding="ascii", errors="replace").split())
        except OSError:
            leased = set()
        last, first = int(plan.pool[1]), int(plan.pool[0])
        free = next((n for n in range(last, first - 1, -1) if str(IPv4Address(n)) not in leased), last)
        address6 = None if plan.prefix6 is None else plan.prefix6[secrets.randbits(62) | 1 << 32]
        return cls(mac, IPv4Address(free), address6)


class OurGuest:
    """A guest of our own on guests' interface; make it with :meth:`open`.

    Args:
        process: of :mod:`appliance.doctor.gate_test.guest`.
        who: it is.
        stack: what ends with it.
    """

    def __init__(self, process: subprocess.Popen[str], who: Self4And6, stack: ExitStack) -> None:
        self._process, self.who, self._stack = process, who, stack

    @classmethod
    def open(cls, plan: Plan, leases: Path) -> Self:
        """Join guests' network.

        Raises:
            LinkError: the kernel refuses, or another test is going on.
            RulesRefusedError: it refuses the detour.
            EngineError: the guest does not begin.
        """
        who = Self4And6.drawn(plan, leases)
        with ExitStack() as stack:
            firewall = NftFirewall.open()
            stack.callback(firewall.close)
            # Once nothing of it is on its way any more.
            stack.callback(_forget, firewall, who.mac)
            process = subprocess.Popen(
                [sys.executable, "-m", "appliance.doctor.gate_test.guest"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            stack.callback(_end, process)
            if _piped(process.stdout).readline() != "ready\n":
                raise EngineError(engine="the test's guest", reason="no namespace; is this root?")
            try:
                _connect(plan, who, process.pid)
            except (NetlinkError, OSError) as error:
                raise LinkError(interface=OUR_END, reason=str(error)) from None
            stack.callback(_take_away)
            firewall.apply(_detour(plan.guest, who.mac))
            guest = cls(process, who, stack)
            guest.do(
                "join",
                address4=str(who.address4),
                prefix4=plan.subnet.prefixlen,
                gateway4=str(plan.gateway4),
                address6=None if who.address6 is None else str(who.address6),
                router6=str(ROUTER),
            )
            guest._stack = stack.pop_all()
            return guest

    def do(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 - as the command answers
        """Return what the guest found.

        Raises:
            EngineError: it could not try, or is gone.
        """
        try:
            _piped(self._process.stdin).write(json.dumps([command, arguments]) + "\n")
            _piped(self._process.stdin).flush()
            line = _piped(self._process.stdout).readline()
        except OSError:
            line = ""
        said = json.loads(line) if line else {"error": "it is gone"}
        if "error" in said:
            raise EngineError(engine="the test's guest", reason=f"{command}: {said['error']}")
        return said["answer"]

    def close(self) -> None:
        """Leave, without a trace; idempotent."""
        self._stack.close()


def own_addresses() -> frozenset[str]:
    """Return the addresses of the box itself.

    Raises:
        LinkError: the kernel does not say.
    """
    try:
        with IPRoute() as netlink:
            return frozenset(str(each.get_attr("IFA_ADDRESS")) for each in netlink.get_addr())
    except (NetlinkError, OSError) as error:
        raise LinkError(interface="lo", reason=str(error)) from None


def _connect(plan: Plan, who: Self4And6, pid: int) -> None:
    """Make the pair of interfaces, and hand what comes in to guests' interface."""
    with IPRoute() as netlink:
        found = netlink.link_lookup(ifname=plan.guest)
        if not found:
            raise LinkError(interface=plan.guest, reason="there is no such interface")
        (link,) = netlink.get_links(found[0])
        netlink.link(
            "add",
            ifname=OUR_END,
            kind="veth",
            # What is sent to the box must be for us, too, or the kernel takes it for somebody else's.
            address=link.get_attr("IFLA_ADDRESS"),
            peer={"ifname": INTERFACE, "address": who.mac, "net_ns_pid": pid},
        )
        (ours,) = netlink.link_lookup(ifname=OUR_END)
        with suppress(FileNotFoundError):  # a kernel without IPv6
            Path(f"/proc/sys/net/ipv6/conf/{OUR_END}/disable_ipv6").write_text("1", encoding="ascii")
        netlink.tc("add", "ingress", ours)
        netlink.tc(
            "add-filter",
            "u32",
            ours,
            parent=_INGRESS,
            prio=1,
            protocol=_ALL,
            target=0x1_0000,
            keys=["0x0/0x0+0"],
            action={"kind": "mirred", "direction": "ingress", "action": "redirect", "ifindex": found[0]},
        )
        netlink.link("set", index=ours, state="up")


def _detour(guest: str, mac: str) -> str:
    """Return the rules that bring the box's answers to our end, and those to everybody there as well."""
    return "\n".join(
        (
            f"table netdev {DETOUR} {{",
            "\tflags owner",
            "\tchain answers {",
            f'\t\ttype filter hook egress device "{guest}" priority 0; policy accept;',
            f'\t\tether daddr {mac} fwd to "{OUR_END}"',
            f'\t\tether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00 dup to "{OUR_END}"',
            "\t}",
            "}",
            "",
        )
    )


def _forget(firewall: NftFirewall, mac: str) -> None:
    """Let the gate forget that this device was there; by itself it would after ten minutes."""
    with suppress(RulesRefusedError):
        used = [number for number, owner in firewall.owners6() if owner == mac]
        gone = [("strangers", mac)]
        gone += [("owners6", f"{number:#034x} . {mac}") for number in used]
        gone += [("owned6", f"{number:#034x}") for number in used]
        for name, element in gone:
            firewall.apply(f"add element inet {TABLE} {name} {{ {element} timeout 5s }}")
            firewall.apply(f"delete element inet {TABLE} {name} {{ {element} }}")


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(OSError):
        _piped(process.stdin).close()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _piped(process.stdout).close()


def _take_away() -> None:
    """Let the next test find no pair: the kernel takes ours away a moment after its namespace."""
    with suppress(NetlinkError, OSError), IPRoute() as netlink:
        for index in netlink.link_lookup(ifname=OUR_END):
            netlink.link("del", index=index)


def _piped(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise EngineError(engine="the test's guest", reason="no pipe")
    return pipe
