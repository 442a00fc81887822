"""The lines of a working defence, as they come: bounded, and not more often than the eye can follow."""

from __future__ import annotations

import html
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07?|.)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_LENGTH = 400


class LiveLog:
    """A scrolling area with the latest lines; the newest is in view.

    Args:
        label: What it shows, for screen readers.
        now: Seconds of a monotonic clock.
        limit: Most lines that are kept.
        interval_s: Shortest time between two updates of the page, in seconds.
    """

    def __init__(
        self,
        label: str,
        *,
        now: Callable[[], float] = time.monotonic,
        limit: int = 200,
        interval_s: float = 0.1,
    ) -> None:
        self.widget: Any = widgets.HTML()
        self.lines: deque[str] = deque(maxlen=limit)
        self.seen = 0
        self._label = label
        self._now = now
        self._interval_s = interval_s
        self._shown_at = -interval_s

    def start(self) -> None:
        """Begin again, empty."""
        self.lines.clear()
        self.seen = 0
        self.flush()

    def add(self, line: str) -> None:
        """Take a line; long ones are cut, terminal colours and control characters are taken out."""
        clean = _CONTROLS.sub("", _ESCAPES.sub("", line.rstrip()))
        self.lines.append(clean if len(clean) <= _LINE_LENGTH else clean[:_LINE_LENGTH] + "…")
        self.seen += 1
        if self._now() - self._shown_at >= self._interval_s:
            self.flush()

    def flush(self) -> None:
        """Show what there is now."""
        self._shown_at = self._now()
        if not self.lines:
            self.widget.value = ""
            return
        dropped = self.seen - len(self.lines)
        more = f"({dropped} earlier lines are not shown)\n" if dropped else ""
        label = html.escape(self._label)
        self.widget.value = (
            f'<div class="oc"><div class="oc-label">{label}</div>'
            # Reversed column: the browser keeps the end in view while lines are added.
            f'<div class="oc-log" tabindex="0" role="log" aria-live="off" aria-label="{label}">'
            f"<div>{html.escape(more + chr(10).join(self.lines))}</div></div></div>"
        )
