"""What guests together get at most: the settings say the same of it as the gate's plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.config.hotspot import Hotspot
from appliance.hotspot.policy.plan import planned

LINE = st.none() | st.integers(1_000, 1_000_000)
ALL = st.none() | st.integers(256, 1_000_000)


@pytest.mark.parametrize(
    ("settings", "down", "up"),
    [
        ({}, None, None),
        ({"all_down_kbps": 20_000, "all_up_kbps": 8_000}, 20_000, 8_000),
        ({"line_down_kbps": 50_000, "line_up_kbps": 10_000}, 25_000, 5_000),
        ({"line_down_kbps": 50_000, "office_share_percent": 90}, 5_000, None),
        ({"line_up_kbps": 10_000, "all_up_kbps": 6_000}, None, 5_000),
    ],
    ids=["nothing said", "ceilings", "half of the line", "one direction", "the smaller of both"],
)
def test_guests_together_get_the_least_of_what_is_said(
    settings: dict[str, int], down: int | None, up: int | None
) -> None:
    subject = Hotspot(**settings)  # type: ignore[arg-type]
    assert (subject.guests_down_kbps, subject.guests_up_kbps) == (down, up)


@given(LINE, ALL, st.integers(5, 90))
def test_the_gate_holds_guests_to_it(line: int | None, together: int | None, share: int) -> None:
    subject = Hotspot(enabled=True, line_down_kbps=line, all_down_kbps=together, office_share_percent=share)
    said, held = subject.guests_down_kbps, planned(subject, 8081).all_down
    assert (said is None) == (held is None)
    if said is not None and held is not None:
        assert said * 125 <= held < (said + 1) * 125
