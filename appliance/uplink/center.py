"""The provincial center: what the uplink asks of it, and the adapter that asks over HTTPS."""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import httpx2
import structlog

from appliance.clock import KernelTime, SystemTime, monotonic_s
from appliance.uplink.answers import (
    JOSE,
    MAX_ANSWER_BYTES,
    Answer,
    EnrolAnswer,
    EvidenceAnswer,
    Reply,
    Unclear,
    batch_answer,
    enrol_answer,
    evidence_answer,
)
from appliance.uplink.tls import Dates, check_dates, client_context, dates_for
from appliance.wire.batch import CONTENT_TYPE, Header, content_digest
from appliance.wire.moment import Moment

log = structlog.get_logger(__name__)

_CONNECT_S = 10.0
_WHOLE = 20  # times the time-out: no drip of single bytes holds the line longer
_CLOSE_S = 1.0
_KEPT_ALIVE_S = 60.0


class Center(Protocol):
    """The one that takes batches.

    Methods block, never raise for a bad line or answer, and are called from one thread. ``close`` may be
    called from another one and ends a call that hangs.
    """

    def send(self, batch: bytes, header: Header) -> Answer:
        """Send a sealed batch.

        Args:
            batch: its gzipped bytes.
            header: what they are.
        """
        ...

    def send_evidence(self, batch: bytes, header: Header) -> EvidenceAnswer:
        """Send a sealed range of a forked branch."""
        ...

    def enrol(self, request: str) -> EnrolAnswer:
        """Send a signed enrolment request."""
        ...

    def close(self) -> None:
        """Let go of the line; later calls answer :class:`Unclear`."""
        ...


class HttpCenter:
    """The center over HTTPS.

    Args:
        url: where it is, without a path.
        timeout_s: seconds without progress after which a request is given up.
        moment: the believed time.
        software: version of this software, for the center's log.
        ca_file: PEM certificates to trust instead of the system's.
        system: the machine's own clock, which OpenSSL goes by.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        moment: Callable[[], Moment],
        software: str,
        ca_file: Path | None = None,
        system: SystemTime | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._moment = moment
        self._agent = f"motcua/{software}"
        self._ca_file = ca_file
        self._system = system
        self._line = threading.Lock()
        self._closed = False
        self._client: httpx2.Client | None = None
        self._dates = Dates.NONE
        self._socket: socket.socket | None = None

    def send(self, batch: bytes, header: Header) -> Answer:
        log.debug("center.send", epoch=header.epoch, first=header.first, last=header.last)
        reply = self._post_batch("/v1/batches", batch)
        return reply if isinstance(reply, Unclear) else batch_answer(reply)

    def send_evidence(self, batch: bytes, header: Header) -> EvidenceAnswer:
        reply = self._post_batch("/v1/evidence", batch)
        return reply if isinstance(reply, Unclear) else evidence_answer(reply, header)

    def enrol(self, request: str) -> EnrolAnswer:
        reply = self._post("/v1/enrolments", request.encode("ascii"), {"Content-Type": JOSE})
        return reply if isinstance(reply, Unclear) else enrol_answer(reply)

    def close(self) -> None:
        self._closed = True
        self._hang_up()
        # A request that still holds the line closes the client itself, when its own time-out ends.
        if self._line.acquire(timeout=_CLOSE_S):
            try:
                self._drop_client()
            finally:
                self._line.release()

    def _post_batch(self, path: str, batch: bytes) -> Reply | Unclear:
        fields = {
            "Content-Type": CONTENT_TYPE,
            "Content-Encoding": "gzip",
            "Content-Digest": content_digest(batch),
        }
        return self._post(path, batch, fields)

    def _post(self, path: str, body: bytes, fields: Mapping[str, str]) -> Reply | Unclear:
        with self._line:
            alarm = threading.Timer(self._timeout_s * _WHOLE, self._hang_up)
            alarm.daemon = True
            alarm.start()
            try:
                if self._closed:
                    return Unclear("the line was closed")
                return self._exchange(self._open_client(), path, body, fields)
            except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
                self._drop_client()
                return Unclear(f"{type(error).__name__}: {error}")
            finally:
                alarm.cancel()
                if self._closed:
                    self._drop_client()

    def _exchange(
        self, client: httpx2.Client, path: str, body: bytes, fields: Mapping[str, str]
    ) -> Reply | Unclear:
        began_s = monotonic_s()
        # The answer is read as sent: a compressed one could be larger than it looks.
        headers = {**fields, "Accept-Encoding": "identity", "User-Agent": self._agent}
        extensions = {"trace": self._on_trace}
        with client.stream(
            "POST", self._url + path, content=body, headers=headers, extensions=extensions
        ) as response:
            content = bytearray()
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    return Unclear(f"HTTP {response.status_code} with more than {MAX_ANSWER_BYTES} bytes")
            found = {name.lower(): value for name, value in response.headers.items()}
            if found.get("content-encoding", "identity") != "identity":
                return Unclear(f"HTTP {response.status_code} with an encoding nobody asked for")
            if HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
                return Unclear(f"HTTP {response.status_code} to {found.get('location', 'nowhere')!r:.100}")
            took_s = round(monotonic_s() - began_s, 3)
            log.debug("center.answered", path=path, status=response.status_code, took_s=took_s)
            return Reply(response.status_code, found, bytes(content))

    def _open_client(self) -> httpx2.Client:
        moment = self._moment()
        dates = dates_for(moment, self._system_time().wall_us())
        if self._client is not None and dates is self._dates:
            return self._client
        self._drop_client()
        self._dates = dates
        self._client = httpx2.Client(
            verify=client_context(dates, self._ca_file),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(self._timeout_s, connect=min(self._timeout_s, _CONNECT_S)),
            limits=httpx2.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEPT_ALIVE_S
            ),
        )
        return self._client

    def _on_trace(self, name: str, info: dict[str, Any]) -> None:
        """Remember the socket of a new connection, and check the dates that OpenSSL does not."""
        if name not in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            return
        stream = info["return_value"]
        self._socket = stream.get_extra_info("socket")
        secured = stream.get_extra_info("ssl_object")
        try:
            if self._dates is Dates.BELIEVED and secured is not None:
                check_dates(secured.getpeercert(), self._moment().at)
            if self._closed:
                raise ConnectionAbortedError("the line was closed")
        except OSError:
            stream.close()
            raise

    def _hang_up(self) -> None:
        """End a call that waits on the network; it sees the end of the stream."""
        line = self._socket
        if line is not None:
            # The plain shutdown, also under TLS: the other thread is still using the TLS state.
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    def _drop_client(self) -> None:
        client, self._client, self._socket = self._client, None, None
        if client is not None:
            with suppress(OSError, ssl.SSLError):
                client.close()

    def _system_time(self) -> SystemTime:
        if self._system is None:
            self._system = KernelTime()
        return self._system
