"""A box that was in use: keys, accounts, a journal; and the file that makes it forget them."""

from pathlib import Path

from sim_card import SimBox

from appliance.clock import BelievedClock, ScriptedTime
from appliance.journal.epochs import open_journal
from appliance.journal.journal import stage
from appliance.wire.event import Draft, new_epoch

START_US = 1_795_311_000_000_000
DEVICE = "hoa-binh-01"
RESET = "motcua-reset.txt"
EPOCH = new_epoch(START_US, bytes(10))
SECRETS = ("device.jwk", "web-key.pem", "accounts.db", "sessions.db", "config/00000001-x.toml", "claim.new")


def used(folder: Path, events: int = 3) -> SimBox:
    """Return a box that is set up and recorded some events, none of which is receipted."""
    box = SimBox(folder)
    box.start()
    record(box.places.data, events)
    box.places.hotspot.mkdir()
    (box.places.hotspot / "sessions.json").write_text("phones", "ascii")
    (box.places.hotspot / "records").mkdir()
    (box.places.hotspot / "records" / "000001-2026-11.records").write_text("sealed", "ascii")
    box.places.config.with_name("retention.toml").write_text("citation", "ascii")
    for name in SECRETS:
        path = box.places.data / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("secret", "ascii")
    return box


def record(folder: Path, events: int, *, tickets: int = 0, device: str = DEVICE) -> None:
    """Append one day and what follows to the journal of a data directory, always with the same bytes."""
    time = ScriptedTime(START_US)
    clock = BelievedClock(time, floor_us=START_US - 1, has_rtc=False)
    clock.observe()
    journal = open_journal(folder, device, (), lambda: EPOCH).journal
    chain, staged = journal.chain, []
    drafts = [Draft("day.opened", {"day": "2026-11-22", "source": "clock", "carries": {"next": []}})]
    drafts += [Draft("device.started", {"software": "x", "board": "none", "reason": "power"})] * (events - 1)
    drafts += [Draft("ticket.issued", _issued(number)) for number in range(1, tickets + 1)]
    for draft in drafts:
        time.advance(1000)
        chain, one = stage(chain, draft, clock.now())
        staged.append(one)
    journal.append(staged)
    journal.close()


def _issued(number: int) -> dict[str, str]:
    return {
        "ticket": f"2026-11-22/A/{number}",
        "label": f"A{number:03d}",
        "service": "ho-tich",
        "priority": "none",
        "source": "button",
    }


def ask(box: SimBox, text: str = DEVICE, name: str = RESET) -> None:
    """Put the file on the card."""
    (box.places.card / name).write_bytes(text.encode())


def left(box: SimBox) -> set[str]:
    """Return what is in the data directory."""
    return {path.name for path in box.places.data.iterdir()}
