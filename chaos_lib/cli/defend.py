"""`opchaos defend`."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_lib.attacks import catalogue
from chaos_lib.cli import card_view
from chaos_lib.cli.failures import EXIT_FAILED
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.missions import connect, open_mission, require_workspace
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import Session, begin
from chaos_lib.defences.catalogue import DEFENCES, find
from chaos_lib.lab.facility import Progress
from chaos_lib.mission import AttackState
from chaos_lib.ui import cards

app, this_command = command("opchaos defend", "opchaos defend settings-gate")


@this_command
def defend(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The defence; without one, list them all.")] = None,
) -> None:
    """List the defences, or run one on your workspace.

    The exit code is 0 when it is green and 1 when it is red.
    """
    session = begin(ctx)
    if name is None:
        _list(session)
        return
    defence = find(name)
    mission = open_mission(session)
    require_workspace(mission)
    connect(mission, session)
    open_before = [run.attack for run in mission.experiment.state().runs]
    with LabProgress(session.err, is_transient=True) as progress:
        progress(Progress(f"Running {defence.name}", defence.title))
        verdict = mission.defend(name, progress.line)
    card_view.show(cards.verdict(verdict), session.out)
    if not verdict.is_green:
        raise typer.Exit(EXIT_FAILED)
    for attack in open_before:
        if attack in mission.attacks and mission.state_of(attack) is AttackState.CAUGHT:
            say(session.out, f"✓ `{attack}` is caught: you have fixed it.", "green")
            card_view.show(cards.debrief(mission.attack(attack)), session.out)


def _list(session: Session) -> None:
    attacks = catalogue.load(session.settings.home / "attacks").values()
    shown = table("Defence", "What it does", "Phase", "Must catch")
    shown.columns[0].no_wrap = True
    for defence in DEFENCES.values():
        caught = [attack.name for attack in attacks if attack.defence == defence.name]
        shown.add_row(defence.name, defence.title, defence.phase, "\n".join(caught))
    session.out.print(shown)
    say(session.out, "`opchaos defend NAME` runs one on your workspace.")
