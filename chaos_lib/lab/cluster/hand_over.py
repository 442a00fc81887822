"""How an image of the engine gets to a cluster, by the kind of the cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from chaos_lib.command import Command
from chaos_lib.errors import ChaosError, ClusterUnavailable
from chaos_lib.lab.facility import Progress, ProgressSink

HandOver = Callable[[str, ProgressSink], str]

_TIMEOUT_S = 600
_SAME_ENGINE = ("docker-desktop", "docker-for-desktop", "rancher-desktop", "orbstack", "colima")


def hand_over_of(context: str, server: str, environment: Mapping[str, str]) -> HandOver:
    """Return how images get to the cluster behind a context.

    Args:
        context: Its name: the tools name theirs in their own way.
        server: URL of its API server.
        environment: Variables that lead to the engine that has the images: `DOCKER_HOST`.
    """
    from chaos_lib.lab.cluster.eks import is_eks, push_to_ecr

    if is_eks(server):
        return push_to_ecr(server, environment)
    tool, _, name = context.partition("-")
    if tool == "kind":
        return by_command(("kind", "load", "docker-image", "{image}", "--name", name), environment)
    if tool == "k3d":
        return by_command(("k3d", "image", "import", "{image}", "--cluster", name), environment)
    if context == "minikube":
        return by_command(("minikube", "--profile", context, "image", "load", "{image}"), environment)
    if context in _SAME_ENGINE or tool == "colima":
        return same_engine
    return _unknown(context)


def same_engine(image: str, progress: ProgressSink) -> str:
    """Do nothing: the node's containers run on the very engine that has the image."""
    del progress
    return image


def by_command(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> HandOver:
    """Return a hand-over by a tool's own command.

    Args:
        argv: The command line; `{image}` stands for the image.
        environment: Variables that the tool needs besides ours.
    """

    def hand_over(image: str, progress: ProgressSink) -> str:
        command = tuple(part.format(image=image) for part in argv)
        progress(Progress("Handing the image over", " ".join(command)))
        run_tool(command, environment or {}, f"The cluster did not take the image `{image}`.")
        return image

    return hand_over


def run_tool(
    argv: Sequence[str],
    environment: Mapping[str, str],
    what: str,
    *,
    timeout_s: float = _TIMEOUT_S,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run a cluster tool and return its output.

    Args:
        argv: The command line.
        environment: Variables besides ours.
        what: What it means when it fails, one sentence.
        timeout_s: Longest run, in seconds.
        on_line: Told every line as it comes.

    Raises:
        ClusterUnavailable: It is not installed, failed, or did not end in time.
    """
    fix = f"Try it yourself: `{' '.join(argv)}`."
    try:
        result = Command(tuple(argv), env={**os.environ, **environment}).run(
            timeout_s=timeout_s, on_line=on_line
        )
    except ChaosError as exc:
        raise ClusterUnavailable(what, evidence=f"{exc.what} {exc.evidence}", fix=fix) from exc
    if not result.is_success:
        raise ClusterUnavailable(what, evidence=result.last_lines, fix=fix)
    return result.output


def _unknown(context: str) -> HandOver:
    def hand_over(image: str, progress: ProgressSink) -> str:
        del progress
        raise ClusterUnavailable(
            f"How images get to the cluster behind `{context}` is not known.",
            evidence=f"the image is `{image}`",
            fix="Push it to a registry that the cluster pulls from, and name it so in the manifests.",
        )

    return hand_over
