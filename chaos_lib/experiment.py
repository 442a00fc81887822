"""Launch, undo, settle and heal: the life of an attack."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_lib import faultpoints
from chaos_lib.attacks.base import Attack
from chaos_lib.attacks.hands import EnvironmentVariables, Injector
from chaos_lib.credentials import CredentialStore
from chaos_lib.errors import AttackRefused, ChaosError
from chaos_lib.guard import Guard
from chaos_lib.journal import Journal, JournalState, OpenRun
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.operations.base import Operator
from chaos_lib.operations.credential import CredentialKind, Credentials
from chaos_lib.operations.docker_container import ContainerKind, Containers
from chaos_lib.operations.workspace_file import WorkspaceFileKind, WorkspaceFiles
from chaos_lib.settings import Settings
from chaos_lib.workspace import Workspace

if TYPE_CHECKING:
    import docker


@dataclass(frozen=True)
class Healed:
    """What a heal brought back.

    Attributes:
        attacks: Names of the attacks whose runs were undone, oldest first.
        targets: What was brought back, such as `tests/conftest.py`.
        saved_as: Commit under `refs/opchaos/` that keeps edits the undo overwrote; empty when there were none.
        damaged_lines: Lines of the journal that could not be read.
    """

    attacks: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    saved_as: str = ""
    damaged_lines: int = 0


class Experiment:
    """Runs attacks on one mission's workspace.

    Args:
        settings: Where workspace and state are.
        on_refusal: Told of every refusal of the Guard.
    """

    def __init__(self, settings: Settings, *, on_refusal: Callable[[ChaosError], None] | None = None) -> None:
        self.settings = settings
        self.workspace = Workspace(settings)
        self.journal = Journal(settings.state)
        self.guard = Guard(settings.workspace, settings.run_id(), on_refusal=on_refusal)
        self.credentials = CredentialStore(settings.state / "credentials")
        self._containers = ContainerKind(self.guard, self._connect)
        self.operator = Operator(
            self.journal,
            [
                WorkspaceFileKind(self.guard, self.journal),
                CredentialKind(self.credentials, self.journal),
                self._containers,
            ],
        )

    def state(self) -> JournalState:
        """Return what is broken right now."""
        return self.journal.state()

    def launch(self, attack: Attack) -> str:
        """Inject an attack: guarded, journaled, and undone at once when the injection fails.

        Returns:
            The run's id.

        Raises:
            AttackRefused: There is no workspace, the attack is open already, or an earlier one was killed half-way.
        """
        with self.journal.locked():
            self._refuse_if_not_ready(attack)
            run = uuid.uuid4().hex[:12]
            self.journal.begin(run, attack.name)
            try:
                attack.inject(self._injector(run))
            except BaseException:
                # Ctrl-C too: nothing stays half broken.
                self._undo_run(run)
                raise
            faultpoints.reach("experiment.injected")
            self.journal.launched(run)
            return run

    def undo(self, attack_name: str) -> Healed:
        """Undo one attack; undoing it twice, or when it is not open, changes nothing.

        Edits made since the attack to files it touched are saved as a commit under `refs/opchaos/` first.
        """
        with self.journal.locked():
            run = self.state().run_of(attack_name)
            return Healed() if run is None else self._undo_run(run.run)

    def settle(self, attack_name: str) -> tuple[str, ...]:
        """Close an attack that the learner has fixed: their version stays, the rest is undone.

        Returns:
            The targets that stay as the learner left them.
        """
        with self.journal.locked():
            run = self.state().run_of(attack_name)
            if run is None:
                return ()
            kept = []
            for operation in reversed(run.operations):
                if self.operator.settle(operation, self.state().operations):
                    kept.append(operation.target)
            self.journal.closed(run.run)
            if self.workspace.exists:
                self.workspace.git.commit(f"Caught: {attack_name}")
            return tuple(kept)

    def heal(self, *, only_half_done: bool = False) -> Healed:
        """Undo every open attack, the latest operation first.

        Args:
            only_half_done: Leave attacks alone that were launched completely: the learner is in the middle of them.
        """
        with self.journal.locked():
            state = self.state()
            runs = [run for run in state.runs if not (only_half_done and run.is_launched)]
            healed = [self._undo_run(run.run) for run in reversed(runs)]
            self.journal.compact()
            return Healed(
                attacks=tuple(run.attack for run in runs),
                targets=tuple(target for part in healed for target in part.targets),
                saved_as=next((part.saved_as for part in healed if part.saved_as), ""),
                damaged_lines=state.damaged_lines,
            )

    def rebuild(self, revision: str = "HEAD") -> str:
        """Rebuild the workspace from a commit and forget what is open: for a damaged journal.

        Returns:
            The commit under `refs/opchaos/` that keeps the workspace as it was before.
        """
        with self.journal.locked():
            saved_as = self.workspace.rebuild(revision)
            for run in self.state().runs:
                for operation in run.operations:
                    self.journal.undone(operation.number)
                self.journal.closed(run.run)
            self.journal.compact()
            return saved_as

    def _injector(self, run: str) -> Injector:
        files = WorkspaceFiles(self.operator, self.guard, run)
        return Injector(
            workspace=files,
            environment=EnvironmentVariables(files),
            containers=Containers(self.operator, self._containers, self._connect, run, self.guard.run_id),
            credentials=Credentials(self.operator, self.credentials, run),
            seed=self.settings.seed,
        )

    def _connect(self) -> docker.DockerClient:
        return DockerContainers(self.settings).search().require().connect()

    def _undo_run(self, run_id: str) -> Healed:
        run = next(run for run in self.state().runs if run.run == run_id)
        saved_as = self._save_edits(run)
        for operation in reversed(run.operations):
            self.operator.undo(operation, self.state().operations)
        self.journal.closed(run_id)
        targets = tuple(dict.fromkeys(operation.target for operation in run.operations))
        return Healed((run.attack,), targets, saved_as)

    def _save_edits(self, run: OpenRun) -> str:
        if not self.workspace.exists:
            return ""
        latest = {operation.target: operation for operation in run.operations}
        if not any(self.operator.is_changed_since(operation) for operation in latest.values()):
            return ""
        return self.workspace.git.save_snapshot(f"Edits made during {run.attack}")

    def _refuse_if_not_ready(self, attack: Attack) -> None:
        state = self.state()
        if not self.workspace.exists:
            raise AttackRefused(
                "There is no workspace to attack yet.",
                evidence=str(self.workspace.folder),
                fix="Run `opchaos workspace new --phase 1`, or open a phase's notebook and run its first cell.",
            )
        if state.run_of(attack.name) is not None:
            raise AttackRefused(
                f"`{attack.name}` is running already.",
                evidence="the journal holds an open run of it",
                fix=f'Fix it, or undo it first: `opchaos heal {attack.name}` or `chaos.undo("{attack.name}")`.',
            )
        half_done = [run.attack for run in state.runs if not run.is_launched]
        if half_done:
            raise AttackRefused(
                f"An earlier attack was cut off half-way: {', '.join(half_done)}.",
                evidence="the journal holds an unfinished run",
                fix="Heal first: `opchaos heal --all`.",
            )
