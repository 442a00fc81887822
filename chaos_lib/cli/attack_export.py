"""`opchaos attack export`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.attacks import catalogue
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.export import experiment_of, write

app, this_command = command(
    "opchaos attack export env_var_missing", "opchaos attack export env_var_missing --out experiment.json"
)
_STDOUT = "-"


@this_command
def export(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The attack.")],
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The file; - prints it [dim](default: experiments/NAME.json in the mission folder)[/dim].",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file with other content.")] = False,
) -> None:
    """Write an attack as a Chaos Toolkit experiment.

    `chaos run` plays it on your workspace, through the same guard and journal: `opchaos heal` undoes what is left.
    """
    session = begin(ctx)
    attack = catalogue.find(name, catalogue.load(session.settings.home / "attacks"))
    if out == _STDOUT:
        typer.echo(experiment_of(attack).to_json(), nl=False)
        return
    target = Path(out) if out else session.settings.home / "experiments" / f"{name}.json"
    write(attack, target, overwrites=force)
    home = shlex.quote(str(session.settings.home))
    say(session.out, f"The experiment: {target}")
    say(session.out, f"Check it:       chaos validate {shlex.quote(str(target))}")
    say(
        session.out,
        f"Play it:        OPCHAOS_HOME={home} chaos run --rollback-strategy=always {shlex.quote(str(target))}",
    )
