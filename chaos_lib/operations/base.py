"""How an operation is journaled, undone and handed down.

A kind of operation knows one sort of target (a workspace file, a container) and two verbs: `capture` tells the target's
state as a JSON value, `put` brings the target to a state. Acting and undoing are both `put`; an undo is simply `put` of
the captured state, and may be done twice, or after an act that never happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chaos_lib import faultpoints
from chaos_lib.errors import ChaosError, GuardRefused, InvalidInput, RollbackFailed
from chaos_lib.journal import Journal, OpenOperation

_AGAIN = "Remove the cause and run `opchaos heal --all` again: nothing is forgotten until it succeeds."


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


Layers = tuple[OpenOperation, ...]
"""All operations of one run on one target, oldest first."""


def layers_of(operations: Sequence[OpenOperation]) -> tuple[Layers, ...]:
    """Group one run's operations by their target, in the order of each target's first one."""
    grouped: dict[tuple[str, str], list[OpenOperation]] = {}
    for operation in operations:
        grouped.setdefault((operation.kind, operation.target), []).append(operation)
    return tuple(tuple(layers) for layers in grouped.values())


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
            self.restore(operation)
        faultpoints.reach(f"{operation.kind}.restored")
        self.journal.undone(operation.number)

    def restore(self, operation: OpenOperation) -> None:
        """Bring an operation's target to its state before, without a record.

        Raises:
            RollbackFailed: It could not be done.
        """
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
                fix=(exc.fix if isinstance(exc, ChaosError) else "") or _AGAIN,
            ) from exc

    def settle(self, layers: Layers, others: Sequence[OpenOperation], *, is_kept: bool) -> None:
        """Close a run's operations on one target after the learner has fixed the damage.

        Args:
            layers: The run's operations on the target, oldest first.
            others: All open operations.
            is_kept: Whether the target stays as it is; undone otherwise.
        """
        if is_kept:
            # Oldest first: cut off half-way, the latest is still open and gives the same answer again.
            for operation in layers:
                self.journal.kept(operation.number)
            return
        remaining = list(others)
        for operation in reversed(layers):
            self.undo(operation, remaining)
            remaining.remove(operation)

    def is_changed_since(self, layers: Layers) -> bool:
        """Whether somebody changed the target since the attack did; a state that cannot be told counts as changed."""
        try:
            now = self._kinds[layers[0].kind].capture(layers[0].target)
        except (ChaosError, OSError, KeyError):
            return True
        return now not in (layers[-1].after, layers[0].before)

    def stands(self, layers: Layers) -> bool:
        """Whether the target is as the run left it; a state that cannot be told is another one."""
        try:
            return bool(self._kinds[layers[0].kind].capture(layers[0].target) == layers[-1].after)
        except (ChaosError, OSError, KeyError):
            return False

    def later_of(self, layers: Layers, others: Sequence[OpenOperation]) -> OpenOperation | None:
        """Return the next later run's operation on the same target; None when this run holds it last."""
        return self._later_on_same_target(layers[-1], others)

    def is_learners(self, layers: Layers, others: Sequence[OpenOperation]) -> bool:
        """Whether the target is neither as the run's operations on it left it nor as they found it."""
        later = self._later_on_same_target(layers[-1], others)
        if later is not None:
            return later.before not in states_of(layers)
        try:
            now = self._kinds[layers[0].kind].capture(layers[0].target)
        except (GuardRefused, InvalidInput):
            return True  # a folder or a link outwards stands there now: that was not the attack
        return now not in states_of(layers)

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


def states_of(layers: Layers) -> tuple[Any, ...]:
    """Return every state that the run itself, or a half-done end of it, gives the target."""
    return (layers[-1].after, *(operation.before for operation in layers))
