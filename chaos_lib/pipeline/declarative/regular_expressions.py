"""Whether Java would take a regular expression, and what it says if not."""

from __future__ import annotations

import re

_WORDS = (
    ("missing ), unterminated subpattern", "Unclosed group"),
    ("unterminated character set", "Unclosed character class"),
    ("nothing to repeat", "Dangling meta character '{}'"),
    ("unbalanced parenthesis", "Unmatched closing ')'"),
)


def java_complaint(pattern: str) -> str:
    """Return Java's complaint about a pattern, or nothing if it is right.

    Only what Python and Java both reject is found: the two have different extensions.
    """
    try:
        re.compile(pattern)
    except re.error as exc:
        place = exc.pos or 0
        for ours, java in _WORDS:
            if ours in exc.msg:
                shown = java.format(pattern[place : place + 1])
                near = len(pattern) if java == "Unclosed group" else len(pattern) - 1
                near = place if "Dangling" in java else near
                marker = "\n" + " " * near + "^" if near < len(pattern) else ""
                return f"{shown} near index {near}\n{pattern}{marker}"
        # Python's own extensions and limits: Java may well take it.
        return ""
    return ""
