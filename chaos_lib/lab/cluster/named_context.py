"""The provider `context`: a cluster of the user's own, named with OPCHAOS_CONTEXT and allowed with `opchaos allow-context`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos_lib.contexts import AllowedContext, Contexts
from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab.cluster import kubeconfig
from chaos_lib.lab.cluster.base import Cluster, namespace_of, own_kubeconfig
from chaos_lib.lab.cluster.hand_over import HandOver, hand_over_of
from chaos_lib.lab.cluster.namespaces import answers
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.settings import Settings, Tier


class NamedContext:
    """The provider `context`, tier LIVE.

    The user's kubeconfig is only read. The mission works with a copy that has this context alone, so that no command
    can reach another cluster by mistake; the leave holds for the copy as long as for the original.
    """

    name = "context"
    tier = Tier.LIVE

    def __init__(
        self, settings: Settings, environment: Mapping[str, str], *, hand_over: HandOver | None = None
    ) -> None:
        """Describe the provider.

        Args:
            settings: Names the context.
            environment: Variables that lead to the engine: `DOCKER_HOST`.
            hand_over: How images get there; found out from the context when None.
        """
        self._settings = settings
        self._environment = environment
        self._contexts = Contexts(settings.state)
        self._hand_over = hand_over

    @property
    def _copy(self) -> Path:
        return own_kubeconfig(self._settings, self.name)

    def usability(self) -> Usability:
        """Say whether a context is named and allowed."""
        name = self._settings.context
        if not name:
            return Usability(
                False,
                "No context of yours is named.",
                "Set OPCHAOS_CONTEXT and run `opchaos allow-context NAME`.",
            )
        if self._allowed() is None:
            return Usability(
                False,
                f"The context `{name}` is named, but not allowed (or no longer).",
                f"If you may break that cluster: `opchaos allow-context {name}`.",
            )
        return Usability(True, f"Your context `{name}`, which you have allowed.", "")

    def start(self, progress: ProgressSink) -> Cluster:
        """Copy the context, and look whether its cluster answers."""
        allowed = self._allowed()
        if allowed is None:
            refusal = self.usability()
            raise ClusterUnavailable(refusal.reason, fix=refusal.remedy)
        progress(Progress("Asking your cluster", f"{allowed.name} ({allowed.server})"))
        kubeconfig.write(self._copy, kubeconfig.only(allowed.name, allowed.kubeconfig))
        self._contexts.extend_to(allowed, self._copy)
        version = answers(self._copy, allowed.name, timeout_s=10.0)
        if not version:
            raise ClusterUnavailable(
                f"The cluster behind your context `{allowed.name}` does not answer.",
                evidence=allowed.server,
                fix=f"`kubectl --context {allowed.name} get nodes` tries the same: is it running, are you signed in?",
            )
        return self._cluster(allowed, version)

    def attach(self) -> Cluster | None:
        """Return the cluster while it is allowed and answers."""
        allowed = self._allowed()
        if allowed is None or not self._copy.exists():
            return None
        version = answers(self._copy, allowed.name)
        return self._cluster(allowed, version) if version else None

    def outlives_mission(self) -> bool:
        """It is the user's."""
        return True

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Forget the copy; the cluster stays as it is."""
        del purge, progress
        if not self._copy.exists():
            return ()
        name = str(kubeconfig.current(self._copy))
        left = self._contexts.namespaces(name, self._copy)
        self._contexts.forget_lab_context(name, self._copy)
        self._copy.unlink()
        if left:
            # It did not answer, or is not allowed any more: `down` could not remove them.
            return (
                f"Left in your cluster, which could not be asked: the namespaces {', '.join(left)}. "
                f"`kubectl --context {name} delete namespace {' '.join(left)}` removes them.",
            )
        return (f"Your cluster behind `{name}` stays as it was.",)

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Make an image available there, by whatever that kind of cluster offers."""
        allowed = self._allowed()
        if allowed is None:
            refusal = self.usability()
            raise ClusterUnavailable(refusal.reason, fix=refusal.remedy)
        hand_over = self._hand_over or hand_over_of(allowed.name, allowed.server, self._environment)
        return hand_over(image, progress)

    def _allowed(self) -> AllowedContext | None:
        """The leave for the user's own file: that for the copy came from it."""
        wanted = self._settings.context
        found = [
            c for c in self._contexts.allowed() if c.name == wanted and c.kubeconfig != self._copy.resolve()
        ]
        return found[-1] if found else None

    def _cluster(self, allowed: AllowedContext, version: str) -> Cluster:
        how = f"Your cluster {version} behind the context `{allowed.name}` ({allowed.server})."
        namespace = namespace_of(self._settings)
        return Cluster(self._copy, allowed.name, namespace, self.tier, self.name, how)
