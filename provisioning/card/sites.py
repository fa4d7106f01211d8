"""The list of sites: one line for each box, checked by the rules of the box itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from appliance.communes import Commune, find
from appliance.config import Problem
from appliance.firstboot import CardError, loads
from appliance.firstboot.authority import FILE_NAME as CA_FILE
from appliance.firstboot.report import FILE_NAME as RESULT
from appliance.sheet import Row, Sheet, complain_of_repeats
from appliance.sheet import read as read_sheet
from appliance.wire.enrolment import Claim
from appliance.wire.errors import WireError

REQUIRED: Final = ("commune", "device", "role")
OPTIONAL: Final = (
    *("site", "name", "name_en", "board", "preset", "address", "gateway", "dns"),
    *("wifi_ssid", "wifi_password", "url", "public_ssid"),
)
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "site": ("commune", "site:id", "name", "name_en"),
    "device": ("device:id", "role", "board"),
    "network": ("address", "gateway", "dns", "wifi_ssid", "wifi_password"),
    "office": ("preset",),
    "hotspot": ("public_ssid:ssid",),
}
"""By table of motcua.toml: the columns that are its keys, ``column:key`` where the names differ."""
_NOBODY: Final = "# Tệp này do `motcua provision card` tạo ra / made by `motcua provision card`.\n"


@dataclass(frozen=True, slots=True)
class CenterFacts:
    """What is the same on every card of a province.

    Attributes:
        url: of its center.
        id: of its center.
        thumbprint: of its center's root key.
        ca: PEM certificates of the CA of the center's TLS, or None where a public one has signed it.
    """

    url: str
    id: str
    thumbprint: str
    ca: bytes | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One box of the list, with its claim."""

    row: Row
    commune: Commune
    claim: str | None

    @property
    def device(self) -> str:
        """The box's id."""
        return self.row["device"]

    @property
    def site(self) -> str:
        """The office's id."""
        return self.row["site"] or self.commune.code

    @property
    def name(self) -> str:
        """What the label calls the office."""
        return self.row["name"] or self.commune.office_name

    @property
    def url(self) -> str:
        """Where staff find the box, as far as it is known before it stands there."""
        address = self.row["address"].partition("/")[0]
        return self.row["url"] or (f"https://{address}:8443/" if address else "")

    def text(self, center: CenterFacts, code_hash: str | None) -> str:
        """Return its motcua.toml."""
        return _text(self.row, center, self.claim, code_hash)


def read(path: Path, claims: Path, center: CenterFacts) -> list[Site]:
    """Return the boxes of a list, each with its claim.

    Args:
        path: the CSV file of the sites.
        claims: the file of ``motcua center claim --csv``.
        center: what every card says of the province.

    Raises:
        SheetError: everything that is wrong with the lists, by line and column.
        CardError: the center's address, id or thumbprint is wrong.
    """
    sheet = read_sheet(path, REQUIRED, OPTIONAL)
    complain_of_repeats(sheet, "device")
    for row in sheet.rows:
        _check(sheet, row, center)
    sheet.check()
    given = _claims(claims)
    sites = []
    for row in sheet.rows:
        commune = find(row["commune"])
        if commune is None:  # the check above said so
            continue
        site = Site(row, commune, None)
        sites.append(replace(site, claim=_claim_of(sheet, site, given)))
    sheet.check()
    return sites


def _check(sheet: Sheet, row: Row, center: CenterFacts) -> None:
    try:
        loads(_text(row, center, None, None).encode())
    except CardError as error:
        for problem in error.problems:
            column = _column(problem)
            if column is None:
                raise
            sheet.complain(row, column, "value", message=problem.message, message_vi=problem.message_vi)


def _column(problem: Problem) -> str | None:
    table, _, key = problem.key.partition(".")
    for each in _KEYS.get(table, ()):
        column, _, name = each.partition(":")
        if key.partition("[")[0] == (name or column):
            return column
    return None


def _claims(path: Path) -> dict[str, Row]:
    sheet = read_sheet(path, ("device", "site", "role", "claim"))
    complain_of_repeats(sheet, "device")
    for row in sheet.rows:
        try:
            is_good = Claim.parse(row["claim"]).device == row["device"]
        except WireError:
            is_good = False
        if not is_good:
            # Without the cell's text: it may be most of a secret.
            sheet.complain(Row(row.line, {}), "claim", "claim.form")
    sheet.check()
    return {row["device"]: row for row in sheet.rows}


def _claim_of(sheet: Sheet, site: Site, given: Mapping[str, Row]) -> str | None:
    claim = given.get(site.device)
    if claim is None:
        sheet.complain(site.row, "device", "claim.none")
        return None
    if (claim["site"], claim["role"]) != (site.site, site.row["role"]):
        sheet.complain(site.row, "device", "claim.site", site=claim["site"], role=claim["role"])
    return claim["claim"]


def _text(row: Row, center: CenterFacts, claim: str | None, code_hash: str | None) -> str:
    lines = [_NOBODY]
    for table, columns in _KEYS.items():
        if table == "hotspot" and not row["public_ssid"]:
            continue
        lines.append(f"[{table}]")
        if table == "network":
            lines.append(f'mode = "{"static" if row["address"] or row["gateway"] else "dhcp"}"')
        for each in columns:
            column, _, name = each.partition(":")
            if column == "dns" and row[column]:
                lines.append(f"dns = [{', '.join(_quoted(part) for part in row[column].split())}]")
            elif row[column]:
                lines.append(f"{name or column} = {_quoted(row[column])}")
        lines.append("")
    facts = {
        "url": center.url,
        "id": center.id,
        "root_key_thumbprint": center.thumbprint,
        "ca": None if center.ca is None else CA_FILE,
        "claim": claim,
    }
    lines.append("[center]")
    lines += [f"{name} = {_quoted(value)}" for name, value in facts.items() if value is not None]
    if code_hash is not None:
        lines += ["", "[setup]", f"code_hash = {_quoted(code_hash)}"]
    lines += ["", f"# Kết quả ở tệp {RESULT} sau lần bật đầu tiên / the result after the first start."]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    # What JSON writes is a basic string of TOML, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
