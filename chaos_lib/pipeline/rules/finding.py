"""What a rule found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing to change.

    Attributes:
        rule: The rule's name, such as `policy`.
        reason: Reason code: an upper-case word.
        line: Line in the file, from 1; 0 for a finding about the whole of it.
        evidence: What was seen; never a secret's value.
        remedy: What to do about it.
        path: The file, relative to the project.
    """

    rule: str
    reason: str
    line: int
    evidence: str
    remedy: str
    path: str = "Jenkinsfile"

    @property
    def text(self) -> str:
        """One line for people: place, reason and evidence."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.reason}: {self.evidence}"
