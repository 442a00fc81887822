"""What a secret looks like."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_KNOWN = (
    ("AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})\b")),
    ("GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    ("Google API key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}")),
    ("npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("PyPI token", re.compile(r"\bpypi-[A-Za-z0-9_-]{50,}")),
    ("JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
    ("private key", re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")),
)
_ASSIGNED = re.compile(
    r"(?i)\b([\w.-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)[\w.-]*)"
    r"[\"']?\s*(?:=|:|=>)\s*(?:[\"']([^\"'\s]{8,})[\"']|([^\"'\s#;,)}]{8,}))"
)
_HEADER = re.compile(r"(?i)\b(?:Authorization:\s*)?(?:Bearer|token)\s+([A-Za-z0-9._-]{20,})")
_PLACEHOLDER = re.compile(
    r"(?i)\$|<|\{|\}|\(|\)|\[|\]|example|changeme|placeholder|dummy|your[-_]|xxx|\*\*\*|\.\.\.|^(?:true|false|none|null)\b|"
    r"^[\w.]+\.[\w.]+$|^/|://"
)
_NAMES_ONLY = ("ref", "name", "id", "file", "path", "url", "variable")
_LEAST_ENTROPY = 3.0
"""Bits a character; words of a language stay below, random text of eight characters and more is above."""


@dataclass(frozen=True)
class Secret:
    """Something that looks like a secret.

    Attributes:
        sort: What sort of one.
        value: The secret itself: show only `masked`.
    """

    sort: str
    value: str

    @property
    def masked(self) -> str:
        """The first characters, enough to find it, too few to use it."""
        return f"{self.value[:4]}…({len(self.value)} characters)"


def secrets_in(line: str) -> Iterator[Secret]:
    """Yield what looks like a secret in one line; each once."""
    seen: set[str] = set()
    for sort, pattern in _KNOWN:
        for match in pattern.finditer(line):
            seen.add(match.group())
            yield Secret(sort, match.group())
    for match in _ASSIGNED.finditer(line):
        value = match.group(2) or match.group(3)
        is_name = match.group(1).lower().endswith(_NAMES_ONLY)
        if not is_name and not _is_known(value, seen) and is_random(value):
            seen.add(value)
            yield Secret(f"value of `{match.group(1)}`", value)
    for match in _HEADER.finditer(line):
        value = match.group(1)
        if not _is_known(value, seen) and is_random(value):
            yield Secret("token in a header", value)


def _is_known(value: str, seen: set[str]) -> bool:
    return any(value in known or known in value for known in seen)


def is_random(value: str) -> bool:
    """Say whether a text looks like it was drawn, not written."""
    if _PLACEHOLDER.search(value):
        return False
    sorts = sum(
        bool(re.search(pattern, value)) for pattern in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
    )
    return sorts >= 2 and bool(re.search(r"[0-9]", value)) and _entropy(value) >= _LEAST_ENTROPY


def _entropy(value: str) -> float:
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
