"""Run the unit tests on other days: a test that knows what day it is today fails on another one."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.clock_plugin import CLOCK
from chaos_lib.defences.pytest_run import REASONS, PytestReport, run_pytest
from chaos_lib.defences.scope import UNIT_TESTS

_FOLDER = "tests/unit"
# With these another date would say the same.
_HOPELESS = ("NO_TESTS", "PYTEST_MISSING", "TESTS_HANG")


@dataclass(frozen=True)
class Moment:
    """A date and time at which the tests have to be green.

    Attributes:
        why: What is special about it.
        local: ISO format, without a zone.
        zone: Name in the time zone database.
    """

    why: str
    local: str
    zone: str = "UTC"

    @property
    def day(self) -> str:
        """The date alone, such as `2028-02-29`."""
        return self.local.partition("T")[0]

    @property
    def title(self) -> str:
        """For people: `2028-02-29 12:00 (the leap day)`."""
        return f"{self.local[:16].replace('T', ' ')} ({self.why})"


# Fixed, so that the verdict is the same whatever today is. An ordinary day first: then what fails is known to be about the date.
MOMENTS: tuple[Moment, ...] = (
    Moment("an ordinary Wednesday", "2027-06-16T10:00:00"),
    Moment("the end of a month", "2027-04-30T12:00:00"),
    Moment("a Sunday, the night when summer time begins", "2027-03-28T01:30:00", "Europe/Berlin"),
    Moment("the leap day, after midnight here, still yesterday in UTC", "2028-02-29T00:30:00", "Asia/Tokyo"),
)


@dataclass(frozen=True)
class DatedRun:
    """One run of the tests at another time.

    Attributes:
        moment: When, as the tests saw it.
        report: How it went.
    """

    moment: Moment
    report: PytestReport


class FrozenClock:
    """The unit tests must be green on every one of several dates."""

    name = "frozen-clock"
    title = "Frozen clock"
    phase = "phase-1-tests"
    uses_services = False
    looks_at = UNIT_TESTS
    reasons: Mapping[str, str] = {
        "DATE_DEPENDENT": "The same tests on the same code are green on one date and red on another.",
        "CLOCK_MISSING": "The package that moves the clock, time-machine, is not installed.",
        **REASONS,
    }

    def __init__(self, moments: Sequence[Moment] = MOMENTS) -> None:
        """Choose the dates.

        Args:
            moments: In the order in which they are tried; at least one.
        """
        self._moments = tuple(moments)

    def run(self, context: DefenceContext) -> Verdict:
        """Run the unit tests at each moment; stop when a green and a red one are known."""
        if importlib.util.find_spec("time_machine") is None:
            return self._verdict(
                context, "CLOCK_MISSING", (), remedy="Install the kit with its `lab` extra: `make setup`."
            )
        runs: list[DatedRun] = []
        for moment in self._moments:
            if context.on_line is not None:
                context.on_line(f"--- the clock says {moment.title} ---")
            runs.append(DatedRun(moment, self._run_at(moment, context)))
            if runs[-1].report.reason in _HOPELESS or len({run.report.is_green for run in runs}) == 2:
                break
        return self.judge(runs, context)

    def judge(self, runs: Sequence[DatedRun], context: DefenceContext) -> Verdict:
        """Turn runs at several moments into a verdict.

        Args:
            runs: At least one.
            context: Where they ran.
        """
        red = next((run for run in runs if not run.report.is_green), None)
        if red is None:
            return self._verdict(context, GREEN, runs)
        if any(run.report.is_green for run in runs):
            remedy = "Pass the time in, or fix it in the test: a test must not ask what day it is today."
            return self._verdict(context, "DATE_DEPENDENT", runs, evidence=_evidence(runs), remedy=remedy)
        remedy = "The date has nothing to do with it: repair the tests first (`pytest tests/unit`)."
        return self._verdict(context, red.report.reason, runs, evidence=red.report.evidence, remedy=remedy)

    def _run_at(self, moment: Moment, context: DefenceContext) -> PytestReport:
        return run_pytest(
            context,
            [_FOLDER],
            # A seed, and the order of the files: the date is the only thing that differs.
            options=[
                "-p", "chaos_lib.defences.clock_plugin",
                f"--randomly-seed={context.settings.seed}", "--randomly-dont-reorganize",
            ],
            extra_environment={CLOCK: f"{moment.local} {moment.zone}"},
        )  # fmt: skip

    def _verdict(
        self,
        context: DefenceContext,
        reason: str,
        runs: Sequence[DatedRun],
        *,
        evidence: str = "",
        remedy: str = "",
    ) -> Verdict:
        green = sum(run.report.is_green for run in runs)
        summary = self.reasons.get(reason, "The tests do not mind what day it is.")
        last = runs[-1].moment if runs else self._moments[0]
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=f"{summary} {green} of {len(runs)} dates tried were green.",
            evidence=evidence,
            remedy=remedy,
            command=f"TZ={last.zone} faketime '{last.local.replace('T', ' ')}' pytest {_FOLDER}",
            tier=context.tier,
            elapsed_s=sum(run.report.elapsed_s for run in runs),
            numbers={"dates": len(runs), "dates_green": green},
        )


def _evidence(runs: Sequence[DatedRun]) -> str:
    lines = []
    for run in runs:
        if run.report.is_green:
            lines.append(f"green on {run.moment.title}")
        else:
            names = ", ".join(run.report.failed_names) or run.report.reason
            lines.append(f"red on {run.moment.title}: {names}")
    red = next(run.report for run in runs if not run.report.is_green)
    return "\n".join([*lines, red.evidence])


FROZEN_CLOCK = FrozenClock()
