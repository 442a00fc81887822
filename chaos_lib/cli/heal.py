"""`opchaos heal`."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_lib.attacks import catalogue
from chaos_lib.cli import card_view
from chaos_lib.cli.lazy import command
from chaos_lib.cli.missions import open_mission
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.errors import InvalidInput
from chaos_lib.experiment import Healed
from chaos_lib.mission import Mission
from chaos_lib.ui import cards

app, this_command = command("opchaos heal", "opchaos heal env_var_missing", "opchaos heal --all")


@this_command
def heal(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The attack to undo; without one, all of them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Undo all of them (as without a name).")] = False,
) -> None:
    """Undo attacks: everything is as it was, byte for byte.

    Edits of yours that an undo overwrites are kept: `opchaos workspace log` lists them.
    """
    session = begin(ctx)
    if name is not None and every:
        raise InvalidInput(
            "A name and `--all` do not go together.", fix=f"Run `opchaos heal {name}`, or `--all`."
        )
    if not session.settings.state.exists():
        if name is not None:
            catalogue.find(name, catalogue.load(session.settings.home / "attacks"))
        card_view.show(cards.healed(Healed()), session.out)
        return
    mission = open_mission(session)
    healed = mission.heal() if name is None else _undo(mission, name)
    if name is not None and not healed.attacks:
        say(session.out, f"`{name}` is not open: there is nothing to undo.")
        return
    card_view.show(cards.healed(healed), session.out)


def _undo(mission: Mission, name: str) -> Healed:
    if mission.experiment.state().run_of(name) is not None and name not in mission.attacks:
        # Its file is gone, the journal still knows how to undo it.
        return mission.experiment.undo(name)
    return mission.undo(name)
