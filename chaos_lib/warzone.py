"""The workspace's manifests before the lab's cluster: what the notebook of phase 4 does with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chaos_lib.cluster import blue_green, deploy, rollout
from chaos_lib.cluster.deploy import Deployed
from chaos_lib.cluster.diagnosis import Diagnosis, diagnose
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.rollout import ProgressOfReplicas, Rollout
from chaos_lib.cluster.target import deploy_target, guard_of
from chaos_lib.cluster.watch import ReplicaWatch
from chaos_lib.cluster.workload import look
from chaos_lib.defences.cluster_gate import COLOUR, Ground, cluster_images
from chaos_lib.defences.image_gate import Bench
from chaos_lib.defences.manifest_gate import complete
from chaos_lib.errors import ClusterUnavailable
from chaos_lib.mission import Mission
from chaos_lib.service import Answer

PUBLIC = blue_green.PUBLIC
_BACKING_TIMEOUT_S = 120.0
_Say = Callable[[str], None]


def _quiet(_: object) -> None:
    pass


@dataclass(frozen=True)
class Warzone:
    """A mission before its cluster.

    Every method raises ClusterUnavailable where the lab has no cluster, and GuardRefused where the manifests would go to one
    that is not the mission's.

    Attributes:
        mission: Whose workspace and lab.
    """

    mission: Mission

    @contextmanager
    def ground(self) -> Iterator[Ground]:
        """Open the cluster that `k8s/deploy.env` names, after asking the Guard."""
        context = self.mission.context(facility="cluster")
        self._require_cluster()
        target = deploy_target(context.workspace, context.lab)
        guard_of(context.settings).kube(target.kubeconfig, target.context, target.namespace)
        with complete(context) as project:
            api = target.connect()
            try:
                yield Ground(project, target, api, cluster_images)
            finally:
                api.close()

    def deploy(self, *, on_step: _Say = _quiet, on_progress: ProgressOfReplicas = _quiet) -> Deployed:
        """Build the image, apply everything, and wait; what goes wrong stays as it is, so that it can be looked at.

        Args:
            on_step: Told of each step in words.
            on_progress: Told of the service's replicas at every look.

        Raises:
            BuildFailed: The image cannot be built.
        """
        self._require_cluster()
        on_step("building your image")
        Bench(self.mission.context(facility="containers")).build()
        with self.ground() as ground:
            on_step("applying quota, accounts, secret, Postgres and Redis")
            shared = deploy.deploy(ground.api, ground.shared, is_gated=False, timeout_s=_BACKING_TIMEOUT_S)
            if not shared.is_good:
                return shared
            on_step("rolling out")
            return deploy.deploy(ground.api, ground.own, is_gated=False, on_progress=on_progress)

    def roll_back(self, revision: int = 0, *, on_progress: ProgressOfReplicas = _quiet) -> Rollout:
        """Go back to an earlier revision, and wait until it is there.

        Args:
            revision: Its number; 0 takes the one before the newest.
            on_progress: Told of the replicas at every look.

        Raises:
            InvalidInput: There is no such revision.
        """
        with self.ground() as ground:
            name = _workload(ground)
            rollout.undo(ground.api, name, revision)
            return rollout.wait_for(ground.api, name, on_progress=on_progress)

    def diagnose(self, workload: str = "") -> Diagnosis:
        """Say what is wrong with a Deployment.

        Args:
            workload: Its name; that of the colour that serves when empty.
        """
        with self.ground() as ground:
            return diagnose(ground.api, workload or _workload(ground))

    def ask(self, path: str) -> Answer:
        """Ask the public Service over HTTP, as a user would."""
        with self.ground() as ground:
            answer = ground.api.get(PUBLIC, path)
        return Answer(answer.status, answer.body)

    @property
    def serving(self) -> str:
        """The colour that the public Service selects; empty when it selects none."""
        with self.ground() as ground:
            return blue_green.serving(ground.api)

    @contextmanager
    def watching(self, colour: str, on_progress: ProgressOfReplicas) -> Iterator[None]:
        """Tell of a colour's replicas while the block runs, whoever changes them."""
        with self.ground() as ground, ReplicaWatch(ground.api, f"{PUBLIC}-{colour}", on_progress):
            yield

    def switch_to(
        self, colour: str, *, on_step: _Say = _quiet, on_progress: ProgressOfReplicas = _quiet
    ) -> blue_green.SwitchReport:
        """Deploy a colour beside the one that serves, ask it, switch to it, and switch back when it does not hold.

        Raises:
            InvalidInput: There is no such colour, or no public Service yet.
            CommandFailed: Its overlay cannot be rendered.
        """
        with self.ground() as ground:
            found = manifests_of(ground, colour)
            return blue_green.switch_over(ground.api, colour, found, on_step=on_step, on_progress=on_progress)

    def flip_to(self, colour: str) -> str:
        """Let the public Service select a colour, nothing else; returns the colour that it selected before."""
        with self.ground() as ground:
            return blue_green.flip(ground.api, colour)

    def _require_cluster(self) -> None:
        report = self.mission.facility("cluster")
        if report is not None and report.tier is None:
            raise ClusterUnavailable(
                "Phase 4 is played on a real Kubernetes cluster, and there is none here.",
                evidence=report.reason,
                fix=report.remedy or "Run `opchaos doctor`: it says how to get one.",
            )


def manifests_of(ground: Ground, colour: str) -> Manifests:
    """Return a colour's own objects, for this cluster."""
    return ground.led(ground.project.part(f"overlays/{colour}"))


def has_drifted(ground: Ground) -> list[str]:
    """Return the Deployments that run something else than the manifests say: what `kubectl diff` would show."""
    drifted = []
    for body in ground.own.of_kind("Deployment"):
        name = body["metadata"]["name"]
        wished = ground.api.apply(body, is_dry_run=True)["spec"]["template"]
        runs = look(ground.api, name).deployment["spec"]["template"]
        if wished["spec"] != runs["spec"]:
            drifted.append(name)
    return drifted


def _workload(ground: Ground) -> str:
    return f"{PUBLIC}-{blue_green.serving(ground.api) or COLOUR}"
