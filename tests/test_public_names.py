from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import chaos_lib
from chaos_lib import notebook

PUBLIC = [
    "add_credential",
    "answer_quiz",
    "ask",
    "attack",
    "build",
    "build_times",
    "certify",
    "check",
    "checkup",
    "compare_images",
    "coverage",
    "debrief",
    "defend",
    "deploy",
    "diagnose",
    "diff",
    "edit",
    "finish",
    "flakes",
    "flip_to",
    "go_live",
    "heal",
    "hint",
    "launch_service",
    "measured",
    "new_attack",
    "offensive",
    "panel",
    "prove",
    "release_version",
    "restore",
    "review_quiz",
    "roll_back",
    "rotate_credential",
    "run_experiment",
    "run_gates",
    "run_image",
    "run_pipeline",
    "show",
    "start",
    "switch_to",
    "symptom",
    "take_quiz",
    "tour",
    "undo",
]


def test_the_public_names_are_these():
    assert chaos_lib.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_a_function_with_a_docstring(name):
    function = getattr(chaos_lib, name)

    assert function is getattr(notebook, name)
    assert function.__doc__


def test_no_module_has_a_public_name_and_would_take_its_place():
    modules = {module.name for module in pkgutil.iter_modules(chaos_lib.__path__)}

    assert not modules & set(PUBLIC)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = chaos_lib.no_such_name


def test_importing_the_package_loads_no_tool():
    code = (
        "import sys, chaos_lib; "
        "print(sorted({'docker', 'ipywidgets', 'matplotlib', 'papermill', 'testcontainers'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
