"""A quota that leads to a slower class: slower, and not cut off, for as long as the session lasts."""

import pytest
from town import WEB4, until

CLASSES = """quota_class = "slow"
classes = [
  { id = "basic", down_kbps = 400000, up_kbps = 400000 },
  { id = "slow", down_kbps = 100000, up_kbps = 100000 },
]
"""
MIB = 1 << 20


@pytest.fixture(scope="module")
def town(build):
    return build(CLASSES, without="classes")


def test_who_has_used_his_quota_goes_on_in_the_slower_class_beyond_another_quota(town):
    guest = town.guest("phone", 1, ("v4",))
    guest.join()
    assert town.agree(guest.address).state == "open"

    assert guest.do("download", host=WEB4, size=11 * MIB) == 11 * MIB
    until(lambda: town.status(guest.address).bytes_left == 0, "the quota is used")
    rates = town.nft("list", "map", "inet", "motcua_hotspot", "sessions")
    assert "0x6d01" in rates, "not in the slower class"

    for _ in range(2):
        assert guest.do("download", host=WEB4, size=11 * MIB) == 11 * MIB
    assert town.status(guest.address).state == "open"
    assert guest.do("tcp", host=WEB4, port=443) == "internet"
