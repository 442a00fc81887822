"""How long builds take, with BuildKit's caches and without: first, again, and with one more dependency."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.defences.image_gate import Bench
from chaos_lib.defences.second_build import LOCK, SOURCE, changed_copy, downloads
from chaos_lib.lab.builds.image_builder import TIMEOUT_S
from chaos_lib.lab.builds.report import BuildReport

FIRST, SOURCE_CHANGED, DEPENDENCY_CHANGED = "first", "a line changed", "a dependency added"
_CACHE_MOUNT = re.compile(r"--mount=type=cache\S*[ \t]*(?:\\\n[ \t]*)?")
# A small package that needs no other, with the hash of its file on the package index.
_ONE_MORE = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"


@dataclass(frozen=True)
class TimedBuild:
    """One build of the experiment.

    Attributes:
        change: What had changed since the build before: one of this module's three words.
        uses_caches: Whether BuildKit's layer cache and cache mounts were used.
        report: What the build did.
    """

    change: str
    uses_caches: bool
    report: BuildReport

    @property
    def elapsed_s(self) -> float:
        """Seconds of the build."""
        return self.report.elapsed_s


@dataclass(frozen=True)
class BuildTimes:
    """All builds of the experiment, in the order in which they ran."""

    builds: tuple[TimedBuild, ...]

    def seconds(self, change: str, *, uses_caches: bool) -> float:
        """Return how long one of them took; the first build has no cache to use, and counts for both."""
        return next(
            build.elapsed_s
            for build in self.builds
            if build.change == change and (change == FIRST or build.uses_caches is uses_caches)
        )


def measure_build_times(bench: Bench, *, on_build: Callable[[str], None] = lambda _: None) -> BuildTimes:
    """Build the workspace's image five times, for real.

    Args:
        bench: Where.
        on_build: Told in a few words what is built next.

    Raises:
        BuildFailed: One of them failed.
    """
    done: list[TimedBuild] = []

    def build(change: str, folder: Path, *, uses_caches: bool) -> None:
        on_build(f"{change}, {'with' if uses_caches else 'without'} the caches")
        with _without_cache_mounts(folder, is_wanted=not uses_caches) as dockerfile:
            report = bench.builder.build(
                folder,
                tag="timed",
                dockerfile=dockerfile,
                uses_cache=uses_caches,
                timeout_s=TIMEOUT_S,
                on_line=bench.context.on_line,
            )
        done.append(TimedBuild(change, uses_caches, report))

    build(FIRST, bench.context.workspace, uses_caches=False)
    # What the builds with caches find in them: an ordinary build before.
    bench.build()
    for change, path in ((SOURCE_CHANGED, SOURCE), (DEPENDENCY_CHANGED, LOCK)):
        for uses_caches in (False, True):
            with changed_copy(bench, path, one_more=_ONE_MORE if path == LOCK else "") as folder:
                build(change, folder, uses_caches=uses_caches)
    return BuildTimes(tuple(done))


def downloads_again(bench: Bench) -> tuple[int, int]:
    """Add one dependency and build; returns how many packages were downloaded, and how many came from a kept cache."""
    bench.build()
    with changed_copy(bench, LOCK, one_more=_ONE_MORE) as folder:
        report = bench.build_folder(folder, tag="changed")
    return downloads(report)


@contextmanager
def _without_cache_mounts(folder: Path, *, is_wanted: bool) -> Iterator[Path | None]:
    """Give a Dockerfile without cache mounts beside the folder, when it is wanted."""
    if not is_wanted:
        yield None
        return
    text = (folder / "Dockerfile").read_text(encoding="utf-8") if (folder / "Dockerfile").is_file() else ""
    path = folder.parent / f".{folder.name}-Dockerfile-without-mounts"
    if not text:
        yield None
        return
    path.write_text(_CACHE_MOUNT.sub("", text), encoding="utf-8")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
