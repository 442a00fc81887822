"""The service and its tests on this machine."""

from __future__ import annotations

import atexit

from IPython.display import display

from chaos_lib.defences.flake_detector import FLAKE_DETECTOR, RepeatedRuns, repeat_tests
from chaos_lib.errors import InvalidInput
from chaos_lib.notebook.session import current, refresh
from chaos_lib.service import Service
from chaos_lib.ui import plots
from chaos_lib.ui.progress import LabProgress


def flakes(runs: int = 8) -> RepeatedRuns:
    """Run the integration tests several times and show how often they pass.

    Args:
        runs: How many times, 2 to 50.
    """
    if not 2 <= runs <= 50:
        raise InvalidInput(f"{runs} runs make no sense here.", fix="Choose a number from 2 to 50.")
    mission = current()
    context = mission.context()
    with LabProgress(f"Running the integration tests {runs} times") as progress:
        repeated = repeat_tests(
            context, runs=runs, on_run=lambda n: progress.step(f"run {n} of {runs}", n / runs)
        )
    mission.note(FLAKE_DETECTOR.judge(repeated, context))
    display(plots.pass_rate(repeated))
    refresh()
    return repeated


def launch_service() -> Service:
    """Start the sample service from your workspace, with the lab's Postgres and Redis."""
    mission = current()
    with LabProgress("Starting mission control"):
        started = Service(mission.context())
    atexit.register(started.stop)
    return started
