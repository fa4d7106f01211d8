"""Replays power cuts from one log of writes and verifies what each left on the card.

    python tests/image/crash_points_run.py --points 500 --seed 7
        records an office under presses on a logged disk of this machine first (root, qemu-storage-daemon)
    python tests/image/crash_points_run.py --points 500 --log L --base B --acks A [--offset N]
        takes a log that exists; the base is what the window held when the log began

Prints one JSON object and ends with 1 when a cut lost something. ``--lies 0.3`` makes the card
acknowledge three tenths of its flushes without doing them; then something must be lost.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from acknowledged import Ack, load, save
from crash_points import Card, Window, in_memory, last_state, lying, plan, replay
from press_scene import Recording, record
from verify import Verifier
from write_log import WriteLog

from appliance.logs import configure

TOLD = 3  # problems of one cut that are named


@dataclass(slots=True)
class Report:
    """What a replay found.

    Args:
        seed: of the cuts.
        points: cuts verified.
        by_fate: cuts by what became of the pending writes.
        entries: entries of the log.
        flushes: flushes among them.
        acknowledged: events acknowledged in the run.
        events: events in the journal at the end.
        required: acknowledged events looked for, over all cuts.
        before_first: cuts before anything was acknowledged.
        pending_most: most writes that waited for a flush at a cut.
        seconds: of replay and verification.
        bad_points: cuts after which something was wrong.
        problems: the first ones of each such cut, with its place; empty when nothing was lost.
    """

    seed: int
    points: int = 0
    by_fate: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    flushes: int = 0
    acknowledged: int = 0
    events: int = 0
    required: int = 0
    before_first: int = 0
    pending_most: int = 0
    seconds: float = 0.0
    bad_points: int = 0
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def run(
    log: Path,
    base: Path,
    acks: Sequence[Ack],
    points: int,
    seed: int,
    *,
    inside: str = "motcua",
    offset: int = 0,
    lies: float = 0.0,
) -> Report:
    """Replay power cuts and verify each.

    Args:
        log: the log of writes; its writer has ended.
        base: image of the data partition when the log began; it may be shorter than the partition became.
        acks: what was acknowledged during the log.
        points: how many cuts.
        seed: the same one gives the same cuts.
        inside: the office's data directory on the partition.
        offset: where the partition begins on the logged disk, bytes.
        lies: share of flushes that the card does not do.
    """
    started = time.monotonic()
    report = Report(seed, acknowledged=len(acks))
    with WriteLog.open(log) as opened, tempfile.TemporaryDirectory(dir=in_memory()) as scratch:
        folder = Path(scratch)
        window = Window(offset, base.stat().st_size)
        verifier = Verifier(folder, inside, acks)
        for entry in opened.entries():
            report.entries += 1
            report.flushes += entry.is_flush
        end = last_state(opened, base, window, folder / "last.img")
        last = verifier.verify(folder / "last.img", end)
        report.problems += [f"at the end: {problem}" for problem in last.problems]
        report.events = len(last.lines)
        (folder / "last.img").unlink()
        verifier.truth = last.lines
        card = lying(opened, window, lies, seed) if lies else Card(window)
        fates: Counter[str] = Counter()
        for point in replay(opened, base, card, plan(opened, card, points, seed), folder):
            cut = point.plan
            verdict = verifier.verify(point.image, point.log_bytes)
            where = f"cut {cut.number} ({cut.fate}, entry {cut.at}, after flush {cut.boundary})"
            report.bad_points += bool(verdict.problems)
            report.problems += [f"{where}: {problem}" for problem in verdict.problems[:TOLD]]
            fates[cut.fate] += 1
            report.points += 1
            report.required += verdict.required
            report.before_first += verdict.required == 0
            report.pending_most = max(report.pending_most, point.pending)
    report.by_fate = dict(sorted(fates.items()))
    report.seconds = round(time.monotonic() - started, 1)
    return report


def main() -> int:
    """Record if there is no log, replay, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--presses", type=int, default=400, help="acknowledgements to record")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--base", type=Path)
    parser.add_argument("--acks", type=Path)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--inside", default="motcua")
    parser.add_argument("--lies", type=float, default=0.0)
    parser.add_argument("--keep", type=Path, help="directory for a recording, which stays")
    parser.add_argument("--evidence", type=Path, help="directory for the report")
    given = parser.parse_args()
    configure(
        "critical"
    )  # a journal that is damaged before anything was recorded is expected, and noted here
    with tempfile.TemporaryDirectory(prefix="motcua-log-", dir=in_memory()) as scratch:
        started = time.monotonic()
        if given.log is None:
            folder = given.keep or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            made = record(folder, given.presses, given.seed)
            save(made.acks, folder / "acks.ndjson")
        else:
            made = Recording(given.log, given.base, load(given.acks), given.inside)
        recorded_s = round(time.monotonic() - started, 1)
        report = run(
            made.log,
            made.base,
            made.acks,
            given.points,
            given.seed,
            inside=made.inside,
            offset=given.offset,
            lies=given.lies,
        )
    text = json.dumps({"commit": commit(), "recorded_s": recorded_s, **report.to_json()}, indent=1)
    print(text)
    if given.evidence is not None:
        given.evidence.mkdir(parents=True, exist_ok=True)
        (given.evidence / f"crash-points-{given.points}.json").write_text(text + "\n", encoding="utf-8")
    return 1 if report.problems else 0


def commit() -> str:
    """Return the commit that this tree is."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
