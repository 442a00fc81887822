"""The matrix's results on disk: written after every cell, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from chaos_lib import durable
from chaos_lib.defences.scope import Target
from chaos_lib.errors import InvalidInput, LabBusy
from chaos_lib.matrix.grid import Cell

_VERSION = 2


class _Version(BaseModel):
    """What is read first: another version's file has another shape."""

    version: int


class _Touched(BaseModel):
    """What an attack touched, and the fingerprint of the attack on that project."""

    model_config = ConfigDict(extra="forbid")

    fingerprint: str
    targets: tuple[Target, ...]


class _File(BaseModel):
    """The file's shape, checked when it is read."""

    model_config = ConfigDict(extra="forbid")

    version: int
    cells: tuple[Cell, ...]
    touched: dict[str, _Touched]


class Results:
    """The cells that are known, by attack, defence and fingerprint.

    Args:
        path: The file; need not exist.

    Raises:
        InvalidInput: The file is there and holds no results.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        found = _read(path)
        self._cells = {(cell.attack, cell.defence): cell for cell in found.cells}
        self._touched = dict(found.touched)

    def find(self, attack: str, defence: str, fingerprint: str) -> Cell | None:
        """Return a cell that still holds."""
        cell = self._cells.get((attack, defence))
        return cell if cell is not None and cell.fingerprint == fingerprint else None

    def add(self, cell: Cell) -> None:
        """Keep a cell; it is on the disk when this returns."""
        self._cells[cell.attack, cell.defence] = cell
        self._write()

    def touched(self, attack: str, fingerprint: str) -> tuple[Target, ...] | None:
        """Return what an attack touched, if that is known and still holds."""
        known = self._touched.get(attack)
        return known.targets if known is not None and known.fingerprint == fingerprint else None

    def add_touched(self, attack: str, fingerprint: str, targets: Sequence[Target]) -> None:
        """Keep what an attack touched."""
        self._touched[attack] = _Touched(fingerprint=fingerprint, targets=tuple(targets))
        self._write()

    def _write(self) -> None:
        now = _File(version=_VERSION, cells=tuple(self._cells.values()), touched=self._touched)
        text = json.dumps(now.model_dump(mode="json"), indent=1, ensure_ascii=False)
        durable.write_bytes(self._path, f"{text}\n".encode(), draft_folder=self._path.parent)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._cells.values())


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep a second run away from the same results.

    Raises:
        LabBusy: There is one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_suffix(".lock"), timeout=0):
            yield
    except Timeout as exc:
        raise LabBusy(
            "Another run of the matrix is using the same results.",
            evidence=str(path),
            fix="Wait for it to end, or stop it: what it has finished is kept.",
        ) from exc


def _read(path: Path) -> _File:
    if not path.exists():
        return _File(version=_VERSION, cells=(), touched={})
    try:
        version = _Version.model_validate_json(path.read_bytes()).version
        if version != _VERSION:
            raise _damaged(path, f"version {version}; this kit writes {_VERSION}")
        return _File.model_validate_json(path.read_bytes())
    except ValidationError as exc:
        raise _damaged(path, str(exc.errors()[0]["msg"])) from exc


def _damaged(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        "The matrix's results cannot be read.",
        evidence=f"{path}: {why}",
        fix="Start anew with `opchaos matrix --fresh`.",
    )
