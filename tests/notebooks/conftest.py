from __future__ import annotations

import os

import pytest

from chaos_lib.phases import PHASES

from .course import NBGRADER, Course


@pytest.fixture
def empty_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with our notebooks, nothing released yet."""
    return new_course(tmp_path_factory)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose phases are all released; each test submits under names of its own."""
    course = new_course(tmp_path_factory)
    for phase in PHASES:
        course.must("generate_assignment", phase.name)
    return course


def new_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    if not NBGRADER.exists():
        reason = "nbgrader is not installed (`pip install 'operation-chaos[grading]'`)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return Course(tmp_path_factory.mktemp("grading"))
