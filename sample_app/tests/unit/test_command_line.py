from __future__ import annotations

import pytest

from mission_control.__main__ import main

DATABASE_URL = "postgresql://control:s3cr3t@127.0.0.1:1/missions"


def test_good_settings_are_confirmed(monkeypatch, capsys):
    monkeypatch.setenv("MISSION_DATABASE_URL", DATABASE_URL)
    monkeypatch.setenv("MISSION_REDIS_URL", "redis://cache:6379/0")

    assert main(["check-settings"]) == 0
    assert capsys.readouterr().out == "The settings are good.\n"


def test_each_problem_is_one_plain_line_without_a_password(monkeypatch, capsys):
    monkeypatch.setenv("MISSION_DATABASE_URL", DATABASE_URL)
    monkeypatch.setenv("MISSION_LOG_LEVL", "debug")

    assert main(["check-settings"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "MISSION_LOG_LEVL is not a known setting. Did you mean MISSION_LOG_LEVEL?",
        "MISSION_REDIS_URL is not set. Where Redis is: redis://host:6379/0",
    ]


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_nothing_starts_with_wrong_settings(command, capsys):
    assert main([command]) == 2
    assert "MISSION_DATABASE_URL is not set." in capsys.readouterr().err


def test_migrating_a_database_that_is_not_there_says_so_without_a_password(monkeypatch, capsys):
    monkeypatch.setenv("MISSION_DATABASE_URL", DATABASE_URL)
    monkeypatch.setenv("MISSION_REDIS_URL", "redis://cache:6379/0")
    monkeypatch.setenv("MISSION_STARTUP_TIMEOUT_S", "0.2")

    assert main(["migrate"]) == 3
    assert capsys.readouterr().err.splitlines()[-1] == "Postgres at 127.0.0.1:1 did not answer within 0.2 s."
