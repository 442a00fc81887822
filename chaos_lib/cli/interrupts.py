"""Keeps Ctrl-C from cutting a clean-up short."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def undisturbed(on_press: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let the block go on when Ctrl-C is pressed once; pressed again, it raises KeyboardInterrupt.

    Args:
        on_press: Called at the first press.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals go to the main thread
        return
    presses: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        presses.append(number)
        if len(presses) > 1:
            raise KeyboardInterrupt
        on_press()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
