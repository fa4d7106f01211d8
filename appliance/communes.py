"""The communes of Viet Nam since July 2025: 3,321 of them in 34 provinces, by their official code.

The data is that of ``vietnam-provinces``. A commune's code has five digits; programs that make tables of
numbers drop the zeros in front, so a shorter one is taken for the same.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

_CODE: Final = re.compile(r"[0-9]{1,5}\Z")
_KINDS_EN: Final = {"xã": "Commune", "phường": "Ward", "đặc khu": "Special Zone"}


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune, ward or special zone.

    Attributes:
        code: Five digits.
        name: With its kind, ``Xã Hòa Bình``.
        kind: ``xã``, ``phường`` or ``đặc khu``.
        province: The province's name.
    """

    code: str
    name: str
    kind: str
    province: str

    @property
    def office_name(self) -> str:
        """What its one-stop office is called in Vietnamese."""
        return f"Trung tâm Phục vụ hành chính công {self.name[0].lower()}{self.name[1:]}"

    @property
    def office_name_en(self) -> str:
        """The same in English, without accents."""
        place = _without_accents(self.name[len(self.kind) :].strip())
        return f"{place} {_KINDS_EN[self.kind]} Public Service Center"


def normal_code(text: str) -> str | None:
    """Return a code with its five digits; None when the text is no code."""
    text = text.strip()
    return text.zfill(5) if _CODE.match(text) else None


def find(text: str) -> Commune | None:
    """Return the commune of a code; None when there is none."""
    code = normal_code(text)
    return None if code is None else communes().get(code)


@cache
def communes() -> Mapping[str, Commune]:
    """Return all communes by code."""
    from vietnam_provinces import NESTED_DIVISIONS_JSON_PATH

    provinces = json.loads(NESTED_DIVISIONS_JSON_PATH.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            f"{ward['code']:05}": Commune(
                f"{ward['code']:05}",
                _text(ward["name"]),
                _text(ward["division_type"]),
                _text(province["name"]),
            )
            for province in provinces
            for ward in province["wards"]
        }
    )


def _text(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in apart if not unicodedata.combining(char))
