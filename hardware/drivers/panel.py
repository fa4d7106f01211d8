"""A Modbus RTU digit panel: shows the latest text, repaints it, and knows whether it was confirmed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Self

from hardware.codecs import modbus_rtu
from hardware.codecs.digit_panel import DigitPanelText
from hardware.drivers.bus import Bus, BusState, Transmission
from hardware.drivers.timers import Timers
from hardware.errors import HardwareError, ModbusRefusedError, OutOfRangeError

_logger = logging.getLogger(__name__)
_MIN_REPAINT_S, _MAX_REPAINT_S = 0.1, 3600.0


@dataclass(frozen=True, slots=True)
class PanelStatus:
    """Whether the panel confirmed the last frame, and if not, why.

    ``is_online`` is None until the first frame was answered or given up.
    """

    is_online: bool | None
    error: HardwareError | None


class ModbusPanel:
    """One panel of a bus; make one with ``open``.

    Panels lose their text with their power and nobody tells us, so the text is painted again periodically.
    While a panel does not answer it is tried once instead of the bus's number of tries, so that it does not
    slow others.

    Args:
        bus: the line it hangs on.
        timers: the shared timer thread, for repainting.
        unit: Modbus address, 1 to 247.
        digits: width, 4 to 6.
        repaint_s: seconds between repaints, 0.1 to 3600.
        on_status: called on the bus thread when ``status`` goes on or offline, or for another sort of error.

    Raises:
        OutOfRangeError: ``unit`` or ``repaint_s`` is out of its range.
        PanelTextError: ``digits`` is not 4 to 6.
    """

    def __init__(
        self,
        bus: Bus,
        timers: Timers,
        *,
        unit: int,
        digits: int = 6,
        repaint_s: float = 10.0,
        on_status: Callable[[PanelStatus], None] | None = None,
    ) -> None:
        if not _MIN_REPAINT_S <= repaint_s <= _MAX_REPAINT_S:
            remedy = f"use {_MIN_REPAINT_S} to {_MAX_REPAINT_S} seconds"
            raise OutOfRangeError(what=f"panel {unit}", field="repaint_s", value=repaint_s, remedy=remedy)
        self.digits = digits
        self._bus = bus
        self._timers = timers
        self._unit = unit
        self._repaint_ms = round(repaint_s * 1000)
        self._on_status = on_status
        self._lock = Lock()
        self._request = DigitPanelText.blank(digits).to_request(unit)
        self._status = PanelStatus(is_online=None, error=None)
        self._is_closed = False

    @classmethod
    def open(
        cls,
        bus: Bus,
        timers: Timers,
        *,
        unit: int,
        digits: int = 6,
        repaint_s: float = 10.0,
        on_status: Callable[[PanelStatus], None] | None = None,
    ) -> Self:
        """Blank the panel and begin to repaint it."""
        panel = cls(bus, timers, unit=unit, digits=digits, repaint_s=repaint_s, on_status=on_status)
        bus.watch(panel._line_changed)
        panel._paint()
        timers.after(panel._repaint_ms, panel._repaint)
        return panel

    @property
    def status(self) -> PanelStatus:
        return self._status

    def show(self, text: str) -> None:
        """Show ``text`` from the left; returns at once, and a newer text replaces one still waiting.

        Raises:
            PanelTextError: the text is too long or cannot be shown.
            BusClosedError: the bus was closed.
            BusFullError: too many displays are waiting.
        """
        self._put(DigitPanelText.left(text, self.digits))

    def show_call(self, label: str, counter: int) -> None:
        """Show that ``label`` (such as A012) is called to ``counter`` (1 to 99; shown on six digits).

        Raises:
            PanelTextError: the call does not fit or cannot be shown.
            BusClosedError: the bus was closed.
            BusFullError: too many displays are waiting.
        """
        self._put(DigitPanelText.call(label, counter, self.digits))

    def close(self) -> None:
        """Paint nothing more; the panel keeps its last text and the bus stays open."""
        self._is_closed = True

    def _put(self, text: DigitPanelText) -> None:
        with self._lock:
            self._request = text.to_request(self._unit)
        self._paint()

    def _paint(self) -> None:
        with self._lock:
            request = self._request
        self._bus.send(
            Transmission(
                request.to_bytes(),
                f"panel {self._unit}",
                slot=f"panel {self._unit}",
                is_answered=lambda received: _is_confirmed(request, received),
                tries=1 if self._status.is_online is False else None,
                on_done=self._painted,
            )
        )

    def _repaint(self) -> None:
        if self._is_closed:
            return
        try:
            self._paint()
        except HardwareError as error:
            _logger.warning("panel %d was not repainted: %s", self._unit, error)
        self._timers.after(self._repaint_ms, self._repaint)

    def _painted(self, error: HardwareError | None) -> None:
        self._set_status(PanelStatus(is_online=error is None, error=error))

    def _line_changed(self, state: BusState) -> None:
        if self._is_closed:
            return
        if state.is_online:
            self._paint()
        else:
            self._set_status(PanelStatus(is_online=False, error=state.error))

    def _set_status(self, status: PanelStatus) -> None:
        before, self._status = self._status, status
        is_same = (before.is_online, type(before.error)) == (status.is_online, type(status.error))
        if self._on_status is not None and not is_same and not self._is_closed:
            self._on_status(status)


def _is_confirmed(request: modbus_rtu.Request, received: bytes) -> bool:
    """Look for the answer to ``request`` anywhere in what came, noise included.

    Raises:
        ModbusRefusedError: the panel answered with an exception.
    """
    decoder = modbus_rtu.Decoder(modbus_rtu.Side.RESPONSES)
    for response in [*decoder.feed(received), *decoder.silence()]:
        if not modbus_rtu.is_answer(request, response):
            continue
        if isinstance(response, modbus_rtu.Refused):
            raise ModbusRefusedError(
                unit=response.unit,
                function=response.function,
                code=response.code,
                meaning=response.meaning,
                remedy="that it keeps one ASCII code per register and has as many digits as configured",
            )
        return True
    return False
