"""Writes an attack from one fault: in this file, this text becomes that one, and this gate must notice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from chaos_lib.attacks import catalogue
from chaos_lib.authoring.scaffold import require_name
from chaos_lib.defences import catalogue as defences
from chaos_lib.errors import InvalidInput
from chaos_lib.settings import Settings
from chaos_lib.workspace import Workspace

_MARK = "# Written by `chaos.new_attack()`"
_STORY = "One small change, and nobody will ever find it. Or will they?"
_DEBRIEF = (
    "A change in one place, made in passing, and a gate that states the rule noticed it at once. A fault that no gate "
    "notices is worth more than one that is caught: it tells which defence is missing."
)


@dataclass(frozen=True)
class Fault:
    """A change that breaks something.

    Attributes:
        path: The workspace file.
        old: What stands there, once or more.
        new: What will stand there instead.
        gate: The defence that must notice.
        reason: The reason code that it will give.
        pattern: Regular expression found in what it says.
        story: One line in the Chaos Agent's own voice; empty for a general one.
        debrief: Why it happens in real life and what prevents it; empty for a general one.
    """

    path: str
    old: str
    new: str
    gate: str
    reason: str
    pattern: str = "."
    story: str = ""
    debrief: str = ""


def write_fault(settings: Settings, name: str, phase: str, fault: Fault) -> Path:
    """Write an attack file into the mission's folder `attacks`; a file that this function wrote before is replaced.

    Args:
        settings: Where the mission and its workspace are.
        name: The attack's name, snake_case.
        phase: Name of the phase that it belongs to.
        fault: What it does.

    Raises:
        InvalidInput: The name is no attack name or is taken, the text does not stand in the file, or nothing is changed.
    """
    require_name(name)
    if name in catalogue.load():
        raise InvalidInput(
            f"There is an attack `{name}` already.",
            evidence="it is one of the kit's own",
            fix="Choose another name: `opchaos attack` lists those that are taken.",
        )
    target = settings.home / "attacks" / f"{name}.py"
    if target.exists() and _MARK not in target.read_text(encoding="utf-8"):
        raise InvalidInput(
            f"There is an attack `{name}` of your own hand already.",
            evidence=str(target),
            fix="Choose another name. Nothing is overwritten.",
        )
    _require_real(settings, fault)
    words = {
        "name": name,
        "phase": phase,
        "title": name.replace("_", " ").capitalize(),
        "gate": defences.find(fault.gate).name,
        "reason": fault.reason,
        "path": _literal(fault.path),
        "old": _literal(fault.old),
        "new": _literal(fault.new),
        "pattern": _literal(fault.pattern),
        "story": _literal(fault.story or _STORY),
        "debrief": _literal(fault.debrief or _DEBRIEF),
    }
    template = (resources.files("chaos_lib.authoring") / "fault.py.template").read_text(encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.write_text(Template(template).substitute(words), encoding="utf-8")
    draft.replace(target)
    return target


def _require_real(settings: Settings, fault: Fault) -> None:
    known = defences.find(fault.gate).reasons
    if fault.reason not in known:
        raise InvalidInput(
            f"`{fault.gate}` never says {fault.reason}.",
            evidence=f"it can say {', '.join(known)}",
            fix="Choose one of its reasons.",
        )
    # Where an attack may write is the Guard's to say, when it is launched; here only what is tracked can be meant.
    tracked = Workspace(settings).git.run("ls-files").output.splitlines()
    if fault.path not in tracked:
        raise InvalidInput(
            f"`{fault.path}` is no file of your workspace.",
            evidence=str(settings.workspace),
            fix="`chaos.tour()` lists what is there.",
        )
    text = (settings.workspace / fault.path).read_text(encoding="utf-8", errors="replace")
    if not fault.old or fault.old not in text or fault.old == fault.new:
        raise InvalidInput(
            f"This changes nothing in `{fault.path}`.",
            evidence=f"{fault.old!r} becomes {fault.new!r}",
            fix=f'`chaos.show("{fault.path}")` shows the file; copy the text from there.',
        )


def _literal(text: str) -> str:
    """Return a text as Python, in the quotes that the other attacks use."""
    return json.dumps(text, ensure_ascii=False)
