"""A province's policy on records of WiFi sessions, as a file; tests change single lines of it."""

from appliance.records.keys import RecordKey


def policy_text(key: RecordKey, **changed: str) -> str:
    """Return a policy whose records are sealed for a key.

    Args:
        key: the province's.
        changed: values in TOML, instead of those below or besides them.
    """
    lines = {
        "citation": '"Quyết định số 12/2026/QĐ-UBND, Điều 7"',
        "issued_by": '"UBND tỉnh Lào Cai"',
        "months": "12",
        "valid_from": "2026-07-01",
        "valid_until": "2028-06-30",
        "fields": '["mac", "ipv4", "ipv6", "bytes", "terms"]',
        **changed,
    }
    jwk = key.jwk()
    head = [f"{name} = {value}" for name, value in lines.items()]
    tail = [f'{name} = "{jwk[name]}"' for name in ("kty", "crv", "x", "kid")]
    return "\n".join([*head, "[key]", *tail, ""])
