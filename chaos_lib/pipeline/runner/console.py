"""The console of a build: where every text goes, masked, in an order that people can read.

Jenkins mixes the lines of parallel branches as they come. Here each branch's text stands together, in the order of the
file: the first unfinished branch is shown as it comes, the others when it is their turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone

from chaos_lib.pipeline.masking import Masker

Sink = Callable[[str], None]


class Channel:
    """Takes text in order. The root passes it on at once, that of a waiting branch keeps it.

    Args:
        sink: Takes the text when it is this channel's turn.
        lock: One for the whole build.
        is_live: Whether it is its turn from the start.
    """

    def __init__(self, sink: Sink, lock: threading.RLock, *, is_live: bool = True) -> None:
        self._sink = sink
        self.lock = lock
        self._is_live = is_live
        self._kept: list[str] = []
        self.is_at_line_start = True

    def line(self, text: str) -> None:
        """Take a line from outside of the build's threads; it does not land in the middle of another one."""
        with self.lock:
            self.write(f"{text}\n" if self.is_at_line_start else f"\n{text}\n")

    def write(self, text: str) -> None:
        """Take a text that is not empty."""
        with self.lock:
            self.is_at_line_start = text.endswith("\n")
            if self._is_live:
                self._sink(text)
            else:
                self._kept.append(text)

    def attach(self, sink: Sink) -> None:
        """Take another sink from now on."""
        self._sink = sink

    def go_live(self) -> None:
        """Pass on what was kept, and from now on everything at once."""
        with self.lock:
            self._is_live = True
            kept, self._kept = "".join(self._kept), []
            if kept:
                self._sink(kept)

    def branch(self) -> Channel:
        """Return a channel whose text waits for its turn in this one."""
        return Channel(self.write, self.lock, is_live=False)


class Console:
    """What one build thread writes to.

    Args:
        channel: Where its text goes.
        masker: Hides secrets.
        is_timed: Whether every line begins with its time, as `timestamps()` wants it.
    """

    def __init__(self, channel: Channel, masker: Masker, *, is_timed: bool = False) -> None:
        self.channel = channel
        self.masker = masker
        self.is_timed = is_timed
        self.stage_log: Sink = lambda _: None

    def line(self, text: str) -> None:
        """Write a text and end its line; secrets in it are masked."""
        with self.channel.lock:
            if not self.channel.is_at_line_start:
                self._write("\n")
            self._write(self.masker.mask(text) + "\n")

    def masked(self, text: str) -> None:
        """Write a piece of text that is masked already."""
        if text:
            self._write(text)

    def _write(self, text: str) -> None:
        with self.channel.lock:
            if self.is_timed:
                text = self._timed(text)
            self.stage_log(text)
            self.channel.write(text)

    def _timed(self, text: str) -> str:
        stamp = (
            f"[{datetime.now(tz=timezone.utc).isoformat(timespec='milliseconds').replace('+00:00', 'Z')}] "
        )
        lines = text.splitlines(keepends=True)
        return "".join(
            line if at == 0 and not self.channel.is_at_line_start else stamp + line
            for at, line in enumerate(lines)
        )
