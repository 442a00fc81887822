"""Change one line of the source and build again: the dependencies may not be installed anew."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chaos_lib import scratch
from chaos_lib.defences.dockerfile_lints import INSTALLER, installs_dependencies
from chaos_lib.defences.image_gate import BUILD_REASONS, Bench, Finding, ImageGate
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.lab.builds.steps import BuildStep

SOURCE = "src/mission_control/__init__.py"
LOCK = "requirements.lock"
_MANY = 3
_LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", ".pytest_cache", ".ipynb_checkpoints")


class SecondBuild(ImageGate):
    """After a change of the source, the step that installs the dependencies comes from the cache."""

    name = "second-build"
    title = "Second build"
    command = "docker build -t mission-control . && echo >> src/mission_control/__init__.py && docker build -t mission-control ."
    all_well = "After a change of the source the dependencies come from the cache."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        "DEPENDENCIES_REINSTALLED": "A change of one line of the source installs all dependencies again.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Build, change a line in a copy, build again, and look at the steps, not at the clock."""
        first = bench.build()
        with changed_copy(bench, SOURCE) as folder:
            second = bench.build_folder(folder, tag="second")
        again = reinstalling_steps(second)
        numbers = {
            "first_s": round(first.elapsed_s, 3),
            "second_s": round(second.elapsed_s, 3),
            "cached_steps": second.cached,
            "steps": len(second.own_steps),
        }
        if not again:
            return Finding(
                detail=f"{second.cached} of {len(second.own_steps)} steps cached.", numbers=numbers
            )
        return Finding(
            "DEPENDENCIES_REINSTALLED",
            detail=f"{sum(step.elapsed_s for step in again):.1f} s each time.",
            evidence="\n".join(f"ran again: {_without_mounts(step.instruction)}" for step in again),
            remedy="Copy the list of dependencies and install them before you copy the source.",
            numbers=numbers,
        )


@contextmanager
def changed_copy(bench: Bench, path: str, *, one_more: str = "") -> Iterator[Path]:
    """Give a copy of the workspace in which a comment was added to one file; each copy is different.

    Args:
        bench: Where.
        path: The file, relative to the workspace.
        one_more: A line that is added, too.
    """
    with scratch.folder(bench.settings, "copy") as folder:
        copy = folder / "workspace"
        shutil.copytree(bench.context.workspace, copy, ignore=_LEFT_OUT, symlinks=True)
        target = copy / path
        if target.is_file():
            with target.open("a", encoding="utf-8") as file:
                # BuildKit remembers: only a change that it has never seen shows what is built anew.
                file.write(f"\n# changed: {uuid.uuid4().hex}\n{one_more}")
        yield copy


def reinstalling_steps(report: BuildReport) -> tuple[BuildStep, ...]:
    """Return the steps that installed the dependencies again, although only the source had changed."""
    installers = [step for step in report.own_steps if _is_installer(step)]
    ran = [step for step in installers if not step.is_cached]
    is_kept = any(step.is_cached and installs_dependencies(step.instruction) for step in installers)
    return tuple(step for step in ran if _installed(step) > _MANY or (not is_kept and _may_install(step)))


def downloads(report: BuildReport) -> tuple[int, int]:
    """Return how many packages a build downloaded, and how many it says it took from a cache."""
    lines = [line for step in report.own_steps for line in step.output]
    fetched = sum(bool(re.match(r"\s*Downloading \S+\.(whl|tar\.gz|zip)", line)) for line in lines)
    # uv says how many it had to prepare; the others were in its cache.
    fetched += sum(int(found[1]) for line in lines if (found := re.match(r"\s*Prepared (\d+) package", line)))
    cached = sum(bool(re.match(r"\s*Using cached \S+", line)) for line in lines)
    return fetched, cached


def _without_mounts(instruction: str) -> str:
    return " ".join(word for word in instruction.split() if not word.startswith("--mount"))[:160]


def _is_installer(step: BuildStep) -> bool:
    return step.instruction.startswith("RUN") and INSTALLER.search(step.instruction) is not None


def _installed(step: BuildStep) -> int:
    """How many packages a step says it installed; 0 when it says nothing."""
    for line in step.output:
        match = re.match(r"\s*Successfully installed (.+)", line)
        if match:
            return len(match[1].split())
        match = re.match(r"\s*Installed (\d+) packages", line)
        if match:
            return int(match[1])
    return 0


def _may_install(step: BuildStep) -> bool:
    """Whether a step that does not say how many packages it installed may have installed them all."""
    return not _installed(step) and installs_dependencies(step.instruction)


SECOND_BUILD = SecondBuild()
