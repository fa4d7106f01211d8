"""Batches that come on a USB stick: the same reception as over HTTP, and receipts that travel back.

A stick visits many boxes and may be pulled at any time: nothing on it is deleted, a receipt appears whole or
not at all, and the same stick again changes nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path

import orjson

from appliance.wire import batch, jws
from appliance.wire.batch import Header, parse_file_name
from appliance.wire.chain import After
from appliance.wire.errors import TooLargeError, WireError
from appliance.wire.problems import Problem, ProblemType
from appliance.wire.receipt import Receipt
from center.ancestry import by_ancestry
from center.answers import Reply
from center.errors import CenterError
from center.reception import Reception
from center.store.port import Store
from center.store.records import Epoch

_SUFFIX = ".ndjson.gz"
_MAX_FILE_BYTES = batch.MAX_BYTES + 64 * 1024  # incompressible content grows a little


class StickUnreadableError(CenterError, OSError):
    """Error raised when the folder of a stick cannot be listed: pulled, or broken."""

    key = "center.stick_unreadable"
    template = "{path} cannot be read: {reason}; plug the stick in again or try another one"
    template_vi = "Không đọc được {path}: {reason}; hãy cắm lại hoặc dùng USB khác"


class Fate(StrEnum):
    """What became of one file; also the first word of its line."""

    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"
    RECEIPT = "receipt"
    UNWRITTEN = "unwritten"


@dataclass(frozen=True, slots=True)
class Told:
    """One file and what became of it.

    Args:
        fate: taken, known or refused for a batch; receipt or unwritten for a receipt.
        name: the file's name as it is on the stick.
        detail: why, or which events.
    """

    fate: Fate
    name: str
    detail: str

    @property
    def is_good(self) -> bool:
        """Whether nothing is left to do about it."""
        return self.fate not in {Fate.REFUSED, Fate.UNWRITTEN}

    def sentence(self) -> str:
        """Return its line; a name from a stick may hold anything, a terminal should not."""
        text = f"{self.fate.value} {self.name}: {self.detail}"
        return "".join(letter if letter.isprintable() else "?" for letter in text)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a batch file says it belongs."""

    device: str
    epoch: str
    first: int
    last: int


class Stick:
    """One folder of batch files.

    Args:
        folder: where the stick is mounted.
        store: what is kept; only looked at.
        reception: takes the batches.
    """

    def __init__(self, folder: Path, store: Store, reception: Reception) -> None:
        self._folder = folder
        self._store = store
        self._reception = reception
        self._receipts: dict[tuple[str, str], tuple[str, str]] = {}

    def exchange(self) -> Iterator[Told]:
        """Take every batch, then write a receipt for each epoch; yield what became of each file.

        Raises:
            StoreUnavailableError, StoreDamagedError: the center's own trouble; what was taken before is
                stored, and the same stick again gives its receipts.
            StickUnreadableError: the folder cannot be listed.
        """
        strangers, places = self._found()
        for name in strangers:
            yield _refused(name, "its name is not that of a batch; was it renamed?")
        for name, place in self._ordered(places):
            yield self._take(name, place)
        for name, token in sorted(self._receipts.values()):
            yield self._write(name, token)

    def _found(self) -> tuple[list[str], dict[str, _Place]]:
        strangers: list[str] = []
        places: dict[str, _Place] = {}
        try:
            paths = sorted(self._folder.iterdir())
        except OSError as error:
            raise StickUnreadableError(path=self._folder, reason=error.strerror or str(error)) from error
        for path in paths:
            # A leading dot: what other systems keep beside a file, such as macOS's "._name".
            if not path.name.endswith(_SUFFIX) or path.name.startswith("."):
                continue
            parts = parse_file_name(path.name)
            if parts is None:
                strangers.append(path.name)
            else:
                places[path.name] = _Place(*parts)
        return strangers, places

    def _ordered(self, places: dict[str, _Place]) -> list[tuple[str, _Place]]:
        """Return batches so that none waits for a later one: by ancestry of epochs, then by first event."""
        afters: dict[tuple[str, str], After | None] = {}
        for name, place in places.items():
            after = self._claimed_after(name) if place.first == 1 else None
            key = place.device, place.epoch
            afters[key] = afters.get(key) or after
        rank: dict[tuple[str, str], int] = {}
        for device in sorted({device for device, _ in afters}):
            epochs = [self._epoch(*key, after) for key, after in afters.items() if key[0] == device]
            rank |= {(device, one.epoch): len(rank) + n for n, one in enumerate(by_ancestry(epochs))}
        return sorted(
            places.items(),
            key=lambda item: (rank[item[1].device, item[1].epoch], item[1].first, item[1].last),
        )

    def _epoch(self, device: str, epoch: str, after: After | None) -> Epoch:
        return self._store.epoch(device, epoch) or Epoch(
            device=device,
            epoch=epoch,
            after=after,
            upto=0,
            head="",
            last_at="",
            opened_at="",
            opened_by="",
            held_before=0,
        )

    def _claimed_after(self, name: str) -> After | None:
        try:
            header = _claimed(self._read(name))
        except (OSError, WireError):
            return None  # it is refused when its turn comes
        return None if header is None else header.after

    def _take(self, name: str, place: _Place) -> Told:
        try:
            body = self._read(name)
        except TooLargeError as error:
            return _refused(name, str(error), ProblemType.TOO_LARGE)
        except WireError as error:
            return _refused(name, str(error.fields["reason"]))
        except OSError as error:
            return _refused(name, f"{error.strerror or error}; plug the stick in again")
        header = _claimed(body)
        if header is not None and header.file_name != name:
            return _refused(name, f"it holds {header.file_name}; was it renamed?")
        stored = self._store.epoch(place.device, place.epoch)
        return self._told(name, place, self._reception.take_batch(body), 0 if stored is None else stored.upto)

    def _told(self, name: str, place: _Place, reply: Reply, before: int) -> Told:
        if reply.status is HTTPStatus.OK:
            receipt = self._keep(reply.body.decode("ascii"))
            fate = Fate.KNOWN if place.last <= before else Fate.TAKEN
            return Told(fate, name, f"events 1..{receipt.upto} of this epoch are stored")
        problem = orjson.loads(reply.body)
        token = problem.get("receipt")
        if token is not None:
            self._keep(token)
        return Told(Fate.REFUSED, name, f"{problem['type']}: {problem['detail']}")

    def _keep(self, token: str) -> Receipt:
        """Remember the latest receipt of each epoch; one for nothing exists in a gap answer only."""
        receipt = Receipt.from_json(jws.unverified_payload(token))
        if receipt.upto > 0:
            self._receipts[receipt.device, receipt.epoch] = receipt.file_name, token
        return receipt

    def _read(self, name: str) -> bytes:
        path = self._folder / name
        if path.is_symlink() or not path.is_file():
            raise WireError(reason="not a plain file")
        with path.open("rb") as file:
            body = file.read(_MAX_FILE_BYTES + 1)
        if len(body) > _MAX_FILE_BYTES:
            raise TooLargeError(max_bytes=batch.MAX_BYTES)
        return body

    def _write(self, name: str, token: str) -> Told:
        try:
            _replace(self._folder / name, token.encode("ascii"))
        except OSError as error:
            return Told(Fate.UNWRITTEN, name, f"{error.strerror or error}; import again with another stick")
        return Told(Fate.RECEIPT, name, "written")


def _refused(name: str, detail: str, kind: ProblemType = ProblemType.MALFORMED) -> Told:
    document = Problem(kind, detail)
    return Told(Fate.REFUSED, name, f"{document.type.value}: {document.detail}")


def _claimed(body: bytes) -> Header | None:
    """Return what a batch says of itself, unverified, or None when that is not legible."""
    try:
        token = batch.decompress([body]).partition(b"\n")[0].decode("ascii", "replace")
        return Header.from_json(jws.unverified_payload(token))
    except WireError:
        return None


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole, or as it was before, also when the stick is pulled.

    Raises:
        OSError: it is as it was before.
    """
    draft = path.with_name(f"{path.name}.new")
    # A link would lead the write away from the stick.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(draft, flags, 0o644), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
