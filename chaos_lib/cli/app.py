"""The root of `opchaos`: its options and the list of its commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.cli import lazy
from chaos_lib.cli.lazy import Entry, LazyGroup
from chaos_lib.cli.options import Options

_LAB, _PLAY, _CHAOS, _WORK = "Lab", "Play", "Chaos", "Workspace"
_CERTIFY = "Certificate"

COMMANDS: tuple[Entry, ...] = (
    Entry("doctor", "doctor", "Say what this machine has, what it lacks, and how to get it.", _LAB),
    Entry("up", "up", "Start the lab: a Docker engine, Postgres and Redis.", _LAB),
    Entry("down", "down", "Stop the lab and remove everything it created.", _LAB),
    Entry("status", "status", "Show the lab, the workspace, the open attacks and your points.", _LAB),
    Entry("env", "env", "Print what leads a terminal to the lab.", _LAB),
    Entry("lab", "lab", "Open the workshop in JupyterLab.", _PLAY),
    Entry("run", "run", "Play the notebooks without a browser, up to the scoreboard.", _PLAY),
    Entry("quiz", "quiz", "Take a quiz in the terminal: that of a phase, or the final one.", _PLAY),
    Entry(
        "game",
        "game",
        "Play the Chaos Agent's offensive: attacks of rising difficulty, against the clock.",
        _PLAY,
    ),
    Entry("attack", "attack", "List the attacks, launch one, or learn more about it.", _CHAOS),
    Entry(
        "attack new",
        "attack_new",
        "Write an attack of your own: a small one that works, with its test.",
        _CHAOS,
    ),
    Entry("attack export", "attack_export", "Write an attack as a Chaos Toolkit experiment.", _CHAOS),
    Entry(
        "allow-context",
        "allow_context",
        "Allow attacks on a Kubernetes cluster of your own, by name.",
        _CHAOS,
    ),
    Entry("defend", "defend", "List the defences, or run one on your workspace.", _CHAOS),
    Entry(
        "pipeline validate",
        "pipeline",
        "Check Jenkinsfiles the way a Jenkins controller does, without one.",
        _CHAOS,
    ),
    Entry(
        "pipeline run",
        "pipeline_run",
        "Run a Declarative Pipeline without a Jenkins controller, and show its log as it comes.",
        _CHAOS,
    ),
    Entry("heal", "heal", "Undo attacks: everything is as it was, byte for byte.", _CHAOS),
    Entry(
        "matrix",
        "matrix",
        "Run every attack against every defence, and every defence on the clean project.",
        _CHAOS,
    ),
    Entry("workspace", "workspace", "Make, find and restore your copy of the sample project.", _WORK),
    Entry("reset", "reset", "Heal, stop the lab, and put the mission folder aside for a fresh start.", _WORK),
    Entry("certificate", "certificate", "Issue your certificate, verify one, manage the keys.", _CERTIFY),
    Entry("backend", "backend", "Run the certificate service for a class.", _CERTIFY),
)

app = typer.Typer(
    name="opchaos",
    cls=LazyGroup,
    help="[bold]Operation Chaos[/bold]: Break It to Make It. The workshop's command line.",
    epilog=lazy.epilog("opchaos doctor", "opchaos lab", "opchaos attack env_var_missing", "opchaos heal"),
    rich_markup_mode="rich",
    invoke_without_command=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _entry in COMMANDS:
    lazy.add(app, _entry)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        # importlib.metadata costs as much as all other imports here.
        from importlib.metadata import version

        typer.echo(f"Operation Chaos {version('operation-chaos')}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Your mission folder [dim](OPCHAOS_HOME; default: mission/)[/dim]."),
    ] = None,
    tier: Annotated[
        str | None,
        typer.Option(
            metavar="TIER",
            help="Use nothing better than live, embedded or simulated [dim](OPCHAOS_TIER)[/dim].",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Keep the options for the command; without one, show what there is."""
    ctx.obj = Options(home=home, tier=tier)
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def main() -> None:
    """Run `opchaos` with the arguments of this process."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 shows a question mark for an emoji rather than nothing at all.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
