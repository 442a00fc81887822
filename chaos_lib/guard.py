"""The one choke point that decides what may be touched.

Everything that changes something asks here first. What is outside the blast radius is refused with an error that says
why and what the way out is, and the refusal is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from chaos_lib import labels
from chaos_lib.errors import GuardRefused, JournalDamaged


class KnownContexts(Protocol):
    """Tells which clusters are the mission's; see `chaos_lib.contexts`."""

    def is_ours(self, name: str, kubeconfig: Path) -> bool:
        """Whether the lab wrote this context, or the user allows it now."""
        ...

    def namespaces(self, name: str, kubeconfig: Path) -> tuple[str, ...]:
        """Return the namespaces that we created in a context."""
        ...


class Guard:
    """The blast radius of one mission.

    Args:
        workspace: The participant's working copy: the only folder whose files attacks may change.
        run_id: The mission's run id: containers, networks and volumes must carry it.
        on_refusal: Called with every refusal, before it is raised.
        contexts: The clusters that may be touched; none when None.
    """

    def __init__(
        self,
        workspace: Path,
        run_id: str,
        *,
        on_refusal: Callable[[GuardRefused], None] | None = None,
        contexts: KnownContexts | None = None,
    ) -> None:
        self.workspace = workspace
        self.run_id = run_id
        self._contexts = contexts
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

    def kube(self, kubeconfig: Path | None, context: str | None, namespace: str) -> None:
        """Let an object of a cluster through when context and namespace are the mission's.

        Args:
            kubeconfig: The file; never found out from the surroundings.
            context: The context's name in it; never the current one by default.
            namespace: Where the object is; empty for an object of the whole cluster, which is never ours.

        Raises:
            GuardRefused: The lab did not write that context and the user did not allow it, or we did not create
                the namespace.
        """
        if kubeconfig is None or not context:
            raise self._refuse(
                "no cluster was named.",
                evidence=f"kubeconfig {kubeconfig}, context {context or 'none'}",
                fix="Name file and context. The current context is never taken: it may be production.",
            )
        is_ours, namespaces = False, tuple[str, ...]()
        try:
            if self._contexts is not None:
                is_ours = self._contexts.is_ours(context, kubeconfig)
                namespaces = self._contexts.namespaces(context, kubeconfig)
        except JournalDamaged as exc:
            raise self._refuse(
                f"`{context}` may not be touched. {exc.what}", evidence=exc.evidence, fix=exc.fix
            ) from exc
        if not is_ours:
            raise self._refuse(
                f"the context `{context}` is not the lab's, and you have not allowed it (or no longer).",
                evidence=f"it stands in {kubeconfig}",
                fix=f"If you may break that cluster: `opchaos allow-context {context}`. It asks twice, and expires.",
            )
        if namespace not in namespaces:
            raise self._refuse(
                f"the namespace `{namespace or '(the whole cluster)'}` was not created by this mission.",
                evidence=f"created in `{context}`: {', '.join(namespaces) or 'none'}",
                fix="Only namespaces that the workshop created can be attacked; yours are left alone.",
            )

    def _refuse(self, what: str, *, evidence: str, fix: str) -> GuardRefused:
        refusal = GuardRefused(f"The Guard refused: {what}", evidence=evidence, fix=fix)
        if self._on_refusal is not None:
            self._on_refusal(refusal)
        return refusal
