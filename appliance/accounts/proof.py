"""Whether somebody knows a password or the setup code: throttled, hashed outside the lock, refusals told."""

import threading

from appliance.accounts.database import Account
from appliance.accounts.errors import (
    NoSetupCodeError,
    SetupCodeRefusedError,
    SignInRefusedError,
    TooManyTriesError,
)
from appliance.accounts.passwords import Passwords
from appliance.accounts.person import fold_id
from appliance.accounts.setup_code import SetupFile, normal_code
from appliance.accounts.store import Store
from appliance.accounts.throttle import SetupThrottle, SignInThrottle
from appliance.accounts.witness import BoundedWitness


class Proofs:
    """Compares what was typed with what is known.

    Args:
        store: the accounts.
        passwords: compares, one at a time.
        setup_file: the hash of the setup code.
        witness: is told of refusals.
    """

    def __init__(
        self, store: Store, passwords: Passwords, setup_file: SetupFile, witness: BoundedWitness
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._setup_file = setup_file
        self._witness = witness
        self._lock = threading.Lock()
        self._sign_in = SignInThrottle()
        self._setup = SetupThrottle()
        self._setup_hash: str | None = None

    def password(self, officer: str, password: str, address: str, now_ms: int) -> Account:
        """Return the active account that a name and a password fit; an unknown name takes as long.

        Raises:
            SignInRefusedError: they do not.
            TooManyTriesError: too many did not.
        """
        folded = fold_id(officer)
        with self._store.lock:
            account = self._store.accounts.get(folded)
        with self._lock:
            retry_s = self._sign_in.begin(address, folded, now_ms, is_known=account is not None)
        if retry_s:
            raise TooManyTriesError(retry_s=retry_s)
        stored = account.hash if account is not None and account.person.is_active else None
        try:
            fits = self._passwords.verify(stored, password)
        except TooManyTriesError:
            with self._lock:
                self._sign_in.undone(address)
            raise
        if account is None or not fits:
            if account is None:
                self._witness.refused(None, "", now_ms)
            else:
                self._witness.refused(account.person.officer, account.person.role.value, now_ms)
            raise SignInRefusedError
        with self._lock:
            self._sign_in.succeeded(address, folded)
        return account

    def setup_code(self, code: str, address: str, now_ms: int) -> None:
        """Check the setup code.

        Raises:
            NoSetupCodeError: this box has none.
            SetupCodeRefusedError: it is wrong.
            TooManyTriesError: too many were wrong.
        """
        stored = self._setup_file.read()
        if stored is None:
            raise NoSetupCodeError
        with self._lock:
            if stored != self._setup_hash:  # a new code: what was tried before says nothing
                self._setup_hash, self._setup = stored, SetupThrottle()
            throttle = self._setup
            retry_s = throttle.begin(address, now_ms)
        if retry_s:
            raise TooManyTriesError(retry_s=retry_s)
        try:
            fits = self._passwords.verify(stored, normal_code(code))
        except TooManyTriesError:
            with self._lock:
                throttle.succeeded(address)  # nothing was compared
            raise
        if not fits:
            self._witness.refused(None, "", now_ms)
            raise SetupCodeRefusedError
        with self._lock:
            throttle.succeeded(address)
