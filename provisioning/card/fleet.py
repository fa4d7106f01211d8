"""One card after the other: setup code, text, writing, reading back, and what became of each."""

import csv
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Protocol

from appliance.accounts.setup_code import new_code, normal_code
from appliance.errors import MotcuaError
from appliance.firstboot import loads
from appliance.firstboot.authority import FILE_NAME as CA_FILE
from appliance.firstboot.card import FILE_NAME
from appliance.sheet import read as read_sheet
from provisioning.card import papers
from provisioning.card.copying import Copied, Progress, Source, write
from provisioning.card.errors import ChoiceError, DiskRefusedError
from provisioning.card.sites import CenterFacts, Site

SUMMARY: Final = "summary.csv"
DONE: Final = "ok"


class Target(Protocol):
    """Where cards go."""

    def take(self, site: Site, size: int) -> Path:
        """Return what to write for a box: a device, or a file that is not there; raises DiskRefusedError."""
        ...

    def done(self, site: Site, path: Path) -> Path:
        """Keep what was verified, and return where it is."""
        ...


class Folder:
    """Image files, one for each box.

    Args:
        folder: where they are made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, site: Site, size: int) -> Path:
        del size
        final = self._final(site)
        if final.exists():
            raise DiskRefusedError(
                device=final, reason="it exists; remove it first", reason_vi="tệp đã có; hãy xóa trước"
            )
        part = final.with_suffix(".part")
        part.unlink(missing_ok=True)
        return part

    def done(self, site: Site, path: Path) -> Path:
        return path.rename(self._final(site))

    def _final(self, site: Site) -> Path:
        return self._folder / f"{site.device}.img"


class Drive:
    """A card reader.

    Args:
        device: its device file.
        check: returns the size of a disk that may be overwritten, or raises.
        change: asks for the card of a box before each.
    """

    def __init__(
        self, device: Path, check: Callable[[Path], int], change: Callable[[Site], None] | None = None
    ) -> None:
        self._device, self._check, self._change = device, check, change

    def take(self, site: Site, size: int) -> Path:
        if self._change is not None:
            self._change(site)
        room = self._check(self._device)
        if room < size:
            raise DiskRefusedError(
                device=self._device,
                reason=f"the card has {room} bytes, the image {size}",
                reason_vi=f"thẻ có {room} byte, tệp ảnh cần {size}",
            )
        return self._device.resolve()

    def done(self, site: Site, path: Path) -> Path:
        del site
        return path


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one card; a line of the summary."""

    device: str
    site: str
    name: str
    target: str
    sha256: str
    result: str
    detail: str


class Fleet:
    """Makes cards.

    Args:
        image: the image.
        center: what every card says of the province.
        folder: where setup codes and the summary are kept.
        hash_code: the slow hash of a normal setup code.
    """

    def __init__(
        self, image: Path, center: CenterFacts, folder: Path, hash_code: Callable[[str], str]
    ) -> None:
        self._image, self._center, self._folder, self._hash = image, center, folder, hash_code

    def make(self, site: Site, target: Target, progress: Progress) -> tuple[Path, Copied]:
        """Make one card and return where it is.

        Raises:
            MotcuaError: it is of no use.
        """
        path = target.take(site, self._image.stat().st_size)
        code = new_code() if site.row["role"] == "office" else ""
        papers.keep(self._folder, [papers.Paper.of(site, code)])
        text = site.text(self._center, self._hash(normal_code(code)) if code else None).encode()
        loads(text)  # what is written is what a box takes
        with tempfile.TemporaryDirectory(prefix=".card-", dir=self._folder) as scratch:
            files = {FILE_NAME: text}
            if self._center.ca is not None:
                files[CA_FILE] = self._center.ca
            source = Source.prepare(self._image, Path(scratch) / "fat", files)
            copied = write(source, path, files, progress)
        return target.done(site, path), copied

    def make_all(self, sites: Sequence[Site], target: Target, progress: Progress) -> Iterator[Result]:
        """Make a card for each box, whatever becomes of the others, and yield each result once it is kept.

        What an earlier run finished, as its summary says, is left as it is.
        """
        path = self._folder / SUMMARY
        before = {each.device: each for each in read_summary(path)}
        for site in sites:
            known = before.get(site.device)
            if known is not None and known.result == DONE:
                continue
            try:
                made, copied = self.make(site, target, progress)
            except MotcuaError as error:
                result = _result(site, "", "", "failed", error.vi())
            else:
                result = _result(site, str(made), copied.sha256, DONE, "")
            before[site.device] = result
            _write_summary(path, list(before.values()))
            yield result


def only(sites: Sequence[Site], device: str | None) -> list[Site]:
    """Return the one box that was asked for, or all.

    Raises:
        ChoiceError: it is not in the list.
    """
    chosen = [site for site in sites if device in {None, site.device}]
    if not chosen:
        raise ChoiceError(
            reason=f"no box {device} in the list", reason_vi=f"không có thiết bị {device} trong danh sách"
        )
    return chosen


def read_summary(path: Path) -> list[Result]:
    """Return the results that were kept; none when there is no summary.

    Raises:
        SheetError: it cannot be read.
    """
    if not path.exists():
        return []
    names = [each.name for each in fields(Result)]
    return [
        Result(**{name: row[name] for name in names})
        for row in read_sheet(path, ("device", "result"), names).rows
    ]


def _write_summary(path: Path, results: Sequence[Result]) -> None:
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.DictWriter(file, [each.name for each in fields(Result)])
        out.writeheader()
        out.writerows(asdict(each) for each in results)
    draft.replace(path)


def _result(site: Site, target: str, sha256: str, result: str, detail: str) -> Result:
    return Result(site.device, site.site, site.name, target, sha256, result, detail)
