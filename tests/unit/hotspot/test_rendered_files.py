"""What is rendered is what was reviewed, and what the programs themselves accept."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[2] / "golden" / "hotspot"
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
FILES = sorted(path.name for pattern in ("*.nft", "*.conf", "*.tc") for path in GOLDEN.glob(pattern))


def needs(program, *, root=False):
    lacking = shutil.which(program, path=PATH) is None
    return pytest.mark.skipif(
        lacking or (root and os.geteuid() != 0),
        reason=f"{program} is not installed (make test-packages)"
        if lacking
        else "needs root (sudo make test)",
    )


def said(*command):
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=30, env={"PATH": PATH}, errors="replace"
    )


def of(ending):
    return pytest.mark.parametrize("name", [name for name in FILES if name.endswith(ending)])


def test_every_file_is_as_it_was_reviewed(golden):
    rendered = golden.rendered()
    assert sorted(rendered) == FILES
    for name, text in rendered.items():
        assert text == (GOLDEN / name).read_text("utf-8"), (
            f"{name}: run make golden and look at the difference"
        )


@needs("nft", root=True)
@of(".nft")
def test_the_kernel_takes_the_rules(name):
    done = said("unshare", "--net", "nft", "-c", "-f", str(GOLDEN / name))
    assert done.returncode == 0, done.stderr


@needs("nft", root=True)
def test_the_rules_replace_themselves_and_are_gone_for_a_shut_gate():
    files = [str(GOLDEN / name) for name in ("filled.nft", "town.nft", "filled.nft", "shut.nft")]
    script = " && ".join(f"nft -f {name}" for name in files) + " && nft list tables"
    done = said("unshare", "--net", "sh", "-c", script)
    assert done.returncode == 0, done.stderr
    assert "table inet motcua_hotspot" in done.stdout


@needs("dnsmasq")
@of("s.conf")
def test_dnsmasq_takes_the_address_giver(name):
    done = said("dnsmasq", "--test", f"--conf-file={GOLDEN / name}")
    assert done.returncode == 0, done.stderr


@needs("dnsmasq")
@of(".portal.conf")
def test_dnsmasq_takes_the_portal_s_resolver(name):
    done = said("dnsmasq", "--test", f"--conf-file={GOLDEN / name}")
    assert done.returncode == 0, done.stderr


@needs("radvd")
@of(".radvd.conf")
def test_radvd_takes_its_file(name, tmp_path):
    text = (GOLDEN / name).read_text("utf-8")
    told = said("radvd", "--version")
    version = re.search(r"Version: (\d+)\.(\d+)", told.stdout + told.stderr)
    if (int(version[1]), int(version[2])) < (2, 20):
        text = re.sub(r"^  AdvCaptivePortalAPI .*\n", "", text, flags=re.MULTILINE)
    (tmp_path / "radvd.conf").write_text(text)
    done = said("radvd", "--configtest", f"--config={tmp_path / 'radvd.conf'}", "--logmethod=stderr")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr


@needs("hostapd")
@of(".hostapd.conf")
def test_hostapd_knows_every_word(name):
    done = said("timeout", "5", "hostapd", str(GOLDEN / name))
    # Without this radio it goes no further than that; what it does not know it names by its line.
    assert not re.search(r"^Line \d+|errors found in configuration", done.stdout + done.stderr, re.MULTILINE)
    assert "wlan" in done.stdout


def test_nobody_s_name_or_question_is_logged(golden):
    for name, text in golden.rendered().items():
        if name.endswith("guests.conf"):
            assert {"quiet-dhcp", "quiet-dhcp6", "dhcp-ignore-names"} <= set(text.split("\n"))
        assert "log-queries" not in text
        assert "log-dhcp" not in text


def test_the_api_is_announced_only_while_the_portal_is_secure(golden):
    for name, text in golden.rendered().items():
        if not name.startswith("town"):
            assert "captive-portal" not in text
            assert "AdvCaptivePortalAPI" not in text
    rendered = golden.rendered()
    assert (
        "dhcp-option=114,https://wifi.hoabinh.example.vn/captive-portal/api" in rendered["town.guests.conf"]
    )
    assert "AdvCaptivePortalAPI" in rendered["town.radvd.conf"]


def test_no_probe_name_leads_out_before_login(golden):
    text = golden.rendered()["town.portal.conf"]
    assert "no-resolv" in text
    assert re.findall(r"^server=(.*)$", text, re.MULTILINE) == [
        "/dichvucong.gov.vn/203.113.131.1",
        "/dichvucong.gov.vn/2001:ee0::53",
    ]
