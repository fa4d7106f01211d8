"""Who is told that somebody signed in, signed out or was refused; the journal is behind it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from appliance.accounts.person import Person
from appliance.errors import MotcuaError

log = structlog.get_logger(__name__)

MOST_REFUSALS = 30
REFUSALS_MS = 3_600_000
_WORTH_A_LINE = frozenset({1, 10, 100, 1000, 10_000})


class Witness(Protocol):
    """Is told after the fact, from any thread; may raise a MotcuaError, which changes nothing."""

    def signed_in(self, person: Person) -> None:
        """Tell that a person signed in."""
        ...

    def signed_out(self, person: Person) -> None:
        """Tell that a person signed out, or was."""
        ...

    def refused(self, officer: str | None, role: str) -> None:
        """Tell that a sign-in, or the setup code, was refused.

        Args:
            officer: the id of an account, or None: what was typed is no id and may be a password.
            role: of that account, else empty.
        """
        ...


class NoWitness:
    """Nobody is told."""

    def signed_in(self, person: Person) -> None:
        """Tell nobody."""

    def signed_out(self, person: Person) -> None:
        """Tell nobody."""

    def refused(self, officer: str | None, role: str) -> None:
        """Tell nobody."""


class BoundedWitness:
    """Tells a witness at most 30 refusals an hour: nobody can fill the journal. The log counts the rest.

    Args:
        witness: who is told.
    """

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._lock = threading.Lock()
        self._since_ms = 0
        self._told = 0
        self._untold = 0

    def signed_in(self, person: Person) -> None:
        """Tell that a person signed in."""
        with _gently():
            self._witness.signed_in(person)

    def signed_out(self, person: Person) -> None:
        """Tell that a person signed out."""
        with _gently():
            self._witness.signed_out(person)

    def refused(self, officer: str | None, role: str, now_ms: int) -> None:
        """Tell a refusal, or count it.

        Args:
            officer: the id of an account, or None.
            role: of that account, else empty.
            now_ms: of a clock that never jumps.
        """
        with self._lock:
            may_tell = self._take(now_ms)
        if may_tell:
            with _gently():
                self._witness.refused(officer, role)

    def _take(self, now_ms: int) -> bool:
        if not self._told or not 0 <= now_ms - self._since_ms < REFUSALS_MS:
            if self._untold:
                log.warning("accounts.refusals_untold", count=self._untold)
            self._since_ms, self._told, self._untold = now_ms, 0, 0
        if self._told < MOST_REFUSALS:
            self._told += 1
            return True
        self._untold += 1
        if self._untold in _WORTH_A_LINE:
            log.warning("accounts.refusals_untold", count=self._untold)
        return False


@contextmanager
def _gently() -> Iterator[None]:
    """Let nothing depend on whether it could be recorded that somebody signed in."""
    try:
        yield
    except MotcuaError as error:
        log.warning("accounts.not_witnessed", reason=str(error))
