from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from appliance.wire.receipt import MAX_NEXT_AFTER_S
from center.receipts import next_after_s
from center.settings import Settings


@given(device=st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True), average=st.integers(4, 483_840))
def test_a_device_always_comes_after_its_own_span_near_the_average(device: str, average: int) -> None:
    span = next_after_s(device, average)
    assert span == next_after_s(device, average)
    assert average * 3 // 4 <= span <= -(-average * 5 // 4)
    assert 0 < span <= MAX_NEXT_AFTER_S


def test_a_province_is_spread_over_the_whole_range() -> None:
    spans = Counter(next_after_s(f"HN-{number:04d}", 300) for number in range(3_321))
    assert min(spans) == 225
    assert max(spans) == 375
    assert len(spans) == 151
    assert max(spans.values()) < 3 * 3_321 / len(spans)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": ""},
        {"name": "no id"},
        {"next_after_s": 0},
        {"next_after_s": MAX_NEXT_AFTER_S},
        {"workers": 0},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"url": "http://x", **wrong})
