"""What the checks look at, gathered once per round."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.errors import MotcuaError
from appliance.setup_notice import Mistake
from appliance.wire.moment import Quality

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WifiFacts:
    """The public WiFi, while it is enabled.

    Args:
        silent_s: seconds since its gate was heard, or should have been.
        failed: engines that do not run and are not started again.
        deaths: how often each engine had to be started again within the last hour.
        fault: why guests are kept out, or None; English.
        fault_vi: the same in Vietnamese.
        conflicts: devices within the last hour whose hardware address two seemed to use.
        is_record_faulty: whether sessions should be recorded and are not.
    """

    silent_s: float = 0.0
    failed: tuple[str, ...] = ()
    deaths: Mapping[str, int] = field(default_factory=dict)
    fault: str | None = None
    fault_vi: str | None = None
    conflicts: int = 0
    is_record_faulty: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """One round's facts.

    Args:
        free_bytes: free space on the data partition, or None when it cannot be told.
        journal_bytes: bytes the journal uses.
        max_journal_bytes: from the settings.
        warn_free_bytes: from the settings.
        clock: quality of the clock.
        unreceipted: events that the province has not receipted.
        silent_ms: how long ago the last delivery succeeded, or since the start; milliseconds.
        interval_ms: how often the uplink is scheduled; milliseconds.
        recording_stopped: why nothing can be recorded, or None.
        addresses: addresses of the box that are neither loopback nor link-local, over all links.
        unserved: what of the pages could not be opened, and why.
        backup_trouble: why the backup stick is not written, a word, or an empty text.
        backup_silent_s: seconds since the stick last took what there was; 0 without a backup.
        mistakes: of a card that the last start did not take.
        ca_error: why the center's certificate cannot be checked at all, or None.
        wifi: how the public WiFi is, or None while it is not enabled.
    """

    free_bytes: int | None
    journal_bytes: int
    max_journal_bytes: int
    warn_free_bytes: int
    clock: Quality
    unreceipted: int
    silent_ms: int
    interval_ms: int
    recording_stopped: str | None
    addresses: tuple[str, ...]
    unserved: tuple[str, ...] = ()
    backup_trouble: str = ""
    backup_silent_s: float = 0.0
    mistakes: tuple[Mistake, ...] = ()
    ca_error: MotcuaError | None = None
    wifi: WifiFacts | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong.

    Args:
        key: stable word, the ``issue`` of ``device.fault``.
        subject: what it is about, or an empty text.
        suggestion: what to do, English.
        suggestion_vi: the same in Vietnamese.
        recorded: whether it belongs into the journal; a link that is down for an hour does not.
    """

    key: str
    subject: str
    suggestion: str
    suggestion_vi: str
    recorded: bool = True
