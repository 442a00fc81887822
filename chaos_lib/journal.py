"""The write-ahead log of what is broken right now and how to undo it.

One JSON object a line in `journal.jsonl`, each with a checksum, each on the disk before the next step is taken.
Large values (file contents) lie beside it in `blobs/`, named by their SHA-256.

An attack run leaves these records: `begin`, then for each operation `intent` (with its inverse) and `done`, then
`launched`. An undo begins with `ending`, adds `undone` for each operation and `closed` at the end. An operation is **open**
when it has an intent and neither `undone` nor `kept`. Whether it was acted on does not matter: inverses may be applied to a
target in any state between before and after.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from chaos_lib import durable, faultpoints
from chaos_lib.errors import JournalDamaged, LabBusy
from chaos_lib.journal_file import JournalFile, Record, io_told

_LOCK_WAIT_S = 20.0
_LONG_BYTES = 32 * 1024
# Room for the records and the files of an undo, given back when the disk is full.
_RESERVE_BYTES = 256 * 1024

# A blob may hold a credential: it is its owner's alone.
_BLOB_MODE = 0o600

Ending = Literal["", "undo", "settle"]


@dataclass(frozen=True)
class OpenOperation:
    """An operation that has not been undone.

    Attributes:
        number: Position in the journal's order; higher is later.
        run: The attack run it belongs to.
        kind: Kind of operation, such as `workspace.file`: names the code that can restore.
        target: What it touches, such as `tests/conftest.py`; unique within the kind.
        before: The target's state before, as the kind's own JSON value.
        after: The state it was meant to have afterwards.
    """

    number: int
    run: str
    kind: str
    target: str
    before: Any
    after: Any


@dataclass(frozen=True)
class OpenRun:
    """An attack run that has not been closed.

    Attributes:
        run: Unique id.
        attack: The attack's name.
        is_launched: Whether the injection was completed and nothing has begun to end it. A run that was killed
            half-way, in its launch or in its end, is not.
        operations: Its open operations, oldest first.
        ending: What had begun to end it: `undo`, `settle`, or nothing.
    """

    run: str
    attack: str
    is_launched: bool
    operations: tuple[OpenOperation, ...] = field(default=())
    ending: Ending = ""


@dataclass(frozen=True)
class JournalState:
    """What the journal says is open.

    Attributes:
        runs: Open attack runs, oldest first.
        damaged_lines: How many lines could not be read (a torn last line is not counted: it is the normal
            trace of a kill, and nothing was done on its behalf).
    """

    runs: tuple[OpenRun, ...] = ()
    damaged_lines: int = 0

    @property
    def operations(self) -> tuple[OpenOperation, ...]:
        """All open operations, oldest first."""
        every = [operation for run in self.runs for operation in run.operations]
        return tuple(sorted(every, key=lambda operation: operation.number))

    def run_of(self, attack: str) -> OpenRun | None:
        """The open run of an attack, if there is one."""
        return next((run for run in self.runs if run.attack == attack), None)


class Journal:
    """The journal of one mission.

    Args:
        folder: Where it is kept; made at first use.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "journal.jsonl"
        self.blobs = folder / "blobs"
        self.drafts = folder / "drafts"
        self._reserve = folder / "reserve"
        self._file = JournalFile(self.path)
        self._lock = FileLock(folder / "journal.lock")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the journal for one attack, undo or heal; may be nested in one process.

        Raises:
            LabBusy: Another process held it for twenty seconds.
        """
        with io_told(self.folder, "used"):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=_LOCK_WAIT_S)
            except Timeout as exc:
                raise LabBusy(
                    "Another process is attacking or healing this mission.",
                    evidence=f"it holds {self._lock.lock_file}",
                    fix="Wait for it to end, or stop it; then try again.",
                ) from exc
        try:
            yield
        finally:
            self._lock.release()

    # Writing: every method returns when the record is on the disk (`done` alone may get there later).

    def begin(self, run: str, attack: str) -> None:
        """Record that an attack run starts; a long journal of things past is put away first."""
        if self.path.exists() and self.path.stat().st_size > _LONG_BYTES:
            self.compact()
        self._fill_reserve()
        self._file.append({"record": "begin", "run": run, "attack": attack})

    def intend(self, run: str, kind: str, target: str, *, before: Any, after: Any) -> int:
        """Record an operation and how to undo it, before it acts.

        Returns:
            The operation's number.
        """
        number = self._last_number() + 1
        self._file.append(
            {
                "record": "intent",
                "number": number,
                "run": run,
                "kind": kind,
                "target": target,
                "before": before,
                "after": after,
            }
        )
        return number

    def done(self, number: int) -> None:
        """Record that an operation has acted: for reports, an undo does not need it."""
        self._file.append({"record": "done", "number": number}, is_lasting=False)

    def launched(self, run: str) -> None:
        """Record that an attack run is complete."""
        self._file.append({"record": "launched", "run": run})

    def ending(self, run: str, how: Ending) -> None:
        """Record that an attack run begins to end; killed half-way, the next heal goes on with it."""
        if shutil.disk_usage(self.folder).free < _RESERVE_BYTES:
            self.give_back_reserve()
        self._file.append({"record": "ending", "run": run, "how": how})

    def hand_down(self, number: int, before: Any) -> None:
        """Give a later operation on the same target the earlier one's `before`.

        This is how an attack is undone while a later one still holds the same target.
        """
        self._file.append({"record": "handed", "number": number, "before": before})

    def undone(self, number: int) -> None:
        """Record that an operation has been undone."""
        self._file.append({"record": "undone", "number": number})

    def kept(self, number: int) -> None:
        """Record that the learner's own fix replaced the target: there is nothing left to undo."""
        self._file.append({"record": "kept", "number": number})

    def closed(self, run: str) -> None:
        """Record that nothing of an attack run is left."""
        self._file.append({"record": "closed", "run": run})

    def store(self, content: bytes, *, is_lasting: bool = True) -> str:
        """Keep a large value.

        Args:
            content: The value.
            is_lasting: Whether an undo needs it, so that it must survive a power cut.

        Returns:
            Its SHA-256 in hexadecimal, the key for `load`.
        """
        key = hashlib.sha256(content).hexdigest()
        path = self.blobs / key
        with io_told(path, "written"):
            # One that was damaged is written anew.
            if not path.is_file() or path.read_bytes() != content:
                durable.make_folders(self.blobs)
                durable.write_bytes(
                    path, content, mode=_BLOB_MODE, draft_folder=self.drafts, is_lasting=is_lasting
                )
            elif is_lasting:
                durable.sync_file(path)
        return key

    def load(self, key: str) -> bytes:
        """Return a value that was stored.

        Raises:
            JournalDamaged: It is gone or was changed.
        """
        path = self.blobs / key
        with io_told(path, "read"):
            content = path.read_bytes() if path.is_file() else None
        if content is None or hashlib.sha256(content).hexdigest() != key:
            raise JournalDamaged(
                "The journal's copy of a file is gone or was changed.",
                evidence=str(path),
                fix="Run `opchaos workspace restore`: it rebuilds the workspace from its git snapshot.",
            )
        return content

    # Reading

    def state(self) -> JournalState:
        """Replay the records; damaged lines are passed over and counted.

        Raises:
            JournalDamaged: The file cannot be opened at all.
        """
        records, damaged_lines = self._file.read()
        runs: dict[str, OpenRun] = {}
        operations: dict[int, OpenOperation] = {}
        for record in records:
            name = record["record"]
            if name == "begin":
                runs[record["run"]] = OpenRun(record["run"], record["attack"], is_launched=False)
            elif name == "intent":
                run = record["run"]
                # The begin record may be the damaged one: the inverse still counts.
                runs.setdefault(run, OpenRun(run, "(unknown)", is_launched=False))
                operations[record["number"]] = OpenOperation(
                    record["number"], run, record["kind"], record["target"], record["before"], record["after"]
                )
            elif name == "launched" and record["run"] in runs:
                runs[record["run"]] = replace(runs[record["run"]], is_launched=True)
            elif name == "ending" and record["run"] in runs:
                runs[record["run"]] = replace(runs[record["run"]], is_launched=False, ending=record["how"])
            elif name == "handed" and record["number"] in operations:
                number = record["number"]
                operations[number] = replace(operations[number], before=record["before"])
            elif name in ("undone", "kept"):
                operations.pop(record["number"], None)
            elif name == "closed":
                runs.pop(record["run"], None)
        for operation in operations.values():
            runs.setdefault(operation.run, OpenRun(operation.run, "(unknown)", is_launched=False))
        open_runs = tuple(
            replace(run, operations=tuple(op for op in operations.values() if op.run == run.run))
            for run in runs.values()
        )
        return JournalState(open_runs, damaged_lines)

    def records(self) -> Sequence[Record]:
        """Every readable record, oldest first: what was done, for people and reports."""
        return self._file.read()[0]

    def compact(self) -> None:
        """Start a new journal when nothing is open; the old one stays beside it as `journal.old.jsonl`."""
        with io_told(self.path, "put away"):
            if self.path.exists() and not self.state().runs:
                self.path.replace(self.folder / "journal.old.jsonl")
                faultpoints.reach("journal.put_away")
                durable.sync_folder(self.folder)
            durable.clear_drafts(self.drafts)

    def start_anew(self) -> None:
        """Put away a journal that cannot be read, whatever it is: nothing counts as open any more."""
        with io_told(self.path, "put away"):
            target, number = self.folder / "journal.damaged", 1
            while target.exists():
                number += 1
                target = self.folder / f"journal.damaged-{number}"
            self.path.rename(target)
            durable.sync_folder(self.folder)

    def give_back_reserve(self) -> None:
        """Free the room that was kept for an undo: for a disk that has become full."""
        self._reserve.unlink(missing_ok=True)

    def _fill_reserve(self) -> None:
        if not self._reserve.exists():
            # Not zeros: some file systems store those in no room at all.
            durable.write_bytes(self._reserve, os.urandom(_RESERVE_BYTES), draft_folder=self.drafts)

    def _last_number(self) -> int:
        return max((record["number"] for record in self._file.read()[0] if "number" in record), default=0)
