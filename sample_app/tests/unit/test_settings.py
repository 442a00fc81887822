from __future__ import annotations

import pytest

from mission_control.errors import SettingsInvalid
from mission_control.settings import load_settings, unknown_names

DATABASE_URL = "postgresql://control:s3cr3t@db:5432/missions"
REDIS_URL = "redis://:s3cr3t@cache:6379/0"


@pytest.fixture
def environment(monkeypatch):
    """An environment that is good; tests break it."""
    monkeypatch.setenv("MISSION_DATABASE_URL", DATABASE_URL)
    monkeypatch.setenv("MISSION_REDIS_URL", REDIS_URL)
    return monkeypatch


def problems():
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    assert "s3cr3t" not in str(caught.value)
    return caught.value.problems


def test_two_addresses_are_enough(environment):
    settings = load_settings()

    assert settings.database_url.get_secret_value() == DATABASE_URL
    assert settings.redis_url.get_secret_value() == REDIS_URL
    assert (settings.colour, settings.host, settings.port) == ("blue", "0.0.0.0", 8000)


@pytest.mark.parametrize("name", ["MISSION_DATABASE_URL", "MISSION_REDIS_URL"])
def test_an_address_has_no_default(environment, name):
    environment.delenv(name)

    assert [problem.split(".")[0] for problem in problems()] == [f"{name} is not set"]


def test_an_empty_address_counts_as_not_set(environment):
    environment.setenv("MISSION_DATABASE_URL", "")

    assert problems()[0].startswith("MISSION_DATABASE_URL is not set.")


def test_a_misspelt_name_is_rejected_with_a_guess(environment):
    environment.setenv("MISSION_COLOR", "green")

    assert problems() == ("MISSION_COLOR is not a known setting. Did you mean MISSION_COLOUR?",)


def test_a_name_like_no_other_is_rejected_without_a_guess(environment):
    environment.setenv("MISSION_XYZ", "1")

    assert problems() == ("MISSION_XYZ is not a known setting. Remove it.",)


def test_what_kubernetes_tells_every_pod_about_our_service_is_no_misspelling():
    assert not unknown_names(
        [
            "MISSION_CONTROL_SERVICE_HOST",
            "MISSION_CONTROL_SERVICE_PORT",
            "MISSION_CONTROL_SERVICE_PORT_HTTP",
            "MISSION_CONTROL_PORT",
            "MISSION_CONTROL_PORT_80_TCP_ADDR",
            "MISSION_CONTROL_BLUE_SERVICE_HOST",
        ]
    )


def test_names_of_others_are_left_alone():
    assert not unknown_names(["PATH", "MISSION", "SUBMISSION_COLOR", "MISSIONCOLOR"])


def test_all_problems_are_reported_at_once(environment):
    environment.delenv("MISSION_REDIS_URL")
    environment.setenv("MISSION_PORT", "eighty")
    environment.setenv("MISSION_COLOUR", "red")
    environment.setenv("MISSION_PROT", "80")

    assert len(problems()) == 4


@pytest.mark.parametrize(
    "url",
    [
        "control:s3cr3t@db/missions",
        "mysql://control:s3cr3t@db/missions",
        "postgresql:///missions",
        "postgresql://",
        "postgresql://control:s3cr3t/more@db/missions",
        "postgresql://control:pass@s3cr3t@db:5432:5432/missions",
        "postgresql://db/missions?nonsense=s3cr3t",
    ],
)
def test_a_database_url_that_names_no_host_is_rejected(environment, url):
    environment.setenv("MISSION_DATABASE_URL", url)

    assert problems()[0].startswith("MISSION_DATABASE_URL is not right:")


def test_a_database_url_may_name_a_socket(environment):
    environment.setenv("MISSION_DATABASE_URL", "postgresql://postgres:@/missions?host=/run/postgresql")

    assert load_settings()


@pytest.mark.parametrize(
    "url", ["cache:6379", "redis://", "http://:s3cr3t@cache", "redis://:s3cr3t/x@cache:6379"]
)
def test_a_redis_url_that_names_no_host_is_rejected(environment, url):
    environment.setenv("MISSION_REDIS_URL", url)

    assert problems()[0].startswith("MISSION_REDIS_URL is not right:")


def test_settings_never_show_a_password(environment):
    settings = load_settings()

    assert "s3cr3t" not in repr(settings)
    assert "s3cr3t" not in str(settings.model_dump())
