"""No secret in the files that git keeps, in the history, or in the log of a build.

Of the history only secrets that are still valid count: what was replaced opens nothing any more, and nobody can take a commit
back from everyone who has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos_lib.defences.pipeline_gate import PipelineGate, Project
from chaos_lib.defences.scope import CREDENTIALS, Scope
from chaos_lib.git import Git
from chaos_lib.pipeline.declared import JENKINSFILE, store_of
from chaos_lib.pipeline.rules.finding import Finding
from chaos_lib.pipeline.rules.secret_scan import scan_text, scan_use
from chaos_lib.settings import Settings

_LARGEST_BYTES = 1_000_000
_ROTATE = (
    'Replace it in the store, here by `chaos.rotate_credential("{}")`: whoever has a copy has the secret.'
)


class PipelineSecretScan(PipelineGate):
    """Looks for secrets in the Jenkinsfile and every other file, in git's history, and in the logs of builds."""

    name = "pipeline-secret-scan"
    title = "Secret scan of the repository"
    looks_at = Scope(("*",), (CREDENTIALS,))
    reasons: Mapping[str, str] = {
        "JENKINSFILE_MISSING": "There is no Jenkinsfile: the workspace has no pipeline.",
        "SECRET_IN_FILE": "A secret is written into a file.",
        "SECRET_PRINTED": "The pipeline prints a secret.",
        "SECRET_INTERPOLATED": "Groovy puts a secret into a command: it can be read in the process list.",
        "SECRET_IN_LOG": "A secret is in the log of a build.",
        "SECRET_IN_HISTORY": "A secret that is still valid is in git's history.",
    }
    command = "gitleaks git .  # or trufflehog: in the working tree and in every commit"
    all_well = "No secret is in the files, in the history or in a log."

    def first_look(self, project: Project) -> Sequence[Finding]:
        """Scan; a file that is no valid pipeline can hold a secret as well."""
        folder, settings = project.context.workspace, project.context.settings
        found = [*scan_text(project.text), *scan_use(project.parsed)]
        valid = _valid_secrets(settings)
        git = Git(folder)
        for name in _tracked(git, folder):
            if name != JENKINSFILE:
                found += scan_text(_text_of(folder / name), name)
        for identity, value in valid.items():
            found += _in_files(identity, value, project.text)
            found += self._in_logs(identity, value, settings)
        history = git.run("log", "--all", "--no-color", "--no-ext-diff", "-p", "-U0").output if valid else ""
        for identity, value in valid.items():
            if value in history:
                evidence = f"the value of `{identity}` stands in a commit"
                found.append(
                    Finding(self.name, "SECRET_IN_HISTORY", 0, evidence, _ROTATE.format(identity), ".git")
                )
        return sorted(found, key=lambda finding: list(self.reasons).index(finding.reason))

    def _in_logs(self, identity: str, value: str, settings: Settings) -> Sequence[Finding]:
        logs = [path for path in (settings.state / "builds").glob("*/*/log") if value in _text_of(path)]
        evidence = f"the value of `{identity}` was printed"
        return [
            Finding(
                self.name, "SECRET_IN_LOG", 0, evidence, _ROTATE.format(identity), path.parent.name + "/log"
            )
            for path in logs
        ]


def _valid_secrets(settings: Settings) -> Mapping[str, str]:
    """Return the tokens and passwords of the store, by id; files are compared by their keys elsewhere."""
    store = store_of(settings)
    known = {identity: store.get(identity) for identity in store.ids()}
    return {
        identity: credential.secret.get_secret_value()
        for identity, credential in known.items()
        if credential is not None and credential.kind != "file"
    }


def _in_files(identity: str, value: str, text: str) -> Sequence[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        if value in line:
            evidence = f"the value of `{identity}`"
            remedy = f"Take it out, read it by `withCredentials`, then: {_ROTATE.format(identity)}"
            return [Finding("pipeline-secret-scan", "SECRET_IN_FILE", number, evidence, remedy)]
    return []


def _tracked(git: Git, folder: Path) -> Sequence[str]:
    """Return the files that git keeps or would keep; what is ignored never leaves this machine."""
    if not (folder / ".git").exists():
        return ()
    listed = git.run("ls-files", "--cached", "--others", "--exclude-standard").output.splitlines()
    return [
        name
        for name in dict.fromkeys(listed)
        if (folder / name).is_file() and not (folder / name).is_symlink()
    ]


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.stat().st_size <= _LARGEST_BYTES else ""
    except (OSError, UnicodeDecodeError):
        return ""


PIPELINE_SECRET_SCAN = PipelineSecretScan()
