"""Which network interfaces a technician is offered, from a tree as the kernel shows it."""

from pathlib import Path

from appliance.office.links import links_of
from appliance.web.wifi import Link


def add(net: Path, name: str, device: str = "", kind: str = "1", **files: str) -> Path:
    """Add an interface: its device, its type, and further files."""
    link = net / name
    link.mkdir(parents=True)
    (link / "type").write_text(f"{kind}\n", "ascii")
    if device:
        place = net.parent / "devices" / device
        place.mkdir(parents=True)
        (link / "device").symlink_to(place)
    for file, content in files.items():
        (link / file).write_text(content, "ascii")
    return link


def test_radios_and_ports_are_offered_and_nothing_that_was_made(tmp_path: Path) -> None:
    net = tmp_path / "net"
    add(net, "lo", kind="772", carrier="1\n")
    add(net, "eth0", "soc/fd580000.ethernet", carrier="1\n")
    add(net, "eth1", "pci/usb1/1-1", carrier="0\n")
    (add(net, "wlan0", "soc/mmc1/mmc1:0001", carrier="1\n") / "phy80211").mkdir()
    (add(net, "wlan1", "pci/usb1/1-2") / "phy80211").mkdir()
    add(net, "ifb0")
    add(net, "eth0.20", uevent="DEVTYPE=vlan\n")
    add(net, "wwan0", "pci/usb1/1-3", kind="65534")
    assert links_of(net) == (
        Link("eth0", is_radio=False, is_connected=True),
        Link("eth1", is_radio=False, is_usb=True),
        Link("wlan0", is_radio=True, is_connected=True),
        Link("wlan1", is_radio=True, is_usb=True),
    )


def test_a_port_of_a_container_has_no_device(tmp_path: Path) -> None:
    add(tmp_path / "net", "eth0", carrier="1\n")
    assert links_of(tmp_path / "net") == (Link("eth0", is_radio=False, is_connected=True),)


def test_where_nothing_is_shown_nothing_is_offered(tmp_path: Path) -> None:
    assert links_of(tmp_path / "nowhere") == ()
