"""Every bench runs and yields its figures; what they measure is no matter of a test."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
FIGURES = {
    "press": {"press.durable"},
    "group": {"group.mixed", "group.presses"},
    "parts": {
        "parts.sum",
        "parts.hop",
        "parts.clock",
        "parts.decide",
        "parts.stage",
        "parts.fold",
        "parts.answer",
        "parts.commit",
        "parts.issue.decide",
        "parts.issue.fold",
        "parts.issue.answer",
    },
    "disk": {"disk.write_bytes", "disk.wchar", "disk.event"},
    "province": {"province.event", "province.verify"},
    "fold": {"fold.event", "fold.start"},
    "memory": {"memory.idle", "memory.day", "memory.day_uss", "memory.post"},
    "wifi": {
        "wifi.forward_1",
        "wifi.forward_3",
        "wifi.memory_3",
        "wifi.agree",
        "wifi.page",
        "wifi.page_bytes",
        "wifi.public_memory",
        "wifi.attacked",
    },
}

LEAST = {"wifi.page_bytes": 4_000, "wifi.public_memory": 20}
"""Below that it was not our page, or not our process."""


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "bench" / "run.py", *words],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.parametrize("name", FIGURES)
def test_bench_yields_its_figures(name: str, tmp_path: Path) -> None:
    kept = tmp_path / "figures.json"

    done = run("--tiny", "--only", name, "--dir", tmp_path, "--json", kept)

    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(kept.read_text())
    assert {figure["key"] for figure in value["figures"]} == FIGURES[name]
    for figure in value["figures"]:
        assert figure["ours"]["n"] >= 1
        assert figure["ours"]["median"] > LEAST.get(figure["key"], 0)
        assert figure["ours"]["p99"] >= figure["ours"]["median"]
        assert figure["peer"] is None or figure["ratio"] is None or figure["ratio"] > 0
    assert {"cpu", "cores", "kernel", "python", "sqlite", "commit", "file_system"} <= value["machine"].keys()
    assert [path.name for path in tmp_path.iterdir()] == [kept.name], "nothing is left behind"


def test_every_bench_is_tested() -> None:
    done = run("--help")

    listed = "".join(done.stdout.split())
    assert ",".join(FIGURES) in listed


def test_unknown_bench_is_refused() -> None:
    done = run("--only", "nothing")

    assert done.returncode == 2
    assert "invalid choice" in done.stderr
