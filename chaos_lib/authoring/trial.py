"""Tries an attack out before it is let loose: its four states, and its run as a Chaos Toolkit experiment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.attacks.base import Attack
from chaos_lib.command import Command
from chaos_lib.errors import AttackRefused, ChaosError, CommandFailed, InvalidInput, ToolMissing
from chaos_lib.export import write
from chaos_lib.mission import Mission
from chaos_lib.proofs import Proof, ProofGround, states_of

_EXPERIMENT_S = 300.0
_MEANINGS = {
    "clean": "clean is green",
    "attacked": "attacked is red, as promised",
    "undone": "undone is the same, byte for byte",
    "solved": "solved is green",
    "launched": "launched is green: a decoy",
}


@dataclass(frozen=True)
class Proved:
    """What the proofs of an attack said.

    Attributes:
        attack: The attack.
        states: The states that held, in order.
        failure: What the first state said that did not hold; None when all did.
    """

    attack: Attack
    states: tuple[str, ...]
    failure: ChaosError | None = None


@dataclass(frozen=True)
class Experimented:
    """What Chaos Toolkit said about an attack.

    Attributes:
        attack: The attack.
        file: The experiment.
        was_steady: Whether the steady state was met before.
        was_seen: Whether the symptom was.
        is_deviated: Whether the steady state was lost: the defence is awake.
        is_rolled_back: Whether the rollbacks succeeded.
    """

    attack: Attack
    file: Path
    was_steady: bool
    was_seen: bool
    is_deviated: bool
    is_rolled_back: bool

    @property
    def is_success(self) -> bool:
        """Whether the run went as an attack with an awake defence must."""
        return self.was_steady and self.was_seen and self.is_deviated and self.is_rolled_back


def own_attacks(mission: Mission) -> tuple[Attack, ...]:
    """Return the attacks that the participant has written."""
    folder = mission.settings.home / "attacks"
    return tuple(each for each in mission.attacks.values() if (folder / f"{each.name}.py").is_file())


def version_of(mission: Mission, attack: Attack) -> str:
    """Return a fingerprint of an own attack's file: a proof is of this version only.

    Raises:
        InvalidInput: It is none of the participant's own.
    """
    path = mission.settings.home / "attacks" / f"{attack.name}.py"
    if not path.is_file():
        raise InvalidInput(
            f"`{attack.name}` is one of the kit's own: it is proved.",
            fix="Write one of your own with `chaos.new_attack()`, or `opchaos attack new NAME`.",
        )
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def prove(mission: Mission, attack: Attack, on_state: Callable[[str], None]) -> Proved:
    """Prove an own attack in its four states, in a copy of the finished project beside the workspace.

    Args:
        mission: Its lab is up.
        attack: The attack.
        on_state: Told what is proved now.
    """
    version = version_of(mission, attack)
    held: list[str] = []
    failure: ChaosError | None = None
    with tempfile.TemporaryDirectory(prefix="proof-", dir=mission.settings.state) as folder:
        own = mission.settings.model_copy(update={"home": Path(folder)})
        own.state.mkdir()
        # The same run: what a defence starts here goes with the mission's own things.
        shutil.copyfile(mission.settings.state / "run-id", own.state / "run-id")
        proof = Proof(attack, ProofGround(own, mission.context().lab, mission.tier_for(attack)))
        for state, method in states_of(attack).items():
            on_state(_MEANINGS[state])
            try:
                getattr(proof, method)()
            except ChaosError as exc:
                failure = exc
                break
            held.append(_MEANINGS[state])
    if failure is None:
        mission.log.add(mission.phase.name, "attack_proved", attack.name, version=version)
    return Proved(attack, tuple(held), failure)


def run_experiment(mission: Mission, attack: Attack) -> Experimented:
    """Export an own attack as a Chaos Toolkit experiment and let Chaos Toolkit run it on the workspace.

    Raises:
        ToolMissing: Chaos Toolkit is not installed.
        AttackRefused: Another attack is open.
        CommandFailed: Chaos Toolkit could not run it.
    """
    version = version_of(mission, attack)
    program = Path(sys.executable).with_name("chaos")
    if not program.exists():
        raise ToolMissing(
            "Chaos Toolkit is not installed.",
            evidence=str(program),
            fix="`pip install 'operation-chaos[chaostoolkit]'`, or `make setup` in the repository.",
        )
    open_now = [run.attack for run in mission.experiment.state().runs]
    if open_now:
        raise AttackRefused(
            "Another attack is open.", evidence=", ".join(open_now), fix="Undo it first: `chaos.heal()`."
        )
    folder = mission.settings.home / "experiments" / attack.name
    file, journal = folder / "experiment.json", folder / "journal.json"
    write(attack, file, overwrites=True)
    journal.unlink(missing_ok=True)
    surroundings = dict(os.environ) | {"OPCHAOS_HOME": str(mission.settings.home)}
    if mission.settings.tier is not None:
        surroundings["OPCHAOS_TIER"] = mission.settings.tier.value
    argv = [str(program), "--no-version-check", "run", "--rollback-strategy=always", file.name]
    result = Command(argv, cwd=folder, env=surroundings).run(timeout_s=_EXPERIMENT_S)
    if not journal.is_file():
        raise CommandFailed(
            "Chaos Toolkit wrote no journal.",
            evidence=result.last_lines,
            fix="Read its last lines: they name the cause.",
        )
    experimented = _read(attack, file, journal)
    if experimented.is_success:
        mission.log.add(mission.phase.name, "experiment_run", attack.name, version=version)
    return experimented


def _read(attack: Attack, file: Path, journal: Path) -> Experimented:
    told = json.loads(journal.read_text(encoding="utf-8"))
    before = (told.get("steady_states") or {}).get("before") or {}
    steps, rollbacks = told.get("run") or [], told.get("rollbacks") or []
    return Experimented(
        attack=attack,
        file=file,
        was_steady=bool(before.get("steady_state_met")),
        was_seen=len(steps) > 1 and all(step.get("status") == "succeeded" for step in steps),
        is_deviated=bool(told.get("deviated")),
        is_rolled_back=bool(rollbacks) and all(each.get("status") == "succeeded" for each in rollbacks),
    )
