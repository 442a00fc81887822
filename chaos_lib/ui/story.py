"""The Chaos Agent's voice: speech, the opening banner of a phase, the debrief at its end."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos_lib.attacks.base import Attack
from chaos_lib.phases import Phase
from chaos_lib.ui import cards
from chaos_lib.ui.card import Card, Part, PartKind, Tone, inline, paragraphs
from chaos_lib.ui.theme import STYLE
from chaos_lib.ui.voice import DEFAULT, OPENINGS

# Drawn for this workshop: a hooded figure with a grin, one raised eyebrow, and a loose plug for a pet.
AVATAR = (
    '<svg width="72" height="72" viewBox="0 0 96 96" role="img" aria-label="The Chaos Agent" '
    'xmlns="http://www.w3.org/2000/svg">'
    '<circle cx="48" cy="48" r="46" fill="#f3ecff" stroke="#6b3fa0" stroke-width="2.5"/>'
    '<path d="M14 84C14 40 28 12 48 12s34 28 34 72a46 46 0 0 1-68 0z" fill="#4b2a7b"/>'
    '<path d="M48 12c-6 0-9-5-4-9 1 4 7 3 10 7-1 2-4 2-6 2z" fill="#4b2a7b"/>'
    '<path d="M24 55c0-19 10-30 24-30s24 11 24 30c0 17-10 27-24 27S24 72 24 55z" fill="#ffe3c7"/>'
    '<path d="M24 52c2-20 12-27 24-27s22 7 24 27c-6-12-14-16-24-16s-18 4-24 16z" fill="#351c5c"/>'
    '<path d="M28 50q10-5 18 2v4q-2 8-10 8t-8-8zM50 52q8-7 18-2v6q0 8-8 8t-10-8z" fill="#1f2430"/>'
    '<circle cx="38" cy="56" r="3.4" fill="#9df0c0"/><circle cx="59" cy="56" r="3.4" fill="#9df0c0"/>'
    '<path d="M29 46l14 2M53 45l14-6" stroke="#351c5c" stroke-width="3.4" stroke-linecap="round"/>'
    '<path d="M34 69q15 12 29-3-4 13-14 13-11 0-15-10z" fill="#fff" stroke="#7a3b2e" stroke-width="2" '
    'stroke-linejoin="round"/><path d="M42 73v5M49 74v5M56 71v5" stroke="#7a3b2e" stroke-width="1.4"/>'
    "</svg>"
)


@dataclass(frozen=True)
class Speech:
    """Words of the Chaos Agent.

    Attributes:
        words: What is said; an empty line starts a new paragraph.
        heading: A line above it; may be empty.
        facts: Short facts below it, such as the planned minutes.
    """

    words: str
    heading: str = ""
    facts: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """The speech beside its avatar, complete with style."""
        heading = (
            f'<div class="oc-big" role="heading" aria-level="2">{inline(self.heading)}</div>'
            if self.heading
            else ""
        )
        badges = " ".join(f'<span class="oc-badge">{html.escape(fact)}</span>' for fact in self.facts)
        facts = f'<div class="oc-badges" style="margin:10px 0 0">{badges}</div>' if badges else ""
        return (
            f'{STYLE}<div class="oc oc-card oc-villain" role="group" aria-label="The Chaos Agent speaks">'
            f'<div class="oc-speech">{AVATAR}<div class="oc-words">{heading}'
            f'<span class="oc-mark" style="font-size:.8em">THE CHAOS AGENT</span>'
            f"{paragraphs(self.words)}{facts}</div></div></div>"
        )

    @property
    def text(self) -> str:
        """The speech as plain text."""
        lines = [self.heading, f"The Chaos Agent: “{self.words.strip()}”", " · ".join(self.facts)]
        return "\n".join(line for line in lines if line)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def speech(words: str) -> Speech:
    """Let the Chaos Agent say something."""
    return Speech(words)


def opening(phase: Phase, words: str = "") -> Speech:
    """Open a phase: its title, what the Chaos Agent says, and what can be won.

    Args:
        phase: The phase that begins.
        words: The Chaos Agent's words; empty takes those of the phase.
    """
    facts = (f"{phase.minutes} minutes", f"{phase.points} points", f"Payoff: “{phase.payoff}”")
    return Speech(words or OPENINGS.get(phase.number, DEFAULT), f"Phase {phase.number}: {phase.title}", facts)


def launched(attack: Attack) -> Speech:
    """Tell that an attack is at work, and what to do first."""
    facts = (f"{attack.minutes} minutes", attack.difficulty.value, f'First: chaos.symptom("{attack.name}")')
    return Speech(attack.story, f"{attack.emoji} {attack.title}", facts)


def debrief(attack: Attack) -> Card:
    """Tell why an attack works in real life, and what prevents it."""
    return cards.debrief(attack)


def phase_debrief(phase: Phase, lessons: Sequence[str]) -> Card:
    """Close a phase with what was learned, one sentence each."""
    numbered = tuple(Part(f"{number}. {lesson}") for number, lesson in enumerate(lessons, start=1))
    return Card(Tone.INFO, "★", "DEBRIEF", f"What {phase.title} taught", (), numbered)


def tour(folder: Path) -> Card:
    """List a workspace's files with a word on each room.

    Args:
        folder: The workspace.
    """
    files = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(part in _HIDDEN or part.endswith(".egg-info") for part in path.parts)
    )
    rooms: dict[str, list[str]] = {}
    for file in files:
        room = next((start for start, _ in _ROOMS if file.startswith(start)), "")
        rooms.setdefault(room, []).append(file)
    parts = tuple(
        Part("\n".join(_inside(start, rooms[start])), f"{start or 'top folder'}: {words}", PartKind.OUTPUT)
        for start, words in (*_ROOMS, ("", "the project itself"))
        if start in rooms
    )
    return Card(Tone.INFO, "⌂", "TOUR", "Your workspace", (f"{len(files)} files",), parts)


def _inside(room: str, files: list[str]) -> list[str]:
    # Only files that say something: an `__init__.py` here is a package's name, no more.
    return [file.removeprefix(room) for file in files if not file.endswith("__init__.py")]


_HIDDEN = {".git", "__pycache__", ".pytest_cache", ".ruff_cache"}
_ROOMS = (
    ("src/mission_control/", "the service, mission control: what runs in production"),
    ("tests/unit/", "tests that need nothing but Python"),
    ("tests/integration/", "tests that need a real Postgres and Redis"),
    ("tests/", "what all tests share"),
    ("k8s/", "how the cluster runs it"),
    ("jenkins/", "how the pipeline builds it"),
)
