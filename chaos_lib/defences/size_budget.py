"""An image may not be much larger than the slim Python that it stands on."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_lib.defences.image_gate import BUILD_REASONS, Bench, Finding, ImageGate
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.lab.image_catalogue import LOCAL_PREFIX, PYTHON

# The finished image adds 37 MB; compilers alone add 280. In between lies every sensible image of this service.
BUDGET_BYTES = 110_000_000
_LARGEST = 6


class SizeBudget(ImageGate):
    """The image is at most 110 MB larger than the lab's slim Python image."""

    name = "size-budget"
    title = "Image size budget"
    command = "docker images mission-control; docker history mission-control"
    all_well = "The image keeps to its budget."
    reasons: Mapping[str, str] = {
        **BUILD_REASONS,
        "IMAGE_BLOATED": "The image is much larger than the service needs.",
    }

    def judge(self, bench: Bench) -> Finding:
        """Weigh it."""
        report = bench.build()
        slim = slim_bytes(bench)
        over = report.size_bytes - slim
        numbers = {"size_bytes": report.size_bytes, "over_slim_bytes": over}
        detail = f"{report.size_bytes / 1e6:.0f} MB, {over / 1e6:.0f} MB more than {PYTHON.name}; "
        detail += f"{BUDGET_BYTES / 1e6:.0f} MB more are allowed."
        if over <= BUDGET_BYTES:
            return Finding(detail=detail, numbers=numbers)
        return Finding(
            "IMAGE_BLOATED",
            detail=detail,
            evidence=largest_layers(report),
            remedy="Install in a first stage, and copy only the result into a slim last stage (COPY --from=…).",
            numbers=numbers,
        )


def slim_bytes(bench: Bench) -> int:
    """Return the size of the slim Python image on this engine; 0 when there is none."""
    for name in (PYTHON.name, f"{LOCAL_PREFIX}{PYTHON.name}"):
        found = mission_images.inspect(bench.engine, name)
        if found is not None:
            return int(found["Size"])
    return 0


def largest_layers(report: BuildReport) -> str:
    """Return the largest layers that the image adds to its base, one a line."""
    own = sorted(
        (layer for layer in report.layers if not layer.is_base),
        key=lambda layer: layer.size_bytes,
        reverse=True,
    )
    return "\n".join(f"{layer.size_bytes / 1e6:7.1f} MB  {layer.created_by[:90]}" for layer in own[:_LARGEST])


SIZE_BUDGET = SizeBudget()
