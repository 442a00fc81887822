"""The file behind the journal: one record a line, each with a checksum, each on the disk when it is appended."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from chaos_lib import durable, faultpoints
from chaos_lib.errors import JournalDamaged

Record = Mapping[str, Any]


class JournalFile:
    """Appends records and reads them back.

    Args:
        path: The file; made with the first record.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, record: Record, *, is_lasting: bool = True) -> None:
        """Append a record; it is on the disk when the call returns.

        Args:
            record: JSON values; `record` names its kind.
            is_lasting: Whether it must survive a power cut at once; a kill it survives in any case.

        Raises:
            DiskFull: There is no room for it.
            JournalDamaged: The file cannot be written.
        """
        faultpoints.reach(f"journal.{record['record']}.before")
        body = json.dumps(record, sort_keys=True, separators=(",", ":"))
        line = f"{zlib.crc32(body.encode()):08x} {body}\n".encode()
        with io_told(self.path, "written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not self.path.exists()
            line = self._mend_last_line() + line
            # Unbuffered: what a full disk refused is not tried again when the file is closed.
            with self.path.open("ab", buffering=0) as stream:
                while line:
                    line = line[stream.write(line) :]
                if is_lasting:
                    os.fsync(stream.fileno())
            if is_new:
                durable.sync_folder(self.path.parent)
        faultpoints.reach(f"journal.{record['record']}.after")

    def read(self) -> tuple[Sequence[Record], int]:
        """Return the records that can be read, oldest first, and how many lines cannot.

        A torn last line is not counted: it is the normal trace of a kill, and nothing was done on its behalf.

        Raises:
            JournalDamaged: The file cannot be opened at all.
        """
        with io_told(self.path, "read"):
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

    def _mend_last_line(self) -> bytes:
        """Take away a line that a kill or a full disk tore; returns what must stand before the next line."""
        if not self.path.exists():
            return b""
        content = self.path.read_bytes()
        last = content[content.rfind(b"\n") + 1 :]
        if last and _parse(last) is None:
            os.truncate(self.path, len(content) - len(last))
            return b""
        return b"\n" if last else b""


@contextmanager
def io_told(path: Path, verb: str) -> Iterator[None]:
    """Turn what the system says about the journal's files into our errors."""
    try:
        with durable.full_disk_told(path):
            yield
    except OSError as exc:
        raise JournalDamaged(
            f"The journal could not be {verb}.",
            evidence=f"{path}: {exc.strerror or exc}",
            fix="Look at the folder's owner and permissions. When the journal is lost, run `opchaos workspace restore`.",
        ) from exc


_TEXT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "begin": ("run", "attack"),
    "intent": ("run", "kind", "target"),
    "launched": ("run",),
    "ending": ("run", "how"),
    "closed": ("run",),
}
_OTHER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "intent": ("number", "before", "after"),
    "done": ("number",),
    "handed": ("number", "before"),
    "undone": ("number",),
    "kept": ("number",),
}


@lru_cache(maxsize=2048)  # the journal is read again before every step, and only its end is new
def _parse(line: bytes) -> Record | None:
    """Return the record in a line, or None when the line is damaged."""
    checksum, _, body = line.partition(b" ")
    try:
        if int(checksum, 16) != zlib.crc32(body):
            return None
        record = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and _is_complete(record) else None


def _is_complete(record: Record) -> bool:
    name = record.get("record")
    return (
        isinstance(name, str)
        and all(isinstance(record.get(key), str) for key in _TEXT_FIELDS.get(name, ()))
        and all(key in record for key in _OTHER_FIELDS.get(name, ()))
        and isinstance(record.get("number", 0), int)
    )
