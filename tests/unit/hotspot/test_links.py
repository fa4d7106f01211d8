"""What the kernel is told about connections: never fewer than it had, and no harm where it refuses."""

import pytest

from appliance.hotspot import links


@pytest.fixture
def most(tmp_path, monkeypatch):
    path = tmp_path / "netfilter" / "nf_conntrack_max"
    path.parent.mkdir()
    monkeypatch.setattr(links, "SYSCTL", tmp_path)
    return path


@pytest.mark.parametrize(("before", "after"), [("7680\n", "65536"), ("262144\n", "262144\n")])
def test_a_small_board_remembers_more_connections_and_a_large_one_no_fewer(most, before, after):
    most.write_text(before)
    links._track_enough()
    assert most.read_text() == after


def test_a_kernel_that_refuses_is_told_of_and_nothing_else(most, monkeypatch):
    assert not most.exists()
    told = []
    monkeypatch.setattr(links.log, "warning", lambda event, **_: told.append(event), raising=False)
    links._track_enough()
    assert told == ["connections.not_tracked"]
