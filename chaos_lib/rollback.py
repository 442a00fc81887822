"""The end of an attack run: undone, or settled because the learner has fixed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos_lib import faultpoints
from chaos_lib.errors import ChaosError, RollbackFailed
from chaos_lib.journal import Journal, OpenRun
from chaos_lib.operations import workspace_file
from chaos_lib.operations.base import Layers, Operator, layers_of, states_of
from chaos_lib.workspace import Workspace


@dataclass(frozen=True)
class Healed:
    """What a heal brought back.

    Attributes:
        attacks: Names of the attacks whose runs were undone, oldest first.
        targets: What was brought back, such as `tests/conftest.py`.
        saved_as: Commit under `refs/opchaos/` that keeps edits the undo overwrote; empty when there were none.
        damaged_lines: Lines of the journal that could not be read.
    """

    attacks: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    saved_as: str = ""
    damaged_lines: int = 0


class Rollback:
    """Brings back what attack runs changed, without losing what the learner wrote meanwhile.

    The caller holds the journal's lock.

    Args:
        journal: Says what is open.
        operator: Undoes single operations.
        workspace: Its git keeps edits that an undo overwrites.
    """

    def __init__(self, journal: Journal, operator: Operator, workspace: Workspace) -> None:
        self._journal = journal
        self._operator = operator
        self._workspace = workspace

    def end(self, runs: Sequence[OpenRun]) -> Healed:
        """Undo these runs, latest first, or go on settling them; what fails does not keep the rest from it.

        Raises:
            RollbackFailed: Some targets could not be brought back: they stay open in the journal.
            DiskFull: There is no room for the journal's records.
        """
        healed = _Gathered()
        failures = self._end_each(runs, healed)
        if failures:
            # Once more: an undo of an earlier run may have handed a good inverse to the one that failed.
            ids = {run.run for run in runs}
            again = [run for run in self._journal.state().runs if run.run in ids]
            failures = self._end_each(again, healed)
        if failures:
            raise _together(failures)
        return Healed(tuple(reversed(healed.attacks)), tuple(healed.targets), healed.saved_as)

    def settle(self, run: OpenRun) -> tuple[str, ...]:
        """Close a run that the learner has fixed; returns the targets that stay as the learner left them."""
        self._journal.ending(run.run, "settle")
        kept = []
        for layers in reversed(layers_of(run.operations)):
            is_kept = self._operator.is_learners(layers, self._journal.state().operations)
            if is_kept:
                self._keep_version_before(layers)
                kept.append(layers[0].target)
            self._operator.settle(layers, self._journal.state().operations, is_kept=is_kept)
        self._journal.closed(run.run)
        if self._workspace.exists:
            # What other attacks hold is not the learner's work.
            self._workspace.git.commit(f"Caught: {run.attack}", leaving=list(self._held_files()))
        return tuple(kept)

    def _end_each(self, runs: Sequence[OpenRun], healed: _Gathered) -> list[RollbackFailed]:
        failures = []
        for run in reversed(runs):
            try:
                if run.ending == "settle":
                    self.settle(run)
                else:
                    failures += self._undo(run, healed)
            except RollbackFailed as failed:
                failures.append(failed)
        return failures

    def _undo(self, run: OpenRun, healed: _Gathered) -> list[RollbackFailed]:
        healed.saved_as = self._save_edits(run) or healed.saved_as
        self._journal.ending(run.run, "undo")
        failures = []
        for operation in reversed(run.operations):
            # What was handed down by the one before it has changed the journal: look again.
            now = self._journal.state().operations
            try:
                self._operator.undo(next(op for op in now if op.number == operation.number), now)
            except RollbackFailed as failed:
                failures.append(failed)
        if not failures:
            self._journal.closed(run.run)
            healed.attacks.append(run.attack)
            healed.targets |= dict.fromkeys(operation.target for operation in run.operations)
        return failures

    def _save_edits(self, run: OpenRun) -> str:
        """Keep what the learner wrote into this run's files; returns the commit, or nothing when there is none."""
        if not self._workspace.exists:
            return ""
        covered = dict(self._covered_edits(run))
        if not covered and not any(self._is_edited(layers) for layers in _file_layers(run)):
            return ""
        try:
            saved_as = self._workspace.git.save_snapshot(f"Edits made during {run.attack}", instead=covered)
        except ChaosError as exc:
            raise RollbackFailed(
                f"Your edits made during `{run.attack}` could not be kept, so they were not overwritten.",
                evidence=exc.text,
                fix="Remove the cause, then run `opchaos heal --all`.",
            ) from exc
        faultpoints.reach("rollback.edits_saved")
        return saved_as

    def _keep_version_before(self, layers: Layers) -> None:
        """Keep what the attack had covered when it is not committed: the journal is about to forget it."""
        operation = layers[0]
        if (
            operation.kind != workspace_file.KIND
            or "blob" not in operation.before
            or not self._workspace.exists
        ):
            return
        blob = self._journal.blobs / operation.before["blob"]
        if blob.is_file() and not self._workspace.git.holds(blob):
            reason = f"{operation.target} as it was before it was attacked"
            self._workspace.git.save_snapshot(reason, instead={operation.target: blob})

    def _is_edited(self, layers: Layers) -> bool:
        is_covered = self._operator.later_of(layers, self._journal.state().operations) is not None
        return not is_covered and self._operator.is_changed_since(layers)

    def _covered_edits(self, run: OpenRun) -> Iterator[tuple[str, Path]]:
        """Yield edits that a later attack covers, target to content: its inverse holds their only copy."""
        everything = self._journal.state().operations
        for layers in _file_layers(run):
            later = self._operator.later_of(layers, everything)
            if later is not None and later.before not in states_of(layers) and "blob" in later.before:
                blob = self._journal.blobs / later.before["blob"]
                if blob.is_file():
                    yield layers[0].target, blob

    def _held_files(self) -> Iterator[str]:
        for operation in self._journal.state().operations:
            if operation.kind == workspace_file.KIND:
                yield operation.target


@dataclass
class _Gathered:
    """What has been healed so far, the latest attack first."""

    attacks: list[str] = field(default_factory=list)
    targets: dict[str, None] = field(default_factory=dict)
    saved_as: str = ""


def _file_layers(run: OpenRun) -> Sequence[Layers]:
    return [layers for layers in layers_of(run.operations) if layers[0].kind == workspace_file.KIND]


def _together(failures: Sequence[RollbackFailed]) -> RollbackFailed:
    """Tell several failures as one."""
    first = failures[0]
    if len(failures) == 1:
        return first
    return RollbackFailed(
        f"{len(failures)} targets could not be brought back.",
        evidence="\n".join(f"{failure.what} {failure.evidence}" for failure in failures),
        fix=first.fix,
    )
