"""Fills the parts of the site that come from the code, so that they cannot fall behind it.

A page asks with a comment on a line of its own, `<!-- generated: NAME ARGUMENT -->`; the reader of the plain file sees
where the part comes from, the reader of the site sees the part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from command_line import command_line

import chaos_lib
from chaos_lib.attacks import catalogue as attacks
from chaos_lib.attacks.base import Attack
from chaos_lib.checks.catalogue import CHECKS
from chaos_lib.defences.catalogue import DEFENCES
from chaos_lib.phases import PHASES, Phase, phase
from chaos_lib.settings import Settings

_MARKER = re.compile(r"^<!-- generated: (?P<name>[a-z-]+)(?: (?P<argument>[a-z0-9-]+))? -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace every marker of a page by its part; called by MkDocs."""
    return _MARKER.sub(lambda found: PARTS[found["name"]](found["argument"] or ""), markdown)


def phases_table(place: str) -> str:
    """Every phase with its time and its last line; those without a notebook yet are marked.

    Args:
        place: `here` on a page beside the phases' own; nothing on a page above them.
    """
    folder = "" if place == "here" else "phases/"
    rows = ["| phase | minutes | points | at the end you can say |", "|---|---:|---:|---|"]
    for each in PHASES:
        mark = "" if _is_playable(each) else " *(coming)*"
        title = f"[{each.number}: {each.title}]({folder}{each.name}.md){mark}"
        rows.append(f"| {title} | {each.minutes} | {each.points} | “{each.payoff}” |")
    total = f"| **together** | **{sum(p.minutes for p in PHASES)}** | **{sum(p.points for p in PHASES)}** | |"
    return "\n".join([*rows, total])


def phase_facts(name: str) -> str:
    """A phase in numbers, and what its checks want to be true."""
    chosen = phase(name)
    checks = [check for check in CHECKS.values() if check.phase == chosen.name]
    facts = [
        f"- **Time**: {chosen.minutes} minutes",
        f"- **Points**: {chosen.points}",
        f"- **Plays on**: {' and '.join(chosen.facilities)}",
        f"- **Notebook**: `notebooks/{chosen.name}/{chosen.name}.ipynb`",
    ]
    wanted = [f"| {check.title} | {check.points} |" for check in checks]
    table = ["| what must be true at the end | points |", "|---|---:|", *wanted]
    return "\n".join([*facts, "", *table])


def phase_attacks(name: str) -> str:
    """The attacks of a phase: story and defence, nothing that would spoil the hunt."""
    chosen = phase(name)
    return "\n\n".join(_card(each) for each in attacks.load().values() if each.phase == chosen.name)


def defences_table(_: str) -> str:
    """Every defence with the reason codes that it can give."""
    parts = []
    for defence in DEFENCES.values():
        reasons = [f"| `{code}` | {meaning} |" for code, meaning in defence.reasons.items()]
        parts.append(
            "\n".join(
                [
                    f"### {defence.title} (`{defence.name}`)",
                    "",
                    f"Taught in [{defence.phase}](../phases/{defence.phase}.md).",
                    "",
                    "| it can say | which means |",
                    "|---|---|",
                    *reasons,
                ]
            )
        )
    return "\n\n".join(parts)


def notebook_functions(_: str) -> str:
    """The functions of `chaos_lib`, from their docstrings."""
    return "\n\n".join(f"::: chaos_lib.notebook.{name}" for name in chaos_lib.__all__)


PARTS: Mapping[str, Callable[[str], str]] = {
    "phases": phases_table,
    "phase-facts": phase_facts,
    "phase-attacks": phase_attacks,
    "defences": defences_table,
    "notebook-functions": notebook_functions,
    "command-line": command_line,
}


def _card(attack: Attack) -> str:
    kind = "core" if attack.is_core else "bonus"
    defence = DEFENCES[attack.defence]
    return "\n".join(
        [
            f"### {attack.emoji} {attack.title}",
            "",
            f"> *“{attack.story}”*",
            "",
            f"{kind} · for {attack.difficulty.value}s · {attack.minutes} minutes · `{attack.name}`  ",
            f"**Defence that must catch it:** {defence.title} (`{defence.name}`)",
        ]
    )


def _is_playable(each: Phase) -> bool:
    return (Settings().notebooks / each.name / f"{each.name}.ipynb").is_file()
