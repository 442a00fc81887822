"""The participant's own pipeline: which gates a commit must pass, and which run at night."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from chaos_lib.attacks.base import Attack
from chaos_lib.campaign.gates import NIGHTLY, gates_for, place
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.triage import LAYERS, TRIAGE
from chaos_lib.errors import InvalidAnswer, NotAnsweredYet

FILE = "pipeline.yaml"


class Stage(str, Enum):
    """When a gate runs."""

    COMMIT = "commit"
    NIGHTLY = "nightly"
    NEVER = "never"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    commit: list[str]
    nightly: list[str] = []


@dataclass(frozen=True)
class OwnPipeline:
    """A pipeline as somebody wrote it.

    Attributes:
        commit: Gates that every commit must pass, in order; the first red one stops it.
        nightly: Gates that are too slow to wait for.
    """

    commit: tuple[str, ...]
    nightly: tuple[str, ...] = ()

    def stage_of(self, attack: Attack) -> Stage:
        """When this pipeline asks a gate that must catch an attack; the earliest, where several could."""
        gates = gates_of(attack)
        if gates & set(self.commit):
            return Stage.COMMIT
        return Stage.NIGHTLY if gates & set(self.nightly) else Stage.NEVER

    def uncovered(self, attacks: Iterable[Attack]) -> tuple[Attack, ...]:
        """The attacks that no gate of this pipeline would have to catch."""
        return tuple(each for each in attacks if not each.is_decoy and self.stage_of(each) is Stage.NEVER)

    def first_out_of_order(self) -> tuple[str, str] | None:
        """Two neighbours of which the second belongs before the first; None when the order is right.

        Right is: what only reads files first, then one layer after the other.
        """
        known = defences.DEFENCES
        for first, second in zip(self.commit, self.commit[1:], strict=False):
            if place(known[second]) < place(known[first]):
                return first, second
        return None


def gates_of(attack: Attack) -> frozenset[str]:
    """The gates that must catch an attack; the triage is none of them: it asks others, and those count."""
    if attack.defence == TRIAGE.name:
        return frozenset(layer.name for layer in LAYERS)
    return frozenset({attack.defence})


def finished(attacks: Iterable[Attack]) -> OwnPipeline:
    """Return the finished pipeline: a gate for every attack, and what runs the tests many times waits for the night."""
    names = [gate.name for gate in gates_for(attacks)]
    commit = tuple(name for name in names if name not in NIGHTLY)
    return OwnPipeline(commit, tuple(name for name in names if name in NIGHTLY))


def read(workspace: Path) -> OwnPipeline:
    """Read the pipeline of a workspace.

    Raises:
        NotAnsweredYet: Nobody has written it.
        InvalidAnswer: It is no list of gates.
    """
    path = workspace / FILE
    if not path.is_file():
        raise NotAnsweredYet(
            f"`{FILE}` is not written yet.",
            evidence="your workspace has no such file",
            fix=f"Write it: the cell that begins with `%%answer {FILE}`.",
        )
    try:
        found = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as exc:
        raise InvalidAnswer(
            f"`{FILE}` is no pipeline.",
            evidence=str(exc),
            fix="Two lists of gates: `commit:` and `nightly:`, each gate on a line of its own after a dash.",
        ) from exc
    every = [*found.commit, *found.nightly]
    for name in every:
        _require_gate(name)
    twice = sorted({name for name in every if every.count(name) > 1})
    if twice or not found.commit:
        raise InvalidAnswer(
            f"`{FILE}` names a gate twice." if twice else f"`{FILE}` has no gate for a commit.",
            evidence=", ".join(twice),
            fix="Put each gate into one of the two lists, once.",
        )
    return OwnPipeline(tuple(found.commit), tuple(found.nightly))


def _require_gate(name: str) -> None:
    gates = [known for known in defences.DEFENCES if known != TRIAGE.name]
    if name in gates:
        return
    near = difflib.get_close_matches(name, gates, n=2, cutoff=0.4)
    raise InvalidAnswer(
        f"There is no gate `{name}`.",
        evidence=f"it stands in {FILE}",
        fix=f"Did you mean {' or '.join(f'`{each}`' for each in near)}?"
        if near
        else "`chaos.coverage()` lists the gates.",
    )
