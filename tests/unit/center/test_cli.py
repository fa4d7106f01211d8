import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from sim_center import URL, Center
from sim_center_device import SimDevice
from typer.testing import CliRunner, Result

from center import cli
from center.keys import CenterKeys
from center.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(center: Center) -> Run:
    app = typer.Typer()
    cli.register(app)

    def invoke(command: str, *arguments: object, code: int = 0) -> Result:
        center.store.close()
        words = ["center", command, "--db", str(center.db), *map(str, arguments)]
        result = CliRunner().invoke(app, words)
        center.restart()
        assert result.exit_code == code, result.output
        return result

    return invoke


def test_a_claim_is_printed_once_and_enrols(center: Center, run: Run) -> None:
    claim = run("claim", "--device", "BOX-1", "--site", "site-1", "--role", "display").stdout.strip()
    assert center.enrol(SimDevice(), claim).status == 201
    assert center.store.devices()[0].role == "display"


def test_claims_for_a_list_of_sites_come_back_as_csv(center: Center, run: Run, tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text("name,device,site,role\nXã Đông,BOX-1,s1,office\nXã Tây,BOX-2,s2,hotspot\n", "utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(run("claim", "--csv", sites, "--expires-days", "9").stdout)))
    assert [(row["device"], row["site"], row["role"]) for row in rows] == [
        ("BOX-1", "s1", "office"),
        ("BOX-2", "s2", "hotspot"),
    ]
    assert rows[0]["expires_at"].endswith("Z")
    for row in rows:
        assert center.enrol(SimDevice(row["device"]), row["claim"]).status == 201


def test_of_a_list_with_a_mistake_no_claim_is_made(center: Center, run: Run, tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text("device,site,role\nBOX-1,s1,office\nBOX-2,s2,chief\n")
    assert "line 3, column role (C)" in run("claim", "--csv", sites, code=2).stderr
    assert center.store.claims() == []
    sites.write_text("device,site\nBOX-1,s1\n")
    assert "no column role" in run("claim", "--csv", sites, code=2).stderr


@pytest.mark.parametrize("arguments", [(), ("--device", "B"), ("--device", "no id", "--site", "s")])
def test_a_claim_that_is_not_said_fully_is_usage(run: Run, arguments: tuple[str, ...]) -> None:
    run("claim", *arguments, code=2)


def test_an_operator_confirms_a_waiting_key(center: Center, run: Run) -> None:
    center.settings = Settings(url=URL, confirm=True)
    center.restart()
    box, claim = SimDevice(), center.claim(days=90)
    run("confirm", "--device", "BOX-1", code=1)
    assert center.enrol(box, claim).status == 202
    assert f"BOX-1 {box.key.kid} waiting since" in run("confirm", "--device", "BOX-1").stdout
    assert f"BOX-1 {box.key.kid} waiting since" in run("devices").stdout
    run("confirm", "--device", "BOX-1", "--kid", "other", code=2)
    run("confirm", "--device", "BOX-1", "--kid", box.key.kid)
    assert center.enrol(box, claim).status == 201


def test_an_export_is_byte_for_byte_what_came(center: Center, run: Run, tmp_path: Path) -> None:
    box = center.enrolled()
    old = box.epoch(2, events=4)
    new = box.epoch(1, after=old.point(4), events=2)
    center.send(new, 1, 2)
    center.send(old, 1, 4)
    expected = b"".join(line + b"\n" for line in old.lines + new.lines)
    assert run("export", "--device", "BOX-1").stdout_bytes == expected
    out = tmp_path / "out.ndjson"
    run("export", "--device", "BOX-1", "--epoch", new.epoch, "--out", out)
    assert out.read_bytes() == b"".join(line + b"\n" for line in new.lines)
    assert "not in the register" in run("export", "--device", "BOX-2", code=2).stderr
    assert "not held" in run("export", "--device", "BOX-1", "--epoch", "none", code=2).stderr


def test_the_audit_says_complete_incomplete_or_usage_by_its_exit_code(center: Center, run: Run) -> None:
    box = center.enrolled()
    epoch = box.epoch(1, events=4)
    center.send(epoch, 1, 3)
    assert run("audit").stdout == f"BOX-1 {epoch.epoch} 1..3 complete, head {epoch.hash_at(3)}\n"
    center.send(box.epoch(2, after=epoch.point(4), events=1), 1, 1)
    assert "events 4..4 are missing" in run("audit", "--device", "BOX-1", code=1).stdout
    [told] = json.loads(run("audit", "--json", code=1).stdout)
    assert (told["complete"], told["epochs"][0]["verdict"]) == (False, "incomplete")
    run("audit", "--device", "BOX-9", code=2)


def test_a_center_without_a_store_is_usage(center: Center, run: Run) -> None:
    for command in (("audit",), ("devices",), ("export", "--device", "B")):
        center.store.close()
        for path in center.folder.iterdir():
            path.unlink()
        assert "check --db" in run(*command, code=2).stderr


def test_the_thumbprint_to_pin_is_shown_before_anything_runs(tmp_path: Path) -> None:
    app = typer.Typer()
    cli.register(app)
    words = ["center", "keys", "--keys", str(tmp_path / "keys")]
    first, second = (CliRunner().invoke(app, words).stdout for _ in range(2))
    assert first == second == f"{CenterKeys.open(tmp_path / 'keys').root_thumbprint}\n"


def test_wrong_settings_and_damaged_stores_are_one_sentence(tmp_path: Path) -> None:
    app = typer.Typer()
    cli.register(app)
    db = tmp_path / "c.db"
    db.write_bytes(b"no database at all" * 99)
    for words, code in (
        (["run", "--keys", str(tmp_path / "keys"), "--port", "0", "--name", "no id"], 2),
        (["run", "--keys", str(tmp_path / "keys"), "--port", "0"], 1),
        (["audit"], 1),
    ):
        result = CliRunner().invoke(app, ["center", *words, "--db", str(db)])
        assert (result.exit_code, result.stdout) == (code, "")
        assert result.stderr.startswith("motcua center: ")


def test_devices_are_listed_with_their_keys(center: Center, run: Run) -> None:
    box = center.enrolled()
    center.send(box.epoch(events=4), 1, 4)
    run("retire-key", "--kid", box.key.kid, "--reason", "water damage")
    text = run("devices").stdout
    assert "BOX-1 site site-1 office 4 events active\n" in text
    assert f"key {box.key.kid} enrolled 2026-11-23T09:00:00.000000Z, serial 10000000abcdef01, retired" in text
    assert "water damage" in text
    run("retire-key", "--kid", "none", code=2)


def test_claims_for_communes_go_to_a_file_of_their_own(center: Center, run: Run, tmp_path: Path) -> None:
    sites, out = tmp_path / "sites.csv", tmp_path / "claims.csv"
    sites.write_text(
        "commune;device;role;name\n29830;BOX-1;office;Hòa Bình\n4795;BOX-2;display;\n", "utf-8-sig"
    )
    assert "2 claims" in run("claim", "--csv", sites, "--out", out).stdout
    assert out.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [row["site"] for row in rows] == ["29830", "04795"]
    assert center.enrol(SimDevice("BOX-1"), rows[0]["claim"]).status == 201
    run("claim", "--csv", sites, "--out", out, code=2)
    assert len(center.store.claims()) == 2


def test_every_mistake_of_a_list_is_told_with_line_and_column(
    center: Center, run: Run, tmp_path: Path
) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text(
        "commune,device,role\n29830,BOX-1,office\n1,BOX-2,office\n29830,box-1,office\n"
        "04795,BOX 3,boss\n,B,office\n"
    )
    told = run("claim", "--csv", sites, "--out", tmp_path / "c", code=2).stderr
    for place in (
        "line 3, column commune (A)",
        "line 4, column device (B)",
        "line 4, column role (C)",
        "line 5, column device (B)",
        "line 5, column role (C)",
        "line 6, column commune (A)",
    ):
        assert place in told
        assert place.replace("line", "dòng").replace("column", "cột") in told
    assert center.store.claims() == []
    assert not (tmp_path / "c").exists()


def test_a_list_that_contradicts_the_register_makes_nothing(center: Center, run: Run, tmp_path: Path) -> None:
    center.enrolled()
    sites = tmp_path / "sites.csv"
    sites.write_text("site,device,role\ns9,BOX-9,office\nsite-2,BOX-1,office\n")
    before = len(center.store.claims())
    assert "line 3, column device (B)" in run("claim", "--csv", sites, code=2).stderr
    assert len(center.store.claims()) == before
