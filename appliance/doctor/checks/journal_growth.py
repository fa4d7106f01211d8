"""A journal that will not fit: what it grows in a day, kept as long as retention says."""

import os

from appliance.doctor.box import Box
from appliance.doctor.finding import Both, Condition, Finding
from appliance.journal.journal import FILE_NAME
from appliance.journal.source import sources

CONDITION = Condition("journal_growth", "journal growth", "mức tăng nhật ký")
FEW_DAYS = 5


def check(box: Box) -> Finding:
    """Look at the growth of the current epoch by business day."""
    box.must_read()
    current = [source for source in sources(box.folder) if source.path.parent == box.folder]
    if box.settings is None or not current:
        return CONDITION.skipped(Both("no settings or no journal", "không có cài đặt hoặc nhật ký"))
    days = len(current[-1].opened_days(current[-1].last()))
    if days < FEW_DAYS:
        return CONDITION.unknown(Both(f"only {days} business days yet", f"mới có {days} ngày làm việc"))
    used = (box.folder / FILE_NAME).stat().st_size
    found = os.statvfs(box.folder)
    journal = box.settings.journal
    room = min(journal.max_mib << 20, used + found.f_bavail * found.f_frsize)
    return judge(used, days, journal.retention_days, room)


def judge(used_bytes: int, days: int, retention_days: int, room_bytes: int) -> Finding:
    """Return how a journal of so many business days stands."""
    a_day = used_bytes // days
    whole = a_day * retention_days
    said = Both(
        f"{a_day >> 10} KiB a day, {whole >> 20} MiB in {retention_days} days",
        f"{a_day >> 10} KiB/ngày, {whole >> 20} MiB trong {retention_days} ngày",
    )
    if whole > room_bytes:
        return CONDITION.warning(
            said,
            Both(
                f"it has {room_bytes >> 20} MiB: a larger card, or a shorter journal.retention_days",
                f"chỉ có {room_bytes >> 20} MiB: thay thẻ lớn hơn hoặc giảm journal.retention_days",
            ),
        )
    return CONDITION.well(said)
