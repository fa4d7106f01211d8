"""``motcua-reset.txt``: how somebody who holds the card asks for a box that knows nothing any more.

The first line is the device's id as it is on the label, so that a file which came with a copied card resets
no other box. A further line, ``xoa-het`` or ``erase``, gives up what the province has not received, too.
"""

import codecs
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Self

from appliance.config.problem import shown
from appliance.firstboot.card import MAX_BYTES, CardError
from appliance.firstboot.sentences import trouble

FILE_NAME: Final = "motcua-reset.txt"
NAMES: Final = (FILE_NAME, f"{FILE_NAME}.txt")
"""Windows hides the ending, and whoever types it has it twice."""
TAKEN_NAME: Final = "motcua-da-dat-lai.txt"
"""What the file is called once the reset was begun ("was reset")."""
NOTE: Final = (
    "# Thiết bị đã nhận yêu cầu đặt lại này; xem KETQUA.txt.\n"
    "# The box has taken this request for a reset; see KETQUA.txt.\n"
)
_ERASE: Final = frozenset({"xoa-het", "xoa het", "xóa hết", "xoá hết", "xóa-hết", "xoá-hết", "erase"})
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Request:
    """What a motcua-reset.txt asks for.

    Attributes:
        device: the id of the box that is meant.
        is_erasing: whether what was set aside is erased as well.
    """

    device: str
    is_erasing: bool

    @classmethod
    def parse(cls, raw: bytes, own: Collection[str]) -> Self:
        """Return what a file asks of this box.

        Args:
            raw: its bytes.
            own: the ids by which this box knows itself.

        Raises:
            CardError: it names no device, another one, or says something else as well.
        """
        lines = [line.strip() for line in _text(raw).splitlines()]
        said = [line for line in lines if line and not line.startswith("#")]
        if not said:
            raise _refused("reset.empty")
        named, *rest = said
        device = next((each for each in sorted(own) if each.casefold() == named.casefold()), None)
        if device is None:
            if not own:
                raise _refused("reset.unknown", named)
            raise _refused("reset.other", named, own=", ".join(sorted(own)))
        for line in rest:
            if line.casefold() not in _ERASE:
                raise _refused("reset.line", line)
        return cls(device, is_erasing=bool(rest))


def _text(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise _refused("card.too_large", limit=MAX_BYTES // 1024)
    # Notepad's "Unicode" is UTF-16.
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return unicodedata.normalize("NFC", raw.decode("utf-16" if is_wide else "utf-8-sig"))
    except UnicodeDecodeError:
        raise _refused("file.encoding") from None


def _refused(rule: str, said: str | None = None, **fields: object) -> CardError:
    value = None if said is None else shown(said[:_SHOWN])
    return CardError(problems=[trouble(rule, "", value, **fields)], name=FILE_NAME)
