"""Launch, undo, settle and heal: the life of an attack."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from chaos_lib import durable, faultpoints
from chaos_lib.attacks.base import Attack
from chaos_lib.attacks.hands import EnvironmentVariables, Injector
from chaos_lib.cluster.journaled_objects import KubernetesObjects
from chaos_lib.cluster.target import lab_target, lab_variables
from chaos_lib.contexts import Contexts
from chaos_lib.credentials import CredentialStore
from chaos_lib.errors import AttackRefused, ChaosError, DiskFull, JournalDamaged, RollbackFailed
from chaos_lib.guard import Guard
from chaos_lib.journal import Journal, JournalState
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.operations import workspace_file
from chaos_lib.operations.base import Operator, layers_of
from chaos_lib.operations.cluster_object import Cluster, ClusterObjectKind
from chaos_lib.operations.credential import CredentialKind, Credentials
from chaos_lib.operations.docker_container import ContainerKind, Containers
from chaos_lib.operations.workspace_file import WorkspaceFileKind, WorkspaceFiles
from chaos_lib.rollback import Healed, Rollback
from chaos_lib.settings import Settings
from chaos_lib.workspace import Workspace

if TYPE_CHECKING:
    import docker

__all__ = ["Experiment", "Healed"]


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
        self.contexts = Contexts(settings.state)
        self.guard = Guard(
            settings.workspace, settings.run_id(), on_refusal=on_refusal, contexts=self.contexts
        )
        self.credentials = CredentialStore(settings.state / "credentials")
        self._containers = ContainerKind(self.guard, self._connect)
        self._objects = KubernetesObjects()
        self.operator = Operator(
            self.journal,
            [
                WorkspaceFileKind(self.guard, self.journal, self._versions),
                CredentialKind(self.credentials, self.journal),
                self._containers,
                ClusterObjectKind(self.guard, self.journal, self._objects),
            ],
        )

        self._rollback = Rollback(self.journal, self.operator, self.workspace)

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
            try:
                self.journal.begin(run, attack.name)
                attack.inject(self._injector(run))
                faultpoints.reach("experiment.injected")
                self.journal.launched(run)
            except BaseException as cause:
                # Ctrl-C too: nothing stays half broken.
                self._undo_failed_launch(run, cause)
                raise
            return run

    def undo(self, attack_name: str) -> Healed:
        """Undo one attack; undoing it twice, or when it is not open, changes nothing.

        Edits made since the attack to files it touched are saved as a commit under `refs/opchaos/` first.

        Raises:
            RollbackFailed: A part of it could not be brought back; all other parts are.
        """
        with self.journal.locked():
            run = self.state().run_of(attack_name)
            return Healed() if run is None else self._rollback.end([replace(run, ending="undo")])

    def stands(self, attack_name: str) -> bool:
        """Whether everything that an open attack touched is still as the attack left it."""
        run = self.state().run_of(attack_name)
        return run is not None and all(self.operator.stands(layers) for layers in layers_of(run.operations))

    def settle(self, attack_name: str) -> tuple[str, ...]:
        """Close an attack that the learner has fixed: their version stays, the rest is undone.

        Returns:
            The targets that stay as the learner left them.
        """
        with self.journal.locked():
            run = self.state().run_of(attack_name)
            return () if run is None else self._rollback.settle(run)

    def heal(self, *, only_half_done: bool = False) -> Healed:
        """Undo every open attack, the latest operation first; a settling that was cut off is completed.

        Args:
            only_half_done: Leave attacks alone that were launched completely: the learner is in the middle of them.

        Raises:
            RollbackFailed: A target could not be brought back; all others are.
        """
        with self.journal.locked():
            self._sweep_drafts()
            state = self.state()
            runs = [run for run in state.runs if not (only_half_done and run.is_launched)]
            healed = self._rollback.end(runs)
            self.journal.compact()
            return replace(healed, damaged_lines=state.damaged_lines)

    def rebuild(self, revision: str = "HEAD") -> str:
        """Rebuild the workspace from a commit and forget what is open in it: for a damaged journal.

        What can be healed is healed first, so that the version that is kept holds the learner's work, not the attacks.

        Returns:
            The commit under `refs/opchaos/` that keeps the workspace as it was before.

        Raises:
            RollbackFailed: Something outside the workspace could not be brought back; the workspace is rebuilt.
        """
        with self.journal.locked():
            self._sweep_drafts()
            try:
                runs = self.state().runs
            except JournalDamaged:
                self.journal.start_anew()
                runs = ()
            failure = None
            try:
                self._rollback.end(runs)
            except RollbackFailed as failed:
                failure = failed
            saved_as = self.workspace.rebuild(revision)
            for operation in self.state().operations:
                if operation.kind == workspace_file.KIND:
                    self.journal.undone(operation.number)
            for run in self.state().runs:
                if not run.operations:
                    self.journal.closed(run.run)
            self.journal.compact()
            if failure is not None and self.state().runs:
                raise failure
            return saved_as

    def _injector(self, run: str) -> Injector:
        files = WorkspaceFiles(self.operator, self.guard, run)
        return Injector(
            workspace=files,
            environment=EnvironmentVariables(files),
            containers=Containers(self.operator, self._containers, self._connect, run, self.guard.run_id),
            credentials=Credentials(self.operator, self.credentials, run),
            seed=self.settings.seed,
            open_cluster=lambda: self._cluster(run),
        )

    def _cluster(self, run: str) -> Cluster:
        target = lab_target(lab_variables(self.settings))
        return Cluster(
            self.operator,
            self.guard,
            self._objects,
            run,
            kubeconfig=target.kubeconfig,
            context=target.context,
            namespace=target.namespace,
        )

    def _versions(self, path: str) -> Iterable[bytes]:
        return self.workspace.git.versions(path) if self.workspace.exists else ()

    def _connect(self) -> docker.DockerClient:
        return DockerContainers(self.settings).search().require().connect()

    def _undo_failed_launch(self, run_id: str, cause: BaseException) -> None:
        run = next((run for run in self.state().runs if run.run == run_id), None)
        if isinstance(cause, DiskFull):
            self.journal.give_back_reserve()
        if run is None:
            return
        try:
            self._rollback.end([run])
        except DiskFull:
            # No room even for the records: the files first. The journal stays open, and the next heal closes it.
            for operation in reversed(run.operations):
                self.operator.restore(operation)

    def _sweep_drafts(self) -> None:
        durable.clear_drafts(self.journal.drafts)
        durable.clear_drafts(self.credentials.folder / "drafts")

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
