"""What kind and minikube have in common: a program makes a cluster for this mission alone, with a kubeconfig of the mission's."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from chaos_lib.lab.cluster.base import Cluster, namespace_of, own_kubeconfig
from chaos_lib.lab.cluster.hand_over import by_command, run_tool
from chaos_lib.lab.cluster.namespaces import answers
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.settings import Settings, Tier

_FIRST_ANSWER_S = 10.0

Tell = Callable[[str], None]


class MadeCluster(ABC):
    """A cluster that an installed program makes and deletes, tier LIVE; `~/.kube/config` is not touched.

    Attributes:
        name: The provider's name, and the program's.
        kind_of_thing: What the program calls what it makes, with its article: `a cluster`.
        site: Where to get the program.
    """

    name: str
    tier = Tier.LIVE
    kind_of_thing: str
    site: str

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """Describe the provider.

        Args:
            settings: Where the mission is.
            environment: Variables that lead to the engine: `DOCKER_HOST`.
        """
        self._settings = settings
        self._kubeconfig = own_kubeconfig(settings, self.name)
        self._environment = environment

    @property
    def cluster_name(self) -> str:
        """The program's name for it."""
        return f"opchaos-{self._settings.run_id()[:8]}"

    @property
    @abstractmethod
    def context(self) -> str:
        """The context that the program writes."""

    @property
    @abstractmethod
    def in_words(self) -> str:
        """For people: `kind cluster NAME`."""

    @property
    @abstractmethod
    def load_command(self) -> Sequence[str]:
        """The command line that hands over the image `{image}`."""

    @abstractmethod
    def _make(self, tell: Tell) -> None:
        """Make the cluster, whatever is there; tells each line of output."""

    @abstractmethod
    def _delete(self) -> None:
        """Delete the cluster, if there is one."""

    def usability(self) -> Usability:
        """Say whether the program is installed."""
        if shutil.which(self.name) is None:
            return Usability(False, f"`{self.name}` is not installed.", f"Install {self.name}: {self.site}")
        return Usability(
            True, f"`{self.name}` is installed; it makes {self.kind_of_thing} for this mission.", ""
        )

    def start(self, progress: ProgressSink) -> Cluster:
        """Make the cluster, or mend the one that does not answer any more."""
        found = self.attach()
        if found is not None:
            return found
        step = f"Making the {self.in_words}"
        progress(Progress(step))
        self._kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        self._kubeconfig.touch(mode=0o600)
        self._make(lambda line: progress(Progress(step, line.strip()[:120])))
        self._kubeconfig.chmod(0o600)
        return self._cluster(answers(self._kubeconfig, self.context, timeout_s=_FIRST_ANSWER_S))

    def attach(self) -> Cluster | None:
        """Return the cluster when it answers."""
        if not self._is_there():
            return None
        version = answers(self._kubeconfig, self.context)
        return self._cluster(version) if version else None

    def outlives_mission(self) -> bool:
        """It was made for this mission."""
        return False

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Delete the cluster that this mission made; what the program keeps for its next one stays."""
        del purge
        if self._is_there():
            progress(Progress(f"Removing the {self.in_words}"))
            self._delete()
            self._kubeconfig.unlink()
        return ()

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Load an image into the node."""
        return by_command(self.load_command, self._environment)(image, progress)

    def _run(self, arguments: Sequence[str], what: str, *, timeout_s: float, tell: Tell | None = None) -> str:
        return run_tool((self.name, *arguments), self._environment, what, timeout_s=timeout_s, on_line=tell)

    def _is_there(self) -> bool:
        return shutil.which(self.name) is not None and self._kubeconfig.exists()

    def _cluster(self, version: str) -> Cluster:
        how = f"The {self.in_words.replace(self.cluster_name, f'`{self.cluster_name}`')} "
        how += f"({version or 'its API server is still starting'})."
        return Cluster(
            self._kubeconfig, self.context, namespace_of(self._settings), self.tier, self.name, how
        )
