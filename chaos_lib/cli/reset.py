"""`opchaos reset`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import typer

from chaos_lib.cli import card_view
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import Session, begin
from chaos_lib.errors import ChaosError, InvalidInput
from chaos_lib.experiment import Experiment
from chaos_lib.lab import Lab
from chaos_lib.settings import Settings
from chaos_lib.ui import cards

app, this_command = command("opchaos reset")


@this_command
def reset(ctx: typer.Context) -> None:
    """Heal, stop the lab, and put the mission folder aside for a fresh start.

    Nothing is deleted: the folder gets a new name beside its place.
    """
    session = begin(ctx)
    settings = session.settings
    if not (settings.state.exists() or settings.workspace.exists()):
        say(session.out, f"There is nothing to reset: {settings.home} holds no mission.")
        return
    _refuse_more_than_a_mission(settings)
    _heal(session)
    with LabProgress(session.err) as progress:
        report = Lab(settings).down(progress)
    for note in report.notes:
        say(session.out, note)
    moved_to = _free_name(settings.home)
    settings.home.rename(moved_to)
    say(session.out, f"The mission is kept: {moved_to}")
    say(session.out, "Ready for a fresh start: `opchaos lab`.")


def _heal(session: Session) -> None:
    try:
        healed = Experiment(session.settings).heal()
    except ChaosError as trouble:
        # It goes aside with its journal, and can be healed there.
        card_view.show(cards.error(trouble), session.err)
        return
    if healed.attacks:
        card_view.show(cards.healed(healed), session.out)


def _refuse_more_than_a_mission(settings: Settings) -> None:
    home = settings.home.resolve()
    if settings.repository.resolve().is_relative_to(home) or Path.home().resolve().is_relative_to(home):
        raise InvalidInput(
            "The mission folder holds more than a mission: it is not moved.",
            evidence=str(home),
            fix="Give the mission a folder of its own with `--home` or OPCHAOS_HOME.",
        )


def _free_name(home: Path) -> Path:
    stem = f"{home.name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    target, number = home.with_name(stem), 1
    while target.exists():
        number += 1
        target = home.with_name(f"{stem}-{number}")
    return target
