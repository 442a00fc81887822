"""The variables around a build of the runner."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos_lib import environment, scratch
from chaos_lib.pipeline.branch import branch_variables
from chaos_lib.pipeline.docker_options import VARIABLE, led_build
from chaos_lib.settings import Settings


@contextmanager
def build_environment(settings: Settings, workspace: Path) -> Iterator[dict[str, str]]:
    """Give the variables for the steps of a build, for as long as it runs.

    Those of this process, the branch of the workspace, and what the lab offers while it is up. In the mission's own
    workspace also what `ci.env` says, the kit's Python first on the path (the tools of its tests are there), the
    lab's services for its tests, and in `DOCKER_BUILD_OPTIONS` what `docker build` needs on this machine.

    Args:
        settings: Of the mission.
        workspace: Where the steps run.
    """
    # Imported here: the lab brings Docker's client along.
    from chaos_lib.lab.lab import Lab
    from chaos_lib.mission import with_lab_names

    lab = Lab(settings).environment()
    named = with_lab_names(lab, settings.run_id()) if lab else {}
    found = {**branch_variables(workspace), **os.environ, **named}
    if not workspace.resolve().is_relative_to(settings.workspace.resolve()):
        yield found
        return
    found |= environment.load(settings.workspace, named)
    # Not resolved: the Python of a virtual environment is a link, and its folder is what counts.
    found["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{found.get('PATH', '')}"
    found.setdefault("PYTEST_PLUGINS", "chaos_lib.lab.pytest_plugin")
    with scratch.folder(settings, "build") as folder:
        found.setdefault(VARIABLE, _docker_options(settings, workspace, folder))
        yield found


def _docker_options(settings: Settings, workspace: Path, folder: Path) -> str:
    """Return the options; a Dockerfile that names its base itself is led in a copy, for the workspace is the participant's."""
    led = led_build(settings, workspace / "Dockerfile", folder)
    if led is None:
        return ""
    options = list(led.options)
    if led.is_changed:
        copy = folder / "Dockerfile"
        copy.write_text(led.dockerfile, encoding="utf-8")
        options += ["--file", str(copy)]
    return " ".join(options)
