"""The provider `minikube`: a profile of its own, made for this mission by the `minikube` that is installed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab.cluster.base import KUBECONFIG
from chaos_lib.lab.cluster.made_cluster import MadeCluster, Tell
from chaos_lib.settings import Settings

_START_S = 1200.0
_SHORT_S = 180.0


class MinikubeCluster(MadeCluster):
    """The provider `minikube`. Its own cache stays when the profile goes."""

    name = "minikube"
    kind_of_thing = "a profile"
    site = "https://minikube.sigs.k8s.io"

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """Describe the provider.

        Args:
            settings: Where the mission is.
            environment: Variables that lead to the engine: `DOCKER_HOST`.
        """
        super().__init__(settings, environment)
        # minikube writes into the file that it names.
        self._environment = {**environment, KUBECONFIG: str(self._kubeconfig)}

    @property
    def context(self) -> str:
        """The context that minikube writes."""
        return self.cluster_name

    @property
    def in_words(self) -> str:
        """For people."""
        return f"minikube profile {self.cluster_name}"

    @property
    def load_command(self) -> Sequence[str]:
        """The command line that hands over an image."""
        return ("minikube", "--profile", self.cluster_name, "image", "load", "{image}")

    def _make(self, tell: Tell) -> None:
        options = ("--driver=docker", "--wait=all", "--keep-context", "--embed-certs")
        self._run(
            ("--profile", self.cluster_name, "start", *options),
            "minikube could not start a cluster.",
            timeout_s=_START_S,
            tell=tell,
        )

    def _delete(self) -> None:
        if self.cluster_name in self._profiles():
            what = "minikube could not delete its cluster."
            self._run(("--profile", self.cluster_name, "delete"), what, timeout_s=_SHORT_S)

    def _profiles(self) -> Sequence[str]:
        arguments = ("profile", "list", "--output", "json")
        try:
            output = self._run(arguments, "minikube could not list its profiles.", timeout_s=_SHORT_S)
        except ClusterUnavailable:
            return ()  # it fails when it has none at all
        return tuple(re.findall(r'"Name":\s*"(opchaos-[0-9a-f]+)"', output))
