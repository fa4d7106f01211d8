"""One caller of many: takes numbers over the socket, each one twice with the same request id.

Run as ``python issuing.py <socket> <name> <count> <threads>``; prints a JSON list of (first, again) labels.
"""

import http.client
import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor


class Line(http.client.HTTPConnection):
    """HTTP over a Unix socket.

    Args:
        path: of the socket.
    """

    def __init__(self, path: str) -> None:
        super().__init__("office", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def issue(line: Line, request: str) -> str:
    """Take a number and return its label; when told to come again, come again."""
    body = json.dumps({"service": "ho-tich", "source": "kiosk", "request": request})
    while True:
        line.request("POST", "/v1/tickets", body, {"Content-Type": "application/json"})
        response = line.getresponse()
        answer = json.loads(response.read())
        if response.status != http.HTTPStatus.SERVICE_UNAVAILABLE:
            return str(answer["label"])


def issue_many(path: str, name: str, count: int) -> list[tuple[str, str]]:
    """Take numbers, each once and once again."""
    line = Line(path)
    found = []
    for number in range(count):
        request = f"{name}-{number}"
        found.append((issue(line, request), issue(line, request)))
    line.close()
    return found


def main() -> None:
    """Take numbers on several connections at once."""
    path, name, count, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with ThreadPoolExecutor(threads) as pool:
        parts = [pool.submit(issue_many, path, f"{name}-{part}", count // threads) for part in range(threads)]
    sys.stdout.write(json.dumps([pair for part in parts for pair in part.result()]))


if __name__ == "__main__":
    main()
