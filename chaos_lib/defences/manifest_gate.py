"""What all defences of manifests share: find them in the workspace, render them, and say why that cannot be done."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chaos_lib.cluster import kubectl, manifests
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.scope import MANIFESTS
from chaos_lib.errors import CommandFailed, InvalidAnswer, ToolMissing
from chaos_lib.settings import Tier

SHARED = ("platform", "secrets", "backing")
RENDER_REASONS: Mapping[str, str] = {
    "MANIFESTS_MISSING": "There are no manifests: the workspace has no folder `k8s`.",
    "MANIFESTS_BROKEN": "The manifests cannot be rendered.",
    "KUBECTL_MISSING": "There is no kubectl here that could render the manifests.",
}
_REMEDIES: Mapping[str, str] = {
    "MANIFESTS_MISSING": "Bring them back: `opchaos workspace restore`.",
    "MANIFESTS_BROKEN": "Read the evidence: it names the file and often the line. `kubectl kustomize` shows the same.",
    "KUBECTL_MISSING": "Run `opchaos doctor`: it says how to get kubectl.",
}


@dataclass(frozen=True)
class Finding:
    """What a gate found.

    Attributes:
        reason: `OK` or one of the gate's reason codes.
        detail: Added to the plain sentence of that reason, or said in its place.
        evidence: What was seen.
        remedy: What to do about it.
        command: What a practitioner would type to see it; the gate's own command when empty.
        numbers: Measured values by name.
        is_whole: Whether the detail is said in the place of that sentence: it is one paragraph that holds it already.
    """

    reason: str = GREEN
    detail: str = ""
    evidence: str = ""
    remedy: str = ""
    command: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(frozen=True)
class Project:
    """The manifests of a workspace.

    Attributes:
        context: What the defence may look at.
        root: The folder `k8s`, or a copy of it that has a secret file.
    """

    context: DefenceContext
    root: Path

    @cached_property
    def kubectl(self) -> Path:
        """The program; raises ToolMissing when there is none."""
        return kubectl.find(self.context.lab)

    @cached_property
    def colours(self) -> tuple[str, ...]:
        """The overlays that are there, blue first."""
        there = [
            c for c in manifests.COLOURS if (self.root / "overlays" / c / "kustomization.yaml").is_file()
        ]
        return tuple(there)

    def part(self, *parts: str) -> Manifests:
        """Return some folders, rendered; raises CommandFailed or InvalidAnswer when they cannot be."""
        return manifests.render_all(self.root, parts, self.kubectl)

    @cached_property
    def everything(self) -> Manifests:
        """All that one colour needs, and every other colour."""
        return self.part(*SHARED, *(f"overlays/{colour}" for colour in self.colours), "switch")


class ManifestGate:
    """A defence that looks at the workspace's manifests without a cluster: the parts that all of them share."""

    name = ""
    title = ""
    phase = "phase-4-k8s"
    uses_services = False
    looks_at = MANIFESTS
    reasons: Mapping[str, str] = RENDER_REASONS
    command = ""
    all_well = ""

    def run(self, context: DefenceContext) -> Verdict:
        """Render the manifests and judge them."""
        start = time.monotonic()
        with complete(context) as project:
            finding = self.guarded(project)
        summary = "" if finding.is_whole else self.reasons.get(finding.reason, self.all_well)
        return Verdict(
            defence=self.name,
            reason=finding.reason,
            summary=f"{summary} {finding.detail}".strip(),
            evidence=finding.evidence,
            remedy=finding.remedy or _REMEDIES.get(finding.reason, ""),
            command=finding.command or self.command,
            tier=self.tier_of(context),
            elapsed_s=time.monotonic() - start,
            numbers=finding.numbers,
        )

    def tier_of(self, context: DefenceContext) -> Tier:
        """How real the result is: files are files on every tier."""
        return context.tier

    def guarded(self, project: Project) -> Finding:
        """Judge, and turn what stands in the way into a finding."""
        if not project.root.is_dir():
            return Finding("MANIFESTS_MISSING", evidence=str(project.root))
        try:
            return self.judge(project)
        except ToolMissing as exc:
            return Finding("KUBECTL_MISSING", evidence=exc.evidence, remedy=exc.fix)
        except (CommandFailed, InvalidAnswer) as exc:
            return Finding("MANIFESTS_BROKEN", detail=exc.what, evidence=exc.evidence, remedy=exc.fix)

    def judge(self, project: Project) -> Finding:
        """Look at the manifests; what stands in the way is raised."""
        raise NotImplementedError


@contextmanager
def complete(context: DefenceContext) -> Iterator[Project]:
    """Give the workspace's manifests; where the secret file is not there, a copy that has one.

    A defence changes nothing in the workspace, and a fresh clone has no secret file: it is never committed.
    """
    root = context.workspace / manifests.FOLDER
    if not (root / "secrets").is_dir() or (root / "secrets" / manifests.SECRET_NAME).exists():
        yield Project(context, root)
        return
    with tempfile.TemporaryDirectory(prefix="opchaos-k8s-") as folder:
        copy = Path(folder) / manifests.FOLDER
        shutil.copytree(root, copy)
        manifests.provide_secret(copy)
        yield Project(context, copy)
