"""The OpenAPI document against the app: whatever it allows or forbids, the answer is one it names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sim_api import SimApi

pytestmark = pytest.mark.integration

EXAMPLES = 15
ENDLESS = "/v1/events"
CLOCK = "/v1/clock"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimApi]:
    folder: Path = tmp_path_factory.mktemp("schema")
    with structlog.testing.capture_logs():
        subject = SimApi(folder, folder / "none", is_served=False)
        subject.done("counters/q1/open", request="first")
        yield subject
        assert subject.box.desk.recording_stopped is None
        subject.close()


def test_document_is_kept(api: SimApi) -> None:
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", api.app)
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
            # A schema cannot say between which years a time must lie; every other body it allows is taken.
            case.call_and_validate(excluded_checks=[positive_data_acceptance] if case.path == CLOCK else [])

        keeps_its_word()
        tried += 1
    assert tried > 20
