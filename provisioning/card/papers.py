"""What is printed and kept of each box: the setup code in clear text is nowhere else."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from appliance.journal.journal import write_durably
from appliance.sheet import read as read_sheet
from provisioning.card.errors import CardUnwritableError
from provisioning.card.sites import Site

FILE_NAME: Final = "setup-codes.csv"


@dataclass(frozen=True, slots=True)
class Paper:
    """What a label says.

    Attributes:
        device: the box's id.
        role: ``office``, ``hotspot`` or ``display``.
        commune: five digits.
        site: the office's id.
        name: the office's name.
        province: its province.
        url: where staff find the box; empty when only the box's screen will tell.
        public_ssid: the open WiFi for citizens; empty when there is none.
        code: the setup code; empty on a box without accounts.
    """

    device: str
    role: str
    commune: str
    site: str
    name: str
    province: str
    url: str
    public_ssid: str
    code: str

    @classmethod
    def of(cls, site: Site, code: str) -> "Paper":
        """Return the label's words for a box."""
        return cls(
            device=site.device,
            role=site.row["role"],
            commune=site.commune.code,
            site=site.site,
            name=site.name,
            province=site.commune.province,
            url=site.url,
            public_ssid=site.row["public_ssid"],
            code=code,
        )


COLUMNS: Final = tuple(each.name for each in fields(Paper))


def read(path: Path) -> list[Paper]:
    """Return what was kept.

    Raises:
        SheetError: it is not such a file.
    """
    required = ("device", "role", "commune", "site", "name", "province")
    sheet = read_sheet(path, required, COLUMNS)
    return [Paper(**{name: row[name] for name in COLUMNS}) for row in sheet.rows]


def keep(folder: Path, new: Sequence[Paper]) -> list[Paper]:
    """Add boxes to those that are kept, a box that is there being replaced, and return all of them.

    Raises:
        SheetError: what is kept cannot be read.
        CardUnwritableError: what is new cannot be kept; no card may be written with its code.
    """
    path = folder / FILE_NAME
    kept = read(path) if path.exists() else []
    names = {each.device for each in new}
    papers = [each for each in kept if each.device not in names] + list(new)
    try:
        write_durably(path, _csv(papers).encode("utf-8-sig"), 0o600)
    except OSError as error:
        raise CardUnwritableError(target=path, reason=error.strerror or str(error)) from error
    return papers


def _csv(papers: Iterable[Paper]) -> str:
    text = io.StringIO()
    out = csv.DictWriter(text, COLUMNS)
    out.writeheader()
    out.writerows(asdict(each) for each in papers)
    return text.getvalue()
