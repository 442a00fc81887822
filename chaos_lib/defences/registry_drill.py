"""Roll out while the registry refuses every pull: whoever has the image needs no registry."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chaos_lib.cluster.diagnosis import Cause
from chaos_lib.cluster.images import NAME
from chaos_lib.cluster.objects import containers_of
from chaos_lib.cluster.rollout import wait_for
from chaos_lib.cluster.trial import trial
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.cluster_gate import CLUSTER_REASONS, ClusterGate, Ground
from chaos_lib.defences.manifest_gate import Finding
from chaos_lib.errors import BuildFailed
from chaos_lib.lab.throttled_registry import ThrottledRegistry

if TYPE_CHECKING:
    import docker

_TIMEOUT_S = 90.0


class RegistryDrill(ClusterGate):
    """A real registry of the lab answers 429 while the workspace's version is rolled out under a name of that registry.

    The image lies on the node already, as it does after any earlier pull or a preload. A drill: it restarts pods on purpose.
    """

    name = "registry-drill"
    title = "Rollout without the registry"
    phase = "phase-5-final"
    reasons: Mapping[str, str] = {
        **CLUSTER_REASONS,
        "REGISTRY_NEEDED": "A pod asks the registry although its node has the image: when the registry refuses, nothing starts.",
        "ROLLOUT_STUCK": "The rollout did not come to its end, and not because of the registry.",
    }
    command = "kubectl describe pod POD  # Failed to pull image …: toomanyrequests"
    all_well = "The registry refused, and the rollout did not need it."

    def look(self, ground: Ground) -> Finding:
        """Throttle, roll out, take back."""
        wrong = ground.provide_deployment()
        if wrong is not None:
            return wrong
        name = ground.workloads[0]
        with ThrottledRegistry() as registry, _named_by(ground.project.context, ground, registry) as images:
            manifests = ground.own.with_images(images)
            with trial(ground.api, manifests, timeout_s=_TIMEOUT_S, clock=ground.clock):
                rollout = wait_for(ground.api, name, timeout_s=_TIMEOUT_S, clock=ground.clock)
            refused = registry.refused
        if rollout.is_complete:
            return Finding(numbers={"rollout_s": round(rollout.elapsed_s, 2), "refused": float(len(refused))})
        found = rollout.diagnosis
        if found.cause is not Cause.IMAGE_PULL:
            return Finding("ROLLOUT_STUCK", found.paragraph, found.evidence)
        asked = f"the registry refused with 429: {', '.join(dict.fromkeys(refused)) or 'nobody asked it'}"
        return Finding(
            "REGISTRY_NEEDED",
            evidence=f"{found.evidence}\n{asked}",
            remedy="Name images by tags that never move, let nodes keep them (`imagePullPolicy: IfNotPresent`), and load them "
            "before the rollout or have a mirror of your own.",
            command=found.command,
        )


@contextlib.contextmanager
def _named_by(
    context: DefenceContext, ground: Ground, registry: ThrottledRegistry
) -> Iterator[Mapping[str, str]]:
    """Give the service's images on the engine a second name, that of a registry; it is taken away afterwards."""
    from docker.errors import ImageNotFound

    from chaos_lib.lab.docker_containers import DockerContainers

    own = _images_of(ground)
    engine = DockerContainers(context.settings).search().require()
    with contextlib.closing(engine.connect()) as client:
        names = {image: (f"{registry.address}/{NAME}", image.rpartition(":")[2]) for image in own}
        try:
            for image, (repository, tag) in names.items():
                _tag(client, image, repository, tag)
            yield {image: f"{repository}:{tag}" for image, (repository, tag) in names.items()}
        finally:
            for repository, tag in names.values():
                with contextlib.suppress(ImageNotFound):
                    client.api.remove_image(f"{repository}:{tag}", force=True)


def _tag(client: docker.DockerClient, image: str, repository: str, tag: str) -> None:
    from docker.errors import ImageNotFound

    try:
        client.api.tag(image, repository, tag)
    except ImageNotFound as exc:
        raise BuildFailed(
            "The drill needs an image that is on the node.",
            evidence=f"No image `{image}` is there.",
            fix="Build it first; `docker build` says what is wrong with it.",
        ) from exc


def _images_of(ground: Ground) -> Sequence[str]:
    deployment = ground.own.find("Deployment", ground.workloads[0])
    assert deployment is not None
    return [str(each["image"]) for each in containers_of(deployment) if each.get("name") == NAME]


REGISTRY_DRILL = RegistryDrill()
