"""Checks of what the notebooks need: JupyterLab, a kernel of this very Python, nbgrader."""

from __future__ import annotations

import os

from chaos_lib.doctor.probes import Probes
from chaos_lib.doctor.report import Finding, Need, Remedy, Status

_SETUP = Remedy(
    debian="make setup",
    macos="make setup",
    windows='.venv\\Scripts\\pip install -c constraints.txt -e ".[lab,grading,site]" -e sample_app',
)


def jupyterlab(probes: Probes) -> Finding:
    """Check that JupyterLab 4 is installed."""
    version = probes.package_version("jupyterlab")
    if version is None:
        return Finding("jupyterlab", Status.MISSING, "JupyterLab is not installed", remedy=_SETUP)
    if int(version.partition(".")[0]) < 4:
        found = f"JupyterLab {version} is too old: 4 or newer is needed"
        return Finding("jupyterlab", Status.MISSING, found, remedy=_SETUP)
    return Finding("jupyterlab", Status.OK, f"JupyterLab {version}")


def kernel(probes: Probes) -> Finding:
    """Check that the notebooks' kernel, `python3`, runs the Python that has the kit."""
    version = probes.package_version("ipykernel")
    if version is None:
        return Finding("kernel", Status.MISSING, "ipykernel is not installed", remedy=_SETUP)
    command = probes.kernel_command()
    register = Remedy(
        debian=".venv/bin/python -m ipykernel install --sys-prefix",
        macos=".venv/bin/python -m ipykernel install --sys-prefix",
        windows=".venv\\Scripts\\python -m ipykernel install --sys-prefix",
    )
    if command is None:
        found = "no kernel named python3 is registered"
        return Finding("kernel", Status.MISSING, found, remedy=register)
    executable = probes.python().executable
    if not _is_same_python(command[0], executable):
        found = f"the kernel python3 runs {command[0]}, but the kit is installed for {executable}"
        return Finding("kernel", Status.MISSING, found, remedy=register)
    return Finding("kernel", Status.OK, f"ipykernel {version}, kernel python3")


def nbgrader(probes: Probes) -> Finding:
    """Check that nbgrader is installed: it makes the participants' notebooks and grades them."""
    version = probes.package_version("nbgrader")
    if version is None:
        found = "nbgrader is not installed (needed to release and grade, not to play)"
        return Finding("nbgrader", Status.MISSING, found, Need.TEACHING, _SETUP)
    return Finding("nbgrader", Status.OK, f"nbgrader {version}", Need.TEACHING)


def _is_same_python(command: str, executable: str) -> bool:
    # jupyter_client runs a bare `python` or `python3` with the interpreter that runs Jupyter.
    # Links stay unresolved: all virtual environments of a Python lead to the same file.
    if os.path.basename(command) == command:  # noqa: PTH119 - a command, not a path
        return command.startswith("python")
    folder = os.path.normcase(os.path.dirname(os.path.abspath(command)))  # noqa: PTH100, PTH120
    return folder == os.path.normcase(os.path.dirname(os.path.abspath(executable)))  # noqa: PTH100, PTH120
