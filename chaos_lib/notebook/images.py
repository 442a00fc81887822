"""Images: building, comparing and running them."""

from __future__ import annotations

import atexit

from IPython.display import display

from chaos_lib.defences.build_times import BuildTimes, measure_build_times
from chaos_lib.defences.image_gate import Bench
from chaos_lib.errors import InvalidInput
from chaos_lib.image_service import ImageService
from chaos_lib.lab.builds.report import BuildReport
from chaos_lib.notebook.session import current
from chaos_lib.ui import image_plots
from chaos_lib.ui.progress import LabProgress


def build(tag: str = "workspace") -> BuildReport:
    """Build the image of your workspace, and see every step and what it weighs.

    Args:
        tag: What comes after the colon in the image's name: keep two images apart by their tags.
    """
    bench = Bench(current().context(facility="containers"))
    with LabProgress("Building the image") as progress:
        return bench.builder.build(current().workspace.folder, tag=tag, progress=progress)


def compare_images(**reports: BuildReport) -> None:
    """Draw images side by side, layer by layer: `chaos.compare_images(before=one, after=other)`."""
    if not reports:
        raise InvalidInput("There is nothing to compare.", fix="Give the reports of `chaos.build()` names.")
    display(image_plots.image_sizes(reports))


def build_times() -> BuildTimes:
    """Build your image five times and draw how long it takes: with BuildKit's caches, and without."""
    bench = Bench(current().context(facility="containers"))
    with LabProgress("Building the image five times") as progress:
        times = measure_build_times(bench, on_build=lambda text: progress.step(text))
    display(image_plots.build_times(times))
    return times


def run_image() -> ImageService:
    """Build the image of your workspace and run it beside the lab's Postgres and Redis, on a private network."""
    bench = Bench(current().context(facility="containers"))
    with LabProgress("Starting the container"):
        started = ImageService(bench, bench.build().image)
    atexit.register(started.stop)
    return started
