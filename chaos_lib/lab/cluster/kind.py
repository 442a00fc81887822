"""The provider `kind`: a cluster in a container, made for this mission by the `kind` that is installed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from chaos_lib.lab.cluster.base import Cluster, namespace_of, own_kubeconfig
from chaos_lib.lab.cluster.hand_over import by_command, run_tool
from chaos_lib.lab.cluster.namespaces import answers
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.settings import Settings, Tier

_CREATE_S = 900.0
_SHORT_S = 120.0


class KindCluster:
    """The provider `kind`, tier LIVE.

    Its kubeconfig is the mission's own file; `~/.kube/config` is not touched.
    """

    name = "kind"
    tier = Tier.LIVE

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """Describe the provider.

        Args:
            settings: Where the mission is.
            environment: Variables that lead to the engine: `DOCKER_HOST`.
        """
        self._settings = settings
        self._environment = environment
        self._kubeconfig = own_kubeconfig(settings, self.name)

    @property
    def cluster_name(self) -> str:
        """Kind's name for it; the context is `kind-` and this."""
        return f"opchaos-{self._settings.run_id()[:8]}"

    def usability(self) -> Usability:
        """Say whether `kind` is installed."""
        if shutil.which("kind") is None:
            return Usability(False, "`kind` is not installed.", "Install kind: https://kind.sigs.k8s.io")
        return Usability(True, "`kind` is installed; it makes a cluster for this mission.", "")

    def start(self, progress: ProgressSink) -> Cluster:
        """Make the cluster, or make a new one when the old one does not answer any more."""
        found = self.attach()
        if found is not None:
            return found
        step = f"Making the kind cluster {self.cluster_name}"
        progress(Progress(step))
        if self.cluster_name in self._names():
            self._delete()
        self._kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        self._kubeconfig.touch(mode=0o600)
        run_tool(
            (
                *("kind", "create", "cluster", "--name", self.cluster_name),
                *("--kubeconfig", str(self._kubeconfig), "--wait", "180s"),
            ),
            self._environment,
            "kind could not make a cluster.",
            timeout_s=_CREATE_S,
            on_line=lambda line: progress(Progress(step, line.strip()[:120])),
        )
        self._kubeconfig.chmod(0o600)
        return self._cluster(answers(self._kubeconfig, self._context, timeout_s=10.0))

    def attach(self) -> Cluster | None:
        """Return the cluster when it answers."""
        if shutil.which("kind") is None or not self._kubeconfig.exists():
            return None
        version = answers(self._kubeconfig, self._context)
        return self._cluster(version) if version else None

    def outlives_mission(self) -> bool:
        """It was made for this mission."""
        return False

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Delete the cluster that this mission made; kind's node image stays."""
        del purge
        if shutil.which("kind") is None or not self._kubeconfig.exists():
            return ()
        progress(Progress(f"Removing the kind cluster {self.cluster_name}"))
        self._delete()
        self._kubeconfig.unlink()
        return ()

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Load an image into the node."""
        argv = ("kind", "load", "docker-image", "{image}", "--name", self.cluster_name)
        return by_command(argv, self._environment)(image, progress)

    @property
    def _context(self) -> str:
        return f"kind-{self.cluster_name}"

    def _names(self) -> Sequence[str]:
        what = "kind could not list its clusters."
        return run_tool(("kind", "get", "clusters"), self._environment, what, timeout_s=_SHORT_S).split()

    def _delete(self) -> None:
        run_tool(
            ("kind", "delete", "cluster", "--name", self.cluster_name, "--kubeconfig", str(self._kubeconfig)),
            self._environment,
            "kind could not delete its cluster.",
            timeout_s=_SHORT_S,
        )

    def _cluster(self, version: str) -> Cluster:
        how = f"The kind cluster `{self.cluster_name}` ({version or 'its API server is still starting'})."
        namespace = namespace_of(self._settings)
        return Cluster(self._kubeconfig, self._context, namespace, self.tier, self.name, how)
