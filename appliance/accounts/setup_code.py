"""The setup code of a box: needed for the first account and to reset a password, known from the label only.

Its Argon2 hash is the file ``setup-code``, beside the database and not in it: a damaged database must not
take the way back with it. The file is read at each check, so a code made by the command line counts at once.
"""

import os
import secrets
from pathlib import Path

import structlog
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import Type

from appliance.accounts.errors import AccountsUnavailableError, BadSetupHashError

log = structlog.get_logger(__name__)

FILE_NAME = "setup-code"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
GROUPS, GROUP = 3, 4  # twelve letters of five bits: 60 bits
MOST_MEMORY_MIB = 64
MOST_PASSES = 10
_MOST_TYPED = 64
_MOST_BYTES = 512
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


def new_code() -> str:
    """Return a new code, ``7K3M-Q9TX-2FWD``."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def normal_code(text: str) -> str:
    """Return a code as it is hashed: capitals, no dashes or spaces, no letter that looks like a digit."""
    return "".join(text[:_MOST_TYPED].upper().split()).translate(_LOOKS_LIKE)


def check_hash(stored: str) -> str:
    """Return a provisioned hash without its line end.

    Raises:
        BadSetupHashError: it is no Argon2id hash, or one that would take all memory of a small box.
    """
    stored = stored.strip()
    try:
        parameters = extract_parameters(stored)
    except InvalidHashError as error:
        raise BadSetupHashError(memory_mib=MOST_MEMORY_MIB) from error
    if (
        parameters.type is not Type.ID
        or parameters.memory_cost > MOST_MEMORY_MIB * 1024
        or parameters.time_cost > MOST_PASSES
        or len(stored) > _MOST_BYTES
    ):
        raise BadSetupHashError(memory_mib=MOST_MEMORY_MIB)
    return stored


class SetupFile:
    """The file with the hash.

    Args:
        folder: the data directory; whoever owns it owns the file.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def read(self) -> str | None:
        """Return the hash, or None when there is none that could be checked."""
        try:
            return check_hash(self.path.read_bytes()[:_MOST_BYTES].decode("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, BadSetupHashError) as error:
            log.warning("accounts.setup_code_unreadable", path=str(self.path), reason=str(error))
            return None

    def write(self, stored: str) -> None:
        """Replace the hash atomically and durably; mode 0600, owned as the folder is.

        Raises:
            AccountsUnavailableError: the old one is still there.
        """
        try:
            self._replace(stored)
        except OSError as error:
            raise AccountsUnavailableError(reason=str(error)) from error

    def _replace(self, stored: str) -> None:
        draft = self.path.with_name(f"{FILE_NAME}.new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(f"{stored}\n".encode("ascii"))
            if os.geteuid() == 0:  # the service is not root and must be able to read it
                owner = self.path.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
