"""Argon2id, one at a time, and which passwords are accepted.

19 MiB and two passes are OWASP's least; a Raspberry Pi has 512 MiB for everything, so no two are computed at
once and only a few may wait.
"""

import threading
import unicodedata
from typing import Protocol

import argon2
import structlog
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from appliance.accounts.errors import PasswordRefusedError, TooManyTriesError
from appliance.clock import entropy

log = structlog.get_logger(__name__)

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
MOST_WAITING = 8
"""More tries at one time than this are sent away: a flood of them may not take every thread."""

LEAST, MOST = 8, 128
_COMMON_WORDS = """
    12345678 123456789 1234567890 0123456789 87654321 11111111 00000000 88888888 66668888 123123123 12341234
    123456abc abc123456 abcd1234 a1234567 qwertyui qwerty123 1q2w3e4r 1qaz2wsx asdfghjk iloveyou football
    password password1 passw0rd admin123 admin1234 administrator welcome1 letmein1
    matkhau matkhau1 matkhau123 matkhau1234 matkhaumoi anhyeuem anhyeuem123 emyeuanh yeuemnhieu iloveyou123
    vietnam vietnam1 vietnam123 vietnam1975 vietnam2025 vietnam2026 hanoi123 saigon123 congan113
    motcua motcua123 motcua1234 motcua2024 motcua2025 motcua2026 motcua2027 motcua@123 motcua@2025 motcua@2026
    canbo123 canbo1234 canbo2026 ubnd1234 ubnd2025 ubnd2026 ubndxa123 ubndphuong hanhchinhcong hanhchinh123
    hosocong tiepnhan tiepnhan123 motcualienthong xinchao123
"""
COMMON = frozenset(_COMMON_WORDS.split())
"""What everybody tries first, as :func:`plain` makes it: "mật khẩu" has eight characters."""


class Hasher(Protocol):
    """Turns a secret into a text that proves it and does not tell it."""

    def hash(self, secret: str) -> str:
        """Return a salted hash with its parameters."""
        ...

    def verify(self, stored: str, secret: str) -> bool:
        """Whether a hash is that of a secret; False also for what is no hash."""
        ...

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters."""
        ...


class Argon2Hasher:
    """Argon2id.

    Args:
        memory_kib: memory of one hash.
        passes: over that memory.
    """

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES)

    def hash(self, secret: str) -> str:
        return self._argon2.hash(secret)

    def verify(self, stored: str, secret: str) -> bool:
        try:
            return self._argon2.verify(stored, secret)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            log.warning("accounts.hash_unusable", reason=str(error))
            return False

    def is_outdated(self, stored: str) -> bool:
        return self._argon2.check_needs_rehash(stored)


class Passwords:
    """One hash at a time for the whole process.

    Args:
        hasher: does the work.
        most_waiting: how many callers may wait for it.
    """

    def __init__(self, hasher: Hasher, most_waiting: int = MOST_WAITING) -> None:
        self._hasher = hasher
        self._one = threading.Lock()
        self._places = threading.BoundedSemaphore(most_waiting + 1)
        # What an unknown name is compared with, so that it takes as long as a known one.
        self._nobody = hasher.hash(entropy(16).hex())

    def hash(self, secret: str) -> str:
        """Return the hash of a secret that was checked; waits for its turn."""
        with self._one:
            return self._hasher.hash(secret)

    def verify(self, stored: str | None, secret: str) -> bool:
        """Whether a secret fits; without a stored hash it never does, and takes the same time.

        Raises:
            TooManyTriesError: too many others wait.
        """
        if not self._places.acquire(blocking=False):
            raise TooManyTriesError(retry_s=2)
        try:
            with self._one:
                fits = self._hasher.verify(stored or self._nobody, normal(secret))
        finally:
            self._places.release()
        return fits and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a password should be hashed again when it is known."""
        return self._hasher.is_outdated(stored)


def normal(secret: str) -> str:
    """Return a password as it is hashed: NFC, whatever the keyboard composed; cut where none is that long."""
    text = secret[: 4 * MOST].encode("utf-8", "replace").decode()  # half a surrogate pair is no character
    return unicodedata.normalize("NFC", text)[: MOST + 1]


def plain(text: str) -> str:
    """Return a text without accents, capitals and spaces, for comparing what looks alike."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(char for char in apart if not unicodedata.combining(char) and not char.isspace())


def accepted(secret: str, officer: str, name: str) -> str:
    """Return a new password in NFC.

    Args:
        secret: what was typed.
        officer: the person's id.
        name: the person's name.

    Raises:
        PasswordRefusedError: it is too short, too long, or what everybody would try.
    """
    secret = normal(secret)
    if len(secret) < LEAST:
        raise PasswordRefusedError(why=f"at least {LEAST} characters", why_vi=f"cần ít nhất {LEAST} ký tự.")
    if len(secret) > MOST:
        raise PasswordRefusedError(why=f"at most {MOST} characters", why_vi=f"tối đa {MOST} ký tự.")
    bare = plain(secret)
    if bare in {plain(officer), plain(name)}:
        raise PasswordRefusedError(
            why="it is the person's own name", why_vi="không được trùng với tên hoặc mã cán bộ."
        )
    if bare in COMMON or len(set(bare)) <= 1:
        raise PasswordRefusedError(
            why="it is one that everybody tries", why_vi="mật khẩu này quá phổ biến, dễ bị đoán."
        )
    return secret
