"""Everything that touches a pin or a serial line; it knows nothing of tickets and imports nothing of ours.

Codecs are bytes in, frames out (no I/O, no clock). Drivers own a thread or a pin. Emulators replace the
*device* at the other end of the wire, so that the real drivers are exercised. Constructors store,
classmethods ``open``, ``close()`` is idempotent; callbacks arrive on a driver's thread and must return
soon.

Public names, by module:

* ``hardware.errors``: ``HardwareError`` (key, template, template_vi), ``TransientHardwareError`` (retry
  later).
* ``hardware.clock``: ``Clock`` (``monotonic_ms()``), ``SystemClock``, ``ManualClock``.
* ``hardware.boards``: ``BoardProfile``, ``load_board(name)``, ``load_board_file(path)``, ``wiring_table()``.
* ``hardware.codecs.ff68``, ``.modbus_rtu``, ``.digit_panel``: frames and decoders.
* ``hardware.drivers.serial_bus``: ``SerialBus``, ``BusSettings``; ``.bus``: ``Bus``, ``BusState``,
  ``Transmission``.
* ``hardware.drivers.keypad``: ``Ff68Keypads``; ``.panel``: ``ModbusPanel``.
* ``hardware.drivers.gpio``: ``Gpio``; ``.buttons``: ``Buttons``; ``.lamps``: ``Lamp``, ``Buzzer``;
  ``.timers``: ``Timers``.
* ``hardware.emulators``: ``PtyLine``, ``Ff68KeypadEmulator``, ``ModbusPanelEmulator``, ``MockPins``,
  ``PinsServer``, ``PinsClient``.
"""
