from hypothesis import given
from hypothesis import strategies as st

from appliance.accounts import throttle
from appliance.accounts.throttle import (
    SIGN_IN,
    Delays,
    Limit,
    SetupThrottle,
    SignInThrottle,
    Windows,
    delay_ms,
)

STEPS = st.lists(st.tuples(st.integers(0, 200_000), st.booleans()), max_size=80)


@given(STEPS)
def test_no_window_ever_holds_more_failures_than_allowed(steps):
    subject, now_ms, taken = SignInThrottle(), 0, []
    for step_ms, succeeds in steps:
        now_ms += step_ms
        if subject.begin("a", f"officer{now_ms}", now_ms, is_known=True) == 0:
            if succeeds:
                subject.succeeded("a", f"officer{now_ms}")
            else:
                taken.append(now_ms)
    for start in taken:
        assert sum(start <= at < start + SIGN_IN.window_ms for at in taken) <= SIGN_IN.tries


@given(STEPS)
def test_whoever_waits_as_long_as_told_is_taken(steps):
    subject, now_ms = SignInThrottle(), 0
    for step_ms, _ in steps:
        now_ms += step_ms
        retry_s = subject.begin("a", "lan", now_ms, is_known=True)
        if retry_s:
            assert retry_s * 1000 <= SIGN_IN.window_ms
            now_ms += retry_s * 1000
            assert subject.begin("a", "lan", now_ms, is_known=True) == 0


@given(st.integers(0, 10_000))
def test_the_delay_grows_to_a_minute_and_never_beyond(failures):
    assert delay_ms(failures) <= delay_ms(failures + 1) <= 60_000


def test_the_delay_is_one_two_four_seconds_after_five_failures():
    assert [delay_ms(n) // 1000 for n in range(13)] == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_an_officer_is_delayed_from_whatever_address_and_success_ends_it():
    subject = SignInThrottle()
    for n in range(5):
        assert subject.begin(f"a{n}", "lan", 0, is_known=True) == 0
    assert subject.begin("a9", "lan", 0, is_known=True) == 1
    assert subject.begin("a9", "lan", 1000, is_known=True) == 0
    assert subject.begin("a9", "lan", 1000, is_known=True) == 2
    assert subject.begin("a9", "lan", 3000, is_known=True) == 0
    subject.succeeded("a9", "lan")
    assert [subject.begin("b", "lan", 3000, is_known=True) for _ in range(5)] == [0] * 5


def test_an_unknown_name_is_delayed_as_a_known_one():
    def run(is_known):
        subject = SignInThrottle()
        return [subject.begin(f"a{n}", "lan", n * 700, is_known=is_known) for n in range(40)]

    assert run(is_known=True) == run(is_known=False)


def test_a_guesser_elsewhere_does_not_keep_an_officer_out():
    subject = SignInThrottle()
    subject.begin("own", "lan", 0, is_known=True)
    subject.succeeded("own", "lan")
    for n in range(200):
        subject.begin(f"guesser{n}", "lan", n, is_known=True)
    assert subject.begin("stranger", "lan", 200, is_known=True) > 0
    assert subject.begin("own", "lan", 200, is_known=True) == 0


def test_invented_names_do_not_make_a_known_one_forgotten():
    subject = SignInThrottle()
    for n in range(5):
        subject.begin(f"a{n}", "lan", 0, is_known=True)
    for n in range(5000):
        subject.begin(f"b{n}", f"name{n}", 0, is_known=False)
    assert subject.begin("c", "lan", 0, is_known=True) == 1


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 1000)), max_size=300))
def test_memory_is_bounded(tries):
    windows, delays, now_ms = Windows(Limit(3, 1000), 16), Delays(16), 0
    for key, step_ms in tries:
        now_ms += step_ms
        windows.count(key, now_ms)
        delays.count(key, now_ms)
        assert len(windows) <= 16
        assert len(delays) <= 16


def test_a_clock_of_another_boot_locks_nobody_out():
    subject = SignInThrottle()
    for _ in range(30):
        subject.begin("a", "lan", 10**9, is_known=True)
    assert subject.begin("a", "lan", 5, is_known=True) == 0


def test_the_setup_code_takes_five_tries_of_an_address_and_twenty_of_all():
    subject = SetupThrottle()
    assert [subject.begin("a", 0) for _ in range(6)] == [0] * 5 + [15 * 60]
    assert [subject.begin(f"b{n}", 0) for n in range(16)] == [0] * 15 + [3600]
    assert subject.begin("c", 3_600_000) == 0


def test_a_right_setup_code_costs_nothing():
    subject = SetupThrottle()
    for _ in range(100):
        assert subject.begin("a", 0) == 0
        subject.succeeded("a")


def test_proven_addresses_are_bounded():
    subject = SignInThrottle()
    for n in range(3 * throttle.MOST_PROVEN):
        subject.succeeded(f"a{n}", "lan")
    assert len(subject._proven) == throttle.MOST_PROVEN
