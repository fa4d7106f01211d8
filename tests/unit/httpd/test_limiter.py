"""Token buckets: never more than burst plus rate, whoever asks and however many they are."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.httpd.limiter import Limiter, Rate


@given(st.lists(st.floats(0, 3), min_size=1, max_size=80))
def test_no_more_pass_than_burst_and_rate_allow(pauses: list[float]) -> None:
    limiter = Limiter(Rate(per_s=2.0, burst=5))
    now_s, passed = 0.0, 0
    for pause in pauses:
        now_s += pause
        passed += limiter.wait_s("a", now_s) == 0
    assert passed <= 5 + 2.0 * now_s + 1e-6


@given(st.integers(1, 20))
def test_who_waits_as_told_passes(tries: int) -> None:
    limiter = Limiter(Rate(per_s=4.0, burst=1))
    now_s = 100.0
    for _ in range(tries):
        now_s += limiter.wait_s("a", now_s) + 1e-9
    assert limiter.wait_s("a", now_s + 0.2500001) == 0


def test_keys_do_not_share() -> None:
    limiter = Limiter(Rate(per_s=1.0, burst=1))
    assert limiter.wait_s("a", 0.0) == 0
    assert limiter.wait_s("a", 0.0) == 1.0
    assert limiter.wait_s("b", 0.0) == 0


def test_memory_is_bounded_and_the_longest_silent_are_forgotten() -> None:
    limiter = Limiter(Rate(per_s=0.001, burst=1), most_keys=10)
    for number in range(1000):
        limiter.wait_s(str(number), float(number))
    assert len(limiter._buckets) == 10
    assert limiter.wait_s("999", 999.0) > 0


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    limiter = Limiter(Rate(per_s=1.0, burst=1))
    limiter.wait_s("a", 10.0)
    assert limiter.wait_s("a", 10.0) > 0
    assert limiter.wait_s("a", 5.0) > 0
