"""The provider `minikube`: a profile of its own, made for this mission by the `minikube` that is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence

from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab.cluster.base import KUBECONFIG, Cluster, namespace_of, own_kubeconfig
from chaos_lib.lab.cluster.hand_over import by_command, run_tool
from chaos_lib.lab.cluster.namespaces import answers
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.settings import Settings, Tier

_START_S = 1200.0
_SHORT_S = 180.0


class MinikubeCluster:
    """The provider `minikube`, tier LIVE.

    minikube writes into the file that KUBECONFIG names: the mission's own.
    """

    name = "minikube"
    tier = Tier.LIVE

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """Describe the provider.

        Args:
            settings: Where the mission is.
            environment: Variables that lead to the engine: `DOCKER_HOST`.
        """
        self._settings = settings
        self._kubeconfig = own_kubeconfig(settings, self.name)
        self._environment = {**environment, KUBECONFIG: str(self._kubeconfig)}

    @property
    def profile(self) -> str:
        """Minikube's name for it, and the context's."""
        return f"opchaos-{self._settings.run_id()[:8]}"

    def usability(self) -> Usability:
        """Say whether `minikube` is installed."""
        if shutil.which("minikube") is None:
            remedy = "Install minikube: https://minikube.sigs.k8s.io"
            return Usability(False, "`minikube` is not installed.", remedy)
        return Usability(True, "`minikube` is installed; it makes a profile for this mission.", "")

    def start(self, progress: ProgressSink) -> Cluster:
        """Start the profile: minikube makes, continues or mends it as needed."""
        found = self.attach()
        if found is not None:
            return found
        step = f"Starting the minikube profile {self.profile}"
        progress(Progress(step))
        self._kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        self._kubeconfig.touch(mode=0o600)
        self._minikube(
            ("start", "--driver=docker", "--wait=all", "--keep-context", "--embed-certs"),
            "minikube could not start a cluster.",
            timeout_s=_START_S,
            tell=lambda line: progress(Progress(step, line.strip()[:120])),
        )
        self._kubeconfig.chmod(0o600)
        return self._cluster(answers(self._kubeconfig, self.profile, timeout_s=10.0))

    def attach(self) -> Cluster | None:
        """Return the cluster when it answers."""
        if shutil.which("minikube") is None or not self._kubeconfig.exists():
            return None
        version = answers(self._kubeconfig, self.profile)
        return self._cluster(version) if version else None

    def outlives_mission(self) -> bool:
        """It was made for this mission."""
        return False

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Delete the profile that this mission made; minikube's own cache stays."""
        del purge
        if shutil.which("minikube") is None or not self._kubeconfig.exists():
            return ()
        progress(Progress(f"Removing the minikube profile {self.profile}"))
        if self.profile in self._profiles():
            self._minikube(("delete",), "minikube could not delete its cluster.")
        self._kubeconfig.unlink()
        return ()

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Load an image into the node."""
        argv = ("minikube", "--profile", self.profile, "image", "load", "{image}")
        return by_command(argv, self._environment)(image, progress)

    def _profiles(self) -> Sequence[str]:
        argv = ("minikube", "profile", "list", "--output", "json")
        try:
            output = run_tool(
                argv, self._environment, "minikube could not list its profiles.", timeout_s=_SHORT_S
            )
        except ClusterUnavailable:
            return ()  # it fails when it has none at all
        return tuple(re.findall(r'"Name":\s*"(opchaos-[0-9a-f]+)"', output))

    def _minikube(
        self,
        arguments: Sequence[str],
        what: str,
        *,
        timeout_s: float = _SHORT_S,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        run_tool(
            ("minikube", "--profile", self.profile, *arguments),
            self._environment,
            what,
            timeout_s=timeout_s,
            on_line=tell,
        )

    def _cluster(self, version: str) -> Cluster:
        how = f"The minikube profile `{self.profile}` ({version or 'its API server is still starting'})."
        namespace = namespace_of(self._settings)
        return Cluster(self._kubeconfig, self.profile, namespace, self.tier, self.name, how)
