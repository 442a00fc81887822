"""What the notebooks call: short names for a beginner, one thing each.

Everything is shown in the notebook; nothing is written to stderr (nbgrader gives a cell with stderr no points).
"""

# ruff: noqa: F401 - the names are listed once, in chaos_lib.__all__

from __future__ import annotations

from chaos_lib.notebook.attacks import attack, check, debrief, defend, heal, hint, panel, symptom, undo
from chaos_lib.notebook.cluster import ask, deploy, diagnose, flip_to, roll_back, switch_to
from chaos_lib.notebook.files import diff, edit, restore, show, tour
from chaos_lib.notebook.final import (
    coverage,
    go_live,
    measured,
    new_attack,
    offensive,
    prove,
    release_version,
    run_experiment,
    run_gates,
)
from chaos_lib.notebook.images import build, build_times, compare_images, run_image
from chaos_lib.notebook.pipelines import add_credential, rotate_credential, run_pipeline
from chaos_lib.notebook.quizzes import answer_quiz, certify, review_quiz, take_quiz
from chaos_lib.notebook.services import flakes, launch_service
from chaos_lib.notebook.session import checkup, finish, start
