import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from wire_forge import CENTER_KEY, GENESIS, GOLDEN_FOLDER, KEY, LINES, golden, register

from appliance.wire.batch import decompress, open_batch
from appliance.wire.receipt import Receipt

DOCUMENTS: dict[str, bytes] = golden.documents()
AUDITOR = Path(__file__).parents[2] / "audit" / "recompute.py"


def test_the_folder_holds_exactly_the_golden_files() -> None:
    held = {path.name for path in GOLDEN_FOLDER.iterdir() if path.is_file() and path.suffix != ".py"}
    assert held == DOCUMENTS.keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_bytes_have_not_changed(name: str) -> None:
    held = (GOLDEN_FOLDER / name).read_bytes()
    if name.endswith(".gz"):  # another zlib may pack the same content otherwise
        assert decompress([held]) == decompress([DOCUMENTS[name]])
    else:
        assert held == DOCUMENTS[name]


def test_the_batches_on_file_open_and_cover_the_epoch() -> None:
    names = sorted((name for name in DOCUMENTS if name.endswith(".ndjson.gz")), key=len)
    lines: list[bytes] = []
    for name in names:
        batch = open_batch(decompress([(GOLDEN_FOLDER / name).read_bytes()]), register())
        assert batch.header.file_name == name
        lines += batch.lines
    assert tuple(lines) == LINES


def test_the_receipt_on_file_is_for_the_last_event() -> None:
    name = golden.receipts()[0].file_name
    receipt = Receipt.verify((GOLDEN_FOLDER / name).read_text(), register(CENTER_KEY.public))
    assert (receipt.upto, receipt.head) == (len(LINES), hashlib.sha256(LINES[-1]).hexdigest())


def test_anyone_with_sha256sum_finds_the_chain() -> None:
    lines = (GOLDEN_FOLDER / "kinds.ndjson").read_bytes().splitlines()
    genesis = (GOLDEN_FOLDER / "genesis-after.ndjson").read_bytes().removesuffix(b"\n")
    assert genesis == GENESIS.line()
    before = genesis
    for line in lines:
        assert b'"prev":"%s"' % hashlib.sha256(before).hexdigest().encode() in line
        before = line


def test_writing_them_again_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "wire"
    folder.mkdir()
    (folder / "no-longer-golden.ndjson").write_bytes(b"{}\n")
    (folder / "make.py").write_bytes(b"")
    monkeypatch.setattr(golden, "FOLDER", folder)
    monkeypatch.setattr(golden, "KINDS_PAGE", tmp_path / "kinds.md")
    assert golden.main() == 0
    assert golden.main() == 0
    assert {path.name for path in folder.iterdir()} == {*DOCUMENTS, "make.py"}
    assert (tmp_path / "kinds.md").read_bytes() == golden.kinds_page()


def test_an_independent_reader_agrees() -> None:
    names = sorted(name for name in DOCUMENTS if name.endswith(".ndjson.gz"))
    done = subprocess.run(
        [
            sys.executable,
            AUDITOR,
            f"--jwk={golden.DEVICE}=device.jwk.json",
            f"--jwk={golden.CENTER}=center.jwk.json",
            *names,
            f"--receipts={golden.receipts()[0].file_name}",
            "--plain=kinds.ndjson",
        ],
        cwd=GOLDEN_FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert f'"events": {len(LINES)}' in done.stdout


def test_the_key_of_the_golden_files_is_the_key_of_the_fixed_seed() -> None:
    assert KEY.kid == "1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y"
