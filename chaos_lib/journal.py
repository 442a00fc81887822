"""The write-ahead log of what is broken right now and how to undo it.

One JSON object a line in `journal.jsonl`, each with a checksum, each on the disk before the next step is taken.
Large values (file contents) lie beside it in `blobs/`, named by their SHA-256.

An attack run leaves these records: `begin`, then for each operation `intent` (with its inverse) and `done`, then
`launched`. An undo adds `undone` for each operation and `closed` at the end. An operation is **open** when it has an
intent and neither `undone` nor `kept`. Whether it was acted on does not matter: inverses may be applied to a target in
any state between before and after.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from chaos_lib import durable, faultpoints
from chaos_lib.errors import JournalDamaged, LabBusy

_LOCK_WAIT_S = 20.0


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
        is_launched: Whether the injection was completed; a run killed half-way is not.
        operations: Its open operations, oldest first.
    """

    run: str
    attack: str
    is_launched: bool
    operations: tuple[OpenOperation, ...] = field(default=())


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
        self._lock = FileLock(folder / "journal.lock")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the journal for one attack, undo or heal; may be nested in one process.

        Raises:
            LabBusy: Another process held it for twenty seconds.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with self._lock.acquire(timeout=_LOCK_WAIT_S):
                yield
        except Timeout as exc:
            raise LabBusy(
                "Another process is attacking or healing this mission.",
                evidence=f"it holds {self._lock.lock_file}",
                fix="Wait for it to end, or stop it; then try again.",
            ) from exc

    # Writing: every method returns when the record is on the disk.

    def begin(self, run: str, attack: str) -> None:
        """Record that an attack run starts."""
        self._append({"record": "begin", "run": run, "attack": attack})

    def intend(self, run: str, kind: str, target: str, *, before: Any, after: Any) -> int:
        """Record an operation and how to undo it, before it acts.

        Returns:
            The operation's number.
        """
        number = self._last_number() + 1
        self._append(
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
        """Record that an operation has acted."""
        self._append({"record": "done", "number": number})

    def launched(self, run: str) -> None:
        """Record that an attack run is complete."""
        self._append({"record": "launched", "run": run})

    def hand_down(self, number: int, before: Any) -> None:
        """Give a later operation on the same target the earlier one's `before`.

        This is how an attack is undone while a later one still holds the same target.
        """
        self._append({"record": "handed", "number": number, "before": before})

    def undone(self, number: int) -> None:
        """Record that an operation has been undone."""
        self._append({"record": "undone", "number": number})

    def kept(self, number: int) -> None:
        """Record that the learner's own fix replaced the target: there is nothing left to undo."""
        self._append({"record": "kept", "number": number})

    def closed(self, run: str) -> None:
        """Record that nothing of an attack run is left."""
        self._append({"record": "closed", "run": run})

    def store(self, content: bytes) -> str:
        """Keep a large value durably.

        Returns:
            Its SHA-256 in hexadecimal, the key for `load`.
        """
        key = hashlib.sha256(content).hexdigest()
        path = self.blobs / key
        if not path.exists():
            self.blobs.mkdir(parents=True, exist_ok=True)
            durable.write_bytes(path, content, draft_folder=self.drafts)
        return key

    def load(self, key: str) -> bytes:
        """Return a value that was stored.

        Raises:
            JournalDamaged: It is gone or was changed.
        """
        path = self.blobs / key
        content = path.read_bytes() if path.exists() else None
        if content is None or hashlib.sha256(content).hexdigest() != key:
            raise JournalDamaged(
                "The journal's copy of a file is gone or was changed.",
                evidence=str(path),
                fix="Run `opchaos workspace restore`: it rebuilds the workspace from its git snapshot.",
            )
        return content

    # Reading

    def state(self) -> JournalState:
        """Replay the records; damaged lines are passed over and counted."""
        records, damaged_lines = self._read()
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

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Every readable record, oldest first: what was done, for people and reports."""
        return self._read()[0]

    def compact(self) -> None:
        """Start a new journal when nothing is open; the old one stays beside it as `journal.old.jsonl`."""
        if self.path.exists() and not self.state().runs:
            self.path.replace(self.folder / "journal.old.jsonl")
            durable.sync_folder(self.folder)
        durable.clear_drafts(self.drafts)

    def _last_number(self) -> int:
        return max((record["number"] for record in self._read()[0] if "number" in record), default=0)

    def _append(self, record: Mapping[str, Any]) -> None:
        faultpoints.reach(f"journal.{record['record']}.before")
        self.folder.mkdir(parents=True, exist_ok=True)
        body = json.dumps(record, sort_keys=True, separators=(",", ":"))
        line = f"{zlib.crc32(body.encode()):08x} {body}\n".encode()
        is_new = not self.path.exists()
        with self.path.open("ab") as stream:
            # A torn line of a killed process must not swallow this one.
            if stream.tell() and not self._ends_with_newline():
                line = b"\n" + line
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        if is_new:
            durable.sync_folder(self.folder)
        faultpoints.reach(f"journal.{record['record']}.after")

    def _ends_with_newline(self) -> bool:
        with self.path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) == b"\n"

    def _read(self) -> tuple[list[dict[str, Any]], int]:
        if not self.path.exists():
            return [], 0
        lines = self.path.read_bytes().split(b"\n")
        torn = lines.pop()  # empty when the last record is whole
        records, damaged_lines = [], 0
        for line in filter(None, lines):
            record = _parse(line)
            if record is None:
                damaged_lines += 1
            else:
                records.append(record)
        whole = _parse(torn) if torn else None
        if whole is not None:
            records.append(whole)
        return records, damaged_lines


def _parse(line: bytes) -> dict[str, Any] | None:
    """Return the record in a line, or None when the line is damaged."""
    checksum, _, body = line.partition(b" ")
    try:
        if int(checksum, 16) != zlib.crc32(body):
            return None
        record = json.loads(body)
    except ValueError:
        return None
    return record if isinstance(record, dict) and "record" in record else None
