"""Staff accounts: who may sign in, who is signed in, and which screens are paired.

Safe to call from any thread. One lock covers memory and file; hashing happens outside of it, so that no
request waits for somebody else's password.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from appliance.accounts import rules
from appliance.accounts.database import Account, Screen
from appliance.accounts.errors import (
    AccountsUnavailableError,
    FirstAccountExistsError,
    OfficerExistsError,
    SignInRefusedError,
    UnknownOfficerError,
)
from appliance.accounts.passwords import Argon2Hasher, Hasher, Passwords, accepted, normal
from appliance.accounts.person import Person, Role, display_name, fold_id, officer_id
from appliance.accounts.proof import Proofs
from appliance.accounts.sessions import Session, Sessions
from appliance.accounts.setup_code import SetupFile, check_hash, new_code, normal_code
from appliance.accounts.store import Store
from appliance.accounts.witness import BoundedWitness, NoWitness, Witness
from appliance.clock import Clock


class Accounts:
    """The accounts of one box; make it with :meth:`open`.

    Args:
        folder: the data directory.
        clock: tells the moment.
        store: what was read.
        passwords: hashes and compares.
        witness: is told who signed in, signed out or was refused.
    """

    def __init__(
        self, folder: Path, clock: Clock, store: Store, passwords: Passwords, witness: Witness
    ) -> None:
        self._clock = clock
        self._store = store
        self._passwords = passwords
        self._witness = BoundedWitness(witness)
        self._setup_file = SetupFile(folder)
        self._proofs = Proofs(store, passwords, self._setup_file, self._witness)
        self._sessions = Sessions(store, clock.now())

    @classmethod
    def open(
        cls, folder: Path, clock: Clock, witness: Witness | None = None, hasher: Hasher | None = None
    ) -> Self:
        """Open the accounts of a data directory; there need not be any.

        Args:
            folder: the data directory.
            clock: tells the moment; it must have begun.
            witness: is told who signed in, signed out or was refused.
            hasher: for passwords and the setup code; None for Argon2id.

        Raises:
            AccountsUnavailableError: the disk is full or cannot be written to. Damage is no error.
        """
        store = Store.open(folder)
        return cls(folder, clock, store, Passwords(hasher or Argon2Hasher()), witness or NoWitness())

    def close(self) -> None:
        """Write what is not written yet, and close the file."""
        with self._store.lock:
            self._sessions.settle(self._clock.now())
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the setup code

    @property
    def has_setup_code(self) -> bool:
        """Whether there is a code to check."""
        return self._setup_file.read() is not None

    def set_setup_code(self) -> str:
        """Make a new code and return it; only its hash is kept, the old code is void.

        Raises:
            AccountsUnavailableError: the old one still holds.
        """
        code = new_code()
        self.take_setup_hash(self._passwords.hash(normal_code(code)))
        return code

    def take_setup_hash(self, stored: str) -> None:
        """Keep the hash that provisioning made of :func:`normal_code` of the code on the label.

        Raises:
            BadSetupHashError: it is no Argon2id hash, or one too large for this box.
            AccountsUnavailableError: the old one still holds.
        """
        self._setup_file.write(check_hash(stored))

    def check_setup_code(self, code: str, address: str) -> None:
        """Check the setup code; capitals, spaces, dashes and letters that look like digits do not matter.

        Raises:
            NoSetupCodeError: this box has none.
            SetupCodeRefusedError: it is wrong.
            TooManyTriesError: too many were wrong.
        """
        self._proofs.setup_code(code, address, self._clock.now().up_ms)

    @property
    def needs_first(self) -> bool:
        """Whether nobody is active who may manage accounts: the setup code makes the first one."""
        with self._store.lock:
            return not rules.has_leader(self._people())

    def create_first(self, code: str, address: str, officer: str, name: str, password: str) -> Person:
        """Make the first account, a technician.

        Raises:
            FirstAccountExistsError: somebody is there who may manage accounts.
            DomainError: code, id, name or password are refused; see the methods for each.
            AccountsUnavailableError: nothing was changed.
        """
        self.check_setup_code(code, address)
        if not self.needs_first:
            raise FirstAccountExistsError
        account = self._new(officer, name, Role.TECHNICIAN, password)
        with self._store.lock:
            if rules.has_leader(self._people()):
                raise FirstAccountExistsError
            self._add(account)
        return account.person

    def reset_password_with_code(self, code: str, address: str, officer: str, new: str) -> None:
        """Give an active person a new password, with the setup code instead of the old one.

        Raises:
            UnknownOfficerError: there is no such active account.
            DomainError: the code or the password is refused.
            AccountsUnavailableError: nothing was changed.
        """
        self.check_setup_code(code, address)
        self._give_password(self._active(officer), new, lambda: self._active(officer))

    # --- people

    def people(self) -> tuple[Person, ...]:
        """Return everybody, also who is not active any more, by id."""
        with self._store.lock:
            return tuple(sorted(self._people(), key=lambda person: fold_id(person.officer)))

    def person(self, officer: str) -> Person | None:
        """Return one of them, active or not, or None."""
        with self._store.lock:
            account = self._store.accounts.get(fold_id(officer))
        return None if account is None else account.person

    def create(self, by: Person, officer: str, name: str, role: Role, password: str) -> Person:
        """Make an account.

        Raises:
            NotAllowedError: ``by`` may not make one of this role.
            OfficerExistsError: the id is taken, perhaps by somebody who left.
            BadOfficerError, BadNameError, PasswordRefusedError: see there.
            AccountsUnavailableError: nothing was changed.
        """
        rules.check_may_manage(self._active(by.officer).person.role, role)
        account = self._new(officer, name, role, password)
        with self._store.lock:
            rules.check_may_manage(self._active(by.officer).person.role, role)
            self._add(account)
        return account.person

    def rename(self, by: Person, officer: str, name: str) -> Person:
        """Change a person's name.

        Raises:
            NotAllowedError, UnknownOfficerError, BadNameError, AccountsUnavailableError: see there.
        """
        with self._store.lock:
            person = self._managed(by, officer).person
            return self._change(replace(person, name=display_name(name)))

    def change_role(self, by: Person, officer: str, role: Role) -> Person:
        """Change a person's role; it counts for sessions that are open, too.

        Raises:
            NotAllowedError: ``by`` may not manage the old or the new role.
            LastLeaderError: nobody would be left who may manage accounts.
            UnknownOfficerError: there is no such account.
            AccountsUnavailableError: nothing was changed.
        """
        with self._store.lock:
            person = self._managed(by, officer, role).person
            return self._change(replace(person, role=role))

    def deactivate(self, by: Person, officer: str) -> Person:
        """Let a person sign in no more, and end the sessions; the id stays taken, events name it.

        Raises:
            LastLeaderError: nobody would be left who may manage accounts.
            NotAllowedError, UnknownOfficerError: see there.
            AccountsUnavailableError: nothing was changed.
        """
        with self._store.lock:
            ended = self._sessions.of(officer)
            changed = self._change(replace(self._managed(by, officer).person, is_active=False), end=ended)
        if ended:
            self._witness.signed_out(changed)
        return changed

    def reactivate(self, by: Person, officer: str) -> Person:
        """Let a person who had left sign in again, with the old password.

        Raises:
            NotAllowedError, UnknownOfficerError, AccountsUnavailableError: nothing was changed.
        """
        with self._store.lock:
            return self._change(replace(self._managed(by, officer).person, is_active=True))

    def set_password(self, by: Person, officer: str, new: str) -> None:
        """Give somebody else a new password, and end their sessions.

        Raises:
            NotAllowedError, UnknownOfficerError, PasswordRefusedError: see there.
            AccountsUnavailableError: nothing was changed.
        """
        with self._store.lock:
            account = self._managed(by, officer)
        self._give_password(account, new, lambda: self._managed(by, officer))

    def change_own_password(self, officer: str, old: str, new: str, address: str) -> None:
        """Change one's own password, and end all one's sessions; sign in again.

        Raises:
            SignInRefusedError: the old one is wrong.
            TooManyTriesError: too many were wrong.
            PasswordRefusedError: the new one is not accepted.
            AccountsUnavailableError: nothing was changed.
        """
        account = self._proofs.password(officer, old, address, self._clock.now().up_ms)

        def still() -> Account:
            current = self._active(officer)
            if current.hash != account.hash:
                raise SignInRefusedError  # somebody else gave another one while we looked
            return current

        self._give_password(account, new, still)

    # --- signing in and out

    def sign_in(self, officer: str, password: str, address: str) -> Session:
        """Begin a session.

        Args:
            officer: what was typed; it may be anything, and is passed on only if it is an id.
            password: what was typed.
            address: where it came from, for the throttle.

        Raises:
            SignInRefusedError: name and password do not fit, or the account is not active.
            TooManyTriesError: too many did not fit.
        """
        now = self._clock.now()
        account = self._proofs.password(officer, password, address, now.up_ms)
        outdated = self._passwords.is_outdated(account.hash)
        fresh = self._passwords.hash(normal(password)) if outdated else account.hash
        with self._store.lock:
            current = self._store.accounts[fold_id(account.person.officer)]
            if current.hash != account.hash or not current.person.is_active:
                raise SignInRefusedError  # changed while we looked
            if outdated:
                self._rehashed(replace(current, hash=fresh))
            session = self._sessions.begin(current, now)
        self._witness.signed_in(current.person)
        return session

    def session(self, token: str, *, is_use: bool = True) -> Session | None:
        """Return the living session of a token, or None; cheap enough for every request.

        Args:
            token: what the browser sent.
            is_use: False for what a page does by itself, which does not keep a session alive.
        """
        now = self._clock.now()
        with self._store.lock:
            return self._sessions.find(token, now, is_use=is_use)

    def sign_out(self, token: str) -> None:
        """End a session of a person; an unknown token is none."""
        with self._store.lock:
            person = self._sessions.end(token)
        if person is not None:
            self._witness.signed_out(person)

    def sign_out_everywhere(self, officer: str) -> None:
        """End all sessions of a person.

        Raises:
            UnknownOfficerError: there is no such active account.
            AccountsUnavailableError: nothing was changed.
        """
        with self._store.lock:
            account = self._active(officer)
            ended = self._sessions.of(officer)
            self._store.put_account(account, end=ended)
        if ended:
            self._witness.signed_out(account.person)

    def tick(self) -> None:
        """End what is over and write what changed, at most every five minutes; call it now and then."""
        now = self._clock.now()
        with self._store.lock:
            self._sessions.tick(now)

    # --- screens

    def pair_screen(self, by: Person, purpose: str) -> str:
        """Pair a screen of the hall; return its token, which lives until revoked.

        Args:
            by: a supervisor or technician.
            purpose: ``kiosk``, ``display`` or ``rate:COUNTER``.

        Raises:
            NotAllowedError, BadPurposeError, AccountsUnavailableError: see there.
        """
        now = self._clock.now()
        with self._store.lock:
            person = self._active(by.officer).person
            rules.check_may_pair(person.role)
            return self._sessions.pair(person, purpose, now)

    def screens(self) -> tuple[Screen, ...]:
        """Return the paired screens, oldest first."""
        with self._store.lock:
            return tuple(sorted(self._store.screens.values(), key=lambda screen: screen.paired_at_us))

    def unpair(self, by: Person, screen_id: str) -> None:
        """Revoke a screen.

        Raises:
            NotAllowedError, UnknownScreenError, AccountsUnavailableError: see there.
        """
        with self._store.lock:
            rules.check_may_pair(self._active(by.officer).person.role)
            self._sessions.unpair(screen_id)

    # --- inside

    def _people(self) -> Iterable[Person]:
        return [account.person for account in self._store.accounts.values()]

    def _known(self, officer: str) -> Account:
        with self._store.lock:
            account = self._store.accounts.get(fold_id(officer))
        if account is None:
            raise UnknownOfficerError(officer=officer[:60])
        return account

    def _active(self, officer: str) -> Account:
        account = self._known(officer)
        if not account.person.is_active:
            raise UnknownOfficerError(officer=officer[:60])
        return account

    def _managed(self, by: Person, officer: str, *roles: Role) -> Account:
        """Return the account of somebody whom ``by`` may manage, in the role held now and in others."""
        account = self._known(officer)
        rules.check_may_manage(self._active(by.officer).person.role, account.person.role, *roles)
        return account

    def _new(self, officer: str, name: str, role: Role, password: str) -> Account:
        person = Person(officer_id(officer), display_name(name), role)
        secret = accepted(password, person.officer, person.name)
        return Account(person, self._passwords.hash(secret))

    def _add(self, account: Account) -> None:
        if fold_id(account.person.officer) in self._store.accounts:
            raise OfficerExistsError(officer=account.person.officer)
        self._store.put_account(account)

    def _change(self, person: Person, *, end: Iterable[str] = ()) -> Person:
        rules.check_leader_left(self._people(), person)
        self._store.put_account(replace(self._known(person.officer), person=person), end=end)
        return person

    def _give_password(self, account: Account, new: str, still: Callable[[], Account]) -> None:
        """Hash a password, which takes a while, and give it to whom ``still`` says may still get it then."""
        person = account.person
        hashed = self._passwords.hash(accepted(new, person.officer, person.name))
        with self._store.lock:
            current = still()
            ended = self._sessions.of(person.officer)
            self._store.put_account(replace(current, hash=hashed), end=ended)
        if ended:
            self._witness.signed_out(current.person)

    def _rehashed(self, account: Account) -> None:
        with suppress(AccountsUnavailableError):  # the old hash still fits; the next sign-in tries again
            self._store.put_account(account)
