"""The list of what is on a card."""

import json

from provisioning.image.sbom import debian_packages, render

STATUS = """\
Package: udev
Status: install ok installed
Architecture: arm64
Source: systemd
Version: 257.8-1
Description: devices
 with a second line: that is no field

Package: gone
Status: deinstall ok config-files
Architecture: arm64
Version: 1

Package: adduser
Status: install ok installed
Architecture: all
Source: adduser (3.151)
Version: 3.152
"""


def test_installed_packages_with_versions_and_sources():
    assert debian_packages(STATUS) == [
        {
            "name": "adduser",
            "version": "3.152",
            "architecture": "all",
            "source": "adduser",
            "source_version": "3.151",
        },
        {
            "name": "udev",
            "version": "257.8-1",
            "architecture": "arm64",
            "source": "systemd",
            "source_version": "257.8-1",
        },
    ]


def test_wheels_are_listed_with_their_hashes_in_any_order(tmp_path):
    one, two = tmp_path / "Beta-2.0-py3-none-any.whl", tmp_path / "alpha-1.0-py3-none-any.whl"
    one.write_bytes(b"one")
    two.write_bytes(b"two")
    text = render("office", 1_700_000_000, STATUS, [one, two])
    assert text == render("office", 1_700_000_000, STATUS, [two, one])
    listed = json.loads(text)
    assert [row["name"] for row in listed["python"]] == ["alpha", "Beta"]
    assert listed["python"][0]["sha256"] == "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"
    assert listed["source_date_epoch"] == 1_700_000_000
