"""What the bench page needs of the box's devices; the composition root provides it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from appliance.errors import DomainError

TAKEN, REFUSED, MEANINGLESS, UNANSWERED = "taken", "refused", "meaningless", ""


class UnknownDeviceError(DomainError, LookupError):
    """Error raised when the bench page names a device that this box does not have."""

    key = "bench.unknown_device"
    template = "this box has no {device}; load the page again"
    template_vi = "Thiết bị này không có {device}. Xin tải lại trang."


class ByHandError(DomainError):
    """Error raised when a page is to press what only a hand can press."""

    key = "bench.by_hand"
    template = "{device} is a real one: press it by hand and watch this page"
    template_vi = "{device} là thiết bị thật: hãy bấm bằng tay và theo dõi trên trang này"


class NotTestedError(DomainError):
    """Error raised when a lamp, a buzzer or a keypad could not be told to light or to beep."""

    key = "bench.not_tested"
    template = "{device} could not be reached: {reason}"
    template_vi = "Không điều khiển được {device}: {reason}"


@dataclass(frozen=True, slots=True)
class ButtonLook:
    """One button of the board.

    Args:
        device: its name for :meth:`Bench.press`.
        name: as on the board, ``rating.1.3``.
        pin: BCM number.
        place: a level of the scale, 1 the worst, or the service's place in the settings, from 0.
        is_down: whether it is held, or was until a moment ago.
        is_stuck: whether it counts as stuck.
        pressed_at: when it was pressed last, or None.
    """

    device: str
    name: str
    pin: int
    place: int
    is_down: bool = False
    is_stuck: bool = False
    pressed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LampLook:
    """One lamp or the buzzer.

    Args:
        device: its name for :meth:`Bench.test`.
        name: as on the board, ``thanks.1``.
        pin: BCM number.
        is_lit: whether it lights or sounds, or did a moment ago.
        times: how often it has since the start.
    """

    device: str
    name: str
    pin: int
    is_lit: bool
    times: int


@dataclass(frozen=True, slots=True)
class PanelLook:
    """One LED panel.

    Args:
        bus: its line.
        unit: its address there.
        digits: how many it has.
        text: what it shows; of a real one, what it was told to show.
        is_online: whether it answers.
        is_seen: whether ``text`` was read off an emulated panel.
    """

    bus: str
    unit: int
    digits: int
    text: str
    is_online: bool
    is_seen: bool


@dataclass(frozen=True, slots=True)
class KeypadLook:
    """One call keypad with its evaluator.

    Args:
        bus: its line.
        address: its address there.
        waiting: the left three digits; of a real one, what it was told to show.
        ticket: the right three digits.
        is_online: whether its line is plugged in.
        is_seen: whether the digits were read off an emulated keypad, whose keys can be pressed.
        levels: the level that each of the evaluator's four keys means, worst key first.
        is_inviting: whether the evaluator was asked to collect a rating; None when that cannot be known.
        acks: acknowledgements that it heard; None when that cannot be known.
        last_key: the name of the key that came last, or an empty text.
    """

    bus: str
    address: int
    waiting: str
    ticket: str
    is_online: bool
    is_seen: bool
    levels: tuple[int, ...]
    is_inviting: bool | None = None
    acks: int | None = None
    last_key: str = ""


@dataclass(frozen=True, slots=True)
class StationLook:
    """What is fitted at one counter; None where it has none.

    Args:
        counter: its id.
        buttons: the satisfaction buttons, worst first.
        lamp: that thanks.
        panel: above it.
        keypad: on its desk.
        is_private: whether which satisfaction key is pressed is not shown, because somebody serves there.
    """

    counter: str
    buttons: tuple[ButtonLook, ...] = ()
    lamp: LampLook | None = None
    panel: PanelLook | None = None
    keypad: KeypadLook | None = None
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class HeardLook:
    """Something that came from a button or a keypad.

    Args:
        device: ``button:rating.1.3``, ``keypad:q1:call`` or ``evaluator:q1:3``.
        at: when it began.
        edges: of a button: how often its contact changed; two for a clean press, more when it bounces.
        held_ms: of a button that was let go: how long it was held.
        result: taken, refused, meaningless, or an empty text as long as there is none.
        said: the label given out, or why it was refused; English.
        said_vi: the same in Vietnamese.
    """

    device: str
    at: datetime
    edges: int = 0
    held_ms: int | None = None
    result: str = UNANSWERED
    said: str = ""
    said_vi: str = ""


@dataclass(frozen=True, slots=True)
class LineLook:
    """A serial line: its id, port and kind, and whether it is plugged in."""

    bus: str
    port: str
    kind: str
    is_online: bool


@dataclass(frozen=True, slots=True)
class BenchLook:
    """Everything that is fitted, as it is now.

    Args:
        is_emulated: whether the page's own presses reach the buttons.
        board: the board profile's name; empty without pins.
        issue: the take-a-number buttons.
        buzzer: the box's, or None.
        stations: one a counter, in the order of the settings.
        lines: the serial lines.
        heard: the latest first.
    """

    is_emulated: bool
    board: str
    issue: tuple[ButtonLook, ...] = ()
    buzzer: LampLook | None = None
    stations: tuple[StationLook, ...] = ()
    lines: tuple[LineLook, ...] = ()
    heard: tuple[HeardLook, ...] = ()


class Bench(Protocol):
    """The buttons, lamps, panels and keypads of one box, real or emulated; for any thread."""

    def look(self) -> BenchLook:
        """Return what is to be seen now; returns at once."""
        ...

    def press(self, device: str, held_ms: int) -> None:
        """Press a button or key by its name on the page; returns at once.

        Args:
            device: ``button:rating.1.3``, ``keypad:q1:call``, ``keypad:q1:transfer.2`` or ``evaluator:q1:3``.
            held_ms: how long a button is held; a key is only ever touched.

        Raises:
            UnknownDeviceError: there is no such thing.
            ByHandError: it is a real one.
        """
        ...

    def test(self, device: str, by: str) -> None:
        """Light a lamp or a panel, sound the buzzer or a keypad for a moment, real or not, and record that.

        Args:
            device: ``lamp:thanks.1``, ``lamp:buzzer``, ``keypad:q1`` or ``panel:q1``.
            by: the technician's id, for the record.

        Raises:
            UnknownDeviceError: there is no such thing.
            NotTestedError: its line is closed or full.
            TransientError: it could not be recorded.
        """
        ...
