"""The image can be built: on a base that exists and is pinned, and with a Python that the project accepts."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from chaos_lib.defences.base import GREEN
from chaos_lib.defences.image_gate import BUILD_REASONS, Bench, Finding, ImageGate
from chaos_lib.errors import BuildFailed, LabError, RegistryUnreachable, WaitTimeout
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.bases import bases_of
from chaos_lib.lab.builds.one_shot import run_once
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_ASK = "import sys; print('%d.%d.%d' % sys.version_info[:3])"


class ImageBuilds(ImageGate):
    """The image is built, and each base image is named with a tag that stays what it is."""

    name = "image-build"
    title = "The image builds"
    all_well = "The image is built, on a base that is pinned."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        "BASE_NOT_PINNED": "The base image is not pinned: tomorrow's build may be on another one.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Build it, then look at the tags."""
        report = bench.build()
        text = (bench.context.workspace / "Dockerfile").read_text(encoding="utf-8", errors="replace")
        loose = [image for image in bases_of(text).images if not _is_pinned(image)]
        if loose:
            return Finding(
                "BASE_NOT_PINNED",
                evidence="\n".join(f"FROM {image}" for image in loose),
                remedy="Name a tag with a version, such as `python:3.11-slim`; `latest` moves.",
            )
        size = report.size_bytes
        return Finding(
            detail=f"{size / 1e6:.0f} MB.", numbers={"size_bytes": size, "cached_steps": report.cached}
        )


class PythonVersion(ImageGate):
    """The Python in the image is one that `requires-python` of the project allows."""

    name = "python-version"
    title = "Python version of the image"
    command = (
        "docker run --rm --entrypoint python mission-control --version; grep requires-python pyproject.toml"
    )
    all_well = "The image has a Python that the project accepts."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        "WRONG_PYTHON": "The image has a Python that the project does not accept.",
        "NO_PYTHON": "There is no `python` in the image.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Ask the finished image."""
        image = bench.build().image
        try:
            version = _python_of(bench, image)
        except (LabError, WaitTimeout) as exc:
            return Finding(
                "NO_PYTHON",
                evidence=exc.evidence,
                remedy="Build on an image with Python: `python:3.11-slim`.",
            )
        return self._compare(bench, version, "the image")

    def judge_failed_build(self, bench: Bench, error: BuildFailed | RegistryUnreachable) -> Finding:
        """Look whether it is the Python of a base image that kept the build from succeeding."""
        text = error.output if isinstance(error, BuildFailed) else ""
        for base in dict.fromkeys(re.findall(r"\] FROM (\S+)", text)):
            name = base.partition("@")[0]
            if mission_images.inspect(bench.engine, name) is None:
                continue
            try:
                finding = self._compare(
                    bench, _python_of(bench, name), f"the base image {name.removeprefix(LOCAL_PREFIX)}"
                )
            except (LabError, WaitTimeout):
                continue
            if finding.reason != GREEN:
                return Finding(
                    finding.reason,
                    evidence=f"{finding.evidence}\n{error.evidence}",
                    remedy=finding.remedy,
                    numbers=finding.numbers,
                )
        return super().judge_failed_build(bench, error)

    def _compare(self, bench: Bench, version: str, where: str) -> Finding:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        wanted = _requires_python(bench.context.workspace)
        try:
            fits = SpecifierSet(wanted).contains(version)
        except InvalidSpecifier:
            fits = True  # another defence's business
        if fits:
            return Finding(detail=f"Python {version}.")
        return Finding(
            "WRONG_PYTHON",
            evidence=f"Python {version} in {where}; pyproject.toml: requires-python = {wanted!r}",
            remedy="Choose a base image whose Python the project accepts, such as `python:3.11-slim`.",
        )


def _python_of(bench: Bench, image: str) -> str:
    outcome = run_once(bench.engine, bench.settings, image, entrypoint=("python", "-c", _ASK))
    if outcome.exit_code or not re.fullmatch(r"\d+\.\d+\.\d+", outcome.output):
        raise LabError("The image's Python did not tell its version.", evidence=outcome.output)
    return outcome.output


def _requires_python(workspace: Path) -> str:
    try:
        project = tomllib.loads((workspace / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["requires-python"])
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError):
        return ""


def _is_pinned(image: str) -> bool:
    name = image.rpartition("/")[2]
    tag = name.partition(":")[2]
    return "@sha256:" in image or (bool(tag) and tag != "latest")


IMAGE_BUILDS = ImageBuilds()
PYTHON_VERSION = PythonVersion()
