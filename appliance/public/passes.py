"""What the portal's form carries instead of a cookie: good once, soon, and for the device it was given to.

Many phones show a portal in a window of their own that keeps no cookies. So the proof that our page was
filled in is bound to the socket's address, which the gate holds to its owner.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from typing import Final

from appliance.public.errors import ForeignFormError

LIFE_S: Final = 1_800
"""So long a page may lie open before its form is void."""
MOST_USED: Final = 8_192
_NONCE_BYTES: Final = 9
_MAC_BYTES: Final = 18
_LONGEST: Final = 128
_PARTS: Final = 3


class Passes:
    """See the module; for the event loop only.

    Args:
        secret: of this start.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._used: OrderedDict[str, int] = OrderedDict()

    def issue(self, address: str, about: str, now_s: float) -> str:
        """Return a pass.

        Args:
            address: whose.
            about: what the form is for; the pass is good for nothing else.
            now_s: seconds of a clock that never jumps.
        """
        nonce, at = secrets.token_urlsafe(_NONCE_BYTES), str(int(now_s))
        return f"{at}.{nonce}.{self._mac(address, about, at, nonce)}"

    def take(self, shown: str, address: str, about: str, now_s: float) -> bool:
        """Return True if a pass is good, False if it has been used before by the same device.

        Raises:
            ForeignFormError: it is none of ours, too old, somebody else's, or for something else.
        """
        parts = shown.split(".") if len(shown) <= _LONGEST else []
        if len(parts) != _PARTS or not (parts[0].isascii() and parts[0].isdigit()):
            raise ForeignFormError
        at, nonce, mac = parts
        right = self._mac(address, about, at, nonce)
        if not hmac.compare_digest(right.encode(), mac.encode("utf-8", "replace")):
            raise ForeignFormError
        if now_s - int(at) > LIFE_S:
            raise ForeignFormError
        if nonce in self._used:
            return False
        self._used[nonce] = int(at)
        while len(self._used) > MOST_USED:
            self._used.popitem(last=False)
        return True

    def _mac(self, address: str, about: str, at: str, nonce: str) -> str:
        said = f"portal\n{address}\n{about}\n{at}\n{nonce}".encode("utf-8", "replace")
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()[: 2 * _MAC_BYTES]
