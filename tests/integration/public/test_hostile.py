"""Strangers who mean no good: the ticket page goes on answering, and the office does not hear of it."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest
from sim_phone import WAIT_S, SimPhone

from appliance.httpd.limiter import Rate
from appliance.office import public_door
from appliance.public import callers
from appliance.sockets import door

pytestmark = pytest.mark.integration

NOBODY = 65_534
SLOW = 200
FORGED = 2_000


@contextlib.contextmanager
def slow_callers(subject: SimPhone, count: int) -> Iterator[None]:
    """Hold connections that never say what they want, from a few addresses."""
    port = subject.app.ports[0]
    lines = []
    try:
        for number in range(count):
            source = f"127.0.1.{number % 8 + 1}"
            line = socket.create_connection(("127.0.0.1", port), WAIT_S, source_address=(source, 0))
            line.sendall(b"POST /t/x/rate HTTP/1.1\r\nHost: box\r\nContent-Le")
            lines.append(line)
        yield
    finally:
        for line in lines:
            line.close()


def forge(subject: SimPhone, token: str, count: int, statuses: list[int]) -> None:
    """Post forms with made-up tokens as fast as the app takes them."""
    transport = httpx2.HTTPTransport(local_address="127.0.2.1")
    with httpx2.Client(base_url=subject.base, transport=transport, timeout=WAIT_S, trust_env=False) as http:
        for number in range(count):
            path = f"/t/{token if number % 2 else 'A1-' + 'a' * 16}/leave"
            data = {"csrf": f"guess{number}", "request": f"r{number}"}
            statuses.append(http.post(path, data=data, headers={"cookie": "motcua-visit=x"}).status_code)


def test_two_hundred_slow_callers_and_two_thousand_forged_posts(subject: SimPhone) -> None:
    _, token = subject.ticket()
    phone = subject.browser()
    assert "A001" in phone.page(f"/t/{token}")
    seq = subject.staff.box.desk.state.seq
    statuses: list[int] = []
    with slow_callers(subject, SLOW):
        forger = threading.Thread(target=forge, args=(subject, token, FORGED, statuses))
        forger.start()
        seen = 0
        while forger.is_alive():
            if seen < callers.PAGES.burst - 5:
                assert "A001" in phone.page(f"/t/{token}")
                seen += 1
            forger.join(0.05)
        assert "A001" in subject.browser("127.0.3.1").page(f"/t/{token}")
    assert statuses == [403] * FORGED
    assert seen > 1
    assert subject.staff.box.desk.state.seq == seq
    assert subject.door.counted.refused == 0
    # Nobody's bucket was emptied by what was forged.
    assert phone.submit(f"/t/{token}/leave", f"/t/{token}/leave").status_code == 303


@pytest.mark.usefixtures("slow_refill")
def test_who_asks_too_often_waits_and_nobody_else_does(subject: SimPhone) -> None:
    _, token = subject.ticket()
    greedy = subject.browser("127.0.4.1")
    answers = [greedy.get(f"/t/{token}") for _ in range(callers.PAGES.burst + 40)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "Có quá nhiều lượt truy cập" in answers[-1].text
    assert subject.browser("127.0.4.2").get(f"/t/{token}").status_code == 200


@pytest.mark.usefixtures("slow_refill")
def test_guesses_are_bounded_for_all_and_known_tickets_are_not_touched(subject: SimPhone) -> None:
    _, token = subject.ticket()
    phone = subject.browser()
    phone.page(f"/t/{token}")
    codes: list[int] = []
    for number in range(6):
        guesser = subject.browser(f"127.0.5.{number + 1}")
        codes += [guesser.get(f"/t/A{number}{n}-{'g' * 16}").status_code for n in range(1, 50)]
    assert set(codes) == {404, 429}
    assert codes.count(404) < 294
    assert phone.get(f"/t/{token}").status_code == 200


def test_bodies_and_headers_have_a_size(subject: SimPhone) -> None:
    _, token = subject.ticket()
    http = subject.browser().http
    assert http.post(f"/t/{token}/leave", content=b"x" * 5_000).status_code == 413
    try:
        code = http.get(f"/t/{token}", headers={"x-padding": "y" * 300_000}).status_code
    except httpx2.HTTPError:
        code = 431  # cut off before all of it was said
    assert code in {400, 431}

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            yield b"csrf=" + b"z" * 1_000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    try:
        code = http.post(f"/t/{token}/leave", content=chunks(), headers=headers).status_code
    except httpx2.HTTPError:
        code = 413  # cut off in the middle
    assert code in {400, 403, 413, 500}
    assert subject.browser().get(f"/t/{token}").status_code == 200


# --- at the door itself, as if the strangers' app had been taken over


def knock(subject: SimPhone) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(WAIT_S)
    line.connect(str(subject.link_dir / door.SOCKET))
    return line


def is_cut(line: socket.socket) -> bool:
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while line.recv(65_536):
            pass
    return True


@pytest.mark.parametrize(
    "said",
    [
        b"\x00\xff garbage\n",
        b"{}\n",
        b"[1,2,3]\n",
        b'{"op":"look","id":1,"tokens":["A1-aaaaaaaaaaaaaaaa"]}\n',  # without a hello
        b'{"op":"hello","version":2}\n',
        b"GET / HTTP/1.1\r\n\r\n",
        b"x" * 70_000,
        door.Hello().line() + b'{"op":"look","id":1,"tokens":[]}\n',
        door.Hello().line() + b'{"op":"issue","id":1,"service":"ho-tich"}\n',
        door.Hello().line() + door.Hello().line(),
        door.Hello().line() + b'{"op":"look","id":1,"tokens":["' + b"A" * 20_000 + b'"]}\n',
    ],
)
def test_whoever_speaks_otherwise_is_cut_off(subject: SimPhone, said: bytes) -> None:
    with knock(subject) as line:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(said)
        assert is_cut(line)
    subject.until(lambda: subject.door.counted.cut_off == 1)
    _, token = subject.ticket()
    assert subject.browser().get(f"/t/{token}").status_code == 200


def test_who_does_not_read_is_cut_off_and_the_desk_goes_on(subject: SimPhone) -> None:
    _, token = subject.ticket()
    look = door.LookAt(id=1, tokens=[token] * door.MOST_TOKENS).line()
    with knock(subject) as line:
        line.sendall(door.Hello().line())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while subject.door.counted.cut_off == 0:
                line.sendall(look)
    subject.ticket()
    assert subject.browser().get(f"/t/{token}").status_code == 200


def test_no_more_than_twenty_commands_a_second(subject: SimPhone) -> None:
    assert public_door.COMMANDS.per_s + public_door.COMMANDS.burst <= 20
    assert isinstance(public_door.COMMANDS, Rate)
    _, token = subject.ticket()
    with knock(subject) as line:
        asked = [door.Leave(id=number, token=token, request=f"r{number}").line() for number in range(60)]
        began_s = time.monotonic()
        line.sendall(door.Hello().line() + b"".join(asked))
        answers = []
        with line.makefile("rb") as lines:
            while len(answers) < 61:
                answers.append(door.told(lines.readline()))
        took_s = time.monotonic() - began_s
    refused = [each for each in answers if isinstance(each, door.Refused)]
    taken = 60 - sum(each.key == "phone.busy" for each in refused)
    assert taken <= public_door.COMMANDS.burst + public_door.COMMANDS.per_s * took_s
    assert sum(isinstance(each, door.Done) for each in answers) == 1


def test_whoever_asks_too_much_is_read_slowly(subject: SimPhone) -> None:
    _, token = subject.ticket()
    asked = door.Rate(id=1, token=token, level=1, request="r").line() * 1_000
    with knock(subject) as line, line.makefile("rb") as lines:
        line.sendall(door.Hello().line())
        lines.readline()
        threading.Thread(target=pour, args=(line, asked), daemon=True).start()
        began_s = time.monotonic()
        for _ in range(100):
            lines.readline()
        took_s = time.monotonic() - began_s
        assert took_s > 50 * public_door.REFUSED_S
        assert subject.door.counted.refused < 60 + (took_s + 1) / public_door.REFUSED_S


def pour(line: socket.socket, asked: bytes) -> None:
    with contextlib.suppress(OSError):
        line.sendall(asked)


def test_who_was_cut_off_finds_its_place_taken_for_a_while(
    subject: SimPhone, caplog: pytest.LogCaptureFixture
) -> None:
    _, token = subject.ticket()
    with contextlib.ExitStack() as stack:
        for _ in range(public_door.MOST_CONNECTIONS):
            line = stack.enter_context(knock(subject))
            line.sendall(b"garbage\n" + door.LookAt(id=1, tokens=[token]).line() * 100)
        subject.until(lambda: subject.door.counted.cut_off == public_door.MOST_CONNECTIONS)
        with knock(subject) as early:
            assert is_cut(early)
    # The app comes back by itself.
    phone = subject.browser()
    subject.until(lambda: phone.get(f"/t/{token}").status_code == 200)
    # Nothing was written to whom had been cut off: asyncio would say so in the log each time.
    assert [record for record in caplog.records if record.name == "asyncio"] == []


def test_a_few_connections_and_no_more(subject: SimPhone) -> None:
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(knock(subject)) for _ in range(public_door.MOST_CONNECTIONS + 1)]
        assert is_cut(lines[-1])
        lines[0].sendall(door.Hello().line())
        assert isinstance(door.told(lines[0].makefile("rb").readline()), door.Hello)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take another user's place")
def test_another_user_is_not_answered(subject: SimPhone) -> None:
    (subject.link_dir / door.SOCKET).chmod(0o666)
    program = (
        "import os, socket, sys\n"
        f"os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "line = socket.socket(socket.AF_UNIX); line.settimeout(30); line.connect('office.sock')\n"
        f"try:\n    line.sendall({door.Hello().line()!r})\n    print(line.recv(100))\n"
        "except (BrokenPipeError, ConnectionResetError):\n    print(b'')\n"
    )
    for folder in (subject.link_dir, *subject.link_dir.parents[:2]):
        folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=subject.link_dir, capture_output=True, text=True, timeout=WAIT_S, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "b''", done.stderr
    subject.until(lambda: subject.door.counted.strangers == 1)
