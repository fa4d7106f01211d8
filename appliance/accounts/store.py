"""Everything about accounts in memory, written through to ``accounts.db``.

Requests are answered from memory. A file that turns out to be damaged is set aside; at the start that leaves
nobody, later a new file is written from memory.
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Self

import structlog

from appliance.accounts import database
from appliance.accounts.database import Account, AccountsFile, Opened, Screen, Write
from appliance.accounts.errors import AccountsUnavailableError, AccountsUnreadableError
from appliance.accounts.person import Person, fold_id

log = structlog.get_logger(__name__)


class Store:
    """Accounts, sessions and screens. Hold :attr:`lock` while looking or changing.

    Args:
        folder: the data directory.
        file: open for writing.
    """

    def __init__(self, folder: Path, file: AccountsFile) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, Account] = {}
        """By folded id."""
        self.sessions: dict[str, Opened] = {}
        """By the digest of the token."""
        self.screens: dict[str, Screen] = {}
        """By the digest of the token."""
        self._folder = folder
        self._file: AccountsFile | None = file

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read everything; a damaged file is set aside and an empty one begun.

        Raises:
            AccountsUnavailableError: the disk is full or cannot be written to.
        """
        try:
            try:
                return cls._read(folder)
            except sqlite3.Error as error:
                if not database.is_damage(error):
                    raise
                _set_aside(folder, error)
                return cls._read(folder)
        except (sqlite3.Error, OSError) as error:
            raise AccountsUnavailableError(reason=str(error)) from error

    @classmethod
    def _read(cls, folder: Path) -> Self:
        file = AccountsFile.open(folder)
        try:
            store = cls(folder, file)
            store.accounts = {fold_id(account.person.officer): account for account in file.accounts()}
            store.sessions = {
                session.digest: session
                for session in file.sessions()
                if (account := store.accounts.get(session.officer)) is not None and account.person.is_active
            }
            store.screens = {screen.digest: screen for screen in file.screens()}
        except BaseException:
            file.close()
            raise
        return store

    def close(self) -> None:
        """Close the file; again does nothing."""
        with self.lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def put_account(self, account: Account, *, end: Iterable[str] = ()) -> None:
        """Make or change an account, and end sessions with it.

        Args:
            account: as it shall be.
            end: digests of its sessions that end.

        Raises:
            AccountsUnavailableError: nothing was changed.
        """
        ended = list(end)
        self._commit([database.put_account(account), *map(database.drop_session, ended)])
        self.accounts[fold_id(account.person.officer)] = account
        for digest in ended:
            self.sessions.pop(digest, None)

    def put_screen(self, screen: Screen) -> None:
        """Pair a screen.

        Raises:
            AccountsUnavailableError: nothing was changed.
        """
        self._commit([database.put_screen(screen)])
        self.screens[screen.digest] = screen

    def drop_screen(self, screen: Screen) -> None:
        """Revoke a screen.

        Raises:
            AccountsUnavailableError: nothing was changed.
        """
        self._commit([database.drop_screen(screen.id)])
        del self.screens[screen.digest]

    def put_session(self, session: Opened) -> None:
        """Begin a session. If it cannot be written it lives in memory only: a full disk signs nobody out."""
        self.sessions[session.digest] = session
        self._try([database.put_session(session)])

    def drop_session(self, digest: str) -> None:
        """End a session; if that cannot be written it is with the next :meth:`write_sessions`."""
        self.sessions.pop(digest, None)
        self._try([database.drop_session(digest)])

    def write_sessions(self) -> None:
        """Write all sessions as they are in memory, and no other."""
        puts = [database.put_session(session) for session in self.sessions.values()]
        self._try([database.drop_every_session(), *puts])

    def _try(self, writes: Sequence[Write]) -> None:
        try:
            self._commit(writes)
        except AccountsUnavailableError as error:
            log.warning("accounts.session_not_written", reason=str(error))

    def _commit(self, writes: Sequence[Write]) -> None:
        if self._file is None:
            raise AccountsUnavailableError(reason="closed")
        try:
            try:
                self._file.commit(writes)
            except sqlite3.Error as error:
                if not database.is_damage(error):
                    raise
                self._start_over(error)
                self._file.commit(writes)
        except (sqlite3.Error, OSError) as error:
            raise AccountsUnavailableError(reason=str(error)) from error

    def _start_over(self, error: sqlite3.Error) -> None:
        """Set the damaged file aside and write a new one from memory."""
        if self._file is not None:
            self._file.close()
        _set_aside(self._folder, error)
        self._file = AccountsFile.open(self._folder)
        self._file.commit(
            [
                *map(database.put_account, self.accounts.values()),
                *map(database.put_session, self.sessions.values()),
                *map(database.put_screen, self.screens.values()),
            ]
        )


def read_people(folder: Path) -> list[Person]:
    """Return everybody, by id, while the office may be writing.

    Raises:
        AccountsUnreadableError: there is no file, or it is damaged.
    """
    try:
        with closing(AccountsFile.peek(folder)) as file:
            return [account.person for account in file.accounts()]
    except sqlite3.Error as error:
        raise AccountsUnreadableError(path=folder / database.FILE_NAME, reason=str(error)) from error


def read_private(folder: Path) -> list[str]:
    """Return what must not leave the box, for whoever writes about it: names, hashes, digests of sessions.

    Raises:
        AccountsUnreadableError: there is no file, or it is damaged.
    """
    try:
        with closing(AccountsFile.peek(folder)) as file:
            accounts = list(file.accounts())
            digests = [session.digest for session in file.sessions()]
            digests += [screen.digest for screen in file.screens()]
    except sqlite3.Error as error:
        raise AccountsUnreadableError(path=folder / database.FILE_NAME, reason=str(error)) from error
    return [*(account.person.name for account in accounts), *(account.hash for account in accounts), *digests]


def _set_aside(folder: Path, error: sqlite3.Error) -> None:
    moved = database.set_aside(folder)
    log.error("accounts.damaged", reason=str(error), moved=moved.name)
