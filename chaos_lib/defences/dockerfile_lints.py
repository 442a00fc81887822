"""Defences that only read the Dockerfile: hadolint, and the order of its layers."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from chaos_lib import scratch
from chaos_lib.command import Command
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.scope import DOCKERFILE
from chaos_lib.errors import ToolMissing
from chaos_lib.lab.builds.bases import instructions

FILE = "Dockerfile"
# The versions of Debian packages differ from mirror to mirror: pinning them is another lesson.
_HADOLINT = "failure-threshold: warning\nignored: [DL3008]\n"
_TIMEOUT_S = 30.0
INSTALLER = re.compile(
    r"\b(pip3?\s+(\S+\s+)*?install|python3?\s+-m\s+pip\s+install|uv\s+(pip\s+install|sync)|poetry\s+install|pipenv\s+(install|sync)|pdm\s+(install|sync))\b"
)


class DockerfileLint:
    """What both lints share: the file, and how a verdict is put together."""

    name = ""
    title = ""
    phase = "phase-2-docker"
    uses_services = False
    looks_at = DOCKERFILE
    command = ""
    all_well = ""
    remedy = ""
    reasons: Mapping[str, str] = {"DOCKERFILE_MISSING": "There is no Dockerfile."}

    def run(self, context: DefenceContext) -> Verdict:
        """Read the Dockerfile; nothing is built."""
        start = time.monotonic()
        path = context.workspace / FILE
        if not path.is_file():
            reason, evidence = "DOCKERFILE_MISSING", f"no {FILE} in the workspace"
        else:
            reason, evidence = self.look(path, context)
        return Verdict(
            defence=self.name,
            reason=reason,
            summary=self.reasons.get(reason, self.all_well),
            evidence=evidence,
            remedy="" if reason == GREEN else self.remedy,
            command=self.command,
            tier=context.tier,
            elapsed_s=time.monotonic() - start,
        )

    def look(self, path: Path, context: DefenceContext) -> tuple[str, str]:
        """Return a reason and the evidence."""
        raise NotImplementedError


class Hadolint(DockerfileLint):
    """hadolint has nothing to warn of."""

    name = "hadolint"
    title = "Dockerfile lint"
    command = "hadolint Dockerfile"
    all_well = "hadolint has no complaint."
    remedy = "Each line of the evidence names a rule; the rule's page in hadolint's wiki says why and how."
    reasons: Mapping[str, str] = {
        **DockerfileLint.reasons,
        "DOCKERFILE_INVALID": "The Dockerfile cannot be read.",
        "LINT_WARNINGS": "hadolint warns of habits that hurt sooner or later.",
        "HADOLINT_MISSING": "hadolint is not installed in this environment.",
    }

    def look(self, path: Path, context: DefenceContext) -> tuple[str, str]:
        """Run hadolint with our own configuration, whatever the user has."""
        program = Path(sys.executable).with_name("hadolint")
        with scratch.folder(context.settings, "hadolint") as folder:
            (folder / "hadolint.yaml").write_text(_HADOLINT, encoding="utf-8")
            options = ("--config", str(folder / "hadolint.yaml"), "--format", "json")
            try:
                result = Command((str(program), *options, str(path))).run(timeout_s=_TIMEOUT_S)
            except ToolMissing as exc:
                return "HADOLINT_MISSING", exc.text
        if result.is_success:
            return GREEN, ""
        try:
            found = json.loads(result.output)
        except json.JSONDecodeError:
            return "DOCKERFILE_INVALID", result.last_lines
        lines = [f"line {f['line']}: {f['code']} {f['level']}: {f['message']}" for f in found]
        is_unreadable = any(f["code"] in ("DL1000", "DL1001") for f in found)
        return "DOCKERFILE_INVALID" if is_unreadable else "LINT_WARNINGS", "\n".join(lines)


class LayerOrder(DockerfileLint):
    """Dependencies are installed before the source is copied, so that a change of the source does not install them again."""

    name = "layer-order"
    title = "Order of the layers"
    command = "grep -nE 'COPY|ADD|RUN' Dockerfile"
    all_well = "Dependencies come before the source."
    remedy = "Copy only the list of dependencies first (COPY requirements.lock ./), install, and copy the source after it."
    reasons: Mapping[str, str] = {
        **DockerfileLint.reasons,
        "SOURCE_BEFORE_DEPENDENCIES": "The source is copied before the dependencies are installed: "
        "every change of a line installs them all again.",
    }

    def look(self, path: Path, context: DefenceContext) -> tuple[str, str]:  # noqa: ARG002 - the lints' common shape
        """Look at each stage up to the first step that installs dependencies."""
        copied = ""
        is_settled = False
        for line in instructions(path.read_text(encoding="utf-8", errors="replace")):
            word = line.split(maxsplit=1)[0].upper()
            if word == "FROM":
                copied, is_settled = "", False
            elif word in ("COPY", "ADD") and not is_settled and copies_source(line):
                copied = copied or line
            elif word == "RUN" and installs_dependencies(line) and not is_settled:
                if copied:
                    return "SOURCE_BEFORE_DEPENDENCIES", f"{copied}\n… comes before …\n{line}"
                is_settled = True
        return GREEN, ""


def installs_dependencies(line: str) -> bool:
    """Whether a RUN line installs the project's dependencies with one of the usual tools."""
    if not INSTALLER.search(line) or "--no-deps" in line:
        return False
    # A newer pip is no dependency of the project.
    tools = {"pip", "setuptools", "wheel", "uv", "poetry", "pipenv", "pdm", "--upgrade", "-u", "install"}
    words = re.split(r"\binstall\b|\bsync\b", line, maxsplit=1)
    named = [word.lower() for word in words[1].split() if not word.startswith("-")] if len(words) > 1 else []
    return not named or any(re.split(r"[=<>~\[]", word)[0] not in tools for word in named)


def copies_source(line: str) -> bool:
    """Whether a COPY or ADD line brings the project's source along."""
    words = [word for word in re.sub(r"[\[\]\",]", " ", line).split()[1:] if not word.startswith("--")]
    if "--from=" in line:
        return False
    return any(
        source in (".", "./", "*", "./*")
        or PurePosixPath(source).parts[:1] in (("src",), ("mission_control",))
        for source in words[:-1]
    )


HADOLINT = Hadolint()
LAYER_ORDER = LayerOrder()
