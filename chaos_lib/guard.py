"""The one choke point that decides what may be touched.

Everything that changes something asks here first. What is outside the blast radius is refused with an error that says
why and what the way out is, and the refusal is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from chaos_lib import labels
from chaos_lib.errors import GuardRefused


class Guard:
    """The blast radius of one mission.

    Args:
        workspace: The participant's working copy: the only folder whose files attacks may change.
        run_id: The mission's run id: containers, networks and volumes must carry it.
        on_refusal: Called with every refusal, before it is raised.
    """

    def __init__(
        self, workspace: Path, run_id: str, *, on_refusal: Callable[[GuardRefused], None] | None = None
    ) -> None:
        self.workspace = workspace
        self.run_id = run_id
        self._on_refusal = on_refusal

    def file(self, path: str | Path) -> Path:
        """Return the real path of a workspace file that may be changed.

        Args:
            path: Relative to the workspace, or absolute inside it.

        Raises:
            GuardRefused: It leads out of the workspace (also by `..` or a link), into its `.git`, or is the
                workspace itself.
        """
        root = self.workspace.resolve()
        try:
            resolved = (root / path).resolve()
        except (
            OSError,
            RuntimeError,
            ValueError,
        ) as exc:  # a ring of links, a name too long or with a zero byte
            raise self._refuse(
                f"`{path!s}` leads nowhere.", evidence=str(exc), fix="Name a file inside the workspace."
            ) from exc
        return self._inside(root, resolved, path)

    def entry(self, path: str | Path) -> Path:
        """Return where a workspace file is, or would be, without following a link of its own name.

        An undo uses it: when somebody put a link in the file's place, the link is replaced, not what it leads to.

        Raises:
            GuardRefused: As `file`, for the folder that it is in.
        """
        root = self.workspace.resolve()
        given = root / path
        if given.name in ("", ".."):
            return self.file(path)
        folder = given.parent
        return self._inside(root, (folder if folder == root else self.file(folder)) / given.name, path)

    def _inside(self, root: Path, real: Path, path: str | Path) -> Path:
        if real == root or not real.is_relative_to(root):
            raise self._refuse(
                f"`{path}` is outside the workspace.",
                evidence=f"it leads to {real}; the workspace is {root}",
                fix="Name a file inside the workspace. Links that lead out of it are never followed.",
            )
        # Some file systems take .GIT for .git.
        if real.relative_to(root).parts[0].casefold() == ".git":
            raise self._refuse(
                f"`{path}` belongs to git's own folder.",
                evidence=str(real),
                fix="Attacks change project files only; git keeps your edits safe.",
            )
        return real

    def docker_object(self, name: str, object_labels: Mapping[str, str] | None) -> None:
        """Let a container, network or volume through when this mission created it.

        Args:
            name: For the message.
            object_labels: Its labels as the engine reports them.

        Raises:
            GuardRefused: It does not carry our label and this mission's run id.
        """
        found = dict(object_labels or {})
        if found.get(labels.OURS) != "true" or found.get(labels.RUN) != self.run_id:
            raise self._refuse(
                f"`{name}` was not created by this mission.",
                evidence=f"labels {found or 'none'}; wanted {labels.RUN}={self.run_id}",
                fix="Only what the workshop started can be attacked; yours is left alone.",
            )

    def _refuse(self, what: str, *, evidence: str, fix: str) -> GuardRefused:
        refusal = GuardRefused(f"The Guard refused: {what}", evidence=evidence, fix=fix)
        if self._on_refusal is not None:
            self._on_refusal(refusal)
        return refusal
