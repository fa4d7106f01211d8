"""A box without any address in a network."""

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding

CONDITION = Condition("network", "network", "mạng")


def check(box: Box) -> Finding:
    """Look whether the box has an address; which one is not told, sheets are photographed."""
    count = len(box.around.addresses())
    if not count:
        return CONDITION.warning(
            Both("no address", "không có địa chỉ"),
            Both(
                "check cable, lamp at the socket, and router", "kiểm tra dây mạng, đèn ở cổng mạng và modem"
            ),
        )
    return CONDITION.well(Both(f"{count} addresses", f"có {count} địa chỉ"))
