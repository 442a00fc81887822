"""Every defence, by name."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.base import Defence
from chaos_lib.defences.degraded_mode import DEGRADED_MODE
from chaos_lib.defences.flake_detector import FLAKE_DETECTOR
from chaos_lib.defences.frozen_clock import FROZEN_CLOCK
from chaos_lib.defences.must_fail_run import MUST_FAIL_RUN
from chaos_lib.defences.random_order import RANDOM_ORDER
from chaos_lib.defences.settings_gate import SETTINGS_GATE
from chaos_lib.defences.test_suites import INTEGRATION_TESTS, UNIT_TESTS
from chaos_lib.defences.triage import TRIAGE
from chaos_lib.errors import InvalidInput

_ALL: tuple[Defence, ...] = (
    SETTINGS_GATE,
    UNIT_TESTS,
    INTEGRATION_TESTS,
    FLAKE_DETECTOR,
    RANDOM_ORDER,
    FROZEN_CLOCK,
    DEGRADED_MODE,
    MUST_FAIL_RUN,
    TRIAGE,
)
DEFENCES: Mapping[str, Defence] = {defence.name: defence for defence in _ALL}


def find(name: str) -> Defence:
    """Return the defence of that name.

    Raises:
        InvalidInput: There is none.
    """
    if name not in DEFENCES:
        raise InvalidInput(
            f"There is no defence `{name}`.",
            evidence=f"known: {', '.join(DEFENCES)}",
            fix="Choose one of the known names.",
        )
    return DEFENCES[name]
