"""The gate runs `python -m mission_control check-settings`: here a mission control of a few lines."""

from __future__ import annotations

import pytest

from chaos_lib.defences.settings_gate import SETTINGS_GATE

STRICT = """
    import os, sys
    names = ["MISSION_DATABASE_URL", "MISSION_REDIS_URL"]
    missing = [name for name in names if not os.environ.get(name)]
    for name in missing:
        print(f"{name} is not set.")
    sys.exit(2 if missing else 0)
"""
TRUSTING = """
    import os
    print("using", os.environ.get("MISSION_DATABASE_URL", "localhost"))
"""
VAGUE = """
    import os, sys
    if "MISSION_REDIS_URL" not in os.environ or "MISSION_DATABASE_URL" not in os.environ:
        sys.exit("KeyError: MISSION_REDIS_URL")
"""
ALL = {"MISSION_DATABASE_URL": "postgresql://db/x", "MISSION_REDIS_URL": "redis://cache/0"}


def service(code):
    return {"src/mission_control/__init__.py": "", "src/mission_control/__main__.py": code}


def test_settings_that_are_complete_and_required_are_green(project):
    verdict = SETTINGS_GATE.run(project(service(STRICT), **ALL))

    assert (verdict.reason, verdict.evidence) == ("OK", "")
    assert "check-settings" in verdict.command


def test_a_missing_setting_is_named(project):
    verdict = SETTINGS_GATE.run(project(service(STRICT), MISSION_REDIS_URL="redis://cache/0"))

    assert verdict.reason == "SETTING_MISSING"
    assert "MISSION_DATABASE_URL is not set" in verdict.evidence
    assert "ci.env" in verdict.remedy


@pytest.mark.parametrize(
    ("code", "words"), [(TRUSTING, "localhost"), (VAGUE, "KeyError")], ids=["default", "vague"]
)
def test_a_service_that_does_not_name_what_is_missing_is_red(project, code, words):
    verdict = SETTINGS_GATE.run(project(service(code), **ALL))

    assert verdict.reason == "SILENT_DEFAULT"
    assert words in verdict.evidence
    assert "no default" in verdict.remedy


def test_a_service_that_refuses_without_a_word_is_red_and_the_names_are_given(project):
    code = "import os, sys\nsys.exit(0 if 'MISSION_REDIS_URL' in os.environ else 1)"

    verdict = SETTINGS_GATE.run(project(service(code), **ALL))

    assert verdict.reason == "SILENT_DEFAULT"
    assert "MISSION_DATABASE_URL, MISSION_REDIS_URL" in verdict.evidence
