"""Change one value in a YAML text and leave every other line as its author wrote it, comments included."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chaos_lib.errors import InvalidInput

_KEY = re.compile(r"^(?P<indent>[ ]*(?:- )*)(?P<key>[A-Za-z0-9_./-]+):(?P<rest>.*)$")


def put(text: str, path: Sequence[str], value: str) -> str:
    """Return the text with a value set; a key that is missing is added below its parent.

    Args:
        text: Block-style YAML.
        path: Keys, each somewhere below the one before: `("readinessProbe", "httpGet", "path")`.
        value: As it is written in YAML.

    Raises:
        InvalidInput: The parent is not there.
    """
    lines = text.splitlines()
    found = _find(lines, path)
    if found is not None:
        match = _matched(lines[found])
        lines[found] = f"{match['indent']}{match['key']}: {value}"
        del lines[found + 1 : _end(lines, found)]
        return _joined(lines)
    parent = _existing(lines, path[:-1])
    lines.insert(parent + 1, f"{' ' * (_child_indent(lines, parent))}{path[-1]}: {value}")
    return _joined(lines)


def without(text: str, path: Sequence[str]) -> str:
    """Return the text without a key and all that is below it.

    Raises:
        InvalidInput: It is not there.
    """
    lines = text.splitlines()
    found = _existing(lines, path)
    del lines[found : _end(lines, found)]
    return _joined(lines)


def _find(lines: Sequence[str], path: Sequence[str]) -> int | None:
    start, end = 0, len(lines)
    found: int | None = None
    for key in path:
        found = next((i for i in range(start, end) if _key_of(lines[i]) == key), None)
        if found is None:
            return None
        start, end = found + 1, _end(lines, found)
    return found


def _existing(lines: Sequence[str], path: Sequence[str]) -> int:
    found = _find(lines, path) if path else None
    if found is None:
        raise InvalidInput(
            "The manifest does not contain what the attack wants to change.",
            evidence=f"looked for {' > '.join(path)}",
            fix="Put the file back (`opchaos workspace restore`) or choose another attack.",
        )
    return found


def _key_of(line: str) -> str:
    match = _KEY.match(line)
    return match["key"] if match else ""


def _matched(line: str) -> re.Match[str]:
    match = _KEY.match(line)
    assert match is not None
    return match


def _end(lines: Sequence[str], index: int) -> int:
    """Return the line after a key's block: the next one that is not indented deeper, blank lines and comments aside."""
    depth = len(_matched(lines[index])["indent"])
    last = index
    for i in range(index + 1, len(lines)):
        stripped = lines[i].strip()
        if not stripped or stripped.startswith("#"):
            continue
        indent = len(lines[i]) - len(lines[i].lstrip())
        is_list_at_key = indent == depth and stripped.startswith("- ") and _list_belongs(lines, index)
        if indent <= depth and not is_list_at_key:
            break
        last = i
    return last + 1


def _list_belongs(lines: Sequence[str], index: int) -> bool:
    """Whether a list may stand as deep as its key: the key has no value and is no item of a list itself."""
    match = _matched(lines[index])
    return not match["rest"].strip() and "- " not in match["indent"]


def _child_indent(lines: Sequence[str], parent: int) -> int:
    depth = len(_matched(lines[parent])["indent"])
    for line in lines[parent + 1 :]:
        if line.strip() and not line.strip().startswith("#"):
            indent = len(line) - len(line.lstrip())
            return indent if indent > depth else depth + 2
    return depth + 2


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
