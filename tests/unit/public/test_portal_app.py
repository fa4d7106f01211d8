"""The portal over a gate in memory: what a guest is shown, may send, and gets for others' hosts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from memory_office import KNOWN, TOKEN, InMemoryOffice
from sim_guest_gate import NAME, PORTAL, QUOTA, STATS, TERMS, InMemoryGate
from starlette.testclient import TestClient

from appliance.httpd.headers import Bounds
from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.public import portal
from appliance.public.access import PORTAL as PORTAL_TABLE
from appliance.public.access import Needs
from appliance.public.app import MOST_BODY, create
from appliance.public.callers import CHANGES, key_of
from appliance.public.capport import told_of
from appliance.public.doorway import Doorway
from appliance.public.errors import ForeignFormError
from appliance.public.notice import Notice
from appliance.public.opening import rows
from appliance.public.passes import LIFE_S, MOST_USED, Passes
from appliance.public.portal_pages import size_text
from appliance.public.standings import Standing, Standings
from appliance.sockets.door import Named
from appliance.sockets.known import FILE
from appliance.sockets.portal import Purpose
from appliance.web.access import routes_of

ASSETS = Assets.open()
RENDERER = Renderer.open(ASSETS)
GUEST, OTHER = "10.77.0.23", "10.77.0.24"
HERE = f"http://{NAME}"
SECRET = b"s" * 32
MOST_BYTES = 30_000
NOW_US = 1_795_409_990_000_000
"""Monday, 23 November 2026, 11:59:50 in Hanoi."""


class Scene:
    """The strangers' app as guests find it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gate, self.office = InMemoryGate(), InMemoryOffice()
        self.put_up(PORTAL)
        notice = Notice(folder)
        public = create(self.office, lambda: True, notice, SECRET, assets=ASSETS, renderer=RENDERER)
        standings = Standings(self.gate)
        inner = portal.create_portal(notice, standings, SECRET, renderer=RENDERER, wall_us=lambda: NOW_US)
        self.inner, self.standings = inner, standings
        self.app = Bounds(Doorway(public.inner, inner, notice, standings), names=None, most_body=MOST_BODY)
        self.phones = public.app

    def put_up(self, wanted):
        (self.folder / FILE).write_bytes(KNOWN.model_copy(update={"portal": wanted}).line())

    def client(self, address=GUEST, base=HERE, app=None, **headers):
        return TestClient(
            app or self.app, base_url=base, follow_redirects=False, client=(address, 5), headers=headers
        )  # fmt: skip

    def stands(self, state, address=GUEST):
        self.gate.standings[address] = state
        self.standings._kept.clear()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    return Scene(tmp_path)


def form_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))


WORDS = {
    "new": ("Đồng ý điều khoản và vào mạng", "Agree to the terms and go online"),
    "open": ("Quý vị đã vào mạng", "You are online"),
    "spent": ("Đã dùng hết dung lượng hôm nay", "The data for today is used up"),
    "blocked": ("Máy này đang bị chặn", "This device has been blocked"),
    "closed": ("WiFi đang ngoài giờ phục vụ", "The WiFi is closed at this hour"),
    "full": ("Hiện đã hết chỗ", "All places are taken at the moment"),
    "away": ("WiFi hiện chưa hoạt động", "The WiFi does not work at the moment"),
}


@pytest.mark.parametrize("state", WORDS)
def test_each_state_has_its_own_page_in_both_languages(scene, state):
    scene.stands(state)
    vi, en = WORDS[state]
    for address, word, lang in (("/wifi", vi, "vi"), ("/wifi?lang=en", en, "en")):
        answer = scene.client().get(address)
        assert answer.status_code == 200
        assert word in answer.text
        assert f'<html lang="{lang}">' in answer.text
        assert answer.headers["cache-control"] == "no-store"
        others = [both[lang == "en"] for each, both in WORDS.items() if each != state]
        assert not [each for each in others if each in answer.text]
        # No cookie, no script, nothing from elsewhere.
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text
        assert re.findall(r'(?:src|href|action)="(?!/|data:,|#)', answer.text) == []
        assert ("<button" in answer.text) is (state in {"new", "open"})


def test_an_open_session_says_what_is_left(scene):
    scene.stands("open")
    page = scene.client().get("/wifi").text
    assert "Thời gian còn lại: 4 giờ" in page
    assert "Dung lượng còn lại hôm nay: 1,1 GB" in page
    assert "Data left today: 1.1 GB" in scene.client().get("/wifi?lang=en").text


def test_a_closed_wifi_says_when_it_opens(scene):
    scene.stands("closed")
    page = scene.client().get("/wifi").text
    assert re.findall(r"<th scope=\"row\">(.*?)</th><td>(.*?)</td>", page, re.DOTALL) == [
        ("Thứ Hai – Thứ Sáu", "07:30–11:30\n13:30–17:00"),
        ("Thứ Bảy", "cả ngày"),
        ("Chủ Nhật", "không phục vụ"),
    ]


@pytest.mark.parametrize("state", ["new", "open", "full"])
def test_a_line_that_is_down_is_said_instead(scene, state):
    scene.stands(state)
    scene.put_up(PORTAL.model_copy(update={"has_wan": False}))
    page = scene.client().get("/wifi").text
    assert "Mất kết nối Internet" in page
    assert "<button" not in page
    assert "Theo dõi số thứ tự" in page


@pytest.mark.parametrize("state", ["new", "open", "full"])
def test_the_gate_knows_better_than_the_office_whether_the_line_is_down(scene, state):
    scene.stands(state)
    scene.gate.wan = False
    guest = scene.client()
    page = guest.get("/wifi").text
    assert "Mất kết nối Internet" in page
    assert ("/wifi/consents" in page) is (state == "open")
    assert guest.get("/generate_204", headers={"host": "clients3.google.com"}).status_code == 302
    assert scene.client(base=f"https://{NAME}").get("/captive-portal/api").json()["captive"] is True
    scene.put_up(PORTAL.model_copy(update={"has_wan": False}))
    scene.gate.wan = True
    scene.stands(state)
    assert WORDS[state][0] in guest.get("/wifi").text


@pytest.mark.parametrize(
    ("opens_in_s", "vi", "en"),
    [
        (10, "Mở cửa lại lúc 12:00<", "Opens again at 12:00"),
        (5_410, "Mở cửa lại lúc 13:30<", "Opens again at 13:30"),
        (5_405, "Mở cửa lại lúc 13:30<", "Opens again at 13:30"),
        (70_210, "Mở cửa lại lúc 07:30 ngày mai", "Opens again tomorrow at 07:30"),
        (3 * 86_400 + 70_210, "Mở cửa lại lúc 07:30 Thứ Sáu", "Opens again on Friday at 07:30"),
    ],
)
def test_a_closed_wifi_says_when_it_opens_next(scene, opens_in_s, vi, en):
    scene.stands("closed")
    scene.gate.opens_in_s = opens_in_s
    assert vi in scene.client().get("/wifi").text
    assert en in scene.client().get("/wifi?lang=en").text
    scene.gate.opens_in_s = None
    scene.stands("closed")
    assert "Mở cửa lại" not in scene.client().get("/wifi").text


def test_agreeing_opens_the_gate_with_the_version_that_was_shown(scene):
    guest = scene.client()
    page = guest.get("/wifi").text
    for line in TERMS.vi.split("\n"):
        assert f"<p>{line}</p>" in page
    assert TERMS.version[:12] in page
    answer = guest.post("/wifi/open", data=form_of(page))
    # A page that is loaded anew, which makes iOS look again and say "Done".
    assert (answer.status_code, answer.headers["location"]) == (303, "/wifi?lang=vi")
    assert scene.gate.opened == [(GUEST, TERMS.version, ())]
    assert "Quý vị đã vào mạng" in guest.get("/wifi?lang=vi").text
    assert not guest.cookies


def test_a_browser_of_old_says_only_null_and_one_from_elsewhere_is_refused(scene):
    guest = scene.client()
    foreign = {"origin": "http://evil.example"}
    assert guest.post("/wifi/open", data=form_of(guest.get("/wifi").text), headers=foreign).status_code == 403
    cross = {"sec-fetch-site": "cross-site", "origin": "null"}
    assert guest.post("/wifi/open", data=form_of(guest.get("/wifi").text), headers=cross).status_code == 403
    assert scene.gate.opened == []
    null = {"origin": "null"}
    assert guest.post("/wifi/open", data=form_of(guest.get("/wifi").text), headers=null).status_code == 303
    assert len(scene.gate.opened) == 1


def test_a_pass_is_good_once_and_for_its_own_device(scene):
    guest, thief = scene.client(), scene.client(OTHER)
    form = form_of(guest.get("/wifi").text)
    stolen = thief.post("/wifi/open", data=form)
    assert stolen.status_code == 403
    assert "Trang này đã cũ" in stolen.text
    assert "<button" in stolen.text, "with a form of its own, to try again"
    assert scene.gate.opened == []
    assert guest.post("/wifi/open", data=form).status_code == 303
    scene.stands("new")
    again = guest.post("/wifi/open", data=form)
    assert again.status_code == 303
    assert len(scene.gate.opened) == 1, "what is sent twice opens nothing the second time"


@pytest.mark.parametrize(
    "changes",
    [
        {"pass": ""},
        {"pass": "1.2.3"},
        {"pass": "x" * 4_000},
        {"pass": "١.a.b"},
        {"terms": "0" * 64},
        {"terms": ""},
        {"consent": "khac"},
        {"consent": "khao-sat"},
    ],
    ids=lambda each: "-".join(f"{key}-{len(value)}" for key, value in each.items()),
)
def test_forms_that_are_not_ours_open_nothing(scene, changes):
    guest = scene.client()
    answer = guest.post("/wifi/open", data={**form_of(guest.get("/wifi").text), **changes})
    assert answer.status_code == 403
    assert scene.gate.opened == []


def test_a_pass_for_one_form_is_none_for_another(scene):
    scene.put_up(PORTAL.model_copy(update={"purposes": (STATS,)}))
    scene.stands("open")
    guest = scene.client()
    for path in ("/wifi", "/wifi/consents"):
        form = form_of(guest.get(path).text) | {"terms": TERMS.version}
        scene.stands("new")
        assert guest.post("/wifi/open", data=form).status_code == 403
        scene.stands("open")
    assert scene.gate.opened == []


def test_terms_that_changed_meanwhile_are_shown_again(scene):
    guest = scene.client()
    form = form_of(guest.get("/wifi").text)
    scene.put_up(
        PORTAL.model_copy(update={"terms": TERMS.model_copy(update={"vi": "Khác.", "en": "Other."})})
    )
    answer = guest.post("/wifi/open", data=form)
    assert answer.status_code == 409
    assert "Điều khoản vừa được thay đổi" in answer.text
    assert "Khác." in answer.text
    assert scene.gate.opened == []


@pytest.mark.parametrize("state", ["spent", "blocked", "closed", "full"])
def test_a_gate_that_refuses_says_why(scene, state):
    guest = scene.client()
    form = form_of(guest.get("/wifi").text)
    scene.stands(state)
    answer = guest.post("/wifi/open", data=form)
    assert answer.status_code == 409
    assert WORDS[state][0] in answer.text


def test_a_gate_that_is_away_says_so_and_when_to_come_again(scene):
    guest = scene.client()
    form = form_of(guest.get("/wifi").text)
    scene.gate.is_up = False
    scene.standings._kept.clear()
    answer = guest.post("/wifi/open", data=form)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert WORDS["away"][0] in answer.text


OTHER_PURPOSE = Purpose(key="tin-moi", name=Named(vi="Gửi tôi tin mới", en="Send me news"))


def agreed(scene, *consents):
    """A guest who has agreed, to these purposes besides."""
    scene.put_up(PORTAL.model_copy(update={"purposes": (STATS, OTHER_PURPOSE)}))
    guest = scene.client()
    page = guest.get("/wifi").text
    assert 'type="checkbox" name="consent" value="khao-sat">' in page
    assert "checked" not in page
    assert guest.post("/wifi/open", data={**form_of(page), "consent": list(consents)}).status_code == 303
    return guest


def test_what_is_allowed_besides_is_unticked_shown_and_can_be_taken_back_one_by_one(scene):
    guest = agreed(scene, "khao-sat", "tin-moi")
    assert "/wifi/consents?lang=vi" in guest.get("/wifi").text
    page = guest.get("/wifi/consents").text
    assert f"phiên bản {TERMS.version[:12]}" in page
    assert re.findall(r'name="consent" value="([^"]+)"', page) == ["khao-sat", "tin-moi"]
    assert page.count("Thôi đồng ý<") == 2
    answer = guest.post("/wifi/consents", data={**form_of(page), "consent": "khao-sat"})
    assert answer.headers["location"] == "/wifi/consents?kept=1&lang=vi"
    page = guest.get(answer.headers["location"]).text
    assert "Đã ghi nhận" in page
    assert re.findall(r'name="consent" value="([^"]+)"', page) == ["tin-moi"]
    assert guest.post("/wifi/consents", data={**form_of(page), "consent": "tin-moi"}).status_code == 303
    assert "You allow nothing besides" in guest.get("/wifi/consents?lang=en").text
    assert scene.gate.agreed == {GUEST: (TERMS.version, ())}
    assert len(scene.gate.opened) == 1, "taking back begins no other session"


def test_taking_back_twice_or_what_was_never_given_is_no_error(scene):
    guest = agreed(scene, "khao-sat")
    other = {**form_of(guest.get("/wifi/consents").text), "consent": ["tin-moi", "../x", "ậ" * 200]}
    assert guest.post("/wifi/consents", data=other).status_code == 303
    assert scene.gate.agreed == {GUEST: (TERMS.version, ("khao-sat",))}
    form = {**form_of(guest.get("/wifi/consents").text), "consent": "khao-sat"}
    for _ in range(2):
        assert guest.post("/wifi/consents", data=form).status_code == 303
    assert scene.gate.agreed == {GUEST: (TERMS.version, ())}


def test_a_form_that_takes_nothing_back_is_none(scene):
    guest = agreed(scene, "khao-sat")
    answer = guest.post("/wifi/consents", data=form_of(guest.get("/wifi/consents").text))
    assert answer.status_code == 403
    assert "Trang này đã cũ" in answer.text
    assert scene.gate.agreed == {GUEST: (TERMS.version, ("khao-sat",))}


def test_a_purpose_that_the_settings_forgot_can_be_taken_back(scene):
    guest = agreed(scene, "khao-sat")
    scene.put_up(PORTAL)
    page = guest.get("/wifi/consents").text
    assert 'name="consent" value="khao-sat"' in page
    assert guest.post("/wifi/consents", data={**form_of(page), "consent": "khao-sat"}).status_code == 303
    assert scene.gate.agreed == {GUEST: (TERMS.version, ())}


def test_a_session_under_terms_that_have_changed_lasts_and_says_so(scene):
    guest = agreed(scene, "khao-sat")
    assert "They have changed since" not in guest.get("/wifi/consents?lang=en").text
    changed = TERMS.model_copy(update={"vi": "Khác.", "en": "Other."})
    scene.put_up(PORTAL.model_copy(update={"terms": changed, "purposes": (STATS,)}))
    page = guest.get("/wifi/consents?lang=en").text
    assert f"version {TERMS.version[:12]}" in page
    assert "They have changed since" in page
    assert "<p>Other.</p>" in page
    # What was allowed under the others can be taken back.
    assert guest.post("/wifi/consents", data={**form_of(page), "consent": "khao-sat"}).status_code == 303
    assert "Quý vị đã vào mạng" in guest.get("/wifi").text
    # When it is over, those of now are asked for.
    scene.stands("new")
    form = form_of(guest.get("/wifi").text)
    assert form["terms"] == changed.version
    assert guest.post("/wifi/open", data=form).status_code == 303
    assert scene.gate.agreed[GUEST] == (changed.version, ())


def test_what_was_agreed_to_is_shown_to_who_is_through_and_to_nobody_else(scene):
    guest = scene.client()
    assert "/wifi/consents" not in guest.get("/wifi").text
    assert guest.get("/wifi/consents").headers["location"] == "/wifi?lang=vi"
    assert guest.post("/wifi/consents", data={"pass": "x"}).headers["location"] == "/wifi?lang=vi"
    agreed(scene)
    assert "Quý vị không cho phép thêm điều gì" in guest.get("/wifi/consents").text
    assert scene.client(OTHER).get("/wifi/consents").headers["location"] == "/wifi?lang=vi"


def test_a_guest_disconnects_without_a_script(scene):
    guest = agreed(scene, "khao-sat")
    page = guest.get("/wifi").text
    assert "Ngắt kết nối" in page
    form = form_of(page)
    answer = guest.post("/wifi/close", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/wifi?left=1&lang=vi")
    page = guest.get(answer.headers["location"]).text
    assert "Quý vị đã ngắt kết nối" in page
    assert WORDS["new"][0] in page
    assert scene.gate.closed == [GUEST]
    assert scene.gate.agreed == {}
    # The same form again, after he has agreed anew, ends nothing.
    agreed(scene)
    assert guest.post("/wifi/close", data=form).status_code == 303
    assert scene.gate.closed == [GUEST]
    assert "ngắt kết nối</p>" not in guest.get("/wifi?left=1").text


def test_nobody_disconnects_another(scene):
    guest = agreed(scene)
    form = form_of(guest.get("/wifi").text)
    assert scene.client(OTHER).post("/wifi/close", data=form).status_code == 403
    foreign = guest.post("/wifi/close", data=form, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    consents = form_of(guest.get("/wifi/consents").text)
    assert guest.post("/wifi/close", data=consents).status_code == 403
    assert scene.gate.closed == []


@pytest.mark.parametrize("path", ["/wifi/close", "/wifi/consents"])
def test_a_gate_that_is_away_when_somebody_gives_up_says_so(scene, path):
    guest = agreed(scene, "khao-sat")
    form = form_of(guest.get("/wifi" if path == "/wifi/close" else path).text)
    guest.get("/wifi")  # known for a second
    scene.gate.is_up = False
    answer = guest.post(path, data={**form, "consent": "khao-sat"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "WiFi hiện chưa hoạt động" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/wifi/open", 303),
        ("GET", "/wifi/close", 303),
        ("PUT", "/wifi", 405),
        ("DELETE", "/wifi/open", 405),
        ("GET", "/wifi/no", 404),
        ("POST", "/wifi", 405),
        ("GET", "/captive-portal/api", 404),
        ("OPTIONS", "/wifi", 405),
        ("GET", "/wifi/", 307),
    ],
)
def test_wrong_methods_and_paths_are_told_so(scene, method, path, status):
    answer = scene.client().request(method, path)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"


def test_only_plain_forms_of_a_small_size_are_read(scene):
    guest = scene.client()
    form = form_of(guest.get("/wifi").text)
    assert guest.post("/wifi/open", json=form).status_code == 403
    assert guest.post("/wifi/open", files={"pass": ("a", b"x")}, data=form).status_code == 403
    assert guest.post("/wifi/open", content=b"x" * 5_000).status_code == 413
    kind = {"content-type": "application/x-www-form-urlencoded"}
    many = guest.post("/wifi/open", content=b"a=1&" * 1_000, headers=kind)
    assert many.status_code in {400, 403}
    assert scene.gate.opened == []


def test_who_sends_forms_too_often_waits_and_nobody_else_does(scene):
    greedy = scene.client("fd77:6d63:7561::1234")
    codes = [greedy.post("/wifi/open", data={"pass": "x"}).status_code for _ in range(CHANGES.burst + 5)]
    assert codes[0] == 403
    assert codes[-1] == 429
    neighbor = scene.client("fd77:6d63:7561::1235")
    assert neighbor.post("/wifi/open", data=form_of(neighbor.get("/wifi").text)).status_code == 303


def test_an_address_is_the_sockets_and_never_a_headers(scene):
    claimed = {"x-forwarded-for": OTHER, "forwarded": f"for={OTHER}", "x-real-ip": OTHER}
    guest = scene.client(f"::ffff:{GUEST}", **claimed)
    assert guest.post("/wifi/open", data=form_of(guest.get("/wifi").text)).status_code == 303
    assert [address for address, *_ in scene.gate.opened] == [GUEST]


@pytest.mark.parametrize(
    "base", [HERE, f"{HERE}:80", f"http://{NAME.upper()}.", "http://10.77.0.1", "http://[fd77:6d63:7561::1]"]
)
def test_the_box_is_known_by_its_name_and_its_own_addresses(scene, base):
    guest = scene.client(base=base)
    assert guest.get("/wifi").status_code == 200
    assert "A012" in guest.get(f"/t/{TOKEN}").text, "tickets work before agreeing"
    assert guest.get("/wifi/tickets").status_code == 200
    assert guest.get("/static/portal.css").status_code == 200


def test_the_names_own_front_page_is_the_portal_and_the_addresss_is_the_tickets(scene):
    assert scene.client().get("/").headers["location"] == "/wifi?lang=vi"
    assert "Theo dõi số thứ tự trên điện thoại" in scene.client(base="http://10.77.0.1").get("/").text


@pytest.mark.parametrize(
    "host", ["example.com", "1.1.1.1", "10.77.0.2", "wifi.motcua.internal.evil.example", "", "["]
)
def test_every_other_host_leads_to_the_portal(scene, host):
    guest = scene.client()
    answer = guest.get("/some/page?secret=1", headers={"host": host})
    assert (answer.status_code, answer.headers["location"]) == (302, f"{HERE}/wifi")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["connection"] == "close"
    assert answer.content == b""
    assert guest.head("/", headers={"host": host}).status_code == 302
    posted = guest.post("/login", data={"password": "x"}, headers={"host": host})
    assert (posted.status_code, posted.content) == (511, b"")


def test_after_agreeing_nobody_is_told_that_he_is_online_on_anothers_behalf(scene):
    scene.stands("open")
    guest = scene.client()
    for host, path in (
        ("captive.apple.com", "/hotspot-detect.html"),
        ("clients3.google.com", "/generate_204"),
    ):
        answer = guest.get(path, headers={"host": host})
        assert (answer.status_code, answer.content) == (503, b"")
        assert (answer.headers["retry-after"], answer.headers["connection"]) == ("1", "close")
    page = guest.get("/", headers={"host": "example.com"})
    assert page.status_code == 503
    assert "tải lại trang này" in page.text
    scene.put_up(PORTAL.model_copy(update={"has_wan": False}))
    assert guest.get("/generate_204", headers={"host": "clients3.google.com"}).status_code == 302


def test_over_https_another_name_is_not_ours(scene):
    secure = scene.client(base="https://example.com")
    assert secure.get("/").status_code == 421


def test_the_api_says_what_rfc_8908_asks_for(scene):
    secure = scene.client(base=f"https://{NAME}")
    before = secure.get("/captive-portal/api", headers={"accept": "application/captive+json"})
    assert before.headers["content-type"] == "application/captive+json"
    assert before.headers["cache-control"] == "private, no-store"
    pages = {"user-portal-url": f"https://{NAME}/wifi", "venue-info-url": f"https://{NAME}/wifi/tickets"}
    assert before.json() == {"captive": True, **pages}
    scene.stands("open")
    left = {"seconds-remaining": 14_400, "bytes-remaining": QUOTA, "can-extend-session": False}
    assert secure.get("/captive-portal/api").json() == {"captive": False, **pages, **left}
    scene.put_up(PORTAL.model_copy(update={"has_wan": False, "has_tickets": False}))
    assert secure.get("/captive-portal/api").json() == {
        "captive": True,
        "user-portal-url": f"https://{NAME}/wifi",
    }
    bare = told_of(PORTAL, Standing("open"))
    assert "seconds-remaining" not in bare
    assert bare["captive"] is False


def test_without_a_public_wifi_everything_is_as_it_was(scene):
    scene.put_up(None)
    for path in ("/", f"/t/{TOKEN}", "/wifi", "/captive-portal/api", "/static/base.css", "/t/none"):
        here = scene.client(base="http://example.com").get(path)
        there = scene.client(base="http://example.com", app=scene.phones).get(path)
        assert here.status_code == there.status_code, path
        same = re.sub(r'value="[^"]*"', "", here.text), re.sub(r'value="[^"]*"', "", there.text)
        assert same[0] == same[1], path
    assert scene.gate.asked == 0


@pytest.mark.parametrize("state", [*WORDS, "offline"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_page_with_all_that_it_needs_is_below_thirty_kilobytes(scene, state, lang):
    """Uncompressed, with the longest terms and as many purposes as there may be."""
    terms = TERMS.model_copy(update={"vi": "ậ" * 5_500, "en": "ậ" * 5_500})
    named = STATS.name.model_copy(update={"vi": "ậ" * 120, "en": "ậ" * 120})
    purposes = tuple(STATS.model_copy(update={"key": f"p{number}", "name": named}) for number in range(8))
    changes = {"purposes": purposes, "has_wan": state != "offline"}
    scene.put_up(PORTAL.model_copy(update=changes | {"terms": terms}))
    scene.stands("new" if state == "offline" else state)
    longest = scene.client().get(f"/wifi?lang={lang}")
    scene.put_up(PORTAL.model_copy(update=changes))
    usual = scene.client().get(f"/wifi?lang={lang}")
    sheet = scene.client().get("/static/portal.css").content
    assert re.findall(r'<link rel="stylesheet" href="/static/([a-z.]+)', usual.text) == ["portal.css"]
    assert len(usual.content) + len(sheet) < MOST_BYTES / 2
    assert len(longest.content) + len(sheet) < MOST_BYTES


def test_the_style_sheet_asks_for_no_newer_browser_and_for_nothing_else():
    sheet = ASSETS.get("portal.css").body.decode()
    assert re.findall(r"display: grid|\bgap:|var\(|url\(|@import|@font-face", sheet) == []


def test_the_table_of_access_knows_every_route_and_only_a_pass_changes_anything(scene):
    assert set(routes_of(scene.inner)) == set(PORTAL_TABLE)
    scene.stands("open")
    for (method, path), needs in PORTAL_TABLE.items():
        assert (method == "POST") is (needs is Needs.ONCE)
        if needs is Needs.ONCE:
            scene.stands("open")
            for data in ({}, {"pass": "1.2.3", "terms": TERMS.version}):
                assert scene.client().post(path, data=data).status_code == 403
    assert scene.gate.opened == []


# --- parts


def test_passes_age_and_are_bounded():
    subject = Passes(SECRET)
    old = subject.issue(GUEST, "open v", 100.0)
    assert subject.take(old, GUEST, "open v", 100.0 + LIFE_S)
    with pytest.raises(ForeignFormError):
        subject.take(old, GUEST, "open v", 102.0 + LIFE_S)
    with pytest.raises(ForeignFormError):
        Passes(b"t" * 32).take(old, GUEST, "open v", 101.0)
    for _ in range(MOST_USED + 10):
        assert subject.take(subject.issue(GUEST, "open v", 1.0), GUEST, "open v", 1.0)
    assert len(subject._used) == MOST_USED


def test_hours_that_are_the_same_stand_together():
    assert rows(("00:00-24:00",) * 7, "en") == [("Monday – Sunday", "all day")]
    assert rows(("", "08:00-09:00", "", "", "", "", "08:00-09:00"), "en") == [
        ("Monday", "not open"),
        ("Tuesday", "08:00–09:00"),
        ("Wednesday – Saturday", "not open"),
        ("Sunday", "08:00–09:00"),
    ]


@pytest.mark.parametrize(
    ("size", "lang", "text"),
    [(850_400_000, "vi", "850 MB"), (1_500_000_000, "vi", "1,5 GB"), (0, "en", "0 MB")],
)
def test_sizes_are_said_shortly(size, lang, text):
    assert size_text(size, lang) == text


def test_guests_of_one_network_are_told_apart(tmp_path):
    (tmp_path / FILE).write_bytes(KNOWN.model_copy(update={"portal": PORTAL}).line())
    guests = Notice(tmp_path).guests()
    assert key_of("fd77:6d63:7561::5", guests) == "fd77:6d63:7561::5"
    assert key_of("2001:db8::5", guests) == "2001:db8::/64"
    assert key_of("10.77.0.5", guests) == "10.77.0.5"
    (tmp_path / FILE).write_bytes(
        KNOWN.model_copy(update={"portal": PORTAL.model_copy(update={"guests": "1.2.3.0/24"})}).line()
    )
    assert Notice(tmp_path).known() is None
