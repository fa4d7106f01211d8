"""Programs that are kept alive: each death is seen, told and made good."""

import asyncio
import os
import signal

import pytest

from appliance.hotspot import engines
from appliance.hotspot.engines import Command, Engine, without_guests, write_private
from appliance.hotspot.errors import EngineError


def command(tmp_path, *arguments, program="sleep"):
    return Command("engine", program, arguments, tmp_path / "engine.conf", "secret = 1\n")


async def until(condition):
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


def kept(command, on_change=lambda: None):
    return Engine(command, on_change, first_retry_s=0.01)


def test_a_killed_engine_is_started_again(tmp_path):
    async def scene():
        seen = []
        engine = kept(command(tmp_path, "60"), lambda: seen.append(engine.standing))
        engine.start()
        await until(lambda: engine.standing == "running")
        first = engine.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: engine.restarts == 1 and engine.standing == "running")
        second = engine.pid
        assert second != first
        await engine.stop()
        await engine.stop()
        assert seen == ["running", "restarting", "running", "off"]
        assert engine.pid is None
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)

    asyncio.run(scene())
    assert (tmp_path / "engine.conf").stat().st_mode & 0o777 == 0o600


def test_an_engine_that_dies_again_and_again_is_called_failed_and_tried_on(tmp_path):
    async def scene():
        engine = kept(command(tmp_path, program="false"))
        engine.start()
        await until(lambda: engine.standing == "failed")
        restarts = engine.restarts
        assert restarts >= engines.FAILED_AFTER
        await engine.stop()

    asyncio.run(scene())


def test_a_program_that_is_not_installed_is_told_like_one_that_dies(tmp_path):
    async def scene():
        engine = kept(command(tmp_path, program="motcua-no-such-program"))
        engine.start()
        await until(lambda: engine.standing == "restarting")
        await engine.stop()

    asyncio.run(scene())


def test_another_command_is_another_child_and_the_same_is_not(tmp_path):
    async def scene():
        engine = kept(command(tmp_path, "60"))
        engine.start()
        await until(lambda: engine.standing == "running")
        first = engine.pid
        await engine.change(command(tmp_path, "60"))
        assert engine.pid == first
        await engine.change(command(tmp_path, "61"))
        await until(lambda: engine.standing == "running")
        assert engine.pid != first
        await engine.stop()

    asyncio.run(scene())


def last_words(tmp_path, script):
    async def scene():
        engine = kept(command(tmp_path, "-c", script, program="sh"))
        engine.start()
        await until(lambda: engine.restarts >= 1)
        await engine.stop()
        return engine.ended

    return asyncio.run(scene())


def test_no_hardware_address_is_among_the_last_words(tmp_path):
    said = last_words(tmp_path, "echo station 02:00:00:00:00:0a left; exit 3")
    assert said == "exit status 3: station (device) left"


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("possible DNS-rebind attack detected: bank.example", "possible DNS-rebind attack detected: (name)"),
        ("DHCPNAK(wlan0) 10.77.0.23 02:00:00:00:00:0a", "DHCPNAK(wlan0) (address) (device)"),
        ("from fe80::1:2 on wlan0, fd77:6d63:7561::23", "from (address) on wlan0, (address)"),
        (
            "Could not set channel for kernel driver, nl80211: 11:59",
            "Could not set channel for kernel driver, nl80211: 11:59",
        ),
        ("cannot read /run/a.conf: line 12", "cannot read /run/a.conf: line 12"),
    ],
)
def test_neither_addresses_nor_names_are_among_the_last_words(words, plain):
    assert without_guests(words) == plain


def test_an_engine_that_was_up_has_no_last_words(tmp_path, monkeypatch):
    """What it says then is about guests; what it says when it cannot start is about us."""
    monkeypatch.setattr(engines, "STEADY_S", 0.0)
    assert last_words(tmp_path, "echo somebody was here; exit 3") == "exit status 3"


def test_what_an_engine_makes_is_its_own_whatever_our_mask_is_at_that_instant(tmp_path):
    async def scene():
        engine = kept(command(tmp_path, "-c", f"mkdir {tmp_path}/made; exec sleep 60", program="sh"))
        before = os.umask(0o117)
        try:
            engine.start()
            await until((tmp_path / "made").exists)
        finally:
            os.umask(before)
        await engine.stop()

    asyncio.run(scene())
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700


def test_the_reason_is_among_the_last_words_though_more_was_said_after_it(tmp_path):
    said = last_words(tmp_path, "seq 1000; echo Could not set channel; echo; echo deinit; exit 1")
    assert said.endswith("| 999 | 1000 | Could not set channel | deinit")


def test_what_a_program_says_is_heard_and_what_does_not_end_is_ended():
    assert asyncio.run(engines.output(["echo", "here"])) == "here\n"
    with pytest.raises(EngineError):
        asyncio.run(engines.output(["sleep", "60"], timeout_s=0.05))
    with pytest.raises(EngineError):
        asyncio.run(engines.output(["motcua-no-such-program"]))


def test_a_private_file_replaces_another_and_stays_private(tmp_path):
    path = tmp_path / "x.conf"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
