"""What an attack can do (`Injector`) and what a learner can do (`Hands`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chaos_lib import environment
from chaos_lib.operations.cluster_object import Cluster
from chaos_lib.operations.credential import Credentials
from chaos_lib.operations.docker_container import Containers
from chaos_lib.operations.workspace_file import WorkspaceFiles


class EnvironmentVariables:
    """What an attack may do to the workspace's environment (`ci.env`): journaled like any file."""

    def __init__(self, files: WorkspaceFiles) -> None:
        self._files = files

    def set(self, name: str, value: str) -> None:
        """Set a variable."""
        self._change(name, value)

    def remove(self, name: str) -> None:
        """Remove a variable."""
        self._change(name, None)

    def _change(self, name: str, value: str | None) -> None:
        text = self._files.read(environment.FILE)
        self._files.replace(environment.FILE, environment.with_variable(text, name, value))


@dataclass(frozen=True)
class Injector:
    """Everything an attack may touch; each call is guarded, journaled and undone by the journal.

    Attributes:
        workspace: Files of the workspace.
        environment: Variables that the CI system would set.
        containers: The mission's own containers.
        credentials: The credentials that pipelines use.
        seed: Seed for an attack that chooses at random.
        open_cluster: Finds the mission's cluster.
    """

    workspace: WorkspaceFiles
    environment: EnvironmentVariables
    containers: Containers
    credentials: Credentials
    seed: int
    open_cluster: Callable[[], Cluster]

    @property
    def cluster(self) -> Cluster:
        """Objects of the mission's namespace in its cluster; raises ClusterUnavailable when the lab has none."""
        return self.open_cluster()


@dataclass(frozen=True)
class Hands:
    """A learner's hands: plain edits of the workspace, as solutions use them.

    Attributes:
        workspace: The workspace's folder.
        finished: The finished sample project, to take files from; `k8s` lies beside it.
        apply: Applies the workspace's manifests to the lab's cluster; None where there is none.
    """

    workspace: Path
    finished: Path
    apply: Callable[[], None] | None = None

    def write(self, path: str, text: str) -> None:
        """Write a file of the workspace."""
        target = self.workspace / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first occurrence of `old` in a file."""
        text = (self.workspace / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, 1))

    def finish(self, path: str) -> None:
        """Bring a file to its state in the finished project."""
        # Manifests and the Jenkinsfile lie beside the sample project.
        places = {"k8s": self.finished.parent, "Jenkinsfile": self.finished.parent / "jenkins"}
        root = places.get(path.split("/")[0], self.finished)
        self.write(path, (root / path).read_text(encoding="utf-8"))

    def apply_manifests(self) -> None:
        """Apply the workspace's manifests to the lab's cluster: `kubectl apply -k k8s/…`.

        Raises:
            ClusterUnavailable: The lab has no cluster.
        """
        assert self.apply is not None, "this workspace has no cluster"
        self.apply()

    def delete(self, path: str) -> None:
        """Delete a file of the workspace."""
        (self.workspace / path).unlink()

    def set_variable(self, name: str, value: str | None) -> None:
        """Set a variable of `ci.env`, or remove it when the value is None."""
        text = (self.workspace / environment.FILE).read_text(encoding="utf-8")
        self.write(environment.FILE, environment.with_variable(text, name, value))
