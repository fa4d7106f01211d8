"""The plug is pulled 25 times here, 200 times by ``make crash``."""

import pytest
from crash import CrashRun

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_nothing_acknowledged_is_lost_when_the_plug_is_pulled(tmp_path):
    run = CrashRun(tmp_path, kills=25, seed=20261122)
    run.play()
    assert run.problems == []
    assert run.report["kills"] == 25
    assert run.report["acknowledged_ratings"] > 0
    assert run.report["acknowledged_numbers"] > 0
    assert run.report["acknowledged_calls"] > 0
    assert sum(count for what, count in run.report["proxy"].items() if what != "forwarded") > 0
