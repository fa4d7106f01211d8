"""A gate that is killed and comes back: who was through goes on, and what he used counts on."""

import pytest
from town import WEB4, until

CLASSES = """
classes = [{ id = "basic", down_kbps = 4000, up_kbps = 4000 }]
"""
MIB = 1 << 20
QUOTA = 10 * MIB


@pytest.fixture(scope="module")
def town(build):
    return build(CLASSES, without="classes")


def test_a_download_that_only_receives_goes_on_and_what_was_used_counts_on(town):
    guest = town.guest("phone", 1, ("v4",))
    guest.join()
    assert town.agree(guest.address).state == "open"
    guest.do("start_download", host=WEB4, size=4 * MIB)
    until(lambda: guest.do("downloaded")[0] > MIB, "a part is there")

    town.stop(kill=True)
    town.start()
    came, is_over = guest.do("downloaded")
    assert not is_over, "the gate was back too late to show anything"

    until(lambda: guest.do("downloaded")[1], "the download is over")
    assert guest.do("downloaded")[0] == 4 * MIB, f"it stalled after {came}"
    until(lambda: town.status(guest.address).bytes_left < QUOTA - 4 * MIB, "what came before counts, too")
