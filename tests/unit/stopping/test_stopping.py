"""A signal ends the waiting whenever and in whichever thread it comes: tried in processes of their own."""

import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from appliance.stopping import Stop

ROOT = Path(__file__).parents[3]
LONG_S = 60.0
AT_EACH_INSTRUCTION = """
import os, signal, sys, threading
from appliance.stopping import Stop


def is_hit(at):
    "Wait with a signal at one instruction; return whether that was before the waiting proper."
    told, late, count = [], [], 0

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
    with Stop() as stop:
        later.start()
        sys.settrace(trace)
        assert stop.wait(), "it was not told"
        sys.settrace(None)
    later.cancel()
    later.join()
    return bool(told) and not late


at = 1
while is_hit(at):
    at += 1
print(at - 1)
"""
ELSEWHERE = """
import signal, threading
from appliance.stopping import Stop

asleep = threading.Event()


def interrupt():
    # The main thread sleeps; its sleep is not what is interrupted.
    asleep.wait()
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)


threading.Thread(target=interrupt).start()
with Stop() as stop:
    threading.Timer(0.3, asleep.set).start()
    print(stop.wait())
print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
"""


def said(program: str) -> list[str]:
    """Run a program that must end; return its words."""
    words = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}){program}"]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=LONG_S).stdout.split()


def test_a_signal_at_any_instruction_of_the_waiting_ends_it() -> None:
    [tried] = said(AT_EACH_INSTRUCTION)
    assert int(tried) > 5


def test_a_signal_that_interrupts_another_thread_ends_it_and_what_signals_did_returns() -> None:
    assert said(ELSEWHERE) == ["True", "True"]


def test_what_was_told_stays_told() -> None:
    with closing(Stop()) as subject:
        assert subject.wait(0.001) is False
        other = threading.Thread(target=subject.set)
        other.start()
        assert subject.wait() is True
        other.join()
        assert subject.wait(0.001) is True
