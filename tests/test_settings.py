from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from chaos_lib.settings import Settings, Tier


@pytest.fixture(autouse=True)
def no_outer_settings(monkeypatch):
    for name in list(os.environ):
        if name.startswith("OPCHAOS_") or name in ("NBGRADER_EXECUTION", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name)


def test_by_default_everything_is_in_the_checkout():
    settings = Settings()

    assert (settings.repository / "sample_app" / "pyproject.toml").is_file()
    assert settings.home == settings.repository / "mission"
    assert settings.workspace == settings.home / "workspace"
    assert settings.state == settings.home / "state"
    assert settings.sample_app == settings.repository / "sample_app"
    assert settings.notebooks == settings.repository / "notebooks"
    assert settings.tier is None


def test_every_field_can_be_set_from_outside(monkeypatch, tmp_path):
    for name, value in {"HOME": str(tmp_path), "TIER": "EMBEDDED", "IMAGES": "offline", "SEED": "7"}.items():
        monkeypatch.setenv(f"OPCHAOS_{name}", value)

    settings = Settings()

    assert (settings.home, settings.tier, settings.images, settings.seed) == (
        tmp_path,
        Tier.EMBEDDED,
        "offline",
        7,
    )


@pytest.mark.parametrize(("name", "value"), [("TIER", "BEST"), ("IMAGES", "sometimes"), ("SEED", "many")])
def test_a_value_that_cannot_be_right_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"OPCHAOS_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_the_cache_follows_the_user_s_setting(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Settings().cache == tmp_path / "opchaos"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert Settings().cache == Path.home() / ".cache" / "opchaos"


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        Settings().seed = 1


def test_the_run_id_is_made_once_and_kept(tmp_path):
    settings = Settings(home=tmp_path)

    assert len(settings.run_id()) == 12
    int(settings.run_id(), 16)
    assert Settings(home=tmp_path).run_id() == settings.run_id()
    assert Settings(home=tmp_path / "other").run_id() != settings.run_id()


def test_of_two_first_users_both_read_the_same_run_id(tmp_path):
    settings = Settings(home=tmp_path)
    ids, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        ids.append(settings.run_id())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 8
    assert len(set(ids)) == 1
    assert [path.name for path in settings.state.iterdir()] == ["run-id"]
