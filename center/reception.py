"""What a request's bytes lead to: verify, judge, store in one transaction, then sign the answer."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, assert_never

import structlog

from appliance.wire import batch
from appliance.wire.enrolment import Enrolled, EnrolmentRequest
from appliance.wire.errors import WireError
from appliance.wire.keys import PublicKey
from appliance.wire.moment import wire_time
from appliance.wire.problems import ProblemType
from center import answers, receive, register
from center.answers import Reply
from center.clock import Clock
from center.errors import CenterError, ClaimRefusedError
from center.keys import CenterKeys
from center.receipts import ReceiptDesk
from center.settings import Settings
from center.store.port import Store
from center.store.records import Evidence

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Sender:
    """Finds the key of a batch in the register and remembers which one it was."""

    store: Store
    kids: list[str]

    def __call__(self, kid: str, payload: dict[str, Any]) -> PublicKey:
        key = register.usable_key(self.store, kid, payload.get("device"))
        self.kids.append(kid)
        return key.key


class Reception:
    """Takes what boxes send. Every method blocks and may be called from several threads.

    Args:
        store: what is kept.
        keys: the center's own.
        settings: of this center.
        clock: center time.
    """

    def __init__(self, store: Store, keys: CenterKeys, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._settings = settings
        self._clock = clock
        self._receipts = ReceiptDesk(settings.name, keys.receipts, settings.next_after_s, clock)

    def take_batch(self, body: bytes) -> Reply:
        """Answer a batch as sent (gzip)."""
        try:
            received, kid = self._verify(body)
            verdict = self._store_new(received, kid)
            return self._answer(received.header, kid, verdict)
        except (WireError, CenterError) as error:
            return self._refuse("batch.refused", error)

    def take_evidence(self, body: bytes) -> Reply:
        """Answer a forked branch (gzip): set aside, never merged; again is the same answer."""
        try:
            received, kid = self._verify(body)
            new = self._set_aside(received, kid)
        except (WireError, CenterError) as error:
            return self._refuse("evidence.refused", error)
        header = received.header
        place = {"device": header.device, "epoch": header.epoch, "first": header.first, "last": header.last}
        log.warning("evidence.stored", new=new, **place)
        return answers.plain({**place, "head": header.head})

    def enrol(self, token: bytes) -> Reply:
        """Answer an enrolment request (compact JWS)."""
        try:
            request = EnrolmentRequest.verify(token.decode("ascii", "replace").strip())
            self._check_center(request)
            with self._store.transaction():
                admission, place = register.enrol(
                    self._store, request, self._clock.now(), confirm=self._settings.confirm
                )
        except (WireError, CenterError) as error:
            return self._refuse("enrolment.refused", error)
        log.info("enrolment.taken", device=place.device, kid=request.key.kid, admission=admission.name)
        match admission:
            case register.Admission.WAITING:
                waiting = {
                    "state": "waiting",
                    "detail": "an operator must confirm this key",
                    "kid": request.key.kid,
                }
                headers = {"Retry-After": str(self._settings.confirm_after_s)}
                return answers.plain(waiting, HTTPStatus.ACCEPTED, **headers)
            case register.Admission.ENROLLED:
                enrolled = Enrolled(place.device, place.site, place.role, self._keys.public)
                return answers.signed(enrolled.sign(self._keys.root), HTTPStatus.CREATED)
            case _:
                assert_never(admission)

    def health(self) -> Reply:
        """Answer whether the store can be read."""
        try:
            self._store.key("")
        except CenterError as error:
            return self._refuse("health.failed", error)
        return answers.plain({"status": "ok"})

    def _check_center(self, request: EnrolmentRequest) -> None:
        # Meant for one center: a request that was taken away cannot be used at another one.
        if request.center.rstrip("/") != self._settings.url.rstrip("/"):
            raise ClaimRefusedError(
                reason=f"the request is for {request.center}, this is {self._settings.url}"
            )

    def _verify(self, body: bytes) -> tuple[batch.Batch, str]:
        sender = _Sender(self._store, [])
        received = batch.open_batch(batch.decompress([body]), sender)
        return received, sender.kids[-1]

    def _store_new(self, received: batch.Batch, kid: str) -> receive.Verdict:
        with self._store.transaction():
            # Again, now that nothing can come in between: the key may have been retired meanwhile.
            register.usable_key(self._store, kid, received.header.device)
            verdict = receive.judge(received, kid, self._store)
            match verdict:
                case receive.Taken():
                    receive.record(received, verdict, kid, wire_time(self._clock.now()), self._store)
                case receive.Clone():
                    register.quarantine(self._store, received.header.device, verdict.reason)
                case receive.Known() | receive.Gap() | receive.Fork():
                    pass
                case _:
                    assert_never(verdict)
        return verdict

    def _set_aside(self, received: batch.Batch, kid: str) -> bool:
        header = received.header
        at = wire_time(self._clock.now())
        branch = Evidence(header.device, header.epoch, header.first, header.last, header.head, kid, at)
        content = batch.compress(received.to_bytes())
        with self._store.transaction():
            register.usable_key(self._store, kid, header.device)
            return self._store.add_evidence(branch, content)

    def _answer(self, header: batch.Header, kid: str, verdict: receive.Verdict) -> Reply:
        told = log.bind(device=header.device, epoch=header.epoch, first=header.first, last=header.last)
        match verdict:
            case receive.Taken(mark=mark) | receive.Known(mark=mark):
                told.info("batch.taken", upto=mark.upto, new=isinstance(verdict, receive.Taken))
                return answers.signed(self._receipts.sign(header.device, mark))
            case receive.Gap(mark=mark):
                told.info("batch.gap", upto=mark.upto)
                receipt = self._receipts.sign(header.device, mark)
                detail = f"events {mark.upto + 1} to {header.first - 1} are missing"
                return answers.problem(ProblemType.GAP, detail, receipt=receipt)
            case receive.Fork(mark=mark, reason=reason):
                told.warning("batch.fork", upto=mark.upto, branch=mark.epoch, reason=reason)
                receipt = self._receipts.sign(header.device, mark)
                return answers.problem(ProblemType.FORK, reason, receipt=receipt)
            case receive.Clone(reason=reason):
                told.error("device.quarantined", kid=kid, reason=reason)
                detail = f"key {kid} is quarantined, an operator must make a new claim: {reason}"
                return answers.problem(ProblemType.UNKNOWN_KEY, detail)
            case _:
                assert_never(verdict)

    def _refuse(self, event: str, error: WireError | CenterError) -> Reply:
        reply = answers.refused(error, self._settings.retry_after_s)
        log.warning(event, error=error.key, detail=str(error)[:200], status=reply.status.value)
        return reply
