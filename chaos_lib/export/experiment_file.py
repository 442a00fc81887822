"""Writes an attack as a Chaos Toolkit experiment: steady state, method, rollbacks.

Source: Chaos Toolkit docs, "The Chaos Toolkit Open API", experiment reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chaos_lib import durable
from chaos_lib.attacks.base import Attack
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import GREEN
from chaos_lib.errors import InvalidInput
from chaos_lib.export import actions

_HOW_IT_ENDS = (
    "The run ends as deviated: the defence is awake, and that is the finding. With "
    "`--hypothesis-strategy=before-method-only` it ends without a deviation. Chaos Toolkit leaves its rollbacks out when a run "
    "was interrupted or its steady state was not met: give `--rollback-strategy=always`, or heal afterwards with `opchaos heal`."
)


@dataclass(frozen=True)
class Activity:
    """One step of an experiment: a call of a public function of `chaos_lib.export.actions`.

    Attributes:
        type: Whether it looks (`probe`) or changes something (`action`).
        name: A few words for people.
        func: The function's name.
        arguments: Its arguments by name.
        tolerance: What a probe of the steady state must return; None for any other step.
    """

    type: Literal["probe", "action"]
    name: str
    func: str
    arguments: Mapping[str, str]
    tolerance: str | None = None

    def declaration(self) -> dict[str, Any]:
        """Return it in Chaos Toolkit's format."""
        declared: dict[str, Any] = {"type": self.type, "name": self.name}
        if self.tolerance is not None:
            declared["tolerance"] = self.tolerance
        declared["provider"] = {
            "type": "python",
            "module": actions.__name__,
            "func": self.func,
            "arguments": dict(self.arguments),
        }
        return declared


@dataclass(frozen=True)
class ExperimentFile:
    """A Chaos Toolkit experiment.

    Attributes:
        title: One line.
        description: What it shows, and how to run it.
        tags: Words to find it by.
        steady_state: Title of the hypothesis.
        probes: What must be true before the method, and is asked again after it.
        method: What is done, in order.
        rollbacks: What brings everything back.
    """

    title: str
    description: str
    tags: tuple[str, ...]
    steady_state: str
    probes: Sequence[Activity]
    method: Sequence[Activity]
    rollbacks: Sequence[Activity]

    def to_json(self) -> str:
        """Return the file's text."""
        experiment = {
            "version": "1.0.0",
            "title": self.title,
            "description": self.description,
            "tags": list(self.tags),
            "steady-state-hypothesis": {
                "title": self.steady_state,
                "probes": [probe.declaration() for probe in self.probes],
            },
            "method": [activity.declaration() for activity in self.method],
            "rollbacks": [activity.declaration() for activity in self.rollbacks],
        }
        return json.dumps(experiment, indent=2, ensure_ascii=False) + "\n"


def experiment_of(attack: Attack) -> ExperimentFile:
    """Return an attack as an experiment; nothing is run.

    Raises:
        InvalidInput: The attack names a defence that does not exist.
    """
    defence = defences.find(attack.defence)
    where = {"phase": attack.phase}
    this = {"attack": attack.name, **where}
    return ExperimentFile(
        title=f"{attack.title}: does `{defence.name}` notice?",
        description="\n\n".join(
            filter(None, (attack.story, attack.debrief, "" if attack.is_decoy else _HOW_IT_ENDS))
        ),
        tags=("operation-chaos", attack.phase, attack.difficulty.value, attack.name),
        steady_state=f"{defence.title}: green",
        probes=[
            Activity(
                "probe",
                f"{defence.name} says",
                "reason_of",
                {"defence": defence.name, **where},
                tolerance=GREEN,
            )
        ],
        method=[
            Activity("action", f"launch {attack.name}", "launch", this),
            Activity("probe", f"{defence.name} shows {attack.symptom.reason}", "see_symptom", this),
        ],
        rollbacks=[Activity("action", f"heal {attack.name}", "heal", this)],
    )


def write(attack: Attack, target: Path, *, overwrites: bool = False) -> None:
    """Write an attack's experiment into a file; its folder is made as needed.

    Args:
        attack: The attack.
        target: The file, such as `env_var_missing.json`.
        overwrites: Whether a file with other content may be replaced.

    Raises:
        InvalidInput: The target is a folder, or another file is there already.
    """
    text = experiment_of(attack).to_json()
    if target.is_dir():
        raise InvalidInput(
            "The experiment's file is a folder.", evidence=str(target), fix="Give a file with `--out`."
        )
    if target.exists() and not overwrites and target.read_text(encoding="utf-8", errors="replace") != text:
        raise InvalidInput(
            "There is another file already.",
            evidence=str(target),
            fix="Give another name with `--out`, or `--force` to replace it.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    durable.write_bytes(target, text.encode(), draft_folder=target.parent)
