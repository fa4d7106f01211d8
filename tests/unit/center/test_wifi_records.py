"""``motcua center wifi-records`` and the box's own commands: sealed there, taken out, opened here."""

import csv
import io
import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from appliance.cli import hotspot
from appliance.config.retention import ProvinceKey
from appliance.hotspot.ledger import Ledger
from appliance.records.keys import OpeningKey, RecordKey
from appliance.records.record import Record
from center import cli_wifi_records

RECORD = Record(
    start="2026-11-23T05:00:00.000000Z",
    end="2026-11-23T06:00:00.000000Z",
    is_clock_trusted=True,
    is_resumed=False,
    reason="time",
    mac="02:00:00:00:00:01",
    ipv4=("10.77.0.9",),
    ipv6=("fd77::1", "fd77::2"),
    bytes_up=1,
    bytes_down=2,
    terms="ab" * 32,
)


class Scene:
    """A box with records, a stick and the province."""

    def __init__(self, folder: Path) -> None:
        self.state, self.stick, self.key = folder / "state", folder / "stick", folder / "key.jwk"
        self._app = typer.Typer()
        hotspot.register(self._app)
        center = typer.Typer()
        self._app.add_typer(center, name="center")
        cli_wifi_records.register(center)

    def run(self, *words: object, code: int = 0) -> Result:
        result = CliRunner().invoke(self._app, [str(word) for word in words])
        assert result.exit_code == code, result.output
        return result

    def keygen(self) -> RecordKey:
        text = self.run("center", "wifi-records", "keygen", "--key", self.key).stdout
        return RecordKey.from_x(tomllib.loads(text)["key"]["x"])

    def add(self, key: RecordKey, month: str, count: int, missed: int = 0) -> None:
        ledger = Ledger.open(self.state / "records", "xa-01", 12)
        records = [replace(RECORD, bytes_up=number) for number in range(count)]
        ledger.append(records, key, month, missed=missed, most_bytes=1 << 20)

    def status(self, code: int = 0) -> Result:
        return self.run("hotspot", "retention", "status", "--state-dir", self.state, code=code)

    def export(self, code: int = 0) -> Result:
        words = ("hotspot", "retention", "export", "--dir", self.stick, "--state-dir", self.state)
        return self.run(*words, code=code)

    def open(self, *paths: Path, form: str = "json", code: int = 0) -> Result:
        words = ("center", "wifi-records", "open", "--key", self.key, "--format", form)
        return self.run(*words, *(paths or (self.stick,)), code=code)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def full(scene: Scene) -> Scene:
    """Five records of two months, exported."""
    key = scene.keygen()
    scene.add(key, "2026-10", 2)
    scene.add(key, "2026-11", 3, missed=4)
    scene.export()
    return scene


def test_a_key_is_made_once_and_printed_as_a_policy_has_it(scene: Scene) -> None:
    text = scene.run("center", "wifi-records", "keygen", "--key", scene.key).stdout
    ProvinceKey.model_validate(tomllib.loads(text)["key"])
    assert scene.key.stat().st_mode & 0o777 == 0o600
    assert json.loads(scene.key.read_bytes())["d"] not in text
    before = scene.key.read_bytes()
    again = scene.run("center", "wifi-records", "keygen", "--key", scene.key, code=2)
    assert "is there already" in again.stderr
    assert scene.key.read_bytes() == before


def test_what_the_box_sealed_the_province_reads(full: Scene) -> None:
    result = full.open()
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0] | {"chain": ""} == RECORD.to_json() | {
        "device": "xa-01", "chain": "", "seq": 1, "bytes_up": 0, "missed_before": 0,
    }  # fmt: skip
    assert rows[2]["missed_before"] == 4
    assert "5 records, numbers 1 to 5, 4 missed" in result.stderr


def test_a_table_has_the_same(full: Scene) -> None:
    rows = list(csv.DictReader(io.StringIO(full.open(form="csv").stdout)))
    assert [row["seq"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert (rows[0]["ipv6"], rows[0]["mac"]) == ("fd77::1 fd77::2", "02:00:00:00:00:01")


def test_the_box_says_what_there_is_and_cannot_read_it(full: Scene) -> None:
    said = full.status().stdout
    for words in ("records: 5, numbers 1 to 5, chains 1", "months: 2026-10 to 2026-11", "not recorded: 4"):
        assert words in said
    manifest = json.loads((full.stick / "manifest.json").read_bytes())
    assert f"head {manifest['head']}" in said
    assert "02:00" not in said


def test_without_records_that_is_said(scene: Scene) -> None:
    assert "no records" in scene.status().stdout
    assert "no records" in scene.export(code=1).stderr
    assert not scene.state.exists()


def test_a_broken_line_is_named_and_what_is_before_it_is_read(full: Scene) -> None:
    file = full.stick / "000002-2026-11.records"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1].replace(b'"missed":0', b'"missed":1') + lines[2])
    result = full.open(code=1)
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == [1, 2, 3]
    assert "000002-2026-11.records line 2: " in result.stderr
    (full.state / "records" / file.name).write_bytes(file.read_bytes())
    assert "000002-2026-11.records line 3: does not go on" in full.status(code=1).stderr


def test_a_lost_line_a_lost_file_and_a_lost_end_are_seen(full: Scene) -> None:
    first, second = (full.stick / f"00000{number}-2026-1{number - 1}.records" for number in (1, 2))
    whole = second.read_bytes()
    lines = whole.splitlines(keepends=True)
    second.write_bytes(lines[0] + lines[2])
    assert "line 2: has number 5 where 4 was expected" in full.open(code=1).stderr
    second.write_bytes(lines[0] + lines[1])  # a chain still, but not all of it
    said = full.open(code=1).stderr
    assert "000002-2026-11.records: is not what was exported" in said
    assert "ends before number 5" in said
    second.write_bytes(whole[:-10])
    assert "line 3: is cut off" in full.open(code=1).stderr
    second.write_bytes(whole)
    assert "000001-2026-10.records: was exported and is not here" in full.open(second, code=1).stderr
    second.unlink()
    assert "000002-2026-11.records: was exported and is not here" in full.open(first, code=1).stderr


def test_without_its_list_nobody_knows_whether_the_end_is_there(full: Scene) -> None:
    (full.stick / "manifest.json").unlink()
    assert "no manifest.json" in full.open(code=1).stderr


def test_records_for_another_key_are_counted_and_the_rest_is_read(full: Scene) -> None:
    other = OpeningKey.generate()
    full.add(other.public, "2026-12", 2)
    shutil.rmtree(full.stick)
    full.export()
    result = full.open(code=1)
    assert len(result.stdout.splitlines()) == 5
    assert f"2 records are sealed to another key, {other.public.kid}" in result.stderr


def test_a_key_that_others_can_read_or_that_is_none_is_refused(full: Scene) -> None:
    full.key.chmod(0o640)
    assert "others can read it" in full.open(code=2).stderr
    full.key.chmod(0o600)
    full.key.write_bytes(json.dumps(OpeningKey.generate().public.jwk()).encode())
    assert "public part" in full.open(code=2).stderr
    full.key.unlink()
    assert "keygen wrote" in full.open(code=2).stderr


def test_an_export_goes_into_a_folder_of_its_own(full: Scene) -> None:
    assert "not empty" in full.export(code=1).stderr


def test_a_line_that_is_just_being_written_is_not_there_yet(full: Scene) -> None:
    with (full.state / "records" / "000002-2026-11.records").open("ab") as file:
        file.write(b'{"chain":"')
    shutil.rmtree(full.stick)
    full.export()
    assert "records: 5" in full.status().stdout
    assert len(full.open().stdout.splitlines()) == 5


def test_foreign_files_are_refused_by_name(full: Scene, tmp_path: Path) -> None:
    (tmp_path / "x.csv").touch()
    assert "x.csv is not named as a file of records is" in full.open(tmp_path / "x.csv", code=1).stderr
