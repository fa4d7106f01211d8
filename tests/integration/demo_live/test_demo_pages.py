"""The demo's pages: where they are, who may come in, and that they end with it."""

import json
import os
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2
import pytest

from appliance.queueing.commands import IssueTicket
from provisioning.demo import doors
from provisioning.demo.doors import LOOPBACKS, Places
from provisioning.demo.live import door_lines
from provisioning.demo.picture import Doors
from provisioning.demo.scene import Scene

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    opened = Scene.open(tmp_path_factory.mktemp("demo") / "office", has_pages=True)
    yield opened
    opened.close()


def doors_of(scene: Scene) -> Doors:
    """Return how to come in."""
    assert scene.doors is not None
    return scene.doors


def phones(scene: Scene) -> str:
    """Return the address of the strangers' app."""
    return next(door.url for door in doors_of(scene).doors if "phones" in door.words)


@pytest.fixture
def technician(scene: Scene) -> Iterator[httpx2.Client]:
    """Give a browser in which the technician has signed in."""
    found = doors_of(scene)
    with httpx2.Client(base_url=found.doors[0].url, headers={"accept": "text/html"}, timeout=30) as http:
        page = http.get("/sign-in").text
        login = found.logins[0]
        form = {"csrf": token_in(page), "officer": login.officer, "password": login.password}
        answer = http.post("/sign-in", data=form, headers={"sec-fetch-site": "same-origin"})
        assert answer.status_code == 303
        yield http


def token_in(page: str) -> str:
    """Return the form token of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def press(http: httpx2.Client, **fields: str) -> int:
    """Press on the bench as its script does; return the status."""
    headers = {"x-csrf-token": token_in(http.get("/bench").text), "accept": "application/json"}
    return int(http.post("/bench/press", data=fields, headers=headers).status_code)


def shown(http: httpx2.Client, *patterns: str) -> str:
    """Follow the bench until it was shown with all of these."""
    deadline_s = time.monotonic() + PATIENCE_S
    with http.stream("GET", "/bench/live", timeout=PATIENCE_S) as stream:
        assert stream.status_code == 200
        for line in stream.iter_lines():
            if line.startswith('data: {"id"'):
                text = "\n".join(json.loads(line[6:])["regions"].values())
                if all(re.search(pattern, text) for pattern in patterns):
                    return text
            assert time.monotonic() < deadline_s, patterns
    pytest.fail(f"the stream ended before {patterns}")


def test_addresses_and_logins_are_told(scene: Scene) -> None:
    lines = door_lines(doors_of(scene))
    assert any(line.startswith("cán bộ · staff: http://127.0.0.1:") for line in lines)
    assert any(line.startswith("điện thoại · phones: http://127.0.0.1:") for line in lines)
    assert len([line for line in lines if " / " in line]) == 3
    assert re.fullmatch(r"mã cài đặt · setup code: (\w{4}-){2}\w{4}", lines[-1])


def test_every_login_signs_in_and_the_code_is_the_boxs(scene: Scene) -> None:
    office = scene.office
    assert office.web is not None
    for login in doors_of(scene).logins:
        session = office.web.accounts.sign_in(login.officer, login.password, "test")
        assert session.person is not None
        assert session.person.officer == login.officer
    office.web.accounts.check_setup_code(doors_of(scene).setup_code, "test")


def test_a_press_on_the_page_takes_a_number_and_the_keypad_calls_it(
    scene: Scene, technician: httpx2.Client
) -> None:
    assert press(technician, device="button:issue.1") == 204
    shown(technician, "button|issue.1", r"<strong>A\d\d\d</strong>")
    assert press(technician, device="keypad:quay-1:call") == 204
    shown(technician, "quay-1:call", r'aria-label="Bảng LED: A\d\d\d +1"', r'aria-label="Số: \d\d\d"')
    assert scene.panel.text().startswith("A")
    assert press(technician, device="evaluator:quay-1:3") == 204
    shown(technician, "evaluator|phím 4 của máy đánh giá")
    assert press(technician, test="keypad:quay-1") == 204
    assert scene.keypad.wait_for_beeps(1, PATIENCE_S)


def test_a_pulled_cable_shows(scene: Scene, technician: httpx2.Client) -> None:
    line = scene.lines[1]
    line.unplug()
    try:
        shown(technician, "plug-out")
    finally:
        line.replug()
    shown(technician, r'(?s)<div class="panel">(?:(?!plug-out).)*</div>')


def test_a_phone_follows_its_ticket(scene: Scene) -> None:
    office = scene.office
    assert office.web is not None
    answer = office.desk.ask(IssueTicket(service="dat-dai", source="kiosk"))
    url = office.web.ticket_url(answer.result["ticket"])
    assert url is not None
    assert url.startswith(phones(scene))
    page = httpx2.get(url, headers={"accept": "text/html"}, timeout=PATIENCE_S)
    assert page.status_code == 200
    assert answer.result["label"] in page.text


def test_taken_ports_are_left_alone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        for port in (doors.STAFF_PORT, doors.LAN_PORT, doors.PHONE_PORT):
            for host in LOOPBACKS:
                try:
                    stack.enter_context(closing(socket.create_server((host, port), family=family_of(host))))
                except OSError:  # somebody else has it
                    continue
        found = Places.find(None, tmp_path)
        ports = {found.staff, found.lan, found.phone}
        assert len(ports) == 3
        assert not ports & {doors.STAFF_PORT, doors.LAN_PORT, doors.PHONE_PORT}


def test_demos_that_start_together_find_different_ports(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool, ExitStack() as stack:
        starting = [pool.submit(Scene.open, tmp_path / name, has_pages=True) for name in "abc"]
        scenes = [each.result(PATIENCE_S) for each in starting]
        for scene in scenes:
            stack.callback(scene.close)
        urls = [door.url for scene in scenes for door in doors_of(scene).doors]
        assert len(set(urls)) == len(urls)
        assert [scene.office.health()["issues"] for scene in scenes] == [[], [], []]


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def test_everything_ends_with_the_scene(tmp_path: Path) -> None:
    before = children()
    scene = Scene.open(tmp_path / "office", has_pages=True)
    try:
        assert len(children() - before) == 1
        assert httpx2.get(phones(scene), timeout=PATIENCE_S).status_code < 500
    finally:
        scene.close()
    assert children() == before
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(doors_of(scene).doors[0].url)


def children() -> set[int]:
    """Return the processes that this one started."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == os.getpid() and after_name[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def test_others_on_the_lan_come_by_the_address_given(tmp_path: Path) -> None:
    places = Places.find("192.0.2.7", tmp_path / "link")
    assert places.phone_url == f"http://192.0.2.7:{places.phone}"
    assert 'listen = "lan"' in places.toml()
    assert "names = []" in places.toml()
    named = Places.find("may-cua-toi.local", tmp_path / "link")
    assert 'names = ["may-cua-toi.local"]' in named.toml()
    assert Places.find("2001:db8::1", tmp_path).phone_url.startswith("http://[2001:db8::1]:")
