"""Where manifests go: the lab's own cluster, or what a project's `k8s/deploy.env` says; never a current context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from chaos_lib import environment
from chaos_lib.cluster.kubectl import Kubectl
from chaos_lib.cluster.kubernetes_api import KubernetesApi
from chaos_lib.cluster.manifests import FOLDER
from chaos_lib.contexts import Contexts
from chaos_lib.errors import ClusterUnavailable, InvalidInput
from chaos_lib.guard import Guard
from chaos_lib.lab import lab_state
from chaos_lib.settings import Settings

DEPLOY_FILE = f"{FOLDER}/deploy.env"
KUBECONFIG, CONTEXT, NAMESPACE = "KUBECONFIG", "OPCHAOS_KUBE_CONTEXT", "OPCHAOS_KUBE_NAMESPACE"
_FIX = "Run `opchaos up`, then `opchaos status`: it says what the cluster is waiting for."


@dataclass(frozen=True)
class Target:
    """One namespace of one cluster.

    Attributes:
        kubeconfig: The file, absolute.
        context: The context in it.
        namespace: The namespace.
    """

    kubeconfig: Path
    context: str
    namespace: str

    @property
    def kubectl(self) -> Kubectl:
        """Command lines for it."""
        return Kubectl(self.context, self.namespace)

    def connect(self) -> KubernetesApi:
        """Return its API; nothing is asked yet."""
        return KubernetesApi(self.kubeconfig, self.context, self.namespace)


def lab_target(lab: Mapping[str, str]) -> Target:
    """Return where the lab's cluster is.

    Args:
        lab: The lab's variables.

    Raises:
        ClusterUnavailable: It has none.
    """
    found = [lab.get(name, "") for name in (KUBECONFIG, CONTEXT, NAMESPACE)]
    if not all(found):
        raise ClusterUnavailable("The lab has no cluster.", evidence="no facility `cluster` is up", fix=_FIX)
    return Target(Path(found[0]), found[1], found[2])


def deploy_target(workspace: Path, lab: Mapping[str, str]) -> Target:
    """Return where a project deploys to, as its `k8s/deploy.env` says.

    Args:
        workspace: The project.
        lab: The lab's variables: they fill in the file's placeholders, and the kubeconfig is theirs.

    Raises:
        ClusterUnavailable: The lab has no cluster.
        InvalidInput: The file is missing or names no context or no namespace.
        InvalidAnswer: A line of it cannot be read.
    """
    ours = lab_target(lab)
    path = workspace / DEPLOY_FILE
    written = environment.parse(path.read_text(encoding="utf-8")) if path.is_file() else {}
    values = {name: Template(value).safe_substitute(lab) for name, value in written.items()}
    context, namespace = values.get("KUBE_CONTEXT", ""), values.get("KUBE_NAMESPACE", "")
    if not context or not namespace:
        raise InvalidInput(
            f"`{DEPLOY_FILE}` does not say where to deploy.",
            evidence=f"KUBE_CONTEXT={context or '?'}, KUBE_NAMESPACE={namespace or '?'}",
            fix="Set both. Without them kubectl takes the current context, and that may be production.",
        )
    return Target(ours.kubeconfig, context, namespace)


def guard_of(settings: Settings) -> Guard:
    """Return the mission's Guard."""
    return Guard(settings.workspace, settings.run_id(), contexts=Contexts(settings.state))


def lab_variables(settings: Settings) -> dict[str, str]:
    """Return the variables of a lab that is up, as `opchaos up` noted them; empty when it is down."""
    state = lab_state.read(settings.state / "lab.json")
    if state is None:
        return {}
    return {name: value for each in state.facilities for name, value in each.environment.items()}
