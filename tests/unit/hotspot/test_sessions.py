"""Who is through the gate: by the table of states, in time, within quota and hours, over a reboot."""

import re
from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.config.hotspot import Hotspot
from appliance.config.hours import Span
from appliance.hotspot.errors import (
    BadTransitionError,
    DeviceBlockedError,
    HotspotFullError,
    NoSuchHandleError,
    OutsideHoursError,
    QuotaSpentError,
)
from appliance.hotspot.policy import marks
from appliance.hotspot.policy.ended import Ended
from appliance.hotspot.policy.keeping import Written, session_text, sessions_of
from appliance.hotspot.policy.moment import Instant, is_within
from appliance.hotspot.policy.plan import planned
from appliance.hotspot.policy.sessions import Kept, LetThrough, Sessions, Traffic
from appliance.hotspot.policy.states import TABLE, Happening, State, after

A, B, C = (f"02:00:00:00:00:0{number}" for number in (1, 2, 3))
NOON = Instant(1_000_000, "2026-11-23", "2026-11-23T12", 0, 720, is_trusted=True)
MIB = 1 << 20
CLASSES = [
    {"id": "basic", "down_kbps": 5000, "up_kbps": 2000},
    {"id": "slow", "down_kbps": 128, "up_kbps": 128},
]
BOOT, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def later(minutes=0, now=NOON, **fields):
    return replace(now, up_ms=now.up_ms + int(minutes * 60_000), **fields)


def plan(**wanted):
    values = {"session_min": 60, "idle_min": 20, "quota_mib": 10, "max_clients": 2, **wanted}
    return planned(Hotspot.model_validate(values, strict=False), 8081)


@pytest.fixture
def subject():
    return made()


def made(week=None, **wanted):
    # Without an end: a restart draws anew, and an example may restart forty times.
    handles = ("".join(each) for each in product("abcdefghijklmnopqrstuvwxyz234567", repeat=8))
    hours = week or ((Span(0, 24 * 60),),) * 7
    sessions = Sessions(plan(**wanted), lambda: next(handles), lambda now: is_within(hours, now))
    sessions.turn(NOON)
    return sessions


def mark_in(lines):
    (mark,) = {int(each, 16) for line in lines if "add" in line for each in re.findall(r"0x6d\w{6}", line)}
    return mark


def test_who_agrees_is_through_for_a_session(subject):
    lines = subject.agree(A, NOON)

    mark = subject.devices[A].mark
    assert lines == [
        f"add element inet motcua_hotspot sessions {{ {A} timeout 3600s : {mark:#010x} }}",
        f"add element inet motcua_hotspot current {{ 0x00000001 timeout 3600s : {mark:#010x} }}",
        f"add element inet motcua_hotspot sent {{ {mark:#010x} timeout 3600s }}",
        f"add element inet motcua_hotspot live {{ {mark:#010x} timeout 3600s }}",
    ]
    assert subject.standing(A, later(15)).left_ms == 45 * 60_000
    assert subject.standing(B, NOON).state is State.NEW


def test_a_session_ends_when_its_time_is_over(subject):
    subject.agree(A, NOON)
    for minute in range(1, 60):
        subject.measured({subject.devices[A].mark: minute}, {}, later(minute))
        assert subject.turn(later(minute)) == []
    mark = subject.devices[A].mark

    lines = subject.turn(later(60))

    assert f"delete element inet motcua_hotspot sessions {{ {A} }}" in lines
    assert f"delete element inet motcua_hotspot live {{ {mark:#010x} }}" in lines
    assert subject.standing(A, later(60)).state is State.NEW


def test_a_session_without_traffic_ends_earlier(subject):
    subject.agree(A, NOON)
    subject.measured({subject.devices[A].mark: 100}, {}, later(10))

    assert subject.turn(later(29)) == []
    assert subject.turn(later(30)) != []


def test_agreeing_again_begins_anew_and_keeps_what_was_used(subject):
    subject.agree(A, NOON)
    first = subject.devices[A].mark
    subject.measured({subject.devices[A].mark: MIB}, {first: 2 * MIB}, later(10))

    lines = subject.agree(A, later(30 - 11))

    assert f"delete element inet motcua_hotspot live {{ {first:#010x} }}" in lines
    # A download that runs meanwhile must still find its way back.
    assert subject.devices[A].mark == first
    standing = subject.standing(A, later(19))
    assert (standing.left_ms, standing.bytes_left) == (3_600_000, 7 * MIB)


def test_a_spent_quota_ends_the_session_until_the_next_day(subject):
    subject.agree(A, NOON)
    subject.measured({subject.devices[A].mark: 4 * MIB}, {subject.devices[A].mark: 6 * MIB}, later(1))

    assert subject.turn(later(1)) != []
    assert subject.standing(A, later(1)).state is State.SPENT
    with pytest.raises(QuotaSpentError):
        subject.agree(A, later(2))
    subject.turn(later(3, day="2026-11-24"))
    assert subject.agree(A, later(4, day="2026-11-24")) != []
    assert subject.standing(A, later(4, day="2026-11-24")).bytes_left == 10 * MIB


def test_a_session_that_runs_over_midnight_has_a_new_quota_in_the_kernel_too(subject):
    subject.agree(A, NOON)
    mark = subject.devices[A].mark
    subject.measured({mark: 9 * MIB}, {}, later(1))

    lines = subject.turn(later(2, day="2026-11-24"))

    assert subject.devices[A].mark == mark
    gone = lines.index(f"delete element inet motcua_hotspot spent {{ {mark:#010x} }}")
    assert gone < lines.index(f"add element inet motcua_hotspot live {{ {mark:#010x} timeout 3480s }}")
    subject.measured({mark: 2 * MIB}, {}, later(3, day="2026-11-24"))
    assert subject.turn(later(3, day="2026-11-24")) == []
    assert subject.standing(A, later(3)).bytes_left == 8 * MIB


def test_a_spent_quota_leads_to_the_slower_class_and_back_on_the_next_day():
    subject = made(classes=CLASSES, quota_class="slow")
    subject.agree(A, NOON)
    subject.measured({subject.devices[A].mark: 10 * MIB}, {}, later(1))

    lines = subject.turn(later(1))

    assert marks.rate_of(subject.devices[A].mark) == 1
    assert "delete element" in "\n".join(lines)
    assert subject.standing(A, later(1)).left_ms == 59 * 60_000
    assert subject.turn(later(2)) == []
    subject.turn(later(3, day="2026-11-24"))
    assert marks.rate_of(subject.devices[A].mark) == 0
    assert subject.standing(A, later(3)).bytes_left == 10 * MIB


def test_outside_the_hours_nobody_is_let_through_and_everybody_ends():
    week = ((Span(8 * 60, 17 * 60),), *((),) * 6)
    subject = made(week)
    subject.agree(A, NOON)

    assert subject.turn(later(1, minute=17 * 60)) != []
    with pytest.raises(OutsideHoursError):
        subject.agree(A, later(2, minute=17 * 60 + 1))


def test_nobody_is_kept_out_by_a_clock_that_nobody_believes():
    week = ((),) * 7
    subject = made(week)
    assert subject.agree(A, replace(NOON, is_trusted=False)) != []


def test_one_more_than_may_be_is_refused_and_one_who_is_in_is_not(subject):
    subject.agree(A, NOON)
    subject.agree(B, NOON)
    with pytest.raises(HotspotFullError):
        subject.agree(C, NOON)
    assert subject.agree(A, later(1)) != []


def test_a_blocked_device_is_out_until_the_block_ends(subject):
    subject.agree(A, NOON)
    handle = subject.devices[A].handle

    assert subject.block(handle, 30, later(1)) != []
    with pytest.raises(DeviceBlockedError):
        subject.agree(A, later(2))
    subject.turn(later(31))
    assert subject.agree(A, later(31)) != []


def test_a_device_is_unblocked_by_its_handle(subject):
    subject.agree(A, NOON)
    subject.block(subject.devices[A].handle, 30, NOON)
    subject.measured({subject.devices[A].mark: MIB}, {}, NOON)
    subject.unblock(subject.devices[A].handle, later(1))
    assert subject.agree(A, later(1)) != []
    with pytest.raises(NoSuchHandleError):
        subject.block("zzzzzzzz", 1, NOON)


def test_unblocking_is_no_way_around_a_spent_quota(subject):
    subject.agree(A, NOON)
    subject.measured({subject.devices[A].mark: 10 * MIB}, {}, NOON)
    subject.turn(NOON)
    handle = subject.devices[A].handle
    subject.block(handle, 30, NOON)
    subject.unblock(handle, later(1))
    with pytest.raises(QuotaSpentError):
        subject.agree(A, later(1))


def test_nothing_is_remembered_of_who_used_nothing(subject):
    subject.agree(A, NOON)
    subject.turn(later(60))
    assert subject.devices == {}


def test_what_is_kept_comes_back_for_what_is_left(subject):
    subject.agree(A, NOON)
    subject.agree(B, later(10))
    subject.block(subject.devices[B].handle, 60, later(10))
    kept = subject.kept(later(20))

    again = made()
    lines = again.restored(kept, later(0))

    assert mark_in(lines) == again.devices[A].mark
    assert again.standing(A, NOON).left_ms == 40 * 60_000
    assert again.standing(B, NOON).state is State.BLOCKED


def test_who_went_on_keeps_his_number_and_what_he_used_whoever_comes_first(subject):
    kept = [Kept(A, State.OPEN, 60_000), Kept(B, State.OPEN, 60_000)]
    through = LetThrough(marks.session_mark(0, 1), up=MIB, down=2 * MIB)

    lines = subject.restored(kept, NOON, {B: through, C: LetThrough(marks.session_mark(0, 7), 0, 0)})

    assert {mac: device.index for mac, device in subject.devices.items()} == {B: 1, A: 2}
    assert f"{B} timeout 60s : {through.mark:#010x}" in "\n".join(lines)
    # Told once: the gate before told of these.
    assert subject.measured({through.mark: MIB + 5}, {through.mark: 2 * MIB}, later(1)) == Traffic(5, 0)
    subject.again(plan(), later(1))
    assert subject.standing(B, later(1)).bytes_left == 7 * MIB - 5


def test_who_went_on_in_the_class_of_a_spent_quota_stays_there():
    subject = made(classes=CLASSES, quota_class="slow")
    slow = marks.session_mark(1, 4)
    subject.restored([Kept(A, State.OPEN, 60_000)], NOON, {A: LetThrough(slow, up=5, down=5)})
    assert subject.devices[A].mark == slow
    subject.turn(later(0))
    assert (subject.devices[A].mark, subject.standing(A, NOON).bytes_left) == (slow, 0)


def test_a_session_does_not_come_back_longer_than_sessions_are(subject):
    subject.restored([Kept(A, State.OPEN, 10**9)], NOON)
    assert subject.standing(A, NOON).left_ms == 3_600_000


def test_no_more_come_back_than_may_be(subject):
    subject.restored([Kept(mac, State.OPEN, 60_000) for mac in (A, B, C)], NOON)
    assert subject.open_count == 2


def test_what_was_agreed_to_lasts_as_long_as_the_session(subject):
    subject.agree(A, NOON, TERMS, ("a", "b"))
    assert subject.kept(NOON) == (Kept(A, State.OPEN, 3_600_000, TERMS, ("a", "b")),)
    subject.withdraw(A, ["b", "c"])
    subject.again(plan(), later(1))
    standing = subject.standing(A, later(1))
    assert (standing.terms, standing.consents) == (TERMS, ("a",))
    # Agreeing anew is to those of then, with what is allowed then.
    subject.agree(A, later(2), "1e" * 32)
    standing = subject.standing(A, later(2))
    assert (standing.terms, standing.consents) == ("1e" * 32, ())
    subject.withdraw(B, ["a"])


ENDS = {
    "time": lambda subject: subject.turn(later(60)),
    "wish": lambda subject: subject.leave(A, later(1)),
    "block": lambda subject: subject.block(subject.devices[A].handle, 5, later(1)),
    "settings": lambda subject: subject.again(subject.plan, later(60)),
    "quota": lambda subject: (
        subject.measured({subject.devices[A].mark: 10 * MIB}, {}, later(1)),
        subject.turn(later(1)),
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_with_every_end_of_a_session_what_was_agreed_to_is_forgotten(subject, end):
    subject.agree(A, NOON, TERMS, ("a",))
    subject.measured({subject.devices[A].mark: MIB}, {}, NOON)
    ENDS[end](subject)
    standing = subject.standing(A, later(60))
    assert standing.state is not State.OPEN
    assert (standing.terms, standing.consents) == ("", ())
    assert not any(each.terms for each in subject.kept(NOON))


def test_who_leaves_is_out_on_the_next_packet_keeps_what_he_used_and_may_come_back(subject):
    subject.agree(A, NOON)
    mark = subject.devices[A].mark
    subject.measured({mark: 4 * MIB}, {}, NOON)
    lines = subject.leave(A, later(1))
    assert f"delete element inet motcua_hotspot sessions {{ {A} }}" in lines
    assert f"delete element inet motcua_hotspot live {{ {mark:#010x} }}" in lines
    assert subject.leave(A, later(1)) == subject.leave(B, later(1)) == []
    assert subject.standing(A, later(1)).bytes_left == 6 * MIB
    assert subject.agree(A, later(2)) != []


def test_leaving_is_no_way_out_of_a_block(subject):
    subject.agree(A, NOON)
    subject.block(subject.devices[A].handle, 30, NOON)
    assert subject.leave(A, later(1)) == []
    with pytest.raises(DeviceBlockedError):
        subject.agree(A, later(1))


def test_other_settings_keep_sessions_and_what_was_used(subject):
    subject.agree(A, NOON)
    subject.measured({subject.devices[A].mark: 4 * MIB}, {}, later(1))

    lines = subject.again(plan(session_min=30), later(5))

    assert mark_in(lines) == subject.devices[A].mark
    assert subject.standing(A, later(5)).left_ms == 30 * 60_000
    assert subject.standing(A, later(5)).bytes_left == 6 * MIB


def test_a_session_that_is_over_when_other_settings_come_is_over(subject):
    subject.agree(A, NOON)
    subject.measured({subject.devices[A].mark: MIB}, {}, NOON)
    assert subject.again(subject.plan, later(60)) == []
    assert (subject.devices[A].state, subject.devices[A].mark) == (State.NEW, 0)


def test_two_with_one_hardware_address_are_told_once(subject):
    subject.agree(A, NOON)
    assert subject.conflicting({A, B}) == [subject.devices[A].handle]
    assert subject.conflicting({A, B}) == []


def test_no_two_sessions_have_one_mark(subject):
    subject.index = marks.MOST_INDEX - 1
    subject.agree(A, NOON)
    subject.agree(B, NOON)
    assert {each.mark & marks.MOST_INDEX for each in subject.devices.values()} == {marks.MOST_INDEX, 1}


def test_each_session_that_ends_is_told_once_with_what_it_used_and_why():
    subject = made(((Span(0, 13 * 60),),) * 7, quota_mib=10, max_clients=5)
    steps = {
        "time": lambda: subject.turn(later(60)),
        "idle": lambda: subject.turn(later(25)),
        "hours": lambda: subject.turn(later(2, minute=13 * 60)),
        "blocked": lambda: subject.block(subject.devices[A].handle, 1, later(2)),
        "left": lambda: subject.leave(A, later(2)),
        "renewed": lambda: subject.agree(A, later(2)),
        "stopped": lambda: subject.stopped(later(2)),
    }
    for reason, end in steps.items():
        subject.devices.clear()
        subject.agree(A, NOON)
        subject.measured({subject.devices[A].mark: 5}, {subject.devices[A].mark: 7}, later(1))
        if reason == "time":
            subject.measured({subject.devices[A].mark: 6}, {}, later(55))
        end()
        [ended] = subject.taken_ended()
        assert (ended.reason, ended.mac, ended.began_ms, ended.down) == (reason, A, NOON.up_ms, 7)
        assert subject.taken_ended() == ()


def test_a_spent_quota_ends_a_session_and_a_slower_class_does_not():
    for more, reasons in (({}, ["quota"]), ({"classes": CLASSES, "quota_class": "slow"}, [])):
        subject = made(**more)
        subject.agree(A, NOON)
        subject.measured({subject.devices[A].mark: 10 * MIB}, {}, later(1))
        subject.turn(later(1))
        assert [each.reason for each in subject.taken_ended()] == reasons


def test_a_session_counts_its_own_bytes_over_midnight_another_class_and_other_settings():
    subject = made(classes=CLASSES, quota_class="slow")
    subject.agree(A, NOON)
    subject.measured({subject.devices[A].mark: 10 * MIB}, {}, later(1))
    subject.turn(later(1))  # the slower class counts from nothing
    subject.measured({subject.devices[A].mark: MIB}, {}, later(2))
    subject.turn(later(3, day="2026-11-24"))
    subject.again(plan(session_min=60), later(4, day="2026-11-24"))
    subject.measured({subject.devices[A].mark: 7}, {}, later(5, day="2026-11-24"))

    subject.turn(later(60, day="2026-11-24"))

    assert subject.taken_ended() == (Ended(A, NOON.up_ms, later(60).up_ms, 11 * MIB + 7, 0, "time"),)


def test_what_was_over_when_the_file_is_read_is_told_if_it_is_asked_for():
    text = session_text([Kept(A, State.OPEN, 60_000), Kept(B, State.OPEN, 600_000)], Written(BOOT, 0, 0))
    now = Written(BOOT, 120_000, 0)
    assert [each.mac for each in sessions_of(text, now)] == [B]
    assert [(each.mac, each.left_ms > 0) for each in sessions_of(text, now, with_over=True)] == [
        (A, False), (B, True),
    ]  # fmt: skip


@pytest.mark.parametrize("state", State, ids=lambda each: each.name)
@pytest.mark.parametrize("happening", Happening, ids=lambda each: each.name)
def test_what_is_not_in_the_table_is_an_error(state, happening):
    if (state, happening) in TABLE:
        assert after(state, happening) is TABLE[state, happening]
    else:
        with pytest.raises(BadTransitionError):
            after(state, happening)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["agree", "leave", "measure", "turn", "block", "unblock", "day", "reboot", "again"]),
        st.sampled_from([A, B, C]),
        st.integers(0, 12 * MIB),
        st.integers(0, 40),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_happens_the_kernel_knows_exactly_the_open_sessions(steps):  # noqa: C901 - one branch a step
    subject, now, day = made(), NOON, 1
    kernel, counted = {}, {}

    def follow(lines):
        for line in lines:
            verb, element = line.split()[0], line.partition("{ ")[2].split()
            if " sessions " in line:
                if verb == "add":
                    kernel.setdefault(element[0], int(element[-2], 16))
                else:
                    kernel.pop(element[0])
                    counted.pop(element[0], None)

    for step, mac, size, minutes in steps:
        now = later(minutes, now, day=f"2026-12-{day:02d}")
        device = subject.devices.get(mac)
        if step == "agree":
            follow(subject.turn(now))
            with suppress(HotspotFullError, QuotaSpentError, DeviceBlockedError):
                follow(subject.agree(mac, now))
        elif step == "leave":
            follow(subject.leave(mac, now))
        elif step == "measure" and mac in kernel:
            counted[mac] = counted.get(mac, 0) + size
            subject.measured({kernel[each]: size for each, size in counted.items()}, {}, now)
        elif step == "turn":
            follow(subject.turn(now))
        elif step == "block" and device:
            follow(subject.block(device.handle, 30, now))
        elif step == "unblock" and device:
            follow(subject.unblock(device.handle, now))
        elif step == "day":
            day += 1
        elif step == "reboot":
            at = Written(BOOT, now.up_ms, 0)
            kept = sessions_of(session_text(subject.kept(now), at), at)
            kernel.clear()
            counted.clear()
            follow(subject.restored(kept, now))
        elif step == "again":
            kernel.clear()
            counted.clear()
            follow(subject.again(subject.plan, now))
    follow(subject.turn(now))
    opened = {mac: each.mark for mac, each in subject.devices.items() if each.state is State.OPEN}
    assert kernel == opened
    assert len(opened) <= subject.plan.max_clients
    assert all(
        each.up + each.down < subject.plan.quota_bytes for each in subject.devices.values() if each.mark
    )


def test_forty_restarts_with_everybody_online_are_as_good_as_one():
    subject = made()
    for mac in (A, B):
        subject.agree(mac, NOON)
    for _ in range(40):
        subject.restored(subject.kept(NOON), NOON)
    assert subject.open_count == 2


WRITTEN = Written(BOOT, 500_000, 1_800_000_000_000_000)
TERMS = "0f" * 32
KEPT = (Kept(A, State.OPEN, 600_000, TERMS, ("khao-sat", "b")), Kept(B, State.BLOCKED, 60_000))


def test_the_file_holds_hardware_addresses_ends_and_what_was_agreed_to_and_nothing_else():
    assert session_text(KEPT, WRITTEN) == (
        f"motcua-hotspot 2 {BOOT} 500000 1800000000000000\n"
        f"{A} open 1800000600000000 {TERMS} khao-sat,b\n{B} blocked 1800000060000000 . .\n"
    )


@pytest.mark.parametrize(
    ("now", "left_ms"),
    [
        (Written(BOOT, 560_000, 0), 540_000),
        (Written(OTHER, 5_000, WRITTEN.wall_us + 120_000_000), 480_000),
        (Written(OTHER, 5_000, WRITTEN.wall_us + 120_000_000, is_trusted=False), 600_000),
        (Written(OTHER, 5_000, 0), 600_000),
        (Written(OTHER, 5_000, WRITTEN.wall_us + 10**15), None),
    ],
    ids=["same boot, clock in the past", "another boot", "untrusted", "clock in the past", "years later"],
)
def test_what_is_left_is_counted_by_a_clock_that_can_be_believed(now, left_ms):
    found = {each.mac: each.left_ms for each in sessions_of(session_text(KEPT, WRITTEN), now)}
    assert found.get(A) == left_ms


def test_a_file_that_was_cut_or_is_not_ours_is_no_file():
    text = session_text(KEPT, WRITTEN)
    for end in range(len(text)):
        assert sessions_of(text[:end], WRITTEN) in {(), KEPT[:0], KEPT[:1]}
    assert sessions_of(text.replace("open", "root"), WRITTEN) == ()
    assert sessions_of("x\n" + text, WRITTEN) == ()
    assert sessions_of(text.replace(TERMS, TERMS[1:]), WRITTEN) == ()
    assert sessions_of(text.replace("khao-sat", "khảo sát"), WRITTEN) == ()
    assert sessions_of(text.replace("hotspot 2", "hotspot 1"), WRITTEN) == ()


@given(
    st.lists(
        st.builds(
            Kept,
            st.from_regex(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", fullmatch=True),
            st.sampled_from([State.OPEN, State.BLOCKED]),
            st.integers(1, 10**9),
            st.sampled_from(["", TERMS]),
            st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True), max_size=8).map(tuple),
        ),
        unique_by=lambda each: each.mac,
        max_size=5,
    )
)
def test_what_is_written_is_what_is_read(kept):
    assert sessions_of(session_text(kept, WRITTEN), WRITTEN) == tuple(kept)


@given(st.text(max_size=300))
def test_whatever_the_file_holds_nothing_breaks(text):
    sessions_of(text, WRITTEN)
