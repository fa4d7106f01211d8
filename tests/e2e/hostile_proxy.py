"""A line between a box and its center that does what bad lines do, again and again the same for one seed.

The proxy stands on 127.0.0.1, speaks HTTP/1.1 without TLS and forwards to a port of 127.0.0.1. The n-th POST
it reads meets the fate that (seed, n) decides; any other method passes untouched.

    with HostileProxy(center_port, seed=7, cut_before=0.2, repeat=0.2) as proxy:
        ...  # an office sends to http://127.0.0.1:{proxy.port}
        proxy.calm()
        ...  # everything gets through
"""

import contextlib
import http.client
import json
import random
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from hostile_http import Answer, LineError, Request, read_answer, read_request

LOOPBACK = "127.0.0.1"
RECORDED_REQUESTS = 64
JOIN_S = 60.0
# RST instead of FIN: linger on, zero seconds.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
PORTAL = b"<!doctype html><title>Wi-Fi</title><body>Xin ch\xc3\xa0o! Please sign in.</body>"


class Fate(StrEnum):
    """What can happen to a request; the values are the constructor's keywords.

    The last three are not chosen: forwarded is what is left; late, that a reordered request went to the
    center after its follower; upstream_failed, that the center gave no answer and the client was cut off.
    """

    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    CUT_MID_ANSWER = "cut_mid_answer"
    TRUNCATE_CORRECTED = "truncate_corrected"
    TRUNCATE_UNCORRECTED = "truncate_uncorrected"
    REPEAT = "repeat"
    DELAY = "delay"
    REPLAY_OLD = "replay_old"
    REORDER = "reorder"
    BUSY = "busy"
    GARBAGE = "garbage"
    FLIP_REQUEST = "flip_request"
    FLIP_ANSWER = "flip_answer"
    FORWARDED = "forwarded"
    LATE = "late"
    UPSTREAM_FAILED = "upstream_failed"


HOSTILE = tuple(Fate)[:-3]
NEED_A_BODY = frozenset({Fate.TRUNCATE_CORRECTED, Fate.TRUNCATE_UNCORRECTED, Fate.FLIP_REQUEST})
# Without any odds given: each hostility alike, and four requests in ten pass.
DEFAULT_ODDS = dict.fromkeys(HOSTILE, 0.6 / len(HOSTILE))


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the proxy's log; `index` is the request's, counted over all POSTs from 0."""

    index: int
    fate: Fate
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the client gets: these bytes, and then perhaps the end of the connection."""

    sent: bytes
    cut: bool = False
    detail: str = ""


def flip(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """The data with one bit changed, and where."""
    position, bit = rng.randrange(len(data)), rng.randrange(8)
    flipped = bytearray(data)
    flipped[position] ^= 1 << bit
    return bytes(flipped), f"bit {bit} of byte {position} of {len(data)}"


class HostileProxy:
    """A hostile line on loopback.

    Args:
        upstream_port: Port of the center on 127.0.0.1; may be assigned anew when the center has moved.
        seed: Decides every choice.
        delay_s: Longest wait of `delay`.
        upstream_timeout_s: After this much silence of the center the client is cut off.
        connections_max: Connections served at once; more wait to be accepted.
        odds: Probability of each hostility by its name in `Fate`; the rest is forwarded. Without any, a mix.

    Raises:
        ValueError: odds of an unknown name, below 0, or above 1 together.
    """

    def __init__(
        self,
        upstream_port: int,
        seed: int,
        *,
        delay_s: float = 0.2,
        upstream_timeout_s: float = 30.0,
        connections_max: int = 16,
        **odds: float,
    ) -> None:
        unknown = sorted(odds.keys() - set(HOSTILE))
        if unknown:
            raise ValueError(f"odds {unknown} are unknown; known are {[str(fate) for fate in HOSTILE]}")
        if any(chance < 0 for chance in odds.values()) or sum(odds.values()) > 1 + 1e-9:
            raise ValueError(f"odds {odds} must not be negative nor above 1 together")
        self.upstream_port = upstream_port
        self._seed = seed
        self._delay_s = delay_s
        self._upstream_timeout_s = upstream_timeout_s
        self._odds = {Fate(name): chance for name, chance in odds.items()} or DEFAULT_ODDS
        self._slots = threading.Semaphore(connections_max)
        self._lock = threading.Lock()  # guards the five that follow
        self._posts = 0
        self._held: Request | None = None
        self._old: deque[Request] = deque(maxlen=RECORDED_REQUESTS)
        self._log: list[Deed] = []
        self._sockets: set[socket.socket] = set()
        self._acceptor: threading.Thread | None = None
        self._threads: list[threading.Thread] = []
        self._calm = threading.Event()
        self._closing = threading.Event()
        self._listener: socket.socket | None = None
        self._deeds: dict[Fate, Callable[[Request, random.Random], Outcome]] = {
            Fate.FORWARDED: lambda request, _rng: Outcome(self._forward(request).to_bytes()),
            Fate.CUT_BEFORE: lambda _request, _rng: Outcome(b"", cut=True),
            Fate.CUT_AFTER: self._cut_after,
            Fate.CUT_MID_ANSWER: self._cut_mid_answer,
            Fate.TRUNCATE_CORRECTED: self._truncate_corrected,
            Fate.TRUNCATE_UNCORRECTED: self._truncate_uncorrected,
            Fate.REPEAT: self._repeat,
            Fate.DELAY: self._delay,
            Fate.REPLAY_OLD: self._replay_old,
            Fate.REORDER: self._reorder,
            Fate.BUSY: self._busy,
            Fate.GARBAGE: self._garbage,
            Fate.FLIP_REQUEST: self._flip_request,
            Fate.FLIP_ANSWER: self._flip_answer,
        }

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The port to send to.

        Raises:
            RuntimeError: before `start()`.
        """
        if self._listener is None:
            raise RuntimeError("the proxy has no port before start()")
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def log(self) -> list[Deed]:
        """What was done so far; a request is noted before its client hears of it."""
        with self._lock:
            return list(self._log)

    @property
    def counts(self) -> Counter[Fate]:
        """How often each fate was met so far."""
        return Counter(deed.fate for deed in self.log)

    def start(self) -> Self:
        """Listens on a free port."""
        self._listener = socket.create_server((LOOPBACK, 0))
        self._acceptor = threading.Thread(target=self._accept, args=(self._listener,), name="hostile-proxy")
        self._acceptor.start()
        return self

    def calm(self) -> None:
        """Ends hostility for every request read from now on; a held one still follows the next."""
        self._calm.set()

    def close(self) -> None:
        """Breaks every connection and waits for every thread; a second call does nothing.

        Raises:
            RuntimeError: when a thread does not end.
        """
        if self._closing.is_set() or self._listener is None or self._acceptor is None:
            return
        self._closing.set()
        self._slots.release()
        with self._lock:
            to_break = [self._listener, *self._sockets]
        for each in to_break:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(timeout=JOIN_S)
        for thread in self._threads:
            thread.join(timeout=JOIN_S)
        alive = [each.name for each in (self._acceptor, *self._threads) if each.is_alive()]
        if alive:
            raise RuntimeError(f"{alive} do not end")
        self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while self._slots.acquire() and not self._closing.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                self._slots.release()
                continue
            thread = threading.Thread(
                target=self._serve, args=(client,), name=f"hostile-proxy-{client.fileno()}"
            )
            self._threads = [*(each for each in self._threads if each.is_alive()), thread]
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with self._tracked(client), client.makefile("rb") as stream:
                while request := read_request(
                    stream, lambda: client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                ):
                    fate, numbered, rng = self._decide(request)
                    outcome = self._meet(fate, numbered, rng)
                    client.sendall(outcome.sent)
                    if outcome.cut:
                        if rng.random() < 0.5:
                            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                        return
        except OSError:
            return  # the client went away: on this line nothing unusual
        finally:
            self._slots.release()

    @contextlib.contextmanager
    def _tracked(self, each: socket.socket) -> Iterator[None]:
        """Lets `close` break the socket; closes it at the end."""
        with each:
            with self._lock:
                if self._closing.is_set():
                    raise LineError("the proxy is closing")
                self._sockets.add(each)
            try:
                yield
            finally:
                with self._lock:
                    self._sockets.discard(each)

    def _decide(self, request: Request) -> tuple[Fate, Request, random.Random]:
        if request.method != "POST":
            return Fate.FORWARDED, request, random.Random(self._seed)
        with self._lock:
            numbered = replace(request, index=self._posts)
            self._posts += 1
            is_first, is_holding = not self._old, self._held is not None
        rng = random.Random(f"{self._seed}:{numbered.index}")
        fates = [*self._odds, Fate.FORWARDED]
        fate = rng.choices(fates, [*self._odds.values(), max(0.0, 1 - sum(self._odds.values()))])[0]
        is_impossible = (
            (fate is Fate.REPLAY_OLD and is_first)
            or (fate is Fate.REORDER and is_holding)
            or (fate in NEED_A_BODY and not request.body)
        )
        return (Fate.FORWARDED if is_impossible or self._calm.is_set() else fate), numbered, rng

    def _meet(self, fate: Fate, request: Request, rng: random.Random) -> Outcome:
        try:
            outcome = self._deeds[fate](request, rng)
        except (OSError, http.client.HTTPException) as error:
            fate, outcome = Fate.UPSTREAM_FAILED, Outcome(b"", cut=True, detail=f"{fate}: {error!r}")
        self._note(request, fate, outcome.detail)
        return outcome

    def _note(self, request: Request, fate: Fate, detail: str) -> None:
        with self._lock:
            self._log.append(Deed(request.index, fate, detail))

    def _exchange(self, raw: bytes, *, is_short: bool = False) -> Answer:
        """Sends bytes to the center and reads its answer; `is_short` says that no more bytes will come."""
        if self._closing.is_set():
            raise LineError("the proxy is closing")
        upstream = socket.create_connection((LOOPBACK, self.upstream_port), timeout=self._upstream_timeout_s)
        with self._tracked(upstream):
            # A center that refuses early closes before it has read all, and its answer is still there.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                upstream.sendall(raw)
                if is_short:
                    upstream.shutdown(socket.SHUT_WR)
            return read_answer(upstream)

    def _forward(self, request: Request) -> Answer:
        """Sends a request whole, and after a POST the one that was held."""
        answer = self._exchange(request.to_bytes())
        if request.method != "POST":
            return answer
        with self._lock:
            self._old.append(request)
            held, self._held = self._held, None
        if held is not None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._exchange(held.to_bytes())
            self._note(held, Fate.LATE, f"after {request.index}")
        return answer

    def _cut_after(self, request: Request, _rng: random.Random) -> Outcome:
        return Outcome(b"", cut=True, detail=f"the answer was {self._forward(request).status}")

    def _cut_mid_answer(self, request: Request, rng: random.Random) -> Outcome:
        raw = self._forward(request).to_bytes()
        end = rng.randrange(1, len(raw))
        return Outcome(raw[:end], cut=True, detail=f"at byte {end} of {len(raw)}")

    def _truncate_corrected(self, request: Request, rng: random.Random) -> Outcome:
        short = replace(request, body=request.body[: rng.randrange(len(request.body))])
        answer = self._exchange(short.to_bytes())
        return Outcome(answer.to_bytes(), detail=f"{len(short.body)} of {len(request.body)} bytes")

    def _truncate_uncorrected(self, request: Request, rng: random.Random) -> Outcome:
        length = len(request.body)
        short = replace(request, body=request.body[: rng.randrange(length)])
        detail = f"{len(short.body)} of {length} bytes"
        try:
            answer = self._exchange(short.to_bytes(length), is_short=True)
        except (OSError, http.client.HTTPException):  # as a center may that still waits for the rest
            return Outcome(b"", cut=True, detail=detail)
        return Outcome(answer.to_bytes(), detail=detail)

    def _repeat(self, request: Request, rng: random.Random) -> Outcome:
        answers = [self._forward(request), self._forward(request)]
        which = rng.randrange(2)
        return Outcome(answers[which].to_bytes(), detail=f"answer {which + 1} of 2")

    def _delay(self, request: Request, rng: random.Random) -> Outcome:
        wait_s = rng.uniform(0, self._delay_s)
        self._closing.wait(wait_s)
        return Outcome(self._forward(request).to_bytes(), detail=f"{wait_s:.3f} s")

    def _replay_old(self, request: Request, rng: random.Random) -> Outcome:
        with self._lock:
            old = rng.choice(self._old)
        if rng.random() < 0.5:
            self._exchange(old.to_bytes())
            return Outcome(self._forward(request).to_bytes(), detail=f"{old.index} before it")
        answer = self._forward(request)
        self._exchange(old.to_bytes())
        return Outcome(answer.to_bytes(), detail=f"{old.index} after it")

    def _reorder(self, request: Request, rng: random.Random) -> Outcome:
        with self._lock:
            self._held = request
        if rng.random() < 0.5:
            return Outcome(b"", cut=True, detail="held, cut")
        return replace(self._busy(request, rng), detail="held, busy")

    def _busy(self, _request: Request, rng: random.Random) -> Outcome:
        status, wait_s = rng.choice((429, 503)), rng.choice("01")
        headers = (("Content-Type", "application/problem+json"), ("Retry-After", wait_s))
        body = json.dumps({"type": "about:blank", "status": status}).encode()
        reason = http.client.responses[status]
        return Outcome(Answer(status, reason, headers, body).to_bytes(), detail=f"{status}, {wait_s} s")

    def _garbage(self, _request: Request, rng: random.Random) -> Outcome:
        content_type, body = rng.choice(
            (
                ("text/html; charset=utf-8", PORTAL),
                ("application/octet-stream", rng.randbytes(200)),
                ("application/json", b"{}"),
                ("application/jose", b"e30.e30.AAAA"),
                ("application/jose", b""),
            )
        )
        answer = Answer(200, "OK", (("Content-Type", content_type),), body)
        return Outcome(answer.to_bytes(), detail=content_type)

    def _flip_request(self, request: Request, rng: random.Random) -> Outcome:
        body, detail = flip(request.body, rng)
        return Outcome(self._exchange(replace(request, body=body).to_bytes()).to_bytes(), detail=detail)

    def _flip_answer(self, request: Request, rng: random.Random) -> Outcome:
        answer = self._forward(request)
        body, detail = flip(answer.body, rng) if answer.body else (b"", "no body")
        return Outcome(replace(answer, body=body).to_bytes(), detail=detail)
