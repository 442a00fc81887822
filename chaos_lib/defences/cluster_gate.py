"""What all defences that need a cluster share: where it is, whether it may be touched, which images its pods get."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from chaos_lib.cluster import blue_green, deploy, rollout
from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.target import Target, deploy_target, guard_of
from chaos_lib.cluster.workload import look
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.manifest_gate import RENDER_REASONS, SHARED, Finding, ManifestGate, Project, complete
from chaos_lib.defences.scope import IN_CLUSTER
from chaos_lib.errors import (
    BuildFailed,
    ClusterRefused,
    ClusterUnavailable,
    EngineUnavailable,
    GuardRefused,
    InvalidInput,
    PermissionRefused,
)
from chaos_lib.settings import Tier
from chaos_lib.wait import SYSTEM_CLOCK, Clock

CLUSTER_REASONS: Mapping[str, str] = {
    **RENDER_REASONS,
    "NO_CLUSTER": "There is no cluster to ask.",
    "TARGET_REFUSED": "The Guard refuses: the manifests would go to a cluster or a namespace that is not the mission's.",
    "REJECTED_BY_SERVER": "The API server refuses a manifest.",
    "IMAGE_NOT_BUILT": "The service's own image cannot be built.",
    "BACKING_NOT_READY": "Postgres or Redis does not come up in the cluster.",
}
COLOUR = "blue"
_BACKING_TIMEOUT_S = 120.0

Connect = Callable[[Target], ClusterApi]
ImagesOf = Callable[[DefenceContext, Sequence[str]], Mapping[str, str]]


def lab_images(context: DefenceContext, images: Sequence[str]) -> Mapping[str, str]:
    """Return what the lab's engine calls images: as written, to the name there; those it does not have are left out."""
    from chaos_lib.cluster.images import ProjectImages
    from chaos_lib.lab.docker_containers import DockerContainers

    engine = DockerContainers(context.settings).search().require()
    return ProjectImages(context.workspace, context.settings, engine).found(images)


def cluster_images(context: DefenceContext, images: Sequence[str]) -> Mapping[str, str]:
    """Return what the lab's cluster calls images: handed over to it where its nodes do not share the lab's engine."""
    from chaos_lib.lab.cluster_facility import ClusterFacility
    from chaos_lib.lab.facility import no_progress

    facility = ClusterFacility(context.settings)
    found = lab_images(context, images)
    return {written: facility.hand_over(name, no_progress) for written, name in found.items()}


@dataclass(frozen=True)
class Ground:
    """A project before its cluster.

    Attributes:
        project: The manifests.
        target: Where they go; the Guard has let it through.
        api: The cluster.
        images_of: Names images as the cluster's nodes know them.
        clock: The time source.
    """

    project: Project
    target: Target
    api: ClusterApi
    images_of: ImagesOf
    clock: Clock = SYSTEM_CLOCK

    def led(self, manifests: Manifests) -> Manifests:
        """Return manifests for this cluster: its namespace, its names of images."""
        known = self.images_of(self.project.context, manifests.images())
        return manifests.without("Namespace").in_namespace(self.target.namespace).with_images(known)

    @cached_property
    def shared(self) -> Manifests:
        """What every colour needs: quota, accounts, secret, Postgres, Redis."""
        return self.led(self.project.part(*SHARED))

    @cached_property
    def own(self) -> Manifests:
        """The service itself in the colour that is judged, and the public Service, which goes on serving who serves."""
        found = self.led(self.project.part(f"overlays/{COLOUR}", "switch"))
        now = blue_green.serving(self.api)
        return blue_green.keep_colour(found, now) if now in self.project.colours else found

    @property
    def workloads(self) -> list[str]:
        """The names of the service's Deployments."""
        return [body["metadata"]["name"] for body in self.own.of_kind("Deployment")]

    def provide_backing(self) -> Finding | None:
        """Apply what every colour needs, and wait for it; what is wrong with it, or None."""
        result = deploy.deploy(
            self.api, self.shared, is_gated=False, timeout_s=_BACKING_TIMEOUT_S, clock=self.clock
        )
        if result.refusal is not None:
            return Finding("REJECTED_BY_SERVER", evidence=result.refusal.evidence, remedy=result.refusal.fix)
        if result.failed is not None:
            found = result.failed.diagnosis
            return Finding("BACKING_NOT_READY", found.paragraph, found.evidence, command=found.command)
        return None

    def provide_deployment(self) -> Finding | None:
        """Deploy the service where it is not there yet; one that is there stays exactly as it is."""
        missing = [name for name in self.workloads if not rollout.exists(self.api, name)]
        if not missing and all(look(self.api, name).is_complete for name in self.workloads):
            return None
        wrong = self.provide_backing()
        if wrong is not None:
            return wrong
        result = deploy.deploy(self.api, self.own, clock=self.clock)
        if result.is_good:
            return None
        return of_deployed(result)


def apply_manifests(context: DefenceContext) -> None:
    """Apply the workspace's manifests to the lab's cluster, whatever runs there: what a practitioner does by hand.

    Raises:
        ClusterUnavailable: The lab has no cluster.
        GuardRefused: They would go to a cluster or a namespace that is not the mission's.
        ClusterRefused: The server refuses an object.
    """
    target = deploy_target(context.workspace, context.lab)
    guard_of(context.settings).kube(target.kubeconfig, target.context, target.namespace)
    with complete(context) as project:
        ground = Ground(project, target, target.connect(), cluster_images)
        for part in (ground.shared, ground.own):
            deploy.apply(ground.api, part)


def of_deployed(result: deploy.Deployed) -> Finding:
    """Return what a deployment that failed means."""
    if result.refusal is not None:
        return Finding("REJECTED_BY_SERVER", evidence=result.refusal.evidence, remedy=result.refusal.fix)
    found = result.diagnosis
    return Finding(found.cause.value, found.paragraph, found.evidence, command=found.command, is_whole=True)


class ClusterGate(ManifestGate):
    """A defence that asks the cluster.

    Args:
        connect: Opens the cluster's API; tests give a recorded one.
        images_of: Names images as the cluster knows them.
        clock: The time source.
    """

    facility = "cluster"
    looks_at = IN_CLUSTER
    reasons: Mapping[str, str] = CLUSTER_REASONS

    def __init__(
        self,
        connect: Connect = Target.connect,
        images_of: ImagesOf = cluster_images,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._connect = connect
        self._images_of = images_of
        self._clock = clock

    def tier_of(self, context: DefenceContext) -> Tier:
        """The cluster's tier."""
        named = context.lab.get("OPCHAOS_CLUSTER_TIER", "")
        return Tier(named) if named in Tier.__members__ else Tier.LIVE

    def judge(self, project: Project) -> Finding:
        """Find the cluster, ask the Guard, then look."""
        context = project.context
        try:
            target = deploy_target(context.workspace, context.lab)
            guard_of(context.settings).kube(target.kubeconfig, target.context, target.namespace)
            return self.look(Ground(project, target, self._connect(target), self._images_of, self._clock))
        except ClusterUnavailable as exc:
            return Finding("NO_CLUSTER", evidence=f"{exc.what} {exc.evidence}", remedy=exc.fix)
        except (EngineUnavailable, PermissionRefused) as exc:
            return Finding("IMAGE_NOT_BUILT", evidence=exc.text, remedy=exc.fix)
        except GuardRefused as exc:
            return self.refused(exc)
        except BuildFailed as exc:
            return Finding("IMAGE_NOT_BUILT", evidence=exc.evidence, remedy=exc.fix)
        except ClusterRefused as exc:
            return Finding("REJECTED_BY_SERVER", evidence=exc.evidence, remedy=exc.fix)
        except InvalidInput as exc:
            return Finding("TARGET_REFUSED", detail=exc.what, evidence=exc.evidence, remedy=exc.fix)

    def refused(self, exc: GuardRefused) -> Finding:
        """Say that the Guard refused."""
        return Finding("TARGET_REFUSED", detail=exc.what, evidence=exc.evidence, remedy=exc.fix)

    def look(self, ground: Ground) -> Finding:
        """Look at the cluster; what stands in the way is raised."""
        raise NotImplementedError
