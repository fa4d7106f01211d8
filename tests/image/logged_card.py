"""A card in a machine whose every write is logged, and what the machine acknowledged meanwhile.

    card = LoggedCard.of(insert(image, folder))
    machine = Machine.start(card.path, folder / "life", Wires(drive=card.drive))
    with card.listening(machine.folder / OBSERVER) as acks:
        ...                                  # press, and wait for what the observer says
        machine.pull_the_plug()
    card.check()
    report = run(card.log, card.base, acks.acks, 500, seed, offset=OFFSET)

One log is one life: QEMU begins a new one when it starts. ``LoggedCard.again`` is for the next life.
"""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from acknowledged import AckReader
from crash_points import is_faithful
from sparse import copy_sparse
from write_log import logging_options

from provisioning.image.layout import DATA, MIB, offset_mib

OFFSET: Final = offset_mib(DATA) * MIB
"""Where the data partition begins on a card, bytes; it goes on to the card's end."""


@dataclass(frozen=True, slots=True)
class LoggedCard:
    """One life of a card; make it with :meth:`of` or :meth:`again`.

    Args:
        path: the card, a plain file: no format of its own comes between a flush and its place in the log.
        log: of the writes of this life.
        base: what the data partition, to the card's end, held before it.
    """

    path: Path
    log: Path
    base: Path

    @classmethod
    def of(cls, card: Path) -> Self:
        """Make a logged card of a QCOW2 one that is in no machine; it lies beside it."""
        path = card.with_name("logged.img")
        subprocess.run(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", card, path], check=True)
        return cls._new(path, 1)

    def again(self) -> Self:
        """Return the same card for its next life; this one is over."""
        return self._new(self.path, 1 + int(self.log.suffix[1:]))

    @classmethod
    def _new(cls, path: Path, life: int) -> Self:
        log, base = path.with_suffix(f".log.{life}"), path.with_suffix(f".base.{life}")
        log.write_bytes(b"")
        copy_sparse(path, base, OFFSET)
        return cls(path, log, base)

    @property
    def drive(self) -> tuple[str, str]:
        """QEMU's words for it."""
        return ("-drive", f"{logging_options(self.path, self.log)},if=none,id=card,cache=writeback")

    @contextmanager
    def listening(self, console: Path) -> Iterator[AckReader]:
        """Read what the observer says, in a thread that does nothing else, and note the log's size.

        Args:
            console: the file it says it to.
        """
        reader, stop = AckReader(self.log), threading.Event()

        def read() -> None:
            while not console.exists() and not stop.wait(0.01):
                pass
            with console.open("rb", buffering=0) as shown:
                while not stop.wait(0.001):
                    while data := shown.read(65536):
                        reader.feed(data)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            yield reader
        finally:
            stop.set()
            thread.join(10)

    def check(self) -> None:
        """Compare the log, replayed in full, with the card; the machine is off.

        Raises:
            RuntimeError: it is not the card.
        """
        if not is_faithful(self.log, self.base, self.path, OFFSET):
            raise RuntimeError("the log of writes, replayed, is not the card")
