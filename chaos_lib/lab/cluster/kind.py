"""The provider `kind`: a cluster in a container, made for this mission by the `kind` that is installed."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.lab.cluster.made_cluster import MadeCluster, Tell

_CREATE_S = 900.0
_SHORT_S = 120.0


class KindCluster(MadeCluster):
    """The provider `kind`. Its node image stays when the cluster goes."""

    name = "kind"
    kind_of_thing = "a cluster"
    site = "https://kind.sigs.k8s.io"

    @property
    def context(self) -> str:
        """The context that kind writes."""
        return f"kind-{self.cluster_name}"

    @property
    def in_words(self) -> str:
        """For people."""
        return f"kind cluster {self.cluster_name}"

    @property
    def load_command(self) -> Sequence[str]:
        """The command line that hands over an image."""
        return ("kind", "load", "docker-image", "{image}", "--name", self.cluster_name)

    def _make(self, tell: Tell) -> None:
        names = self._run(("get", "clusters"), "kind could not list its clusters.", timeout_s=_SHORT_S)
        if self.cluster_name in names.split():
            self._delete()  # it does not mend one
        self._run(
            ("create", "cluster", *self._place, "--wait", "180s"),
            "kind could not make a cluster.",
            timeout_s=_CREATE_S,
            tell=tell,
        )

    def _delete(self) -> None:
        what = "kind could not delete its cluster."
        self._run(("delete", "cluster", *self._place), what, timeout_s=_SHORT_S)

    @property
    def _place(self) -> Sequence[str]:
        return ("--name", self.cluster_name, "--kubeconfig", str(self._kubeconfig))
