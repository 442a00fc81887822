"""Ctrl-C during a run: the first press ends the kernel in good order, the second one at once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopSwitch:
    """Remembers that the user (SIGINT) or the system (SIGTERM) asked to stop.

    No KeyboardInterrupt is raised: a run asks the switch between its steps and waits for it beside a cell, so that a
    signal can strike at any moment without leaving a kernel or half a file behind.
    """

    def __init__(self) -> None:
        self._presses = 0
        self._waiters: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = []

    @property
    def is_requested(self) -> bool:
        """Whether a stop was asked for."""
        return self._presses > 0

    @property
    def is_urgent(self) -> bool:
        """Whether it was asked for more than once: no more waiting for good order."""
        return self._presses > 1

    def press(self) -> None:
        """Ask to stop, as a signal does."""
        # Nothing is printed from here: a signal may strike in the middle of a write to the same stream.
        self._presses += 1
        for presses, loop, event in self._waiters:
            if self._presses >= presses and not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def wait(self, *, is_urgent: bool = False) -> None:
        """Return when a stop is asked for; with `is_urgent`, when it is asked for again."""
        presses = 2 if is_urgent else 1
        event = asyncio.Event()
        entry = (presses, asyncio.get_running_loop(), event)
        self._waiters.append(entry)
        try:
            if self._presses < presses:
                await event.wait()
        finally:
            self._waiters.remove(entry)

    @contextmanager
    def listening(self) -> Iterator[StopSwitch]:
        """Answer SIGINT and SIGTERM for as long as the block runs."""
        if threading.current_thread() is not threading.main_thread():
            yield self  # Python delivers signals to the main thread only: someone else listens there
            return

        def handle(_number: int, _frame: FrameType | None) -> None:
            self.press()

        before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
