"""The journal against the size it was given, from 80 % on."""

from appliance.health.facts import MIB, Facts, Issue

WARN_PERCENT = 80


def check(facts: Facts) -> Issue | None:
    """Return an issue when the journal has used most of its size."""
    if facts.journal_bytes * 100 < facts.max_journal_bytes * WARN_PERCENT:
        return None
    used, most = facts.journal_bytes // MIB, facts.max_journal_bytes // MIB
    return Issue(
        "journal_size",
        "",
        f"the journal uses {used} of {most} MiB: restore the uplink, or raise journal.max_mib",
        f"Nhật ký đã dùng {used}/{most} MiB: hãy khôi phục đường truyền về tỉnh hoặc tăng journal.max_mib",
    )
