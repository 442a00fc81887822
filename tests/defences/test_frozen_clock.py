from __future__ import annotations

import importlib.util
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from chaos_lib.defences import clock_plugin
from chaos_lib.defences.frozen_clock import FROZEN_CLOCK, MOMENTS, FrozenClock, Moment
from chaos_lib.defences.pytest_run import run_pytest

FILE = "tests/unit/test_day.py"
WEDNESDAY, MONTH_END = MOMENTS[0], MOMENTS[1]
TODAY = "from datetime import date\nTODAY = date.today()\n"


def seen_at(context, moment):
    """Run the project's tests at one moment."""
    return run_pytest(
        context,
        ["tests/unit"],
        options=["-p", "chaos_lib.defences.clock_plugin"],
        extra_environment={clock_plugin.CLOCK: f"{moment.local} {moment.zone}"},
    )


def red_on(*days):
    return lambda options, variables, folder: (
        "TESTS_FAILED" if variables[clock_plugin.CLOCK].startswith(days) else "OK"
    )


def test_tests_without_a_calendar_are_green_on_every_date(project, scripted):
    verdict = FROZEN_CLOCK.run(project())

    assert (verdict.reason, verdict.evidence, verdict.remedy) == ("OK", "", "")
    assert verdict.numbers == {"dates": len(MOMENTS), "dates_green": len(MOMENTS)}
    clocks = [variables[clock_plugin.CLOCK] for _, variables in scripted.asked]
    assert clocks == [f"{moment.local} {moment.zone}" for moment in MOMENTS]


def test_a_test_that_is_red_on_one_date_is_named_with_the_date(project):
    code = f"{TODAY}def test_the_day(): TODAY.replace(day=TODAY.day + 1)"

    verdict = FROZEN_CLOCK.run(project({FILE: code}))

    assert verdict.reason == "DATE_DEPENDENT"
    assert "green on 2027-06-16 10:00 (an ordinary Wednesday)" in verdict.evidence
    assert (
        "red on 2027-04-30 12:00 (the end of a month): tests.unit.test_day::test_the_day" in verdict.evidence
    )
    assert "ValueError" in verdict.evidence
    assert "Pass the time in" in verdict.remedy
    assert verdict.command == "TZ=UTC faketime '2027-04-30 12:00:00' pytest tests/unit"


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.why)
def test_red_on_a_single_date_is_date_dependent_whichever_it_is(project, scripted, moment):
    scripted.script = red_on(moment.local)

    verdict = FROZEN_CLOCK.run(project())

    assert verdict.reason == "DATE_DEPENDENT"
    assert f"red on {moment.title}" in verdict.evidence
    assert "'cat' == 'dog'" in verdict.evidence


def test_tests_that_are_red_on_every_date_are_not_blamed_on_the_date(project, scripted):
    scripted.script = red_on("20")

    verdict = FrozenClock([WEDNESDAY, MONTH_END]).run(project())

    assert verdict.reason == "TESTS_FAILED"
    assert "'cat' == 'dog'" in verdict.evidence
    assert verdict.numbers == {"dates": 2, "dates_green": 0}
    assert "nothing to do with it" in verdict.remedy


@pytest.mark.parametrize("reason", ["NO_TESTS", "PYTEST_MISSING", "TESTS_HANG"])
def test_what_no_date_can_change_is_asked_once(project, scripted, reason):
    scripted.script = lambda *_: reason

    assert FROZEN_CLOCK.run(project()).reason == reason
    assert len(scripted.asked) == 1


def test_without_the_package_that_moves_the_clock_it_says_so(project, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    verdict = FROZEN_CLOCK.run(project())

    assert verdict.reason == "CLOCK_MISSING"
    assert "make setup" in verdict.remedy


def test_it_says_which_date_it_tries(project, scripted):
    lines = []
    FrozenClock([WEDNESDAY]).run(replace(project(), on_line=lines.append))

    assert "--- the clock says 2027-06-16 10:00 (an ordinary Wednesday) ---" in lines


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.day)
def test_the_moments_are_what_they_are_called(moment):
    when = clock_plugin.parse(f"{moment.local} {moment.zone}")
    holds = {
        "an ordinary Wednesday": when.weekday() == 2,
        "the end of a month": (when + timedelta(days=1)).day == 1,
        "a Sunday, the night when summer time begins": (
            when.weekday() == 6 and when.utcoffset() != (when + timedelta(days=1)).utcoffset()
        ),
        "the leap day, after midnight here, still yesterday in UTC": (
            (when.month, when.day) == (2, 29) and when.date() != (when - when.utcoffset()).date()
        ),
    }
    assert holds[moment.why]


@pytest.mark.usefixtures("quick_pytest")
def test_the_tests_see_the_moved_clock_and_the_zone_and_waits_still_work(project):
    code = """
        import threading, time
        from datetime import date, datetime, timezone

        TODAY = date.today()

        def test_the_clock():
            assert TODAY == date(2027, 6, 16)
            assert (datetime.now().hour, datetime.now(timezone.utc).day) == (0, 15)
            assert time.time() < 1_900_000_000

        def test_waiting():
            begin = time.monotonic()
            assert not threading.Event().wait(0.05)
            assert time.monotonic() - begin < 30
    """
    report = seen_at(project({FILE: code}), Moment("midnight", "2027-06-16T00:30:00", "Asia/Tokyo"))

    assert report.is_green, report.output


@pytest.mark.parametrize("text", ["tomorrow UTC", "2027-06-16T00:30:00", "2027-06-16T00:30:00 Mars/Olympus"])
def test_a_clock_that_cannot_be_read_shows_how_it_must_look(text):
    with pytest.raises(ValueError, match="it must look like `2028-02-29T12:00:00 Europe/Berlin`"):
        clock_plugin.parse(text)


@pytest.mark.usefixtures("quick_pytest")
def test_a_clock_that_cannot_be_read_ends_the_run(project):
    report = seen_at(project({FILE: "def test_it(): pass"}), Moment("nonsense", "tomorrow"))

    assert not report.is_green
    assert "it must look like" in report.output


@pytest.mark.usefixtures("quick_pytest")
def test_without_the_variable_the_plugin_does_nothing(project):
    code = f"import time\ndef test_it(): assert abs(time.time() - {time.time()}) < 300"

    report = run_pytest(
        project({FILE: code}), ["tests/unit"], options=["-p", "chaos_lib.defences.clock_plugin"]
    )

    assert report.is_green, report.output
