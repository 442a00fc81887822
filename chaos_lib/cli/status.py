"""`opchaos status`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chaos_lib.cli import standing
from chaos_lib.cli.facility_table import facility_table
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import prose, say
from chaos_lib.cli.session import begin
from chaos_lib.cli.standing import BuildNow, Standing
from chaos_lib.lab import FacilityState

app, this_command = command("opchaos status", "opchaos status --json")


@this_command
def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Show the lab, the workspace, the open attacks and your points."""
    session = begin(ctx)
    found = standing.look(session.settings)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _show(found, session.out)


def _show(found: Standing, out: Console) -> None:
    out.print(_facts(found))
    out.print()
    if found.lab.facilities:
        states = [(FacilityState(**item.model_dump()), item.is_running) for item in found.lab.facilities]
        out.print(facility_table(states))
        out.print()
    for attack in found.open_attacks:
        state = "cut off half-way" if attack.is_half_done else "open"
        line = Text.assemble((f"✗ {state}: ", "bold red"), prose(f"`{attack.name}`, {attack.title}."))
        out.print(line)
        see = f"`opchaos defend {attack.defence}` shows its symptom, " if attack.defence else ""
        say(out, f"  {see}`opchaos heal {attack.name}` undoes it.")
    for note in found.notes:
        say(out, note, "yellow")


def _facts(found: Standing) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("Phase", _phase(found))
    if found.phase is not None:
        grid.add_row("Points", f"{found.phase.points} of {found.phase.points_possible}")
        minutes = f"{found.phase.minutes_used:.0f} used, {found.phase.minutes_planned} planned"
        grid.add_row("Minutes", minutes)
    grid.add_row("Workspace", _workspace(found))
    grid.add_row("Lab", _lab(found))
    if found.build is not None:
        grid.add_row("Cluster", _build(found.build))
    count = len(found.open_attacks)
    grid.add_row(
        "Attacks",
        Text(f"✗ {count} open", style="red") if count else Text("✓ nothing is broken", style="green"),
    )
    return grid


def _phase(found: Standing) -> Text:
    if found.phase is None:
        return prose("not started yet: `opchaos lab` opens the workshop")
    return Text(f"{found.phase.name}, {found.phase.title}")


def _workspace(found: Standing) -> Text:
    if not found.has_workspace:
        return prose("not made yet: a phase's first cell makes it, or `opchaos workspace new --phase 1`")
    return Text(str(found.workspace))


def _build(build: BuildNow) -> Text:
    if build.is_running:
        return Text(f"being built, {build.fraction:.0%}: {build.detail}", style="cyan")
    return prose(f"✗ not built, {build.detail}: `opchaos up --cluster` builds it", "yellow")


def _lab(found: Standing) -> Text:
    if found.lab.is_up:
        return Text("✓ up", style="green")
    if not found.lab.facilities:
        return prose("○ down: `opchaos up` starts it")
    return prose("✗ something does not answer any more: `opchaos up` starts it again", "red")
