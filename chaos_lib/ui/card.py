"""A card: one thing the learner should read, as HTML and as plain text with the same facts."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from chaos_lib.ui.theme import STYLE


class Tone(str, Enum):
    """How a card is meant; sets its colour, never its meaning: that is in symbol and word."""

    GOOD = "good"
    BAD = "bad"
    NOTE = "note"
    INFO = "info"
    VILLAIN = "villain"


class PartKind(str, Enum):
    """How a part of a card is shown."""

    PROSE = "prose"
    OUTPUT = "output"
    NEXT = "next"
    COMMAND = "command"


@dataclass(frozen=True)
class Part:
    """One piece of a card.

    Attributes:
        text: Plain text; backticks mark code. Never HTML.
        label: What it is, in a few words; may be empty for prose.
        kind: Prose, a tool's output, the next step, or a command to type.
    """

    text: str
    label: str = ""
    kind: PartKind = PartKind.PROSE

    @property
    def html(self) -> str:
        """The part as escaped HTML; empty when it has no text."""
        if not self.text.strip():
            return ""
        label = f'<div class="oc-label">{html.escape(self.label)}</div>' if self.label else ""
        if self.kind is PartKind.OUTPUT:
            # tabindex: a scrolling area has to be reachable with the keyboard.
            return (
                f'{label}<pre class="oc-pre" tabindex="0" role="region" aria-label="{html.escape(self.label)}">'
                f"{html.escape(self.text.rstrip())}</pre>"
            )
        if self.kind is PartKind.COMMAND:
            return f'{label}<pre class="oc-pre oc-cmd">{html.escape(self.text.strip())}</pre>'
        if self.kind is PartKind.NEXT:
            return f'<p class="oc-next"><b>{html.escape(self.label)}:</b> {inline(self.text)}</p>'
        return label + paragraphs(self.text)

    @property
    def plain(self) -> str:
        """The part as plain text; empty when it has no text."""
        if not self.text.strip():
            return ""
        if self.kind is PartKind.OUTPUT:
            body = "\n".join(f"    {line}" for line in self.text.rstrip().splitlines())
            return f"{self.label}:\n{body}" if self.label else body
        return f"{self.label}: {self.text.strip()}" if self.label else self.text.strip()


@dataclass(frozen=True)
class Card:
    """What is shown, in both forms.

    Attributes:
        tone: Its colour.
        symbol: One character that says the same as the colour.
        word: One or two words that say the same as the symbol.
        heading: What the card is about.
        badges: Short facts such as the tier and the seconds.
        parts: Its content, in order.
    """

    tone: Tone
    symbol: str
    word: str
    heading: str
    badges: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def html(self) -> str:
        """The card with its style: complete wherever it is put."""
        return STYLE + self.body

    @property
    def body(self) -> str:
        """The card without its style, for a place that has it already."""
        badges = " ".join(f'<span class="oc-badge">{html.escape(badge)}</span>' for badge in self.badges)
        label = html.escape(f"{self.word}: {self.heading}" if self.heading else self.word).replace("`", "")
        return (
            f'<div class="oc oc-card oc-{self.tone.value}" role="group" aria-label="{label}">'
            f'<div class="oc-head"><span class="oc-mark"><span aria-hidden="true">{html.escape(self.symbol)}</span> '
            f'{html.escape(self.word)}</span> <span class="oc-title">{inline(self.heading)}</span> '
            f'<span class="oc-badges">{badges}</span></div>'
            f"{''.join(part.html for part in self.parts)}</div>"
        )

    @property
    def text(self) -> str:
        """The card as plain text."""
        badges = f"  [{', '.join(self.badges)}]" if self.badges else ""
        head = f"{self.symbol} {self.word}  {self.heading}".rstrip() + badges
        return "\n".join([head, *(part.plain for part in self.parts if part.plain)])

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def inline(text: str) -> str:
    """Return escaped HTML for one run of prose; backticks become code."""
    escaped = html.escape(text.strip())
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escaped).replace("\n", "<br>")


def paragraphs(text: str) -> str:
    """Return escaped HTML for prose; an empty line starts a new paragraph."""
    return "".join(
        f'<p class="oc-p">{inline(part)}</p>' for part in re.split(r"\n\s*\n", text) if part.strip()
    )
