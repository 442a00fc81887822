"""`opchaos up`."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_lib.cli.cluster_build import begin_early
from chaos_lib.cli.facility_table import facility_table, remedies
from chaos_lib.cli.failures import EXIT_FAILED
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.lab import Lab

app, this_command = command("opchaos up", "opchaos up --cluster", "opchaos --tier embedded up")


@this_command
def up(
    ctx: typer.Context,
    cluster: Annotated[
        bool, typer.Option("--cluster", help="Start a Kubernetes cluster, too: from phase 4 on it is needed.")
    ] = False,
) -> None:
    """Start the lab: a Docker engine, Postgres and Redis.

    What is up already is used as it is. The first start on a machine may build images and takes minutes; later
    ones take seconds. Ctrl-C stops it and cleans up. A cluster that has to be built first is built in the background,
    while the earlier phases are played; `opchaos status` tells how far it is.
    """
    session = begin(ctx)
    with LabProgress(session.err) as progress:
        state = Lab(session.settings).up(progress, also=("cluster",) if cluster else ())
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
    found = state.facility("cluster")
    if cluster and (found is None or found.tier is None):
        say(session.out, "There is no cluster: everything else is up.")
        raise typer.Exit(EXIT_FAILED)
    begin_early(session)
    say(session.out, "The lab is up. `opchaos lab` opens the workshop, `opchaos down` stops the lab.")
