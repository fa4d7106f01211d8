"""One sitting before the demo: the scene, who plays in it, who watches it, and what the keys do to it."""

import os
import random  # noqa: TID251 - the script's chance is seeded by the caller
import select
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import Self, assert_never

from appliance.clock import monotonic_s
from hardware.codecs.ff68 import Key, RatingValue
from provisioning.demo import keys
from provisioning.demo.agenda import Agenda
from provisioning.demo.citizens import Script
from provisioning.demo.hands import Hands
from provisioning.demo.observer import Observer
from provisioning.demo.picture import News, Picture
from provisioning.demo.province import Province
from provisioning.demo.scene import Scene


class Session:
    """Make it with :meth:`open`; everything but waking it belongs to one thread.

    Args:
        scene: a running one; not closed here.
        stack: closes what was opened, in reverse.
    """

    def __init__(self, scene: Scene, stack: ExitStack) -> None:
        self._scene = scene
        self._stack = stack
        self._hints = keys.hints(scene.settings)
        self._note = ""
        self._is_help_open = False
        self._is_doors_open = False
        self._is_over = False
        self._wake_fd = -1
        self._wake_lock = threading.Lock()
        self._observer: Observer
        self._hands: Hands
        self._province: Province
        self._hands_agenda = Agenda(monotonic_s)
        self._script_agenda: Agenda | None = None

    @classmethod
    def open(cls, scene: Scene, *, seed: int, script: bool) -> "Session":
        """Begin to watch, and to play when ``script`` says so.

        Args:
            scene: a running office and its province.
            seed: of the script's chance.
            script: whether citizens and officers come by themselves.

        Raises:
            JournalDamagedError, BadEventError: what the journal holds already cannot be read.
        """
        stack = ExitStack()
        try:
            session = cls(scene, stack)
            session._open(seed, script=script)
        except BaseException:
            stack.close()
            raise
        return session

    def _open(self, seed: int, *, script: bool) -> None:
        scene, stack = self._scene, self._stack
        self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        # The pins keep their watcher until the scene closes: after this session it wakes nobody.
        stack.callback(self._forget_wake)
        self._observer = Observer.open(scene, self.wake)
        stack.callback(self._observer.close)
        self._province = Province(scene, self.wake)
        stack.callback(self._province.close)
        self._hands = Hands(scene, self._hands_agenda, self.say)
        stack.callback(self._hands.close)
        if script:
            self._script_agenda = Agenda(monotonic_s)
            dice = random.Random(seed)  # noqa: S311 - a script, not a secret
            Script(scene, self._hands, self._script_agenda, dice).start()

    def close(self) -> None:
        """Let every button go, bring nothing back; idempotent."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_over(self) -> bool:
        """Whether somebody quit."""
        return self._is_over

    def wake(self) -> None:
        """End a wait early; from any thread."""
        with self._wake_lock:
            if self._wake_fd >= 0:
                os.eventfd_write(self._wake_fd, 1)

    def quit(self) -> None:
        """End the session at the next turn."""
        self._is_over = True

    def say(self, note: str) -> None:
        """Show a note until the next one."""
        self._note = note

    def turn(self, most_s: float, keyboard: int | None = None) -> None:
        """Wait until something happens or is due, and do it.

        Args:
            most_s: seconds to wait at most.
            keyboard: file descriptor of a terminal whose keys are obeyed, or None.
        """
        wait_s = self._hands_agenda.wait_s(most_s)
        if self._script_agenda is not None:
            wait_s = self._script_agenda.wait_s(wait_s)
        watched = [self._wake_fd] if keyboard is None else [self._wake_fd, keyboard]
        ready, _, _ = select.select(watched, [], [], wait_s)
        if self._wake_fd in ready:
            os.eventfd_read(self._wake_fd)
        if keyboard in ready:
            self._read(keyboard)
        self._hands_agenda.run_due()
        if self._script_agenda is not None:
            self._script_agenda.run_due()

    def picture(self) -> Picture:
        """Return how things are now."""
        picture = self._observer.picture()
        return replace(
            picture,
            record=replace(picture.record, center=self._province.state),
            hints=self._hints,
            note=self._note,
            is_scripted=self._script_agenda is not None,
            is_paused=self._script_agenda is not None and self._script_agenda.is_paused,
            is_help_open=self._is_help_open,
            doors=self._scene.doors,
            is_doors_open=self._is_doors_open,
        )

    def unread(self) -> list[News]:
        """Return what happened since this was asked last."""
        return self._observer.unread()

    def act(self, action: keys.Action) -> None:
        """Do what a key means."""
        match action:
            case keys.TakeNumber(place):
                self._take_number(place)
            case keys.Rate(buttons, level):
                self._hands.press(f"rating.{buttons}.{level}")
            case keys.CallNext():
                self._hands.key(Key.CALL, "Gọi số")
            case keys.Recall():
                self._hands.key(Key.RECALL, "Gọi lại")
            case keys.Evaluate():
                self._hands.evaluate(RatingValue.VERY_SATISFIED)
            case keys.TogglePanel():
                self._hands.toggle_panel()
            case keys.ToggleCenter():
                self._toggle_center()
            case keys.TogglePause():
                self._toggle_pause()
            case keys.ToggleHelp():
                self._is_help_open, self._is_doors_open = not self._is_help_open, False
            case keys.ToggleDoors():
                self._is_doors_open, self._is_help_open = not self._is_doors_open, False
            case keys.Quit():
                self.quit()
            case _:
                assert_never(action)

    def _take_number(self, place: int) -> None:
        buttons = self._scene.settings.hardware.issue_buttons
        self._hands.press(f"issue.{place}")
        if f"issue.{place}" not in buttons:
            self.say(f"Không có nút lấy số {place} · no such button")

    def _toggle_center(self) -> None:
        self._province.toggle()
        is_going = self._province.state in {"stopping", "down"}
        self.say(
            "Đã cắt đường lên tỉnh · uplink cut, nothing is lost"
            if is_going
            else "Nối lại đường lên tỉnh · uplink back"
        )

    def _toggle_pause(self) -> None:
        agenda = self._script_agenda
        if agenda is None:
            self.say("Không có kịch bản nào đang chạy · no script runs")
            return
        agenda.toggle()
        self.say(
            "Kịch bản tạm dừng · script paused" if agenda.is_paused else "Kịch bản chạy tiếp · script goes on"
        )

    def _read(self, keyboard: int) -> None:
        try:
            data = os.read(keyboard, 256)
        except OSError:  # the terminal is gone
            data = b""
        if not data:
            self.quit()
        for action in keys.actions_in(data):
            self.act(action)

    def _forget_wake(self) -> None:
        with self._wake_lock:
            wake_fd, self._wake_fd = self._wake_fd, -1
            os.close(wake_fd)
