"""Cards from a list, onto files in place of card readers, checked with the tools of others."""

import csv
import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sim_ca import ca

from appliance.accounts.passwords import Argon2Hasher
from appliance.accounts.setup_code import normal_code
from appliance.communes import communes
from appliance.config import load
from appliance.firstboot import FirstBoot, Outcome, Places, loads
from provisioning.card.authority import read_authority
from provisioning.card.copying import Source, write
from provisioning.card.errors import (
    CardUnverifiedError,
    CardUnwritableError,
    DiskRefusedError,
    ImageUnusableError,
)
from provisioning.card.fleet import Drive, Fleet, Folder, read_summary
from provisioning.card.sites import CenterFacts, read

pytestmark = pytest.mark.integration

CENTER = CenterFacts(
    "https://motcua.example.gov.vn", "tinh-mau", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)
OWN, _ = ca("province")
OFFSET = 2048 * 512
FAT_END = 18432 * 512


class Province:
    """The lists of a province, and a folder for its cards."""

    def __init__(self, folder: Path, boxes: int) -> None:
        self.folder, self.out = folder, folder / "out"
        self.out.mkdir()
        codes = list(communes())[:boxes]
        rows = [
            (code, f"box-{index:02}", "office" if index % 5 else "display")
            for index, code in enumerate(codes)
        ]
        self.sites, self.claims = folder / "sites.csv", folder / "claims.csv"
        self.sites.write_text("commune,device,role\n" + "".join(f"{','.join(row)}\n" for row in rows))
        self.claims.write_text(
            "device,site,role,claim\n"
            + "".join(f"{device},{code},{role},{device}.secret{code}\n" for code, device, role in rows)
        )

    def boxes(self):
        return read(self.sites, self.claims, CENTER)

    def fleet(self, image: Path, center: CenterFacts = CENTER) -> Fleet:
        return Fleet(image, center, self.out, Argon2Hasher(memory_kib=64, passes=1).hash)

    def codes(self) -> dict[str, str]:
        with (self.out / "setup-codes.csv").open(encoding="utf-8-sig") as file:
            return {row["device"]: row["code"] for row in csv.DictReader(file)}


def silent(_what: str, _done: int, _total: int) -> None:
    pass


def card_text(run, path: Path) -> bytes:
    return run("mtype", "-i", f"{path}@@{OFFSET}", "::motcua.toml").encode()


def test_ten_cards_of_a_list_hold_what_they_should(image: Path, tmp_path: Path, run) -> None:
    province = Province(tmp_path, 10)
    results = list(province.fleet(image).make_all(province.boxes(), Folder(province.out), silent))
    assert [each.result for each in results] == ["ok"] * 10
    original, hasher, codes = image.read_bytes(), Argon2Hasher(), province.codes()
    for site, result in zip(province.boxes(), results, strict=True):
        path = province.out / f"{site.device}.img"
        written = path.read_bytes()
        assert hashlib.sha256(written).hexdigest() == result.sha256
        assert (written[:OFFSET], written[FAT_END:]) == (original[:OFFSET], original[FAT_END:])
        run("fsck.vfat", "-n", extracted(path, tmp_path / "fat"))
        kernel = tmp_path / "kernel8.img"
        run("mcopy", "-n", "-o", "-i", f"{path}@@{OFFSET}", "::kernel8.img", kernel)
        assert kernel.read_bytes() in original
        card = loads(card_text(run, path))
        assert (card.device.id, card.site.commune) == (site.device, site.commune.code)
        assert card.center.claim == f"{site.device}.secret{site.commune.code}"
        code = codes[site.device]
        assert bool(code) == (card.device.role == "office") == (card.setup.code_hash is not None)
        if code:
            assert hasher.verify(card.setup.code_hash, normal_code(code))
            assert code.encode() not in written
    assert len(set(codes.values()) - {""}) == 8


def extracted(path: Path, target: Path) -> Path:
    target.write_bytes(path.read_bytes()[OFFSET:FAT_END])
    return target


def test_the_box_takes_the_card_that_was_made(image: Path, tmp_path: Path, run) -> None:
    province = Province(tmp_path, 2)
    list(province.fleet(image).make_all(province.boxes(), Folder(province.out), silent))
    places = Places(*(tmp_path / name for name in ("card", "data", "office.toml", "network")))
    for path in (places.card, places.data):
        path.mkdir()
    (places.card / "motcua.toml").write_bytes(card_text(run, province.out / "box-01.img"))
    assert FirstBoot(places).run() is Outcome.SET_UP
    assert (places.data / "claim").read_text().startswith("box-01.secret")


def test_the_provinces_ca_goes_onto_every_card_and_the_box_takes_it(image: Path, tmp_path: Path, run) -> None:
    province = Province(tmp_path, 2)
    (tmp_path / "ca.pem").write_bytes(b"# CA\n" + OWN)
    center = replace(CENTER, ca=read_authority(tmp_path / "ca.pem"))
    results = list(province.fleet(image, center).make_all(province.boxes(), Folder(province.out), silent))
    assert [each.result for each in results] == ["ok", "ok"]
    for site in province.boxes():
        path = province.out / f"{site.device}.img"
        assert run("mtype", "-i", f"{path}@@{OFFSET}", "::center-ca.pem").encode() == OWN
        run("fsck.vfat", "-n", extracted(path, tmp_path / "fat"))
        places = Places(*(tmp_path / site.device / each for each in ("card", "data", "etc/office.toml", "n")))
        places.card.mkdir(parents=True)
        places.data.mkdir()
        run("mcopy", "-n", "-i", f"{path}@@{OFFSET}", "::motcua.toml", "::center-ca.pem", places.card)
        assert FirstBoot(places).run() is Outcome.SET_UP
        assert load(places.config).uplink.ca_file == places.ca_file
        assert places.ca_file.read_bytes() == OWN


def test_a_fleet_goes_on_after_a_bad_card_and_again_where_it_stopped(image: Path, tmp_path: Path) -> None:
    province = Province(tmp_path, 4)
    (province.out / "box-01.img").write_text("somebody's")
    fleet, target = province.fleet(image), Folder(province.out)
    results = list(fleet.make_all(province.boxes(), target, silent))
    assert [each.result for each in results] == ["ok", "failed", "ok", "ok"]
    assert "tệp đã có" in results[1].detail
    before = province.codes()
    (province.out / "box-01.img").unlink()
    assert [each.device for each in fleet.make_all(province.boxes(), target, silent)] == ["box-01"]
    assert {each.result for each in read_summary(province.out / "summary.csv")} == {"ok"}
    after = province.codes()
    assert {name: code for name, code in after.items() if name != "box-01"} == {
        name: code for name, code in before.items() if name != "box-01"
    }


def test_a_card_in_a_reader_is_written_and_read_back(image: Path, tmp_path: Path, run) -> None:
    province = Province(tmp_path, 1)
    asked = []
    part = tmp_path / "sdx"
    drive = Drive(part, lambda _device: 10**9, asked.append)
    [result] = province.fleet(image).make_all(province.boxes(), drive, silent)
    assert (result.result, result.target, len(asked)) == ("ok", str(part), 1)
    assert loads(card_text(run, part)).device.id == "box-00"


def test_a_card_that_is_too_small_is_not_begun(image: Path, tmp_path: Path) -> None:
    province = Province(tmp_path, 1)
    drive = Drive(tmp_path / "sdx", lambda _device: 1000)
    with pytest.raises(DiskRefusedError, match="1000 bytes"):
        province.fleet(image).make(province.boxes()[0], drive, silent)
    assert not (tmp_path / "sdx").exists()


@pytest.mark.parametrize("place", [0, OFFSET + 5000, FAT_END + 100])
def test_a_card_that_lies_is_found_out(image: Path, tmp_path: Path, place: int) -> None:
    """One byte changes between writing and reading back, as on a card with less memory than it claims."""
    source = Source.prepare(image, tmp_path / "fat", {"motcua.toml": b"x"})
    target = tmp_path / "card"

    class LyingPath(type(target)):
        def open(self, *args, **kwargs):
            with open(self, "r+b") as file:  # noqa: PTH123 - under the path's own open
                file.seek(place)
                byte = file.read(1)
                file.seek(place)
                file.write(bytes([byte[0] ^ 1]))
            return super().open(*args, **kwargs)

    with pytest.raises(CardUnverifiedError):
        write(source, LyingPath(target), {"motcua.toml": b"x"}, silent)


def test_progress_goes_to_the_end_twice(image: Path, tmp_path: Path) -> None:
    source = Source.prepare(image, tmp_path / "fat", {"motcua.toml": b"x"})
    told = []
    write(source, tmp_path / "card", {"motcua.toml": b"x"}, lambda *each: told.append(each))
    size = image.stat().st_size
    assert [each for each in told if each[1] == size] == [("write", size, size), ("verify", size, size)]


def test_what_exists_is_not_written_over(image: Path, tmp_path: Path) -> None:
    source = Source.prepare(image, tmp_path / "fat", {"motcua.toml": b"x"})
    (tmp_path / "card").write_text("somebody's")
    with pytest.raises(CardUnwritableError, match="exists"):
        write(source, tmp_path / "card", {"motcua.toml": b"x"}, silent)
    assert (tmp_path / "card").read_text() == "somebody's"


def test_a_full_fat_partition_is_said(image: Path, tmp_path: Path) -> None:
    with pytest.raises(CardUnwritableError, match="is full"):
        Source.prepare(image, tmp_path / "fat", {"motcua.toml": b"x" * 9_000_000})


def test_an_image_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "i").write_bytes(b"\0" * 4096)
    with pytest.raises(ImageUnusableError):
        Source.prepare(tmp_path / "i", tmp_path / "fat", {"motcua.toml": b"x"})


def motcua(environment, *words: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    return done


def test_the_command_never_writes_a_disk_that_is_none(image: Path, tmp_path: Path, environment) -> None:
    Province(tmp_path, 2)
    common = ["--csv", "sites.csv", "--claims", "claims.csv", "--image", image, "--center", CENTER.url]
    common += ["--center-id", CENTER.id, "--thumbprint", CENTER.thumbprint, "--papers", "papers"]
    words = ["provision", "card", *common, "--device", "/dev/null"]
    assert "chọn một với --only" in motcua(environment, *words, cwd=tmp_path, code=1).stderr
    told = motcua(environment, *words, "--only", "box-01", cwd=tmp_path, code=1).stderr
    assert "không phải ổ đĩa" in told
    assert "it is no disk" in told
    assert (
        "chỉ ghi một trong hai"
        in motcua(environment, *words, "--only", "box-01", "--out", "out", cwd=tmp_path, code=1).stderr
    )
    (tmp_path / "x.pem").write_text("x")
    told = motcua(environment, *words, "--only", "box-01", "--ca", "x.pem", cwd=tmp_path, code=1).stderr
    assert "--ca x.pem: không có chứng thư dạng PEM" in told
    assert "--ca x.pem: holds no certificates in PEM form" in told
    told = motcua(environment, *words, "--only", "box-01", "--ca", "y.pem", cwd=tmp_path, code=1).stderr
    assert "--ca y.pem: No such file or directory" in told
    assert "no box nobody" in motcua(environment, *words, "--only", "nobody", cwd=tmp_path, code=1).stderr
