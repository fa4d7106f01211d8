"""Every system finds the portal before its owner has agreed, and we tell none that it is online."""

from pathlib import Path

import pytest
from probe_matrix import ASKED, rows, table
from sim_guest_gate import NAME
from sim_guests import SimGuests

from appliance.config.hotspot import Hotspot
from appliance.hotspot.policy.dnsmasq import portal_conf
from appliance.hotspot.policy.plan import Abilities, Surroundings, planned
from appliance.sockets.probes import PROBES, names, probe_of

pytestmark = pytest.mark.integration

GOLDEN = Path(__file__).parents[2] / "golden" / "portal" / "probes.txt"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    guests = SimGuests(tmp_path_factory.mktemp("guests"))
    yield rows(guests)
    guests.close()


def test_the_matrix_is_as_it_is_kept(found, capsys):
    said = table(found)
    with capsys.disabled():
        print(f"\n{said}")  # noqa: T201 - people look at it
    assert said == GOLDEN.read_text("utf-8"), "make golden"


@pytest.mark.parametrize("number", range(len(ASKED)), ids=lambda n: f"{ASKED[n].host}{ASKED[n].path}")
def test_a_system_takes_us_for_a_portal_and_its_maker_for_the_internet(found, number):
    row = found[number]
    assert [verdict for _, verdict in row.cells] == ["portal", "online", "again", "portal"]
    before, _, late, down = (answer for answer, _ in row.cells)
    for answer in (before, down):
        assert (answer.status, answer.headers["location"]) == (302, f"http://{NAME}/wifi")
    for answer in (before, late, down):
        assert answer.body == b""
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["connection"] == "close"
    assert late.headers["retry-after"] == "1"


def test_every_row_of_the_table_is_asked_here_and_every_name_resolves_at_the_gate():
    asked = {probe_of(each.host, each.path) for each in ASKED}
    assert asked == set(PROBES)
    resolver = portal_conf(planned(Hotspot(enabled=True), 8081, Abilities(), Surroundings()))
    for name in names():
        assert f"\nlocal=/{name}/\naddress=/{name}/10.77.0.1\n" in resolver
    assert probe_of("example.com", "/generate_204") is None
    assert probe_of("captive.apple.com", "/elsewhere") is None
