"""What an attack can do (`Injector`) and what a learner can do (`Hands`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaos_lib import environment
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
    """

    workspace: WorkspaceFiles
    environment: EnvironmentVariables
    containers: Containers
    credentials: Credentials
    seed: int


@dataclass(frozen=True)
class Hands:
    """A learner's hands: plain edits of the workspace, as solutions use them.

    Attributes:
        workspace: The workspace's folder.
        finished: The finished sample project, to take files from.
    """

    workspace: Path
    finished: Path

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
        self.write(path, (self.finished / path).read_text(encoding="utf-8"))

    def delete(self, path: str) -> None:
        """Delete a file of the workspace."""
        (self.workspace / path).unlink()

    def set_variable(self, name: str, value: str | None) -> None:
        """Set a variable of `ci.env`, or remove it when the value is None."""
        text = (self.workspace / environment.FILE).read_text(encoding="utf-8")
        self.write(environment.FILE, environment.with_variable(text, name, value))
