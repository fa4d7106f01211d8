"""How often somebody may try: pure policy, in milliseconds of a clock that never jumps.

A try counts as failed from its beginning until it succeeds, so that many at one instant are no way around.
Addresses are taken as they are, also of IPv6: everybody of an office shares one prefix, and one guesser
must not lock out all others. What a guesser gains by changing addresses is bounded by the officer's delay.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass

MINUTE_MS = 60_000
MOST_ADDRESSES = 1024
MOST_OFFICERS = 1024
MOST_UNKNOWN = 256
MOST_PROVEN = 256

FREE_FAILURES = 5
"""This many failures in a row cost an officer nothing; then each delays the next try."""
MOST_DELAY_MS = MINUTE_MS


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``tries`` failures within ``window_ms``."""

    tries: int
    window_ms: int


SIGN_IN = Limit(10, 5 * MINUTE_MS)
SETUP = Limit(5, 15 * MINUTE_MS)
SETUP_ALL = Limit(20, 60 * MINUTE_MS)


class Windows:
    """Failures within a sliding window, by key; the keys unused for longest are forgotten.

    Args:
        limit: what each key may do.
        most: keys that are remembered.
    """

    def __init__(self, limit: Limit, most: int) -> None:
        self._limit = limit
        self._most = most
        self._stamps: OrderedDict[Hashable, deque[int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._stamps)

    def wait_ms(self, key: Hashable, now_ms: int) -> int:
        """Return how long until the next try is taken, 0 for now."""
        stamps = self._stamps.get(key)
        if stamps is None:
            return 0
        while stamps and not 0 <= now_ms - stamps[0] < self._limit.window_ms:
            stamps.popleft()
        return stamps[0] + self._limit.window_ms - now_ms if len(stamps) >= self._limit.tries else 0

    def count(self, key: Hashable, now_ms: int) -> None:
        """Count a failure."""
        stamps = self._stamps.setdefault(key, deque(maxlen=self._limit.tries))
        stamps.append(now_ms)
        self._stamps.move_to_end(key)
        if len(self._stamps) > self._most:
            self._stamps.popitem(last=False)

    def forgive(self, key: Hashable) -> None:
        """Take the last failure back: it was none."""
        stamps = self._stamps.get(key)
        if stamps:
            stamps.pop()
            if not stamps:
                del self._stamps[key]


def delay_ms(failures: int) -> int:
    """Return the delay after so many failures in a row: 1, 2, 4 ... 60 s, never for good."""
    if failures < FREE_FAILURES:
        return 0
    return min(1000 << min(failures - FREE_FAILURES, 16), MOST_DELAY_MS)


class Delays:
    """Failures in a row, by key; the keys unused for longest are forgotten.

    Args:
        most: keys that are remembered.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._failures: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def wait_ms(self, key: Hashable, now_ms: int) -> int:
        """Return how long until the next try is taken, 0 for now."""
        failures, last_ms = self._failures.get(key, (0, now_ms))
        gone_ms = now_ms - last_ms
        return max(0, delay_ms(failures) - gone_ms) if gone_ms >= 0 else 0

    def count(self, key: Hashable, now_ms: int) -> None:
        """Count a failure."""
        failures, _ = self._failures.get(key, (0, 0))
        self._failures[key] = (failures + 1, now_ms)
        self._failures.move_to_end(key)
        if len(self._failures) > self._most:
            self._failures.popitem(last=False)

    def reset(self, key: Hashable) -> None:
        """Forget a key's failures."""
        self._failures.pop(key, None)


class SignInThrottle:
    """Tries to sign in, by address and by officer.

    From an address where the officer has signed in before, the officer's delay does not count: a guesser
    elsewhere cannot keep the officer out. Unknown names are delayed as known ones are, but remembered apart,
    so that inventing names does not make the known ones forgotten.
    """

    def __init__(self) -> None:
        self._addresses = Windows(SIGN_IN, MOST_ADDRESSES)
        self._known = Delays(MOST_OFFICERS)
        self._unknown = Delays(MOST_UNKNOWN)
        self._proven: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, address: str, officer: str, now_ms: int, *, is_known: bool) -> int:
        """Take a try, counted as failed until it succeeds, or refuse it.

        Returns:
            0 if it is taken, else how long to wait, seconds.
        """
        delays = self._known if is_known else self._unknown
        wait_ms = self._addresses.wait_ms(address, now_ms)
        if (officer, address) not in self._proven:
            wait_ms = max(wait_ms, delays.wait_ms(officer, now_ms))
        if wait_ms:
            return -(-wait_ms // 1000)
        self._addresses.count(address, now_ms)
        delays.count(officer, now_ms)
        return 0

    def succeeded(self, address: str, officer: str) -> None:
        """Tell that the try was none that failed."""
        self._addresses.forgive(address)
        self._known.reset(officer)
        self._proven[officer, address] = None
        self._proven.move_to_end((officer, address))
        if len(self._proven) > MOST_PROVEN:
            self._proven.popitem(last=False)

    def undone(self, address: str) -> None:
        """Tell that nothing was compared after all; the officer's count stays."""
        self._addresses.forgive(address)


class SetupThrottle:
    """Tries of the setup code, by address and over all."""

    def __init__(self) -> None:
        self._addresses = Windows(SETUP, MOST_ADDRESSES)
        self._all = Windows(SETUP_ALL, 1)

    def begin(self, address: str, now_ms: int) -> int:
        """Take a try, counted as failed until it succeeds, or refuse it.

        Returns:
            0 if it is taken, else how long to wait, seconds.
        """
        wait_ms = max(self._addresses.wait_ms(address, now_ms), self._all.wait_ms(None, now_ms))
        if wait_ms:
            return -(-wait_ms // 1000)
        self._addresses.count(address, now_ms)
        self._all.count(None, now_ms)
        return 0

    def succeeded(self, address: str) -> None:
        """Tell that the try was none that failed."""
        self._addresses.forgive(address)
        self._all.forgive(None)
