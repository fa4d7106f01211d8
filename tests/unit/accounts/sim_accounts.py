"""Accounts on a scripted machine, a cheap hasher that counts, and a witness that remembers."""

from collections.abc import Callable
from pathlib import Path

from appliance.accounts.accounts import Accounts
from appliance.accounts.passwords import Argon2Hasher
from appliance.accounts.person import Person, Role
from appliance.clock import BelievedClock, ScriptedTime

START_US = 1_795_311_000_000_000  # 2026-11-22, morning in Hanoi
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
YEAR_US = 365 * 24 * HOUR_MS * 1000
BOOTS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 10)]
PC = "192.168.10.21"
PASSWORD = "bốn con mèo đen"  # noqa: S105


class CountingHasher(Argon2Hasher):
    """Argon2 as small as it goes; remembers what it compared with, and lets something happen meanwhile."""

    def __init__(self, passes: int = 1) -> None:
        super().__init__(memory_kib=8, passes=passes)
        self.compared: list[str] = []
        self.meanwhile: Callable[[], None] | None = None

    def hash(self, secret: str) -> str:
        hashed = super().hash(secret)
        happen, self.meanwhile = self.meanwhile, None
        if happen is not None:
            happen()
        return hashed

    def verify(self, stored: str, secret: str) -> bool:
        self.compared.append(stored)
        return super().verify(stored, secret)


class RememberingWitness:
    def __init__(self) -> None:
        self.told: list[tuple[str, str | None, str]] = []

    def signed_in(self, person: Person) -> None:
        self.told.append(("in", person.officer, person.role.value))

    def signed_out(self, person: Person) -> None:
        self.told.append(("out", person.officer, person.role.value))

    def refused(self, officer: str | None, role: str) -> None:
        self.told.append(("refused", officer, role))


class SimStaff:
    """Accounts that can be closed, opened again and moved through time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = ScriptedTime(START_US)
        self.hasher = CountingHasher()
        self.witness = RememberingWitness()
        self.accounts: Accounts
        self._opened: list[Accounts] = []
        self.tech = Person("kt", "Lê Văn Kỹ", Role.TECHNICIAN)
        self.lead = Person("phutrach", "Trần Thị Phụ", Role.SUPERVISOR)
        self.lan = Person("lan", "Nguyễn Thị Lan", Role.OFFICER)

    def open(self, *, floor_us: int = START_US - 1, has_rtc: bool = False) -> Accounts:
        """Start the program on the machine as it is now."""
        self.clock = BelievedClock(self.time, floor_us=floor_us, has_rtc=has_rtc)
        self.clock.observe()
        self.accounts = Accounts.open(self.folder, self.clock, self.witness, self.hasher)
        self._opened.append(self.accounts)
        return self.accounts

    def close(self) -> None:
        self.accounts.close()

    def close_all(self) -> None:
        """Close also what was left open by a power cut."""
        for accounts in self._opened:
            accounts.close()

    def reopen(self, *, floor_us: int = START_US - 1) -> Accounts:
        self.close()
        return self.open(floor_us=floor_us)

    def reboot(self, number: int = 1, *, off_ms: int = 0, cut: bool = False) -> Accounts:
        """Switch the box off and on; its wall clock goes on.

        Args:
            number: of the new boot.
            off_ms: how long it was off.
            cut: without closing anything.
        """
        if not cut:
            self.close()
        self.time.reboot(BOOTS[number], off_ms=off_ms)
        return self.open()

    def populate(self) -> None:
        code = self.accounts.set_setup_code()
        self.tech = self.accounts.create_first(code, PC, self.tech.officer, self.tech.name, PASSWORD)
        for person in (self.lead, self.lan):
            self.accounts.create(self.tech, person.officer, person.name, person.role, PASSWORD)

    def sign_in(self, officer: str = "lan", password: str = PASSWORD, address: str = PC) -> str:
        return self.accounts.sign_in(officer, password, address).token

    def files(self) -> bytes:
        """Everything that is on the card."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())
