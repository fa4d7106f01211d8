"""Claims for a list of boxes: a CSV file in, a CSV file of one-time claims out, all of it or nothing."""

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

from appliance.communes import find
from appliance.sheet import Row, Sheet, complain_of_repeats
from appliance.sheet import read as read_sheet
from appliance.wire.chain import is_local_id
from appliance.wire.enrolment import ROLES
from appliance.wire.moment import wire_time
from center.errors import RegisterError
from center.register import Place, make_claim
from center.store.port import Store

COLUMNS: Final = ("device", "site", "role", "claim", "expires_at")
_OFFICE: Final = "office"


@dataclass(frozen=True, slots=True)
class Made:
    """One claim with what it is for."""

    place: Place
    claim: str
    expires_at: str


@dataclass(slots=True)
class Wanted:
    """A list of boxes that was read: every row with its place."""

    sheet: Sheet
    places: tuple[tuple[Row, Place], ...]


def read(path: Path) -> Wanted:
    """Return the places of a CSV file with ``device``, ``role``, and ``commune`` or ``site``.

    The site of a commune's office has the commune's code for its id. Other columns are not read: the list may
    be the one that cards are made from.

    Raises:
        SheetError: everything that is wrong with it, by line and column.
    """
    sheet = read_sheet(path, ("device", "role"))
    if "commune" not in sheet.columns and "site" not in sheet.columns:
        sheet = read_sheet(path, ("device", "role", "site"))
    places = tuple((row, _place(sheet, row)) for row in sheet.rows)
    complain_of_repeats(sheet, "device")
    offices: dict[str, int] = {}
    for row, place in places:
        first = offices.setdefault(place.site, row.line) if place.role == _OFFICE and place.site else row.line
        if first != row.line:
            sheet.complain(row, "role", "office.twice", first=first)
    sheet.check()
    return Wanted(sheet, places)


def _place(sheet: Sheet, row: Row) -> Place:
    site = row["site"]
    if row["commune"]:
        commune = find(row["commune"])
        if commune is None:
            sheet.complain(row, "commune", "commune")
        else:
            site = site or commune.code
    elif not site:
        sheet.complain(row, "commune" if "commune" in sheet.columns else "site", "required")
    if site and not is_local_id(site):
        sheet.complain(row, "site", "id")
    if not is_local_id(row["device"]):
        sheet.complain(row, "device", "id")
    if row["role"] not in ROLES:
        sheet.complain(row, "role", "choice", known=", ".join(sorted(ROLES)))
    return Place(row["device"], site, row["role"])


def make(store: Store, wanted: Wanted, now: datetime, valid: timedelta) -> Sequence[Made]:
    """Make the claims, inside a transaction of the store.

    Raises:
        SheetError: a row contradicts the register; roll everything back.
    """
    made = []
    for row, place in wanted.places:
        try:
            claim = make_claim(store, place, now, valid)
        except RegisterError as error:
            fields = error.fields
            wanted.sheet.complain(
                row, str(fields["field"]), "register", detail=fields["reason"], remedy=fields["remedy"]
            )
        else:
            made.append(Made(place, str(claim), wire_time(now + valid)))
    wanted.sheet.check()
    return made


def write(file: TextIO, made: Iterable[Made]) -> None:
    """Write claims as CSV."""
    out = csv.writer(file, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(
        (one.place.device, one.place.site, one.place.role, one.claim, one.expires_at) for one in made
    )


def keep(path: Path, text: str) -> None:
    """Write a new file that only its owner reads, durably.

    Raises:
        RegisterError: it cannot be written; the claims must not be committed then.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RegisterError(
            field="out",
            value=path,
            reason=error.strerror or error,
            remedy="name a new file in a folder of yours",
        ) from error
