"""Where the gate finds its settings, and what it makes of none."""

import pytest

from appliance.config import ConfigError, example
from appliance.config.hotspot import Hotspot
from appliance.hotspot.errors import RulesMissingError
from appliance.hotspot.running import wanted
from appliance.sockets import gate


def test_the_office_s_file_is_read(tmp_path):
    hotspot = Hotspot(enabled=True, ssid="Xã")
    rules = gate.Rules(hotspot=hotspot.model_dump_json(), portal_port=8081)
    (tmp_path / gate.FILE).write_bytes(rules.line())
    found = wanted(tmp_path / gate.FILE)
    assert (found.hotspot, found.portal_port) == (hotspot, 8081)


def test_no_file_is_no_wifi(tmp_path):
    assert wanted(tmp_path / gate.FILE) is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"hotspot": "{}", "portal_port": 0}', b"x" * 100_000])
def test_a_file_that_is_none_is_an_error(tmp_path, content):
    (tmp_path / gate.FILE).write_bytes(content)
    with pytest.raises(RulesMissingError):
        wanted(tmp_path / gate.FILE)


def test_an_office_toml_is_read_too(tmp_path):
    path = tmp_path / "office.toml"
    path.write_text(example(), encoding="utf-8")
    assert wanted(path) is None
    path.write_text(example().replace("enabled = false", "enabled = true"), encoding="utf-8")
    assert wanted(path).hotspot.ssid == "WiFi Xa Hoa Binh"
    path.write_text("[hotspot]\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        wanted(path)
