"""Receipts: the center's signed word, and when each box of a province comes next."""

from hashlib import sha256

from appliance.wire.keys import SigningKey
from appliance.wire.moment import wire_time
from appliance.wire.receipt import Receipt
from center.clock import Clock
from center.receive import Mark

_DESIRED = 0  # the revision before the first desired state


def next_after_s(device: str, average_s: int) -> int:
    """Return when a device comes next, in seconds: its own fixed value within a quarter of the average.

    Different periods pull boxes apart that came back together after a power cut in the district.
    """
    span = average_s // 2
    place = int.from_bytes(sha256(device.encode()).digest()[:8], "big") % (span + 1)
    return average_s - span // 2 + place


class ReceiptDesk:
    """Signs receipts.

    Args:
        center: this center's id.
        key: the receipt-signing key.
        average_s: seconds between a box's visits, on average.
        clock: center time.
    """

    def __init__(self, center: str, key: SigningKey, average_s: int, clock: Clock) -> None:
        self._center = center
        self._key = key
        self._average_s = average_s
        self._clock = clock

    def sign(self, device: str, mark: Mark) -> str:
        """Return the receipt for what is stored; call it after the commit."""
        receipt = Receipt(
            center=self._center,
            device=device,
            epoch=mark.epoch,
            upto=mark.upto,
            head=mark.head,
            at=wire_time(self._clock.now()),
            next_after_s=next_after_s(device, self._average_s),
            desired=_DESIRED,
        )
        return receipt.sign(self._key)
