"""No secret in the Jenkinsfile, in the working tree, in its history, or on its way into the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from chaos_lib.git import Git
from chaos_lib.pipeline.groovy.expressions import Call, GString, Property, Variable
from chaos_lib.pipeline.groovy.nodes import Node
from chaos_lib.pipeline.groovy.walk import calls_in, walk
from chaos_lib.pipeline.model import ParsedPipeline
from chaos_lib.pipeline.rules.credential_use import environments_of, secret_variables
from chaos_lib.pipeline.rules.finding import Finding
from chaos_lib.pipeline.rules.secret_patterns import secrets_in
from chaos_lib.pipeline.rules.shell import SHELLS, lines_of, script_of

RULE = "secret-scan"
_LARGEST_BYTES = 1_000_000
_SKIPPED = frozenset(
    {".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)")
_REMEDIES = {
    "SECRET_IN_FILE": "Take it out, revoke it (it must count as stolen), and read the new one from the credentials store.",
    "SECRET_IN_HISTORY": "Revoke it: whoever has a copy of the repository has the secret. Only then clean the history.",
    "SECRET_PRINTED": "Do not print it. Masking is a net, not a licence: a part of the secret goes through.",
    "SECRET_INTERPOLATED": "Put the command in single quotes, so that the shell and not Groovy puts the secret in: "
    "otherwise it is in the process list and in the log of a failed command.",
}


def scan_text(text: str, path: str = "Jenkinsfile") -> tuple[Finding, ...]:
    """Return what looks like a secret in a file's text."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for secret in secrets_in(line):
            found.append(_finding("SECRET_IN_FILE", number, f"{secret.sort}: {secret.masked}", path))
    return tuple(found)


def scan_tree(folder: Path) -> tuple[Finding, ...]:
    """Return what looks like a secret in the files of a folder; links, binary and very large files are left out."""
    found: list[Finding] = []
    for path in sorted(_files_in(folder)):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        found += scan_text(text, path.relative_to(folder).as_posix())
    return tuple(found)


def _files_in(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink() or path.name in _SKIPPED:
            continue
        if path.is_dir():
            yield from _files_in(path)
        elif path.is_file() and path.stat().st_size <= _LARGEST_BYTES:
            yield path


def scan_history(folder: Path) -> tuple[Finding, ...]:
    """Return what looks like a secret in any line that was ever added in a git repository; each once.

    Raises:
        CommandFailed: The folder is no repository.
    """
    result = Git(folder).run(
        "log", "--all", "--no-color", "--no-ext-diff", "--no-textconv", "--format=commit %h", "-p", "-U0"
    )
    found: dict[tuple[str, str], Finding] = {}
    commit, path, number = "", "", 0
    for line in result.output.splitlines():
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/")
        elif line.startswith("@@"):
            match = _HUNK.match(line)
            number = int(match.group(1)) if match else 0
        elif line.startswith("+"):
            for secret in secrets_in(line[1:]):
                evidence = f"{secret.sort}: {secret.masked} in commit {commit}"
                # The log begins with the newest commit: the oldest one that added it is the one to name.
                found[path, secret.value] = _finding("SECRET_IN_HISTORY", number, evidence, path)
            number += 1
    return tuple(found.values())


def scan_use(parsed: ParsedPipeline) -> tuple[Finding, ...]:
    """Return the places where a credential is printed, or put into a command by Groovy."""
    if parsed.script is None:
        return ()
    secret = secret_variables(parsed.script, environments_of(parsed))
    found = [finding for call in calls_in(parsed.script) for finding in _leaks(call, parsed.source, secret)]
    return tuple(found)


def _leaks(call: Call, source: str, secret: frozenset[str]) -> Iterator[Finding]:
    if call.target is not None:
        return
    if call.method in ("echo", "println", "print", "error"):
        for name in _names_in(call):
            if name in secret:
                yield _finding("SECRET_PRINTED", call.span.line, f"`{call.method}` prints `{name}`")
    if call.method not in SHELLS:
        return
    script = script_of(call)
    if isinstance(script, GString):
        for name in dict.fromkeys(_names_in(script)):
            if name in secret:
                evidence = f'`{name}` is put into the command by Groovy ("{call.method}" with double quotes)'
                yield _finding("SECRET_INTERPOLATED", script.span.line, evidence)
    for line in lines_of(call, source):
        for name in secret:
            if re.search(rf"\b(?:echo|printf)\b[^|>]*\$\{{?{re.escape(name)}\b[^|>]*$", line.text):
                yield _finding("SECRET_PRINTED", line.line, f"the shell prints `{name}`")


def _names_in(tree: Node) -> Iterator[str]:
    for node in walk(tree):
        name = node.name if isinstance(node, Variable | Property) else None
        if isinstance(node, Property) and not _is_env(node.target):
            continue
        if isinstance(name, str):
            yield name


def _is_env(node: Node) -> bool:
    return isinstance(node, Variable) and node.name == "env"


def _finding(reason: str, line: int, evidence: str, path: str = "Jenkinsfile") -> Finding:
    return Finding(RULE, reason, line, evidence, _REMEDIES[reason], path)
