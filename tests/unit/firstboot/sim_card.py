"""A card, a box's directories, and a disk whose power can be cut at any of its changes."""

from dataclasses import dataclass
from pathlib import Path

from appliance.accounts.passwords import Argon2Hasher
from appliance.firstboot import FirstBoot, Outcome, Places
from appliance.firstboot.card import FILE_NAME
from appliance.firstboot.disk import RealDisk

CLAIM = "hoa-binh-01.aVerySecretClaim"
HASH = Argon2Hasher(memory_kib=64, passes=1).hash("7K3MQ9TX2FWD")
WIFI = "mat-khau-wifi"
GOOD = f"""# Thẻ của xã Hòa Bình
[site]
commune = "29830"

[device]
id = "hoa-binh-01"

[network]
wifi_ssid = "UBND Hòa Bình"
wifi_password = "{WIFI}"

[center]
url = "https://motcua.example.gov.vn"
id = "tinh-mau"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
claim = "{CLAIM}"

[setup]
code_hash = "{HASH}"
"""
SECRETS = (CLAIM, HASH, WIFI)


class PowerCutError(Exception):
    pass


class CutDisk(RealDisk):
    """Does as the real one until a change is due at which the power is cut: before, within, or after it."""

    def __init__(self, at: int, when: str) -> None:
        self.left, self.when = at, when

    def _is_due(self) -> bool:
        self.left -= 1
        if self.left == 0 and self.when == "before":
            raise PowerCutError
        return self.left == 0

    def _after(self, *, is_due: bool) -> None:
        if is_due:
            raise PowerCutError

    def replace(self, path: Path, data: bytes, mode: int) -> None:
        due = self._is_due()
        if due and self.when == "within":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(path.name + ".new").write_bytes(data[: len(data) // 2])
            raise PowerCutError
        super().replace(path, data, mode)
        self._after(is_due=due)

    def overwrite(self, path: Path, data: bytes) -> None:
        due = self._is_due()
        if due and self.when == "within":
            with path.open("r+b") as file:
                file.write(data[: len(data) // 2])
            raise PowerCutError
        super().overwrite(path, data)
        self._after(is_due=due)

    def rename(self, path: Path, name: str) -> None:
        due = self._is_due()
        super().rename(path, name)
        self._after(is_due=due)

    def move(self, path: Path, folder: Path) -> None:
        due = self._is_due()
        if due and self.when == "within":
            folder.mkdir(parents=True, exist_ok=True)
            raise PowerCutError
        super().move(path, folder)
        self._after(is_due=due)

    def remove(self, path: Path) -> None:
        due = self._is_due()
        if due and self.when == "within" and path.is_dir():
            for inner in sorted(path.rglob("*"))[::2]:
                if inner.is_file():
                    inner.unlink()
            raise PowerCutError
        super().remove(path)
        self._after(is_due=due)


class ReadOnlyCard(RealDisk):
    def __init__(self, card: Path) -> None:
        self.card = card

    def replace(self, path: Path, data: bytes, mode: int) -> None:
        self._refuse(path)
        super().replace(path, data, mode)

    def overwrite(self, path: Path, data: bytes) -> None:
        self._refuse(path)
        super().overwrite(path, data)

    def _refuse(self, path: Path) -> None:
        if self.card in path.parents:
            raise OSError(30, "Read-only file system")


@dataclass
class SimBox:
    """One box with its card.

    Args:
        folder: where its directories are made.
        text: the card's file; None for a card without one.
    """

    folder: Path
    text: str | None = GOOD

    def __post_init__(self) -> None:
        self.places = Places(
            *(
                self.folder / name
                for name in ("card", "data", "etc/office.toml", "network", "stick", "hotspot")
            )
        )
        for path in (self.places.card, self.places.data):
            path.mkdir(parents=True)
        if self.text is not None:
            self.put(self.text)

    def put(self, text: str) -> None:
        (self.places.card / FILE_NAME).write_bytes(text.encode())

    def start(self, disk: RealDisk | None = None) -> Outcome:
        return FirstBoot(self.places, disk).run()

    def result(self) -> str:
        return (self.places.card / "KETQUA.txt").read_bytes().decode("utf-8-sig")

    def files(self) -> dict[str, bytes]:
        """Every file of box and card by its path; drafts that a power cut left do not count."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".new")
        # The office.toml names the directory of this very box.
        own = str(self.folder).encode()
        return {str(path.relative_to(self.folder)): path.read_bytes().replace(own, b"BOX") for path in found}
