"""Frames as guests put them on the air: addresses asked for and claimed, routers announced, datagrams."""

import ipaddress
import struct

BROADCAST = "ff" * 6
ALL_NODES = "333300000001"
NOWHERE, EVERYBODY = "0.0.0.0", "255.255.255.255"  # noqa: S104 - an address in a frame


def hexed(mac):
    return mac.replace(":", "")


def ipv6(text):
    return ipaddress.IPv6Address(text).packed


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def icmpv6(mac, to_mac, source, target, body):
    """A frame with a neighbor discovery message, checksummed."""
    pseudo = ipv6(source) + ipv6(target) + struct.pack(">I3xB", len(body), 58)
    summed = checksum(pseudo + body)
    body = body[:2] + struct.pack(">H", summed) + body[4:]
    head = struct.pack(">IHBB", 6 << 28, len(body), 58, 255) + ipv6(source) + ipv6(target)
    return to_mac + hexed(mac) + "86dd" + (head + body).hex()


def advertisement(mac, source, claimed):
    body = (
        struct.pack(">BBHI", 136, 0, 0, 0x20000000) + ipv6(claimed) + b"\x02\x01" + bytes.fromhex(hexed(mac))
    )
    return icmpv6(mac, ALL_NODES, source, "ff02::1", body)


def router_advertisement(mac, source):
    body = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    body += b"\x01\x01" + bytes.fromhex(hexed(mac))
    body += struct.pack(">BBBBIII", 3, 4, 64, 0xC0, 3600, 1800, 0) + ipv6("2a00:bad::")
    return icmpv6(mac, ALL_NODES, source, "ff02::1", body)


def arp_claim(mac, address):
    body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2).hex()
    packed = ipaddress.IPv4Address(address).packed.hex()
    return BROADCAST + hexed(mac) + "0806" + body + hexed(mac) + packed + BROADCAST + packed


def udp4(mac, to_mac, source, target, sport, dport, data):  # noqa: PLR0917 - a frame
    length = 8 + len(data)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 1, 0, 64, 17, 0)
    head += ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(target).packed
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return to_mac + hexed(mac) + "0800" + (head + struct.pack(">HHHH", sport, dport, length, 0) + data).hex()


def dhcp_request(mac, address):
    """What a device says that had an address before and wants it again (INIT-REBOOT, RFC 2131)."""
    head = struct.pack(">4BIHH", 1, 1, 6, 0, 0x52525252, 0, 0x8000)
    body = head + bytes(16) + bytes.fromhex(hexed(mac)) + bytes(10 + 192) + b"\x63\x82\x53\x63"
    body += b"\x35\x01\x03" + b"\x32\x04" + ipaddress.IPv4Address(address).packed + b"\xff"
    return udp4(mac, BROADCAST, NOWHERE, EVERYBODY, 68, 67, body)
