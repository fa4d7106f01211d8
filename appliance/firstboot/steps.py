"""The steps of a first start, in such an order that the next start makes good whatever a power cut left.

The province's certificates, the settings, the claim and the setup code are put in place, each atomically;
then it is remembered which card they came from; only then are the card's secrets overwritten and its file
renamed. A card that is remembered is not taken twice, so that an old setup code does not come back.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Final

import structlog

from appliance.accounts.setup_code import FILE_NAME as SETUP_CODE
from appliance.config import ConfigError, Problem, Settings
from appliance.config import load as load_settings
from appliance.firstboot import network, report
from appliance.firstboot.authority import authority_of
from appliance.firstboot.card import FILE_NAME, Card, CardError, loads, read_bytes
from appliance.firstboot.disk import Disk, RealDisk
from appliance.firstboot.erasing import without_secrets
from appliance.firstboot.memory import FILE_NAME as MEMORY
from appliance.firstboot.memory import Memory
from appliance.firstboot.office_file import office_text, trusting
from appliance.firstboot.places import Places
from appliance.firstboot.reset_file import TAKEN_NAME as RESET_TAKEN_NAME
from appliance.firstboot.resetting import Reset
from appliance.firstboot.sentences import trouble
from appliance.firstboot.spare import Spare, refuse_used
from appliance.office.enrolment import CLAIM
from appliance.office.restoring import RestoredNote
from appliance.setup_notice import FILE_NAME as NOTICE
from appliance.setup_notice import Mistake, SetupNotice

log = structlog.get_logger(__name__)

TAKEN_NAME: Final = "motcua-da-nhan.toml"
"""What the card's file is called once it was taken ("received") and its secrets were erased."""
_NOT_MEANT: Final = frozenset({TAKEN_NAME, RESET_TAKEN_NAME})


class Outcome(Enum):
    """What a start found."""

    SET_UP = "set_up"
    """A card was taken."""
    NOTHING_NEW = "nothing_new"
    """The box was set up before and the card brings nothing."""
    REFUSED = "refused"
    """The card is wrong; the office opens as it was set up before."""
    SETUP_MODE = "setup_mode"
    """The card is wrong or missing and there is no office to open."""


class FirstBoot:
    """One start.

    Args:
        places: where everything is.
        disk: how it is changed.
    """

    def __init__(self, places: Places, disk: Disk | None = None) -> None:
        self._at = places
        self._card = places.card / FILE_NAME
        self._disk = disk or RealDisk()
        self._reset = Reset(places, self._disk)

    def run(self) -> Outcome:
        """Reset the box if the card asks for it, then take the card over, or say why not."""
        try:
            self._reset.run()
        except CardError as error:
            return self._refused(error.problems, error.name, is_set_up=self._is_set_up())
        except OSError as error:
            return self._unwritable(error)
        return self._take_over()

    def _take_over(self) -> Outcome:
        try:
            settings = self._settings()
        except CardError as error:
            return self._refused(error.problems, error.name, is_set_up=False)
        try:
            return self._run(settings)
        except CardError as error:
            if settings is not None and not self._card.exists():
                return self._without_card(settings)
            return self._refused(self._looked_for(error), error.name, is_set_up=settings is not None)
        except OSError as error:
            return self._unwritable(error)

    def _unwritable(self, error: OSError) -> Outcome:
        problem = trouble("box.write", "", detail=_said(error))
        return self._refused([problem], self._at.data.name, is_set_up=self._at.config.exists())

    def _is_set_up(self) -> bool:
        try:
            return self._settings() is not None
        except CardError:
            return False

    def _settings(self) -> Settings | None:
        """Return the settings the box has; None before the first card.

        Raises:
            CardError: it has some that cannot be used.
        """
        try:
            return load_settings(self._at.config)
        except ConfigError as error:
            if [each.rule for each in error.problems] == ["file.missing"]:
                return None
            raise CardError(problems=error.problems, name=self._at.config.name) from None

    def _run(self, settings: Settings | None) -> Outcome:
        raw = read_bytes(self._card)
        memory = Memory.read(self._at.data)
        try:
            card = loads(raw)
        except CardError:
            if memory is None or settings is None or not memory.is_half_erased(raw):
                raise
            return self._erased(memory)
        if settings is not None and memory is not None and memory.is_half_erased(raw):
            return self._erased(memory)
        authority = authority_of(card, self._at.card)
        if settings is not None and memory is not None and memory.card == _digest(card, authority):
            return self._erased(memory)
        return self._take(raw, card, settings, authority)

    def _take(self, raw: bytes, card: Card, settings: Settings | None, authority: bytes | None) -> Outcome:
        ca_file = None if authority is None else self._at.ca_file
        text: str | None = None
        is_spare = card.restore.source == "usb"
        spare = Spare(card, self._at.stick, self._at.data) if is_spare else None
        if settings is None:
            of_backup = None if spare is None else spare.settings_text()
            text = office_text(card, self._at.card, self._at.data, ca_file, of_backup)
            if spare is not None:
                spare.run()
        else:
            if spare is not None and not spare.is_done:
                raise refuse_used()
            _check_same(card, settings)
            if ca_file is not None and settings.uplink.ca_file != ca_file:
                text = trusting(self._at.config.read_text("utf-8-sig"), ca_file)
        if authority is not None:
            self._put(self._at.ca_file, authority, 0o644)
        if text is not None:
            self._put(self._at.config, text.encode(), 0o640)
        self._put_network(card)
        if card.center.claim is not None:
            self._put(self._at.data / CLAIM, f"{card.center.claim}\n".encode("ascii"), 0o600)
        if card.setup.code_hash is not None:
            self._put(self._at.data / SETUP_CODE, f"{card.setup.code_hash}\n".encode("ascii"), 0o600)
        rest = without_secrets(raw, card)
        memory = Memory(_digest(card, authority), len(raw), rest, is_erased=False, is_restored=is_spare)
        self._put(self._at.data / MEMORY, memory.to_bytes(), 0o600)
        log.info("firstboot.taken", device=card.device.id, site=card.site_id, role=card.device.role)
        return self._erased(memory)

    def _put_network(self, card: Card) -> None:
        folder, wanted = self._at.network, card.network
        cable = network.cable(wanted)
        if cable is None:
            self._disk.remove(folder / network.CABLE)
        else:
            self._put(folder / network.CABLE, cable.encode(), 0o644)
        path = folder / network.SUPPLICANT
        if wanted.wifi_ssid is None:
            self._disk.remove(path)
            self._disk.remove(folder / network.WIFI)
            return
        # A card without the password was taken before: the box knows it.
        is_known = wanted.wifi_password is None and network.is_for(_text(path), wanted.wifi_ssid)
        if not is_known:
            self._put(path, network.supplicant(wanted.wifi_ssid, wanted.wifi_password).encode(), 0o600)
        self._put(folder / network.WIFI, network.wifi().encode(), 0o644)

    def _without_card(self, settings: Settings) -> Outcome:
        """Go on as set up before; the power may have been cut between the card's last step and ours."""
        memory = Memory.read(self._at.data)
        if memory is not None and not memory.is_erased:
            self._finish(memory, settings)
            return Outcome.SET_UP
        self._disk.remove(self._at.data / NOTICE)
        return Outcome.NOTHING_NEW

    def _looked_for(self, error: CardError) -> Sequence[Problem]:
        """Name the file that was meant, where the card has one under a name like it."""
        problems = error.problems
        if error.name != FILE_NAME or [(each.rule, each.key) for each in problems] != [("card.missing", "")]:
            return problems
        alike = sorted(
            path.name for path in self._at.card.glob("[Mm][Oo][Tt][Cc][Uu][Aa]*") if path.is_file()
        )
        found = [name for name in alike if name not in _NOT_MEANT]
        return [trouble("card.named", "", found=found[0])] if found else problems

    def _erased(self, memory: Memory) -> Outcome:
        """Overwrite the secrets and rename the file; the box is set up whether or not that succeeds."""
        try:
            self._disk.overwrite(self._card, memory.left)
            _check_left(self._card, memory.left)
            self._disk.rename(self._card, TAKEN_NAME)
        except OSError as error:
            return self._refused([trouble("box.erase", "", detail=_said(error))], FILE_NAME, is_set_up=True)
        settings = self._settings()
        if settings is not None:
            self._finish(memory, settings)
        return Outcome.SET_UP

    def _finish(self, memory: Memory, settings: Settings) -> None:
        has_claim = (self._at.data / CLAIM).exists()
        restored = RestoredNote.read(self._at.data) if memory.is_restored else None
        address = network.address_of(_text(self._at.network / network.CABLE))
        reset = self._reset.done()
        self._tell(
            report.done(settings, has_claim=has_claim, address=address, reset=reset, restored=restored)
        )
        self._disk.remove(self._at.data / NOTICE)
        done = replace(memory, is_erased=True)
        self._put(self._at.data / MEMORY, done.to_bytes(), 0o600)

    def _refused(self, problems: Sequence[Problem], name: str, *, is_set_up: bool) -> Outcome:
        mistakes = tuple(_mistakes(problems, name))
        for each in mistakes:
            log.error("firstboot.refused", place=each.place, reason=each.message)
        notice = SetupNotice(is_set_up=is_set_up, mistakes=mistakes)
        try:
            self._put(self._at.data / NOTICE, notice.to_bytes(), 0o644)
        except OSError as error:
            log.warning("firstboot.notice_unwritten", reason=str(error))
        self._tell(report.refused(mistakes, is_set_up=is_set_up, reset=self._reset.done()))
        return Outcome.REFUSED if is_set_up else Outcome.SETUP_MODE

    def _tell(self, text: str) -> None:
        try:
            self._put(self._at.card / report.FILE_NAME, text.encode(), 0o644)
        except OSError as error:
            log.warning("firstboot.result_unwritten", reason=str(error))

    def _put(self, path: Path, data: bytes, mode: int) -> None:
        """Put a file in place, unless it is there as it should be: cards wear out by writing."""
        try:
            if path.read_bytes() == data:
                return
        except OSError:
            pass
        self._disk.replace(path, data, mode)


def _check_same(card: Card, settings: Settings) -> None:
    """Refuse a card that would make another box of one that is set up.

    Raises:
        CardError: device, office, role or center are others.
    """
    office, uplink = settings.office, settings.uplink
    pairs = (
        ("device.id", card.device.id, office.device),
        ("site", card.site_id, office.site),
        ("device.role", card.device.role, office.role),
        ("center.url", card.center.url, uplink.center),
        ("center.id", card.center.id, uplink.center_id),
        ("center.root_key_thumbprint", card.center.root_key_thumbprint, uplink.root_key_thumbprint),
    )
    others = [trouble("box.other", key, f'"{new}"', own=own) for key, new, own in pairs if new != own]
    if others:
        raise CardError(problems=others)


def _digest(card: Card, authority: bytes | None) -> str:
    """Return what tells a card from others: all it says, with the certificates beside it."""
    if authority is None:
        return card.digest
    return hashlib.sha256(card.digest.encode() + authority).hexdigest()


def _check_left(path: Path, wanted: bytes) -> None:
    if path.read_bytes() != wanted:
        raise OSError("what was read back is not what was written")


def _mistakes(problems: Iterable[Problem], name: str) -> Iterable[Mistake]:
    return (Mistake.of(each, name) for each in problems)


def _said(error: OSError) -> str:
    return error.strerror or str(error)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
