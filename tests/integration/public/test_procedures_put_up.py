"""From a spreadsheet's file to a stranger's phone: imported by the command, put up by a running office."""

import subprocess
import sys
from pathlib import Path

import pytest
from sim_phone import SimPhone

from appliance.procedures import store
from appliance.sockets.procedures import FILE
from provisioning.demo.scene import PROCEDURES

pytestmark = pytest.mark.integration

HEAD = "code,name,documents,fee,time,where,link\n"


def motcua(subject: SimPhone, *words: object) -> subprocess.CompletedProcess[str]:
    config = subject.link_dir.parent / "office.toml"
    config.write_text(subject.toml, "utf-8")
    command = [sys.executable, "-m", "appliance", "office", "procedures", *map(str, words)]
    return subprocess.run([*command, "--config", str(config)], capture_output=True, text=True, check=False)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return tmp_path / "thu-tuc.csv"


def test_a_list_is_imported_seen_and_replaced(subject: SimPhone, listed: Path) -> None:
    browser = subject.browser()
    assert "chưa có danh mục" in browser.get("/procedures").text
    listed.write_text(f"{HEAD}A-1,Khai sinh,Tờ khai,,,,\n", "utf-8")
    done = motcua(subject, "import", listed)
    assert done.returncode == 0, done.stderr
    assert "1" in done.stdout
    subject.door.tick()
    assert (subject.link_dir / FILE).stat().st_mode & 0o777 == 0o640
    assert "Khai sinh" in browser.get("/procedures").text
    assert "Tờ khai" in browser.get("/procedures/a-1").text
    listed.write_text(f"{HEAD}B-1,Kết hôn,,,,,\n", "utf-8")
    assert motcua(subject, "import", listed).returncode == 0
    subject.door.tick()
    page = browser.get("/procedures").text
    assert "Kết hôn" in page
    assert "Khai sinh" not in page
    assert motcua(subject, "list").stdout == "B-1  Kết hôn\n"


def test_a_list_with_mistakes_changes_nothing_and_names_each(subject: SimPhone, listed: Path) -> None:
    listed.write_text(f"{HEAD}A-1,Khai sinh,,,,,\n", "utf-8")
    assert motcua(subject, "import", listed).returncode == 0
    listed.write_text(f"{HEAD}A-1,,,,,,\nA-2,Hai,,,,,xyz\n", "utf-8")
    done = motcua(subject, "import", listed)
    assert done.returncode == 1
    assert "thu-tuc.csv: dòng 2, cột name" in done.stderr
    assert "line 3, column link" in done.stderr
    assert motcua(subject, "list").stdout == "A-1  Khai sinh\n"


def test_a_catalog_that_is_taken_away_or_damaged_does_not_disturb_the_door(subject: SimPhone) -> None:
    folder = subject.data
    folder.mkdir(parents=True, exist_ok=True)
    (folder / store.FILE_NAME).write_bytes(b"nothing of SQLite" * 100)
    subject.door.tick()
    assert not (subject.link_dir / FILE).exists()
    assert subject.browser().get("/").status_code == 200
    (folder / store.FILE_NAME).unlink()
    (subject.link_dir / FILE).write_text("old")
    subject.door.tick()
    assert not (subject.link_dir / FILE).exists()


def test_the_sample_of_the_demo_is_a_list_and_says_of_each_that_it_is_one(subject: SimPhone) -> None:
    assert motcua(subject, "import", PROCEDURES).returncode == 0
    found = store.procedures(subject.data)
    assert len(found) == 5
    assert all("(ví dụ)" in each.name for each in found)
