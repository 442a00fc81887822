"""`opchaos doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_lib.cli.lazy import command
from chaos_lib.cli.session import begin
from chaos_lib.doctor import diagnose, render

app, this_command = command("opchaos doctor", "opchaos doctor --json")


@this_command
def doctor(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Say what this machine has, what it lacks, and how to get it.

    It never changes anything. The exit code is 0 when the workshop can be played.
    """
    session = begin(ctx, heals=False)
    report = diagnose(session.settings)
    if as_json:
        typer.echo(report.to_json())
    else:
        render(report, session.out)
    raise typer.Exit(report.exit_code)
