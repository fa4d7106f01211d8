"""The public WiFi as the pages see and command it; the composition root provides it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from appliance.errors import DomainError, TransientError
from appliance.sockets import gate
from appliance.sockets.abilities import Capabilities
from appliance.web.examiner import ExaminedLook


class GateAwayError(TransientError):
    """Error raised when the gate of the public WiFi does not answer at the moment."""

    key = "hotspot.gate_away"
    template = "the gate of the public WiFi does not answer; nothing was changed, try again shortly"
    template_vi = "Bộ phận WiFi công cộng chưa trả lời. Chưa có gì thay đổi, xin thử lại sau giây lát."


class GateRefusedError(DomainError):
    """Error raised when the gate of the public WiFi says no; ``reason`` is the key of its own error."""

    key = "hotspot.gate_refused"
    template = "{en}"
    template_vi = "{vi}"


class NoDeviceError(DomainError, LookupError):
    """Error raised when a page names a device that cannot be one of the public WiFi's."""

    key = "hotspot.no_device"
    template = "there is no such device any more; load the page again"
    template_vi = "Không còn máy này. Xin tải lại trang."


class BadMinutesError(DomainError, ValueError):
    """Error raised when a device is to be blocked for a time that is none."""

    key = "hotspot.bad_minutes"
    template = "write whole minutes, from 1 to {most}"
    template_vi = "Hãy ghi số phút nguyên, từ 1 đến {most}"


class TestNotAskedError(TransientError):
    """Error raised when a test of the gate cannot be asked for."""

    __test__ = False
    key = "hotspot.no_test"
    template = "the test could not be asked for ({reason}); switch the box off and on, and try again"
    template_vi = "Chưa yêu cầu thử được ({reason}). Hãy tắt bật lại thiết bị rồi thử lại."


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in both languages."""

    en: str
    vi: str


@dataclass(frozen=True, slots=True)
class WifiLook:
    """The public WiFi as it is now.

    Args:
        is_up: whether the gate answers.
        silent_s: seconds since it was heard, or since it should have been.
        counts: what it said last, or None.
        down_bps: towards guests lately, bits a second; None when that cannot be told yet.
        up_bps: from guests.
        refusal: why it did not take the settings, or None.
        deaths: how often each engine had to be started again within the last hour.
        conflicts: most devices within the last hour whose hardware address two seemed to use.
    """

    is_up: bool
    silent_s: float
    counts: gate.Counts | None = None
    down_bps: int | None = None
    up_bps: int | None = None
    refusal: Said | None = None
    deaths: Mapping[str, int] = field(default_factory=dict)
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class TestLook:
    """The gate's own test.

    Args:
        is_running: whether one was asked for and has not ended.
        is_overdue: whether the last one that was asked for never ended.
        last: what was found last, since the gate was started; None for never.
    """

    __test__: ClassVar[bool] = False
    is_running: bool
    is_overdue: bool = False
    last: ExaminedLook | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A network interface of the box, as far as the kernel shows it to everybody.

    Args:
        name: ``wlan0``.
        is_radio: whether it is one; else a port for a cable.
        is_usb: whether it hangs on USB.
        is_connected: whether it has found somebody: a cable with something at its end, a WiFi that it joined.
    """

    name: str
    is_radio: bool
    is_usb: bool = False
    is_connected: bool = False


def named(links: Sequence[Link], name: str) -> Link | None:
    """Return the interface of a name, or None when the box has none."""
    return next((each for each in links if each.name == name), None)


class Wifi(Protocol):
    """The gate of the public WiFi; for any thread. All but :meth:`look` block: call them in a worker."""

    def look(self) -> WifiLook:
        """Return it as it is; returns at once."""
        ...

    def clients(self) -> Sequence[gate.Client]:
        """Return who is there now, by handles.

        Raises:
            GateAwayError: not now.
        """
        ...

    def block(self, handle: str, minutes: int) -> None:
        """Close the gate for a device.

        Raises:
            GateAwayError: not now.
            GateRefusedError: there is no such device.
        """
        ...

    def unblock(self, handle: str) -> None:
        """Let a device agree again; the same errors as :meth:`block`."""
        ...

    def capabilities(self) -> Capabilities | None:
        """Return what the gate found that this box can do, or None when it has not looked yet."""
        ...

    def test(self) -> TestLook:
        """Return how the gate's own test stands."""
        ...

    def ask_for_test(self) -> None:
        """Ask for a test; it takes about a minute.

        Raises:
            TestNotAskedError: that cannot be.
        """
        ...
