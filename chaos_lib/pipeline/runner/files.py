"""Finds files by Ant patterns, as `stash`, `archiveArtifacts` and `junit` name them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_NEVER = (".git", ".svn", ".hg", "CVS")


def ant_regex(pattern: str, *, is_case_sensitive: bool = True) -> re.Pattern[str]:
    """Return a regular expression for an Ant pattern: `*`, `?`, `**`; one that ends in `/` means all below."""
    if pattern.endswith("/"):
        pattern += "**"
    parts = pattern.split("/")
    made = ""
    for at, part in enumerate(parts):
        is_last = at == len(parts) - 1
        if part == "**":
            made += ".*" if is_last else "(?:[^/]+/)*"
        else:
            made += re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
            if not is_last:
                made += "(?=$)" if parts[at + 1 :] == ["**"] else "/"
    # `dir/**` matches what is in the folder, and the folder itself.
    made = made.replace("(?=$).*", "(?:/.*)?")
    return re.compile(made, 0 if is_case_sensitive else re.IGNORECASE)


def find(
    folder: Path, includes: str, excludes: str = "", *, uses_default_excludes: bool = True
) -> list[Path]:
    """Return the files that a comma-separated list of Ant patterns names, sorted.

    Args:
        folder: Where to look; links to folders are not followed.
        includes: Patterns relative to it.
        excludes: What to leave out.
        uses_default_excludes: Whether the folders of version control are left out.
    """
    wanted = [ant_regex(pattern) for pattern in _patterns(includes)]
    unwanted = [ant_regex(pattern) for pattern in _patterns(excludes)]
    found = []
    for path in _walk(folder, uses_default_excludes):
        name = path.relative_to(folder).as_posix()
        if any(each.fullmatch(name) for each in wanted) and not any(
            each.fullmatch(name) for each in unwanted
        ):
            found.append(path)
    return sorted(found)


def _patterns(text: str) -> list[str]:
    return [pattern.strip().removeprefix("./") for pattern in text.split(",") if pattern.strip()]


def _walk(folder: Path, uses_default_excludes: bool) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        if uses_default_excludes:
            folders[:] = [name for name in folders if name not in _NEVER]
        for name in names:
            yield Path(root) / name
