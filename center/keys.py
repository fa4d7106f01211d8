"""The center's own keys: the root key every box pins, and the key that signs receipts.

They are made once, both together, in one atomic rename; afterwards a missing file is an error and never
replaced: with another root key every box of the province would have to be provisioned again.
"""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from appliance.wire.errors import WireError
from appliance.wire.keys import PublicKey, SigningKey
from center.errors import KeyFileError

ROOT_FILE = "root.jwk"
RECEIPTS_FILE = "receipts.jwk"
_FILE_MODE = 0o600


@dataclass(frozen=True)
class CenterKeys:
    """The center's private keys.

    Args:
        root: signs enrolments; boxes pin its thumbprint.
        receipts: signs receipts; boxes learn it at enrolment.
    """

    root: SigningKey
    receipts: SigningKey

    @property
    def public(self) -> tuple[PublicKey, ...]:
        """What a box is told: ``center_keys``, the root key first."""
        return self.root.public, self.receipts.public

    @property
    def root_thumbprint(self) -> str:
        """What a provisioning file pins."""
        return self.root.kid

    @classmethod
    def generate(cls) -> "CenterKeys":
        """Make both keys in memory."""
        return cls(SigningKey.generate(), SigningKey.generate())

    @classmethod
    def open(cls, folder: Path) -> "CenterKeys":
        """Return the keys of a folder, making them when the folder is absent or empty.

        Raises:
            KeyFileError: a file is missing, unreadable, readable by others, or no key.
        """
        if not folder.is_dir() or not any(folder.iterdir()):
            _create(folder)
        return cls(_load(folder / ROOT_FILE), _load(folder / RECEIPTS_FILE))


def _create(folder: Path) -> None:
    made = CenterKeys.generate()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))  # mode 0700
    except OSError as error:
        raise KeyFileError(
            path=folder.parent, reason=error.strerror, remedy="make it writable for the first start"
        ) from error
    try:
        _write_durably(fresh / ROOT_FILE, made.root.to_bytes())
        _write_durably(fresh / RECEIPTS_FILE, made.receipts.to_bytes())
        _sync_folder(fresh)
        # Over nothing or an empty folder only: a second process that was faster wins.
        fresh.rename(folder)
        _sync_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        if not (folder / ROOT_FILE).exists():
            raise KeyFileError(
                path=folder, reason=error.strerror, remedy="give a folder that does not exist yet"
            ) from error


def _write_durably(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _load(path: Path) -> SigningKey:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise KeyFileError(
            path=path,
            reason=error.strerror,
            remedy="restore it from your copy: with a new key the boxes would not know this center",
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(
            path=path, reason="others can read it", remedy=f"chmod 600 {path} and think about who did"
        )
    try:
        return SigningKey.from_bytes(content)
    except WireError as error:
        raise KeyFileError(path=path, reason=str(error), remedy="restore it from your copy") from error
