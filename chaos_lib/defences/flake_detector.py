"""Run the same tests again and again: a test that sometimes fails is worse than one that always does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.pytest_run import PytestReport, run_pytest
from chaos_lib.defences.scope import SERVICE_TESTS

RUN_VARIABLE = "OPCHAOS_RUN_NUMBER"
FOLDER = "tests/integration/service"
_RUNS = 3


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
    is_enough: Callable[[Sequence[PytestReport]], bool] = lambda _: False,
    on_run: Callable[[int], None] = lambda _: None,
) -> RepeatedRuns:
    """Run a folder's tests several times, each time in a fresh process and in another order.

    Each run knows its number from the variable OPCHAOS_RUN_NUMBER, counted from 1; the order is seeded with it.

    Args:
        context: Workspace and surroundings.
        runs: How many times at the most.
        folder: Of the tests, relative to the workspace.
        is_enough: Asked after each run with the reports so far; stops the series when it says yes.
        on_run: Told the number of each run before it starts.
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
        if is_enough(reports):
            break
    return RepeatedRuns(tuple(reports))


class FlakeDetector:
    """The integration tests must be green in every one of several runs."""

    name = "flake-detector"
    title = "Flake detector"
    phase = "phase-1-tests"
    uses_services = True
    looks_at = SERVICE_TESTS
    reasons: Mapping[str, str] = {
        "FLAKY": "The same tests on the same code sometimes pass and sometimes fail.",
        "ALWAYS_RED": "The tests failed in every run: that is no flake, that is a fault.",
    }

    def run(self, context: DefenceContext) -> Verdict:
        """Run the integration tests three times, or until one run was green and another red: more runs cannot change that."""
        return self.judge(repeat_tests(context, runs=_RUNS, is_enough=_is_mixed), context)

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


def _is_mixed(reports: Sequence[PytestReport]) -> bool:
    return len({report.is_green for report in reports}) == 2


FLAKE_DETECTOR = FlakeDetector()
