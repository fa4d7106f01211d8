"""What the live view shows, as plain values: collected by the observer, drawn by the view."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FLAGS = ("unbound", "repeat", "burst", "stuck", "corrected")
"""What is counted beside the levels: the flags of ``rating.given``, and ratings that replaced another."""


@dataclass(frozen=True, slots=True)
class CounterCard:
    """One counter.

    Args:
        name: as people call it.
        state: ``open``, ``paused`` or ``closed``.
        label: of the ticket there, or None.
        ticket_state: ``CALLED`` or ``SERVING``, or None.
        since_s: how long that state has lasted, seconds.
        service: name of the ticket's service, or None.
    """

    name: str
    state: str
    label: str | None = None
    ticket_state: str | None = None
    since_s: int | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Who waits for one service, the next one first."""

    series: str
    name: str
    labels: tuple[str, ...]
    issued: int


@dataclass(frozen=True, slots=True)
class Lamp:
    """An output that lights or sounds, and whether it does."""

    name: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Devices:
    """What the emulated devices hold and show.

    Args:
        panel: the LED panel's digits.
        panel_plugged: whether its line is plugged in.
        keypad_waiting: the keypad's left digits.
        keypad_ticket: the keypad's right digits.
        keypad_acks: acknowledgements the keypad heard.
        lamps: the lamps at the rating buttons.
        buzzer: the box's buzzer.
        beeps: how often that sounded.
    """

    panel: str
    panel_plugged: bool
    keypad_waiting: str
    keypad_ticket: str
    keypad_acks: int
    lamps: tuple[Lamp, ...]
    buzzer: Lamp
    beeps: int


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the rating scale: its name and its color (``#rrggbb``)."""

    label: str
    color: str


@dataclass(frozen=True, slots=True)
class RatingRow:
    """What was pressed at one counter.

    Args:
        counter: its name.
        counts: evaluations that count, by level, worst first.
        flags: by the names of ``FLAGS``; none is left out of the record.
        is_fresh: whether one came a moment ago.
    """

    counter: str
    counts: tuple[int, ...]
    flags: Mapping[str, int]
    is_fresh: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of the province: when it came (local time), up to which event, for how many new ones."""

    at: str
    upto: int
    events: int


@dataclass(frozen=True, slots=True)
class Record:
    """The journal and its way to the province.

    Args:
        seq: of the last event that is durable.
        head: hash of that event, hex.
        epoch: id of the journal's epoch.
        recording_stopped: why nothing can be recorded, or None.
        enrolled: whether the province knows this box.
        mark: the last receipted event.
        unreceipted: events without receipt; None when they cannot be counted.
        receipt_age_s: seconds since the last receipt, or None before the first.
        next_s: seconds to the next delivery, or None when none is planned.
        error: why the last delivery failed, or None.
        center: ``up``, ``stopping``, ``down`` or ``starting``.
        receipts: the latest first.
    """

    seq: int
    head: str
    epoch: str
    recording_stopped: str | None
    enrolled: bool
    mark: int
    unreceipted: int | None
    receipt_age_s: int | None
    next_s: int | None
    error: str | None
    center: str
    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened, in plain words.

    Args:
        at: local time, ``09:31:02``.
        vi: Vietnamese.
        en: the same in a few English words.
        tone: ``ticket``, ``call``, ``rating``, ``receipt``, ``fault`` or ``plain``.
    """

    at: str
    vi: str
    en: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Hint:
    """What a key does: the key or keys, Vietnamese (short), the same at length, English."""

    keys: str
    vi: str
    long_vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Door:
    """What an address is for, Vietnamese and English, and the address."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Login:
    """Who may sign in: the role in words, the name to type, the password."""

    words: str
    officer: str
    password: str


@dataclass(frozen=True, slots=True)
class Doors:
    """How to reach the demo's pages.

    Args:
        doors: the addresses.
        logins: who may sign in.
        setup_code: as a box's label says it.
        fingerprint: of the certificate, where one is used; else empty.
    """

    doors: tuple[Door, ...]
    logins: tuple[Login, ...]
    setup_code: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One moment of the demo.

    Args:
        office: its name.
        day: the business day, or an empty text.
        clock: local time, ``09:31:02``.
        quality: how far that is trusted.
        counters: in the order of the settings.
        lines: one a service.
        levels: the rating scale, worst first.
        ratings: one row a counter.
        devices: the emulated devices.
        record: journal and receipts.
        issues: what is wrong, in words.
        news: the latest last.
        hints: what the keys do.
        note: what the last key did.
        is_scripted: whether a script plays citizens and officers.
        is_paused: whether that is paused.
        is_help_open: whether help covers the screen.
        doors: how to reach the pages; None where there are none.
        is_doors_open: whether that covers the screen.
    """

    office: str
    day: str
    clock: str
    quality: str
    counters: tuple[CounterCard, ...]
    lines: tuple[Line, ...]
    levels: tuple[Level, ...]
    ratings: tuple[RatingRow, ...]
    devices: Devices
    record: Record
    issues: tuple[str, ...] = ()
    news: tuple[News, ...] = ()
    hints: tuple[Hint, ...] = field(default=())
    note: str = ""
    is_scripted: bool = True
    is_paused: bool = False
    is_help_open: bool = False
    doors: Doors | None = None
    is_doors_open: bool = False
