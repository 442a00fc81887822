"""Run the same tests again and again: a test that sometimes fails is worse than one that always does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.pytest_run import PytestReport, run_pytest

RUN_VARIABLE = "OPCHAOS_RUN_NUMBER"
FOLDER = "tests/integration/service"
_RUNS = 4


@dataclass(frozen=True)
class RepeatedRuns:
    """The same tests, run several times.

    Attributes:
        reports: One report a run, in order.
    """

    reports: tuple[PytestReport, ...]

    @property
    def pass_rate(self) -> float:
        """Share of the runs that were green, 0 to 1."""
        return sum(report.is_green for report in self.reports) / len(self.reports)

    @property
    def reason(self) -> str:
        """`OK`, `FLAKY`, or the reason of the first run when none was green."""
        if self.pass_rate == 1:
            return GREEN
        return "FLAKY" if self.pass_rate > 0 else "ALWAYS_RED"

    @property
    def first_red(self) -> PytestReport | None:
        """The first run that was not green."""
        return next((report for report in self.reports if not report.is_green), None)

    @property
    def elapsed_s(self) -> float:
        """Seconds of all runs together."""
        return sum(report.elapsed_s for report in self.reports)


def repeat_tests(
    context: DefenceContext,
    *,
    runs: int,
    folder: str = FOLDER,
    on_run: Callable[[int], None] = lambda _: None,
) -> RepeatedRuns:
    """Run a folder's tests several times, each time in a fresh process and in another order.

    Each run knows its number from the variable OPCHAOS_RUN_NUMBER, counted from 1; the order is seeded with it.
    """
    reports = []
    for number in range(1, runs + 1):
        on_run(number)
        report = run_pytest(
            context,
            [folder],
            options=[f"--randomly-seed={number}"],
            extra_environment={RUN_VARIABLE: str(number)},
        )
        reports.append(report)
    return RepeatedRuns(tuple(reports))


class FlakeDetector:
    """The integration tests must be green in every one of several runs."""

    name = "flake-detector"
    title = "Flake detector"
    phase = "phase-1-tests"
    reasons: Mapping[str, str] = {
        "FLAKY": "The same tests on the same code sometimes pass and sometimes fail.",
        "ALWAYS_RED": "The tests failed in every run: that is no flake, that is a fault.",
    }

    def run(self, context: DefenceContext) -> Verdict:
        """Run the integration tests four times."""
        return self.judge(repeat_tests(context, runs=_RUNS), context)

    def judge(self, repeated: RepeatedRuns, context: DefenceContext) -> Verdict:
        """Turn repeated runs into a verdict."""
        runs = len(repeated.reports)
        green = round(repeated.pass_rate * runs)
        red = repeated.first_red
        counted = f"{green} of {runs} runs were green."
        return Verdict(
            defence=self.name,
            reason=repeated.reason,
            summary=f"{self.reasons.get(repeated.reason, 'Every run was green.')} {counted}",
            evidence="" if red is None else red.evidence,
            remedy=""
            if red is None
            else "Find what the tests do not wait for; replace every sleep by a wait.",
            command=f"for i in $(seq {runs}); do pytest --randomly-seed=$i tests/integration/service; done",
            tier=context.tier,
            elapsed_s=repeated.elapsed_s,
            numbers={"pass_rate": repeated.pass_rate, "runs": runs},
        )


FLAKE_DETECTOR = FlakeDetector()
