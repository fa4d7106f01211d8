"""The observer in the machine: it tells a console what the box is like and what is recorded.

It is handed over as systemd credentials through QEMU's fw_cfg, whose names have 55 characters at most.
"""

import base64
import shlex
from dataclasses import dataclass
from pathlib import Path

UNIT = "w.service"
VISITOR_UNIT = "v.service"
_PLACE = "/run/w.py"
_FOUND = "opt/io.systemd.credentials"

_SERVICE = f"""\
[Unit]
Description=observer
After=motcua-office.service
[Service]
ExecStart=/usr/bin/python3 -u {_PLACE}
StandardOutput=tty
StandardError=journal+console
TTYPath=/dev/hvc0
"""

# Runs with the image's own Python; one line is a name and JSON.
_OBSERVER = r"""
import json, os, socket, subprocess, threading, time, urllib.request

UNITS = ("motcua-office", "motcua-public", "motcua-display", "chrony", "systemd-journald", "systemd-networkd",
         "systemd-resolved", "systemd-udevd", "dbus")
LOCK = threading.Lock()

def say(name, what):
    with LOCK:
        print(name, json.dumps(what), flush=True)

def out(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()

def shown(unit, *names):
    lines = out("systemctl", "show", "-p", ",".join(names), unit).splitlines()
    return dict(line.split("=", 1) for line in lines)

def page(url):
    try:
        with urllib.request.urlopen(url, timeout=300) as answer:
            return answer.status
    except OSError as error:
        return str(error)

def describe():
    while out("systemctl", "is-system-running") not in ("running", "degraded"):
        time.sleep(1)
    manager = shown("--", "UserspaceTimestampMonotonic", "FinishTimestampMonotonic")
    office = shown("motcua-office", "ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
    first = shown("motcua-firstboot", "ExecMainStartTimestampMonotonic", "ExecMainExitTimestampMonotonic")
    spans = {"office": office, "firstboot": first, "manager": manager}
    say("times", {unit + "." + name.removesuffix("TimestampMonotonic"): int(value) // 1000
                  for unit, span in spans.items() for name, value in span.items() if value})
    listed = out("systemctl", "list-units", "--failed", "--plain", "--no-legend")
    failed = [line.split()[0] for line in listed.splitlines()]
    for unit in ("motcua-firstboot", "motcua-grow", *failed):
        say("log", unit + ": " + out("journalctl", "--no-pager", "-b", "-o", "cat", "-n", "12", "-u", unit))
    say("failed", failed)
    data = os.statvfs("/data")
    say("data", data.f_blocks * data.f_frsize)
    say("root_read_only", bool(os.statvfs("/").f_flag & os.ST_RDONLY))
    say("listening", sorted({line.split()[4] for line in out("ss", "-Hltnu").splitlines()}))
    say("phones", page("http://127.0.0.1:8081/"))
    say("mounts", [line for line in open("/proc/mounts").read().splitlines() if "/vd" in line])
    rated = {}
    for unit in ("motcua-office", "motcua-public", "motcua-display", "motcua-firstboot", "motcua-grow",
                 "motcua-synced", "motcua-wifi"):
        text = out("systemd-analyze", "security", "--no-pager", unit + ".service")
        rated[unit] = text.splitlines()[-1].split()[-3] if "exposure level" in text else None
    say("exposure", rated)
    time.sleep(20)
    memory = {unit: shown(unit, "MemoryCurrent")["MemoryCurrent"] for unit in UNITS}
    say("memory", {unit: int(size) for unit, size in memory.items() if size.isdigit()})
    meminfo = dict(line.split(":", 1) for line in open("/proc/meminfo"))
    say("meminfo", {name: meminfo[name].split()[0] for name in ("MemTotal", "MemAvailable", "SwapTotal")})
    while True:
        disk = os.stat("/data").st_dev
        stat = open(f"/sys/dev/block/{os.major(disk)}:{os.minor(disk)}/stat").read().split()
        up_s = float(open("/proc/uptime").read().split()[0])
        say("written", {"up_s": up_s, "bytes": int(stat[6]) * 512})
        time.sleep(5)

def follow():
    office = socket.socket(socket.AF_UNIX)
    office.connect("/run/motcua/office.sock")
    office.sendall(b"GET /v1/events HTTP/1.1\r\nHost: office\r\n\r\n")
    kind = ""
    for line in office.makefile("r", encoding="utf-8", newline="\n"):
        if line.startswith("event: "):
            kind = line[7:].strip()
        elif line.startswith("id: "):
            number = line[4:].strip()
        elif line.startswith("data: "):
            if kind == "snapshot":
                say("snapshot", json.loads(line[6:]))
            else:
                say("event", {"kind": kind, "id": number, "data": json.loads(line[6:])})

threading.Thread(target=describe, daemon=True).start()
while True:
    try:
        follow()
    except OSError:
        pass
    time.sleep(0.2)
"""


_VISITING = """\
[Unit]
Description=visitor
After=motcua-office.service
[Service]
ExecStart=/usr/bin/python3 -u /run/{name} {words}
StandardOutput=tty
StandardError=journal+console
TTYPath=/dev/hvc0
"""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A program that runs inside beside the observer, and tells the same console what it sees.

    Args:
        files: Python of the standard library, put side by side; the last one is started.
        words: what it is told.
    """

    files: tuple[Path, ...]
    words: tuple[str, ...] = ()


def credentials(folder: Path, visitor: Visitor | None = None) -> list[str]:
    """Return QEMU's words for the observer.

    Args:
        folder: for files.
        visitor: runs, too; None for nobody.
    """
    put = {_PLACE: _OBSERVER.encode()}
    texts = {f"systemd.extra-unit.{UNIT}": _SERVICE}
    if visitor is not None:
        put |= {f"/run/{each.name}": each.read_bytes() for each in visitor.files}
        words = " ".join(shlex.quote(each) for each in visitor.words)
        texts[f"systemd.extra-unit.{VISITOR_UNIT}"] = _VISITING.format(
            name=visitor.files[-1].name, words=words
        )
    lines = [f"f+~ {place} 0644 root root - {base64.b64encode(text).decode()}" for place, text in put.items()]
    texts["tmpfiles.extra"] = "\n".join(lines) + "\n"
    words: list[str] = []
    for number, (name, text) in enumerate(texts.items()):
        path = folder / f"credential-{number}"
        path.write_text(text)
        words += ["-fw_cfg", f"name={_FOUND}/{name},file={path}"]
    return words
