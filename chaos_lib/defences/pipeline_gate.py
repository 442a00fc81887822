"""What all defences of a Jenkinsfile share: read it, ask the rules, and say the first thing that is wrong."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from chaos_lib.defences import scope
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.pipeline.declared import JENKINSFILE
from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.finding import Finding

FILE_REASONS: Mapping[str, str] = {
    "JENKINSFILE_MISSING": "There is no Jenkinsfile: the workspace has no pipeline.",
    "JENKINSFILE_INVALID": "Jenkins would not accept the Jenkinsfile.",
}
_EVIDENCE_LINES = 8


@dataclass(frozen=True)
class Project:
    """A workspace with a Jenkinsfile.

    Attributes:
        context: What the defence may look at.
        text: The Jenkinsfile's text.
    """

    context: DefenceContext
    text: str

    @cached_property
    def parsed(self) -> ParsedPipeline:
        """The Jenkinsfile, read."""
        return parse(self.text)


class PipelineGate:
    """A defence that looks at the Jenkinsfile without running it."""

    name = ""
    title = ""
    phase = "phase-3-jenkins"
    uses_services = False
    looks_at = scope.JENKINSFILE
    # A file is a file on every tier; where builds run, the lab says.
    facility = "pipeline"
    # It only reads files: the offensive asks it before all that run something.
    is_static = True
    reasons: Mapping[str, str] = FILE_REASONS
    command = "opchaos pipeline validate Jenkinsfile"
    all_well = ""

    def run(self, context: DefenceContext) -> Verdict:
        """Read the Jenkinsfile and ask the rules."""
        start = time.monotonic()
        path = context.workspace / JENKINSFILE
        if path.is_file():
            project = Project(context, path.read_text(encoding="utf-8", errors="replace"))
            findings = self.first_look(project)
        else:
            remedy = "Write one: `%%answer Jenkinsfile`."
            findings = (Finding(self.name, "JENKINSFILE_MISSING", 0, "no such file", remedy),)
        reason = findings[0].reason if findings else GREEN
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=self.reasons[reason] if findings else self.all_well,
            evidence="\n".join(finding.text for finding in findings[:_EVIDENCE_LINES]),
            remedy=findings[0].remedy if findings else "",
            command=self.command,
            tier=context.tier,
            elapsed_s=time.monotonic() - start,
            numbers={"findings": len(findings)},
        )

    def first_look(self, project: Project) -> Sequence[Finding]:
        """A file that Jenkins would not accept is no ground for any other rule."""
        if project.parsed.is_valid:
            return self.judge(project)
        problem = next(iter(project.parsed.problems), None)
        line, said = (problem.line, problem.message) if problem else (1, "there is no `pipeline` block")
        remedy = (
            'Repair that first: `chaos.defend("jenkinsfile-lint")` shows everything that Jenkins objects to.'
        )
        return (Finding(self.name, "JENKINSFILE_INVALID", line, said, remedy),)

    def judge(self, project: Project) -> Sequence[Finding]:
        """Return what the rules find, the most important thing first."""
        raise NotImplementedError
