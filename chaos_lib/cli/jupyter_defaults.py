"""What JupyterLab looks like when `opchaos lab` opens it for the first time; what the user changes later is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

# Plugin to its settings, by the names of JupyterLab's own schemas.
_SETTINGS: Mapping[str, Mapping[str, object]] = {
    # No question about news from the internet over the first cell.
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # The notebooks are short: drawn as a whole, they do not jump when one scrolls past a panel.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
# nbgrader's buttons are the instructor's. Its "Validate" would even play the notebook, attacks and all, in the
# mission that is being played.
_PAGE = {"disabledExtensions": {"@jupyter/nbgrader": True}}


def write_defaults(config: Path, user_settings: Path) -> None:
    """Write the defaults that are not there yet.

    Args:
        config: The folder of JUPYTER_CONFIG_DIR.
        user_settings: The folder of JUPYTERLAB_SETTINGS_DIR.
    """
    for plugin, values in _SETTINGS.items():
        _write(user_settings / f"{plugin}.jupyterlab-settings", values)
    _write(config / "labconfig" / "page_config.json", _PAGE)


def _write(path: Path, values: Mapping[str, object]) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
