"""Poll until something is ready, with a deadline: the only way this package waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos_lib.errors import WaitTimeout


@dataclass(frozen=True)
class Reading:
    """One answer of a probe.

    Attributes:
        is_ready: Whether the wait is over.
        detail: What was seen, one line; shown as evidence when the wait fails.
    """

    is_ready: bool
    detail: str = ""


@dataclass(frozen=True)
class Clock:
    """Time as a value, so that tests can pass their own.

    Attributes:
        monotonic: Returns seconds that never go backwards.
        sleep: Pauses for the given seconds.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


SYSTEM_CLOCK = Clock()


def wait_until(
    what: str,
    probe: Callable[[], Reading],
    *,
    timeout_s: float,
    interval_s: float = 0.1,
    fix: str = "",
    clock: Clock = SYSTEM_CLOCK,
) -> float:
    """Poll `probe` until it is ready.

    Args:
        what: What is waited for, as it completes "... did not happen": "Postgres accepts connections".
        probe: Called at least once; its last detail becomes the evidence.
        timeout_s: Longest wait in seconds of monotonic time; 0 asks exactly once.
        interval_s: Pause between two calls, in seconds.
        fix: What the reader can do about a timeout.
        clock: The time source.

    Returns:
        The seconds waited.

    Raises:
        WaitTimeout: Not ready in time; carries the last reading.
    """
    start = clock.monotonic()
    while True:
        reading = probe()
        elapsed_s = clock.monotonic() - start
        if reading.is_ready:
            return elapsed_s
        if elapsed_s >= timeout_s:
            raise WaitTimeout(
                f"Waited {elapsed_s:.1f} s for this, in vain: {what}.", evidence=reading.detail, fix=fix
            )
        clock.sleep(min(interval_s, max(0.0, timeout_s - elapsed_s)))
