"""How the office and guests share the line: the queues that the kernel shall keep on both sides of the box.

Towards the Internet the office's packets go first, and guests get at most what is theirs; towards guests the
same ceiling holds for what they download. So what comes in over the line is held back where it leaves the
box: a sender far away that is told by loss or by waiting sends less. Nothing else can be done about packets
that have already come over the line, and a sender who does not listen fills it whatever the box does. The
office's computers need not be behind the box for it; but what they use is not known here, so that their share
is kept free and not lent.

    towards the Internet (6d63:)            towards guests (6d64:)
      :1 the office's own network             :1 the box itself, not limited
      :4 the line                             :3 guests, at most their share
         :2 the office, first
         :3 guests, at most their share

The class of a packet is its priority, which the gate's rules set (``ruleset.py``): no filter is needed, and a
packet that nobody marked is in ``:1``.
"""

from dataclasses import dataclass
from typing import Final, Literal

from appliance.hotspot.policy.plan import Plan

Leaf = Literal["cake", "fq_codel", "sfq", "pfifo"]
Shaper = Literal["cake", "fq_codel", "sfq", "htb", "none"]
Option = tuple[str, str | int | bool]

UPWARDS: Final = 0x6D63_0000
GUESTWARDS: Final = 0x6D64_0000
"""Handles of our roots, by which they are known again, whoever made them."""
NEAR, OFFICE, GUESTS, LINE = 1, 2, 3, 4
"""Numbers of the classes."""
ROOT: Final = 0xFFFF_FFFF
_LEAVES: Final = 0x6D70_0000
FASTEST: Final = 1_250_000_000
"""Bytes in a second of what has no ceiling: ten times what a Pi's port carries."""
LEAST_PERCENT: Final = 5
"""Of the line, is never taken from guests altogether: their connections would break and begin anew."""
QUANTUM: Final = 15_140
"""Bytes that classes of one priority take turns by: ten packets."""
BURST_MS: Final = 5
LEAST_BURST: Final = 4_000
WAIT_MS: Final = 100
"""Longest queue of a leaf that does not know waiting from working."""
PACKET: Final = 1_514
TARGET_US: Final = 5_000
INTERVAL_US: Final = 100_000
MOST_PACKETS: Final = 2_048
MOST_MEMORY: Final = 4 << 20
"""Bytes and packets that wait at most in a leaf: a flood of datagrams must not take a small box's memory."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """What the kernel was seen to be capable of.

    Attributes:
        has_htb: whether it can hold classes to a rate.
        leaf: the best queue for what waits in a class.
    """

    has_htb: bool
    leaf: Leaf

    @property
    def shaper(self) -> Shaper:
        """Its name for people."""
        if self.leaf == "pfifo":
            return "htb" if self.has_htb else "none"
        return self.leaf


KERNELS: Final = (
    Kernel(has_htb=True, leaf="cake"),
    Kernel(has_htb=True, leaf="fq_codel"),
    Kernel(has_htb=True, leaf="sfq"),
    Kernel(has_htb=True, leaf="pfifo"),
    Kernel(has_htb=False, leaf="cake"),
    Kernel(has_htb=False, leaf="fq_codel"),
    Kernel(has_htb=False, leaf="sfq"),
)
"""Best first; what can none of these leaves guests to the rules."""
PLAIN: Final = Kernel(has_htb=False, leaf="pfifo")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queueing discipline; options are those of pyroute2's ``tc``."""

    handle: int
    parent: int
    kind: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A class of HTB: gets ``rate`` for certain, up to ``ceil`` if others leave it; bytes in a second.

    Attributes:
        priority: who is asked first, 0 before 1, for what is left.
        leaf: None if it has classes below it.
    """

    handle: int
    parent: int
    rate: int
    ceil: int
    priority: int
    leaf: Queue | None

    @property
    def burst(self) -> int:
        """Bytes that may leave at once."""
        return max(LEAST_BURST, self.ceil * BURST_MS // 1000)


@dataclass(frozen=True, slots=True)
class Tree:
    """What shall stand on an interface; ``shares`` begins with parents."""

    interface: str
    root: Queue
    shares: tuple[Share, ...] = ()


def trees(plan: Plan, kernel: Kernel) -> tuple[Tree, ...]:
    """Return what shall stand towards the Internet and towards guests, as far as the kernel can.

    Without HTB nobody is held to a rate, but a kernel with a fair queue has it keep one's download from
    another's way.
    """
    if kernel.has_htb:
        return _upwards(plan, kernel.leaf), _guestwards(plan, kernel.leaf)
    if kernel.leaf == "pfifo":
        return ()
    return tuple(
        Tree(interface, _leaf(kernel.leaf, handle, ROOT, FASTEST, way))
        for interface, handle, way in ((plan.wan, UPWARDS, "up"), (plan.guest, GUESTWARDS, "down"))
    )


def _upwards(plan: Plan, leaf: Leaf) -> Tree:
    line = plan.line_up or FASTEST
    most = min(line, plan.all_up or line)
    least = min(most, line * LEAST_PERCENT // 100)
    root = UPWARDS
    # The office's network is behind the same port: what the staff's pages send is not on the line.
    return Tree(
        plan.wan,
        _htb(root),
        (
            _share(root, NEAR, root, FASTEST, FASTEST, 0, leaf, "near"),
            Share(root + LINE, root, line, line, 0, None),
            _share(root, OFFICE, root + LINE, line - least, line, 0, leaf, "near"),
            _share(root, GUESTS, root + LINE, least, most, 1, leaf, "up"),
        ),
    )


def _guestwards(plan: Plan, leaf: Leaf) -> Tree:
    most = plan.all_down or FASTEST
    root = GUESTWARDS
    return Tree(
        plan.guest,
        _htb(root),
        (
            _share(root, NEAR, root, FASTEST, FASTEST, 0, leaf, "near"),
            _share(root, GUESTS, root, most, most, 1, leaf, "down"),
        ),
    )


def _htb(handle: int) -> Queue:
    return Queue(handle, ROOT, "htb", (("default", NEAR),))


def _share(  # noqa: PLR0917 - a line of a table
    root: int, number: int, parent: int, rate: int, ceil: int, priority: int, leaf: Leaf, way: str
) -> Share:
    handle = root + number
    below = _leaf(leaf, _LEAVES + (number << 16), handle, ceil, way)
    return Share(handle, parent, rate, ceil, priority, below)


def _leaf(kind: Leaf, handle: int, parent: int, rate: int, way: str) -> Queue:
    """Return the queue of a class: guests take turns by device if the kernel can, else by connection."""
    # One packet of a slow line takes longer than what is else called waiting.
    target_us = max(TARGET_US, PACKET * 3 * 1_000_000 // (2 * rate))
    options: tuple[Option, ...]
    match kind:
        case "cake":
            options = (
                ("bandwidth", "unlimited"),
                ("diffserv_mode", "besteffort"),
                ("rtt", target_us * 20),
                ("target", target_us),
                ("memlimit", MOST_MEMORY),
            )
            if way == "up":
                # Behind one address of the box all guests would be one.
                options += (("flow_mode", "dual-srchost"), ("nat", True))
            elif way == "down":
                options += (("flow_mode", "dual-dsthost"),)
        case "fq_codel":
            options = (
                ("fqc_limit", MOST_PACKETS),
                ("fqc_target", target_us),
                ("fqc_interval", INTERVAL_US + target_us - TARGET_US),
            )
        case "sfq":
            options = (("perturb", 10),)
        case "pfifo":
            options = (("limit", min(1000, max(16, rate * WAIT_MS // 1000 // PACKET))),)
    return Queue(handle, parent, kind, options)


def sample(kernel: Kernel) -> Tree:
    """Return a tree with everything in it that this kernel is said to be capable of, for trying."""
    if not kernel.has_htb:
        return Tree("", _leaf(kernel.leaf, UPWARDS, ROOT, FASTEST, "up"))
    rate = FASTEST // 1000
    shares = [
        _share(UPWARDS, number, UPWARDS, rate, rate, 0, kernel.leaf, way)
        for number, way in ((NEAR, "near"), (OFFICE, "up"), (GUESTS, "down"))
    ]
    return Tree("", _htb(UPWARDS), tuple(shares))
