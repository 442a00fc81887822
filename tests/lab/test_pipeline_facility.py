"""The facility *pipeline*: a controller that is named and answers, else the runner."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from chaos_lib.errors import LabError
from chaos_lib.lab.facility import Usability
from chaos_lib.lab.pipeline_facility import PipelineFacility, engine_for
from chaos_lib.settings import Settings, Tier
from tests.pipeline.fake_controller import TOKEN, USER, serving


def named(settings: Settings, url: str, token: str = TOKEN) -> Settings:
    return settings.model_copy(
        update={"jenkins_url": url, "jenkins_user": USER, "jenkins_token": SecretStr(token)}
    )


def test_without_a_controller_the_runner_is_used(settings: Settings) -> None:
    report = PipelineFacility(settings).report()

    assert (report.provider, report.tier) == ("runner", Tier.EMBEDDED)
    assert "OPCHAOS_JENKINS_URL" in report.remedy
    assert engine_for(settings).name == "runner"


def test_a_controller_that_answers_is_preferred(settings: Settings) -> None:
    with serving() as fake:
        facility = PipelineFacility(named(settings, fake.url))
        report, state = facility.report(), facility.attach()

    assert (report.provider, report.tier, report.remedy) == ("jenkins", Tier.LIVE, "")
    assert report.reason == f"Jenkins 2.479.3 at {fake.url}"
    assert state is not None
    assert state.environment == {}


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "nonsense"])
def test_a_controller_that_does_not_answer_is_told_and_the_runner_used(settings: Settings, url: str) -> None:
    report = PipelineFacility(named(settings, url)).report()

    assert (report.provider, report.tier) == ("runner", Tier.EMBEDDED)
    assert "Not Jenkins: " in report.reason
    assert "OPCHAOS_JENKINS_URL" in report.remedy


def test_a_token_that_is_refused_is_told(settings: Settings) -> None:
    with serving() as fake:
        report = PipelineFacility(named(settings, fake.url, "wrong-token")).report()

    assert report.tier is Tier.EMBEDDED
    assert "401" in report.reason
    assert "wrong-token" not in report.reason


def test_the_tier_caps_the_choice(settings: Settings) -> None:
    with serving() as fake:
        live = named(settings, fake.url)
        embedded = live.model_copy(update={"tier": Tier.EMBEDDED})
        simulated = live.model_copy(update={"tier": Tier.SIMULATED})
        assert PipelineFacility(live).engine().name == "jenkins"
        assert PipelineFacility(embedded).engine().name == "runner"
        assert fake.sent("api/json") != []

    report = PipelineFacility(simulated).report()
    assert report.tier is None
    assert "OPCHAOS_TIER is SIMULATED" in report.reason
    assert PipelineFacility(simulated).attach() is None
    with pytest.raises(LabError):
        engine_for(simulated)


def test_down_touches_nothing(settings: Settings) -> None:
    assert PipelineFacility(settings).down(purge=True, progress=lambda _: None) == ()


@dataclass
class Broken:
    name = "broken"
    tier = Tier.EMBEDDED

    def usability(self) -> Usability:
        return Usability(False, "It is broken.", "Mend it.")


def test_where_nothing_works_the_reason_is_told(settings: Settings) -> None:
    facility = PipelineFacility(settings, [Broken()])  # type: ignore[list-item]

    report = facility.report()

    assert (report.provider, report.tier, report.reason, report.remedy) == (
        "", None, "It is broken.", "Mend it.",
    )  # fmt: skip
    with pytest.raises(LabError):
        facility.engine()
