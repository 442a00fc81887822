from __future__ import annotations

import pytest

from chaos_lib.errors import WaitTimeout
from chaos_lib.wait import Clock, Reading, wait_until


class FakeTime:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now, self.sleeps = 0.0, []

    def sleep(self, seconds):
        self.sleeps.append(seconds)
        self.now += seconds

    @property
    def clock(self):
        return Clock(monotonic=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def time():
    return FakeTime()


def test_it_returns_at_once_when_ready(time):
    assert wait_until("ready", lambda: Reading(True), timeout_s=10, clock=time.clock) == 0.0
    assert time.sleeps == []


def test_it_asks_until_the_answer_is_yes(time):
    answers = iter([False, False, True])

    waited = wait_until(
        "ready", lambda: Reading(next(answers)), timeout_s=10, interval_s=0.5, clock=time.clock
    )

    assert waited == 1.0
    assert time.sleeps == [0.5, 0.5]


def test_a_timeout_tells_the_last_reading(time):
    count = iter(range(100))

    with pytest.raises(WaitTimeout) as caught:
        wait_until(
            "Postgres accepts connections",
            lambda: Reading(False, f"try {next(count)}"),
            timeout_s=1.0,
            interval_s=0.4,
            fix="Look at its log.",
            clock=time.clock,
        )

    assert "Postgres accepts connections" in caught.value.what
    assert "1.0 s" in caught.value.what
    assert caught.value.evidence == "try 3"
    assert caught.value.fix == "Look at its log."
    assert time.now == pytest.approx(1.0), "never longer than it may"


def test_no_time_at_all_asks_exactly_once(time):
    asked = []

    with pytest.raises(WaitTimeout):
        wait_until("ready", lambda: Reading(bool(asked.append(1))), timeout_s=0, clock=time.clock)

    assert asked == [1]


def test_what_the_probe_raises_comes_through(time):
    def probe():
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        wait_until("ready", probe, timeout_s=1, clock=time.clock)
