"""Eight processes take numbers at once: every one distinct, none missing, each answered twice alike."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sim_api import SimApi
from sim_desk import check_journal

pytestmark = pytest.mark.integration

ISSUING = Path(__file__).with_name("issuing.py")
CALLERS, EACH, THREADS = 8, 200, 4


def test_numbers_are_distinct_and_gapless_under_eight_processes(api: SimApi) -> None:
    command = [sys.executable, "-I", str(ISSUING), str(api.path)]
    callers = [
        subprocess.Popen([*command, f"p{caller}", str(EACH), str(THREADS)], stdout=subprocess.PIPE)
        for caller in range(CALLERS)
    ]
    pairs = [tuple(pair) for caller in callers for pair in json.loads(caller.communicate(timeout=100)[0])]
    assert {caller.returncode for caller in callers} == {0}
    assert len(pairs) == CALLERS * EACH
    assert all(first == again for first, again in pairs)
    assert {first for first, _ in pairs} == {f"A{number:03d}" for number in range(1, CALLERS * EACH + 1)}
    assert api.box.desk.state.seq == 1 + CALLERS * EACH
    api.box.stop()
    check_journal(api.box)
