"""The variables around a build of the runner."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chaos_lib import environment
from chaos_lib.pipeline.branch import branch_variables
from chaos_lib.settings import Settings


def build_environment(settings: Settings, workspace: Path) -> dict[str, str]:
    """Return the variables for the steps of a build.

    Those of this process, the branch of the workspace, and what the lab offers while it is up. In the mission's own
    workspace also what `ci.env` says, and the kit's Python first on the path: the tools of its tests are there.

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
    if workspace.resolve().is_relative_to(settings.workspace.resolve()):
        found |= environment.load(settings.workspace, named)
        # Not resolved: the Python of a virtual environment is a link, and its folder is what counts.
        found["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{found.get('PATH', '')}"
    return found
