"""The program `kubectl`: it renders kustomizations, and it is what a practitioner types."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.errors import ToolMissing
from chaos_lib.lab import debian
from chaos_lib.lab.facility import ProgressSink, no_progress

# Everybody on a cluster has a namespace of their own. `opchaos env` sets the variable, and KUBECONFIG with it.
KUBECTL = 'kubectl --namespace "$OPCHAOS_KUBE_NAMESPACE"'


def rendered(folder: str) -> str:
    """Return the command line that renders a kustomization for the mission's own namespace."""
    moved = "s/namespace: mission-control$/namespace: $OPCHAOS_KUBE_NAMESPACE/"
    return f'kubectl kustomize {folder} | sed "{moved}"'


def find(lab: Mapping[str, str] | None = None, progress: ProgressSink = no_progress) -> Path:
    """Return the program; as root on Debian it is installed when it is missing.

    Args:
        lab: The lab's variables: its `PATH` is searched first.
        progress: Told of an installation.

    Raises:
        ToolMissing: There is none, and none can be installed.
    """
    path = (lab or {}).get("PATH") or os.environ.get("PATH", "")
    found = shutil.which("kubectl", path=path) or shutil.which("kubectl")
    if found is None:
        machine = debian.this_machine()
        if machine.is_debian and machine.is_root:
            debian.install(["kubernetes-client"], ["kubectl"], progress)
            found = shutil.which("kubectl")
    if found is None:
        raise ToolMissing(
            "The program `kubectl` was not found.",
            evidence=f"PATH is {path}",
            fix="Debian: `sudo apt-get install kubernetes-client`. macOS: `brew install kubectl`. "
            "Windows: `winget install Kubernetes.kubectl`.",
        )
    return Path(found)


@dataclass(frozen=True)
class Kubectl:
    """Command lines for one namespace of one cluster, as a practitioner would type them.

    Attributes:
        context: The context; empty for texts that fit every cluster.
        namespace: The namespace; empty likewise.
    """

    context: str = ""
    namespace: str = ""

    def line(self, *arguments: str) -> str:
        """Return `kubectl … ARGUMENTS`."""
        place = [f"--context={self.context}"] if self.context else []
        place += [f"--namespace={self.namespace}"] if self.namespace else []
        return shlex.join(["kubectl", *place, *arguments])
