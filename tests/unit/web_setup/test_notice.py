"""What staff read of a card that was not taken, and of an enrolment that the province refused."""

import pytest
from sim_staff import SimStaff
from starlette.testclient import TestClient

from appliance.pages.rendering import Renderer
from appliance.setup_notice import FILE_NAME, Mistake, SetupNotice
from appliance.web.local import create_app
from appliance.web.supervisor_health import shown

TITLE = "Thẻ chưa được nhận; văn phòng vẫn chạy theo cấu hình cũ"
MISTAKE = Mistake("motcua.toml: center.claim", "is for another box", "dành cho thiết bị khác")
NOTICE = SetupNotice(is_set_up=True, mistakes=(MISTAKE,))
REFUSED = {
    "issues": [],
    "faults": [["not_enrolled", "center"]],
    "uplink": {
        "enrolled": False,
        "error": "uplink.claim_refused",
        "detail": "the center refuses the claim of box-1: expired; ask the province for a new claim",
        "detail_vi": "Trung tâm từ chối mã đăng ký của box-1: expired. Hãy xin mã mới.",
    },
}


@pytest.fixture
def refused(staff: SimStaff) -> SimStaff:
    (staff.parts.folder / FILE_NAME).write_bytes(NOTICE.to_bytes())
    return staff


@pytest.mark.parametrize(
    ("who", "path"), [("technician", "/"), ("technician", "/bench"), ("supervisor", "/")]
)
def test_leaders_read_what_is_wrong_with_the_card(refused: SimStaff, who: str, path: str) -> None:
    page = refused.client(who).page(path)
    assert TITLE in page
    assert "dành cho thiết bị khác" in page
    english = refused.client(who).page(f"{path}?lang=en")
    assert "is for another box" in english


@pytest.mark.parametrize(
    ("who", "path"), [("officer", "/"), ("box", "/"), ("nobody", "/"), ("box", "/display")]
)
def test_nobody_else_is_bothered_with_it(refused: SimStaff, who: str, path: str) -> None:
    assert TITLE not in refused.client(who).page(path)


def test_without_a_notice_nothing_is_said(staff: SimStaff) -> None:
    assert TITLE not in staff.client("technician").page("/bench")


def test_the_state_of_the_box_says_it_once(refused: SimStaff) -> None:
    issue = {"key": "card_refused", "subject": "", "vi": "Thẻ chưa được nhận, vì …", "en": "…"}
    refused.health = {**refused.health, "issues": [issue]}
    page = refused.client("technician").page("/health")
    assert "Thẻ chưa được nhận, vì …" in page
    assert TITLE not in page
    assert TITLE not in refused.client("supervisor").page("/supervisor")
    assert TITLE in refused.client("supervisor").page("/supervisor?day=2026-11-20")


def test_the_shell_sees_the_notice(refused: SimStaff) -> None:
    client = TestClient(create_app(refused.parts.desk, refused.parts.views), base_url="http://office")
    assert client.get("/v1/setup").json() == NOTICE.told()
    (refused.parts.folder / FILE_NAME).unlink()
    assert client.get("/v1/setup").json() == {"is_set_up": True, "mistakes": []}
    client.close()


@pytest.mark.parametrize(
    ("lang", "said", "todo"),
    [
        ("vi", "Trung tâm từ chối mã đăng ký của box-1: expired", "motcua office claim"),
        ("en", "the center refuses the claim of box-1: expired", "Ask the province for a new claim"),
    ],
)
def test_a_refused_claim_is_said_in_the_readers_language(lang: str, said: str, todo: str) -> None:
    renderer, health = Renderer.open(), shown(REFUSED)
    for macro in ("issues", "uplink"):
        assert said in str(renderer.macro("supervisor/state.html", macro, lang, health))
    assert todo in str(renderer.macro("supervisor/state.html", "issues", lang, health))
    unsaid = shown({**REFUSED, "uplink": {"error": "uplink.unclear"}})
    assert "uplink.unclear" in str(renderer.macro("supervisor/state.html", "uplink", lang, unsaid))
