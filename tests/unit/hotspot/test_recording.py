"""When a session is recorded, and what of it; and that without a policy nothing is written at all."""

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from policies import policy_text

from appliance.hotspot.policy.ended import Ended
from appliance.hotspot.recording import FOLDER, Asked, Recording
from appliance.records.files import Verified, month_files, read
from appliance.records.keys import OpeningKey
from appliance.wire.moment import Moment, Quality, microseconds

KEY = OpeningKey.generate()
JWK = KEY.public.jwk()
POLICY = policy_text(
    KEY.public,
    citation='"Nghị định 1/2026/NĐ-CP, Điều 2"',
    issued_by='"UBND tỉnh"',
    months="6",
    valid_until="2027-06-30",
)
A, B, C = (f"02:00:00:00:00:0{number}" for number in (1, 2, 3))
TERMS, OLD = "ab" * 32, "cd" * 32
HOUR_MS = 3_600_000
ASKED = Asked("xa-01", POLICY, TERMS, 16)
NOON = Moment(
    microseconds(datetime(2026, 11, 23, 5, tzinfo=UTC)),
    Quality.SYNCED,
    "00000000-0000-4000-8000-000000000001",
    10 * HOUR_MS,
)


def later(ms, now=NOON, **fields):
    return replace(now, up_ms=now.up_ms + ms, at_us=now.at_us + ms * 1000, **fields)


def at(year, month, day):
    return replace(NOON, at_us=microseconds(datetime(year, month, day, 5, tzinfo=UTC)))


def ended(mac=A, reason="idle", begun=NOON):
    return Ended(mac, begun.up_ms, begun.up_ms + HOUR_MS, 10, 20, reason)


class Box:
    """A gate's side of it, with a state directory of its own."""

    def __init__(self, folder):
        self.state = folder
        self.held = [(A, "10.77.0.9"), (A, "fd77::1"), (B, "10.77.0.10")]
        self.subject = None

    def start(self, asked=ASKED, now=NOON, resumed=(), lapsed=()):
        self.subject = Recording(self.state, lambda: iter(self.held))
        self.subject.told(asked, now)
        self.subject.open(resumed, lapsed, now)
        return self.subject

    def records(self):
        found = Verified()
        paths = [each.path for each in month_files(self.state / FOLDER)]
        return [line.open(KEY) for _, _, line in read(paths, found)]

    def missed(self):
        found = Verified()
        return [line.missed for _, _, line in read([f.path for f in month_files(self.state / FOLDER)], found)]


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def test_a_session_is_recorded_once_at_its_end(box):
    subject = box.start()
    subject.began(A, TERMS, NOON)
    subject.look()
    box.held = [(A, "fd77::2")]
    subject.ended([ended()], later(HOUR_MS))
    subject.ended([ended()], later(HOUR_MS))

    assert subject.standing == "on"
    [record] = box.records()
    assert (record.start, record.end) == ("2026-11-23T05:00:00.000000Z", "2026-11-23T06:00:00.000000Z")
    assert (record.mac, record.ipv4, record.ipv6) == (A, ("10.77.0.9",), ("fd77::1", "fd77::2"))
    assert (record.bytes_up, record.bytes_down, record.terms, record.reason) == (10, 20, TERMS, "idle")
    assert record.is_clock_trusted
    assert not record.is_resumed
    assert [each.path.name for each in month_files(box.state / FOLDER)] == ["000001-2026-11.records"]


def test_only_what_the_policy_asks_for_is_recorded(box):
    fields = 'fields = ["mac", "ipv4", "ipv6", "bytes", "terms"]'
    subject = box.start(replace(ASKED, text=POLICY.replace(fields, 'fields = ["bytes"]')))
    subject.began(A, TERMS, NOON)
    subject.ended([ended()], later(HOUR_MS))
    [record] = box.records()
    assert (record.mac, record.ipv4, record.ipv6, record.terms) == (None,) * 4
    assert (record.bytes_up, record.reason) == (10, "idle")


def test_without_a_policy_nothing_at_all_is_written(box):
    subject = box.start(None)
    subject.began(A, TERMS, NOON)
    subject.look()
    subject.ended([ended()], later(HOUR_MS))
    subject.tick(later(2 * HOUR_MS))
    subject.close()
    assert subject.standing == "off"
    assert list(box.state.iterdir()) == []


def test_without_a_policy_none_of_it_is_loaded():
    code = (
        "import sys; import appliance.hotspot.running, appliance.cli.hotspot;"
        "sys.exit(any(n.startswith('appliance.records') or n == 'appliance.hotspot.retention' or"
        " n == 'cryptography.hazmat.primitives.hpke' for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("asked", "now"),
    [
        (replace(ASKED, text=None), NOON),
        (replace(ASKED, text="citation = 1"), NOON),
        (replace(ASKED, text="no TOML"), NOON),
        (ASKED, at(2027, 7, 1)),
        (ASKED, replace(at(2027, 7, 1), quality=Quality.UNSYNCED)),
    ],
    ids=["unreadable", "invalid", "no TOML", "over", "over by a clock that may be behind"],
)
def test_by_a_policy_that_cannot_be_followed_nothing_is_recorded_and_it_is_said(box, asked, now):
    subject = box.start(asked, now)
    subject.began(A, TERMS, now)
    subject.ended([ended(begun=now)], later(HOUR_MS, now))
    assert subject.standing == "faulty"
    assert list(box.state.iterdir()) == []


def test_a_policy_that_begins_later_is_not_followed_yet_and_no_fault(box):
    early = at(2026, 6, 30)
    subject = box.start(now=early)
    subject.began(A, TERMS, early)
    subject.ended([ended(begun=early)], later(HOUR_MS, early))
    assert subject.standing == "off"
    assert list(box.state.iterdir()) == []


def test_a_policy_that_ends_while_somebody_is_online_ends_for_him_too(box):
    last = at(2027, 6, 30)
    subject = box.start(now=last)
    subject.began(A, TERMS, last)
    subject.tick(later(24 * HOUR_MS, last))
    subject.ended([ended(begun=last)], later(24 * HOUR_MS, last))
    assert (subject.standing, box.records()) == ("faulty", [])


def test_who_agreed_to_terms_that_did_not_say_so_is_not_recorded(box):
    subject = box.start()
    subject.began(A, OLD, NOON)
    subject.ended([ended()], later(HOUR_MS))
    assert box.records() == []


def test_who_agreed_before_there_was_a_policy_is_not_recorded(box):
    subject = box.start(None)
    subject.began(A, TERMS, NOON)
    subject.told(ASKED, NOON)
    subject.ended([ended()], later(HOUR_MS))
    assert box.records() == []


def test_when_the_policy_goes_who_is_online_is_not_recorded_any_more(box):
    subject = box.start()
    subject.began(A, TERMS, NOON)
    subject.told(None, NOON)
    subject.told(ASKED, NOON)
    subject.ended([ended()], later(HOUR_MS))
    assert box.records() == []


def test_agreeing_anew_is_two_records(box):
    subject = box.start()
    subject.began(A, TERMS, NOON)
    subject.ended([ended(reason="renewed")], later(HOUR_MS))
    subject.began(A, TERMS, later(HOUR_MS))
    subject.ended([ended(begun=later(HOUR_MS))], later(2 * HOUR_MS))
    assert [each.reason for each in box.records()] == ["renewed", "idle"]


def test_after_an_orderly_stop_sessions_go_on_as_taken_over(box):
    subject = box.start()
    for mac in (A, B):
        subject.began(mac, TERMS, NOON)
    subject.ended([ended(A, "stopped"), ended(B, "stopped")], later(HOUR_MS))
    subject.close()

    subject = box.start(now=later(2 * HOUR_MS), resumed=[A], lapsed=[B])
    subject.ended([ended(A, "time", later(2 * HOUR_MS))], later(3 * HOUR_MS))

    told = [(each.mac, each.reason, each.is_resumed, each.terms) for each in box.records()]
    assert told == [(A, "stopped", False, TERMS), (B, "stopped", False, TERMS), (A, "time", True, None)]


def test_after_a_power_cut_what_was_over_is_closed_and_the_rest_goes_on(box):
    subject = box.start()
    for mac in (A, B):
        subject.began(mac, TERMS, NOON)

    subject = box.start(now=later(2 * HOUR_MS), resumed=[A], lapsed=[B])
    subject.ended([ended(A, "time", later(2 * HOUR_MS))], later(3 * HOUR_MS))

    told = [(each.mac, each.reason, each.start, each.end, each.bytes_up) for each in box.records()]
    assert told == [
        (B, "power", None, None, None),
        (A, "time", "2026-11-23T07:00:00.000000Z", "2026-11-23T08:00:00.000000Z", 10),
    ]
    # The next power cut finds nothing stopped in order.
    box.start(now=later(4 * HOUR_MS), lapsed=[C])
    assert [each.mac for each in box.records()] == [B, A, C]


def test_sessions_that_began_while_nothing_was_recorded_are_not_taken_over(box):
    box.start(resumed=[A], lapsed=[B]).ended([ended()], later(HOUR_MS))
    assert box.records() == []


def test_start_and_end_are_told_by_the_clock_at_the_end(box):
    wrong = replace(NOON, at_us=microseconds(datetime(2026, 1, 1, tzinfo=UTC)), quality=Quality.UNSYNCED)
    subject = box.start(now=wrong)
    subject.began(A, TERMS, wrong)
    subject.began(B, TERMS, wrong)
    subject.ended([ended(A)], later(HOUR_MS, wrong))
    subject.ended([ended(B)], later(HOUR_MS))
    guess, known = box.records()
    assert (guess.is_clock_trusted, known.is_clock_trusted) == (False, True)
    assert known.start == "2026-11-23T05:00:00.000000Z"
    names = [each.path.name for each in month_files(box.state / FOLDER)]
    assert names == ["000001-undated.records", "000002-2026-11.records"]


def test_what_cannot_be_written_is_counted_told_and_made_up_for_by_nobody(box):
    subject = box.start()
    subject.began(A, TERMS, NOON)
    shutil.rmtree(box.state / FOLDER)
    (box.state / FOLDER).touch()  # no folder can be made here
    subject.ended([ended(A)], later(HOUR_MS))
    assert subject.standing == "faulty"

    (box.state / FOLDER).unlink()
    subject.began(B, TERMS, NOON)
    subject.ended([ended(B)], later(HOUR_MS))
    assert (subject.standing, box.missed()) == ("on", [1])
    assert [each.mac for each in box.records()] == [B]


def test_full_is_said_and_ends_when_there_is_room(box):
    subject = box.start(replace(ASKED, most_mib=0))
    subject.began(A, TERMS, NOON)
    subject.ended([ended(A)], later(HOUR_MS))
    assert subject.standing == "faulty"
    subject.told(ASKED, NOON)
    subject.began(B, TERMS, NOON)
    subject.ended([ended(B)], later(HOUR_MS))
    assert (subject.standing, box.missed()) == ("on", [1])


def test_records_are_destroyed_in_time_by_a_trusted_clock_alone_with_or_without_a_policy(box):
    subject = box.start()
    subject.began(A, TERMS, NOON)
    subject.ended([ended()], later(HOUR_MS))
    much_later = at(2027, 6, 2)
    subject.tick(replace(much_later, quality=Quality.UNSYNCED))
    assert len(box.records()) == 1
    subject = box.start(None, now=much_later)
    subject.tick(replace(much_later, quality=Quality.UNSYNCED))
    assert len(box.records()) == 1
    subject.tick(later(HOUR_MS, much_later))
    assert box.records() == []


def test_another_policy_counts_at_once(box):
    other = OpeningKey.generate()
    text = POLICY.replace(JWK["x"], other.public.jwk()["x"]).replace(JWK["kid"], other.public.kid)
    subject = box.start()
    subject.told(replace(ASKED, text=text), NOON)
    subject.began(A, TERMS, NOON)
    subject.ended([ended()], later(HOUR_MS))
    [file] = month_files(box.state / FOLDER)
    found = Verified()
    [(_, _, line)] = read([file.path], found)
    assert line.open(other).mac == A
    assert found.keys == {other.public.kid}
