"""The finished image against a naive one, a second build against one without caches, our build call against bare `docker build`.

"Without caches" is the same Dockerfile without its cache mounts, built with `--no-cache`: what a machine does that keeps nothing.
Both sides get one more dependency, and each round gets a change that BuildKit has never seen.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks.report import Figure, at_most, informs, publish, timed_s
from chaos_lib.attacks import image_bloated
from chaos_lib.command import Command
from chaos_lib.defences.base import DefenceContext
from chaos_lib.defences.build_times import DEPENDENCY_CHANGED, measure_build_times
from chaos_lib.defences.image_gate import Bench
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.host_trust import host_trust
from chaos_lib.lab.builds.image_builder import ImageBuilder
from chaos_lib.lab.docker_client import buildkit_client
from chaos_lib.lab.lab import Lab
from chaos_lib.settings import Settings, Tier

_ROUNDS = 3
_PAIRS = 5
_BARE = "opchaos-bench-bare"


def measure() -> list[Figure]:
    """Bring the lab up for a mission of its own, and measure all three."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        settings = Settings(home=Path(folder) / "mission", tier=Tier.LIVE)
        lab = Lab(settings)
        lab.up()
        try:
            project = Path(folder) / "project"
            shutil.copytree(
                settings.sample_app, project, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
            )
            bench = Bench(DefenceContext(workspace=project, environment={}, lab={}, settings=settings))
            return [
                *_sizes(bench.builder, project),
                *_second_build(bench),
                *_overhead(bench.builder, project),
            ]
        finally:
            lab.down()


def _sizes(builder: ImageBuilder, project: Path) -> list[Figure]:
    finished = builder.build(project, tag="finished")
    naive_project = project.with_name("naive")
    shutil.copytree(project, naive_project)
    (naive_project / ".dockerignore").unlink()
    (naive_project / "Dockerfile").write_text(image_bloated.NAIVE, encoding="utf-8")
    naive = builder.build(naive_project, tag="naive")
    return [
        at_most(
            "finished image against the naive one", finished.size_bytes / naive.size_bytes, 0.45, "ratio"
        ),
        informs("finished image", finished.size_bytes / 1e6, "MB"),
        informs("naive image", naive.size_bytes / 1e6, "MB"),
    ]


def _second_build(bench: Bench) -> list[Figure]:
    rounds = [measure_build_times(bench) for _ in range(_ROUNDS)]
    with_s, without_s = (
        statistics.median(times.seconds(DEPENDENCY_CHANGED, uses_caches=used) for times in rounds)
        for used in (True, False)
    )
    return [
        at_most("one more dependency, with the caches against without", with_s / without_s, 0.5, "ratio"),
        informs("with the caches", with_s, "s"),
        informs("without", without_s, "s"),
    ]


def _overhead(builder: ImageBuilder, project: Path) -> list[Figure]:
    """Build the same context without the layer cache, in turn by our call and by the bare client."""
    base = builder.build(project).base
    environment = {**os.environ, "DOCKER_HOST": builder.engine.url, "DOCKER_BUILDKIT": "1"}
    secrets = Path(tempfile.mkdtemp(prefix="opchaos-bench-secrets-", dir=project.parent))
    argv = [str(buildkit_client()), "build", "--no-cache", "--tag", _BARE, "--build-arg", f"BASE={base}"]
    bare = Command([*argv, *host_trust().options(secrets), str(project)], env=environment)
    try:
        pairs = [
            (
                timed_s(lambda: builder.build(project, tag="timed", uses_cache=False)),
                timed_s(lambda: bare.run(timeout_s=600).check()),
            )
            for _ in range(_PAIRS)
        ]
    finally:
        mission_images.remove(builder.engine, _BARE)
    ours_s, bare_s = (statistics.median(side) for side in zip(*pairs, strict=True))
    return [
        at_most("our build call against bare docker build", ours_s / bare_s, 1.05, "ratio"),
        informs("our build call", ours_s, "s"),
        informs("bare docker build", bare_s, "s"),
    ]


if __name__ == "__main__":
    publish("Images", measure())
