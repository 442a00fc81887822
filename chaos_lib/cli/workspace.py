"""`opchaos workspace`: make, find and restore the participant's copy of the sample project."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_lib import phases
from chaos_lib.cli import saved_versions
from chaos_lib.cli.lazy import epilog
from chaos_lib.cli.missions import open_mission, require_workspace
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import begin
from chaos_lib.mission import Mission

app = typer.Typer(
    help="Make, find and restore your copy of the sample project.",
    epilog=epilog("opchaos workspace new --phase 1", "opchaos workspace log", "opchaos workspace restore"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)


@app.command(epilog=epilog("opchaos workspace new --phase 1", "opchaos workspace new --phase phase-1-tests"))
def new(
    ctx: typer.Context,
    phase: Annotated[str, typer.Option(metavar="N", help="The phase: its number or its name.")],
) -> None:
    """Make the workspace as it is when a phase starts; the one before is put aside, not deleted."""
    session = begin(ctx)
    chosen = phases.phase(phase)
    mission = Mission(session.settings, chosen)
    with mission.experiment.journal.locked():
        # What is open belongs to the old workspace: undone later, it would spoil the new one.
        healed = mission.heal()
        moved_to = mission.workspace.create(chosen)
    mission.log.add(chosen.name, "phase_started", chosen.name)
    if healed.attacks:
        say(session.out, f"Undone first: {', '.join(healed.attacks)}.")
    if moved_to is not None:
        say(session.out, f"The workspace before is kept: {moved_to}")
    say(session.out, f"Your workspace for {chosen.name} ({chosen.title}): {mission.workspace.folder}")


@app.command(epilog=epilog("opchaos workspace restore", "opchaos workspace restore 1f2e3d4"))
def restore(
    ctx: typer.Context,
    revision: Annotated[
        str,
        typer.Argument(
            metavar="[REV]", help="A saved version from `opchaos workspace log`.", show_default=False
        ),
    ] = "HEAD",
) -> None:
    """Bring every file back to its last saved version, or to REV; what is there now is kept first."""
    session = begin(ctx)
    mission = open_mission(session)
    require_workspace(mission)
    commit = saved_versions.resolve(mission.workspace.git, revision)
    saved_as = mission.experiment.rebuild(commit)
    say(session.out, f"Every file is as in version {commit[:10]}. No attack is open any more.")
    say(
        session.out, f"How it was before is kept: `opchaos workspace restore {saved_as[:10]}` brings it back."
    )


@app.command(epilog=epilog('cd "$(opchaos workspace path)"'))
def path(ctx: typer.Context) -> None:
    """Print where the workspace is."""
    session = begin(ctx)
    mission = open_mission(session)
    require_workspace(mission)
    typer.echo(mission.workspace.folder)


@app.command(epilog=epilog("opchaos workspace log", "opchaos workspace restore 1f2e3d4"))
def log(ctx: typer.Context) -> None:
    """List the saved versions, and how to get one back."""
    session = begin(ctx)
    mission = open_mission(session)
    require_workspace(mission)
    shown = table("Version", "When", "Kind", "What")
    for column in range(3):
        shown.columns[column].no_wrap = True
    for version in saved_versions.all_versions(mission.workspace.git):
        kind = "kept aside" if version.is_aside else "step"
        shown.add_row(version.commit[:10], f"{version.saved_at:%d %b %H:%M:%S}", kind, version.subject)
    session.out.print(shown)
    folder = mission.workspace.folder
    say(
        session.out,
        "Get everything back: `opchaos workspace restore VERSION` (what is there now is kept first).",
    )
    say(session.out, f"Look at one file:    `git -C {folder} show VERSION:README.md`")
    for older in saved_versions.older_workspaces(folder):
        say(session.out, f"An earlier workspace: {older}")
