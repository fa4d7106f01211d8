"""The office.toml that a card makes: a preset or a file beside it, with what the card says put in."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Final

from appliance.communes import find
from appliance.config import ConfigError
from appliance.config import loads as check
from appliance.config.document import DocumentError, with_rows, with_values
from appliance.config.edits import Changes
from appliance.firstboot.card import Card, CardError, read_bytes
from appliance.firstboot.sentences import trouble

_BARE: Final = """\
# office.toml - máy không có sảnh chờ / a box without a hall.

[office]

[uplink]
usb_dir = "/media/motcua"

[backup]
dir = "/media/motcua"
expected = false
"""


_FEWER: Final = {"none": frozenset[str](), "virt": frozenset({"issue.1", "rating.1"})}
"""The boards that have not all the buttons of the presets, and which they have."""


def office_text(
    card: Card, folder: Path, data: Path, ca_file: Path | None = None, of_backup: str | None = None
) -> str:
    """Return the text of the office.toml of a new box.

    Args:
        card: what its card says.
        folder: the card, for a file beside motcua.toml.
        data: the box's data directory.
        ca_file: where the certificates of the province's CA are kept, when the card brings some.
        of_backup: the office.toml of the box whose place it takes, if the card names no file.

    Raises:
        CardError: the file beside it is missing or wrong, or what comes out is no office.
    """
    name = "office.toml" if card.office.file is None else card.office.file
    is_new = card.office.file is None and of_backup is None
    text = of_backup if of_backup is not None and card.office.file is None else _beginning(card, folder)
    with _told_of(name):
        text = with_values(text, ("office",), _office(card, data, is_new=is_new))
        text = with_values(text, ("uplink",), _uplink(card, ca_file))
        if card.device.role == "office" and is_new:
            text = _on_board(text, card.device.board)
        elif is_new:
            # Without a hall there is nothing to press or light.
            text = with_values(text, ("hardware",), {"board": card.device.board, "pin_factory": "none"})
        elif of_backup is not None and "board" in card.device.model_fields_set:
            text = with_values(text, ("hardware",), {"board": card.device.board})
        if of_backup is None or card.office.file is not None:
            text = with_values(text, ("hotspot",), _hotspot(card, is_new=is_new))
        check(text, name)
    return text


@contextmanager
def _told_of(name: str) -> Iterator[None]:
    """Turn what is wrong with an office.toml into what is wrong with a card."""
    try:
        yield
    except DocumentError as error:
        raise CardError(problems=[trouble("card.form", "", detail=str(error))], name=name) from error
    except ConfigError as error:
        raise CardError(problems=error.problems, name=name) from error


def _beginning(card: Card, folder: Path) -> str:
    if card.office.file is not None:
        name = card.office.file
        try:
            return read_bytes(folder / name).decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise CardError(problems=[trouble("file.encoding", "")], name=name) from None
    if card.device.role != "office":
        return _BARE
    preset = resources.files(__package__).joinpath("presets", f"{card.office.preset}.toml")
    return preset.read_text(encoding="utf-8")


def _office(card: Card, data: Path, *, is_new: bool) -> Changes:
    named = {} if card.site.name is None else {"name": card.site.name, "name_en": card.site.name_en}
    commune = find(card.site.commune)
    if is_new and card.site.name is None and commune is not None:
        named = {"name": commune.office_name, "name_en": commune.office_name_en}
    return {
        **named,
        "device": card.device.id,
        "site": card.site_id,
        "role": card.device.role,
        "data_dir": str(data),
    }


def _hotspot(card: Card, *, is_new: bool) -> Changes:
    """Return what the card says of the WiFi for citizens; a box for it has one even if it is not named.

    The box's own radio offers a network or joins one: where the card names one to join, the WiFi stays off
    until a technician has chosen another radio on the page.
    """
    ssid, is_for_it = card.hotspot.ssid, is_new and card.device.role == "hotspot"
    if card.device.role == "display" or (ssid is None and not is_for_it):
        return {}
    named = {} if ssid is None else {"ssid": ssid}
    return named if card.network.wifi_ssid is not None else {"enabled": True, **named}


def trusting(text: str, ca_file: Path) -> str:
    """Return the text of an office.toml that names the certificates of the province's CA.

    Raises:
        CardError: it is written in a form that nothing can be put into.
    """
    with _told_of("office.toml"):
        changed = with_values(text, ("uplink",), {"ca_file": str(ca_file)})
        check(changed)
    return changed


def _uplink(card: Card, ca_file: Path | None) -> Changes:
    return {
        **({} if ca_file is None else {"ca_file": str(ca_file)}),
        "center": card.center.url,
        "center_id": card.center.id,
        "root_key_thumbprint": card.center.root_key_thumbprint,
    }


def _on_board(text: str, board: str) -> str:
    """Put the board in, and take out the buttons that it has not."""
    fewer = _FEWER.get(board)
    if fewer is None:
        return with_values(text, ("hardware",), {"board": board})
    factory = "none" if board == "none" else "lgpio"
    text = with_values(text, ("hardware",), {"board": board, "pin_factory": factory})
    written = tomllib.loads(text)
    missing = [each for each in written["hardware"]["issue_buttons"] if each not in fewer]
    text = with_values(text, ("hardware", "issue_buttons"), dict.fromkeys(missing))
    rows: list[Changes] = [
        {"id": each["id"], "rating_buttons": buttons if f"rating.{buttons}" in fewer else None}
        for each in written["counters"]
        for buttons in (each.get("rating_buttons"),)
    ]
    return with_rows(text, ("counters",), rows)
