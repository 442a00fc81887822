"""A builder on the real engine for a mission of its own; what it made is gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos_lib.lab import Lab, sweep
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.image_builder import ImageBuilder
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.engine import Engine
from chaos_lib.settings import Settings

# Small enough that a build takes a fraction of a second.
TINY = "FROM python:3.11-slim\nWORKDIR /app\nCOPY hello.txt ./\nRUN cat hello.txt\n"


@pytest.fixture(scope="session")
def engine(live_lab: Lab) -> Engine:
    return DockerContainers(live_lab.settings).search().require()


@pytest.fixture
def builder(engine: Engine, settings: Settings) -> Iterator[ImageBuilder]:
    yield ImageBuilder(engine, settings)
    sweep.remove_run(engine, settings.run_id())
    mission_images.remove_run(engine, settings.run_id())


@pytest.fixture
def context(tmp_path: Path) -> Callable[..., Path]:
    """Writes a build context; its keyword `Dockerfile` and others are files."""

    def write(dockerfile: str = TINY, **files: str) -> Path:
        folder = tmp_path / "context"
        folder.mkdir(exist_ok=True)
        (folder / "Dockerfile").write_text(dockerfile, encoding="utf-8")
        (folder / "hello.txt").write_text("hello\n", encoding="utf-8")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write
