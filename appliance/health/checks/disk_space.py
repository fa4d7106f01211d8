"""Free space on the data partition, long before it is gone."""

from appliance.health.facts import MIB, Facts, Issue


def check(facts: Facts) -> Issue | None:
    """Return an issue when less is free than the settings want."""
    if facts.free_bytes is None or facts.free_bytes >= facts.warn_free_bytes:
        return None
    free = facts.free_bytes // MIB
    return Issue(
        "disk_space",
        "",
        f"only {free} MiB are free on the data partition: remove foreign files or change the card",
        f"Phân vùng dữ liệu chỉ còn {free} MiB: hãy xóa tệp lạ hoặc thay thẻ nhớ lớn hơn",
    )
