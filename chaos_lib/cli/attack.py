"""`opchaos attack`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich.text import Text

from chaos_lib.attacks import catalogue
from chaos_lib.attacks.base import Attack
from chaos_lib.cli import card_view
from chaos_lib.cli.lazy import command
from chaos_lib.cli.missions import connect, open_mission, require_workspace
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import Session, begin
from chaos_lib.errors import InvalidInput
from chaos_lib.mission import AttackState, Mission
from chaos_lib.ui import cards
from chaos_lib.ui.card import Card, Part, PartKind
from chaos_lib.ui.marks import CardState

app, this_command = command(
    "opchaos attack",
    "opchaos attack env_var_missing",
    "opchaos attack env_var_missing --explain",
    "opchaos attack env_var_missing --hint",
    "opchaos attack new my_attack",
    "opchaos attack export env_var_missing",
)
_STYLES = {
    AttackState.BROKEN: "red",
    AttackState.CAUGHT: "green",
    AttackState.HEALED: "blue",
    AttackState.IDLE: "dim",
}


@this_command
def attack(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The attack; without one, list them all.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell its story, its defence and its command; launch nothing.")
    ] = False,
    hint: Annotated[bool, typer.Option("--hint", help="Give the next hint; launch nothing.")] = False,
) -> None:
    """List the attacks, launch one, or learn more about it.

    An attack changes your workspace only, and every change can be undone: `opchaos heal`.
    """
    session = begin(ctx)
    if explain and hint:
        raise InvalidInput("`--explain` and `--hint` do not go together.", fix="Give one of them.")
    if name is None:
        if explain or hint:
            raise InvalidInput("Which attack?", fix="Name one: `opchaos attack` without more lists them.")
        _list(session)
        return
    attacks = catalogue.load(session.settings.home / "attacks")
    chosen = catalogue.find(name, attacks)
    mission = open_mission(session)
    if explain:
        card_view.show(_explained(chosen, mission), session.out)
    elif hint:
        card_view.show(cards.hint(mission.hint(name)), session.out)
    else:
        _launch(chosen, mission, session)


def _list(session: Session) -> None:
    states = _states(session, catalogue.load(session.settings.home / "attacks"))
    shown = table("", "Attack", "Phase", "For", "Min.", "State")
    for column in (0, 4, 5):
        shown.columns[column].no_wrap = True
    shown.columns[4].justify = "right"
    for attack, state in states.items():
        mark = Text(CardState(state.value).mark, style=_STYLES[state])
        title = Text.assemble(
            (attack.name, "bold"), f"\n{attack.title}" + ("" if attack.is_core else " (bonus)")
        )
        shown.add_row(attack.emoji, title, attack.phase, attack.difficulty.value, str(attack.minutes), mark)
    session.out.print(shown)
    say(
        session.out,
        "`opchaos attack NAME` launches one, `opchaos attack NAME --explain` tells about it first.",
    )


def _states(session: Session, attacks: Mapping[str, Attack]) -> Mapping[Attack, AttackState]:
    if not session.settings.state.exists():
        # Listing must not make a mission folder.
        return dict.fromkeys(attacks.values(), AttackState.IDLE)
    mission = open_mission(session)
    return {attack: mission.state_of(name) for name, attack in attacks.items()}


def _explained(chosen: Attack, mission: Mission) -> Card:
    """Return the card's twin: story, defence, command, and how far the hints were opened."""
    story = cards.story(chosen)
    taken = len([e for e in mission.log.events(kind="hint_taken") if e.name == chosen.name])
    state = CardState(mission.state_of(chosen.name).value)
    return Card(
        story.tone,
        story.symbol,
        story.word,
        story.heading,
        (*story.badges, chosen.phase),
        (
            *story.parts,
            Part(f"{state.mark}", "State"),
            Part(
                f"{min(taken, len(chosen.hints))} of {len(chosen.hints)} taken: `opchaos attack {chosen.name} --hint`",
                "Hints",
            ),
            cards.practitioner(chosen.command),
            Part(f"`opchaos attack {chosen.name}` launches it.", "Next step", PartKind.NEXT),
        ),
    )


def _launch(chosen: Attack, mission: Mission, session: Session) -> None:
    require_workspace(mission)
    connect(mission, session)
    mission.launch(chosen.name)
    card_view.show(
        Card(
            cards.story(chosen).tone,
            chosen.emoji,
            "LAUNCHED",
            chosen.title,
            (chosen.difficulty.value, f"{chosen.minutes} min"),
            (
                Part(chosen.story, "The Chaos Agent says"),
                Part(f"opchaos defend {chosen.defence}", "See the symptom", PartKind.COMMAND),
                cards.practitioner(f"{chosen.command}\n(in {mission.workspace.folder})"),
                Part(
                    f"Find it and fix it, then run the defence again. `opchaos attack {chosen.name} --hint` helps, "
                    f"`opchaos heal {chosen.name}` undoes it.",
                    "Your turn",
                    PartKind.NEXT,
                ),
            ),
        ),
        session.out,
    )
