"""What a headless run plays, in which order, and under which limits."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from chaos_lib.errors import InvalidInput, UnknownPhase
from chaos_lib.settings import Settings

CELL_TIMEOUT_S = 120.0
KERNEL_START_TIMEOUT_S = 60.0

ParameterValue: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True)
class PlannedNotebook:
    """One notebook of the run.

    Attributes:
        phase: The phase's name, such as `phase-1-tests`.
        path: The notebook's source; it is read, never written.
    """

    phase: str
    path: Path


@dataclass(frozen=True)
class Plan:
    """A headless run before it starts.

    Attributes:
        notebooks: The notebooks in the order of play.
        settings: The kit's settings; the run replaces `home` by a fresh one inside `out`.
        out: Folder that receives everything the run writes.
        parameters: Values for the cell tagged `parameters` of every notebook, name to value.
        cell_timeout_s: Time limit of a cell in seconds; a cell's metadata `opchaos.timeout_s` goes before it.
        kernel_start_timeout_s: Longest wait for a kernel to answer, in seconds.
        stops_at_first_failure: Whether the notebooks after a failed one are left unplayed.
    """

    notebooks: tuple[PlannedNotebook, ...]
    settings: Settings
    out: Path
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    cell_timeout_s: float = CELL_TIMEOUT_S
    kernel_start_timeout_s: float = KERNEL_START_TIMEOUT_S
    stops_at_first_failure: bool = True

    @classmethod
    def discover(
        cls,
        settings: Settings,
        *,
        out: Path | None = None,
        phases: Sequence[str] | None = None,
        only: Sequence[str] = (),
        parameters: Mapping[str, ParameterValue] | None = None,
        cell_timeout_s: float = CELL_TIMEOUT_S,
    ) -> Plan:
        """Find the notebooks `notebooks/<phase>/<phase>.ipynb` and put them in order.

        Args:
            settings: Says where the notebooks are.
            out: Where the run writes; `out/` of the repository when None.
            phases: The phases in the order of play; when None, every folder with a notebook, by name.
            only: When not empty, play these phases alone (still in the order of `phases`).
            parameters: Values for the notebooks' parameters.
            cell_timeout_s: Default time limit of a cell, in seconds.

        Raises:
            UnknownPhase: `only` names a phase that is not there.
            InvalidInput: There is no notebook at all, or the time limit is not positive.
        """
        if not cell_timeout_s > 0:
            raise InvalidInput(
                "The time limit of a cell must be more than 0 seconds.",
                evidence=f"it was {cell_timeout_s}",
                fix="Leave the limit out, or give a number of seconds such as 120.",
            )
        order = list(phases) if phases is not None else _phases_by_folder(settings.notebooks)
        for name in only:
            if name not in order:
                near = difflib.get_close_matches(name, order, n=1, cutoff=0.4)
                raise UnknownPhase(
                    f"There is no phase named `{name}`.",
                    evidence=f"phases: {', '.join(order) or 'none'}",
                    fix=f"Did you mean `{near[0]}`?" if near else "Use one of the names above.",
                )
        chosen = [phase for phase in order if not only or phase in only]
        if not chosen:
            raise InvalidInput(
                "There is no notebook to play.",
                evidence=f"looked for <phase>/<phase>.ipynb in {settings.notebooks}",
                fix="Set OPCHAOS_REPOSITORY to the folder of the checkout that holds `notebooks/`.",
            )
        return cls(
            notebooks=tuple(
                PlannedNotebook(phase, settings.notebooks / phase / f"{phase}.ipynb") for phase in chosen
            ),
            settings=settings,
            out=(out or settings.repository / "out").resolve(),
            parameters=dict(parameters or {}),
            cell_timeout_s=cell_timeout_s,
        )


def _phases_by_folder(notebooks: Path) -> list[str]:
    # By name is the order of play: `phase-0-…` to `phase-5-…`, then `wrap-up`.
    return sorted(path.stem for path in notebooks.glob("*/*.ipynb") if path.stem == path.parent.name)
