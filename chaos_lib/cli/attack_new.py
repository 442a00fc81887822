"""`opchaos attack new`."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_lib.authoring import scaffold
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin

app, this_command = command("opchaos attack new my_attack", "opchaos attack new my_attack --phase 0")


@this_command
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it does to the system, in snake_case.")],
    phase: Annotated[
        str, typer.Option(metavar="N", help="The phase it belongs to: its number or its name.")
    ] = "phase-1-tests",
) -> None:
    """Write an attack of your own: a small one that works, with its test.

    Change it step by step, and prove it after each step. Nothing is overwritten.
    """
    session = begin(ctx)
    made = scaffold(session.settings, name, phase)
    say(session.out, f"Your attack: {made.attack}")
    say(session.out, f"Its test:    {made.test}")
    say(session.out, f"Prove it:    {made.proof}")
    say(session.out, f"Play it:     opchaos attack {made.name}")
