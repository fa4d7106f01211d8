"""motcua.toml without its secrets, over the same bytes of the card.

What can be promised: no program that reads the file or the partition finds them. What cannot: flash remaps
what is written, so that a laboratory may read old cells. Hence what is on a card is of little use alone: a
claim works once and expires, and the setup code is there only as a slow hash.
"""

import tomllib
from typing import Final

from appliance.config.document import DocumentError, with_values
from appliance.firstboot.card import SECRETS, Card

NOTE: Final = (
    "# Thiết bị đã nhận tệp này; thông tin bí mật đã được xóa.\n"
    "# Taken over by the box; the secrets were erased.\n"
)


def without_secrets(raw: bytes, card: Card) -> str:
    """Return the text of a card's file without its secrets: everything else kept, if that can be done."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
        for table, name in SECRETS:
            if name in data.get(table, {}):
                text = with_values(text, (table,), {name: None})
        if "from" in data.get("restore", {}):  # it was done, and is not to be done to a box in use
            text = with_values(text, ("restore",), {"from": None})
    except (DocumentError, ValueError):
        return NOTE
    # A copy in a comment is a secret, too.
    is_clean = not any(secret in text for secret in card.secrets)
    return NOTE + text if is_clean else NOTE


def padded(text: str, size: int) -> bytes:
    """Return a text over at least so many bytes, so that nothing of what was there remains behind it."""
    raw = text.encode()
    return raw + b"\n" * (size - len(raw))
