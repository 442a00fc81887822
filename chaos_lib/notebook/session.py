"""The open phase of this notebook: its mission, its beginning, its end."""

from __future__ import annotations

from typing import Any

from IPython import get_ipython
from IPython.core.magic import register_cell_magic
from IPython.display import display

from chaos_lib import answers, grading, phases
from chaos_lib.doctor import diagnose as examine
from chaos_lib.errors import ChaosError, InvalidInput
from chaos_lib.mission import Mission
from chaos_lib.settings import Settings
from chaos_lib.ui import cards, confetti, formatters, hud, story
from chaos_lib.ui.page import has_front_end
from chaos_lib.ui.panel import AttackPanel
from chaos_lib.ui.progress import LabProgress

_current: list[Mission] = []


def start(phase: str | int) -> None:
    """Open a phase: heal what a killed run left, make the workspace, start the lab, show where you stand.

    Running it again is safe.
    """
    grading.open_mission_folder()
    mission = Mission(Settings(), phases.phase(phase))
    _register(mission)
    display(story.opening(mission.phase))
    with LabProgress() as progress:
        healed = mission.begin(progress)
    if healed.attacks:
        display(healed)
    display(hud.show(mission))
    offer_to_continue(mission)


def finish(call_sign: str = "") -> None:
    """Close the phase: what you can say now, with confetti.

    Args:
        call_sign: Who says it; nobody in particular when empty.
    """
    mission = current()
    mission.finish()
    display(hud.show(mission))
    payoff = mission.phase.payoff
    display(confetti.celebrate(f"{call_sign}: {payoff}" if call_sign else payoff))


def current() -> Mission:
    """Return the mission of this notebook.

    Raises:
        InvalidInput: No phase was started yet.
    """
    if not _current:
        raise InvalidInput(
            "No phase is open yet.",
            fix='Run the notebook\'s first code cell: `chaos.start("phase-1-tests")`.',
        )
    return _current[-1]


def settings_here() -> Settings:
    """Return the settings of the open mission; those of this machine when none is open."""
    return _current[-1].settings if _current else Settings()


def checkup() -> None:
    """Show what this machine has, what it lacks, and how to get it."""
    settings = settings_here()
    display(cards.doctor(examine(settings)))


def answer(path: str, cell: str) -> None:
    """Write a cell into the workspace: what `%%answer PATH` does."""
    mission = current()
    was_kept = answers.save(mission.workspace, path, cell)
    display(cards.answered(path, was_kept=was_kept))


def refresh() -> None:
    """Show the head-up panels and the attack cards as they stand now."""
    hud.refresh_all()
    AttackPanel.refresh_all()


def _register(mission: Mission) -> None:
    _current[:] = [mission]
    shell = get_ipython()
    if shell is not None:
        formatters.register(shell)
        if has_front_end():
            shell.set_custom_exc((ChaosError,), _show_as_card)
        register_cell_magic("answer")(lambda line, cell: answer(line.strip(), cell))


def _show_as_card(
    shell: Any, kind: type[ChaosError], exc: ChaosError, traceback: Any, tb_offset: int | None = None
) -> list[str]:
    """Show an error that ends a cell as a card; the cell has still failed, so that "Run All" stops there."""
    display(cards.error(exc))
    exc.is_on_page = True
    shell.showtraceback((kind, exc, traceback), tb_offset=tb_offset)
    return []


def offer_to_continue(mission: Mission) -> None:
    """Say what is still at work from an earlier kernel, and how to go on or get rid of it."""
    hidden = mission.hidden_attacks()
    if hidden:
        display(cards.offensive_goes_on())
    names = [run.attack for run in mission.experiment.state().runs if run.attack not in hidden]
    if names:
        display(cards.continue_or_restore(names))
