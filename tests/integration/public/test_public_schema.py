"""The document of the API against the app: whatever it allows or forbids, the answer is one it names."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from memory_office import KNOWN, TOKEN, InMemoryOffice, like
from schemathesis.specs.openapi.checks import positive_data_acceptance

from appliance.httpd import csrf
from appliance.public.app import create
from appliance.public.callers import Callers
from appliance.public.notice import Notice
from appliance.sockets.known import FILE

pytestmark = pytest.mark.integration

SECRET = b"s" * 32
VISIT = "a-browser"
EXAMPLES = 40


class PatientCallers(Callers):
    """Lets everybody ask as often as they like."""

    def page(self, address: str, now_s: float) -> None:
        pass

    change = page

    def any_change(self, now_s: float) -> None:
        pass

    guess = any_change


def test_the_document_is_kept(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(KNOWN.line())
    office = InMemoryOffice()
    public = create(office, lambda: True, Notice(tmp_path), SECRET, callers=PatientCallers())
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", public.app)
    headers = {csrf.HEADER: csrf.token_of(SECRET, VISIT)}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()

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
            office.views[TOKEN] = like(state="SERVED", can_rate=True, can_reason=True)
            # A token of the right form is mostly none of today's.
            case.call_and_validate(
                headers=headers, cookies={"motcua-visit": VISIT}, excluded_checks=[positive_data_acceptance]
            )

        keeps_its_word()
        tried += 1
    assert tried == 4
    assert office.looked
