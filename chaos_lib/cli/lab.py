"""`opchaos lab`: the workshop in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from chaos_lib.cli.cluster_build import begin_early
from chaos_lib.cli.facility_table import facility_table
from chaos_lib.cli.jupyter_defaults import write_defaults
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.lazy import command
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import begin
from chaos_lib.errors import InvalidInput, ToolMissing
from chaos_lib.lab import Lab
from chaos_lib.lab.ports import port_taken
from chaos_lib.mission import with_lab_names
from chaos_lib.release import provide_notebooks
from chaos_lib.settings import Settings

app, this_command = command("opchaos lab", "opchaos lab --port 9000 --no-browser")


@this_command
def lab(
    ctx: typer.Context,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Where JupyterLab listens [dim](default: 8888, or the next free)[/dim]."
        ),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser; the address is printed.")
    ] = False,
    solutions: Annotated[
        bool,
        typer.Option("--solutions", help="For instructors: open the source notebooks, solutions in place."),
    ] = False,
) -> None:
    """Open the workshop in JupyterLab.

    Your own copies of the notebooks lie in your mission folder, beside your workspace; what you wrote in them stays.
    Starts the lab first. Terminals in JupyterLab reach it too: `docker ps` shows its containers. Your own Jupyter
    settings are neither read nor written. Ctrl-C ends JupyterLab; the lab stays up until `opchaos down`.
    """
    session = begin(ctx)
    settings = session.settings
    _require(settings, port)
    if not solutions:
        provide_notebooks(settings)
    the_lab = Lab(settings)
    with LabProgress(session.err) as progress:
        state = the_lab.up(progress)
    session.out.print(facility_table([(facility, True) for facility in state.facilities]))
    begin_early(session)
    say(session.out, "Opening JupyterLab: begin with `notebooks/phase-0-setup`. Ctrl-C here ends it.")
    environment = jupyter_environment(settings, the_lab.environment())
    session.out.file.flush()
    root = settings.repository if solutions else settings.home
    command_line = jupyter_command(root, port=port, opens_browser=not no_browser)
    os.execve(sys.executable, command_line, environment)  # noqa: S606


def jupyter_command(root: Path, *, port: int | None, opens_browser: bool) -> list[str]:
    """Return the command line of JupyterLab.

    Args:
        root: The root of its file browser; holds `notebooks/`.
        port: A port that must be taken as it is; None lets JupyterLab look from 8888 on.
        opens_browser: Whether it may open one.
    """
    command_line = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        "--LabApp.default_url=/lab/tree/notebooks",
        # Ctrl-C ends it, without a question.
        "--ServerApp.answer_yes=True",
        # A room without internet: no news, no look for updates.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        # It asks npm for language servers, and npm writes into the user's home.
        "--LanguageServerManager.autodetect=False",
    ]
    if port is not None:
        command_line += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not opens_browser:
        command_line.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command_line.append("--allow-root")
    return command_line


def jupyter_environment(settings: Settings, lab: dict[str, str]) -> dict[str, str]:
    """Return the whole environment of JupyterLab, its kernels and its terminals.

    Jupyter's and IPython's own folders are put into the mission: the user's stay as they are.

    Args:
        settings: Handed on, so that kernels see what the command was given.
        lab: From `Lab.environment()`.
    """
    own = settings.state / "jupyter"
    environment = dict(os.environ) | with_lab_names(lab, settings.run_id())
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if value is not None:
            environment[f"OPCHAOS_{name.upper()}"] = str(getattr(value, "value", value))
    # In a terminal `python`, `pytest` and `opchaos` are the workshop's.
    programs = Path(sys.executable).parent
    environment["PATH"] = f"{programs}{os.pathsep}{environment.get('PATH', '')}"
    for name, folder in (
        ("JUPYTER_CONFIG_DIR", own / "config"),
        ("JUPYTER_DATA_DIR", own / "data"),
        ("JUPYTER_RUNTIME_DIR", own / "runtime"),
        ("JUPYTERLAB_SETTINGS_DIR", own / "config" / "lab" / "user-settings"),
        ("JUPYTERLAB_WORKSPACES_DIR", own / "config" / "lab" / "workspaces"),
        ("IPYTHONDIR", own / "ipython"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        environment[name] = str(folder)
    write_defaults(own / "config", own / "config" / "lab" / "user-settings")
    return environment


def _require(settings: Settings, port: int | None) -> None:
    if importlib.util.find_spec("jupyterlab") is None:
        raise ToolMissing(
            "JupyterLab is not installed.",
            evidence=f"no module named jupyterlab in {sys.prefix}",
            fix="Install the workshop's packages: `make setup`, or `pip install 'operation-chaos[lab]'`.",
        )
    if not settings.notebooks.is_dir():
        raise InvalidInput(
            "The notebooks were not found.",
            evidence=str(settings.notebooks),
            fix="Run from a checkout of the repository, or set OPCHAOS_REPOSITORY to one.",
        )
    if port is not None:
        with socket.socket() as probe:
            # As the server does: a port that only lingers after its last user is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as exc:
                raise port_taken(port, evidence=str(exc)) from exc
