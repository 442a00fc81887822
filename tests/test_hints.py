from __future__ import annotations

import pytest

from chaos_lib.hints import DELAY_S, HintLadder
from chaos_lib.mission_log import MissionLog

HINTS = ("look", "look here", "do this")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def log(tmp_path, clock):
    return MissionLog(tmp_path / "mission.sqlite", now=clock)


@pytest.fixture
def ladder(log, clock):
    return HintLadder("attack", HINTS, log, now=clock)


def test_the_first_hint_is_open_at_once(ladder):
    hint = ladder.take("phase-1")

    assert (hint.text, hint.is_new, hint.is_last) == ("look", True, False)


def test_the_second_is_closed_and_says_what_opens_it(ladder, log):
    ladder.take("phase-1")

    hint = ladder.take("phase-1")

    assert hint.text.startswith("look\n")
    assert "after your next attempt" in hint.text
    assert not hint.is_new
    assert len(log.events(kind="hint_taken")) == 1, "what was not given is not counted"


@pytest.mark.parametrize("kind", ["attempt", "check_failed"])
def test_an_attempt_opens_the_next(ladder, log, kind):
    ladder.take("phase-1")
    log.add("phase-1", kind, "attack")

    assert ladder.take("phase-1").text == "look here"


def test_an_attempt_at_something_else_opens_nothing(ladder, log):
    ladder.take("phase-1")
    log.add("phase-1", "attempt", "another")

    assert not ladder.take("phase-1").is_new


def test_an_attempt_before_the_hint_opens_nothing(ladder, log, clock):
    log.add("phase-1", "attempt", "attack")
    clock.now += 1
    ladder.take("phase-1")
    clock.now += 1

    assert not ladder.take("phase-1").is_new


def test_time_opens_the_next(ladder, clock):
    ladder.take("phase-1")
    clock.now += DELAY_S - 0.5
    assert not ladder.take("phase-1").is_new
    clock.now += 0.5

    assert ladder.take("phase-1").text == "look here"


def test_the_last_hint_stays(ladder, log):
    for _ in HINTS:
        last = ladder.take("phase-1")
        log.add("phase-1", "attempt", "attack")
    again = ladder.take("phase-1")

    assert (last.text, last.is_new, last.is_last) == ("do this", True, True)
    assert (again.text, again.is_new, again.is_last) == ("do this", False, True)


def test_another_process_goes_on_where_this_one_stopped(ladder, log, clock):
    ladder.take("phase-1")
    log.add("phase-1", "attempt", "attack")

    assert HintLadder("attack", HINTS, log, now=clock).take("phase-1").text == "look here"
    assert HintLadder("other", HINTS, log, now=clock).take("phase-1").text == "look"


def test_what_was_taken_before_a_moment_does_not_count(log, clock, ladder):
    ladder.take("phase-1")
    clock.now += 1
    again = HintLadder("attack", HINTS, log, now=clock, since=clock.now)

    hint = again.take("phase-1")
    assert (hint.text, hint.is_new) == ("look", True)
    assert not again.take("phase-1").is_new
