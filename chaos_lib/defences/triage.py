"""Ordered triage: ask one gate a layer, tell the first that is red, and count those behind it.

A pipeline stops at its first red gate. Whoever fixes that one and goes home has not seen what it was hiding.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from chaos_lib.defences.base import GREEN, Defence, DefenceContext, Verdict
from chaos_lib.defences.must_fail_run import MUST_FAIL_RUN
from chaos_lib.defences.scope import SERVICE, SERVICE_TESTS, UNIT_TESTS
from chaos_lib.defences.settings_gate import SETTINGS_GATE
from chaos_lib.defences.test_suites import INTEGRATION_TESTS
from chaos_lib.errors import ChaosError

# From the lowest layer up: settings, services, the tests themselves. A layer joins with the gate that speaks for it, and
# with a part of `three_at_once` that this gate must catch.
LAYERS: tuple[Defence, ...] = (SETTINGS_GATE, INTEGRATION_TESTS, MUST_FAIL_RUN)


class Triage:
    """One gate a layer, all of them asked, in order.

    Args:
        layers: The gates, the lowest layer first.
    """

    name = "triage"
    title = "Ordered triage"
    phase = "phase-5-final"
    uses_services = True
    looks_at = SERVICE | SERVICE_TESTS | UNIT_TESTS
    reasons: Mapping[str, str] = {
        "ONE_LAYER_RED": "One layer is red; nothing is hidden behind it.",
        "SEVERAL_LAYERS_RED": "Several layers are red: the first hides the others.",
    }

    def __init__(self, layers: Sequence[Defence] = LAYERS) -> None:
        self._layers = list(layers)

    def run(self, context: DefenceContext) -> Verdict:
        """Ask every layer; the first red one is the one to fix."""
        start = time.monotonic()
        verdicts = [_asked(gate, context) for gate in self._layers]
        red = [verdict for verdict in verdicts if not verdict.is_green]
        elapsed_s = time.monotonic() - start
        numbers = {"layers": len(verdicts), "red": len(red), "behind": max(len(red) - 1, 0)}
        command = " && ".join(dict.fromkeys(verdict.command for verdict in verdicts if verdict.command))
        if not red:
            summary = (
                f"All {len(verdicts)} gates are green, from {verdicts[0].defence} to {verdicts[-1].defence}."
            )
            return Verdict(
                self.name, GREEN, summary, "", "", command, context.tier, elapsed_s=elapsed_s, numbers=numbers
            )
        first, behind = red[0], len(red) - 1
        reason = "SEVERAL_LAYERS_RED" if behind else "ONE_LAYER_RED"
        hidden = (
            f"{behind} more {'is' if behind == 1 else 'are'} red behind it" if behind else "no other is red"
        )
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=f"{self.reasons[reason]} The first red gate is {first.defence} ({first.reason}); {hidden}.",
            evidence=f"{first.defence}: {first.summary}\n{first.evidence}",
            remedy=f"{first.remedy} Then run the triage again: fix one, the next shows.".strip()
            if behind
            else first.remedy,
            command=command,
            tier=context.tier,
            elapsed_s=elapsed_s,
            numbers=numbers,
        )


def _asked(gate: Defence, context: DefenceContext) -> Verdict:
    try:
        return gate.run(context)
    except ChaosError as exc:
        # A gate that cannot work lets nothing through, and must not keep the others from being asked.
        return Verdict(gate.name, "DEFENCE_BROKEN", exc.what, exc.evidence, exc.fix)


TRIAGE = Triage()
