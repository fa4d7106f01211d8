"""A network for guests whose addresses are those of the office LAN."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from appliance.doctor import wifi
from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("wifi_networks", "WiFi: guests' addresses", "WiFi: dải địa chỉ của khách")
OTHERS4 = ("10.77.0.0/22", "172.29.0.0/22", "192.168.212.0/22")
OTHER6 = "fd77:6d63:7562::/64"


def check(box: Box) -> Finding:
    """Compare guests' networks with those on the office's own links."""
    if box.wifi is None:
        return CONDITION.skipped(wifi.OFF)
    plan = box.wifi.plan
    own = {"hotspot.subnet": plan.subnet, "hotspot.prefix6": plan.prefix6}
    for text in box.around.wifi.office_networks(plan):
        network = ip_network(text)
        for key, guests in own.items():
            if guests is not None and _overlap(guests, network):
                other = OTHER6 if key == "hotspot.prefix6" else _another(network)
                return CONDITION.broken(
                    Both(f"{key} is also the office's", f"{key} trùng với mạng văn phòng"),
                    Both(
                        f"give {key} other addresses, such as {other}", f"đặt {key} dải khác, ví dụ {other}"
                    ),
                )
    return CONDITION.well(Both("guests' only", "chỉ của khách"))


def _overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.overlaps(other)
    return isinstance(other, IPv6Network) and one.overlaps(other)


def _another(taken: IPv4Network | IPv6Network) -> str:
    """Return a private network that the taken one does not meet."""
    return next((each for each in OTHERS4 if not _overlap(IPv4Network(each), taken)), OTHERS4[0])
