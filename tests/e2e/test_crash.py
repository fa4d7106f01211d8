"""The plug is pulled 25 times here, 200 times by ``make crash``: the same script."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_nothing_acknowledged_is_lost_when_the_plug_is_pulled(root, environment):
    command = [sys.executable, str(root / "tests/e2e/crash.py"), "--kills", "25", "--seed", "20261122"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=580, check=False)
    assert done.stdout, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["problems"] == []
    assert done.returncode == 0
    assert report["kills"] == 25
    assert report["acknowledged_ratings"] > 0
    assert report["acknowledged_numbers"] > 0
    assert report["acknowledged_calls"] > 0
    assert sum(count for what, count in report["proxy"].items() if what != "forwarded") > 0
