"""docs/vi/the-nho.md: its list, its commands and its file do what it says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.firstboot import loads
from appliance.firstboot.steps import TAKEN_NAME
from provisioning.card.fleet import read_summary
from provisioning.card.sites import OPTIONAL, REQUIRED

pytestmark = pytest.mark.integration

PAGE = (Path(__file__).parents[3] / "docs" / "vi" / "the-nho.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [text for name, text in BLOCKS if name == kind]


def test_every_column_is_explained() -> None:
    table = PAGE.partition("| cột |")[2].partition("\n\n")[0]
    names = [name for line in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", line.split("|")[1])]
    assert sorted(names) == sorted((*REQUIRED, *OPTIONAL))


def test_the_file_that_is_shown_is_one() -> None:
    [text] = blocks("toml")
    card = loads(text.encode())
    assert (card.device.id, card.network.mode, card.office.preset) == ("xa-hoa-binh-01", "static", "standard")


def test_the_commands_lead_from_the_list_to_cards_and_labels(
    image: Path, tmp_path: Path, environment
) -> None:
    [sites] = blocks("csv")
    (tmp_path / "sites.csv").write_text(sites, "utf-8")
    (tmp_path / "motcua.img").symlink_to(image)
    thumbprint = ""
    commands = [line for text in blocks("") for line in text.splitlines() if line.startswith("motcua ")]
    assert [shlex.split(line)[1:3] for line in commands] == [
        ["center", "claim"],
        ["center", "keys"],
        ["provision", "fleet"],
        ["provision", "labels"],
    ]
    for line in commands:
        words = shlex.split(line.replace("VÂN_TAY", thumbprint))
        done = subprocess.run(
            [sys.executable, "-m", "appliance", *words[1:]],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        thumbprint = done.stdout.strip() if words[2] == "keys" else thumbprint
    assert [each.result for each in read_summary(tmp_path / "the" / "summary.csv")] == ["ok"] * 3
    assert (tmp_path / "the" / "labels.pdf").stat().st_size == (tmp_path / "nhan.pdf").stat().st_size
    assert (tmp_path / "the" / "setup-codes.csv").stat().st_mode & 0o077 == 0


def test_the_name_of_a_taken_file_is_the_one_that_is_said() -> None:
    assert f"`{TAKEN_NAME}`" in PAGE


def test_a_file_can_be_tried_without_a_box(tmp_path: Path, environment) -> None:
    [line] = re.findall(r"`(motcua firstboot [^`]+)`", PAGE)
    (tmp_path / "the-thu").mkdir()
    [text] = blocks("toml")
    (tmp_path / "the-thu" / "motcua.toml").write_text(text, "utf-8")
    command = [sys.executable, "-m", "appliance", *shlex.split(line)[1:]]
    kept = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run(command, check=False, timeout=60, **kept)
    assert (done.returncode, done.stdout) == (0, "set_up\n"), done.stderr
    (tmp_path / "du-lieu" / "office.toml").unlink()
    (tmp_path / "the-thu" / "motcua.toml").write_text("[site]\n", "utf-8")
    done = subprocess.run(command, check=False, timeout=60, **kept)
    assert (done.returncode, done.stdout) == (3, "setup_mode\n")
    assert "motcua.toml: site.commune: bắt buộc phải có" in done.stderr
