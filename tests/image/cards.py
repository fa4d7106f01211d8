"""Cards for a list of sites, made by the commands a province and its technicians run."""

import csv
from dataclasses import dataclass
from pathlib import Path

from province import CENTER_ID, Province, run

from provisioning.card import fat
from provisioning.card.mbr import fat_partition

SITES = "commune,device,role,board,preset,public_ssid\n"
COMMUNES = ("29830", "04795", "00070", "00073", "00004", "00008", "00025", "00256", "00283", "00277")


@dataclass(frozen=True, slots=True)
class Cards:
    """What lies on the technician's table.

    Args:
        folder: cards as files, ``setup-codes.csv``, ``labels.pdf``, ``summary.csv``.
        devices: the boxes, in the order of the list.
        said: what the command printed.
    """

    folder: Path
    devices: tuple[str, ...]
    said: str

    def image(self, device: str) -> Path:
        """Return the card of a box."""
        return self.folder / f"{device}.img"

    def code(self, device: str) -> str:
        """Return the setup code on the label of a box."""
        with (self.folder / "setup-codes.csv").open(encoding="utf-8-sig", newline="") as file:
            return next(row["code"] for row in csv.DictReader(file) if row["device"] == device)

    def text(self, device: str, name: str = "motcua.toml") -> str:
        """Return a file of the FAT partition of a card."""
        image = self.image(device)
        return fat.read(image, name, fat_partition(image).start).decode()

    def put(self, device: str, name: str, text: str) -> None:
        """Put a file onto the FAT partition of a card, as a technician does at a computer."""
        image = self.image(device)
        fat.put(image, name, text.encode(), fat_partition(image).start)


def make(
    province: Province,
    image: Path,
    folder: Path,
    communes: tuple[str, ...] = COMMUNES,
    *,
    role: str = "office",
    ssid: str = "",
) -> Cards:
    """Write a list, have claims made for it at the center, and write its cards."""
    folder.mkdir(parents=True)
    kind = "may" if role == "office" else role
    devices = tuple(f"{kind}-{number:02d}" for number in range(1, len(communes) + 1))
    rows = [
        f"{code},{device},{role},virt,small,{ssid}\n" for code, device in zip(communes, devices, strict=True)
    ]
    sites, claims = folder / "sites.csv", folder / "claims.csv"
    sites.write_text(SITES + "".join(rows))
    run("center", "claim", "--db", province.db, "--csv", sites, "--out", claims)
    facts = ("--center", province.url, "--center-id", CENTER_ID, "--thumbprint", province.thumbprint)
    lists = ("--csv", sites, "--claims", claims, "--image", image, "--ca", province.ca_file)
    said = run("provision", "fleet", *lists, *facts, "--out", folder / "cards")
    return Cards(folder / "cards", devices, said)
