"""What the gate's rules have to do with the line that all share: whose a packet is, and what is too much."""

from collections.abc import Iterator
from typing import Final

from appliance.hotspot.policy.shaping import OFFICE, UPWARDS

BURST_MS: Final = 250
LEAST_BURST: Final = 65_536
"""Bytes that may come at once at any rate: fewer would throttle a single window of TCP."""
_NEARBY4: Final = "{ 224.0.0.0/4, 255.255.255.255 }"
_NEARBY6: Final = "{ fe80::/10, ff00::/8 }"


def classid(root: int, number: int) -> str:
    """Return a class as nft and tc write it."""
    return f"{root >> 16:x}:{number:x}"


def burst(per_s: int) -> int:
    """Return the bytes that may come at once at a rate."""
    return max(LEAST_BURST, per_s * BURST_MS // 1000)


def together(per_s: int | None) -> Iterator[str]:
    """Yield the rule that drops what all guests together send too much, if anything is too much."""
    if per_s is not None:
        yield f"limit rate over {per_s} bytes/second burst {burst(per_s)} bytes drop"


def own_way(wan: str) -> tuple[str, ...]:
    """Return the rules of the chain that knows what the box itself sends over the line."""
    return (
        "type filter hook output priority filter - 10; policy accept;",
        f'oifname != "{wan}" return',
        "ip daddr @office4 return",
        f"ip daddr {_NEARBY4} return",
        "ip6 daddr @office6 return",
        f"ip6 daddr {_NEARBY6} return",
        f"meta priority set {classid(UPWARDS, OFFICE)}",
    )
