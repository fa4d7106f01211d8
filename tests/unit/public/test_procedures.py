"""Procedures looked up by strangers: over a catalog in a file, at the portal's door and at the tickets'."""

import re
from pathlib import Path

import pytest
from memory_office import KNOWN, TOKEN, InMemoryOffice
from sim_guest_gate import NAME, PORTAL, InMemoryGate
from starlette.testclient import TestClient

from appliance.pages.assets import Assets
from appliance.pages.rendering import Renderer
from appliance.public import portal
from appliance.public.app import create
from appliance.public.catalog import Catalog, folded
from appliance.public.doorway import Doorway
from appliance.public.notice import Notice
from appliance.public.procedures import A_PAGE
from appliance.public.standings import Standings
from appliance.sockets import known, procedures
from appliance.sockets.procedures import MOST, MOST_DOCUMENTS, Procedure

ASSETS = Assets.open()
RENDERER = Renderer.open(ASSETS)
BIRTH = Procedure(
    code="1.001193", name="Đăng ký khai sinh", documents=("Tờ khai", "Giấy chứng sinh"), fee="Không thu",
    time="Trong ngày", where="Quầy Hộ tịch", link="https://dichvucong.gov.vn/x?a=1&b=<2>",
)  # fmt: skip
LAND = Procedure(code="2.000815", name="Đăng ký biến động đất đai", documents=("Giấy khai sinh",))
MOST_BYTES = 30_000


class Scene:
    """The strangers' app with two doors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.put_up(BIRTH, LAND)
        (folder / known.FILE).write_bytes(KNOWN.model_copy(update={"portal": PORTAL}).line())
        notice, standings = Notice(folder), Standings(InMemoryGate())
        public = create(InMemoryOffice(), lambda: True, notice, b"s" * 32, assets=ASSETS, renderer=RENDERER)
        inner = portal.create_portal(notice, standings, b"s" * 32, renderer=RENDERER)
        door = Doorway(public.inner, inner, notice, standings)
        self.guest = TestClient(
            door, base_url=f"http://{NAME}", follow_redirects=False, client=("10.77.0.23", 5)
        )
        self.phone = TestClient(public.app, base_url="http://box", client=("192.168.1.9", 5))

    def put_up(self, *those: Procedure) -> None:
        # Beside and renamed, as the office does: another file each time.
        aside = self.folder / "new"
        aside.write_bytes(procedures.Catalog(procedures=those).line())
        aside.replace(self.folder / procedures.FILE)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def codes(page: str) -> list[str]:
    return re.findall(r'href="/procedures/([^?"]+)\?', page)


@pytest.mark.parametrize("door", ["guest", "phone"])
def test_a_guest_who_has_not_agreed_and_a_phone_look_it_up(scene: Scene, door: str) -> None:
    http: TestClient = getattr(scene, door)
    listed = http.get("/procedures?lang=vi")
    assert codes(listed.text) == [BIRTH.code, LAND.code]
    page = http.get(f"/procedures/{BIRTH.code}?lang=vi").text
    for text in (BIRTH.name, *BIRTH.documents, BIRTH.fee, BIRTH.time, BIRTH.where, BIRTH.code):
        assert text in page
    assert 'href="https://dichvucong.gov.vn/x?a=1&amp;b=&lt;2&gt;"' in page
    assert "<script" not in page + listed.text
    assert listed.headers.get("set-cookie") is None
    english = http.get(f"/procedures/{BIRTH.code}?lang=en").text
    assert "What to bring" in english
    assert '<h1 lang="vi">' in english


def test_the_ways_in_lead_there_while_there_is_a_catalog(scene: Scene) -> None:
    ways = [
        (scene.guest, "/wifi"),
        (scene.guest, "/wifi/tickets"),
        (scene.phone, "/"),
        (scene.phone, f"/t/{TOKEN}"),
    ]
    assert [http.get(path).text.count('href="/procedures?lang=') for http, path in ways] == [1, 1, 1, 1]
    scene.put_up()
    assert not any("/procedures" in http.get(path).text for http, path in ways)
    empty = scene.guest.get("/procedures")
    assert "Ở đây chưa có danh mục thủ tục" in empty.text
    assert "<form" not in empty.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("khai sinh", [BIRTH, LAND]),
        ("giay khai sinh", [BIRTH, LAND]),
        ("ĐẤT ĐAI", [LAND]),
        ("dat dai", [LAND]),
        ("000815", [LAND]),
        ("chung sinh", [BIRTH]),
        ("khai tu", []),
        ("", [BIRTH, LAND]),
        ("   ", [BIRTH, LAND]),
        ("x" * 500, []),
    ],
)
def test_all_words_must_fit_with_or_without_marks_those_in_the_name_first(
    scene: Scene, asked: str, found: list[Procedure]
) -> None:
    assert list(Catalog(scene.folder).search(asked)) == found
    page = scene.guest.get("/procedures", params={"q": asked}).text
    assert codes(page) == [each.code for each in found]


def test_words_are_folded() -> None:
    assert folded("ĐƯỜNG Đất đai, Ấp") == "duong dat dai, ap"


def test_what_was_asked_stays_and_is_kept_in_the_other_language(scene: Scene) -> None:
    page = scene.guest.get("/procedures", params={"q": '"><b>đất'}).text
    assert 'value="&#34;&gt;&lt;b&gt;đất"' in page
    assert "<b>" not in page
    assert 'href="/procedures?q=%22%3E%3Cb%3E%C4%91%E1%BA%A5t&amp;lang=en"' in page
    assert "Mời thử ít từ hơn" in page


@pytest.mark.parametrize("code", ["no-such", "%2e%2e", "A" * 3000, "1.001193%00"])
def test_a_code_that_is_none_leads_to_the_list(scene: Scene, code: str) -> None:
    answer = scene.guest.get(f"/procedures/{code}")
    assert answer.status_code == 404
    assert codes(answer.text) == [BIRTH.code, LAND.code]
    assert "Không có thủ tục nào mang mã này" in answer.text


def test_the_largest_catalog_is_listed_in_pages_each_of_them_light(scene: Scene) -> None:
    name = "Đăng ký " * 37
    many = [Procedure(code=f"1.{number:06d}", name=f"{name}{number}") for number in range(MOST)]
    scene.put_up(*many)
    asset = ASSETS.get("portal.css")
    assert asset is not None
    style = len(asset.body)
    seen, number = [], 1
    while True:
        answer = scene.guest.get(f"/procedures?page={number}")
        assert len(answer.content) + style < MOST_BYTES
        seen += codes(answer.text)
        if f"page={number + 1}&amp;" not in answer.text:
            break
        number += 1
    assert seen == [each.code for each in many]
    assert number == -(-MOST // A_PAGE)
    for wrong in ("0", "-1", "x", "99999", "٣"):
        assert scene.guest.get("/procedures", params={"page": wrong}).status_code == 200
    longest = Procedure(code="A", name="x" * 300, documents=tuple("đ" * 300 for _ in range(MOST_DOCUMENTS)))
    scene.put_up(longest)
    assert len(scene.guest.get("/procedures/A").content) + style < MOST_BYTES


def test_a_catalog_that_cannot_be_read_leaves_the_last_one(scene: Scene) -> None:
    scene.guest.get("/procedures")
    (scene.folder / procedures.FILE).write_text("torn")
    assert codes(scene.guest.get("/procedures").text) == [BIRTH.code, LAND.code]
