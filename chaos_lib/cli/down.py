"""`opchaos down`."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.lab import Lab

app, this_command = command("opchaos down", "opchaos down --purge")


@this_command
def down(
    ctx: typer.Context,
    purge: Annotated[
        bool,
        typer.Option(
            "--purge", help="Remove the cache, too: images, file systems, the lab's own engine, Kubernetes."
        ),
    ] = False,
) -> None:
    """Stop the lab and remove everything it created.

    Your workspace stays. So does everything that others made on the same Docker engine.
    """
    session = begin(ctx)
    if not session.settings.state.exists() and not purge:
        say(session.out, "The lab is down: this mission has never started one.")
        return
    with LabProgress(session.err) as progress:
        report = Lab(session.settings).down(progress, purge=purge)
    for note in report.notes:
        say(session.out, note)
    say(session.out, "The lab is down. Your workspace is untouched.")
