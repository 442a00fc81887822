"""The matrix's results on disk: written after every cell, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from chaos_lib import durable
from chaos_lib.errors import InvalidInput, LabBusy
from chaos_lib.matrix.grid import Cell

_VERSION = 1


class _File(BaseModel):
    """The file's shape, checked when it is read."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: int
    cells: list[Cell]


class Results:
    """The cells that are known, by attack, defence and fingerprint.

    Args:
        path: The file; need not exist.

    Raises:
        InvalidInput: The file is there and holds no results.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cells = {(cell.attack, cell.defence): cell for cell in _read(path)}

    def find(self, attack: str, defence: str, fingerprint: str) -> Cell | None:
        """Return a cell that still holds."""
        cell = self._cells.get((attack, defence))
        return cell if cell is not None and cell.fingerprint == fingerprint else None

    def add(self, cell: Cell) -> None:
        """Keep a cell; it is on the disk when this returns."""
        self._cells[cell.attack, cell.defence] = cell
        text = json.dumps(
            {"version": _VERSION, "cells": [asdict(c) for c in self._cells.values()]},
            indent=1,
            ensure_ascii=False,
        )
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


def _read(path: Path) -> Iterable[Cell]:
    if not path.exists():
        return ()
    try:
        found = _File.model_validate_json(path.read_bytes())
    except ValidationError as exc:
        raise _damaged(path, str(exc.errors()[0]["msg"])) from exc
    if found.version != _VERSION:
        raise _damaged(path, f"version {found.version}; this kit writes {_VERSION}")
    cells: Sequence[Cell] = found.cells
    return cells


def _damaged(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        "The matrix's results cannot be read.",
        evidence=f"{path}: {why}",
        fix="Start anew with `opchaos matrix --fresh`.",
    )
