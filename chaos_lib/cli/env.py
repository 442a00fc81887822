"""`opchaos env`."""

from __future__ import annotations

import shlex

import typer

from chaos_lib.cli.lazy import command
from chaos_lib.cli.session import begin
from chaos_lib.errors import LabError
from chaos_lib.lab import Lab
from chaos_lib.mission import with_lab_names

app, this_command = command('eval "$(opchaos env)"')


@this_command
def env(ctx: typer.Context) -> None:
    """Print what leads a terminal to the lab.

    For `docker`, `kubectl`, `psql` and `redis-cli`.

    Where the cluster is started later than JupyterLab, terminals do not know it yet. Type `eval "$(opchaos env)"` once in each.
    """
    settings = begin(ctx).settings
    found = Lab(settings).environment()
    if not found:
        raise LabError(
            "The lab is not up, so there is nothing to lead a terminal to.",
            evidence=f"the mission is {settings.home}",
            fix="Run `opchaos up`, or `opchaos up --cluster` for Kubernetes.",
        )
    for name, value in sorted(with_lab_names(found, settings.run_id()).items()):
        typer.echo(f"export {name}={shlex.quote(value)}")
