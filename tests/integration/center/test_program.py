"""``motcua center …`` as an operator runs it: processes beside each other on one store."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from running_center import BATCHES, ENROLMENTS
from sim_center_device import SimDevice

from appliance.wire.batch import CONTENT_TYPE, content_digest
from appliance.wire.enrolment import Enrolled
from appliance.wire.jws import unverified_payload

pytestmark = pytest.mark.integration

PROGRAM = "import typer; from center.cli import register; app = typer.Typer(); register(app); app()"
COMMAND = [sys.executable, "-W", "error", "-c", PROGRAM, "center"]


def run(*words: object) -> str:
    done = subprocess.run(
        [*COMMAND, *map(str, words)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout


def send(url: str, body: bytes) -> httpx2.Response:
    headers = {
        "content-type": CONTENT_TYPE,
        "content-encoding": "gzip",
        "content-digest": content_digest(body),
    }
    return httpx2.post(f"{url}{BATCHES}", content=body, headers=headers, timeout=60)


@contextmanager
def center(folder: Path, number: int = signal.SIGTERM) -> Iterator[tuple[str, str]]:
    """Run the program and yield its URL and root thumbprint; it must end well."""
    words = ["run", "--db", folder / "c.db", "--keys", folder / "keys", "--port", "0"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [*COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            url = process.stdout.readline().rpartition(" as ")[2].strip()
            thumbprint = process.stdout.readline().rpartition(" ")[2].strip()
            yield url, thumbprint
        finally:
            process.send_signal(number)
        assert process.wait(60) == (-signal.SIGKILL if number == signal.SIGKILL else 0)


def test_claims_deliveries_and_audits_beside_a_running_center(tmp_path: Path) -> None:
    db = tmp_path / "c.db"
    box = SimDevice()
    epoch = box.epoch(events=30)
    with center(tmp_path) as (url, thumbprint):
        claim = run("claim", "--db", db, "--device", "BOX-1", "--site", "site-1").strip()
        answer = httpx2.post(f"{url}{ENROLMENTS}", content=box.enrolment(url, claim), timeout=30)
        assert Enrolled.verify(answer.text, thumbprint).device == "BOX-1"
        assert send(url, epoch.sealed(1, 30)).status_code == 200
        assert "1..30 complete" in run("audit", "--db", db)
    assert run("export", "--db", db, "--device", "BOX-1").encode() == b"\n".join([*epoch.lines, b""])
    log = (tmp_path / "log").read_text()
    assert "event=batch.taken" in log
    assert "Traceback" not in log
    assert claim not in log


def test_an_interrupt_from_the_keyboard_ends_it_as_well(tmp_path: Path) -> None:
    with center(tmp_path, signal.SIGINT) as (url, _):
        assert httpx2.get(f"{url}/v1/health", timeout=30).status_code == 200


def test_an_address_that_cannot_be_had_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    words = ["run", "--db", tmp_path / "c.db", "--keys", tmp_path / "keys", "--host", "192.0.2.1"]
    done = subprocess.run(
        [*COMMAND, *map(str, words)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("motcua center: cannot listen on 192.0.2.1")


def test_what_was_receipted_survives_a_kill_while_more_is_being_sent(tmp_path: Path) -> None:
    box = SimDevice()
    epoch = box.epoch(events=900)
    receipted: list[int] = []
    halfway = threading.Event()

    def send_on(url: str) -> None:
        """Send five events at a time until nobody answers."""
        try:
            for first in range(1, 900, 5):
                answer = send(url, epoch.sealed(first, first + 4))
                receipted.append(unverified_payload(answer.text)["upto"])
                if len(receipted) == 20:
                    halfway.set()
        except httpx2.TransportError:
            pass

    with ThreadPoolExecutor(1) as pool, center(tmp_path, signal.SIGKILL) as (url, _):
        claim = run("claim", "--db", tmp_path / "c.db", "--device", "BOX-1", "--site", "site-1").strip()
        answer = httpx2.post(f"{url}{ENROLMENTS}", content=box.enrolment(url, claim), timeout=30)
        assert answer.status_code == 201
        pool.submit(send_on, url)
        assert halfway.wait(60)
    with center(tmp_path):
        pass
    export = run("export", "--db", tmp_path / "c.db", "--device", "BOX-1").encode()
    stored = export.count(b"\n")
    assert stored >= receipted[-1] >= 100
    assert export == b"".join(line + b"\n" for line in epoch.lines[:stored])
    assert f"1..{stored} complete" in run("audit", "--db", tmp_path / "c.db")
