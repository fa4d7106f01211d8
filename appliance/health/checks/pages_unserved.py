"""Pages that nobody can reach: a port is taken, a certificate unusable, the data directory read-only."""

from appliance.health.facts import Facts, Issue


def check(facts: Facts) -> Issue | None:
    """Return an issue when part of the pages could not be opened."""
    if not facts.unserved:
        return None
    what = "; ".join(facts.unserved)
    return Issue(
        "pages_unserved",
        "",
        f"some pages cannot be reached ({what}): correct [web] or [public] in office.toml, then restart",
        f"Có trang không mở được ({what}): sửa mục [web] hoặc [public] trong office.toml rồi khởi động lại",
    )
