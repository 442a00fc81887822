from __future__ import annotations

import json
from pathlib import Path

from chaos_lib.cli.jupyter_defaults import write_defaults


def test_a_first_start_asks_nothing_and_hides_the_instructors_buttons(tmp_path: Path) -> None:
    write_defaults(tmp_path / "config", tmp_path / "user")
    news = tmp_path / "user/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    assert json.loads(news.read_text())["fetchNews"] == "false"
    page = tmp_path / "config/labconfig/page_config.json"
    assert json.loads(page.read_text())["disabledExtensions"] == {"@jupyter/nbgrader": True}


def test_what_the_user_has_changed_stays(tmp_path: Path) -> None:
    news = tmp_path / "user/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "true"}')
    write_defaults(tmp_path / "config", tmp_path / "user")
    assert news.read_text() == '{"fetchNews": "true"}'
