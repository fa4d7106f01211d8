"""Leases, clones, usage, marks, networks, plans: the smaller rules of the gate."""

import ipaddress

import pytest

from appliance.config.hotspot import Hotspot
from appliance.config.hours import Span
from appliance.hotspot.errors import HotspotFullError, NotAGuestError, OutsideHoursError, RadioCannotError
from appliance.hotspot.policy import marks
from appliance.hotspot.policy.conflicts import conflicting
from appliance.hotspot.policy.elements import Lease, leased
from appliance.hotspot.policy.leasing import Bindings, leases_of
from appliance.hotspot.policy.moment import Instant, is_within, opens_in_s
from appliance.hotspot.policy.networks import CLOSED4, CLOSED6, OPEN6, translated
from appliance.hotspot.policy.plan import LEASE_S, Abilities, planned
from appliance.hotspot.policy.usage import LEAST_SESSIONS, MOST_WAITING, Hour, Usage
from appliance.sockets.probes import names
from appliance.wire.kinds import MIN_SESSIONS

A, B = "02:00:00:00:00:01", "02:00:00:00:00:02"
FILE = f"""duid 00:01:00:01
2000 {A.upper()} 10.77.0.10 * 01:{A}
1000 {B} 10.77.0.11 phone *
2000 {B} fd77::5 * *
x y
"""


def test_leases_are_those_of_ipv4_that_run():
    assert leases_of(FILE, 1500) == (Lease(A, "10.77.0.10", 500, f"01:{A}"),)


def test_an_address_stays_bound_though_the_wall_clock_stepped_and_dnsmasq_forgot_everybody():
    subject = Bindings()
    assert subject.take(leases_of(FILE, 1500), 0)
    assert not subject.take((), 60_000)
    assert subject.holder("10.77.0.10", 60_000) == A
    assert subject.holder("10.77.0.10", 501_000) is None
    assert subject.take((), 501_000)
    assert len(subject) == 0


def test_an_address_belongs_to_who_has_its_lease_now():
    subject = Bindings()
    subject.take([Lease(A, "10.77.0.10", 600)], 0)
    assert subject.take([Lease(B, "10.77.0.10", 600)], 1_000)
    assert subject.holder("10.77.0.10", 2_000) == B


def test_a_lease_into_the_next_century_is_as_long_as_leases_are():
    subject = Bindings()
    subject.take([Lease(A, "10.77.0.10", 10**9)], 0)
    assert [each.left_s for each in subject.current(0)] == [LEASE_S]


def test_the_kernel_knows_leases_in_both_tables():
    text = "\n".join(leased([Lease(A, "10.77.0.10", 600)]))
    assert text.count(f"{{ {A} . 10.77.0.10 timeout 600s }}") == 2
    assert "flush set arp" in text
    assert "add" not in "\n".join(leased([]))


def address(text):
    return int(ipaddress.IPv6Address(text))


@pytest.mark.parametrize(
    ("leases", "owners", "found"),
    [
        ([Lease(A, "10.77.0.10", 600, "x")], [(address("fe80::1:2"), A), (address("fd77::5"), A)], set()),
        ([], [(address("fd77::5"), A), (address("fd77::6"), A)], set()),
        ([], [(address("fe80::1:2"), A), (address("fe80::1:3"), A)], {A}),
        ([Lease(A, "10.77.0.10", 600, "x"), Lease(A, "10.77.0.11", 600, "y")], [], {A}),
        ([Lease(A, "10.77.0.10", 600, "x"), Lease(A, "10.77.0.11", 0, "y")], [], set()),
    ],
    ids=["one device", "privacy addresses", "two link-local addresses", "two clients", "one is over"],
)
def test_two_devices_with_one_hardware_address_give_themselves_away(leases, owners, found):
    assert conflicting(leases, owners) == found


def test_few_sessions_are_few_here_and_on_the_wire():
    assert LEAST_SESSIONS == MIN_SESSIONS


def test_an_hour_is_told_when_it_is_over_and_until_it_is_taken():
    subject = Usage()
    for handles in ({"a", "b", "c"}, {"a", "d", "e"}, set()):
        subject.seen(handles, 10, 20, "2026-11-23T08")
    for error in (HotspotFullError(limit=2), OutsideHoursError(), NotAGuestError()):
        subject.refuse(error)
    assert subject.refused_for == {"full": 1, "closed": 1}
    assert subject.waiting == {}

    subject.seen(set(), 0, 0, "2026-11-23T09")

    told = Hour("2026-11-23T08", 5, 3, 2, 60, 30)
    assert list(subject.waiting.values()) == [told]
    subject.taken("2026-11-23T08")
    assert subject.waiting == {}


def test_an_hour_with_few_sessions_says_nothing_but_itself():
    subject = Usage()
    subject.seen({"a", "b", "c", "d"}, 10, 20, "2026-11-23T08")
    subject.seen(set(), 0, 0, "2026-11-23T09")
    assert list(subject.waiting.values()) == [Hour("2026-11-23T08")]


def test_an_hour_without_anybody_is_not_told():
    subject = Usage()
    for hour in ("08", "09", "10"):
        subject.seen(set(), 0, 0, f"2026-11-23T{hour}")
    assert subject.waiting == {}


def test_hours_that_nobody_takes_do_not_grow_for_ever():
    subject = Usage()
    for number in range(MOST_WAITING + 10):
        subject.seen({"a"}, 1, 1, f"hour {number}")
    assert len(subject.waiting) == MOST_WAITING
    assert "hour 0" not in subject.waiting


def test_marks_come_apart_as_they_were_put_together():
    assert marks.session_mark(3, 0x1234) == 0x6D031234
    assert marks.rate_of(0x6D031234) == 3
    assert (
        marks.session_mark(marks.MOST_CLASS, marks.MOST_INDEX) & marks.CLASS_MASK
        != marks.WALLED & marks.CLASS_MASK
    )
    with pytest.raises(ValueError, match="no mark"):
        marks.session_mark(0, 0)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "100.64.3.2", "127.0.0.1", "169.254.1.1", "224.0.0.1"]
)
def test_no_special_address_is_open_not_even_behind_a_translator(host):
    assert any(ipaddress.ip_address(host) in ipaddress.ip_network(each) for each in CLOSED4)
    behind = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(ipaddress.IPv4Address(host)))
    assert any(behind in ipaddress.ip_network(translated(each)) for each in CLOSED4)


@pytest.mark.parametrize("host", ["fc00::1", "fe80::1", "::1", "ff02::1", "2001:db8::1", "2002:c0a8:101::1"])
def test_no_special_address_of_ipv6_is_open(host):
    parsed = ipaddress.ip_address(host)
    is_open = any(parsed in ipaddress.ip_network(each) for each in OPEN6)
    assert not is_open or any(parsed in ipaddress.ip_network(each) for each in CLOSED6)


@pytest.mark.parametrize("host", ["93.184.216.34", "203.113.131.1", "8.8.8.8"])
def test_the_internet_is_open(host):
    assert not any(ipaddress.ip_address(host) in ipaddress.ip_network(each) for each in CLOSED4)


def test_no_probe_name_is_below_another():
    assert not any(one != other and one.endswith(f".{other}") for one in names() for other in names())


def test_what_the_radio_cannot_do_is_not_promised():
    wanted = Hotspot(security="owe", radio="builtin")
    with pytest.raises(RadioCannotError):
        planned(wanted, 8081, Abilities(owe=False))
    assert planned(wanted, 8081, Abilities(owe=True)).security == "owe"


def test_no_more_stations_than_the_radio_takes_and_sessions_as_the_settings_say():
    for most, able, stations in ((100, 8, 8), (5, 8, 5), (40, 64, 40)):
        plan = planned(Hotspot(max_clients=most), 8081, Abilities(clients=able))
        assert (plan.max_clients, plan.max_stations) == (most, stations)


def test_a_radio_that_says_nothing_is_promised_little():
    assert planned(Hotspot(max_clients=100), 8081).max_stations == 8
    assert planned(Hotspot(max_clients=100, radio="external"), 8081).max_stations == 100


def test_the_smallest_network_has_room_for_guests():
    plan = planned(Hotspot(subnet="192.168.4.0/28"), 8081)
    assert int(plan.pool[1]) - int(plan.pool[0]) >= 8
    assert plan.gateway4 < plan.pool[0]


MORNING = (Span(450, 690), Span(810, 1020))
WEEK = (MORNING, MORNING, (), (), MORNING, (), ())


def instant(weekday, minute, second=0, *, is_trusted=True):
    return Instant(0, "2026-11-23", "2026-11-23T00", weekday, minute, is_trusted=is_trusted, second=second)


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (instant(0, 0), 450 * 60),
        (instant(0, 449, 59), 1),
        (instant(0, 450), None),
        (instant(0, 689, 59), None),
        (instant(0, 690), 120 * 60),
        (instant(0, 1020), (1440 - 1020 + 450) * 60),
        (instant(1, 1020, 30), (3 * 1440 - 1020 + 450) * 60 - 30),
        (instant(4, 1439, 59), (2 * 1440 + 450) * 60 + 1),
        (instant(2, 600, is_trusted=False), None),
    ],
)
def test_the_next_hour_in_which_guests_may_be_online(now, seconds):
    assert opens_in_s(WEEK, now) == seconds
    assert is_within(WEEK, now) is (seconds is None)


def test_a_week_with_one_opening_comes_round_and_one_without_never():
    once = ((Span(450, 460),), *((),) * 6)
    assert opens_in_s(once, instant(0, 460)) == 7 * 86_400 - 600
    assert opens_in_s(((),) * 7, instant(0, 460)) is None
