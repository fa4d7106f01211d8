"""Where a running office serves its pages: TLS and plain, both families, and what happens when it cannot."""

import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "desk"))

from sim_desk import START_US

from appliance.clock import ScriptedTime
from appliance.config import loads
from appliance.httpd import tls
from appliance.office.root import Office, Surroundings
from appliance.queueing.commands import IssueTicket

pytestmark = pytest.mark.integration

TOML = """\
[office]
name = "Xã Mường Tè"
device = "muong-te-01"
site = "muong-te"
data_dir = "{data}"
[uplink]
center = "http://127.0.0.1:9"
center_id = "tinh"
root_key_thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
[[services]]
id = "ho-tich"
name = "Hộ tịch"
prefix = "A"
[[counters]]
id = "q1"
name = "Quầy 1"
services = ["ho-tich"]
[hardware]
board = "none"
pin_factory = "none"
[api]
socket = "{run}/office.sock"
[public]
listen = "off"
[web]
loopback_port = {own}
port = 0
{web}
"""


class Opened:
    """An office with pages as the settings say; every one that is opened is closed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._run = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="motcua-")))

    def __call__(self, web: str = "", own_port: int = 0) -> Office:
        text = TOML.format(data=self._folder / "data", run=self._run, own=own_port, web=web)
        office = Office.open(loads(text), text.encode(), Surroundings(system=ScriptedTime(START_US)))
        self._stack.callback(office.close)
        return office


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with ExitStack() as stack:
        yield Opened(tmp_path, stack)


def get(url: str) -> httpx2.Response:
    return httpx2.get(url, verify=False, timeout=20)


def issues(office: Office) -> list[str]:
    return [issue["key"] for issue in office.health()["issues"]]


def has_ipv6() -> bool:
    try:
        with closing(socket.create_server(("::1", 0), family=socket.AF_INET6)):
            return True
    except OSError:
        return False


def test_loopback_is_plain_and_the_lan_is_tls_in_both_families(opened: Opened) -> None:
    office = opened()
    *own, lan = office.ports
    for host in ("127.0.0.1", "[::1]") if has_ipv6() else ("127.0.0.1",):
        assert get(f"https://{host}:{lan}/sign-in").status_code in {200, 303}
    assert get(f"http://127.0.0.1:{own[0]}/kiosk").status_code == 200
    if has_ipv6():
        assert get(f"http://[::1]:{own[1]}/kiosk").status_code == 200
    with pytest.raises(httpx2.HTTPError):
        get(f"http://127.0.0.1:{lan}/")
    assert "pages_unserved" not in issues(office)


def test_the_certificate_is_the_one_whose_fingerprint_the_box_shows(opened: Opened, tmp_path: Path) -> None:
    office = opened()
    assert office.web is not None
    fingerprint = office.web.box().fingerprint
    assert fingerprint == tls.own(tmp_path / "data", "", [], []).fingerprint
    assert all(part in get(f"http://127.0.0.1:{office.ports[0]}/box").text for part in fingerprint.split(":"))


def test_plain_http_on_the_lan_is_an_explicit_setting(opened: Opened) -> None:
    office = opened('tls = "none"')
    assert get(f"http://127.0.0.1:{office.ports[-1]}/box").status_code == 200
    assert office.web is not None
    assert office.web.box().fingerprint == ""
    assert all(url.startswith("http://") for url in office.web.box().urls)


def test_pages_can_stay_on_the_box_or_away(opened: Opened, tmp_path: Path) -> None:
    on_the_box = opened('listen = "loopback"')
    assert len(on_the_box.ports) == (2 if has_ipv6() else 1)
    assert on_the_box.web is not None
    assert on_the_box.web.box().urls == ()
    on_the_box.close()
    assert opened('listen = "off"').ports == ()


def test_a_port_that_is_taken_keeps_no_counter_closed(opened: Opened) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        office = opened(own_port=taken.getsockname()[1])
        assert "pages_unserved" in issues(office)
        assert office.desk.ask(IssueTicket(service="ho-tich")).result["label"] == "A001"


def test_a_certificate_that_cannot_be_used_is_replaced_by_the_own_and_told(
    opened: Opened, tmp_path: Path
) -> None:
    for name in ("given.pem", "given.key"):
        (tmp_path / name).write_text("nonsense")
    web = f'tls = "file"\ncertificate = "{tmp_path}/given.pem"\nkey = "{tmp_path}/given.key"'
    office = opened(web)
    assert "pages_unserved" in issues(office)
    assert get(f"https://127.0.0.1:{office.ports[-1]}/box").status_code == 200


def test_a_given_certificate_is_used(opened: Opened, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    fingerprint = tls.own(given, "another", [], []).fingerprint
    web = f'tls = "file"\ncertificate = "{given}/{tls.CERTIFICATE}"\nkey = "{given}/{tls.KEY}"'
    office = opened(web)
    assert office.web is not None
    assert office.web.box().fingerprint == fingerprint
    assert issues(office).count("pages_unserved") == 0


def test_who_signs_in_and_who_is_refused_is_journaled_without_what_was_typed(opened: Opened) -> None:
    office = opened()
    assert office.web is not None
    accounts = office.web.accounts
    code = accounts.set_setup_code()
    accounts.create_first(code, "test", "tuan", "Tuấn", "Nui-cao-rung-xanh-7")
    accounts.sign_in("tuan", "Nui-cao-rung-xanh-7", "test")
    for officer in ("tuan", "my-own-password"):
        with pytest.raises(PermissionError):
            accounts.sign_in(officer, "wrong wrong", "test")
    office.desk.ask(IssueTicket(service="ho-tich"))
    from appliance.journal.source import sources
    from appliance.wire.event import check_line

    lines = list(sources(office.folder)[-1].all_lines())
    told = [event for event in map(check_line, lines) if event.kind.startswith("staff.")]
    assert [(event.kind, event.data["officer"]) for event in told] == [
        ("staff.signed_in", "tuan"),
        ("staff.refused", "tuan"),
        ("staff.refused", None),
    ]
    assert b"my-own-password" not in b"".join(lines)
