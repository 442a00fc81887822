"""The directories of a job's builds: numbers, what the last one said, and one build at a time where that is wanted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from chaos_lib.pipeline.protocol import BuildRecord, BuildResult

LOG = "log"
STAGES = "stages.json"
RECORD = "build.json"
ARTIFACTS = "archive"
REPORTS = "junit"


class PreviousBuild(BaseModel):
    """What later builds may ask of one that is over.

    Attributes:
        number: Its number.
        result: How it ended.
        seconds: Wall time.
    """

    number: int
    result: BuildResult
    seconds: float = 0.0


@dataclass(frozen=True)
class Job:
    """The builds of one job.

    Attributes:
        folder: Where they are: one directory a build, named by its number.
    """

    folder: Path

    def numbers(self) -> list[int]:
        """Return the numbers of all builds, the oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(int(path.name) for path in self.folder.iterdir() if path.name.isdecimal())

    def new(self) -> tuple[int, Path]:
        """Make the directory of the next build; of two that are started at once each gets its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        while True:
            number = max(self.numbers(), default=0) + 1
            path = self.folder / str(number)
            try:
                path.mkdir()
            except FileExistsError:
                continue
            return number, path

    def previous(self, number: int) -> PreviousBuild | None:
        """Return the last build before `number` that is over."""
        for earlier in reversed([found for found in self.numbers() if found < number]):
            try:
                text = (self.folder / str(earlier) / RECORD).read_text(encoding="utf-8")
                return PreviousBuild.model_validate_json(text)
            except (OSError, ValidationError):
                continue
        return None

    def keep(self, count: int, *, running: int) -> None:
        """Delete all but the newest `count` builds, as `buildDiscarder` asks; those still running stay."""
        over = [number for number in self.numbers() if (self.folder / str(number) / RECORD).exists()]
        others = [number for number in over if number != running]
        for number in others[: max(0, len(others) - max(count - 1, 0))]:
            shutil.rmtree(self.folder / str(number), ignore_errors=True)

    @contextmanager
    def alone(self, wait: Any) -> Iterator[None]:
        """Hold the job for one build alone.

        Args:
            wait: Called while another one holds it, until it lets go; raises to give up.
        """
        # Imported here: only jobs with `disableConcurrentBuilds` need it.
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "alone.lock")
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except Timeout:
                wait()
        try:
            yield
        finally:
            lock.release()


def write_record(record: BuildRecord, tags: list[tuple[str, str]], parameters: Mapping[str, Any]) -> None:
    """Write `stages.json` and `build.json`; a reader sees all of a file or none of it."""
    assert record.folder is not None
    stages = [
        {**asdict(stage), "status": stage.status.value, "seconds": round(stage.seconds, 3)}
        for stage in record.stages
    ]
    marks = [{"stage": stage, "tag": tag} for stage, tag in tags]
    _write(record.folder / STAGES, {"result": record.result.value, "stages": stages, "stageTags": marks})
    _write(
        record.folder / RECORD,
        {
            "job": record.job,
            "number": record.number,
            "result": record.result.value,
            "seconds": round(record.seconds, 3),
            "error": record.error,
            "parameters": dict(parameters),
            "tests": asdict(record.tests),
            "artifacts": list(record.artifacts),
        },
    )


def _write(path: Path, value: Any) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
