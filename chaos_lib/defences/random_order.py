"""Run the tests in shuffled orders: a test may not need what another left behind."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.base import DefenceContext, Verdict
from chaos_lib.defences.flake_detector import FOLDER
from chaos_lib.defences.pytest_run import REASONS, run_pytest
from chaos_lib.defences.scope import SERVICE_TESTS

_SHUFFLES = 2


class RandomOrder:
    """Green in the order of the files must mean green in any order."""

    name = "random-order"
    title = "Random order"
    phase = "phase-1-tests"
    uses_services = True
    looks_at = SERVICE_TESTS
    reasons: Mapping[str, str] = {
        "ORDER_DEPENDENT": "The tests pass in one order and fail in another: they share state.",
        **REASONS,
    }

    def run(self, context: DefenceContext) -> Verdict:
        """Run the integration tests in the order of the files, then shuffled with two seeds."""
        first = run_pytest(context, [FOLDER], options=["-p", "no:randomly"])
        elapsed_s, reason, red = first.elapsed_s, first.reason, None if first.is_green else first
        command = f"pytest -p no:randomly {FOLDER}"
        if first.is_green:
            for seed in range(context.settings.seed, context.settings.seed + _SHUFFLES):
                shuffled = run_pytest(context, [FOLDER], options=[f"--randomly-seed={seed}"])
                elapsed_s += shuffled.elapsed_s
                command = f"pytest --randomly-seed={seed} {FOLDER}"
                if not shuffled.is_green:
                    reason, red = "ORDER_DEPENDENT", shuffled
                    break
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=self.reasons.get(reason, f"Green in file order and in {_SHUFFLES} shuffled orders."),
            evidence="" if red is None else red.evidence,
            remedy="" if red is None else "Let every test start from an empty database and an empty cache.",
            command=command,
            tier=context.tier,
            elapsed_s=elapsed_s,
        )


RANDOM_ORDER = RandomOrder()
