"""An office in memory, as the strangers' app sees it."""

from collections.abc import Sequence

from appliance.public.errors import OfficeAwayError, RefusedError
from appliance.sockets.door import Named, View
from appliance.sockets.known import Choice, Known, Rung

TOKEN = "A12-Zk3vY0bqTn1xW9aD"  # noqa: S105 - of nobody
OTHER = "B7-Zk3vY0bqTn1xW9aD"
WAITING = View(
    label="A012", service=Named(vi="Hộ tịch", en="Civil status"), state="WAITING", counter=None, ahead=3,
    low_ms=600_000, high_ms=900_000, counters_open=1, calls=0, since_ms=1_000, can_leave=True, can_rate=False,
    rated=False, correct_ms=0, can_reason=False,
)  # fmt: skip
KNOWN = Known(
    office=Named(vi="Xã Pa Ham", en="Pa Ham Commune"),
    levels=(
        Rung(name=Named(vi="Không hài lòng", en="Not satisfied"), color="#c62828"),
        Rung(name=Named(vi="Hài lòng", en="Satisfied"), color="#f9a825"),
        Rung(name=Named(vi="Rất hài lòng", en="Very satisfied"), color="#2e7d32"),
    ),
    reasons=(Choice(key="cho-lau", name=Named(vi="Chờ lâu", en="Long wait")),),
    services=(),
    correction_s=5,
)


def like(**changes: object) -> View:
    """Return the waiting ticket, changed."""
    return WAITING.model_copy(update=changes)


class InMemoryOffice:
    """Answers from a mapping; ``is_up`` may be switched off."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {TOKEN: WAITING}
        self.is_up = True
        self.looked: list[tuple[str, ...]] = []
        self.asked: list[tuple[str, ...]] = []
        self.answers: dict[str, View | None] = {}

    async def look(self, tokens: Sequence[str]) -> list[View | None]:
        self._check()
        self.looked.append(tuple(tokens))
        return [self.views.get(token) for token in tokens]

    async def leave(self, token: str, request: str) -> View | None:
        return self._do("leave", token, request, like(state="CANCELLED", can_leave=False, ahead=None))

    async def rate(self, token: str, level: int, request: str) -> View | None:
        if not self.views[token].can_rate:
            raise RefusedError(reason="rating.closed", en="not now", vi="chưa được")
        return self._do(f"rate {level}", token, request, self.views[token].model_copy(update={"rated": True}))

    async def reason(self, token: str, reason: str, request: str) -> View | None:
        after = self.views[token].model_copy(update={"can_reason": False})
        return self._do(f"reason {reason}", token, request, after)

    def _do(self, what: str, token: str, request: str, after: View) -> View | None:
        self._check()
        if request not in self.answers:
            self.asked.append((what, token, request))
            self.views[token] = self.answers[request] = after
        return self.answers[request]

    def _check(self) -> None:
        if not self.is_up:
            raise OfficeAwayError
