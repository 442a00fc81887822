"""What Jenkins would say, in its order, and no more than it would."""

from __future__ import annotations

from chaos_lib.pipeline.model import Problem

_TOLERANCE = 10
"""Groovy gives up at the tenth error. Source: `CompilerConfiguration`, `groovy.errors.tolerance`."""


class EnoughProblems(Exception):
    """The tenth problem was found: Jenkins stops there."""


class Problems:
    """Collects the problems of one file."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, place: tuple[int, int], message: str) -> None:
        """Note a problem at a line and a column.

        Raises:
            EnoughProblems: It was the last one Jenkins would show.
        """
        self.found.append(Problem(message, *place))
        if len(self.found) >= _TOLERANCE:
            raise EnoughProblems
