"""A signal ends the waiting whenever it comes: tried at every instruction of it, in a process of its own."""

import subprocess
import sys
from pathlib import Path

from appliance.stopping import Stop

ROOT = Path(__file__).parents[3]
LONG_S = 60.0
PROGRAM = """
import os, signal, sys, threading

sys.path.insert(0, {root!r})
from appliance.stopping import Stop, stopped


def is_hit(at):
    "Wait with a signal at one instruction; return whether that was before the waiting proper."
    stop, told, late, count = stopped(), [], [], 0

    def trace(frame, kind, _argument):
        nonlocal count
        frame.f_trace_opcodes = True
        count += kind == "opcode"
        if count == at and not told:
            told.append(at)
            signal.raise_signal(signal.SIGTERM)
        return trace

    def end():
        late.append(at)
        os.kill(os.getpid(), signal.SIGTERM)

    later = threading.Timer(0.5, end)
    later.start()
    sys.settrace(trace)
    try:
        assert stop.wait(), "it was not told"
    finally:
        sys.settrace(None)
        later.cancel()
        later.join()
    return bool(told) and not late


at = 1
while is_hit(at):
    at += 1
print(at - 1)
"""


def test_a_signal_at_any_instruction_of_the_waiting_ends_it() -> None:
    words = [sys.executable, "-c", PROGRAM.format(root=str(ROOT))]
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=LONG_S)
    assert int(done.stdout) > 5


def test_what_was_told_stays_told() -> None:
    subject = Stop()
    assert subject.wait(0.001) is False
    subject.set()
    assert subject.wait() is True
    assert subject.wait(0.001) is True
