"""Shows the workshop's cards in a terminal: the same facts as in the notebooks."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from chaos_lib.cli.screen import prose
from chaos_lib.ui.card import Card, Part, PartKind, Tone

_STYLES = {
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.NOTE: "yellow",
    Tone.INFO: "blue",
    Tone.VILLAIN: "magenta",
}


def show(card: Card, target: Console) -> None:
    """Print a card: framed in a terminal, as plain text elsewhere.

    Args:
        card: What to show.
        target: Where.
    """
    if not target.is_terminal:
        target.print(Text(card.text), soft_wrap=True)
        return
    style = _STYLES[card.tone]
    head = Text.assemble((f"{card.symbol} {card.word}", f"bold {style}"), "  ")
    if card.heading:
        head.append_text(prose(card.heading, "bold"))
    badges = Text(" · ".join(card.badges), style="dim") if card.badges else None
    body: list[RenderableType] = [head]
    if badges is not None:
        body.append(badges)
    for part in card.parts:
        body += _part(part)
    target.print(
        Panel(
            Group(*body),
            box=box.ROUNDED,
            border_style=style,
            padding=(0, 1),
        )
    )


def _part(part: Part) -> list[RenderableType]:
    if not part.text.strip():
        return []
    if part.kind is PartKind.OUTPUT:
        label = [Text(part.label, style="bold")] if part.label else []
        return [Text(), *label, Padding(Text(part.text.rstrip(), style="dim"), (0, 0, 0, 2))]
    if part.kind is PartKind.COMMAND:
        return [
            Text(),
            Text(part.label, style="bold"),
            Padding(Text(part.text.strip(), style="cyan"), (0, 0, 0, 2)),
        ]
    if part.kind is PartKind.NEXT:
        return [Text(), Text.assemble((f"{part.label}: ", "bold"), prose(part.text.strip()))]
    label = [Text(part.label, style="bold")] if part.label else []
    return [Text(), *label, prose(part.text.strip())]
