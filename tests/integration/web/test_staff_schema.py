"""The staff app's OpenAPI document against the app on a real port: a supervisor at the box's own screen."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "web"))

from sim_staff import LAN, PASSWORD, PEOPLE, SimStaff

from appliance.httpd.server import HttpServer, Listener, tcp_socket

pytestmark = pytest.mark.integration

EXAMPLES = 10
ENDLESS = "/api/v1/events"
UNKNOWN_DATES = "/api/v1/clock"


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimStaff]:
    with structlog.testing.capture_logs():
        subject = SimStaff(tmp_path_factory.mktemp("schema"))
        subject.open()
        yield subject
        assert subject.box.desk.recording_stopped is None
        subject.close()


@pytest.fixture(scope="module")
def address(staff: SimStaff) -> Iterator[str]:
    server = HttpServer.open([Listener(staff.app, tcp_socket("127.0.0.1", 0))])
    yield f"http://127.0.0.1:{server.ports[0]}"
    server.close()


def test_document_is_kept(staff: SimStaff, address: str) -> None:
    session = staff.accounts.sign_in(PEOPLE["supervisor"], PASSWORD, LAN[0])
    with httpx2.Client(base_url=address, cookies={"motcua": session.token}, timeout=60) as browser:
        found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/me").text)
        assert found is not None
        cookies = {each.name: each.value for each in browser.cookies.jar}
        document = browser.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    statuses: set[int] = set()
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == ENDLESS:
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def keeps_its_word(case: schemathesis.Case) -> None:
            answer = case.call(base_url=address, headers={"x-csrf-token": found[1]}, cookies=cookies)
            statuses.add(answer.status_code)
            # A schema cannot say whose name may stand for an officer, nor between which years a time lies.
            is_free = case.path == UNKNOWN_DATES or answer.status_code == 403
            case.validate_response(answer, excluded_checks=[positive_data_acceptance] if is_free else [])

        keeps_its_word()
        tried += 1
    assert tried > 20
    assert {200, 403, 404, 409, 422} <= statuses
    assert 401 not in statuses
