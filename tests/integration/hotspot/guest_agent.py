"""Runs inside a namespace and does there what it is told, one JSON line a command: a guest, or the Internet.

Started as a program, with nothing but the standard library.
"""

import errno
import http.client as http_client
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from functools import partial
from urllib.parse import urlencode

SHORT_S = 1.0
LONG_S = 8.0


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def outcome(error):
    if isinstance(error, TimeoutError):
        return "silent"
    if error.errno in {errno.ECONNREFUSED, errno.ECONNRESET}:
        return "reset"
    if error.errno in {errno.EACCES, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EPERM}:
        return "refused"
    return errno.errorcode.get(error.errno, str(error))


def tcp(host, port, source=None, ask="GET / HTTP/1.0\r\n\r\n"):
    """Who answers on a port: the first word of the answer, or how it was refused."""
    try:
        with socket.socket(family_of(host), socket.SOCK_STREAM) as line:
            line.settimeout(SHORT_S)
            if source:
                line.bind((source, 0))
            line.connect((host, port))
            line.settimeout(LONG_S)
            line.sendall(ask.encode())
            return line.recv(200).decode(errors="replace").split()[-1]
    except OSError as error:
        return outcome(error)


def http(host, name, path="/", form=None, source=None):
    """What a web server says at port 80, asked for a name: status, where it leads, and the page."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
    line = http_client.HTTPConnection(
        host, 80, timeout=SHORT_S, source_address=(source, 0) if source else None
    )
    try:
        line.connect()
        line.sock.settimeout(LONG_S)
        body = None if form is None else urlencode(form, doseq=True)
        line.request("GET" if form is None else "POST", path, body, {"Host": name, **kind})
        said = line.getresponse()
        return {"status": said.status, "to": said.headers.get("Location"), "page": said.read().decode()}
    except OSError as error:
        return {"status": outcome(error), "to": None, "page": ""}
    finally:
        line.close()


def udp(host, port, source=None, data="hello", tries=1):
    for _ in range(tries):
        try:
            with socket.socket(family_of(host), socket.SOCK_DGRAM) as line:
                line.settimeout(SHORT_S)
                if source:
                    line.bind((source, 0))
                line.connect((host, port))
                line.send(data.encode())
                return line.recv(2000).decode(errors="replace")
        except OSError as error:
            said = outcome(error)
            if said != "silent":
                return "refused"
    return "silent"


def send(host, port, source):
    """Send a packet from an address, whatever becomes of it."""
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as line, suppress(OSError):
        line.bind((source, 0))
        line.sendto(b"hello", (host, port))


def question(name, kind):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">6H", 0x1234, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)


def names(host, name="example.org", kind=1, source=None):
    """What a resolver says: response code, records, and the least TTL; the first address if there is one."""
    try:
        with socket.socket(family_of(host), socket.SOCK_DGRAM) as line:
            line.settimeout(SHORT_S)
            if source:
                line.bind((source, 0))
            line.connect((host, 53))
            line.send(question(name, kind))
            said = line.recv(2000)
    except OSError as error:
        return {"said": "silent" if isinstance(error, TimeoutError) else "refused"}
    code, count = said[3] & 15, struct.unpack(">H", said[6:8])[0]
    found = {"said": {0: "ok", 3: "nxdomain", 5: "denied"}.get(code, str(code)), "records": count}
    place = len(question(name, kind))
    for _ in range(count):
        place += 2 if said[place] & 0xC0 else said.index(b"\0", place) + 1 - place
        rtype, _, ttl, size = struct.unpack(">HHIH", said[place : place + 10])
        place += 10
        if rtype in {1, 28}:
            family = socket.AF_INET if rtype == 1 else socket.AF_INET6
            found.setdefault("address", socket.inet_ntop(family, said[place : place + size]))
        found["ttl"] = min(ttl, found.get("ttl", ttl))
        place += size
    return found


def ping(host, source=None):
    command = ["ping", "-c1", "-W1", *(["-I", source] if source else []), host]
    return "open" if subprocess.run(command, capture_output=True, check=False).returncode == 0 else "no"


def dhcp(interface, mac, client="", timeout_s=10.0):
    """Take an address from the DHCP server; return it, or None. It is not set on the interface."""
    chaddr = bytes.fromhex(mac.replace(":", ""))
    ident = b"\x3d" + bytes([len(client) + 1]) + b"\0" + client.encode() if client else b""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        line.bind(("", 68))
        line.settimeout(1.0)

        def send(kind, more=b""):
            head = struct.pack(">4BIHH4s4s4s4s", 1, 1, 6, 0, 0x51515151, 0, 0x8000, *[b"\0" * 4] * 4)
            body = head + chaddr + b"\0" * 10 + b"\0" * 192 + b"\x63\x82\x53\x63"
            options = b"\x35\x01" + bytes([kind]) + ident + more + b"\x37\x03\x01\x03\x06\xff"
            line.sendto(body + options, ("255.255.255.255", 67))

        def answer(kind):
            try:
                while True:
                    said = line.recv(2000)
                    if said[28:34] == chaddr and b"\x35\x01" + bytes([kind]) in said[240:]:
                        return said
            except OSError:
                return None

        for _ in range(int(timeout_s)):
            send(1)
            offer = answer(2)
            if offer is None:
                continue
            server = offer[offer.index(b"\x36\x04", 240) + 2 :][:4]
            send(3, b"\x32\x04" + offer[16:20] + b"\x36\x04" + server)
            given = answer(5)
            if given is not None:
                return socket.inet_ntoa(given[16:20])
    return None


def download(host, size, source=None, on_part=None):
    """Fetch so many bytes from the Internet's web server; return how many came."""
    got = 0
    try:
        with socket.socket(family_of(host), socket.SOCK_STREAM) as line:
            line.settimeout(LONG_S)
            if source:
                line.bind((source, 0))
            line.connect((host, 8000))
            line.sendall(f"{size}\n".encode())
            while part := line.recv(65_536):
                got += len(part)
                if on_part is not None:
                    on_part(got)
    except OSError:
        pass
    return got


def start_download(host, size):
    """Begin to fetch so many bytes; :func:`downloaded` tells how far it is."""
    came = [0]
    thread = threading.Thread(
        target=download, args=(host, size), kwargs={"on_part": partial(came.__setitem__, 0)}, daemon=True
    )
    downloads.append((thread, came))
    thread.start()
    return True


def downloaded():
    """How many bytes of the last one came, and whether it is over."""
    thread, came = downloads[-1]
    return [came[0], not thread.is_alive()]


downloads = []


def fetch(host, port, path):
    """Ask for a page: its status, the bytes of its body, and its style sheet."""
    with closing(http_client.HTTPConnection(host, port, timeout=LONG_S)) as line:
        line.request("GET", path)
        answer = line.getresponse()
        body = answer.read()
    style = re.search(rb'href="([^"]+\.css[^"]*)"', body)
    return answer.status, len(body), style and style[1].decode()


def load(host, port, path, count, at_once):
    """Ask for a page so often, each time over a line of its own; milliseconds that each took of the whole."""
    wrong = []

    def ask():
        for _ in range(count):
            status, *_ = fetch(host, port, path)
            if status != 200:
                wrong.append(status)

    asking = [threading.Thread(target=ask) for _ in range(at_once)]
    start = time.perf_counter()
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    if wrong:
        raise AssertionError(f"{len(wrong)} of {count * at_once}: {wrong[0]}")
    return (time.perf_counter() - start) * 1000 / (count * at_once)


def many(host, port, count):
    """How many flows can be open at once, of so many that are tried."""
    lines = []
    try:
        for _ in range(count):
            line = socket.socket(family_of(host), socket.SOCK_DGRAM)
            lines.append(line)
            line.settimeout(SHORT_S)
            line.connect((host, port))
            line.send(b"hello")
            line.recv(100)
    except OSError:
        lines.pop().close()
    opened = len(lines)
    for line in lines:
        line.close()
    return opened


def frames(interface, hexes):
    """Send frames as they are."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as line:
        line.bind((interface, 0))
        for each in hexes:
            line.send(bytes.fromhex(each))
    return len(hexes)


def hold(host, port, sources, each):
    """Connect so often from each address, and hold what is had; how many that are."""
    for source in sources:
        for _ in range(each):
            line = socket.socket(family_of(host), socket.SOCK_STREAM)
            line.settimeout(SHORT_S)
            try:
                line.bind((source, 0))
                line.connect((host, port))
            except OSError:
                line.close()
            else:
                held.append(line)
    return len(held)


def flood(interface, count, template, place):
    """Send one frame with so many hardware addresses as its source, and at ``place`` once more."""
    frame = bytearray.fromhex(template)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as line:
        line.bind((interface, 0))
        for number in range(count):
            mac = b"\x06\x66" + struct.pack(">I", number)
            frame[6:12] = mac
            if place:
                frame[place : place + 6] = mac
            with suppress(OSError):
                line.send(frame)
    return count


def serve_tcp(host, port, word):
    listening = socket.socket(family_of(host), socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(64)

    def meet(line):
        with line:
            try:
                line.settimeout(LONG_S)
                asked = line.recv(2000)
                if port == 8000:
                    left, block = int(asked), b"x" * 65_536
                    while left > 0:
                        left -= line.send(block[:left])
                else:
                    line.sendall(f"HTTP/1.0 200 OK\r\nContent-Length: {len(word)}\r\n\r\n{word}".encode())
            except (OSError, ValueError):
                pass

    def accept():
        while True:
            line, _ = listening.accept()
            threading.Thread(target=meet, args=(line,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def serve_udp(host, port, word):
    line = socket.socket(family_of(host), socket.SOCK_DGRAM)
    line.bind((host, port))

    def answer():
        while True:
            said, peer = line.recvfrom(4000)
            if port == 53:
                seen.append(said[13:].split(b"\0")[0].decode(errors="replace"))
                record = b"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4" + socket.inet_aton("93.184.216.34")
                end = said.index(b"\0", 12) + 5
                asks_a = said[end - 4 : end - 2] == b"\0\1"
                counts = b"\0\1" + (b"\0\1" if asks_a else b"\0\0") + b"\0\0\0\0"
                said = said[:2] + b"\x81\x80" + counts + said[12:end]
                line.sendto(said + (record if asks_a else b""), peer)
            else:
                line.sendto(word.encode(), peer)

    threading.Thread(target=answer, daemon=True).start()


def serve(listeners):
    for kind, host, port, word in listeners:
        (serve_tcp if kind == "tcp" else serve_udp)(host, port, word)
    return True


seen = []


def questions():
    """The names that this namespace's resolver was asked for."""
    return list(seen)


def sniff(interface, seconds):
    """How many frames came in, by ethertype."""
    found = {}
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as line:
        line.bind((interface, 0))
        line.settimeout(seconds)
        try:
            while True:
                frame = line.recv(2000)
                kind = frame[12:14].hex()
                found[kind] = found.get(kind, 0) + 1
        except OSError:
            pass
    return found


DOES = {
    each.__name__: each
    for each in (
        *(tcp, http, udp, names, ping, dhcp, download, start_download, downloaded, many, fetch, load),
        *(frames, flood, serve, questions, sniff),
    )
}


def upload(host, port, size):
    """Send so many bytes to whoever swallows them; return how many came there."""
    with socket.socket(family_of(host), socket.SOCK_STREAM) as line:
        line.settimeout(LONG_S * 8)
        line.connect((host, port))
        line.sendall(b"x" * size)
        line.shutdown(socket.SHUT_WR)
        return int(line.makefile().readline())


def swallow(host, port):
    """Take what :func:`upload` and :func:`pour` send."""
    listening = socket.socket(family_of(host), socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(8)

    def take():
        while True:
            line, _ = listening.accept()
            with line, suppress(OSError):
                got = 0
                while part := line.recv(65_536):
                    got += len(part)
                line.sendall(f"{got}\n".encode())

    threading.Thread(target=take, daemon=True).start()
    return True


poured = []
held = []


def pour(host, port, per_s=4_000_000):
    """Send datagrams that listen to nobody, so many bytes a second, until told to stop."""
    stop, count = threading.Event(), [0]

    def send():
        with socket.socket(family_of(host), socket.SOCK_DGRAM) as line:
            line.connect((host, port))
            while not stop.wait(0.01):
                for _ in range(per_s // 100 // 1400):
                    with suppress(OSError):  # nobody takes them there, and says so
                        count[0] += line.send(bytes(1400))

    thread = threading.Thread(target=send, daemon=True)
    poured.append((thread, stop, count))
    thread.start()
    return True


def stop_pouring():
    """Return how many bytes were poured."""
    thread, stop, count = poured.pop()
    stop.set()
    thread.join()
    return count[0]


DOES |= {each.__name__: each for each in (upload, swallow, pour, stop_pouring, send, hold)}


def main():
    for line in sys.stdin:
        command, arguments = json.loads(line)
        try:
            answer = {"answer": DOES[command](**arguments)}
        except Exception as error:  # noqa: BLE001 - told to the test
            answer = {"error": repr(error)}
        os.write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
