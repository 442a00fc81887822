"""Follow a build line by line."""

from __future__ import annotations

from collections.abc import Callable

from chaos_lib.pipeline.protocol import StageRecord


class LineListener:
    """Hands on each whole line of a build's console.

    Args:
        on_line: Called with it, without its end; None follows nothing.
    """

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self._on_line = on_line
        self._rest = ""

    def text(self, text: str) -> None:
        """Take the next piece of the console."""
        if self._on_line is None:
            return
        *whole, self._rest = (self._rest + text).split("\n")
        for line in whole:
            self._on_line(line.rstrip("\r"))

    def stage(self, record: StageRecord) -> None:
        """Drop it."""
