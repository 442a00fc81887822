"""What a participant gets, in a folder of its own: notebooks without solutions, a mission, a JupyterLab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from chaos_lib.cli.lab import jupyter_command, jupyter_environment
from chaos_lib.command import end_process_group
from chaos_lib.lab import Lab
from chaos_lib.release import provide_notebooks
from chaos_lib.settings import Settings, Tier
from chaos_lib.wait import Reading, wait_until


class _ServerInfo(BaseModel):
    """What a Jupyter server writes about itself into its runtime folder."""

    url: str
    token: str


@dataclass(frozen=True)
class Room:
    """A running JupyterLab.

    Attributes:
        settings: Of the participant who sits there.
        url: JupyterLab's address, with a slash at its end.
        token: Lets the browser in.
    """

    settings: Settings
    url: str
    token: str

    def address(self, phase: str) -> str:
        """Return the address that opens a phase's notebook in a fresh window."""
        return f"{self.url}lab/tree/notebooks/{phase}/{phase}.ipynb?reset&token={self.token}"


def furnish(folder: Path, *, tier: Tier | None) -> Settings:
    """Make a participant's mission with the notebooks that `opchaos lab` gives them.

    Args:
        folder: A new folder.
        tier: The best that the lab may use; None takes what there is.
    """
    settings = Settings(home=folder / "mission", tier=tier)
    provide_notebooks(settings)
    return settings


@contextmanager
def open_room(settings: Settings, *, theme: str = "JupyterLab Light") -> Iterator[Room]:
    """Run JupyterLab as `opchaos lab` does, and take down afterwards what the notebooks started.

    Args:
        settings: From `furnish`.
        theme: JupyterLab's name of it.
    """
    environment = jupyter_environment(settings, {})
    # The tester's own home, cells' start-up files and git settings stay out.
    environment["HOME"] = str(settings.home)
    environment.pop("OPCHAOS_HEADLESS", None)
    user_settings = Path(environment["JUPYTERLAB_SETTINGS_DIR"])
    themes = user_settings / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
    themes.parent.mkdir(parents=True, exist_ok=True)
    themes.write_text(json.dumps({"theme": theme}), encoding="utf-8")
    log_file = settings.home / "jupyterlab.log"
    runtime = Path(environment["JUPYTER_RUNTIME_DIR"])
    with log_file.open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            jupyter_command(settings.home, port=None, opens_browser=False),
            cwd=settings.repository, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            info_file = runtime / f"jpserver-{server.pid}.json"

            def is_up() -> Reading:
                assert server.poll() is None, log_file.read_text(encoding="utf-8")[-2000:]
                return Reading(info_file.exists(), log_file.read_text(encoding="utf-8")[-300:])

            wait_until("JupyterLab says where it is", is_up, timeout_s=60)
            info = _ServerInfo.model_validate_json(info_file.read_text(encoding="utf-8"))
            yield Room(settings, info.url, info.token)
        finally:
            end_process_group(server)
            Lab(settings).down()


def chromium() -> str:
    """Return the system's browser; empty when there is none."""
    names = (os.environ.get("OPCHAOS_BROWSER", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), "")
