"""Whether sessions are recorded: what the gate asks of :mod:`appliance.hotspot.retention`.

Most boxes have no policy for it. Then nothing of it is loaded, and nothing is written.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from appliance.hotspot.policy.ended import Ended
from appliance.wire.moment import Moment

if TYPE_CHECKING:
    from appliance.hotspot.retention import Retention

Standing = Literal["off", "on", "faulty"]
Held = Callable[[], Iterable[tuple[str, str]]]
FOLDER: Final = "records"
"""Of the records, in the gate's state directory; nobody else's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the gate is told of the policy.

    Attributes:
        device: the box's id.
        text: of the policy's file; None where it cannot be read.
        terms: version of the terms that say so; None where anything is agreed to.
        most_mib: that the records may take.
    """

    device: str
    text: str | None
    terms: str | None
    most_mib: int


class Recording:
    """See the module.

    Args:
        state: the gate's state directory.
        held: returns who has which address now, hardware address first.
    """

    def __init__(self, state: Path, held: Held) -> None:
        self._folder, self._held = state / FOLDER, held
        self._inner: Retention | None = None

    @property
    def standing(self) -> Standing:
        """Whether sessions are recorded; ``faulty`` where they should be and are not."""
        return "off" if self._inner is None else self._inner.standing

    def told(self, asked: Asked | None, now: Moment) -> None:
        """Take a policy, or none any more."""
        # Records of an earlier policy are destroyed in time, also where none is left.
        if self._inner is None and (asked is not None or self._folder.is_dir()):
            from appliance.hotspot.retention import Retention

            self._inner = Retention(self._folder, self._held)
        if self._inner is not None:
            self._inner.told(asked, now)

    def open(self, resumed: Iterable[str], lapsed: Iterable[str], now: Moment) -> None:
        """Begin, with the sessions of an earlier start: that go on, and that were over meanwhile."""
        if self._inner is not None:
            self._inner.open(resumed, lapsed, now)

    def began(self, mac: str, terms: str, now: Moment) -> None:
        """Note that a device's owner agreed to terms."""
        if self._inner is not None:
            self._inner.began(mac, terms, now)

    def look(self) -> None:
        """Remember which addresses devices have."""
        if self._inner is not None:
            self._inner.look()

    def ended(self, sessions: Sequence[Ended], now: Moment) -> None:
        """Record sessions that ended."""
        if self._inner is not None:
            self._inner.ended(sessions, now)

    def tick(self, now: Moment) -> None:
        """Destroy what was kept long enough, and try again what failed."""
        if self._inner is not None:
            self._inner.tick(now)

    def close(self) -> None:
        """End in order."""
        if self._inner is not None:
            self._inner.close()
