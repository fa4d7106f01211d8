import re

import pytest
from wire_forge import DOCS, golden

from appliance.wire.problems import MEDIA_TYPE, PREFIX, STATUS, Problem, ProblemType

PAGE = (DOCS / "wire.md").read_text()


def test_every_type_has_a_status_and_an_example() -> None:
    assert STATUS.keys() == set(ProblemType)
    assert {problem.type for problem in golden.problem_documents()} == set(ProblemType)


def test_every_type_of_the_wire_page_exists_with_its_status() -> None:
    for row in re.findall(r"^\| (4.*?) \|", PAGE, re.MULTILINE):
        for status, names in re.findall(r"(4\d\d) ((?:`urn:motcua:[a-z-]+`[^;`]*)+)", row):
            for name in re.findall(r"`(urn:motcua:[a-z-]+)`", names):
                assert STATUS[ProblemType(name)] == int(status)


@pytest.mark.parametrize("kind", ProblemType)
def test_a_document_has_the_members_of_rfc9457(kind: ProblemType) -> None:
    value = Problem(kind, "what happened").to_json()
    assert value == {
        "type": kind.value,
        "title": kind.value.removeprefix(PREFIX),
        "status": STATUS[kind].value,
        "detail": "what happened",
    }
    assert MEDIA_TYPE == "application/problem+json"


def test_a_receipt_and_further_members_come_along() -> None:
    value = Problem(ProblemType.GAP, "d", receipt="a.b.c", members={"line": 3}).to_json()
    assert (value["receipt"], value["line"]) == ("a.b.c", 3)
