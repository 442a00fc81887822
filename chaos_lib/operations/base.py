"""How an operation is journaled, undone and handed down.

A kind of operation knows one sort of target (a workspace file, a container) and two verbs: `capture` tells the target's
state as a JSON value, `put` brings the target to a state. Acting and undoing are both `put`; an undo is simply `put` of
the captured state, and may be done twice, or after an act that never happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chaos_lib import faultpoints
from chaos_lib.errors import ChaosError, RollbackFailed
from chaos_lib.journal import Journal, OpenOperation


class OperationKind(Protocol):
    """One sort of target.

    Attributes:
        kind: Its name in the journal, such as `workspace.file`.
    """

    kind: str

    def capture(self, target: str) -> Any:
        """Return the target's state as a JSON value; raises GuardRefused outside the blast radius."""
        ...

    def put(self, target: str, state: Any) -> None:
        """Bring the target to a state, whatever state it is in now; asks the Guard first."""
        ...


class Operator:
    """Performs and undoes journaled operations.

    Args:
        journal: Where intent and inverse are written first.
        kinds: The kinds that can be performed and undone.
    """

    def __init__(self, journal: Journal, kinds: Sequence[OperationKind]) -> None:
        self.journal = journal
        self._kinds: Mapping[str, OperationKind] = {kind.kind: kind for kind in kinds}

    def perform(self, run: str, kind: str, target: str, after: Any) -> None:
        """Bring a target to the state `after`, on behalf of an attack run.

        Raises:
            GuardRefused: The target is outside the blast radius; nothing was changed.
        """
        before = self._kinds[kind].capture(target)
        number = self.journal.intend(run, kind, target, before=before, after=after)
        self._kinds[kind].put(target, after)
        faultpoints.reach(f"{kind}.acted")
        self.journal.done(number)

    def undo(self, operation: OpenOperation, others: Sequence[OpenOperation]) -> None:
        """Undo one operation.

        Args:
            operation: The operation; may have been acted on or not.
            others: All open operations: when a later one holds the same target, that one inherits the inverse.

        Raises:
            RollbackFailed: The target could not be restored; it stays open in the journal.
        """
        later = self._later_on_same_target(operation, others)
        if later is not None:
            self.journal.hand_down(later.number, operation.before)
        else:
            self._restore(operation)
        faultpoints.reach(f"{operation.kind}.restored")
        self.journal.undone(operation.number)

    def settle(self, operation: OpenOperation, others: Sequence[OpenOperation]) -> bool:
        """Close an operation after the learner has fixed the damage.

        What the learner changed stays; what still is as the attack left it is undone.

        Returns:
            Whether the learner's version was kept.
        """
        is_held_by_later = self._later_on_same_target(operation, others) is not None
        if is_held_by_later or self._kinds[operation.kind].capture(operation.target) == operation.after:
            self.undo(operation, others)
            return False
        self.journal.kept(operation.number)
        return True

    def is_changed_since(self, operation: OpenOperation) -> bool:
        """Whether somebody changed the target after the attack did."""
        now = self._kinds[operation.kind].capture(operation.target)
        return now not in (operation.after, operation.before)

    def _later_on_same_target(
        self, operation: OpenOperation, others: Sequence[OpenOperation]
    ) -> OpenOperation | None:
        same = [
            other
            for other in others
            if (other.kind, other.target) == (operation.kind, operation.target)
            and other.number > operation.number
        ]
        return min(same, key=lambda other: other.number, default=None)

    def _restore(self, operation: OpenOperation) -> None:
        kind = self._kinds.get(operation.kind)
        if kind is None:
            raise RollbackFailed(
                f"Nothing here can undo a `{operation.kind}`.",
                evidence=f"target {operation.target}",
                fix="It was made by a newer version: update, then run `opchaos heal --all`.",
            )
        try:
            kind.put(operation.target, operation.before)
        except (ChaosError, OSError) as exc:
            raise RollbackFailed(
                f"`{operation.target}` could not be brought back.",
                evidence=str(exc),
                fix="Remove the cause and run `opchaos heal --all` again: nothing is forgotten until it succeeds.",
            ) from exc
