"""The gate of the public WiFi does not answer: nobody new gets online, and nothing of it is recorded."""

from appliance.health.facts import Facts, Issue

SILENT_S = 60.0


def check(facts: Facts) -> Issue | None:
    """Return an issue when the gate was not heard for a minute."""
    if facts.wifi is None or facts.wifi.silent_s < SILENT_S:
        return None
    return Issue(
        "hotspot_silent",
        "",
        "the gate of the public WiFi does not answer: switch the box off and on, or run "
        "systemctl status motcua-hotspot",
        "Bộ phận WiFi công cộng không trả lời: hãy tắt rồi bật lại thiết bị, hoặc xem "
        "systemctl status motcua-hotspot",
    )
