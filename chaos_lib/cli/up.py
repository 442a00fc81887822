"""`opchaos up`."""

from __future__ import annotations

import typer

from chaos_lib.cli.facility_table import facility_table, remedies
from chaos_lib.cli.failures import EXIT_FAILED
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.lab import Lab

app, this_command = command("opchaos up", "opchaos --tier embedded up")


@this_command
def up(ctx: typer.Context) -> None:
    """Start the lab: a Docker engine, Postgres and Redis.

    What is up already is used as it is. The first start on a machine may build images and takes minutes; later
    ones take seconds. Ctrl-C stops it and cleans up.
    """
    session = begin(ctx)
    with LabProgress(session.err) as progress:
        state = Lab(session.settings).up(progress)
    session.out.print(facility_table([(facility, True) for facility in state.facilities]))
    for line in remedies(state.facilities):
        say(session.out, line, "yellow")
    services = state.facility("services")
    if services is None or services.tier is None:
        say(
            session.out,
            "The workshop cannot be played without services: `opchaos doctor` says what is missing.",
        )
        raise typer.Exit(EXIT_FAILED)
    say(session.out, "The lab is up. `opchaos lab` opens the workshop, `opchaos down` stops the lab.")
