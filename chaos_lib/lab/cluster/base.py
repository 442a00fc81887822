"""The facility *cluster*: a Kubernetes cluster that the mission may break, whoever provides it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chaos_lib.lab.cluster import kubeconfig
from chaos_lib.lab.facility import ProgressSink, Usability
from chaos_lib.settings import Settings, Tier

KUBECONFIG = "KUBECONFIG"
CONTEXT = "OPCHAOS_KUBE_CONTEXT"
NAMESPACE = "OPCHAOS_KUBE_NAMESPACE"
PROGRAMS = "OPCHAOS_KUBE_PROGRAMS"

_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_NO_PROXY = ("NO_PROXY", "no_proxy")
# Providers whose clusters come with a kubectl.
KUBECTL_OF_ITS_OWN = ("offline",)


@dataclass(frozen=True)
class Cluster:
    """A cluster that answers.

    Attributes:
        kubeconfig: A file of ours, with this one context in it; never the user's own.
        context: The context in it.
        namespace: The mission's own namespace.
        tier: How real it is.
        provider: Name of the provider.
        how: One sentence: which cluster, and who started it.
        programs: Folder with a kubectl of the cluster's own version; None leaves the choice to PATH.
    """

    kubeconfig: Path
    context: str
    namespace: str
    tier: Tier
    provider: str
    how: str
    programs: Path | None = None

    def environment(self) -> dict[str, str]:
        """Return the variables for child processes: names to values."""
        found = {KUBECONFIG: str(self.kubeconfig), CONTEXT: self.context, NAMESPACE: self.namespace}
        host = kubeconfig.local_host(self.context, self.kubeconfig)
        if host and any(os.environ.get(name) for name in _PROXIES):
            # kubectl would ask the proxy for an address that only this machine knows.
            for name in _NO_PROXY:
                found[name] = ",".join(part for part in (os.environ.get(name), host) if part)
        return found | ({PROGRAMS: str(self.programs)} if self.programs else {})


class ClusterProvider(Protocol):
    """One way to have a cluster."""

    @property
    def name(self) -> str:
        """Unique, one word."""
        ...

    @property
    def tier(self) -> Tier:
        """How real its cluster is."""
        ...

    def usability(self) -> Usability:
        """Say whether this provider can work here; changes nothing and takes under half a second."""
        ...

    def start(self, progress: ProgressSink) -> Cluster:
        """Make sure that the cluster answers; may be called again, also after a kill of any of its parts.

        Raises:
            ClusterUnavailable: It cannot be had.
        """
        ...

    def attach(self) -> Cluster | None:
        """Return the cluster that an earlier `start` of this mission made, if it truly answers."""
        ...

    def outlives_mission(self) -> bool:
        """Whether the cluster stays when this mission leaves: it is somebody else's, or others use it."""
        ...

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Leave the cluster, and remove it if the lab made it for nobody else.

        Args:
            purge: Whether what was dear to make goes too.
            progress: Told what is going on.

        Returns:
            What was kept and why, one sentence each.
        """
        ...

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Make an image of the engine available to the cluster's pods.

        Args:
            image: Its name on the engine.
            progress: Told what is going on.

        Returns:
            The name under which pods must name it.

        Raises:
            ClusterUnavailable: The cluster did not take it; carries the tool's last lines.
        """
        ...


def namespace_of(settings: Settings) -> str:
    """Return the name of the mission's namespace: nobody else's, on whatever cluster."""
    return f"opchaos-{settings.run_id()}"


def own_kubeconfig(settings: Settings, provider: str) -> Path:
    """Return where the kubeconfig is that a provider keeps for this mission alone; there from its first step on."""
    return settings.state / "cluster" / f"{provider}.kubeconfig"
