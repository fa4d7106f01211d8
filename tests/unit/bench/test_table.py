import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[3] / "bench"
OWN = ("samples", "table")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    monkeypatch.syspath_prepend(str(BENCH))
    yield {name: importlib.import_module(name) for name in OWN}
    for name in OWN:
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("count", "median", "p99"), [(1, 1, 1), (2, 1.5, 2), (99, 50, 99), (100, 50.5, 99), (1000, 500.5, 990)]
)
def test_samples_know_median_and_p99(
    bench: dict[str, ModuleType], count: int, median: float, p99: float
) -> None:
    subject = bench["samples"].Samples.of(range(count, 0, -1))

    assert subject.median == median
    assert subject.p99 == p99


def test_measures_are_taken_in_turn(bench: dict[str, ModuleType]) -> None:
    order: list[str] = []

    def measure(name: str) -> float:
        order.append(name)
        return float(len(order))

    ours, peer = bench["samples"].interleave(2, lambda: measure("ours"), lambda: measure("peer"))

    assert order == ["ours", "peer", "ours", "peer"]
    assert (ours.values, peer.values) == ((1.0, 3.0), (2.0, 4.0))


@pytest.mark.parametrize(
    ("most", "verdict", "aim"), [(2.0, "ok", "<= 2"), (1.9, "over", "<= 1.9"), (None, "", "")]
)
def test_only_ratios_with_an_aim_are_judged(
    bench: dict[str, ModuleType], most: float | None, verdict: str, aim: str
) -> None:
    table = bench["table"]
    subject = table.Figure(
        "a.b", "a figure", "us", table.limit(200.0), beside="limit", peer=table.limit(100.0), most=most
    )

    assert subject.ratio == 2.0
    assert subject.verdict == verdict
    assert aim in table.render([subject])


def test_figure_without_a_peer_has_no_ratio(bench: dict[str, ModuleType]) -> None:
    table = bench["table"]
    subject = table.Figure("a.b", "  a figure", "us", table.limit(1234.5), most=1.0, note="why")

    assert subject.ratio is None
    assert subject.verdict == ""
    shown = table.render([subject])
    assert "1,234" in shown
    assert "  a figure: why" in shown
