"""`opchaos run`: the workshop without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.cli.cluster_watch import ClusterWatch
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.run_lab import put_away, warm_up
from chaos_lib.cli.session import begin
from chaos_lib.errors import InvalidInput, LabBusy
from chaos_lib.headless import Display, Plan, RunReport, play
from chaos_lib.lab.cluster.build.job import BuildJob
from chaos_lib.phases import PHASES

app, this_command = command(
    "opchaos run", "opchaos run --only phase-1-tests", "opchaos run --tier embedded --out results"
)


@this_command
def run(
    ctx: typer.Context,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PHASE", help="Play this phase alone: its number or its name; may be given again."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where everything is written [dim](default: out/)[/dim]."),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option(metavar="TIER", help="Use nothing better than live, embedded or simulated."),
    ] = None,
) -> None:
    """Play the notebooks without a browser, up to the scoreboard.

    It plays in a mission of its own, beside yours. Exit code: 0 when every notebook passed, 1 when one failed,
    130 after Ctrl-C (press it twice to stop at once).
    """
    session = begin(ctx, tier=tier)
    plan = Plan.discover(session.settings, out=out, only=[phase_name(key) for key in only or ()])
    warm_up(session)
    report: RunReport | None = None
    has_played = True
    try:
        job = BuildJob(session.settings.cache)
        with Display(session.out) as display, ClusterWatch(job, display.say, display) as watch:
            report = play(plan, on_event=watch)
    except (InvalidInput, LabBusy):
        # The folder is somebody else's: nothing was started in it, and what runs there is theirs.
        has_played = False
        raise
    finally:
        if has_played:
            with LabProgress(session.err) as progress:
                put_away(session.settings, plan.out, report, progress)
    raise typer.Exit(report.exit_code)


def phase_name(key: str) -> str:
    """Return the full name of a phase given by its number; anything else is for the plan to judge."""
    return next((p.name for p in PHASES if key in (str(p.number), f"phase-{p.number}")), key)
