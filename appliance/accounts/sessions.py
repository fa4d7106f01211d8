"""Tokens in browsers: sessions of people and of paired screens.

A token is 32 random bytes; only its SHA-256 is kept. Looking one up touches memory alone; every five minutes
all spans are written in one transaction.
"""

import re
import secrets
from dataclasses import dataclass, field, replace
from hashlib import sha256

from appliance.accounts.database import Account, Opened, Screen
from appliance.accounts.errors import BadPurposeError, UnknownScreenError
from appliance.accounts.person import Person, Role, fold_id
from appliance.accounts.span import UNWRITTEN_MS, Span
from appliance.accounts.store import Store
from appliance.wire.moment import Moment

TOKEN_BYTES = 32
MOST_EACH = 10
"""Sessions of one person; the one unused for longest ends when another begins."""
_PURPOSE = re.compile(r"kiosk|display|rate:[A-Za-z0-9_-]{1,32}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """Whoever holds the token now.

    Args:
        token: the secret in the browser.
        role: the person's, or ``screen``.
        person: None for a screen.
        purpose: of a screen: ``kiosk``, ``display`` or ``rate:COUNTER``; else empty.
        left_ms: until it ends if it is not used again; None for a screen, which lives until revoked.
        expires_at_us: the same as believed wall time, microseconds since 1970 UTC.
    """

    token: str = field(repr=False)
    role: Role
    person: Person | None = None
    purpose: str = ""
    left_ms: int | None = None
    expires_at_us: int | None = None


def digest_of(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode()).hexdigest()


class Sessions:
    """Sessions over a store; the caller holds the store's lock.

    Args:
        store: keeps them.
        now: spans of another boot are charged at once, what is over ends.
    """

    def __init__(self, store: Store, now: Moment) -> None:
        self._store = store
        self._written = (now.boot, now.up_ms)
        self.settle(now)

    def begin(self, account: Account, now: Moment) -> Session:
        """Begin a session of a person."""
        digests = self.of(account.person.officer)
        if len(digests) >= MOST_EACH:
            spans = {digest: self._store.sessions[digest].span.left_ms(now) for digest in digests}
            self._store.drop_session(min(digests, key=lambda digest: spans[digest]))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        opened = Opened(digest_of(token), fold_id(account.person.officer), Span.start(now))
        self._store.put_session(opened)
        return _session(token, account.person, opened.span, now)

    def find(self, token: str, now: Moment, *, is_use: bool) -> Session | None:
        """Return the living session of a token, or None.

        Args:
            token: what the browser sent.
            now: this moment.
            is_use: whether a person did something, which begins the idle time anew.
        """
        self.tick(now)
        if _TOKEN.fullmatch(token) is None:
            return None
        digest = digest_of(token)
        screen = self._store.screens.get(digest)
        if screen is not None:
            return Session(token, Role.SCREEN, purpose=screen.purpose)
        opened = self._store.sessions.get(digest)
        if opened is None:
            return None
        if opened.span.left_ms(now) <= 0:
            self._store.drop_session(digest)
            return None
        span = opened.span
        if is_use:
            span = span.used(now)
            self._store.sessions[digest] = replace(opened, span=span)
        return _session(token, self._store.accounts[opened.officer].person, span, now)

    def end(self, token: str) -> Person | None:
        """End a session; return whose it was."""
        if _TOKEN.fullmatch(token) is None:
            return None
        digest = digest_of(token)
        opened = self._store.sessions.get(digest)
        if opened is None:
            return None
        self._store.drop_session(digest)
        return self._store.accounts[opened.officer].person

    def of(self, officer: str) -> list[str]:
        """Return the digests of a person's sessions."""
        wanted = fold_id(officer)
        return [opened.digest for opened in self._store.sessions.values() if opened.officer == wanted]

    def tick(self, now: Moment) -> None:
        """Settle every five minutes: what is over must not live again in another boot."""
        boot, up_ms = self._written
        if now.boot != boot or not 0 <= now.up_ms - up_ms < UNWRITTEN_MS:
            self._written = (now.boot, now.up_ms)
            self.settle(now)

    def settle(self, now: Moment) -> None:
        """Bring all spans to this moment and write them; end what is over."""
        living = [opened for opened in self._store.sessions.values() if opened.span.left_ms(now) > 0]
        self._store.sessions = {opened.digest: replace(opened, span=opened.span.at(now)) for opened in living}
        self._store.write_sessions()

    def pair(self, by: Person, purpose: str, now: Moment) -> str:
        """Pair a screen; return its token.

        Raises:
            BadPurposeError: a screen is nothing like that.
            AccountsUnavailableError: nothing was changed.
        """
        if _PURPOSE.fullmatch(purpose) is None:
            raise BadPurposeError(purpose=purpose[:60])
        token = secrets.token_urlsafe(TOKEN_BYTES)
        screen = Screen(secrets.token_hex(4), purpose, by.officer, now.at_us, digest_of(token))
        self._store.put_screen(screen)
        return token

    def unpair(self, screen_id: str) -> None:
        """Revoke a screen.

        Raises:
            UnknownScreenError: there is none with this id.
            AccountsUnavailableError: nothing was changed.
        """
        for screen in self._store.screens.values():
            if screen.id == screen_id:
                self._store.drop_screen(screen)
                return
        raise UnknownScreenError(screen=screen_id[:60])


def _session(token: str, person: Person, span: Span, now: Moment) -> Session:
    left_ms = span.left_ms(now)
    return Session(token, person.role, person, "", left_ms, now.at_us + left_ms * 1000)
