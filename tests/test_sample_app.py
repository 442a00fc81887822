"""The sample app's own tests, run as its developers would: unit tests alone, integration tests on the live lab."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from chaos_lib.command import Command

SAMPLE_APP = Path(__file__).resolve().parent.parent / "sample_app"


def run_tests(*paths, lab):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths]
    return Command(argv, cwd=SAMPLE_APP, env=environment | lab).run(timeout_s=240)


def test_the_unit_tests_of_the_sample_app_pass():
    result = run_tests("tests/unit", lab={})

    assert result.is_success, result.last_lines


@pytest.mark.lab
def test_the_integration_tests_of_the_sample_app_pass_on_the_live_lab(live_lab):
    result = run_tests("tests/integration", lab=live_lab.environment())

    assert result.is_success, result.last_lines
