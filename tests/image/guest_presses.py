"""Records a box under presses from its first start on, then replays power cuts from its card's log.

    python tests/image/guest_presses.py --image DIR/motcua-office.img --points 500 --seed 7 [--keep DIR]

Prints one JSON object and ends with 1 when a cut lost something.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from acknowledged import Ack, save
from crash_points_run import commit, run
from logged_card import OFFSET, LoggedCard
from machine import OBSERVER, PINS, Machine, Wires, insert

from appliance.accounts.passwords import Argon2Hasher
from appliance.firstboot.card import FILE_NAME
from appliance.logs import configure
from provisioning.card import fat
from provisioning.image.layout import BOOT, MIB, offset_mib

CARD = """\
[site]
commune = "29830"
[device]
id = "hoa-binh-01"
board = "virt"
[center]
url = "https://center.example.gov.vn"
id = "tinh-thu"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
claim = "hoa-binh-01.aVerySecretClaim"
[setup]
code_hash = "{code}"
[office]
file = "hall.toml"
"""
HALL = (Path(__file__).parent / "office.toml").read_text(encoding="utf-8")
READY_S, PRESSES_S = 1200.0, 900.0


def record(image: Path, folder: Path, acknowledged: int) -> tuple[LoggedCard, list[Ack], dict[str, float]]:
    """Boot a card for the first time, press until so many events are acknowledged, and pull the plug.

    Args:
        image: the plain card image.
        folder: does not exist; the log stays in it.
        acknowledged: how many acknowledgements to wait for.

    Returns:
        the card, what was acknowledged, and how many seconds what took.

    Raises:
        NotSeenError: the machine did not do its part in time.
    """
    card = LoggedCard.of(insert(image, folder))
    code = Argon2Hasher(memory_kib=64, passes=1).hash("7K3MQ9TX2FWD")
    for name, text in ((FILE_NAME, CARD.format(code=code)), ("hall.toml", HALL)):
        fat.put(card.path, name, text.encode(), offset_mib(BOOT) * MIB)
    machine = Machine.start(card.path, folder / "life", Wires(has_network=False, drive=card.drive))
    try:
        with card.listening(machine.folder / OBSERVER) as heard:
            machine.said("snapshot", READY_S)
            took = {"power_to_office_s": round(machine.age_s(), 1)}
            until = time.monotonic() + PRESSES_S
            while len(heard.acks) < acknowledged and time.monotonic() < until:
                for button in PINS:
                    machine.press(button)
                    time.sleep(0.1)
            machine.pull_the_plug()
    finally:
        machine.pull_the_plug()
    took["recorded_s"] = round(machine.age_s(), 1)
    card.check()
    save(heard.acks, folder / "acks.ndjson")
    return card, heard.acks, took


def main() -> int:
    """Record, replay, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--points", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--acknowledged", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="directory for the machine's files, which stays; new")
    given = parser.parse_args()
    configure("error")
    with tempfile.TemporaryDirectory(prefix="motcua-guest-") as scratch:
        card, acks, took = record(given.image, given.keep or Path(scratch) / "box", given.acknowledged)
        report = run(card.log, card.base, acks, given.points, given.seed, offset=OFFSET)
        took["log_mib"] = round(card.log.stat().st_blocks * 512 / MIB, 1)
    print(json.dumps({"commit": commit(), **took, **report.to_json()}, indent=1))
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
