"""A spare box goes on from the backup stick of the one that died: ``[restore]`` on its card.

It is the same code as ``motcua restore``. Without a stick, or without a copy of this device on it, nothing is
set up: a box that begins with number 1 in a hall full of people is worse than one that asks for its stick.
"""

from pathlib import Path
from typing import Final

from appliance.backup import layout
from appliance.backup.errors import BackupEmptyError, ClaimSpentError, DataInTheWayError, NoBackupError
from appliance.clock import KernelTime, SystemTime
from appliance.errors import MotcuaError
from appliance.firstboot.card import Card, CardError
from appliance.firstboot.sentences import trouble
from appliance.office.notify import notify
from appliance.office.restoring import RestoredNote, find, restore
from appliance.office.starting import APPLIED
from appliance.uplink.identity import claim_digest
from appliance.wire.enrolment import Claim

PATIENCE_S: Final = 15 * 60
"""How long the service manager is asked to wait: a year of lines on a slow card takes minutes."""
_KEY: Final = "restore.from"


class Spare:
    """A box that is to go on from a stick.

    Args:
        card: what its card says; it wants a stick and has a claim.
        stick: where sticks are mounted.
        data: the data directory.
        system: the machine's time.
    """

    def __init__(self, card: Card, stick: Path, data: Path, system: SystemTime | None = None) -> None:
        self._claim = Claim.parse(card.center.claim or "")
        self._stick = stick
        self._data = data
        self._system = system or KernelTime()

    @property
    def is_done(self) -> bool:
        """Whether this card's restore was finished before, by a start that a power cut ended."""
        note = RestoredNote.read(self._data)
        return note is not None and note.claim == claim_digest(self._claim)

    def settings_text(self) -> str | None:
        """Return the office.toml of the box that died; None when its backup has none.

        Raises:
            CardError: there is no stick, or nothing of this device on it.
        """
        path = self._data / APPLIED if self.is_done else self._backup() / layout.CONFIG
        try:
            return path.read_text("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise _refused("restore.failed", detail=str(error)) from error

    def run(self) -> None:
        """Make the data directory from the stick, unless that was done.

        Raises:
            CardError: it could not be done; the next start tries again.
        """
        if self.is_done:
            return
        self._backup()
        notify(f"EXTEND_TIMEOUT_USEC={PATIENCE_S * 1_000_000}")
        try:
            restore(self._stick, self._data, self._claim, self._system)
        except BackupEmptyError as error:
            raise _refused("restore.empty") from error
        except ClaimSpentError as error:
            raise _refused("restore.claim", device=self._claim.device) from error
        except DataInTheWayError as error:
            raise _refused("restore.used") from error
        except (MotcuaError, OSError) as error:
            raise _refused("restore.failed", detail=str(error)) from error

    def _backup(self) -> Path:
        try:
            if not any(self._stick.iterdir()):
                raise _refused("restore.no_stick")
            return find(self._stick, self._claim.device)
        except (FileNotFoundError, NotADirectoryError):
            raise _refused("restore.no_stick") from None
        except NoBackupError as error:
            found = sorted(path.name for path in (self._stick / layout.FOLDER).glob("*"))
            told = ", ".join(found[:5]) or "-"
            raise _refused("restore.no_copy", device=self._claim.device, found=told) from error
        except OSError as error:
            raise _refused("restore.failed", detail=str(error)) from error


def refuse_used() -> CardError:
    """Return the error for a box that is set up: what it recorded is not written over."""
    return _refused("restore.used")


def _refused(rule: str, **fields: object) -> CardError:
    return CardError(problems=[trouble(rule, _KEY, '"usb"', **fields)])
