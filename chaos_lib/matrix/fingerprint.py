"""What a cell depends on, as one number: a cell whose fingerprint is the same need not be run again."""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from chaos_lib.attacks.base import Attack
from chaos_lib.defences.base import Defence, scope_of
from chaos_lib.defences.scope import Target
from chaos_lib.operations.workspace_file import KIND as FILE_KIND
from chaos_lib.settings import Tier

_DEFENCES = "chaos_lib.defences"


def of_cell(attack: Attack | None, defence: Defence, project: Mapping[str, str], tier: Tier) -> str:
    """Return the fingerprint of a cell.

    It covers the attack's file, the defence's module with those of our defences it imports and its own settings, the
    files of the clean project that the defence looks at, and the tier. Changes elsewhere in the kit are not noticed.

    Args:
        attack: None for the clean project.
        defence: The defence.
        project: From `Workspace.fingerprint()` of the clean project.
        tier: Tier of the lab's services.
    """
    scope = scope_of(defence)
    seen = [each for each in sorted(project.items()) if scope.covers(Target(FILE_KIND, each[0]))]
    parts = [tier.value, repr(seen)]
    if attack is not None:
        parts += _of(attack)
    return _digest([*parts, _settings(defence), *defence_sources(defence)])


def of_attack(attack: Attack, project: Mapping[str, str]) -> str:
    """Return the fingerprint of what an attack touches: its file and the clean project."""
    return _digest([repr(sorted(project.items())), *_of(attack)])


def source_of(value: object) -> str:
    """Return the text of the file that defines a function or class; its name where there is no file."""
    try:
        path = inspect.getsourcefile(value)  # type: ignore[arg-type]
        return Path(path).read_text(encoding="utf-8") if path else repr(value)
    except (OSError, TypeError):
        return repr(value)


def defence_sources(defence: Defence) -> Iterable[str]:
    """Return the texts of a defence's module and of those in our package of defences that it imports."""
    kind = type(defence)
    yield source_of(kind)
    seen, waiting = {kind.__module__}, sorted(_imports(source_of(kind)))
    while waiting:
        name = waiting.pop(0)
        module = sys.modules.get(name)
        if name in seen or module is None or module.__file__ is None:
            continue
        seen.add(name)
        text = Path(module.__file__).read_text(encoding="utf-8")
        yield text
        waiting += sorted(_imports(text))


def _of(attack: Attack) -> list[str]:
    return [attack.name, source_of(attack.inject)]


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


def _settings(defence: Defence) -> str:
    """Return what tells two defences of one class apart."""
    fields = {
        name: value
        for name, value in getattr(defence, "__dict__", {}).items()
        if isinstance(value, (str, int, float, tuple))
    }
    return repr((defence.name, sorted(fields.items())))


def _imports(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name for name in named if name.startswith(f"{_DEFENCES}.")}
