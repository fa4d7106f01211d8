"""One scenario on a real small disk: mounts it, runs a desk on it, prints a verdict as JSON.

Run in a mount name space of its own: ``unshare --mount python disk_scenario.py <scenario> <empty folder>``.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "desk"))

from sim_desk import (
    DAY_US,
    START_US,
    WAIT_S,
    SimBox,
    check_journal,
    check_numbers,
    let_go_of_the_cache,
)

from appliance.desk.commands import LeaveEpoch, Tick
from appliance.journal.aside import asides
from appliance.journal.errors import JournalUnavailableError
from appliance.queueing.commands import IssueTicket, OpenCounter

FILLER_BYTES = 4096
LEFT_BYTES = range(0, 80 * 1024, 8 * 1024)
"""How much room a disk that is nearly full still has."""


class Disk:
    """A small file system that can be filled and remounted.

    Args:
        folder: where it is mounted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "motcua-test", str(folder)], check=True)

    def fill(self, left_bytes: int = 0) -> None:
        """Use up all room but ``left_bytes``."""
        path = self.folder / "filler"
        filler = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            while True:
                os.write(filler, b"x" * FILLER_BYTES)
        except OSError:
            os.ftruncate(filler, max(0, path.stat().st_size - left_bytes))
        finally:
            os.close(filler)

    def free(self) -> None:
        """Make room again."""
        (self.folder / "filler").unlink()

    def remount(self, how: str) -> None:
        """Remount ``ro`` or ``rw``."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)


class Verdict:
    """Collects what was not as it should be."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.checks = 0

    def expect(self, what: str, is_right: bool) -> None:
        self.checks += 1
        if not is_right:
            self.problems.append(what)

    def refused(self, what: str, box: SimBox, count: int = 20) -> None:
        """Expect that every caller hears that nothing is recorded, and that nothing changed."""
        state = box.desk.state
        futures = [box.desk.post(IssueTicket(service="ho-tich")) for _ in range(count)]
        errors = [future.exception(WAIT_S) for future in futures]
        self.expect(
            f"{what}: every caller is refused, not {errors}",
            all(isinstance(error, JournalUnavailableError) for error in errors),
        )
        self.expect(f"{what}: recording_stopped is set", box.desk.recording_stopped is not None)
        self.expect(f"{what}: the state is unchanged", box.desk.state is state)

    def recorded(self, what: str, box: SimBox, acknowledged: list[str]) -> None:
        """Expect that everything acknowledged is in the file, and that the journal is sound."""
        try:
            check_journal(box)
        except AssertionError as error:
            self.problems.append(f"{what}: {error}")
        issued = [event.data["ticket"] for event in box.events() if event.kind == "ticket.issued"]
        self.expect(f"{what}: {issued} is {acknowledged}", issued == acknowledged)

    def gapless(self, what: str, acknowledged: list[str]) -> None:
        """Expect that numbers went on, one by one."""
        wanted = [f"2026-11-23/A/{number}" for number in range(1, len(acknowledged) + 1)]
        self.expect(f"{what}: {acknowledged} goes on", acknowledged == wanted)

    def told(self, what: str, box: SimBox) -> None:
        """Expect that the stop was told in the journal, right before the first event after it."""
        story = [
            (event.kind, event.data["issue"], event.data["subject"])
            for event in box.events()
            if event.kind in {"device.fault", "device.cleared"} and event.data["issue"] == "recording_stopped"
        ]
        pair = [("device.fault", "recording_stopped", ""), ("device.cleared", "recording_stopped", "")]
        self.expect(f"{what}: {story} tells of the stop", bool(story) and story == pair * (len(story) // 2))
        self.expect(f"{what}: no issue is left open", ("recording_stopped", "") not in box.desk.state.faults)


def issued(box: SimBox, count: int) -> list[str]:
    """Take numbers and return them."""
    return [str(box.issue().result["ticket"]) for _ in range(count)]


def issued_until_full(box: SimBox) -> list[str]:
    """Take numbers until the disk has no room for another."""
    found: list[str] = []
    while True:
        try:
            found += issued(box, 1)
        except JournalUnavailableError:
            return found


def full_in_use(verdict: Verdict, root: Path) -> None:
    """The disk fills up under the desk, twice."""
    disk = Disk(root / "disk")
    box = SimBox(disk.folder)
    box.start()
    acknowledged = issued(box, 5)
    for round_ in ("first time", "second time"):
        disk.fill()
        acknowledged += issued_until_full(box)
        verdict.refused(round_, box)
        verdict.recorded(round_, box, acknowledged)
        disk.free()
        acknowledged += issued(box, 3)
        verdict.expect(f"{round_}: recording goes on", box.desk.recording_stopped is None)
        verdict.recorded(round_, box, acknowledged)
        verdict.told(round_, box)
    box.restart()
    acknowledged += issued(box, 1)
    verdict.recorded("after a restart", box, acknowledged)
    box.stop()


def full_at_start(verdict: Verdict, root: Path) -> None:
    """The box starts on a full disk: it opens, says so, and goes on when there is room."""
    for left in LEFT_BYTES:
        disk = Disk(root / f"disk{left}")
        box = SimBox(disk.folder)
        box.start()
        acknowledged = issued(box, 5)
        epoch = box.desk.state.epoch
        box.stop()
        disk.fill(left)
        box.start()
        acknowledged += issued_until_full(box)
        verdict.refused(f"{left} left", box)
        disk.free()
        acknowledged += issued(box, 2)
        verdict.recorded(f"{left} left", box, acknowledged)
        verdict.told(f"{left} left", box)
        verdict.expect(f"{left} left: the epoch goes on", box.desk.state.epoch == epoch)
        box.stop()


def full_at_first_start(verdict: Verdict, root: Path) -> None:
    """A new box starts on a full disk."""
    for left in LEFT_BYTES:
        disk = Disk(root / f"disk{left}")
        box = SimBox(disk.folder)
        disk.fill(left)
        box.start()
        acknowledged = issued_until_full(box)
        verdict.refused(f"{left} left", box)
        disk.free()
        acknowledged += issued(box, 2)
        verdict.recorded(f"{left} left", box, acknowledged)
        verdict.told(f"{left} left", box)
        verdict.expect(f"{left} left: numbers start at one", acknowledged[0].endswith("/A/1"))
        box.stop()


def read_only_at_start(verdict: Verdict, root: Path) -> None:
    """The box starts on a read-only disk, which is remounted under it."""
    disk = Disk(root / "disk")
    box = SimBox(disk.folder)
    box.start()
    acknowledged = issued(box, 5)
    epoch = box.desk.state.epoch
    box.stop()
    disk.remount("ro")
    box.start()
    verdict.refused("read-only", box)
    disk.remount("rw")
    acknowledged += issued(box, 2)
    verdict.recorded("writable again", box, acknowledged)
    verdict.told("writable again", box)
    verdict.expect("the epoch goes on", box.desk.state.epoch == epoch)
    box.stop()


def damaged_and_full(verdict: Verdict, root: Path) -> None:
    """The file is damaged under the desk while there is no room, or little, for another."""
    for left in LEFT_BYTES:
        disk = Disk(root / f"disk{left}")
        box = SimBox(disk.folder)
        box.start()
        box.ask(OpenCounter(counter="q1", officer="lan"))
        acknowledged = issued(box, 5)
        let_go_of_the_cache(box.folder)
        disk.fill(left)
        with (box.folder / "office.db").open("r+b") as file:
            file.write(random.Random(left).randbytes(3 * 1024))
        acknowledged += issued_until_full(box)
        verdict.refused(f"{left} left", box)
        disk.free()
        acknowledged += issued(box, 2)
        verdict.expect(f"{left} left: one new epoch", len(asides(box.folder)) == 1)
        verdict.gapless(f"{left} left", acknowledged)
        verdict.expect(f"{left} left: the counter is open", "q1" in box.desk.state.hall.posts)
        verdict.told(f"{left} left", box)
        check_numbers(box.events())
        box.stop()


def left_and_full(verdict: Verdict, root: Path) -> None:
    """The epoch must be left while there is no room, or little, for the next one."""
    for left in LEFT_BYTES:
        disk = Disk(root / f"disk{left}")
        box = SimBox(disk.folder)
        box.start()
        acknowledged = issued(box, 5)
        old = box.desk.state.epoch
        mark = box.mark(3)
        disk.fill(left)
        error = box.desk.post(LeaveEpoch(mark)).exception(WAIT_S)
        acknowledged += issued_until_full(box)
        disk.free()
        acknowledged += issued(box, 1)
        if error is not None:
            box.ask(LeaveEpoch(mark))
        acknowledged += issued(box, 1)
        verdict.expect(f"{left} left: the epoch was left", box.desk.state.epoch != old)
        verdict.gapless(f"{left} left", acknowledged)
        check_journal(box)
        box.stop()


def steps_while_full(verdict: Verdict, root: Path) -> None:
    """The clock steps forward and back while nothing can be recorded; both are told later, in order."""
    disk = Disk(root / "disk")
    box = SimBox(disk.folder, synced=False, has_rtc=True)
    box.start()
    acknowledged = issued(box, 3)
    disk.fill()
    acknowledged += issued_until_full(box)
    verdict.refused("full", box)
    box.time.set_wall(START_US + 5 * DAY_US)  # the hardware clock was read late
    verdict.refused("rtc", box)
    box.time.set_wall(START_US - 600_000_000)
    box.time.synced = True  # NTP knows better: the box was ten minutes ahead all the time
    verdict.refused("ntp", box)
    disk.free()
    acknowledged += issued(box, 2)
    steps = [event for event in box.events() if event.kind == "clock.stepped"]
    verdict.expect(f"sources {steps}", [step.data["source"] for step in steps] == ["rtc", "ntp"])
    verdict.expect("the second begins where the first ended", steps[0].data["now"] == steps[1].data["was"])
    verdict.expect("the last ends now", steps[1].data["now"] == "2026-11-23T00:50:00.000000Z")
    verdict.recorded("steps", box, acknowledged)
    box.ask(Tick())
    verdict.expect("told once", box.kinds().count("clock.stepped") == 2)
    box.stop()


class Image:
    """An ext4 file system in a file, which can be forced read-only under its writers.

    Args:
        root: where the file and the mount point are made.

    Raises:
        CalledProcessError: this machine gives us no loop device.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / "image"
        self.folder.mkdir(parents=True)
        self._path = root / "image.ext4"
        subprocess.run(["truncate", "-s", "8M", str(self._path)], check=True)
        subprocess.run(["mkfs.ext4", "-q", str(self._path)], check=True)
        self.mount()

    def mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", str(self._path), str(self.folder)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)

    def abort(self) -> None:
        """What the kernel does by itself after an error of the medium: no writes until unmounted."""
        subprocess.run(["mount", "-o", "remount,abort", str(self.folder)], check=False)


def read_only_in_use(verdict: Verdict, root: Path) -> None:
    """The kernel turns the file system read-only under the desk."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "motcua-test", str(root)], check=True)
    image = Image(root)
    box = SimBox(image.folder / "data")
    with closing(_Stopping(box)):
        box.start()
        acknowledged = issued(box, 5)
        image.abort()
        verdict.refused("aborted", box)
        verdict.refused("still", box)
    image.unmount()
    image.mount()
    with closing(_Stopping(box)):
        box.start()
        acknowledged += issued(box, 2)
        verdict.recorded("mounted again", box, acknowledged)
    image.unmount()


class _Stopping:
    def __init__(self, box: SimBox) -> None:
        self.close = box.stop


SCENARIOS: dict[str, Callable[[Verdict, Path], None]] = {
    scenario.__name__: scenario
    for scenario in (
        full_in_use,
        full_at_start,
        full_at_first_start,
        read_only_at_start,
        read_only_in_use,
        damaged_and_full,
        left_and_full,
        steps_while_full,
    )
}


def main() -> None:
    """Run one scenario."""
    verdict = Verdict()
    with structlog.testing.capture_logs():
        SCENARIOS[sys.argv[1]](verdict, Path(sys.argv[2]))
    sys.stdout.write(f"\n{json.dumps({'problems': verdict.problems, 'checks': verdict.checks})}\n")


if __name__ == "__main__":
    main()
