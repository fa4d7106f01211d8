"""The facts of a box on which nothing is wrong."""

from appliance.health.facts import MIB, Facts
from appliance.wire.moment import Quality

HOUR_MS = 3_600_000
WELL = Facts(
    free_bytes=500 * MIB,
    journal_bytes=10 * MIB,
    max_journal_bytes=1000 * MIB,
    warn_free_bytes=100 * MIB,
    clock=Quality.SYNCED,
    unreceipted=0,
    silent_ms=0,
    interval_ms=300_000,
    recording_stopped=None,
    addresses=("192.168.1.7",),
)
